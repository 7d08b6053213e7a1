//! What is known of a queue's arrivals: what was counted, and what was imported.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    arrivals::{
        Day, INTERVAL_MS, INTERVALS_A_DAY, Interval, MINUTE_MS, MINUTES, MINUTES_KEPT, Missed,
        Tally, day_of, first_minute, interval_of, minute_of, place_of,
    },
    ids::WallTime,
    volumes::Volumes,
};

/// What is known of a queue's past, as of one moment.
#[derive(Clone, Debug, Default)]
pub struct Past {
    /// By day of UTC since 1970.
    pub(super) days: BTreeMap<i64, Arc<Day>>,
    pub(super) missed: Missed,
    /// Imported volumes of the past, by day of UTC.
    pub history: BTreeMap<i64, Arc<Volumes>>,
    /// Forecast volumes, by day of UTC.
    pub forecast: BTreeMap<i64, Arc<Volumes>>,
}

impl Past {
    /// The interval of the first count, if there is one.
    pub fn first(&self) -> Option<WallTime> {
        let days = self.days.iter();
        let mut firsts = days.filter_map(|(day, one)| Some((*day, one.intervals.first()?.at)));
        let (day, at) = firsts.next()?;
        Some(WallTime(
            (day * INTERVALS_A_DAY + i64::from(at)) * INTERVAL_MS,
        ))
    }

    /// What was counted in the interval that begins at `at`; `None` if that is not known as of `now`.
    pub fn interval(&self, at: WallTime, now: WallTime) -> Option<Tally> {
        self.check(at, INTERVAL_MS, now)?;
        let minute = minute_of(at);
        let interval = self.find(minute);
        Some(interval.map_or_else(Tally::default, |interval| interval.tally))
    }

    /// What was counted in the minute that begins at `at`; `None` if that is not known as of `now`, or not any more.
    pub fn minute(&self, at: WallTime, now: WallTime) -> Option<Tally> {
        self.check(at, MINUTE_MS, now)?;
        let minute = minute_of(at);
        if first_minute(minute) / MINUTES < first_minute(minute_of(now)) / MINUTES - MINUTES_KEPT {
            return None;
        }
        let place = minute.rem_euclid(MINUTES);
        let minutes = self.find(minute).map_or(&[][..], |found| &found.minutes);
        let found = minutes.iter().find(|(at, _)| i64::from(*at) == place);
        Some(found.map_or_else(Tally::default, |(_, tally)| *tally))
    }

    /// What was counted in the intervals that begin from `from` on and before `until`, those that are known together.
    pub fn sum(&self, from: WallTime, until: WallTime) -> Tally {
        let step = usize::try_from(INTERVAL_MS).unwrap_or(usize::MAX);
        let starts = (interval_of(from).0..until.0).step_by(step);
        let known: Vec<Tally> = starts
            .filter_map(|at| self.interval(WallTime(at), until))
            .collect();
        Tally::sum(known.iter())
    }

    /// Whether the service counted through all of a span that is over; it began to in the middle of its first interval.
    fn check(&self, at: WallTime, ms: i64, now: WallTime) -> Option<()> {
        let end = WallTime(at.0.checked_add(ms)?);
        let is_over = end <= now && self.first().is_some_and(|first| first < interval_of(at));
        let mut missed = self.missed.0.iter();
        let is_whole = !missed.any(|(from, until)| *from < end && at < *until);
        (is_over && is_whole).then_some(())
    }

    fn find(&self, minute: i64) -> Option<&Interval> {
        let at = place_of(minute);
        let intervals = &self.days.get(&day_of(minute))?.intervals;
        let found = intervals.binary_search_by_key(&at, |one| one.at).ok()?;
        intervals.get(found)
    }
}
