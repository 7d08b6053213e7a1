//! Easter, from which many feasts are counted.

use jiff::{ToSpan as _, civil::Date};

/// Which church counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Church {
    /// By the Gregorian calendar.
    Western,
    /// By the Julian calendar.
    Orthodox,
}

/// Easter Sunday of a year from 1583 on, in the Gregorian calendar. `None` where that has no such year.
pub(super) fn easter(church: Church, year: i16) -> Option<Date> {
    if year < 1583 {
        return None;
    }
    match church {
        Church::Western => western(i32::from(year)),
        Church::Orthodox => orthodox(i32::from(year)),
    }
}

/// Jones' form of the Gregorian reckoning (Meeus, Astronomical Algorithms, 2nd edition, chapter 9).
fn western(year: i32) -> Option<Date> {
    let (golden, century, rest) = (year % 19, year / 100, year % 100);
    let moon_shift = (century - (century + 8) / 25 + 1) / 3;
    let moon = (19 * golden + century - century / 4 - moon_shift + 15) % 30;
    let sunday = (32 + 2 * (century % 4) + 2 * (rest / 4) - moon - rest % 4) % 7;
    let late = (golden + 11 * moon + 22 * sunday) / 451;
    let days = moon + sunday - 7 * late + 114;
    date(year, days / 31, days % 31 + 1)
}

/// The Julian reckoning (the same chapter), moved by the days that the calendars have drifted apart.
fn orthodox(year: i32) -> Option<Date> {
    let moon = (19 * (year % 19) + 15) % 30;
    let sunday = (2 * (year % 4) + 4 * (year % 7) - moon + 34) % 7;
    let days = moon + sunday + 114;
    let drift = year / 100 - year / 400 - 2;
    let julian = date(year, days / 31, days % 31 + 1)?;
    julian.checked_add(drift.days()).ok()
}

fn date(year: i32, month: i32, day: i32) -> Option<Date> {
    let (year, month, day) = (year.try_into(), month.try_into(), day.try_into());
    Date::new(year.ok()?, month.ok()?, day.ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::{Church, easter};

    #[test]
    fn easter_falls_where_the_churches_have_it() {
        let rows = [
            (1818, "1818-03-22", "1818-04-26"),
            (1943, "1943-04-25", "1943-04-25"),
            (1981, "1981-04-19", "1981-04-26"),
            (2024, "2024-03-31", "2024-05-05"),
            (2025, "2025-04-20", "2025-04-20"),
            (2026, "2026-04-05", "2026-04-12"),
            (2038, "2038-04-25", "2038-04-25"),
            (2100, "2100-03-28", "2100-05-02"),
        ];
        for (year, western, orthodox) in rows {
            let of = |church| easter(church, year).unwrap().to_string();
            assert_eq!(of(Church::Western), western);
            assert_eq!(of(Church::Orthodox), orthodox);
        }
        assert_eq!(easter(Church::Western, 1582), None);
    }
}
