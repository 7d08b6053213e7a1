//! Dates as people write them: ISO, French, with names of months and days in French and English.

use std::ops::RangeInclusive;

use jiff::civil::{self, Weekday};

use super::{
    problem::{Fault, Kind, fault},
    words::folded,
};

/// The years that a schedule may be in.
pub(super) const YEARS: RangeInclusive<i16> = 2000..=2099;

const MONTHS: [&[&str]; 12] = [
    &["janvier", "january", "janv", "jan"],
    &["fevrier", "february", "fevr", "fev", "feb"],
    &["mars", "march", "mar"],
    &["avril", "april", "avr", "apr"],
    &["mai", "may"],
    &["juin", "june", "jun"],
    &["juillet", "july", "juil", "jul"],
    &["aout", "august", "aou", "aug"],
    &["septembre", "september", "sept", "sep"],
    &["octobre", "october", "oct"],
    &["novembre", "november", "nov"],
    &["decembre", "december", "dec"],
];

const WEEKDAYS: [&[&str]; 7] = [
    &["lundi", "monday", "lun", "mon"],
    &["mardi", "tuesday", "mar", "tue", "tues"],
    &["mercredi", "wednesday", "mer", "wed"],
    &["jeudi", "thursday", "jeu", "thu", "thur", "thurs"],
    &["vendredi", "friday", "ven", "fri"],
    &["samedi", "saturday", "sam", "sat"],
    &["dimanche", "sunday", "dim", "sun"],
];

fn place_of(names: &[&[&str]], word: &str) -> Option<i8> {
    let at = names.iter().position(|names| names.contains(&word))?;
    i8::try_from(at + 1).ok()
}

/// The weekday of this name.
pub(super) fn weekday(text: &str) -> Option<Weekday> {
    let word = folded(text);
    let number = place_of(&WEEKDAYS, word.trim_end_matches('.'))?;
    Weekday::from_monday_one_offset(number).ok()
}

/// What is right instead.
const RIGHT: &str = "write it like 2026-03-02 or 02/03/2026 (day, month, year)";

fn bad(message: impl Into<String>) -> Fault {
    fault(Kind::Date, message, RIGHT)
}

/// Reads a date. `Err(None)` if the text does not look like one at all.
pub(super) fn read(text: &str) -> Result<civil::Date, Option<Fault>> {
    if let Some((year, month, day)) = fixed(text.as_bytes()) {
        return checked(year, month, day).map_err(Some);
    }
    spelled(&folded(text))
}

/// `2026-03-02` or `02/03/2026`, as nearly all files have it.
fn fixed(text: &[u8]) -> Option<(i32, i32, i32)> {
    let number = |range: std::ops::Range<usize>| -> Option<i32> {
        let mut value = 0;
        for byte in &text[range] {
            value = value * 10 + i32::from(byte.is_ascii_digit().then(|| byte - b'0')?);
        }
        Some(value)
    };
    match text {
        [_, _, _, _, b'-', _, _, b'-', _, _] => {
            Some((number(0..4)?, number(5..7)?, number(8..10)?))
        }
        [_, _, b'/', _, _, b'/', _, _, _, _] => {
            Some((number(6..10)?, number(3..5)?, number(0..2)?))
        }
        _ => None,
    }
}

fn checked(year: i32, month: i32, day: i32) -> Result<civil::Date, Fault> {
    let narrow = |number: i32| i8::try_from(number).unwrap_or(i8::MAX);
    let year = i16::try_from(year).unwrap_or(i16::MAX);
    if !YEARS.contains(&year) && !is_epoch(year) {
        return Err(bad(format!("the year {year} is not within 2000 to 2099")));
    }
    let (month, day) = (narrow(month), narrow(day));
    let Ok(first) = civil::Date::new(year, month, 1) else {
        return Err(bad(format!("there is no month {month}")));
    };
    civil::Date::new(year, month, day).map_err(|_| {
        let last = first.last_of_month();
        bad(format!(
            "there is no day {day} in this month: its last is {last}"
        ))
    })
}

/// Years of the days from which workbooks count: programs that export a time alone put one of them before it.
pub(super) fn is_epoch(year: i16) -> bool {
    matches!(year, 1899 | 1900 | 1904)
}

/// Reads what is not of a fixed form; the text is folded.
fn spelled(text: &str) -> Result<civil::Date, Option<Fault>> {
    let spaced = text.replace(',', " ");
    let mut words: Vec<&str> = spaced.split_whitespace().collect();
    let mut named = None;
    if let Some(first) = words.first().filter(|_| words.len() > 1) {
        named = weekday(first);
        if named.is_some() {
            words.remove(0);
        }
    }
    let parts: Vec<&str> = match words[..] {
        [one] => one.split(['-', '/', '.']).collect(),
        _ => words,
    };
    let date = match parts[..] {
        [compact] if compact.len() == 8 => {
            let number: i32 = compact.parse().map_err(|_| None)?;
            checked(number / 10_000, number / 100 % 100, number % 100)
        }
        [a, b, c] => three(a, b, c).ok_or(None)?,
        _ => return Err(None),
    };
    let date = date.map_err(Some)?;
    match named.filter(|named| *named != date.weekday()) {
        Some(_) => {
            let text = format!(
                "{date} is no {}",
                spaced.split_whitespace().next().unwrap_or("")
            );
            Err(Some(bad(text)))
        }
        None => Ok(date),
    }
}

/// `2026 3 2`, `2 3 2026`, `2 mars 2026` or `march 2 2026`. `None` if these are no parts of a date.
fn three(a: &str, b: &str, c: &str) -> Option<Result<civil::Date, Fault>> {
    let month = |word: &str| place_of(&MONTHS, word.trim_end_matches('.')).map(i32::from);
    let day = |word: &str| {
        let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let ending = &word[digits.len()..];
        let is_day = matches!(ending, "" | "er" | "st" | "nd" | "rd" | "th") && digits.len() <= 2;
        is_day.then(|| digits.parse::<i32>().ok()).flatten()
    };
    let year = |word: &str| match (word.len(), word.parse::<i32>()) {
        (4, Ok(year)) => Some(year),
        (2, Ok(year)) => Some(2000 + year),
        _ => None,
    };
    if let Some(month) = month(b) {
        return Some(checked(year(c)?, month, day(a)?));
    }
    if let Some(month) = month(a) {
        return Some(checked(year(c)?, month, day(b)?));
    }
    let numbers = [a, b, c].map(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    if numbers != [true; 3] {
        return None;
    }
    if a.len() == 4 {
        return Some(checked(a.parse().ok()?, b.parse().ok()?, c.parse().ok()?));
    }
    Some(checked(year(c)?, b.parse().ok()?, day(a)?))
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Weekday, date};

    use super::{read, weekday};

    #[test]
    fn dates_are_read_as_people_write_them() {
        for text in [
            "2026-03-02",
            "02/03/2026",
            "2/3/2026",
            "02.03.2026",
            "02-03-2026",
            "2026/03/02",
            "20260302",
            "02/03/26",
            "2 mars 2026",
            "lundi 2 mars 2026",
            "Lun. 02/03/2026",
            "Monday, March 2, 2026",
            "2 Mar 2026",
            "02-mars-26",
            "Mon 2nd March 2026",
        ] {
            assert_eq!(read(text), Ok(date(2026, 3, 2)), "{text}");
        }
        assert_eq!(read("1er août 2026"), Ok(date(2026, 8, 1)));
        assert_eq!(read("mar. 3 mars 2026"), Ok(date(2026, 3, 3)));
        assert_eq!(read("29/02/2028"), Ok(date(2028, 2, 29)));
    }

    #[test]
    fn what_is_no_date_is_told() {
        for (text, part) in [
            (
                "31/02/2026",
                "no day 31 in this month: its last is 2026-02-28",
            ),
            ("29/02/2026", "no day 29"),
            ("03/14/2026", "no month 14"),
            ("2026-13-01", "no month 13"),
            ("0206-03-02", "year 206"),
            ("mardi 2 mars 2026", "2026-03-02 is no mardi"),
        ] {
            let fault = read(text).unwrap_err().unwrap();
            assert!(fault.message.contains(part), "{text}: {}", fault.message);
        }
        for text in [
            "",
            "x",
            "mars",
            "2 foo 2026",
            "1/2",
            "12345678901",
            "a/b/c",
            "17:30",
        ] {
            assert_eq!(read(text), Err(None), "{text}");
        }
    }

    #[test]
    fn days_have_names() {
        assert_eq!(weekday("Mercredi"), Some(Weekday::Wednesday));
        assert_eq!(weekday("sun."), Some(Weekday::Sunday));
        assert_eq!(weekday("2026-03-02"), None);
    }
}
