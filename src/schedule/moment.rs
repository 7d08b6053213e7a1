//! Dates and times of day in cells: typed, as serial numbers, or as text of many forms.

use jiff::{Timestamp, civil};

use super::{
    cell::{Cell, DAY, Epoch, split_serial},
    date,
    problem::{Fault, Kind, fault},
    words::folded,
};
use crate::calendar::zone::Zone;

/// What a cell says of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// A day.
    Date(civil::Date),
    /// Seconds since midnight: to 86,400 in text, which is the end of the day; a workbook may count on to below 48 h.
    Time(i64),
    /// A day and seconds since its midnight.
    Local(civil::Date, i64),
    /// An instant, by its offset from UTC.
    Instant(Timestamp),
}

const RIGHT: &str = "write it like 17:30 or 17h30, from 00:00 to 24:00";

fn bad(message: impl Into<String>) -> Fault {
    fault(Kind::Time, message, RIGHT)
}

/// Reads a cell that is not blank.
pub(super) fn read(cell: &Cell<'_>, epoch: Epoch) -> Result<Moment, Fault> {
    match cell {
        Cell::Empty => Err(bad("is empty")),
        Cell::Error(_) => Err(bad("is the error of a formula")),
        Cell::Number(number) => serial(*number, epoch).ok_or_else(no_moment),
        Cell::Text(text) => read_text(text.trim(), epoch),
    }
}

fn no_moment() -> Fault {
    fault(
        Kind::Time,
        "is neither a date nor a time",
        "write a date like 2026-03-02 or 02/03/2026, a time like 17:30 or 17h30",
    )
}

/// A number of a workbook: a part of a day below 2, else the number of a day with its part.
fn serial(number: f64, epoch: Epoch) -> Option<Moment> {
    let (day, seconds) = split_serial(number)?;
    if day < 2 {
        return Some(Moment::Time(day * DAY + seconds));
    }
    let date = epoch.date(day)?;
    Some(match seconds {
        0 => Moment::Date(date),
        _ => Moment::Local(date, seconds),
    })
}

/// Reads text.
pub(super) fn read_text(text: &str, epoch: Epoch) -> Result<Moment, Fault> {
    if let Some(seconds) = fixed_time(text.as_bytes()) {
        return time_checked(seconds).map(Moment::Time);
    }
    if is_decimal(text) {
        let number = text.replace(',', ".").parse().ok();
        let moment = number.and_then(|number| serial(number, epoch));
        return moment.ok_or_else(|| whole_hour(text).unwrap_or_else(no_moment));
    }
    match date::read(text) {
        Ok(date) => return Ok(Moment::Date(date)),
        Err(Some(fault)) => return Err(fault),
        Err(None) => {}
    }
    let text = folded(text);
    if let Some(read) = spelled_time(&text) {
        return read.map(Moment::Time);
    }
    with_date(&text).unwrap_or_else(|| Err(no_moment()))
}

/// `17:30` and `17h30`: hours, minutes.
fn fixed_time(text: &[u8]) -> Option<(i64, i64, i64)> {
    let two = |tens: u8, ones: u8| {
        let are_digits = tens.is_ascii_digit() && ones.is_ascii_digit();
        are_digits.then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
    };
    match *text {
        [a, b, b':' | b'h' | b'H', c, d] => Some((two(a, b)?, two(c, d)?, 0)),
        [_, _, b':', _, _, b':', tens, ones] => {
            let (hours, minutes, _) = fixed_time(&text[..5])?;
            Some((hours, minutes, two(tens, ones)?))
        }
        _ => None,
    }
}

fn time_checked((hours, minutes, seconds): (i64, i64, i64)) -> Result<i64, Fault> {
    let all = hours * 3_600 + minutes * 60 + seconds;
    if minutes > 59 || seconds > 59 {
        return Err(bad("minutes and seconds go to 59"));
    }
    if all > DAY {
        return Err(fault(
            Kind::Time,
            "hours go to 24:00, the end of the day",
            "write a time of the next day like 02:00: an end not after the start is on the next day",
        ));
    }
    Ok(all)
}

/// Whether it is a decimal number with a point or a comma.
fn is_decimal(text: &str) -> bool {
    let is_number = text.bytes().any(|byte| byte.is_ascii_digit())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b',');
    // Eight digits are a date without marks.
    let is_date = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let marks = text.bytes().filter(|byte| !byte.is_ascii_digit());
    is_number && !is_date && marks.count() <= 1
}

/// A number such as 9 or 1730, which might be meant as an hour: said, not guessed.
fn whole_hour(text: &str) -> Option<Fault> {
    let number: u32 = text.parse().ok()?;
    let meant = match (text.len(), number) {
        (1 | 2, 0..=24) => format!("{number:02}:00"),
        (3 | 4, 0..=2400) if number % 100 < 60 => {
            format!("{:02}:{:02}", number / 100, number % 100)
        }
        _ => return None,
    };
    Some(fault(
        Kind::Time,
        "a bare number may be an hour, a day or a part of a day",
        format!("if it is a time, write {meant}"),
    ))
}

/// `7:30`, `17 h`, `17h30min`, `17:30:00.0`, `5:30 pm`: folded. `None` if it does not look like a time.
fn spelled_time(text: &str) -> Option<Result<i64, Fault>> {
    let text = text.trim();
    let (text, half) = match text
        .strip_suffix("am")
        .or_else(|| text.strip_suffix("a.m."))
    {
        Some(rest) => (rest.trim(), Some(0)),
        None => match text
            .strip_suffix("pm")
            .or_else(|| text.strip_suffix("p.m."))
        {
            Some(rest) => (rest.trim(), Some(12)),
            None => (text, None),
        },
    };
    let without_blanks: String = text.chars().filter(|c| *c != ' ').collect();
    let mut parts = without_blanks.splitn(2, [':', 'h']);
    let hours = parts.next().filter(|part| is_digits(part, 2))?;
    let Some(rest) = parts.next() else {
        // `5 pm` is a time, 5 alone is not.
        return half.map(|half| half_day(hours, "0", "0", half));
    };
    let rest = rest.trim_end_matches("min").trim_end_matches('s');
    let (minutes, seconds) = match rest.split_once([':', 'm']) {
        Some((minutes, seconds)) => (minutes, seconds),
        None => (rest, ""),
    };
    let seconds = seconds
        .split_once(['.', ','])
        .map_or(seconds, |(whole, parts)| {
            if parts.bytes().all(|byte| byte == b'0') {
                whole
            } else {
                "x"
            }
        });
    let is_hour = without_blanks.contains('h');
    let minutes = match minutes {
        "" if is_hour && seconds.is_empty() => "00",
        _ => minutes,
    };
    let seconds = if seconds.is_empty() { "00" } else { seconds };
    if minutes.len() != 2 || !is_digits(minutes, 2) || !is_digits(seconds, 2) {
        let may_be = minutes
            .bytes()
            .chain(seconds.bytes())
            .all(|byte| byte.is_ascii_digit());
        return may_be.then(|| Err(bad("minutes have two digits")));
    }
    Some(match half {
        Some(half) => half_day(hours, minutes, seconds, half),
        None => time_checked((number(hours), number(minutes), number(seconds))),
    })
}

fn half_day(hours: &str, minutes: &str, seconds: &str, half: i64) -> Result<i64, Fault> {
    match number(hours) {
        hours @ 1..=12 => time_checked((hours % 12 + half, number(minutes), number(seconds))),
        _ => Err(bad("hours with am or pm go from 1 to 12")),
    }
}

fn is_digits(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn number(digits: &str) -> i64 {
    digits.parse().unwrap_or(i64::MAX / 10_000)
}

/// A date, then a time, perhaps with an offset from UTC: folded. `None` if it does not look like that.
fn with_date(text: &str) -> Option<Result<Moment, Fault>> {
    let places = text.match_indices([' ', 't']).map(|(at, _)| at);
    for at in places {
        let (day, rest) = (text[..at].trim(), text[at + 1..].trim());
        let day = match date::read(day) {
            Ok(day) => day,
            // A word of the date may follow, as in `2 mars 2026 17:30`.
            Err(None) => continue,
            Err(Some(fault)) => return Some(Err(fault)),
        };
        let rest = rest.strip_prefix("a ").unwrap_or(rest).trim();
        let (clock, offset) = split_offset(rest);
        let Some(time) = spelled_time(clock) else {
            continue;
        };
        return Some(time.and_then(|time| match offset {
            None if date::is_epoch(day.year()) => Ok(Moment::Time(time)),
            None => Ok(Moment::Local(day, time)),
            Some(offset) => instant(day, time, offset).ok_or_else(no_moment),
        }));
    }
    None
}

/// Splits `17:30+01:00` and `17:30z`.
fn split_offset(text: &str) -> (&str, Option<&str>) {
    if let Some(clock) = text.strip_suffix('z') {
        return (clock.trim(), Some("+00:00"));
    }
    match text.rfind(['+', '-']) {
        Some(at) if at > 0 => (text[..at].trim(), Some(&text[at..])),
        _ => (text, None),
    }
}

fn instant(day: civil::Date, time: i64, offset: &str) -> Option<Moment> {
    let digits: String = offset[1..].chars().filter(|c| *c != ':').collect();
    let number: i64 = digits.parse().ok()?;
    let (hours, minutes) = match digits.len() {
        2 => (number, 0),
        4 => (number / 100, number % 100),
        _ => return None,
    };
    if hours > 18 || minutes > 59 {
        return None;
    }
    let east = (hours * 3_600 + minutes * 60) * if offset.starts_with('-') { -1 } else { 1 };
    let midnight = Zone::utc().day_start(day);
    let second = midnight.as_second() + time - east;
    Timestamp::from_second(second).ok().map(Moment::Instant)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{Moment, read, read_text};
    use crate::schedule::cell::{Cell, Epoch};

    fn text(text: &str) -> Result<Moment, String> {
        read_text(text, Epoch::Of1900).map_err(|fault| fault.message)
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        for written in [
            "17:30",
            "17h30",
            "17H30",
            "17 h 30",
            "17:30:00",
            "17h30min",
            "5:30 PM",
            "17:30:00.000",
            "0,729166666666667",
            "0.7291666666666666",
            "17\u{a0}h\u{202f}30",
            "1899-12-30 17:30:00",
            "1900-01-01T17:30",
            "5:30pm",
        ] {
            assert_eq!(text(written), Ok(Moment::Time(63_000)), "{written}");
        }
        for (written, seconds) in [
            ("7:30", 27_000),
            ("7h", 25_200),
            ("17h", 61_200),
            ("24:00", 86_400),
            ("24h", 86_400),
            ("24h00", 86_400),
            ("00:00", 0),
            ("12:00 am", 0),
            ("12:15 pm", 44_100),
            ("17:30:45", 63_045),
            ("0", 0),
            ("1", 86_400),
            ("1,0", 86_400),
            ("1.0833333333", 93_600),
        ] {
            assert_eq!(text(written), Ok(Moment::Time(seconds)), "{written}");
        }
    }

    #[test]
    fn dates_with_times_are_read() {
        let local = Ok(Moment::Local(date(2026, 3, 2), 63_000));
        for written in [
            "2026-03-02T17:30",
            "2026-03-02 17:30:00",
            "02/03/2026 17h30",
            "02/03/2026 à 17:30",
            "2 mars 2026 17h30",
            "46083,7291666667",
            "2026-03-02T17:30:00.000",
            "lun. 2 mars 2026 17:30",
            "2 August 2026 17:30",
        ] {
            let expected = if written.contains("August") {
                Ok(Moment::Local(date(2026, 8, 2), 63_000))
            } else {
                local.clone()
            };
            assert_eq!(text(written), expected, "{written}");
        }
        let instant = Ok(Moment::Instant("2026-03-02T16:30:00Z".parse().unwrap()));
        for written in [
            "2026-03-02T17:30:00+01:00",
            "2026-03-02T16:30Z",
            "2026-03-02 11:00-0530",
        ] {
            assert_eq!(text(written), instant, "{written}");
        }
        assert_eq!(text("46083"), Ok(Moment::Date(date(2026, 3, 2))));
        assert_eq!(text("02/03/2026"), Ok(Moment::Date(date(2026, 3, 2))));
    }

    #[test]
    fn what_is_no_time_is_told() {
        for (written, part) in [
            ("24:01", "hours go to 24:00"),
            ("25:00", "hours go to 24:00"),
            ("17:60", "minutes"),
            ("17h6", "two digits"),
            ("9", "bare number"),
            ("1730", "bare number"),
            ("x", "neither"),
            ("13:00 pm", "am or pm"),
            ("17,5", "neither"),
            ("31/02/2026 17:30", "no day 31"),
            ("-1", "neither"),
            ("17:", "two digits"),
            ("2026-03-02 25:00", "hours go"),
            ("99999999999", "neither"),
            ("2026-03-02T17:30+99:00", "neither"),
            ("1e5", "neither"),
        ] {
            let message = text(written).expect_err(written);
            assert!(message.contains(part), "{written}: {message}");
        }
        assert!(read(&Cell::Error("#N/A".into()), Epoch::Of1900).is_err());
    }

    #[test]
    fn a_workbook_counts_days_from_its_epoch() {
        let moment = |number, epoch| read(&Cell::Number(number), epoch).unwrap();
        let day = date(2026, 3, 2);
        assert_eq!(moment(46_083.0, Epoch::Of1900), Moment::Date(day));
        assert_eq!(moment(44_621.0, Epoch::Of1904), Moment::Date(day));
        assert_eq!(
            moment(44_621.729_166_666_664, Epoch::Of1904),
            Moment::Local(day, 63_000)
        );
        assert_eq!(moment(0.729_166_666_6, Epoch::Of1904), Moment::Time(63_000));
        assert_eq!(
            moment(46_082.999_999_999, Epoch::Of1900),
            Moment::Date(day),
            "a hair before midnight"
        );
    }
}
