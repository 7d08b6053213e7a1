//! Local times of a zone as instants, with each day looked up once.

use jiff::{Timestamp, civil};
use rustc_hash::FxHashMap;

use super::{
    cell::DAY,
    problem::{Fault, Kind, fault},
};
use crate::calendar::zone::{Existence, Zone};

/// What is known of a day.
#[derive(Clone, Copy, Debug)]
struct Day {
    /// The instant of its midnight, in seconds.
    midnight: i64,
    /// Whether all of its local times exist once, a fixed time after midnight.
    is_plain: bool,
}

/// A zone that remembers days.
#[derive(Debug)]
pub(super) struct Local {
    zone: Zone,
    days: FxHashMap<civil::Date, Day>,
    last: Option<(civil::Date, Day)>,
}

/// An instant, and how often its local time exists.
pub(super) type Found = (i64, Existence);

impl Local {
    pub(super) fn of(zone: &Zone) -> Self {
        Self {
            zone: zone.clone(),
            days: FxHashMap::default(),
            last: None,
        }
    }

    pub(super) fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The instant in seconds of a time on a day; 86,400 is its end, which is where the next day begins.
    pub(super) fn at(&mut self, date: civil::Date, seconds: i64) -> Found {
        let day = self.day(date);
        if day.is_plain && seconds <= DAY {
            return (day.midnight + seconds, Existence::Once);
        }
        if seconds == DAY {
            return (self.end_of(date), Existence::Once);
        }
        let date = civil_after(date, seconds / DAY);
        self.resolve(date, seconds % DAY)
    }

    fn end_of(&self, date: civil::Date) -> i64 {
        self.zone.day_start(civil_after(date, 1)).as_second()
    }

    fn day(&mut self, date: civil::Date) -> Day {
        if let Some((last, day)) = self.last
            && last == date
        {
            return day;
        }
        let known = self.days.get(&date).copied();
        let day = known.unwrap_or_else(|| self.look_up(date));
        if known.is_none() {
            self.days.insert(date, day);
        }
        self.last = Some((date, day));
        day
    }

    /// A day is plain if all its quarter hours lie as they would without any change of clocks.
    fn look_up(&self, date: civil::Date) -> Day {
        const QUARTER: i64 = 900;
        let (midnight, first) = self.resolve(date, 0);
        let is_plain = first == Existence::Once
            && (1..DAY / QUARTER)
                .map(|quarter| quarter * QUARTER)
                .all(|time| self.resolve(date, time) == (midnight + time, Existence::Once))
            && self.resolve(civil_after(date, 1), 0) == (midnight + DAY, Existence::Once);
        Day { midnight, is_plain }
    }

    fn resolve(&self, date: civil::Date, seconds: i64) -> Found {
        let local = clock(date, seconds);
        let found = self.zone.resolve(local);
        let (at, existence) = found.unwrap_or_else(|| (self.zone.instant(local), Existence::Once));
        (at.as_second(), existence)
    }
}

fn civil_after(date: civil::Date, days: i64) -> civil::Date {
    date.saturating_add(jiff::Span::new().days(days.clamp(0, 1_000)))
}

fn clock(date: civil::Date, seconds: i64) -> civil::DateTime {
    let part = |value: i64| i8::try_from(value).unwrap_or(0);
    date.at(
        part(seconds / 3_600),
        part(seconds / 60 % 60),
        part(seconds % 60),
        0,
    )
}

/// What is wrong with a local time that does not exist on its day.
pub(super) fn missing(zone: &Zone, at: i64) -> Fault {
    let (before, after) = around(zone, at);
    fault(
        Kind::MissingLocalTime,
        format!(
            "does not exist in {}: clocks are put forward from {} to {}",
            zone.name(),
            hour(before),
            hour(after)
        ),
        format!("a time before {} or from {} on", hour(before), hour(after)),
    )
}

/// What is to be said of a local time that exists twice, of which the first was taken.
pub(super) fn repeated(zone: &Zone, at: i64) -> Fault {
    let taken = Timestamp::from_second(at).unwrap_or(Timestamp::MIN);
    fault(
        Kind::RepeatedLocalTime,
        format!(
            "exists twice in {}, as clocks are put back: the first was taken, {taken}",
            zone.name()
        ),
        "write the time with its offset from UTC, as in 2026-10-25T02:30+01:00, if the second is meant",
    )
}

/// What a clock shows just before and just after the change that begins or ends near an instant.
fn around(zone: &Zone, at: i64) -> (civil::DateTime, civil::DateTime) {
    let instant = |second| Timestamp::from_second(second).unwrap_or(Timestamp::MIN);
    let offset = |second: i64| {
        let local = zone.local(instant(second));
        Zone::utc().instant(local).as_second() - second
    };
    // The change lies within the day before; the offset tells on which side of it a second is.
    let (mut low, mut high) = (at - DAY, at);
    let after = offset(high);
    while high - low > 1 {
        let middle = low.midpoint(high);
        if offset(middle) == after {
            high = middle;
        } else {
            low = middle;
        }
    }
    let shown_before = Zone::utc().local(instant(high + offset(low)));
    (shown_before, zone.local(instant(high)))
}

fn hour(at: civil::DateTime) -> String {
    format!("{:02}:{:02}", at.hour(), at.minute())
}

#[cfg(test)]
mod tests {
    use jiff::{Timestamp, civil::date};

    use super::{Local, missing};
    use crate::calendar::zone::{Existence, Zone};

    #[test]
    fn days_are_the_same_looked_up_and_resolved() {
        for name in [
            "Europe/Paris",
            "Australia/Lord_Howe",
            "America/Havana",
            "Africa/Cairo",
            "Asia/Kathmandu",
            "UTC",
        ] {
            let zone = Zone::named(name).unwrap();
            let mut local = Local::of(&zone);
            let mut day = date(2026, 1, 1);
            while day.year() == 2026 {
                for minute in (0..1_440).step_by(10) {
                    let time = day.at(
                        i8::try_from(minute / 60).unwrap(),
                        i8::try_from(minute % 60).unwrap(),
                        0,
                        0,
                    );
                    let (at, existence) = zone.resolve(time).unwrap();
                    assert_eq!(
                        local.at(day, minute * 60),
                        (at.as_second(), existence),
                        "{name} {time}"
                    );
                }
                let next = day.tomorrow().unwrap();
                assert_eq!(
                    local.at(day, 86_400),
                    (zone.day_start(next).as_second(), Existence::Once),
                    "{name} {day}"
                );
                day = next;
            }
        }
    }

    #[test]
    fn a_missing_time_is_told_with_the_hours_around_it() {
        let zone = Zone::named("Europe/Paris").unwrap();
        let at: Timestamp = "2026-03-29T01:30:00Z".parse().unwrap();
        let fault = missing(&zone, at.as_second());
        assert_eq!(
            (fault.message.as_str(), fault.expected.as_str()),
            (
                "does not exist in Europe/Paris: clocks are put forward from 02:00 to 03:00",
                "a time before 02:00 or from 03:00 on"
            )
        );
    }
}
