//! Peaks: when arrivals are significantly above the baseline of their weekday and interval.
//!
//! The baseline is a forecast, else learned from past weeks (`profile`). Through the day its level follows what arrives: a
//! gamma distribution that forgets (M. West and J. Harrison, *Bayesian Forecasting and Dynamic Models*, 1997, chapter 14),
//! fed with counts that are cut at one standard deviation above, so that a peak does not become usual at once. Where today
//! may be a day of another kind (a holiday like a Sunday, the day after one like a Monday), each kind has a level of its
//! own, and the likeliest counts. The test is sequential over several horizons: after each interval the counts of the last
//! 1, 2 and 4 intervals are held against limits of a gamma–Poisson distribution around what was expected before them. Their
//! dispersions are fitted on the baseline's own errors over the same horizons, in the last eight weeks.

pub mod backtest;
mod history;
mod learned;
mod limits;
pub mod plain;
mod profile;
mod walk;

pub use self::{
    history::History,
    learned::Learned,
    walk::{Excess, Interval},
};

/// How many horizons are tested, and how many intervals each looks back.
pub const HORIZONS: [usize; 3] = [1, 2, 4];

/// What the method is told. The defaults were chosen as `loadtests/RESULTS.md` tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Past weeks that are learned from.
    pub weeks: usize,
    /// By how much each older day of the same weekday counts less for the level.
    pub newer: f64,
    /// How much of the last days' distance from their baselines is expected today.
    pub nearby: f64,
    /// By how much the level's knowledge fades with each interval.
    pub memory: f64,
    /// At how many standard deviations above what was expected a count is cut before the level learns from it.
    pub cut: f64,
    /// By how much less sure the level is in the morning after an odd day.
    pub after_odd: f64,
    /// By how much wider the limits are up to two days after an odd day.
    pub widened: f64,
    /// Standard deviations above the expected at which each horizon finds a peak.
    pub scores: [f64; 3],
    /// A peak is over when all horizons are so far below their limits…
    pub calm: f64,
    /// …for so many intervals in a row.
    pub calm_intervals: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            weeks: 8,
            newer: 0.95,
            nearby: 0.8,
            memory: 0.94,
            cut: 0.7,
            after_odd: 8.0,
            widened: 1.2,
            scores: [2.2, 2.0, 2.2],
            calm: 1.0,
            calm_intervals: 2,
        }
    }
}

/// A peak that was found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peak {
    /// The interval after which it was found.
    pub found: usize,
    /// The first interval after which it was over; none if it lasted to the end of the day.
    pub end: Option<usize>,
    /// What was significant.
    pub excess: Excess,
}
