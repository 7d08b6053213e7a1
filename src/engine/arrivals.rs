//! What arrives at each queue, by minute and by interval of 15 minutes of the calendar, kept for weeks.
//!
//! A count belongs to the minute in which it happened: a call that is answered later is answered then. The interval of now
//! stands beside its queue, so that a call costs no memory; it joins its day when the first count of a later one comes. What
//! happens in no interval is zero there; but where the service was away, or before the first count, nothing is known.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    absent::is_default,
    ids::{PoolTime, QueueId, WallTime},
    past::Past,
    profile::SiteKind,
    volumes::{VolumeKind, Volumes},
};

/// Minutes of an interval.
pub const MINUTES: i64 = 15;
/// The same, as places of a list.
const PLACES: usize = 15;
/// Intervals of a day of UTC.
pub const INTERVALS_A_DAY: i64 = 24 * 60 / MINUTES;
pub(super) const MINUTE_MS: i64 = 60_000;
/// Length of an interval, ms.
pub const INTERVAL_MS: i64 = MINUTES * MINUTE_MS;
/// The minutes of so many of the newest intervals are kept: six hours.
pub(super) const MINUTES_KEPT: i64 = 24;
/// A pool keeps at most so many days of its queues; the oldest go first.
const QUEUE_DAYS_MAX: usize = 20_000;
/// So many spans are remembered in which nothing was counted; the two oldest become one.
const MISSED_MAX: usize = 1_000;

/// What was counted of a queue in a span of time. Callbacks count as offered and handled, not as answered or abandoned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Calls that the platform asked for, taken or diverted, each once.
    #[serde(default, skip_serializing_if = "is_default")]
    pub arrived: u32,
    /// Accepted, or moved here from another queue.
    #[serde(default, skip_serializing_if = "is_default")]
    pub offered: u32,
    /// Abandoned.
    #[serde(default, skip_serializing_if = "is_default")]
    pub abandoned: u32,
    /// Answered, by kind of the agent's site in the order of [`SiteKind::ALL`].
    #[serde(default, skip_serializing_if = "is_default")]
    pub answered: [u32; 3],
    /// Conversations that ended, likewise.
    #[serde(default, skip_serializing_if = "is_default")]
    pub handled: [u32; 3],
    /// Time of conversations and of after-call work that ended, ms, likewise.
    #[serde(default, skip_serializing_if = "is_default")]
    pub handle_ms: [u64; 3],
    /// Time that the answered and the abandoned had waited in the queue, ms.
    #[serde(default, skip_serializing_if = "is_default")]
    pub waited_ms: u64,
    /// Arrivals that the platform reported.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reported: u32,
    /// Minutes of which it did.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reports: u32,
}

impl Tally {
    /// Adds what was counted elsewhere.
    pub fn add(&mut self, other: &Self) {
        self.arrived = self.arrived.saturating_add(other.arrived);
        self.offered = self.offered.saturating_add(other.offered);
        self.abandoned = self.abandoned.saturating_add(other.abandoned);
        for kind in 0..SiteKind::ALL.len() {
            self.answered[kind] = self.answered[kind].saturating_add(other.answered[kind]);
            self.handled[kind] = self.handled[kind].saturating_add(other.handled[kind]);
            self.handle_ms[kind] = self.handle_ms[kind].saturating_add(other.handle_ms[kind]);
        }
        self.waited_ms = self.waited_ms.saturating_add(other.waited_ms);
        self.reported = self.reported.saturating_add(other.reported);
        self.reports = self.reports.saturating_add(other.reports);
    }

    pub(super) fn sum<'a>(tallies: impl Iterator<Item = &'a Self>) -> Self {
        let mut sum = Self::default();
        tallies.for_each(|tally| sum.add(tally));
        sum
    }

    /// What the platform says of this minute; a later word replaces an earlier one.
    pub(super) fn report(&mut self, arrivals: u32) {
        (self.reported, self.reports) = (arrivals, 1);
    }
}

/// The place of a kind of site in a [`Tally`].
pub(super) fn place(kind: SiteKind) -> usize {
    match kind {
        SiteKind::Home => 0,
        SiteKind::Telecentre => 1,
        SiteKind::OnSite => 2,
    }
}

/// The minute of the calendar in which a moment lies, since 1970.
pub(super) fn minute_of(at: WallTime) -> i64 {
    at.0.div_euclid(MINUTE_MS)
}

fn time_of(minute: i64) -> WallTime {
    WallTime(minute.saturating_mul(MINUTE_MS))
}

/// The interval of the calendar in which a moment lies, by its beginning.
pub fn interval_of(at: WallTime) -> WallTime {
    time_of(first_minute(minute_of(at)))
}

pub(super) fn first_minute(minute: i64) -> i64 {
    minute - minute.rem_euclid(MINUTES)
}

/// The interval of now: it is where its queue is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Current {
    /// Its first minute.
    from: i64,
    minutes: [Tally; PLACES],
}

/// The same as it is stored.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredCurrent {
    from: i64,
    minutes: Vec<(u8, Tally)>,
}

impl Current {
    /// The tally of a minute; `None` if it lies in another interval.
    fn minute(&mut self, minute: i64) -> Option<&mut Tally> {
        let place = usize::try_from(minute - self.from).ok()?;
        self.minutes.get_mut(place)
    }

    /// As it is stored; `None` while it is empty.
    pub(super) fn stored(&self) -> Option<StoredCurrent> {
        let minutes = self.counted();
        let from = self.from;
        (!minutes.is_empty()).then_some(StoredCurrent { from, minutes })
    }

    fn counted(&self) -> Vec<(u8, Tally)> {
        let minutes = (0..).zip(self.minutes);
        minutes.filter(|(_, tally)| !is_default(tally)).collect()
    }

    /// As it was stored.
    pub(super) fn restore(&mut self, stored: &StoredCurrent) {
        *self = Self {
            from: stored.from,
            ..Self::default()
        };
        for (place, tally) in &stored.minutes {
            if let Some(minute) = self.minutes.get_mut(usize::from(*place)) {
                *minute = *tally;
            }
        }
    }

    fn interval(&self) -> Option<(i64, Interval)> {
        let minutes = self.counted();
        let tally = Tally::sum(minutes.iter().map(|(_, tally)| tally));
        let interval = Interval {
            at: place_of(self.from),
            tally,
            minutes,
        };
        (!interval.minutes.is_empty()).then(|| (day_of(self.from), interval))
    }
}

/// An interval of a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// Its place in the day of UTC.
    pub(super) at: u8,
    pub(super) tally: Tally,
    /// Its minutes with counts, while it is new.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) minutes: Vec<(u8, Tally)>,
}

/// What was counted of a queue on a day of UTC: the intervals with counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    pub(super) intervals: Vec<Interval>,
}

impl Day {
    fn at(&mut self, at: u8) -> &mut Interval {
        let found = self.intervals.binary_search_by_key(&at, |one| one.at);
        let place = found.unwrap_or_else(|place| {
            let new = Interval {
                at,
                ..Interval::default()
            };
            self.intervals.insert(place, new);
            place
        });
        &mut self.intervals[place]
    }

    fn join(&mut self, new: Interval) {
        let interval = self.at(new.at);
        interval.tally.add(&new.tally);
        for (minute, tally) in new.minutes {
            let known = interval.minute(minute);
            // A minute that was reported before is said anew.
            let before = (tally.reports > 0).then(|| {
                let before = (known.reported, known.reports);
                (known.reported, known.reports) = (0, 0);
                before
            });
            known.add(&tally);
            let (reported, reports) = before.unwrap_or_default();
            interval.tally.reported = interval.tally.reported.saturating_sub(reported);
            interval.tally.reports = interval.tally.reports.saturating_sub(reports);
        }
    }

    /// Forgets the minutes of all but the newest intervals; whether there were any.
    fn thin(&mut self, day: i64, now: i64) -> bool {
        let oldest = first_minute(now) / MINUTES - MINUTES_KEPT;
        let mut is_thinner = false;
        for interval in &mut self.intervals {
            let is_old = day * INTERVALS_A_DAY + i64::from(interval.at) < oldest;
            if is_old && !interval.minutes.is_empty() {
                interval.minutes = Vec::new();
                is_thinner = true;
            }
        }
        is_thinner
    }
}

impl Interval {
    fn minute(&mut self, minute: u8) -> &mut Tally {
        let found = self.minutes.binary_search_by_key(&minute, |(at, _)| *at);
        let place = found.unwrap_or_else(|place| {
            self.minutes.insert(place, (minute, Tally::default()));
            place
        });
        &mut self.minutes[place].1
    }

    /// What the platform says of one of its minutes.
    fn report(&mut self, minute: u8, arrivals: u32) {
        let told = self.minute(minute);
        let before = *told;
        told.report(arrivals);
        let others = self.tally.reported.saturating_sub(before.reported);
        self.tally.reported = others.saturating_add(arrivals);
        self.tally.reports += 1_u32.saturating_sub(before.reports);
    }
}

pub(super) fn day_of(minute: i64) -> i64 {
    minute.div_euclid(MINUTES * INTERVALS_A_DAY)
}

pub(super) fn place_of(minute: i64) -> u8 {
    let place = minute.rem_euclid(MINUTES * INTERVALS_A_DAY) / MINUTES;
    u8::try_from(place).expect("a day has 96 intervals")
}

/// Place of a day of a queue: days of UTC since 1970.
pub(super) type QueueDay = (i64, QueueId);

/// What is kept of all queues of a pool.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// What was counted.
    pub(super) days: BTreeMap<QueueDay, Arc<Day>>,
    /// What was imported: the past, and forecasts.
    pub(super) history: BTreeMap<QueueDay, Arc<Volumes>>,
    pub(super) forecast: BTreeMap<QueueDay, Arc<Volumes>>,
    /// Spans in which nothing was counted.
    pub(super) missed: Missed,
    /// The pool's time up to which it had been stored, if it was loaded.
    pub(super) stored_until: Option<PoolTime>,
}

/// Spans of the calendar in which the service was away, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Missed(pub(super) Arc<Vec<(WallTime, WallTime)>>);

impl Missed {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn add(&mut self, from: WallTime, until: WallTime) {
        let spans = Arc::make_mut(&mut self.0);
        if spans.len() >= MISSED_MAX {
            spans[1].0 = spans[0].0.min(spans[1].0);
            spans.remove(0);
        }
        spans.push((from, until));
    }

    fn forget(&mut self, before: WallTime) -> bool {
        let is_old = |(_, until): &(WallTime, WallTime)| *until < before;
        let any = self.0.iter().any(is_old);
        if any {
            Arc::make_mut(&mut self.0).retain(|span| !is_old(span));
        }
        any
    }
}

/// What changed of what is kept.
#[derive(Default)]
pub(super) struct Turned {
    pub(super) changed: Vec<QueueDay>,
    /// Imported days that went.
    pub(super) history: Vec<QueueDay>,
    pub(super) forecast: Vec<QueueDay>,
    pub(super) missed: bool,
}

impl Kept {
    /// Counts in a minute of the calendar; what changed if that begins another interval.
    pub(super) fn tally(
        &mut self,
        queue: &QueueId,
        current: &mut Current,
        (minute, days): (i64, i64),
        count: impl FnOnce(&mut Tally),
    ) -> Option<Turned> {
        if let Some(tally) = current.minute(minute) {
            count(tally);
            return None;
        }
        let turned = self.turn(queue, current, (minute, days));
        *current = Current {
            from: first_minute(minute),
            ..Current::default()
        };
        if let Some(tally) = current.minute(minute) {
            count(tally);
        }
        Some(turned)
    }

    /// Puts the interval that was current into its day, and forgets what is old.
    fn turn(&mut self, queue: &QueueId, current: &Current, (minute, days): (i64, i64)) -> Turned {
        let mut turned = Turned::default();
        let Some((day, interval)) = current.interval() else {
            return turned;
        };
        let key = (day, queue.clone());
        Arc::make_mut(self.days.entry(key.clone()).or_default()).join(interval);
        turned.changed.push(key);
        self.tidy(queue, day, (minute, days), &mut turned);
        turned
    }

    /// Thins a day and the one before, and forgets what is old, so many days before a minute.
    fn tidy(&mut self, queue: &QueueId, day: i64, at: (i64, i64), turned: &mut Turned) {
        let (minute, days) = at;
        for day in [day, day - 1] {
            let key = (day, queue.clone());
            if let Some(kept) = self.days.get_mut(&key)
                && Arc::make_mut(kept).thin(day, minute)
            {
                turned.changed.push(key);
            }
        }
        self.forget(day_of(minute) - days, turned);
    }

    fn forget(&mut self, oldest: i64, turned: &mut Turned) {
        while let Some(first) = self.days.first_entry() {
            if first.key().0 >= oldest && self.days.len() <= QUEUE_DAYS_MAX {
                break;
            }
            turned
                .changed
                .extend(self.days.pop_first().map(|(key, _)| key));
        }
        turned.history = forget_before(&mut self.history, oldest);
        turned.forecast = forget_before(&mut self.forecast, oldest);
        let before = time_of(oldest * MINUTES * INTERVALS_A_DAY);
        turned.missed = self.missed.forget(before);
    }

    /// What the platform says of a minute that is not of the interval of now.
    pub(super) fn report(
        &mut self,
        queue: &QueueId,
        (minute, arrivals): (i64, u32),
        at: (i64, i64),
    ) -> Turned {
        let mut turned = Turned::default();
        let key = (day_of(minute), queue.clone());
        let day = Arc::make_mut(self.days.entry(key.clone()).or_default());
        let place = u8::try_from(minute.rem_euclid(MINUTES)).expect("an interval has 15 minutes");
        day.at(place_of(minute)).report(place, arrivals);
        turned.changed.push(key);
        self.tidy(queue, day_of(minute), at, &mut turned);
        turned
    }

    /// What was imported of a day of a queue.
    pub(super) fn volumes(&self, kind: VolumeKind, day: i64, queue: &QueueId) -> Option<&Volumes> {
        let of = match kind {
            VolumeKind::History => &self.history,
            VolumeKind::Forecast => &self.forecast,
        };
        of.get(&(day, queue.clone())).map(|volumes| &**volumes)
    }

    /// Everything of a queue that was counted, with what is imported.
    pub(super) fn past(&self, queue: &QueueId, current: &Current) -> Past {
        let mut days = of_queue(&self.days, queue);
        if let Some((day, interval)) = current.interval() {
            Arc::make_mut(days.entry(day).or_default()).join(interval);
        }
        Past {
            days,
            missed: self.missed.clone(),
            history: of_queue(&self.history, queue),
            forecast: of_queue(&self.forecast, queue),
        }
    }
}

/// What is kept of a queue: a look-up for each day, as the other queues may be many.
fn of_queue<T>(all: &BTreeMap<QueueDay, Arc<T>>, queue: &QueueId) -> BTreeMap<i64, Arc<T>> {
    let ends = all.first_key_value().zip(all.last_key_value());
    let days = ends
        .into_iter()
        .flat_map(|((first, _), (last, _))| first.0..=last.0);
    let own = days.filter_map(|day| Some((day, Arc::clone(all.get(&(day, queue.clone()))?))));
    own.collect()
}

fn forget_before(days: &mut BTreeMap<QueueDay, Arc<Volumes>>, oldest: i64) -> Vec<QueueDay> {
    let mut gone = Vec::new();
    while let Some(first) = days.first_entry().filter(|first| first.key().0 < oldest) {
        gone.push(first.remove_entry().0);
    }
    gone
}

impl Current {
    /// What the platform says of a minute; false if it is not of this interval.
    pub(super) fn report(&mut self, minute: i64, arrivals: u32) -> bool {
        let known = self.minute(minute);
        known.map(|tally| tally.report(arrivals)).is_some()
    }
}
