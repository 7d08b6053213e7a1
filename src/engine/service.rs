//! How a queue has served its calls: counts of the day, and of the last 30 minutes in steps of one minute.
//!
//! A call counts where its service-level clock started: one that is answered raises the day and the minute in which it
//! was offered. So a share is never above one, and a call that still waits lowers it.

use serde::{Deserialize, Serialize};

use super::{absent::is_default, ids::PoolTime, numbers::Level};

/// The recent past is so many steps of one minute.
const RECENT_MINUTES: u64 = 30;
const MINUTE_MS: u64 = 60_000;
const DAY_MS: u64 = 24 * 60 * MINUTE_MS;

/// How a queue has served its calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// The counts of the day of the last count.
    pub day: Counts,
    /// The counts of the last minutes.
    #[serde(default, skip_serializing_if = "Recent::is_empty")]
    pub recent: Recent,
    /// The last call to enter service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Served>,
}

/// A call as it entered service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// When.
    pub at: PoolTime,
    /// How long after the queue had got it.
    pub delay_ms: u64,
    /// Calls that came before it when the queue got it.
    pub ahead: u32,
}

/// What became of the calls that were offered to a queue in a day of UTC. Callbacks are counted apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// When counting began: the start of the day.
    pub since: PoolTime,
    /// Accepted into the queue or moved here. Diverted calls are never offered.
    #[serde(default, skip_serializing_if = "is_default")]
    pub offered: u64,
    /// Answered.
    #[serde(default, skip_serializing_if = "is_default")]
    pub answered: u64,
    /// Of those, within the target.
    #[serde(default, skip_serializing_if = "is_default")]
    pub in_target: u64,
    /// Abandoned.
    #[serde(default, skip_serializing_if = "is_default")]
    pub abandoned: u64,
    /// Of those, within the target.
    #[serde(default, skip_serializing_if = "is_default")]
    pub abandoned_short: u64,
    /// Of the offered, those that gave up their line to be called back; they are in no service level.
    #[serde(default, skip_serializing_if = "is_default")]
    pub callbacks_requested: u64,
    /// Of those, customers who were called back and talked; not among the answered.
    #[serde(default, skip_serializing_if = "is_default")]
    pub callbacks_answered: u64,
    /// Moved here from another queue, and counted among the offered.
    #[serde(default, skip_serializing_if = "is_default")]
    pub moved_in: u64,
    /// Moved to another queue; still among the offered here.
    #[serde(default, skip_serializing_if = "is_default")]
    pub moved_out: u64,
    /// Diverted; a call that asks again counts once.
    #[serde(default, skip_serializing_if = "is_default")]
    pub diverted: u64,
}

/// A share in thousandths, rounded down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permille(pub u16);

impl Permille {
    /// `part` of `whole`; `None` of nothing.
    fn of(part: u64, whole: u64) -> Option<Self> {
        let share = (part * 1000).checked_div(whole)?.min(1000);
        Some(Self(u16::try_from(share).unwrap_or(1000)))
    }
}

/// How far a queue's service level is above its goal, in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Balance(pub i32);

impl Counts {
    /// Accepted: offered, and not moved here.
    pub fn accepted(&self) -> u64 {
        self.offered.saturating_sub(self.moved_in)
    }

    /// No calls yet on the day of `now`.
    pub fn of_day(now: PoolTime) -> Self {
        Self {
            since: day_of(now),
            ..Self::default()
        }
    }

    /// Adds what another queue counted on the same day.
    pub fn add(&mut self, other: &Self) {
        self.offered += other.offered;
        self.answered += other.answered;
        self.in_target += other.in_target;
        self.abandoned += other.abandoned;
        self.abandoned_short += other.abandoned_short;
        self.callbacks_requested += other.callbacks_requested;
        self.callbacks_answered += other.callbacks_answered;
        self.moved_in += other.moved_in;
        self.moved_out += other.moved_out;
        self.diverted += other.diverted;
    }

    /// The service levels of the day by their names.
    pub fn levels(&self) -> [Level; 3] {
        [
            ("sl_offered", self.sl_offered()),
            ("sl_answered", self.sl_answered()),
            ("sl_excl_short", self.sl_excl_short()),
        ]
    }

    /// Answered within the target ÷ offered.
    pub fn sl_offered(&self) -> Option<Permille> {
        Permille::of(self.in_target, self.on_a_line())
    }

    /// Offered, and not to be called back.
    fn on_a_line(&self) -> u64 {
        self.offered.saturating_sub(self.callbacks_requested)
    }

    /// Answered within the target ÷ answered.
    pub fn sl_answered(&self) -> Option<Permille> {
        Permille::of(self.in_target, self.answered)
    }

    /// Answered within the target ÷ (offered − abandoned within the target).
    pub fn sl_excl_short(&self) -> Option<Permille> {
        let long = self.on_a_line().saturating_sub(self.abandoned_short);
        Permille::of(self.in_target, long)
    }
}

/// Offered, and answered within the target, in each of the last minutes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    /// The minute of the last pair.
    last: u64,
    /// A pair a minute, without gaps, the newest last.
    minutes: Vec<(u32, u32)>,
}

impl Recent {
    fn is_empty(&self) -> bool {
        self.minutes.is_empty()
    }

    /// The pair of the minute in which `at` lies; `None` once it is too long ago.
    fn minute(&mut self, at: PoolTime) -> Option<&mut (u32, u32)> {
        let minute = at.0 / MINUTE_MS;
        if self.minutes.is_empty() || minute >= self.last + RECENT_MINUTES {
            self.minutes.clear();
            self.minutes.push((0, 0));
            self.last = minute;
        }
        while self.last < minute {
            self.minutes.push((0, 0));
            self.last += 1;
        }
        let kept = usize::try_from(RECENT_MINUTES).unwrap_or(usize::MAX);
        let old = self.minutes.len().saturating_sub(kept);
        self.minutes.drain(..old);
        let back = usize::try_from(self.last - minute).ok()?;
        let place = self.minutes.len().checked_sub(back + 1)?;
        self.minutes.get_mut(place)
    }

    fn sl_offered(&self, now: PoolTime) -> Option<Permille> {
        let oldest = (now.0 / MINUTE_MS + 1).saturating_sub(RECENT_MINUTES);
        let newest_first = self.minutes.iter().rev().zip(0u64..);
        let within = newest_first.take_while(|(_, back)| self.last.saturating_sub(*back) >= oldest);
        let (mut offered, mut in_target) = (0, 0);
        for (pair, _) in within {
            offered += u64::from(pair.0);
            in_target += u64::from(pair.1);
        }
        Permille::of(in_target, offered)
    }
}

impl Permille {
    /// The share as a number of 0 to 1, for people and their tools.
    pub fn ratio(self) -> f64 {
        f64::from(self.0) / 1000.0
    }
}

impl Service {
    /// Every service level by its name: those of the day of `now`, and that of the last 30 minutes.
    pub fn levels(&self, now: PoolTime) -> [Level; 4] {
        let [offered, answered, excl_short] = self.today(now).levels();
        let recent = ("sl_offered_30min", self.sl_offered_30min(now));
        [offered, answered, excl_short, recent]
    }

    /// Answered within the target ÷ offered, of the calls offered in the last 30 minutes.
    pub fn sl_offered_30min(&self, now: PoolTime) -> Option<Permille> {
        self.recent.sl_offered(now)
    }

    /// How far the service level of the last 30 minutes is above the goal, in thousandths; below is negative. Of no calls
    /// it is zero: those who still wait, wait for longer than that.
    pub fn balance(&self, goal_permille: u16, now: PoolTime) -> Balance {
        let level = self.sl_offered_30min(now).map_or(0, |level| level.0);
        Balance(i32::from(level) - i32::from(goal_permille))
    }

    /// Whether nothing was counted yet.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The counts of the day of `now`; none yet if the last count was on a day before.
    pub fn today(&self, now: PoolTime) -> Counts {
        let none = Counts::of_day(now);
        if self.day.since == none.since {
            return self.day;
        }
        none
    }

    /// A call was offered to the queue.
    pub(super) fn offer(&mut self, at: PoolTime) {
        self.count(at, at, |day| day.offered += 1);
        if let Some(minute) = self.recent.minute(at) {
            minute.0 = minute.0.saturating_add(1);
        }
    }

    /// A call came from another queue.
    pub(super) fn move_in(&mut self, at: PoolTime) {
        self.offer(at);
        self.count(at, at, |day| day.moved_in += 1);
    }

    /// A call went to another queue.
    pub(super) fn move_out(&mut self, at: PoolTime) {
        self.count(at, at, |day| day.moved_out += 1);
    }

    /// A call that was offered at `offered`, with so many ahead, is answered.
    pub(super) fn answer(&mut self, offered: PoolTime, ahead: u32, now: PoolTime, in_target: bool) {
        self.last = Some(Served {
            at: now,
            delay_ms: now.since(offered),
            ahead,
        });
        self.count(offered, now, |day| {
            day.answered += 1;
            day.in_target += u64::from(in_target);
        });
        if in_target && let Some(minute) = self.recent.minute(offered) {
            minute.1 = minute.1.saturating_add(1);
        }
    }

    /// A call that was offered at `offered` is to be called back.
    pub(super) fn request_callback(&mut self, offered: PoolTime, now: PoolTime) {
        self.count(offered, now, |day| day.callbacks_requested += 1);
        if let Some(minute) = self.recent.minute(offered) {
            minute.0 = minute.0.saturating_sub(1);
        }
    }

    /// The customer of a call that was offered at `offered` was called back and talks.
    pub(super) fn answer_callback(&mut self, offered: PoolTime, now: PoolTime) {
        self.count(offered, now, |day| day.callbacks_answered += 1);
    }

    /// A call that was offered at `offered` is abandoned.
    pub(super) fn abandon(&mut self, offered: PoolTime, now: PoolTime, short: bool) {
        self.count(offered, now, |day| {
            day.abandoned += 1;
            day.abandoned_short += u64::from(short);
        });
    }

    /// A call was diverted.
    pub(super) fn divert(&mut self, at: PoolTime) {
        self.count(at, at, |day| day.diverted += 1);
    }

    /// Counts something of a call that was offered at `offered`, if that was today.
    fn count(&mut self, offered: PoolTime, now: PoolTime, change: impl FnOnce(&mut Counts)) {
        self.day = self.today(now);
        if day_of(offered) == self.day.since {
            change(&mut self.day);
        }
    }
}

/// The start of the day of UTC in which a moment lies.
fn day_of(at: PoolTime) -> PoolTime {
    PoolTime(at.0 - at.0 % DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(minute: u64) -> PoolTime {
        PoolTime(minute * MINUTE_MS)
    }

    #[test]
    fn the_three_service_levels_differ_in_what_they_divide_by() {
        let mut service = Service::default();
        for _ in 0..10 {
            service.offer(minute(1));
        }
        for in_target in [true, true, true, true, false] {
            service.answer(minute(1), 0, minute(2), in_target);
        }
        for short in [true, true, false] {
            service.abandon(minute(1), minute(2), short);
        }
        service.divert(minute(2));
        let today = service.today(minute(3));
        assert_eq!(today.sl_offered(), Some(Permille(400)), "4 of 10");
        assert_eq!(today.sl_answered(), Some(Permille(800)), "4 of 5");
        assert_eq!(today.sl_excl_short(), Some(Permille(500)), "4 of 10 - 2");
        assert_eq!(today.diverted, 1);
    }

    #[test]
    fn of_no_calls_there_is_no_service_level() {
        let today = Service::default().today(minute(1));
        assert_eq!(
            (
                today.sl_offered(),
                today.sl_answered(),
                today.sl_excl_short()
            ),
            (None, None, None)
        );
    }

    #[test]
    fn a_new_day_counts_from_zero_and_a_call_of_the_day_before_is_not_its_own() {
        let mut service = Service::default();
        let midnight = DAY_MS / MINUTE_MS;
        service.offer(minute(midnight - 1));
        assert_eq!(service.today(minute(midnight)).offered, 0);
        service.answer(minute(midnight - 1), 0, minute(midnight), true);
        let today = service.today(minute(midnight));
        assert_eq!((today.since, today.answered), (PoolTime(DAY_MS), 0));
        service.offer(minute(midnight + 1));
        assert_eq!(service.today(minute(midnight + 2)).offered, 1);
    }

    #[test]
    fn the_last_30_minutes_forget_what_is_older() {
        let mut service = Service::default();
        service.offer(minute(100));
        service.answer(minute(100), 0, minute(101), true);
        for later in [110, 129] {
            service.offer(minute(later));
        }
        let level = |service: &Service, at| service.recent.sl_offered(minute(at));
        assert_eq!(level(&service, 129), Some(Permille(333)));
        assert_eq!(level(&service, 130), Some(Permille(0)), "minute 100 is out");
        assert_eq!(level(&service, 159), None, "all are");
        service.answer(minute(110), 0, minute(131), true);
        assert_eq!(level(&service, 131), Some(Permille(500)));
        service.offer(minute(500));
        service.answer(minute(110), 0, minute(500), true);
        assert_eq!(level(&service, 500), Some(Permille(0)), "too long ago");
        assert_eq!(service.recent.minutes.len(), 1);
    }
}
