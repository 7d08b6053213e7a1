//! Baselines and limits for each day, learned from the days before it only.

use super::{
    HORIZONS, Peak, Settings,
    history::History,
    limits,
    profile::{self, Profile},
    walk::{Interval, Morning, walk},
};

/// Errors are kept for so many days.
const REMEMBERED: usize = 56;
/// A day's distance from its baseline outside of these is odd: a holiday, a strike, a storm.
const PLAIN: std::ops::Range<f64> = 0.72..1.38;
/// The chance that a weekday is like a Sunday, and that the day after a quiet odd day is like a Monday.
const LIKE_SUNDAY: f64 = 0.02;
const LIKE_MONDAY: f64 = 0.5;
/// A day is quiet below this share of its baseline.
const QUIET: f64 = 0.8;
/// Until there are enough errors to fit.
const FIRST_DISPERSION: f64 = 0.02;
const FIRST_LEVEL: f64 = 0.01;
const LEAST_LEVEL: f64 = 0.001;
/// So many days are needed to fit how levels vary.
const LEVELS: usize = 15;
/// Errors of smaller expectations are left out of a fit, in counts an interval.
const FITTED_FROM: f64 = 40.0;

const MONDAY: i8 = 0;
const SUNDAY: i8 = 6;

/// What was learned for each day of a history.
pub struct Learned {
    settings: Settings,
    mornings: Vec<Option<Morning>>,
}

/// What days were like, as far as they are over.
struct Past {
    odd: Vec<bool>,
    ratios: Vec<Option<f64>>,
    /// By day and horizon: (count, expected).
    errors: Vec<[Vec<(f64, f64)>; 3]>,
}

impl Learned {
    /// Learns day by day. Where `forecast` has a day it is that day's baseline.
    pub fn new(history: &History, forecast: Option<&History>, settings: &Settings) -> Self {
        let days = history.len();
        let mut past = Past {
            odd: vec![false; days],
            ratios: vec![None; days],
            errors: vec![Default::default(); days],
        };
        let mut mornings = Vec::with_capacity(days);
        for day in 0..days {
            let forecast = forecast.and_then(|forecast| {
                let place = forecast.place(history.date(day))?;
                Some(forecast.day(place).to_vec())
            });
            let morning = morning(history, &past, day, forecast, settings);
            if let Some(morning) = &morning {
                past.close(day, history.day(day), morning, settings);
            }
            mornings.push(morning);
        }
        Self {
            settings: settings.clone(),
            mornings,
        }
    }

    /// The baseline of an interval, if the day has one.
    pub fn baseline(&self, day: usize, interval: usize) -> Option<f64> {
        self.mornings[day].as_ref()?.baseline[interval]
    }

    /// Goes through counts as of that day; empty if it has no baseline.
    pub fn walk(&self, day: usize, counts: &[Option<f64>]) -> Vec<Interval> {
        let morning = self.mornings[day].as_ref();
        morning.map_or_else(Vec::new, |morning| walk(morning, counts, &self.settings))
    }

    /// The peaks of these counts, where the baseline is at least `least`.
    pub fn peaks(&self, day: usize, counts: &[Option<f64>], least: f64) -> Vec<Peak> {
        let mut peaks: Vec<Peak> = Vec::new();
        let mut calm = 0;
        let mut is_on = false;
        for interval in self.walk(day, counts) {
            let Some(worst) = interval.worst() else {
                continue;
            };
            if worst.above >= 0.0 {
                calm = 0;
                if !is_on && interval.baseline >= least {
                    is_on = true;
                    peaks.push(Peak {
                        found: interval.at,
                        end: None,
                        excess: worst,
                    });
                }
                continue;
            }
            calm = if worst.above < -self.settings.calm {
                calm + 1
            } else {
                0
            };
            if is_on && calm >= self.settings.calm_intervals {
                is_on = false;
                if let Some(peak) = peaks.last_mut() {
                    peak.end = Some(interval.at);
                }
            }
        }
        peaks
    }
}

fn morning(
    history: &History,
    past: &Past,
    day: usize,
    forecast: Option<Profile>,
    settings: &Settings,
) -> Option<Morning> {
    let usual = |weekday| profile::usual(history, &past.odd, day, weekday, settings);
    let weekday = history.weekday(day);
    let mut kinds = Vec::new();
    let baseline = if let Some(forecast) = forecast {
        kinds.push((forecast.clone(), 1.0));
        forecast
    } else {
        let own = usual(weekday)?;
        let nearby = past.nearby(day, settings.nearby);
        kinds.push((
            own.iter().map(|count| Some((*count)? * nearby)).collect(),
            1.0,
        ));
        let sunday = (weekday != SUNDAY).then(|| usual(SUNDAY)).flatten();
        kinds.extend(sunday.map(|day| (day, LIKE_SUNDAY)));
        let monday = (weekday != MONDAY && past.was_quiet(day)).then(|| usual(MONDAY));
        kinds.extend(monday.flatten().map(|day| (day, LIKE_MONDAY)));
        own
    };
    let is_odd = |back| day.checked_sub(back).is_some_and(|before| past.odd[before]);
    let after_odd = if is_odd(1) { settings.after_odd } else { 1.0 };
    let widened = if is_odd(1) || is_odd(2) {
        settings.widened
    } else {
        1.0
    };
    Some(Morning {
        baseline,
        kinds,
        level: past.level(day) * after_odd,
        dispersions: past.dispersions(day),
        widened,
    })
}

impl Past {
    /// Remembers a day that is over.
    fn close(
        &mut self,
        day: usize,
        counts: &[Option<f64>],
        morning: &Morning,
        settings: &Settings,
    ) {
        let ratio = profile::level(counts, &morning.baseline);
        self.ratios[day] = ratio;
        self.odd[day] = ratio.is_some_and(|ratio| !PLAIN.contains(&ratio));
        for interval in walk(morning, counts, settings) {
            for excess in &interval.excesses {
                #[expect(clippy::cast_precision_loss, reason = "at most 4")]
                let each = excess.expected / excess.intervals as f64;
                let place = HORIZONS
                    .iter()
                    .position(|length| *length == excess.intervals);
                if let Some(place) = place.filter(|_| each >= FITTED_FROM) {
                    self.errors[day][place].push((excess.count, excess.expected));
                }
            }
        }
    }

    fn plain_days(&self, day: usize) -> impl Iterator<Item = usize> + '_ {
        (day.saturating_sub(REMEMBERED)..day).filter(|past| !self.odd[*past])
    }

    /// How far today is expected from its baseline, as the last three days were.
    fn nearby(&self, day: usize, share: f64) -> f64 {
        let days = (day.saturating_sub(3)..day).filter(|past| !self.odd[*past]);
        let logs: Vec<f64> = days
            .filter_map(|past| self.ratios[past].map(f64::ln))
            .collect();
        if logs.is_empty() {
            return 1.0;
        }
        #[expect(clippy::cast_precision_loss, reason = "at most 3")]
        let mean = logs.iter().sum::<f64>() / logs.len() as f64;
        (share * mean).exp()
    }

    fn was_quiet(&self, day: usize) -> bool {
        let before = day.checked_sub(1);
        before.is_some_and(|before| {
            self.odd[before] && self.ratios[before].is_some_and(|ratio| ratio < QUIET)
        })
    }

    /// The relative variance of days' levels around their baselines, by the middle 70 % of the last eight weeks.
    fn level(&self, day: usize) -> f64 {
        let mut logs: Vec<f64> = self
            .plain_days(day)
            .filter_map(|past| self.ratios[past].map(f64::ln))
            .collect();
        if logs.len() < LEVELS {
            return FIRST_LEVEL;
        }
        logs.sort_by(f64::total_cmp);
        let low = logs[logs.len() * 15 / 100];
        let high = logs[logs.len() * 85 / 100];
        ((high - low) / 2.07).powi(2).max(LEAST_LEVEL)
    }

    fn dispersions(&self, day: usize) -> [f64; 3] {
        let of = |horizon: usize| {
            let errors = self
                .plain_days(day)
                .flat_map(|past| &self.errors[past][horizon]);
            let errors: Vec<(f64, f64)> = errors.copied().collect();
            limits::fit(&errors).unwrap_or(FIRST_DISPERSION)
        };
        [of(0), of(1), of(2)]
    }
}
