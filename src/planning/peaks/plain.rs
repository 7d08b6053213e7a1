//! Simpler methods, to compare with: a limit of 1 % by chance alone, and a median of eight weeks.

use super::history::History;

/// Weeks of the median.
const WEEKS: usize = 8;
const LEAST: usize = 4;
/// By chance alone a count is above its limit so rarely.
const RARE: f64 = 0.01;
/// A day's factor is not believed outside of these.
const FACTOR: (f64, f64) = (0.5, 2.0);
/// The factor of the day begins as if so many calls had come as usual.
const USUAL: f64 = 200.0;
/// Intervals that the factor of the day does not count, as the test is about them.
const TESTED: usize = 2;
/// Days whose errors are remembered.
const REMEMBERED: usize = 56;

/// Which simpler method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// A count above the 99 % quantile of a Poisson distribution around the median of eight weeks.
    Poisson,
    /// Two intervals above a normal limit around the median of eight weeks times the day's factor so far.
    Median,
}

/// Standard deviations at which the normal test finds a peak.
pub const NORMAL_LIMIT: f64 = 2.4;

/// The medians of a history, learned for each day from the days before it.
pub struct Medians {
    medians: Vec<Option<Vec<Option<f64>>>>,
    /// Relative standard deviation of two intervals, by day.
    spreads: Vec<f64>,
}

impl Medians {
    /// Learns day by day.
    pub fn new(history: &History) -> Self {
        let mut medians = Self {
            medians: Vec::new(),
            spreads: Vec::new(),
        };
        let mut errors: Vec<Vec<f64>> = Vec::new();
        for day in 0..history.len() {
            medians.medians.push(of_weeks(history, day));
            let recent = errors.iter().rev().take(REMEMBERED).flatten();
            medians
                .spreads
                .push(spread(&recent.copied().collect::<Vec<_>>()));
            let pairs = medians.pairs(day, history.day(day));
            errors.push(
                pairs
                    .iter()
                    .map(|pair| pair.count / pair.expected - 1.0)
                    .collect(),
            );
        }
        medians
    }

    /// The places where a peak begins, where the median is at least `least`.
    pub fn peaks(
        &self,
        plain: Plain,
        day: usize,
        counts: &[Option<f64>],
        least: f64,
    ) -> Vec<usize> {
        let alarms: Vec<(usize, bool)> = match plain {
            Plain::Poisson => self.singles(day, counts),
            Plain::Median => {
                let limit = NORMAL_LIMIT * self.spreads[day];
                let pairs = self.pairs(day, counts).into_iter();
                pairs
                    .map(|pair| (pair.at, pair.count > pair.expected * (1.0 + limit)))
                    .collect()
            }
        };
        let mut found = Vec::new();
        let mut was_on = false;
        for (at, is_on) in alarms {
            let usual = self.medians[day].as_ref().and_then(|median| median[at]);
            let counts = usual.is_some_and(|usual| usual >= least);
            if is_on && !was_on && counts {
                found.push(at);
            }
            was_on = is_on && (counts || was_on);
        }
        found
    }

    fn singles(&self, day: usize, counts: &[Option<f64>]) -> Vec<(usize, bool)> {
        let Some(median) = &self.medians[day] else {
            return Vec::new();
        };
        let both = counts.iter().zip(median).enumerate();
        both.filter_map(|(at, (count, usual))| {
            let (count, usual) = ((*count)?, (*usual).filter(|usual| *usual > 0.0)?);
            Some((at, at_least(count, usual) < RARE))
        })
        .collect()
    }

    /// Each interval with the one before it.
    fn pairs(&self, day: usize, counts: &[Option<f64>]) -> Vec<Pair> {
        let Some(median) = &self.medians[day] else {
            return Vec::new();
        };
        let known: Vec<(usize, f64, f64)> = counts
            .iter()
            .zip(median)
            .enumerate()
            .filter_map(|(at, (count, usual))| {
                Some((at, (*count)?, (*usual).filter(|usual| *usual > 0.5)?))
            })
            .collect();
        let mut so_far = (0.0, 0.0);
        let mut pairs = Vec::new();
        for (index, pair) in known.windows(TESTED).enumerate() {
            if let Some((_, count, usual)) = index.checked_sub(1).map(|before| known[before]) {
                so_far = (so_far.0 + count, so_far.1 + usual);
            }
            let factor = (so_far.0 + USUAL) / (so_far.1 + USUAL);
            let factor = factor.clamp(FACTOR.0, FACTOR.1);
            pairs.push(Pair {
                at: pair[1].0,
                count: pair[0].1 + pair[1].1,
                expected: factor * (pair[0].2 + pair[1].2),
            });
        }
        pairs
    }
}

struct Pair {
    at: usize,
    count: f64,
    expected: f64,
}

fn of_weeks(history: &History, day: usize) -> Option<Vec<Option<f64>>> {
    let weeks = (1..=WEEKS).filter_map(|week| day.checked_sub(7 * week));
    let days: Vec<&[Option<f64>]> = weeks.map(|past| history.day(past)).collect();
    if days.len() < LEAST {
        return None;
    }
    let column = |at: usize| {
        let mut column: Vec<f64> = days.iter().filter_map(|day| day[at]).collect();
        column.sort_by(f64::total_cmp);
        super::profile::median(&mut column)
    };
    Some((0..history.intervals()).map(column).collect())
}

/// Half the distance of the 16 % and 84 % quantiles.
fn spread(errors: &[f64]) -> f64 {
    if errors.len() < 60 {
        return 0.15;
    }
    let mut sorted = errors.to_vec();
    sorted.sort_by(f64::total_cmp);
    (sorted[sorted.len() * 84 / 100] - sorted[sorted.len() * 16 / 100]) / 2.0
}

/// The probability of a Poisson count of at least `count`.
fn at_least(count: f64, mean: f64) -> f64 {
    if count <= 0.0 {
        return 1.0;
    }
    statrs::function::gamma::gamma_lr(count, mean)
}
