//! What is remembered of days that are over.

use super::{
    Settings, limits,
    profile::{self, Profile},
    walk::{ADDED, Morning, walk},
};

/// Errors are kept for so many days.
const REMEMBERED: usize = 56;
/// A day's distance from its baseline outside of these is odd: a holiday, a strike, a storm.
const PLAIN: std::ops::Range<f64> = 0.72..1.38;
/// A day is quiet below this share of its baseline.
const QUIET: f64 = 0.8;
/// How much of the distances of the last three days, the newest first, is expected today; each at most so far.
const NEARBY: [f64; 3] = [0.5, 0.2, 0.15];
const FARTHEST: f64 = 0.4;
/// Errors of smaller baselines say little of the greater ones.
const FITTED_FROM: f64 = 50.0;
/// Days of the present season, and by how much each older one counts less.
const SEASON: usize = 14;
const SEASON_NEWER: f64 = 0.85;
/// Shares of neighbouring intervals in the season.
const NEXT: [f64; 5] = [0.5, 1.0, 1.0, 1.0, 0.5];
/// The weight of a count's distance from its day: chance, and this variance.
const SPREAD: f64 = 0.01;
/// Smaller counts say nothing of a shape.
const SHAPED_FROM: f64 = 5.0;
/// A distance counts at most so much.
const MOST: f64 = 0.3;

/// What days were like, as far as they are over.
pub(super) struct Past {
    /// Far from their baseline.
    pub(super) odd: Vec<bool>,
    /// The logarithm of a day's level over what its kind is usually like.
    levels: Vec<Option<f64>>,
    /// Below what is usual.
    quiet: Vec<bool>,
    /// By day and interval: how far the shape was from the usual, and the weight of that.
    shapes: Vec<Vec<(f64, f64)>>,
    /// In standard deviations, over one and two intervals.
    errors: Vec<Vec<f64>>,
}

impl Past {
    pub(super) fn new(days: usize) -> Self {
        Self {
            odd: vec![false; days],
            levels: vec![None; days],
            quiet: vec![false; days],
            shapes: vec![Vec::new(); days],
            errors: vec![Vec::new(); days],
        }
    }

    /// Remembers a day that is over.
    pub(super) fn close(
        &mut self,
        day: usize,
        counts: &[Option<f64>],
        morning: &Morning,
        settings: &Settings,
    ) {
        let (intervals, kind) = walk(morning, counts, settings);
        let ratio = profile::level(counts, &morning.baseline);
        self.odd[day] = ratio.is_some_and(|ratio| !PLAIN.contains(&ratio));
        self.quiet[day] = ratio.is_some_and(|ratio| ratio < QUIET);
        let like = &morning.kinds[kind].0;
        self.levels[day] = profile::level(counts, like).map(f64::ln);
        if let Some(level) = self.levels[day] {
            self.shapes[day] = shape(counts, like, level, &morning.season);
        }
        let fitted = intervals
            .iter()
            .filter(|interval| interval.baseline >= FITTED_FROM);
        let excesses = fitted.flat_map(|interval| &interval.excesses);
        let short = excesses.filter(|excess| excess.intervals <= 2);
        // Before that day's own width.
        self.errors[day] = short.map(|excess| excess.score * morning.widened).collect();
    }

    fn plain_days(&self, day: usize, days: usize) -> impl Iterator<Item = usize> + '_ {
        (day.saturating_sub(days)..day).filter(|past| !self.odd[*past])
    }

    /// The logarithm of the level that is expected of a day, by those before it.
    pub(super) fn nearby(&self, day: usize) -> f64 {
        let days = NEARBY.iter().zip((0..day).rev());
        days.filter_map(|(share, past)| {
            let level = self.levels[past]?;
            Some(share * level.clamp(-FARTHEST, FARTHEST))
        })
        .sum()
    }

    /// Whether the day before was quiet and odd.
    pub(super) fn was_quiet(&self, day: usize) -> bool {
        day.checked_sub(1)
            .is_some_and(|before| self.odd[before] && self.quiet[before])
    }

    /// By interval, the logarithm of how the shape of days differs lately from that of the weeks before.
    pub(super) fn season(&self, day: usize, intervals: usize, settings: &Settings) -> Vec<f64> {
        let mut sums = vec![(0.0, 0.0); intervals];
        for past in self.plain_days(day, SEASON) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_possible_wrap,
                reason = "days"
            )]
            let weight = SEASON_NEWER.powi((day - past) as i32);
            for (sum, (distance, known)) in sums.iter_mut().zip(&self.shapes[past]) {
                sum.0 += weight * known * distance.clamp(-MOST, MOST);
                sum.1 += weight * known;
            }
        }
        let mean =
            |(sum, weight): (f64, f64)| (if weight > 0.0 { sum / weight } else { 0.0 }, weight);
        let means: Vec<(f64, f64)> = sums.into_iter().map(mean).collect();
        let smooth = profile::smoothed(&means, &NEXT, settings.steady);
        smooth
            .into_iter()
            .map(|log| log * settings.season)
            .collect()
    }

    /// How many times wider than computed the errors of the last eight weeks were.
    pub(super) fn width(&self, day: usize) -> f64 {
        let errors = self.plain_days(day, REMEMBERED);
        let mut errors: Vec<f64> = errors
            .flat_map(|past| &self.errors[past])
            .copied()
            .collect();
        limits::width(&mut errors).unwrap_or(1.0)
    }
}

fn shape(counts: &[Option<f64>], like: &Profile, level: f64, season: &[f64]) -> Vec<(f64, f64)> {
    let one = |at: usize| match (counts[at], like[at]) {
        (Some(count), Some(usual)) if usual > SHAPED_FROM => {
            let distance = ((count + ADDED) / usual).ln() - level + season[at];
            (distance, SPREAD / (1.0 / usual + SPREAD))
        }
        _ => (0.0, 0.0),
    };
    (0..counts.len()).map(one).collect()
}
