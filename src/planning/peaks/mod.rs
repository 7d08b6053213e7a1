//! Peaks: when arrivals are significantly above the baseline of their weekday and interval.
//!
//! The baseline is a forecast, else learned from past weeks (`profile`). Through the day its level follows what arrives: a
//! gamma distribution that forgets (M. West and J. Harrison, *Bayesian Forecasting and Dynamic Models*, 1997, chapter 14),
//! fed with counts that are cut at one standard deviation above, so that a peak does not become usual at once. Where today
//! may be a day of another kind (a holiday like a Sunday, the day after one like a Monday), each kind has a level of its
//! own, and the likeliest counts. The test is sequential over several horizons: after each interval the counts of the last
//! 1, 2 and 4 intervals are held against limits of a gamma–Poisson distribution around what was expected before them. Their
//! dispersions are fitted on the baseline's own errors over the same horizons, in the last eight weeks.

use std::collections::BTreeSet;

use jiff::civil::Date;

pub mod backtest;
mod filter;
mod history;
mod learned;
mod limits;
mod past;
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
    /// Public holidays, as far as they are known. Each is like a Sunday, and the weekday after it like a Monday.
    pub holidays: BTreeSet<Date>,
    /// Past weeks that are learned from.
    pub weeks: usize,
    /// By how much each older day of the same weekday counts less for the level.
    pub newer: f64,
    /// How much of the last days' distance from the shape of the weeks is expected today, and the weight of staying as usual.
    pub season: f64,
    pub steady: f64,
    /// Variance of the logarithm of a day's level around what the last days suggest…
    pub level: f64,
    /// …by how much more after an odd day…
    pub after_odd: f64,
    /// …of the wander around it within the day, which fades in so many minutes to 1/e…
    pub wander: f64,
    pub fades: f64,
    /// …and of each interval beyond chance.
    pub dispersion: f64,
    /// At how many standard deviations above what was expected a count is cut before the level learns from it, usually and
    /// while a limit is passed.
    pub cut: f64,
    pub cut_in_peak: f64,
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
            holidays: BTreeSet::new(),
            weeks: 8,
            newer: 0.9,
            season: 0.7,
            steady: 2.0,
            level: 0.008,
            after_odd: 5.0,
            wander: 0.01,
            fades: 84.0,
            dispersion: 0.003,
            cut: 2.5,
            cut_in_peak: 2.5,
            widened: 1.0,
            scores: [3.0, 2.8, 2.8],
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
