//! Dates, times and lengths of a calendar (RFC 5545, 3.3.4 to 3.3.6), with the zone that each names.

use std::collections::BTreeMap;

use jiff::civil;

use super::{lines::Line, windows};
use crate::{
    calendar::zone::Zone,
    schedule::problem::{Fault, Kind, fault},
};

/// A value of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// A day.
    Date(civil::Date),
    /// A local time; without a zone it floats, and is one of the zone that the user names.
    Local(civil::DateTime, Option<Zone>),
}

/// Zones by the names that a calendar gives them.
#[derive(Debug, Default)]
pub(super) struct Zones {
    /// What `X-LIC-LOCATION` says within a `VTIMEZONE` of this name.
    pub(super) located: BTreeMap<String, String>,
}

impl Zones {
    /// The zone of a `TZID`: an IANA name, also behind a prefix; one of Windows; or what the calendar's own zone says it is.
    pub(super) fn named(&self, name: &str) -> Result<Zone, Fault> {
        let name = name.trim();
        if let Ok(zone) = Zone::named(name) {
            return Ok(zone);
        }
        let located = self.located.get(name).map(String::as_str);
        let tail = name.strip_prefix('/').and_then(tail);
        let known = windows::zone(name).or(located).or(tail);
        let found = known.and_then(|name| Zone::named(name).ok());
        found.ok_or_else(|| {
            let text = format!("`{name}` is no time zone");
            fault(
                Kind::Zone,
                text,
                "a name such as Europe/Paris, or one of Windows such as `Romance Standard Time`",
            )
        })
    }
}

/// `Europe/Paris` of `/example.org/2026/Europe/Paris`, and likewise with three parts.
fn tail(name: &str) -> Option<&str> {
    let places: Vec<usize> = name.match_indices('/').map(|(at, _)| at).collect();
    let tails = places.iter().map(|at| &name[at + 1..]);
    let mut good = tails.filter(|tail| tail.contains('/') && Zone::named(tail).is_ok());
    good.next()
}

fn bad(text: &str) -> Fault {
    let message = format!("`{text}` is neither a date nor a time");
    fault(
        Kind::Time,
        message,
        "a value like 20260302T173000, 20260302T163000Z or 20260302",
    )
}

/// The values of a property, separated by commas; of periods their beginnings.
pub(super) fn read(line: &Line, zones: &Zones) -> Result<Vec<When>, Fault> {
    let zone = match line.parameter("TZID") {
        Some(name) => Some(zones.named(name)?),
        None => None,
    };
    let values = line.value.split(',');
    values
        .map(|value| {
            one(
                value.split('/').next().unwrap_or(value).trim(),
                zone.as_ref(),
            )
        })
        .collect()
}

/// The first value of a property.
pub(super) fn read_one(line: &Line, zones: &Zones) -> Result<When, Fault> {
    read(line, zones)?
        .into_iter()
        .next()
        .ok_or_else(|| bad(&line.value))
}

/// One value.
pub(super) fn one(text: &str, zone: Option<&Zone>) -> Result<When, Fault> {
    let (clock, is_utc) = match text.strip_suffix(['Z', 'z']) {
        Some(clock) => (clock, true),
        None => (text, false),
    };
    let part = |range: std::ops::Range<usize>| -> Option<i16> {
        let digits = clock.get(range)?;
        digits
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| digits.parse().ok())?
    };
    let small = |range| part(range).and_then(|number| i8::try_from(number).ok());
    let read = || {
        let date = civil::Date::new(part(0..4)?, small(4..6)?, small(6..8)?).ok()?;
        let is_known = crate::schedule::date::YEARS.contains(&date.year());
        if clock.len() == 8 {
            return Some(When::Date(date)).filter(|_| is_known && !is_utc);
        }
        let is_time = clock.len() == 15 && clock.as_bytes()[8].eq_ignore_ascii_case(&b'T');
        let seconds = small(13..15)?.min(59);
        let time = civil::Time::new(small(9..11)?, small(11..13)?, seconds, 0).ok()?;
        let zone = if is_utc {
            Some(Zone::utc())
        } else {
            zone.cloned()
        };
        (is_time && is_known).then(|| When::Local(date.to_datetime(time), zone))
    };
    read().ok_or_else(|| bad(text))
}

/// A length: whole days, which follow the calendar, and seconds, which elapse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Length {
    pub(super) days: i64,
    pub(super) seconds: i64,
}

/// Reads `PT8H`, `P1DT2H`, `P1W`.
pub(super) fn length(text: &str) -> Result<Length, Fault> {
    let read = || {
        let rest = text.trim().trim_start_matches('+').strip_prefix('P')?;
        let (dates, times) = rest.split_once('T').unwrap_or((rest, ""));
        let (days, left) = sum(dates, &[('W', 7), ('D', 1)])?;
        let (seconds, over) = sum(times, &[('H', 3_600), ('M', 60), ('S', 1)])?;
        (left.is_empty() && over.is_empty() && !rest.is_empty()).then_some(Length { days, seconds })
    };
    read().ok_or_else(|| {
        let message = format!("`{text}` is no length");
        fault(Kind::Length, message, "a length like PT8H or PT7H30M")
    })
}

fn sum<'t>(mut text: &'t str, units: &[(char, i64)]) -> Option<(i64, &'t str)> {
    const FAR: i64 = 100_000;
    let mut all = 0;
    for (unit, size) in units {
        if let Some((number, rest)) = text.split_once(*unit) {
            let number: i64 = number
                .parse()
                .ok()
                .filter(|number| (0..=FAR).contains(number))?;
            all += number * size;
            text = rest;
        }
    }
    Some((all, text))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{Length, When, Zones, length, one};
    use crate::calendar::zone::Zone;

    #[test]
    fn values_are_read() {
        let local = date(2026, 3, 2).at(17, 30, 0, 0);
        assert_eq!(one("20260302T173000", None), Ok(When::Local(local, None)));
        assert_eq!(
            one("20260302T173000Z", None),
            Ok(When::Local(local, Some(Zone::utc())))
        );
        assert_eq!(one("20260302", None), Ok(When::Date(date(2026, 3, 2))));
        for bad in [
            "",
            "2026",
            "20260231",
            "20260302T250000",
            "20260302T1730",
            "202603é2",
            "19000101T000000",
        ] {
            assert!(one(bad, None).is_err(), "{bad}");
        }
        assert_eq!(
            length("P1DT2H30M"),
            Ok(Length {
                days: 1,
                seconds: 9_000
            })
        );
        assert_eq!(
            length("P1W"),
            Ok(Length {
                days: 7,
                seconds: 0
            })
        );
        for bad in ["", "P", "8H", "PTxH", "-PT1H", "PT99999999999H"] {
            assert!(length(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn zones_are_found_by_any_of_their_names() {
        let mut zones = Zones::default();
        zones
            .located
            .insert("Ours".to_owned(), "Europe/Paris".to_owned());
        let paris = Ok(Zone::named("Europe/Paris").unwrap());
        for name in [
            "Europe/Paris",
            "Romance Standard Time",
            "/example.org/20260101/Europe/Paris",
            "Ours",
        ] {
            assert_eq!(zones.named(name), paris, "{name}");
        }
        for bad in ["Theirs", "../../etc/passwd", "/etc/localtime", ""] {
            assert!(zones.named(bad).is_err(), "{bad}");
        }
    }
}
