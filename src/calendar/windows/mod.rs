//! When a queue is served by remote agents: weekly windows, holidays and dated exceptions, in the queue's zone.
//!
//! A day's windows are those of its weekday; on a holiday of the queue's calendars those that name `holiday`, and no others;
//! on a day with an exception the exception's hours, and no others. A window over midnight belongs to the day on which it
//! begins, whatever the next day is. Local times that are missing or repeated mean what [`zone`](super::zone) says.

mod check;
mod spec;

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, DateTime},
};

pub use self::{
    check::Wrong,
    spec::{DAY_MIN, DayKind, Exception, Hours, Window, WindowsSpec},
};
use super::{holidays::Holidays, zone::Zone};

/// Openings and closings are looked for within so many days.
const HORIZON_DAYS: i32 = 1_100;

/// Why a queue is served at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// A window of the day's weekday, by its place in the list.
    Weekly(usize),
    /// A window for holidays, by its place, and the holiday's name.
    Holiday(usize, String),
    /// A dated exception, by its place.
    Exception(usize),
}

/// A stretch of time in which a queue is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: Timestamp,
    /// The first instant after it.
    pub until: Timestamp,
    pub why: Why,
}

/// The windows of a queue, ready to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Windows {
    spec: WindowsSpec,
    zone: Zone,
    calendars: Vec<Holidays>,
}

impl Windows {
    /// The windows of a specification. `find` gives the calendar of a code, such as [`Holidays::for_region`].
    ///
    /// # Errors
    /// All that is wrong with it, by field.
    pub fn new(
        spec: &WindowsSpec,
        find: impl Fn(&str) -> Result<Holidays, String>,
    ) -> Result<Self, Vec<Wrong>> {
        let mut wrong = check::check(spec);
        let zone = Zone::named(&spec.zone);
        if let Err(unknown) = &zone {
            wrong.push(Wrong::new("zone", unknown.to_string()));
        }
        let mut calendars = Vec::new();
        for (place, code) in spec.holidays.iter().enumerate() {
            match find(code) {
                Ok(calendar) => calendars.push(calendar),
                Err(why) => wrong.push(Wrong::new(format!("holidays[{place}]"), why)),
            }
        }
        match zone {
            Ok(zone) if wrong.is_empty() => Ok(Self {
                spec: spec.clone(),
                zone,
                calendars,
            }),
            _ => Err(wrong),
        }
    }

    /// What they were made of.
    pub fn spec(&self) -> &WindowsSpec {
        &self.spec
    }

    /// The zone in which their times are meant.
    pub fn zone(&self) -> &Zone {
        &self.zone
    }

    /// Whether the queue is served at an instant.
    pub fn is_open(&self, at: Timestamp) -> bool {
        self.span_at(at).is_some()
    }

    /// The span that an instant lies in, if any.
    pub fn span_at(&self, at: Timestamp) -> Option<Span> {
        let today = self.zone.local(at).date();
        let days = [today.yesterday().ok(), Some(today)].into_iter().flatten();
        let mut spans = days.flat_map(|day| self.spans_of(day));
        spans.find(|span| span.from <= at && at < span.until)
    }

    /// The first instant after `at` at which the queue opens or closes; `None` if there is none within three years.
    pub fn next_change(&self, at: Timestamp) -> Option<Timestamp> {
        let mut covered = at;
        let was_open = self.is_open(at);
        for span in self.from_day_of(at) {
            if span.until <= at {
                continue;
            }
            if !was_open {
                return Some(span.from);
            }
            if span.from > covered {
                return Some(covered);
            }
            covered = covered.max(span.until);
        }
        // Open, and no span in sight goes on from there.
        let horizon = at.checked_add((24 * i64::from(HORIZON_DAYS - 2)).hours());
        (was_open && horizon.is_ok_and(|horizon| covered < horizon)).then_some(covered)
    }

    /// The first instant from `at` on at which the queue is served; `None` if there is none within three years.
    pub fn next_opening(&self, at: Timestamp) -> Option<Timestamp> {
        if self.is_open(at) {
            return Some(at);
        }
        self.next_change(at)
    }

    /// The spans that begin on the days of an instant, the day before it, and after, by their beginning.
    pub fn from_day_of(&self, at: Timestamp) -> impl Iterator<Item = Span> {
        let first = self.zone.local(at).date();
        let days = (-1..HORIZON_DAYS).map_while(move |day| first.checked_add(day.days()).ok());
        days.flat_map(|day| self.spans_of(day))
    }

    /// The spans of the windows that begin on a day, by their beginning.
    pub fn spans_of(&self, day: Date) -> Vec<Span> {
        let hours: Vec<(Hours, Why)> = if let Some(place) = self.exception_of(day) {
            let hours = self.spec.exceptions[place].hours.iter();
            hours.map(|hours| (*hours, Why::Exception(place))).collect()
        } else {
            self.regular_hours(day)
        };
        let mut spans: Vec<Span> = hours
            .into_iter()
            .filter_map(|(hours, why)| self.span(day, hours, why))
            .collect();
        spans.sort_by_key(|span| span.from);
        spans
    }

    fn exception_of(&self, day: Date) -> Option<usize> {
        let mut exceptions = self.spec.exceptions.iter();
        exceptions.position(|exception| (exception.from..=exception.until).contains(&day))
    }

    fn regular_hours(&self, day: Date) -> Vec<(Hours, Why)> {
        let holiday = self.holiday_on(day);
        let kind = match &holiday {
            Some(_) => DayKind::Holiday,
            None => DayKind::of(day.weekday()),
        };
        let windows = self.spec.windows.iter().enumerate();
        let of_day = windows.filter(|(_, window)| window.days.contains(&kind));
        of_day
            .map(|(place, window)| {
                let why = match &holiday {
                    Some(name) => Why::Holiday(place, name.clone()),
                    None => Why::Weekly(place),
                };
                (window.hours, why)
            })
            .collect()
    }

    /// The name of the holiday that a day is in the queue's calendars.
    pub fn holiday_on(&self, day: Date) -> Option<String> {
        self.calendars.iter().find_map(|calendar| calendar.on(day))
    }

    /// The span of a day's hours; none if a clock change leaves nothing of them.
    fn span(&self, day: Date, hours: Hours, why: Why) -> Option<Span> {
        let from = self.zone.instant(local(day, hours.from_min)?);
        let over = if hours.is_over_midnight() { DAY_MIN } else { 0 };
        let until = self.zone.instant(local(day, hours.to_min + over)?);
        (from < until).then_some(Span { from, until, why })
    }
}

/// A local time by minutes since a day's midnight on the clock; 24:00 is the next day's 00:00.
fn local(day: Date, min: u16) -> Option<DateTime> {
    let day = day.checked_add(i32::from(min / DAY_MIN).days()).ok()?;
    let (hour, minute) = (min % DAY_MIN / 60, min % 60);
    Some(day.at(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0))
}
