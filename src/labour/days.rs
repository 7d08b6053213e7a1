//! The days and weeks of a zone as instants: a day is 00:00 to 24:00, a week Monday to Sunday, by the clock on the wall.
//!
//! Day numbers count from 1970-01-01, a Thursday. Week numbers count the Mondays from 1969-12-29.

use jiff::{SignedDuration, Timestamp, civil::Date};

use super::span::{HOUR_MS, MINUTE_MS, Span};
use crate::calendar::zone::Zone;

const DAY_MS: i64 = 24 * HOUR_MS;

/// Days between 1970-01-01 and the Monday before it.
const TO_MONDAY: i32 = 3;

/// The starts of the days of a zone, looked up once for a range and then used for many agents.
#[derive(Clone, Debug)]
pub struct Days {
    zone: Zone,
    first: i32,
    /// The start of each day from `first`, and the end of the last.
    starts: Vec<i64>,
}

impl Days {
    /// The days of a zone that cover `span` and a fortnight around it.
    pub fn around(zone: &Zone, span: Span) -> Self {
        let first = day_of_ms(span.start_ms) - 14;
        let last = day_of_ms(span.end_ms.max(span.start_ms)) + 15;
        let starts = (first..=last + 1).map(|day| start_ms(zone, day)).collect();
        Self {
            zone: zone.clone(),
            first,
            starts,
        }
    }

    /// Whether every moment of `span`, with a week around, lies in the range that was looked up.
    pub fn cover(&self, span: Span) -> bool {
        let week = 7 * DAY_MS;
        let last = self.starts[self.starts.len() - 1];
        self.starts[0] <= span.start_ms - week && span.end_ms + week < last
    }

    /// The zone.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// The day in which a moment lies.
    pub fn day(&self, at_ms: i64) -> i32 {
        let mut day = day_of_ms(at_ms);
        while self.start_ms(day) > at_ms {
            day -= 1;
        }
        while self.start_ms(day + 1) <= at_ms {
            day += 1;
        }
        day
    }

    /// When a day begins.
    pub fn start_ms(&self, day: i32) -> i64 {
        let place = usize::try_from(day - self.first).ok();
        let known = place.and_then(|place| self.starts.get(place));
        known.map_or_else(|| start_ms(&self.zone, day), |start| *start)
    }

    /// A day from its start to its end: 23 to 25 hours where clocks change.
    pub fn span(&self, day: i32) -> Span {
        Span::new(self.start_ms(day), self.start_ms(day + 1))
    }

    /// A week from Monday to Sunday.
    pub fn week_span(&self, week: i32) -> Span {
        let monday = monday(week);
        Span::new(self.start_ms(monday), self.start_ms(monday + 7))
    }

    /// The length of the shortest day of a week.
    pub fn shortest_day_ms(&self, week: i32) -> i64 {
        let days = monday(week)..monday(week) + 7;
        let lengths = days.map(|day| self.span(day).length_ms());
        lengths.min().unwrap_or(DAY_MS)
    }

    /// The moment at which a clock shows a time of that day; `minute` counts from midnight and may be 24 h.
    pub fn clock_ms(&self, day: i32, minute: u16) -> i64 {
        let span = self.span(day);
        if span.length_ms() == DAY_MS {
            return span.start_ms + i64::from(minute) * MINUTE_MS;
        }
        let (whole, rest) = (i32::from(minute / 1_440), minute % 1_440);
        let hour = i8::try_from(rest / 60).unwrap_or(0);
        let minute = i8::try_from(rest % 60).unwrap_or(0);
        let local = date(day + whole).at(hour, minute, 0, 0);
        self.zone.instant(local).as_millisecond()
    }
}

fn day_of_ms(at_ms: i64) -> i32 {
    i32::try_from(at_ms.div_euclid(DAY_MS)).unwrap_or(i32::MAX / 2)
}

fn start_ms(zone: &Zone, day: i32) -> i64 {
    zone.day_start(date(day)).as_millisecond()
}

/// The date of a day number; the first or last date there is for numbers beyond.
pub fn date(day: i32) -> Date {
    let epoch = Date::constant(1970, 1, 1);
    epoch.saturating_add(SignedDuration::from_hours(i64::from(day) * 24))
}

/// The number of a date.
pub fn number(date: Date) -> i32 {
    let since = date.duration_since(Date::constant(1970, 1, 1));
    i32::try_from(since.as_hours() / 24).unwrap_or(0)
}

/// The week of a day.
pub fn week(day: i32) -> i32 {
    (day + TO_MONDAY).div_euclid(7)
}

/// The Monday of a week.
pub fn monday(week: i32) -> i32 {
    week * 7 - TO_MONDAY
}

/// Whether a day is a Sunday.
pub fn is_sunday(day: i32) -> bool {
    (day + TO_MONDAY).rem_euclid(7) == 6
}

/// What a clock in the zone shows at a moment.
pub fn local(zone: &Zone, at_ms: i64) -> jiff::civil::DateTime {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::MAX);
    zone.local(at)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as civil;

    use super::{Days, date, is_sunday, monday, number, week};
    use crate::{
        calendar::zone::Zone,
        labour::span::{HOUR_MS, Span},
    };

    #[test]
    fn weeks_begin_on_monday() {
        let monday_of_march = number(civil(2026, 3, 2));
        assert_eq!(monday(week(monday_of_march)), monday_of_march);
        assert_eq!(week(monday_of_march + 6), week(monday_of_march));
        assert_eq!(week(monday_of_march - 1), week(monday_of_march) - 1);
        assert!(is_sunday(monday_of_march - 1) && !is_sunday(monday_of_march));
        assert_eq!(date(monday_of_march), civil(2026, 3, 2));
        assert_eq!(
            week(number(civil(1969, 12, 28))),
            -1,
            "weeks before 1970 count on"
        );
    }

    #[test]
    fn days_are_as_long_as_the_clock_makes_them() {
        let zone = Zone::named("Europe/Paris").unwrap();
        let days = Days::around(&zone, Span::new(1_770_000_000_000, 1_800_000_000_000));
        for (day, hours) in [
            (civil(2026, 3, 29), 23),
            (civil(2026, 10, 25), 25),
            (civil(2026, 6, 1), 24),
        ] {
            let day = number(day);
            let span = days.span(day);
            assert_eq!(span.length_ms(), hours * HOUR_MS);
            assert_eq!(days.day(span.start_ms), day);
            assert_eq!(days.day(span.end_ms - 1), day);
            assert_eq!(days.clock_ms(day, 1_440), span.end_ms);
            let evening = days.clock_ms(day, 22 * 60);
            assert_eq!(span.end_ms - evening, 2 * HOUR_MS);
        }
    }
}
