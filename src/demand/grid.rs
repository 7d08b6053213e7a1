//! The past of a queue as local days of equal intervals, which is what baselines are learned from.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};

use crate::{
    calendar::zone::Zone,
    engine::{
        arrivals::{INTERVAL_MS, INTERVALS_A_DAY, MINUTES},
        ids::WallTime,
        past::Past,
        volumes::Volumes,
    },
    planning::peaks::History,
};

const MINUTES_A_DAY: i64 = 24 * 60;

/// Local days of intervals of so many minutes.
pub(super) struct Grid<'a> {
    pub(super) zone: &'a Zone,
    pub(super) minutes: i64,
}

/// What is known of an interval: of how many parts, and their calls; none once a part is missing.
#[derive(Clone, Copy, Default)]
struct Slot {
    parts: u32,
    calls: Option<f64>,
}

impl<'a> Grid<'a> {
    /// As fine as what was imported of the past and of `today` allows: at least a quarter of an hour.
    pub(super) fn new(zone: &'a Zone, past: &Past, today: Date) -> Self {
        let day = |day: Date| {
            let start = zone.day_start(day).as_millisecond();
            start.div_euclid(INTERVALS_A_DAY * INTERVAL_MS)
        };
        let history = past.history.values();
        let [first, last] = [today.yesterday(), today.tomorrow()].map(|date| date.map_or(0, day));
        let forecast = past
            .forecast
            .range(first..=last)
            .map(|(_, volumes)| volumes);
        let lengths = history.chain(forecast).map(|day| i64::from(day.minutes));
        Self {
            zone,
            minutes: lengths.max().unwrap_or(MINUTES).max(MINUTES),
        }
    }

    /// Where an instant lies: its day, and its interval there.
    pub(super) fn place(&self, at: WallTime) -> (Date, usize) {
        let at = Timestamp::from_millisecond(at.0).unwrap_or_default();
        let local = self.zone.local(at);
        let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
        let place = usize::try_from(minute / self.minutes).unwrap_or(0);
        (local.date(), place)
    }

    /// Intervals of a day.
    fn intervals(&self) -> usize {
        usize::try_from(MINUTES_A_DAY / self.minutes).unwrap_or(1)
    }

    /// The history of what `calls` says of each quarter of an hour.
    pub(super) fn history(
        &self,
        from: WallTime,
        until: WallTime,
        calls: impl Fn(WallTime) -> Option<f64>,
    ) -> Option<History> {
        let mut days: BTreeMap<Date, Vec<Slot>> = BTreeMap::new();
        let step = usize::try_from(INTERVAL_MS).unwrap_or(usize::MAX);
        for at in (from.0..until.0).step_by(step) {
            let (date, place) = self.place(WallTime(at));
            let day = days.entry(date);
            let slot = &mut day.or_insert_with(|| vec![Slot::default(); self.intervals()])[place];
            let before = if slot.parts == 0 {
                Some(0.0)
            } else {
                slot.calls
            };
            slot.calls = before
                .zip(calls(WallTime(at)))
                .map(|(sum, more)| sum + more);
            slot.parts += 1;
        }
        // An hour that comes twice has twice the parts.
        #[expect(clippy::cast_precision_loss, reason = "parts of an interval")]
        let parts = (self.minutes / MINUTES) as f64;
        let whole = |slot: Slot| {
            slot.calls
                .map(|calls| calls * parts / f64::from(slot.parts))
        };
        let days = days.into_iter();
        let days = days.map(|(date, day)| (date, day.into_iter().map(whole).collect()));
        History::new(days.collect())
    }
}

/// What volumes say of a quarter of an hour.
pub(super) fn volume(days: &BTreeMap<i64, std::sync::Arc<Volumes>>, at: WallTime) -> Option<f64> {
    let place = at.0.div_euclid(INTERVAL_MS);
    let day = days.get(&place.div_euclid(INTERVALS_A_DAY))?;
    let place = usize::try_from(place.rem_euclid(INTERVALS_A_DAY)).ok()?;
    let milli = (*day.milli.get(place)?)?;
    Some(f64::from(milli) / 1_000.0)
}

/// The first quarter of an hour of which something is known.
pub(super) fn first(past: &Past) -> Option<WallTime> {
    let imported = past.history.keys().next();
    let imported = imported.map(|day| WallTime(day * INTERVALS_A_DAY * INTERVAL_MS));
    [past.first(), imported].into_iter().flatten().min()
}
