//! The yearly repetition of an event of iCalendar (RFC 5545, 3.3.10).

use jiff::civil::{Date, Weekday};

/// A repetition without an end is taken up to this year.
const LAST_YEAR: i16 = 2100;

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Monday),
    ("TU", Weekday::Tuesday),
    ("WE", Weekday::Wednesday),
    ("TH", Weekday::Thursday),
    ("FR", Weekday::Friday),
    ("SA", Weekday::Saturday),
    ("SU", Weekday::Sunday),
];

/// Each year on the same day, or on days of named months.
#[derive(Debug, Default)]
pub(super) struct Yearly {
    interval: Option<i16>,
    count: Option<usize>,
    until: Option<Date>,
    months: Vec<i8>,
    month_days: Vec<i8>,
    /// The nth such weekday of the month, from the end if negative.
    weekdays: Vec<(i8, Weekday)>,
}

impl Yearly {
    /// Reads a rule; why not if it is another.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut yearly = Self::default();
        let mut is_yearly = false;
        for part in text.split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            match name.to_ascii_uppercase().as_str() {
                "FREQ" => is_yearly = value.eq_ignore_ascii_case("yearly"),
                "WKST" => {}
                name => yearly.take(name, value).ok_or_else(|| {
                    format!("`{part}` of `RRULE` is nothing that a holiday file may have")
                })?,
            }
        }
        if !is_yearly {
            return Err("`RRULE` must have `FREQ=YEARLY`".to_owned());
        }
        if !yearly.weekdays.is_empty() && yearly.months.is_empty() {
            return Err("`BYDAY` of `RRULE` needs `BYMONTH`".to_owned());
        }
        Ok(yearly)
    }

    fn take(&mut self, name: &str, value: &str) -> Option<()> {
        match name {
            "INTERVAL" => self.interval = Some(value.parse().ok().filter(|years| *years > 0)?),
            "COUNT" => self.count = Some(value.parse().ok().filter(|count| *count > 0)?),
            "UNTIL" => self.until = Some(value.get(..8)?.parse().ok()?),
            "BYMONTH" => self.months = list(value, |month| (1..=12).contains(month))?,
            "BYMONTHDAY" => {
                self.month_days = list(value, |day| *day != 0 && (-31..=31).contains(day))?;
            }
            "BYDAY" => self.weekdays = value.split(',').map(weekday).collect::<Option<_>>()?,
            _ => return None,
        }
        Some(())
    }

    /// All days of an event that begins on `start`, which is the first of them.
    pub(super) fn days(&self, start: Date) -> Vec<Date> {
        let last_year = self.until.map_or(LAST_YEAR, Date::year);
        let interval = self.interval.unwrap_or(1);
        let years = (start.year()..=last_year).step_by(usize::from(interval.unsigned_abs()));
        let days = years.flat_map(|year| self.of_year(start, year));
        let mut days: Vec<Date> = [start].into_iter().chain(days).collect();
        days.retain(|day| *day >= start && self.until.is_none_or(|until| *day <= until));
        days.sort();
        days.dedup();
        days.truncate(self.count.unwrap_or(usize::MAX));
        days
    }

    fn of_year(&self, start: Date, year: i16) -> Vec<Date> {
        let own = [start.month()];
        let months = if self.months.is_empty() {
            &own[..]
        } else {
            &self.months
        };
        let firsts = months
            .iter()
            .filter_map(|month| Date::new(year, *month, 1).ok());
        firsts
            .flat_map(|first| self.of_month(start, first))
            .collect()
    }

    fn of_month(&self, start: Date, first: Date) -> Vec<Date> {
        if self.weekdays.is_empty() {
            let own = [start.day()];
            let days = if self.month_days.is_empty() {
                &own[..]
            } else {
                &self.month_days
            };
            let on = |day: &i8| {
                let from_end = first.days_in_month() + 1 + day;
                Date::new(
                    first.year(),
                    first.month(),
                    if *day < 0 { from_end } else { *day },
                )
                .ok()
            };
            return days.iter().filter_map(on).collect();
        }
        let nth = |(nth, weekday): &(i8, Weekday)| first.nth_weekday_of_month(*nth, *weekday).ok();
        let days = self.weekdays.iter().filter_map(nth);
        days.filter(|day| self.month_days.is_empty() || self.month_days.contains(&day.day()))
            .collect()
    }
}

fn list(text: &str, is_right: impl Fn(&i8) -> bool) -> Option<Vec<i8>> {
    let numbers = text
        .split(',')
        .map(|number| number.parse().ok().filter(&is_right));
    numbers.collect()
}

/// `2MO`, `-1SU`.
fn weekday(text: &str) -> Option<(i8, Weekday)> {
    let (nth, name) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let nth = nth
        .parse()
        .ok()
        .filter(|nth: &i8| *nth != 0 && nth.abs() <= 5)?;
    let found = WEEKDAYS
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(name));
    found.map(|(_, weekday)| (nth, *weekday))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::Yearly;

    fn days(rule: &str) -> String {
        let days = Yearly::parse(rule).unwrap().days(date(2024, 2, 29));
        let days: Vec<String> = days.iter().map(ToString::to_string).collect();
        days.join(" ")
    }

    #[test]
    fn a_year_s_days_follow_from_the_rule() {
        for (rule, expected) in [
            ("FREQ=YEARLY;COUNT=2", "2024-02-29 2028-02-29"),
            ("FREQ=YEARLY;UNTIL=20280228T235959Z", "2024-02-29"),
            (
                "FREQ=YEARLY;INTERVAL=3;BYMONTH=5;BYDAY=-1MO;COUNT=3",
                "2024-02-29 2024-05-27 2027-05-31",
            ),
            (
                "FREQ=YEARLY;BYMONTH=2,12;BYMONTHDAY=-1;COUNT=3",
                "2024-02-29 2024-12-31 2025-02-28",
            ),
        ] {
            assert_eq!(days(rule), expected, "{rule}");
        }
        assert!(days("FREQ=YEARLY").ends_with(" 2096-02-29"));
    }

    #[test]
    fn other_repetitions_are_refused() {
        for rule in [
            "",
            "FREQ=DAILY",
            "FREQ=YEARLY;COUNT=0",
            "FREQ=YEARLY;BYWEEKNO=20",
            "FREQ=YEARLY;BYDAY=1MO",
            "FREQ=YEARLY;BYMONTH=13",
            "FREQ=YEARLY;BYMONTH=5;BYDAY=MO",
            "FREQ=YEARLY;INTERVAL=0",
        ] {
            assert!(Yearly::parse(rule).is_err(), "{rule}");
        }
    }
}
