//! Baselines and limits for each day, learned from the days before it only.

use super::{
    Peak, Settings,
    filter::Wander,
    history::History,
    past::Past,
    profile::{self, Profile},
    walk::{Interval, Morning, walk},
};

/// The chance that a weekday is like a Sunday, and that the day after a quiet odd day is like a Monday.
const LIKE_SUNDAY: f64 = 0.02;
const LIKE_MONDAY: f64 = 0.5;
const MONDAY: i8 = 0;
const SUNDAY: i8 = 6;

/// What was learned for each day of a history.
pub struct Learned {
    settings: Settings,
    mornings: Vec<Option<Morning>>,
}

impl Learned {
    /// Learns day by day. Where `forecast` has a day it is that day's baseline.
    pub fn new(history: &History, forecast: Option<&History>, settings: &Settings) -> Self {
        let mut past = Past::new(history.len());
        let mut mornings = Vec::with_capacity(history.len());
        for day in 0..history.len() {
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
        morning.map_or_else(Vec::new, |morning| walk(morning, counts, &self.settings).0)
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

/// The kinds that a day may be of, the likeliest first, with their probabilities.
fn kinds(history: &History, past: &Past, day: usize, settings: &Settings) -> Vec<(Profile, f64)> {
    let usual = |weekday| profile::usual(history, &past.odd, day, weekday, settings);
    let weekday = history.weekday(day);
    let Some(own) = usual(weekday) else {
        return Vec::new();
    };
    let mut kinds = vec![(own, 1.0)];
    if weekday != SUNDAY {
        kinds.extend(usual(SUNDAY).map(|day| (day, LIKE_SUNDAY)));
    }
    if weekday != MONDAY && past.was_quiet(day) {
        kinds.extend(usual(MONDAY).map(|day| (day, LIKE_MONDAY)));
    }
    kinds
}

fn morning(
    history: &History,
    past: &Past,
    day: usize,
    forecast: Option<Profile>,
    settings: &Settings,
) -> Option<Morning> {
    let intervals = history.intervals();
    let (kinds, season, level) = if let Some(forecast) = forecast {
        (vec![(forecast, 1.0)], vec![0.0; intervals], 0.0)
    } else {
        let season = past.season(day, intervals, settings);
        let mut kinds = kinds(history, past, day, settings);
        for (count, more) in kinds
            .iter_mut()
            .flat_map(|(kind, _)| kind.iter_mut().zip(&season))
        {
            *count = count.map(|count| count * more.exp());
        }
        (kinds, season, past.nearby(day))
    };
    let is_after_odd = day.checked_sub(1).is_some_and(|before| past.odd[before]);
    let unsure = if is_after_odd {
        settings.after_odd
    } else {
        1.0
    };
    #[expect(clippy::cast_precision_loss, reason = "intervals of a day")]
    let interval_minutes = 1440.0 / intervals as f64;
    Some(Morning {
        baseline: kinds.first()?.0.clone(),
        kinds,
        level,
        level_variance: settings.level * unsure,
        wander: Wander {
            rest: (-interval_minutes / settings.fades).exp(),
            variance: settings.wander,
        },
        season,
        widened: past.width(day),
    })
}
