//! A day, interval by interval: what is expected, and how far what arrives is above it.

use super::{
    HORIZONS, Settings,
    filter::{Expected, Filter, LONGEST, Wander},
    limits,
    profile::Profile,
};

/// Below this a baseline says nothing.
const LEAST: f64 = 0.5;
/// From this baseline on horizons are tested.
const TESTED: f64 = 10.0;
/// What is added to a count before its logarithm is taken, so that it is as expected on average.
pub(super) const ADDED: f64 = 0.4;
/// A kind of day that seems impossible may still become likely.
const UNLIKELY: f64 = -30.0;
/// A kind of day below this probability (its logarithm, 1 in 1,000) explains nothing.
const IMPOSSIBLE: f64 = -7.0;
/// Below this share of the plain baseline nothing is a peak.
const QUIET: f64 = 0.8;

/// What is known of a day before it begins.
#[derive(Clone, Debug)]
pub(super) struct Morning {
    /// The baseline as forecast or learned.
    pub(super) baseline: Profile,
    /// Kinds of day, the usual one first, with their probabilities.
    pub(super) kinds: Vec<(Profile, f64)>,
    /// The logarithm of the day's level around these, and its variance.
    pub(super) level: f64,
    pub(super) level_variance: f64,
    /// How the day wanders around its level.
    pub(super) wander: Wander,
    /// The logarithm of what the season adds to these, by interval; it is in them.
    pub(super) season: Vec<f64>,
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

/// A kind of day and how the day compares with it.
struct Kind<'a> {
    profile: &'a [Option<f64>],
    log_weight: f64,
    filter: Filter,
}

/// What was known before an interval, and then its count.
struct Before {
    count: f64,
    baseline: f64,
    /// By kind: the profile's count, whether the day may be of it, and what is expected of a horizon that begins here.
    kinds: Vec<(f64, bool, [f64; LONGEST])>,
}

/// Goes through a day; answers its intervals and the kind that it most likely was.
pub(super) fn walk(
    morning: &Morning,
    day: &[Option<f64>],
    settings: &Settings,
) -> (Vec<Interval>, usize) {
    let mut kinds: Vec<Kind<'_>> = morning
        .kinds
        .iter()
        .map(|(profile, weight)| Kind {
            profile,
            log_weight: weight.ln(),
            filter: Filter::new(morning.level, morning.level_variance, morning.wander),
        })
        .collect();
    let mut past: Vec<Before> = Vec::new();
    let mut intervals = Vec::new();
    for (at, count) in day.iter().enumerate() {
        let expected: Vec<Expected> = kinds.iter_mut().map(|kind| kind.filter.next()).collect();
        let baseline = morning.baseline[at].filter(|usual| *usual > LEAST);
        let (Some(count), Some(baseline)) = (*count, baseline) else {
            continue;
        };
        past.push(before(&kinds, at, count, baseline));
        let errors = compare(&mut kinds, at, count, &expected, settings);
        let excesses = if baseline >= TESTED {
            look(&kinds, &past, morning, settings)
        } else {
            Vec::new()
        };
        intervals.push(Interval {
            at,
            baseline,
            excesses,
        });
        for (kind, (error, variance)) in kinds.iter_mut().zip(errors) {
            kind.filter.learn(error, variance, settings.cut);
        }
    }
    let weights = kinds.iter().map(|kind| kind.log_weight).enumerate();
    let likeliest = weights.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
    (intervals, likeliest.map_or(0, |(kind, _)| kind))
}

fn usual(profile: &[Option<f64>], at: usize) -> f64 {
    profile[at].unwrap_or(LEAST).max(LEAST)
}

fn before(kinds: &[Kind<'_>], at: usize, count: f64, baseline: f64) -> Before {
    let known = |kind: &Kind<'_>| {
        let is_possible = kind.log_weight > IMPOSSIBLE;
        (
            usual(kind.profile, at),
            is_possible,
            kind.filter.levels_ahead(),
        )
    };
    Before {
        count,
        baseline,
        kinds: kinds.iter().map(known).collect(),
    }
}

/// Each kind becomes more or less likely by what came; answers the errors of each, with their variances.
fn compare(
    kinds: &mut [Kind<'_>],
    at: usize,
    count: f64,
    expected: &[Expected],
    settings: &Settings,
) -> Vec<(f64, f64)> {
    let mut errors = Vec::with_capacity(kinds.len());
    for (kind, expected) in kinds.iter_mut().zip(expected) {
        let usual = usual(kind.profile, at);
        let mean = usual * expected.log.exp();
        let dispersion = expected.variance + settings.dispersion;
        kind.log_weight += limits::log_probability(count, mean, dispersion);
        let error = ((count + ADDED) / usual).ln() - expected.log;
        let variance = dispersion + 1.0 / mean;
        kind.filter.hold(error, variance);
        errors.push((error, variance));
    }
    let weights = kinds.iter().map(|kind| kind.log_weight);
    let most = weights.clone().fold(f64::NEG_INFINITY, f64::max);
    let total = most + weights.map(|log| (log - most).exp()).sum::<f64>().ln();
    for kind in kinds {
        kind.log_weight = (kind.log_weight - total).max(UNLIKELY);
    }
    errors
}

fn look(
    kinds: &[Kind<'_>],
    past: &[Before],
    morning: &Morning,
    settings: &Settings,
) -> Vec<Excess> {
    let horizons = HORIZONS.into_iter().enumerate();
    horizons
        .filter_map(|(index, intervals)| {
            let begin = past.len().checked_sub(intervals)?;
            let limit = settings.scores[index];
            excess(kinds, &past[begin..], morning.widened, limit)
        })
        .collect()
}

/// How far a horizon is above what was expected before it, for the kind of day that explains it best.
fn excess(kinds: &[Kind<'_>], past: &[Before], widened: f64, limit: f64) -> Option<Excess> {
    let first = past.first()?;
    let count: f64 = past.iter().map(|before| before.count).sum();
    let baseline: f64 = past.iter().map(|before| before.baseline).sum();
    let of_kind = |kind: usize| {
        let levels = first.kinds[kind].2;
        let expected = past.iter().zip(levels);
        let expected = expected.map(|(before, level)| before.kinds[kind].0 * level);
        let score = kinds[kind].filter.score(past.len())? / widened;
        // A quiet day that becomes less quiet is no peak.
        let score = if count < baseline * QUIET {
            score.min(0.0)
        } else {
            score
        };
        Some(Excess {
            intervals: past.len(),
            count,
            expected: expected.sum(),
            score,
            above: score - limit,
        })
    };
    let possible = (0..kinds.len()).filter(|kind| first.kinds[*kind].1);
    possible
        .filter_map(of_kind)
        .min_by(|a, b| a.score.total_cmp(&b.score))
}
