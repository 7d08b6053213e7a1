//! Rules of repetition (RFC 5545, 3.3.10), day by day: a shift does not repeat within a day.
//!
//! Not the `rrule` crate: it brings `chrono-tz`, whose zones are out of date. Here days are expanded without any zone, within
//! limits that hold before the first is counted.

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};

use super::when::{self, When};
use crate::schedule::problem::{Fault, Kind, fault};

/// Days that a rule is followed for, unless the user says until when.
pub(super) const DAYS_USUAL: i64 = 731;
/// Times that a rule may ask for.
const COUNT_MAX: u64 = 10_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Every {
    Day,
    Week,
    Month,
    Year,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    every: Every,
    interval: i64,
    count: Option<u64>,
    pub(super) until: Option<When>,
    months: Vec<i8>,
    month_days: Vec<i16>,
    year_days: Vec<i16>,
    week_days: Vec<(i16, Weekday)>,
    places: Vec<i16>,
    week_start: Weekday,
}

fn bad(message: impl Into<String>, expected: &str) -> Fault {
    fault(Kind::Repetition, message, expected)
}

impl Rule {
    /// Reads a rule.
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let mut rule = Self {
            every: Every::Day,
            interval: 1,
            count: None,
            until: None,
            months: Vec::new(),
            month_days: Vec::new(),
            year_days: Vec::new(),
            week_days: Vec::new(),
            places: Vec::new(),
            week_start: Weekday::Monday,
        };
        let mut has_frequency = false;
        for part in text.split(';').filter(|part| !part.trim().is_empty()) {
            let Some((key, value)) = part.split_once('=') else {
                return Err(bad(
                    format!("`{part}` is no part of a rule"),
                    "parts like FREQ=WEEKLY",
                ));
            };
            has_frequency |= key.trim().eq_ignore_ascii_case("FREQ");
            rule.part(&key.trim().to_ascii_uppercase(), value.trim())?;
        }
        if !has_frequency {
            return Err(bad(
                "the rule does not say how often",
                "FREQ=DAILY, WEEKLY, MONTHLY or YEARLY",
            ));
        }
        if rule.every == Every::Day || rule.every == Every::Week {
            rule.week_days
                .iter_mut()
                .for_each(|(number, _)| *number = 0);
        }
        Ok(rule)
    }

    fn part(&mut self, key: &str, value: &str) -> Result<(), Fault> {
        match key {
            "FREQ" => self.every = every(value)?,
            "INTERVAL" => self.interval = whole(key, value, 1_000)?,
            "COUNT" => {
                let count: Option<u64> = value
                    .parse()
                    .ok()
                    .filter(|count| (1..=COUNT_MAX).contains(count));
                let fault = || {
                    bad(
                        format!("COUNT={value} is not within 1 to {COUNT_MAX}"),
                        "a count of so many, or UNTIL",
                    )
                };
                self.count = Some(count.ok_or_else(fault)?);
            }
            "UNTIL" => self.until = Some(when::one(value, None)?),
            "BYMONTH" => {
                self.months = numbers(key, value, 1, 12)?
                    .into_iter()
                    .filter_map(|month| i8::try_from(month).ok())
                    .collect();
            }
            "BYMONTHDAY" => self.month_days = numbers(key, value, -31, 31)?,
            "BYYEARDAY" => self.year_days = numbers(key, value, -366, 366)?,
            "BYSETPOS" => self.places = numbers(key, value, -366, 366)?,
            "BYDAY" => self.week_days = value.split(',').map(week_day).collect::<Result<_, _>>()?,
            "WKST" => self.week_start = week_day(value)?.1,
            "BYHOUR" | "BYMINUTE" | "BYSECOND" | "BYWEEKNO" => {
                return Err(bad(
                    format!("{key} is not taken in a rule of shifts"),
                    "BYDAY, BYMONTHDAY, BYMONTH, BYYEARDAY or BYSETPOS",
                ));
            }
            _ if key.starts_with("X-") => {}
            _ => {
                return Err(bad(
                    format!("`{key}` is no part of a rule"),
                    "FREQ, INTERVAL, COUNT, UNTIL, BYDAY, …",
                ));
            }
        }
        Ok(())
    }

    /// Its days from the first on, to `last` at most; and whether it would go on.
    pub(super) fn days(&self, first: Date, last: Date) -> (Vec<Date>, bool) {
        let mut days = Vec::new();
        let mut left = self.count.unwrap_or(u64::MAX);
        let mut period = self.period_of(first);
        while period <= last {
            for day in self.chosen(period, first) {
                if day < first {
                    continue;
                }
                if left == 0 {
                    return (days, false);
                }
                if day > last {
                    return (days, true);
                }
                days.push(day);
                left -= 1;
            }
            let Some(next) = self.next_period(period) else {
                break;
            };
            period = next;
        }
        (days, left > 0)
    }

    /// The first day of the period that a day is in.
    fn period_of(&self, day: Date) -> Date {
        match self.every {
            Every::Day => day,
            Every::Week => {
                let back = day.weekday().since(self.week_start);
                day.saturating_sub(i64::from(back).days())
            }
            Every::Month => day.first_of_month(),
            Every::Year => day.first_of_year(),
        }
    }

    fn next_period(&self, period: Date) -> Option<Date> {
        let by = self.interval;
        let span = match self.every {
            Every::Day => by.days(),
            Every::Week => (by * 7).days(),
            Every::Month => by.months(),
            Every::Year => by.years(),
        };
        period.checked_add(span).ok()
    }

    /// The days of a period, in order.
    fn chosen(&self, period: Date, first: Date) -> Vec<Date> {
        let length = match self.every {
            Every::Day => 1,
            Every::Week => 7,
            Every::Month => i64::from(period.days_in_month()),
            Every::Year => i64::from(period.days_in_year()),
        };
        let all = (0..length).filter_map(|day| period.checked_add(day.days()).ok());
        let fitting: Vec<Date> = all.filter(|day| self.fits(*day, first)).collect();
        if self.places.is_empty() {
            return fitting;
        }
        let count = i16::try_from(fitting.len()).unwrap_or(i16::MAX);
        let is_chosen = |at: usize| {
            let place = i16::try_from(at + 1).unwrap_or(i16::MAX);
            self.places.contains(&place) || self.places.contains(&(place - count - 1))
        };
        let numbered = fitting.into_iter().enumerate();
        numbered
            .filter(|(at, _)| is_chosen(*at))
            .map(|(_, day)| day)
            .collect()
    }

    fn fits(&self, day: Date, first: Date) -> bool {
        let both = |list: &[i16], number: i16, of: i16| {
            list.contains(&number) || list.contains(&(number - of - 1))
        };
        let is_free =
            self.week_days.is_empty() && self.month_days.is_empty() && self.year_days.is_empty();
        let (in_month, in_year) = (i16::from(day.days_in_month()), day.days_in_year());
        (self.months.is_empty() || self.months.contains(&day.month()))
            && (self.year_days.is_empty() || both(&self.year_days, day.day_of_year(), in_year))
            && (self.month_days.is_empty()
                || both(&self.month_days, i16::from(day.day()), in_month))
            && (self.week_days.is_empty() || self.fits_week_day(day))
            && (!is_free || self.fits_first(day, first))
    }

    /// Without a word about days they are those of the first one.
    fn fits_first(&self, day: Date, first: Date) -> bool {
        match self.every {
            Every::Day => true,
            Every::Week => day.weekday() == first.weekday(),
            Every::Month => day.day() == first.day(),
            Every::Year => {
                day.day() == first.day()
                    && (!self.months.is_empty() || day.month() == first.month())
            }
        }
    }

    fn fits_week_day(&self, day: Date) -> bool {
        // Counted within the month, or within the year if the rule is of years and names no month.
        let is_of_year = self.every == Every::Year && self.months.is_empty();
        let (number, length) = if is_of_year {
            (day.day_of_year(), day.days_in_year())
        } else {
            (i16::from(day.day()), i16::from(day.days_in_month()))
        };
        let from_start = (number - 1) / 7 + 1;
        let from_end = -((length - number) / 7 + 1);
        self.week_days.iter().any(|(nth, weekday)| {
            *weekday == day.weekday() && (*nth == 0 || *nth == from_start || *nth == from_end)
        })
    }
}

fn every(value: &str) -> Result<Every, Fault> {
    match value.to_ascii_uppercase().as_str() {
        "DAILY" => Ok(Every::Day),
        "WEEKLY" => Ok(Every::Week),
        "MONTHLY" => Ok(Every::Month),
        "YEARLY" => Ok(Every::Year),
        _ => Err(bad(
            format!("a shift does not repeat {value}"),
            "FREQ=DAILY, WEEKLY, MONTHLY or YEARLY",
        )),
    }
}

fn whole(key: &str, value: &str, most: i64) -> Result<i64, Fault> {
    let number: Option<i64> = value
        .parse()
        .ok()
        .filter(|number| (1..=most).contains(number));
    number.ok_or_else(|| {
        bad(
            format!("{key}={value} is not within 1 to {most}"),
            "a whole number",
        )
    })
}

fn numbers(key: &str, value: &str, least: i16, most: i16) -> Result<Vec<i16>, Fault> {
    let parse = |part: &str| {
        let number: Option<i16> = part.trim().parse().ok();
        let number = number.filter(|number| (least..=most).contains(number) && *number != 0);
        number.ok_or_else(|| {
            bad(
                format!("{key}={part} is not within {least} to {most}"),
                "whole numbers with commas",
            )
        })
    };
    value.split(',').map(parse).collect()
}

/// `MO`, `2TU`, `-1FR`.
fn week_day(text: &str) -> Result<(i16, Weekday), Fault> {
    let fault = || {
        bad(
            format!("`{text}` is no day of the week"),
            "MO, TU, WE, TH, FR, SA or SU, perhaps with a number before",
        )
    };
    let text = text.trim();
    let at = text
        .len()
        .checked_sub(2)
        .filter(|at| text.is_char_boundary(*at))
        .ok_or_else(fault)?;
    let weekday = match text[at..].to_ascii_uppercase().as_str() {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return Err(fault()),
    };
    let number = match &text[..at] {
        "" => 0,
        digits => digits
            .parse()
            .ok()
            .filter(|number| (-53..=53).contains(number))
            .ok_or_else(fault)?,
    };
    Ok((number, weekday))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::Rule;

    fn days(rule: &str, first: (i16, i8, i8)) -> String {
        let first = date(first.0, first.1, first.2);
        let (days, goes_on) = Rule::parse(rule).unwrap().days(first, date(2028, 12, 31));
        let shown: Vec<String> = days.iter().take(6).map(ToString::to_string).collect();
        format!("{}{}", shown.join(" "), if goes_on { " …" } else { "" })
    }

    #[test]
    fn rules_are_followed() {
        for (rule, first, expected) in [
            (
                "FREQ=DAILY;COUNT=3",
                (2026, 3, 28),
                "2026-03-28 2026-03-29 2026-03-30",
            ),
            (
                "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4",
                (2026, 3, 2),
                "2026-03-02 2026-03-04 2026-03-09 2026-03-11",
            ),
            (
                "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,MO;COUNT=4",
                (2026, 3, 1),
                "2026-03-01 2026-03-02 2026-03-15 2026-03-16",
            ),
            (
                "FREQ=MONTHLY;COUNT=3",
                (2026, 1, 31),
                "2026-01-31 2026-03-31 2026-05-31",
            ),
            (
                "FREQ=MONTHLY;BYDAY=-1FR;COUNT=2",
                (2026, 3, 27),
                "2026-03-27 2026-04-24",
            ),
            (
                "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2",
                (2026, 3, 31),
                "2026-03-31 2026-04-30",
            ),
            (
                "FREQ=YEARLY;COUNT=2",
                (2024, 2, 29),
                "2024-02-29 2028-02-29",
            ),
            (
                "FREQ=YEARLY;BYYEARDAY=-1;COUNT=2",
                (2026, 12, 31),
                "2026-12-31 2027-12-31",
            ),
            (
                "FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR;COUNT=2",
                (2026, 3, 13),
                "2026-03-13 2026-11-13",
            ),
        ] {
            assert_eq!(days(rule, first), expected, "{rule}");
        }
        assert!(days("FREQ=DAILY", (2026, 3, 1)).ends_with('…'));
    }

    #[test]
    fn what_has_no_end_or_no_sense_is_refused() {
        for (rule, part) in [
            ("FREQ=SECONDLY", "does not repeat SECONDLY"),
            ("FREQ=HOURLY;COUNT=2", "does not repeat HOURLY"),
            ("FREQ=DAILY;COUNT=1000000000", "COUNT=1000000000"),
            ("FREQ=DAILY;COUNT=0", "COUNT=0"),
            ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0"),
            ("FREQ=DAILY;BYHOUR=1,2", "BYHOUR"),
            ("COUNT=2", "how often"),
            ("FREQ=WEEKLY;BYDAY=XX", "`XX`"),
            ("FREQ=DAILY;BYMONTH=13", "BYMONTH=13"),
            ("FREQ", "no part"),
            ("FREQ=DAILY;UNTIL=x", "`x`"),
        ] {
            let message = Rule::parse(rule).unwrap_err().message;
            assert!(message.contains(part), "{rule}: {message}");
        }
    }
}
