//! Backtests: how often the past would have raised an alarm, and how soon made-up surges are found.

use jiff::civil::Date;
use rand_distr::{Distribution as _, Poisson};
use rand_xoshiro::{
    Xoshiro256PlusPlus,
    rand_core::{Rng as _, SeedableRng as _},
};

use super::{
    History, Learned,
    plain::{Medians, Plain},
};

/// A method under test.
pub enum Method<'a> {
    /// The service's own.
    Own(&'a Learned),
    /// A simpler one.
    Plain(&'a Medians, Plain),
}

impl Method<'_> {
    /// The intervals in which peaks are found.
    pub fn found(&self, day: usize, counts: &[Option<f64>], least: f64) -> Vec<usize> {
        match self {
            Self::Own(learned) => {
                let peaks = learned.peaks(day, counts, least);
                peaks.into_iter().map(|peak| peak.found).collect()
            }
            Self::Plain(medians, plain) => medians.peaks(*plain, day, counts, least),
        }
    }
}

/// The days and intervals that are judged: those with a learned baseline of at least `least`.
#[derive(Clone, Copy, Debug)]
pub struct Judged {
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// The least baseline of an interval.
    pub least: f64,
    /// Whether surges also begin where some of the intervals in which they should be found are not judged.
    pub to_the_edge: bool,
}

impl Judged {
    /// The days with a baseline.
    pub fn days(&self, history: &History, learned: &Learned) -> Vec<usize> {
        let is_in = |day: &usize| {
            let date = history.date(*day);
            self.from.is_none_or(|from| date >= from) && self.to.is_none_or(|to| date <= to)
        };
        let has_baseline =
            |day: &usize| (0..history.intervals()).any(|at| learned.baseline(*day, at).is_some());
        (0..history.len())
            .filter(is_in)
            .filter(has_baseline)
            .collect()
    }

    /// The intervals where a surge may begin that should be found `within` so many, on these days.
    fn beginnings(
        &self,
        history: &History,
        learned: &Learned,
        days: &[usize],
        within: usize,
    ) -> Vec<(usize, usize)> {
        let within = if self.to_the_edge { 1 } else { within };
        let intervals = |day: &usize| {
            let day = *day;
            let is_busy = move |at: usize| {
                let baseline = learned.baseline(day, at);
                baseline.is_some_and(|usual| usual >= self.least) && history.day(day)[at].is_some()
            };
            (0..(history.intervals() + 1).saturating_sub(within))
                .filter(move |at| (*at..at + within).all(is_busy))
                .map(move |at| (day, at))
        };
        days.iter().flat_map(intervals).collect()
    }
}

/// A kind of surge, and how soon it should be found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surge {
    /// By which share arrivals rise.
    pub rise: f64,
    /// Within how many intervals it should be found.
    pub within: usize,
}

/// The surges that are injected.
pub const SURGES: [Surge; 3] = [
    Surge {
        rise: 0.3,
        within: 4,
    },
    Surge {
        rise: 0.5,
        within: 2,
    },
    Surge {
        rise: 1.0,
        within: 1,
    },
];

/// How long a surge lasts, intervals.
const LASTS: usize = 4;

/// Where and with which luck a surge is injected.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The day.
    pub day: usize,
    /// Its first interval.
    pub at: usize,
    /// The day's counts with the surge.
    pub counts: Vec<Option<f64>>,
}

/// Seeded trials of a surge: each on a day and an interval drawn at random; arrivals on top are Poisson.
pub fn trials(
    history: &History,
    learned: &Learned,
    judged: &Judged,
    surge: Surge,
    (number, seed): (usize, u64),
) -> Vec<Trial> {
    let days = judged.days(history, learned);
    let beginnings = judged.beginnings(history, learned, &days, surge.within);
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    if beginnings.is_empty() {
        return Vec::new();
    }
    let one = |_| {
        let place = random.next_u64() % beginnings.len() as u64;
        let (day, at) = beginnings[usize::try_from(place).unwrap_or(0)];
        let mut counts = history.day(day).to_vec();
        for count in counts.iter_mut().skip(at).take(LASTS).flatten() {
            if let Ok(more) = Poisson::new(*count * surge.rise) {
                *count += more.sample(&mut random);
            }
        }
        Trial { day, at, counts }
    };
    (0..number).map(one).collect()
}

/// What came of the trials.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// Trials that count: no peak was found without the surge on that day up to its beginning.
    pub trials: usize,
    /// Found in time.
    pub in_time: usize,
    /// Found while it lasted.
    pub found: usize,
    /// Intervals until it was found, summed over those found: 1 is the first interval.
    pub intervals: usize,
}

/// Judges trials by a method.
pub fn judge(
    method: &Method<'_>,
    history: &History,
    trials: &[Trial],
    surge: Surge,
    least: f64,
) -> Found {
    let mut found = Found::default();
    for trial in trials {
        let without = method.found(trial.day, history.day(trial.day), least);
        if without.iter().any(|at| *at <= trial.at) {
            continue;
        }
        found.trials += 1;
        let with = method.found(trial.day, &trial.counts, least);
        let Some(at) = with.into_iter().find(|at| *at >= trial.at) else {
            continue;
        };
        let intervals = at - trial.at + 1;
        found.in_time += usize::from(intervals <= surge.within);
        if intervals <= LASTS {
            found.found += 1;
            found.intervals += intervals;
        }
    }
    found
}
