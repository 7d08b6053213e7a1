//! A day, interval by interval: what is expected, and how far what arrives is above it.

use super::{HORIZONS, Settings, limits, profile::Profile};

/// Below this a baseline says nothing.
const LEAST: f64 = 0.5;
/// From this baseline on horizons are tested.
const TESTED: f64 = 10.0;
/// How much of the level's variance the fitted dispersions hold already.
const FITTED: f64 = 0.003;
/// A kind of day that seems impossible may still become likely.
const UNLIKELY: f64 = -30.0;

/// What is known of a day before it begins.
#[derive(Clone, Debug)]
pub(super) struct Morning {
    /// The baseline as forecast or learned.
    pub(super) baseline: Profile,
    /// Kinds of day, the usual one first, with their probabilities.
    pub(super) kinds: Vec<(Profile, f64)>,
    /// Relative variance of the day's level.
    pub(super) level: f64,
    /// Dispersions by horizon.
    pub(super) dispersions: [f64; 3],
    /// By how much limits are wider.
    pub(super) widened: f64,
}

/// A horizon at its look: what came, what was expected, and the distance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Excess {
    /// Intervals of the horizon.
    pub intervals: usize,
    /// What arrived in them.
    pub count: f64,
    /// What was expected of them, before them.
    pub expected: f64,
    /// Standard deviations above.
    pub score: f64,
    /// Standard deviations above the limit.
    pub above: f64,
}

/// An interval of which the count and the baseline are known.
#[derive(Clone, Debug, PartialEq)]
pub struct Interval {
    /// Its place in the day.
    pub at: usize,
    /// The plain baseline.
    pub baseline: f64,
    /// The horizons that end with it.
    pub excesses: Vec<Excess>,
}

impl Interval {
    /// The horizon that is furthest above its limit.
    pub fn worst(&self) -> Option<Excess> {
        let worst = self
            .excesses
            .iter()
            .max_by(|a, b| a.above.total_cmp(&b.above));
        worst.copied()
    }
}

/// A kind of day with its level, gamma distributed: `shape / rate`.
struct Kind<'a> {
    profile: &'a [Option<f64>],
    log_weight: f64,
    shape: f64,
    rate: f64,
}

/// What was known before an interval.
struct Before {
    count: f64,
    /// By kind: the profile's count, the level, and the level's shape.
    kinds: Vec<(f64, f64, f64)>,
    likeliest: usize,
}

/// Goes through a day.
pub(super) fn walk(morning: &Morning, day: &[Option<f64>], settings: &Settings) -> Vec<Interval> {
    let sure = 1.0 / morning.level;
    let mut kinds: Vec<Kind<'_>> = morning
        .kinds
        .iter()
        .map(|(profile, weight)| Kind {
            profile,
            log_weight: weight.ln(),
            shape: sure,
            rate: sure,
        })
        .collect();
    let mut past: Vec<Before> = Vec::new();
    let mut intervals = Vec::new();
    for (at, count) in day.iter().enumerate() {
        let baseline = morning.baseline[at].filter(|usual| *usual > LEAST);
        let (Some(count), Some(baseline)) = (*count, baseline) else {
            continue;
        };
        past.push(before(&kinds, at, count));
        let excesses = if baseline >= TESTED {
            look(&past, morning, settings)
        } else {
            Vec::new()
        };
        intervals.push(Interval {
            at,
            baseline,
            excesses,
        });
        learn(
            &mut kinds,
            &past[past.len() - 1],
            morning.dispersions[0],
            settings,
        );
    }
    intervals
}

fn before(kinds: &[Kind<'_>], at: usize, count: f64) -> Before {
    let mut likeliest = 0;
    for (index, kind) in kinds.iter().enumerate() {
        if kind.log_weight > kinds[likeliest].log_weight {
            likeliest = index;
        }
    }
    let known = |kind: &Kind<'_>| {
        let usual = kind.profile[at].unwrap_or(LEAST).max(LEAST);
        (usual, kind.shape / kind.rate, kind.shape)
    };
    Before {
        count,
        kinds: kinds.iter().map(known).collect(),
        likeliest,
    }
}

fn look(past: &[Before], morning: &Morning, settings: &Settings) -> Vec<Excess> {
    let mut excesses = Vec::new();
    for (index, intervals) in HORIZONS.into_iter().enumerate() {
        let Some(begin) = past.len().checked_sub(intervals) else {
            continue;
        };
        let kind = past[begin].likeliest;
        let (_, level, shape) = past[begin].kinds[kind];
        let count: f64 = past[begin..].iter().map(|before| before.count).sum();
        let usual: f64 = past[begin..]
            .iter()
            .map(|before| before.kinds[kind].0)
            .sum();
        let expected = usual * level;
        let unsure = (1.0 / shape - FITTED).max(0.0);
        let dispersion = morning.dispersions[index] + unsure;
        let score = limits::score(count, expected, dispersion) / morning.widened;
        excesses.push(Excess {
            intervals,
            count,
            expected,
            score,
            above: score - settings.scores[index],
        });
    }
    excesses
}

/// Each kind becomes more or less likely by what came, and its level follows.
fn learn(kinds: &mut [Kind<'_>], before: &Before, dispersion: f64, settings: &Settings) {
    let count = before.count;
    let logs: Vec<f64> = kinds
        .iter()
        .zip(&before.kinds)
        .map(|(kind, (usual, level, shape))| {
            kind.log_weight
                + limits::log_probability(count, usual * level, dispersion + 1.0 / shape)
        })
        .collect();
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let total = most + logs.iter().map(|log| (log - most).exp()).sum::<f64>().ln();
    for ((kind, log), (usual, level, shape)) in kinds.iter_mut().zip(logs).zip(&before.kinds) {
        kind.log_weight = (log - total).max(UNLIKELY);
        let mean = usual * level;
        let deviation = (mean + mean * mean * (dispersion + 1.0 / shape)).sqrt();
        let cut = count.clamp(mean - 2.5 * deviation, mean + settings.cut * deviation);
        let spread = 1.0 + mean * dispersion;
        kind.shape = kind.shape * settings.memory + cut.max(0.0) / spread;
        kind.rate = kind.rate * settings.memory + usual / spread;
    }
}
