//! Peaks: when arrivals are significantly above the baseline of their weekday and interval.
//!
//! The baseline is a forecast, else learned from past weeks (`profile`), in the shape that days have lately (`past`). Through
//! the day its level follows what arrives (`filter`: a Kalman filter on the logarithm of counts over their baseline), where
//! counts far above what was expected are cut, so that a peak does not become usual at once. Where today may be a day of
//! another kind (a holiday like a Sunday, the day after one like a Monday), each kind has a filter of its own, is as likely as
//! its counts are by a gamma–Poisson distribution, and the one that explains best counts. The test is sequential: after each
//! interval it asks whether a step began 1, 2 or 4 intervals ago, by the generalised likelihood ratio of the filter's errors.
//! Their variance is that of chance plus over-dispersion, and limits are as wide as the baseline's own errors were over the
//! last eight weeks (`limits`).

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
    /// At how many standard deviations above what was expected a count is cut before the level learns from it.
    pub cut: f64,
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
            newer: 0.9,
            season: 0.9,
            steady: 3.0,
            level: 0.005,
            after_odd: 5.0,
            wander: 0.01,
            fades: 84.0,
            dispersion: 0.003,
            cut: 2.0,
            scores: [2.85, 2.65, 2.65],
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
