//! Part-time.

use super::notation::{
    Week::{Autumn, Plain, Spring},
    articles, check, findings, person, shifts,
};
use homeshore::labour::{DayWork, MINUTE_MS, Past, days};
use jiff::civil::date;

#[test]
fn one_interruption_of_two_hours_is_allowed() {
    check(&[
        (Plain, "fr", "part", "Tue 09:00-12:00; Tue 13:59-17:00", ""),
        (Plain, "fr", "part", "Tue 09:00-12:00; Tue 14:00-17:00", ""),
        (
            Plain,
            "fr",
            "part",
            "Tue 09:00-12:00; Tue 14:01-17:00",
            "L3123-30",
        ),
        (Plain, "fr", "", "Tue 09:00-12:00; Tue 14:01-17:00", ""),
        (
            Plain,
            "fr",
            "part",
            "Tue 09:00-11:00; Tue 12:00-14:00; Tue 15:00-17:00",
            "L3123-30",
        ),
        // A long break is an interruption, a short one is not.
        (Plain, "fr", "part", "Tue 09:00-17:00/12:00-14:00", ""),
        (
            Plain,
            "fr",
            "part",
            "Tue 09:00-17:00/12:00-14:01",
            "L3123-30",
        ),
        (
            Plain,
            "fr",
            "part",
            "Tue 09:00-17:00/10:30-10:45/12:00-13:00/15:00-15:15",
            "",
        ),
        (
            Plain,
            "fr",
            "part",
            "Tue 09:00-17:00/10:00-10:44/12:00-12:45",
            "",
        ),
        (
            Plain,
            "fr",
            "part",
            "Tue 09:00-17:00/10:00-10:45/12:00-12:45",
            "L3123-30",
        ),
        (
            Spring,
            "fr-2148",
            "part",
            "Sun 00:00-01:30; Sun 04:30-06:00",
            "CCN2148 L3132-3",
        ),
        (
            Spring,
            "fr",
            "part",
            "Sun 00:00-01:30; Sun 04:31-06:00",
            "L3123-30 L3132-3",
        ),
        (
            Autumn,
            "fr",
            "part",
            "Sun 00:00-02:00; Sun 03:00-04:00",
            "L3132-3",
        ),
        (
            Autumn,
            "fr",
            "part",
            "Sun 00:00-01:59; Sun 03:00-04:00",
            "L3123-30 L3132-3",
        ),
    ]);
}

#[test]
fn call_centres_allow_two_interruptions() {
    check(&[
        (
            Plain,
            "fr-2098",
            "part",
            "Tue 09:00-11:00; Tue 12:00-14:00; Tue 15:00-17:00",
            "",
        ),
        (
            Plain,
            "fr-2098",
            "part",
            "Tue 09:00-11:00; Tue 12:00-13:00; Tue 14:00-15:00; Tue 16:00-17:00",
            "L3123-30",
        ),
        // A day is at most twice its work from start to end.
        (
            Plain,
            "fr-2098",
            "part",
            "Tue 09:00-10:30; Tue 12:15-13:15; Tue 14:15-15:15",
            "",
        ),
        (
            Plain,
            "fr-2098",
            "part",
            "Tue 09:00-10:00; Tue 12:00-13:00; Tue 14:00-15:00",
            "",
        ),
        (
            Plain,
            "fr-2098",
            "part",
            "Tue 09:00-10:00; Tue 12:00-13:00; Tue 14:01-15:01",
            "CCN2098",
        ),
        (
            Plain,
            "fr-2098",
            "",
            "Tue 09:00-10:00; Tue 12:00-13:00; Tue 14:01-15:01",
            "",
        ),
    ]);
}

#[test]
fn sequences_have_a_least_length() {
    check(&[
        (Plain, "fr-2098", "part", "Tue 15:00-17:59", "CCN2098"),
        (Plain, "fr-2098", "part", "Tue 15:00-18:00", ""),
        (Plain, "fr-2098", "part", "Tue 15:00-18:10/16:30-16:40", ""),
        (Plain, "fr-2098", "", "Tue 15:00-17:59", ""),
        (
            Plain,
            "fr-2098",
            "part",
            "Tue 15:00-15:59; Tue 16:30-19:00",
            "CCN2098",
        ),
        (
            Plain,
            "fr-2098",
            "part",
            "Tue 15:00-16:00; Tue 16:30-19:00",
            "",
        ),
        (Plain, "fr-2148", "part", "Tue 15:00-17:59", "CCN2148"),
        (Plain, "fr-2148", "part", "Tue 15:00-18:00", ""),
        (
            Plain,
            "fr-2148",
            "part",
            "Tue 09:00-12:00; Tue 14:00-16:59",
            "CCN2148",
        ),
        (
            Plain,
            "fr-2148",
            "part",
            "Tue 09:00-12:00; Tue 14:00-17:00",
            "",
        ),
        (Spring, "fr-2098", "part", "Sun 01:00-04:59", "CCN2098"),
        (Spring, "fr-2098", "part", "Sun 01:00-05:00", ""),
        (Autumn, "fr-2098", "part", "Sun 01:00-02:59", "CCN2098"),
        (Autumn, "fr-2098", "part", "Sun 01:00-03:00", ""),
    ]);
}

#[test]
fn extra_hours_are_a_tenth_of_the_contract_and_never_full_time() {
    let two = "Mon 08:00-17:00/12:00-13:00; Tue 08:00-17:00/12:00-13:00";
    let rows = [
        ("part 20h", "Wed 08:00-13:59/12:00-12:30", ""),
        ("part 20h", "Wed 08:00-14:30/12:00-12:30", ""),
        ("part 20h", "Wed 08:00-14:31/12:00-12:30", "L3123-28"),
        ("part", "Wed 08:00-14:31/12:00-12:30", ""),
        ("20h", "Wed 08:00-14:31/12:00-12:30", ""),
        (
            "part 32h",
            "Wed 08:00-17:00/12:00-13:00; Thu 08:00-17:00/12:00-13:00; Fri 08:00-10:59",
            "",
        ),
        (
            "part 32h",
            "Wed 08:00-17:00/12:00-13:00; Thu 08:00-17:00/12:00-13:00; Fri 08:00-11:00",
            "L3123-9",
        ),
        (
            "part 30h",
            "Wed 08:00-17:00/12:00-13:00; Thu 08:00-17:00/12:00-13:00; Fri 08:00-11:00",
            "L3123-28 L3123-9",
        ),
    ];
    for (who, more, expected) in rows {
        let text = &format!("{two}; {more}");
        // The first rows work 21 h 29, 22 h and 22 h 01.
        check(&[(Plain, "fr", who, text, expected)]);
    }
    check(&[
        (Spring, "fr", "part 4h", "Sun 00:00-05:24", "L3132-3"),
        (
            Spring,
            "fr",
            "part 4h",
            "Sun 00:00-05:25",
            "L3123-28 L3132-3",
        ),
        (Autumn, "fr", "part 4h", "Sun 00:00-03:24", "L3132-3"),
        (
            Autumn,
            "fr",
            "part 4h",
            "Sun 00:00-03:25",
            "L3123-28 L3132-3",
        ),
    ]);
}

#[test]
fn two_hours_above_contract_for_twelve_weeks_are_a_warning() {
    let monday = date(2026, 3, 2);
    let drift = |minutes: i64| {
        let past = (1..=11).map(|weeks| DayWork {
            day: days::number(monday) - 7 * weeks,
            work_ms: minutes * MINUTE_MS,
            night_ms: 0,
        });
        let shifts = shifts(
            "Mon 08:00-12:00; Tue 08:00-12:00; Wed 08:00-12:00; Thu 08:00-12:00; Fri 08:00-12:00",
            monday,
        );
        articles(&findings(
            "fr",
            &person("part 20h"),
            &shifts,
            &Past::new(past),
        ))
    };
    // 22 hours on average are 264 in 12 weeks: 244 before the 20 of this one.
    let even = 244 * 60 / 11;
    assert_eq!(drift(even), "");
    assert_eq!(drift(even + 1), "L3123-13?");
}
