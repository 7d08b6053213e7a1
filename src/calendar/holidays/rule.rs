//! The day of a holiday: a rule in a few words, and its date in a year.

use jiff::{
    ToSpan as _,
    civil::{Date, Weekday},
};

use crate::calendar::easter::{Church, easter};

/// What a rule may look like, for messages.
pub(super) const FORMS: &str = "write `12-25`, `2026-05-27`, `easter+1`, `orthodox easter-2`, `first monday of may`, \
    `last monday of may`, `monday on or after 05-18` or `monday on or before 05-24`";

/// The furthest that a feast may lie before and after Easter, so that it stays in Easter's year.
const EASTER_REACH: std::ops::RangeInclusive<i16> = -80..=235;

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const ORDINALS: [(&str, i8); 6] = [
    ("first", 1),
    ("second", 2),
    ("third", 3),
    ("fourth", 4),
    ("fifth", 5),
    ("last", -1),
];

/// Which day of a year it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// A day of the year; 29 February only where there is one.
    Fixed { month: i8, day: i8 },
    /// A day of one year.
    Once(Date),
    /// Days after Easter Sunday; before it if negative.
    Easter { church: Church, days: i16 },
    /// The nth such weekday of a month; -1 is the last. A fifth that a month has not is no day.
    Nth {
        nth: i8,
        weekday: Weekday,
        month: i8,
    },
    /// The first such weekday from a day on, or the last one up to it.
    Near {
        weekday: Weekday,
        is_after: bool,
        month: i8,
        day: i8,
    },
}

impl Rule {
    /// Reads the words of a rule.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        fixed(&text)
            .or_else(|| text.parse().ok().map(Self::Once))
            .or_else(|| relative(&text))
            .or_else(|| by_weekday(&text))
    }

    /// The day in a year, if it has one.
    pub(super) fn in_year(self, year: i16) -> Option<Date> {
        match self {
            Self::Fixed { month, day } => Date::new(year, month, day).ok(),
            Self::Once(date) => Some(date).filter(|date| date.year() == year),
            Self::Easter { church, days } => easter(church, year)?
                .checked_add(i64::from(days).days())
                .ok(),
            Self::Nth {
                nth,
                weekday,
                month,
            } => Date::new(year, month, 1)
                .ok()?
                .nth_weekday_of_month(nth, weekday)
                .ok(),
            Self::Near {
                weekday,
                is_after,
                month,
                day,
            } => near(Date::new(year, month, day).ok()?, weekday, is_after),
        }
    }
}

/// The nearest such weekday, the day itself included.
fn near(day: Date, weekday: Weekday, is_after: bool) -> Option<Date> {
    if day.weekday() == weekday {
        return Some(day);
    }
    day.nth_weekday(if is_after { 1 } else { -1 }, weekday).ok()
}

/// `12-25`.
fn fixed(text: &str) -> Option<Rule> {
    let (month, day) = month_and_day(text)?;
    Some(Rule::Fixed { month, day })
}

/// A day that at least leap years have.
fn month_and_day(text: &str) -> Option<(i8, i8)> {
    let (month, day) = text.split_once('-')?;
    let of = |digits: &str| (digits.len() == 2).then(|| digits.parse::<i8>().ok())?;
    let (month, day) = (of(month)?, of(day)?);
    Date::new(2024, month, day).ok().map(|_| (month, day))
}

/// `easter+39`, `orthodox easter - 2`, `easter`.
fn relative(text: &str) -> Option<Rule> {
    let (church, rest) = match text.strip_prefix("orthodox") {
        Some(rest) => (Church::Orthodox, rest.trim_start()),
        None => (Church::Western, text),
    };
    let offset: String = rest.strip_prefix("easter")?.split_whitespace().collect();
    let days = match offset.as_str() {
        "" => 0,
        signed if signed.starts_with(['+', '-']) => signed.parse().ok()?,
        _ => return None,
    };
    EASTER_REACH
        .contains(&days)
        .then_some(Rule::Easter { church, days })
}

/// `first monday of may`, `monday on or after 05-18`.
fn by_weekday(text: &str) -> Option<Rule> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words[..] {
        [nth, day, "of", month] => Some(Rule::Nth {
            nth: ORDINALS.iter().find(|(word, _)| *word == nth)?.1,
            weekday: weekday(day)?,
            month: i8::try_from(MONTHS.iter().position(|word| *word == month)? + 1).ok()?,
        }),
        [name, "on", "or", side @ ("after" | "before"), day] => {
            let (month, day) = month_and_day(day)?;
            Some(Rule::Near {
                weekday: weekday(name)?,
                is_after: side == "after",
                month,
                day,
            })
        }
        _ => None,
    }
}

/// A weekday by its English name.
pub(super) fn weekday(name: &str) -> Option<Weekday> {
    let name = name.trim().to_ascii_lowercase();
    let found = WEEKDAYS.iter().find(|(word, _)| *word == name);
    found.map(|(_, weekday)| *weekday)
}

#[cfg(test)]
mod tests {
    use super::Rule;

    #[test]
    fn a_rule_gives_the_day_of_each_year() {
        let rows = [
            ("12-25", 2026, Some("2026-12-25")),
            ("02-29", 2026, None),
            ("02-29", 2028, Some("2028-02-29")),
            ("2026-05-27", 2026, Some("2026-05-27")),
            ("2026-05-27", 2027, None),
            ("easter", 2026, Some("2026-04-05")),
            ("easter+39", 2026, Some("2026-05-14")),
            ("Easter - 24", 2026, Some("2026-03-12")),
            ("orthodox easter-2", 2026, Some("2026-04-10")),
            ("first monday of may", 2026, Some("2026-05-04")),
            ("last Monday of May", 2027, Some("2027-05-31")),
            ("fifth friday of february", 2026, None),
            ("fifth sunday of may", 2026, Some("2026-05-31")),
            ("monday on or after 05-18", 2026, Some("2026-05-18")),
            ("monday on or after 05-19", 2026, Some("2026-05-25")),
            ("monday on or before 05-24", 2026, Some("2026-05-18")),
            ("friday on or after 12-31", 2026, Some("2027-01-01")),
        ];
        for (text, year, date) in rows {
            let rule = Rule::parse(text).unwrap_or_else(|| panic!("{text}"));
            let found = rule.in_year(year).map(|date| date.to_string());
            assert_eq!(found.as_deref(), date, "{text} in {year}");
        }
    }

    #[test]
    fn other_words_are_no_rule() {
        for text in [
            "",
            "12",
            "13-01",
            "02-30",
            "4-31",
            "1-1",
            "2026-02-29",
            "easter1",
            "easter+",
            "easter+400",
            "pascha+1",
            "sixth monday of may",
            "first mon of may",
            "first monday of mai",
            "monday on or after easter",
        ] {
            assert_eq!(Rule::parse(text), None, "{text}");
        }
    }
}
