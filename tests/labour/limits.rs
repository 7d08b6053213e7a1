//! The most work in a day, a week, and on average.

use super::notation::{
    Week::{Autumn, Plain, Spring},
    articles, check, findings, person, shifts,
};
use homeshore::labour::{DayWork, HOUR_MS, MINUTE_MS, Past, days};
use jiff::civil::date;

#[test]
fn ten_hours_are_the_most_a_day() {
    check(&[
        (Plain, "fr", "", "Tue 08:00-18:59/12:00-13:00", ""),
        (Plain, "fr", "", "Tue 08:00-19:00/12:00-13:00", ""),
        (Plain, "fr", "", "Tue 08:00-19:01/12:00-13:00", "L3121-18"),
        // The day ends at midnight.
        (Plain, "fr", "", "Tue 14:00-26:00/18:00-19:00", ""),
        (Plain, "fr", "", "Tue 13:00-25:00/18:00-18:59", "L3121-18"),
        (Plain, "eu", "", "Tue 08:00-21:00/12:00-13:00", ""),
        // Waiting to be called is no work.
        (
            Plain,
            "fr",
            "",
            "Tue 08:00-18:00/12:00-13:00; call Tue 18:00-23:00",
            "",
        ),
        // On 29 March the clock jumps an hour, on 25 October it repeats one.
        (
            Spring,
            "fr-2148",
            "",
            "Sun 00:00-11:00/05:00-05:30",
            "L3132-3",
        ),
        (
            Spring,
            "fr-2148",
            "",
            "Sun 00:00-12:00/05:00-06:00",
            "L3132-3",
        ),
        (Spring, "fr", "", "Sun 00:00-12:00/05:00-06:00", "L3132-3"),
        (
            Spring,
            "fr",
            "",
            "Sun 00:00-12:01/05:00-06:00",
            "L3121-18 L3132-3",
        ),
        (Autumn, "fr", "", "Sun 00:00-10:00/05:00-06:00", "L3132-3"),
        (
            Autumn,
            "fr",
            "",
            "Sun 00:00-10:01/05:00-06:00",
            "L3121-18 L3132-3",
        ),
    ]);
}

#[test]
fn telecoms_have_twelve_hours_on_five_days_a_month() {
    let long = "08:00-19:30/12:00-13:00";
    let days = ["Mon", "Wed", "Fri", "Mon+1", "Wed+1"];
    let mut text: Vec<String> = days.iter().map(|day| format!("{day} {long}")).collect();
    let five = &text.join("; ");
    text.push(format!("Fri+1 {long}"));
    let six = &text.join("; ");
    // April begins on the Wednesday four weeks on.
    let april = &format!("{five}; Wed+4 {long}");
    check(&[
        (Plain, "fr-2148", "", five, ""),
        (Plain, "fr-2148", "", six, "L3121-18"),
        (Plain, "fr-2148", "", april, ""),
        (Plain, "fr-2148", "", "Tue 08:00-20:00/13:00-13:30", ""),
        (
            Plain,
            "fr-2148",
            "",
            "Tue 07:59-20:00/13:00-13:30",
            "CCN2148",
        ),
        (
            Plain,
            "fr-2148",
            "",
            "Tue 08:00-20:20/13:00-13:20",
            "CCN2148",
        ),
        (
            Plain,
            "fr-2148",
            "",
            "Tue 08:00-20:21/13:00-13:20",
            "CCN2148 L3121-18",
        ),
    ]);
}

#[test]
fn forty_eight_hours_are_the_most_a_week() {
    let five = "Mon 08:00-17:00/12:00-13:00; Tue 08:00-17:00/12:00-13:00; Wed 08:00-17:00/12:00-13:00; Thu 08:00-17:00/12:00-13:00; Fri 08:00-17:00/12:00-13:00";
    let rows = [
        (Plain, "Sat 08:00-16:59/12:00-13:00", ""),
        (Plain, "Sat 08:00-17:00/12:00-13:00", ""),
        (Plain, "Sat 08:00-17:01/12:00-13:00", "L3121-20"),
    ];
    for (week, saturday, expected) in rows {
        let text = &format!("{five}; {saturday}");
        check(&[(week, "fr", "", text, expected)]);
    }
    // The hour that the clock jumps over is not worked, and the one that it repeats is.
    let four = "Mon 08:00-19:00/12:00-13:00; Tue 08:00-19:00/12:00-13:00; Wed 08:00-19:00/12:00-13:00; Thu 08:00-19:00/12:00-13:00";
    for (week, saturday, expected) in [
        (Plain, "Sat 18:00-26:20/20:00-20:20", "L3132-3"),
        (Plain, "Sat 18:00-26:21/20:00-20:20", "L3121-20 L3132-3"),
        (Spring, "Sat 18:00-27:20/20:00-20:20", "L3132-3"),
        (Spring, "Sat 18:00-27:21/20:00-20:20", "L3121-20 L3132-3"),
        (Autumn, "Sat 19:00-27:00/20:00-21:00", "L3132-3"),
        (Autumn, "Sat 19:00-27:01/20:00-21:00", "L3121-20 L3132-3"),
    ] {
        let text = &format!("{four}; {saturday}");
        check(&[(week, "fr", "", text, expected)]);
    }
    // The week ends on Sunday at midnight.
    let over = &format!("{five}; Sat 09:00-12:00; Sun 21:00-29:00/25:00-25:20");
    check(&[(Plain, "fr-2098", "", over, "CCN2098-6 L3132-1 L3132-2")]);
}

/// Weeks of work under their Mondays, the last one as shifts.
fn averaged(pack: &str, who: &str, before: &[i64], last: &str) -> String {
    let monday = date(2026, 3, 2);
    let weeks = i32::try_from(before.len()).unwrap();
    let first = days::number(monday) - 7 * weeks;
    let past = before.iter().zip((0..).map(|week| first + 7 * week));
    let past = past.map(|(minutes, day)| DayWork {
        day,
        work_ms: minutes * MINUTE_MS,
        night_ms: 0,
    });
    let found = findings(pack, &person(who), &shifts(last, monday), &Past::new(past));
    articles(&found)
}

#[test]
fn forty_four_hours_are_the_average_of_twelve_weeks() {
    let week = "Mon 08:00-17:00/12:00-13:00; Tue 08:00-17:00/12:00-13:00; Wed 08:00-17:00/12:00-13:00; Thu 08:00-17:00/12:00-13:00; Fri 08:00-17:00/12:00-13:00";
    let (mut before, below, above) = ([44 * 60; 11], 44 * 60 + 239, 44 * 60 + 241);
    for (first, expected) in [(below, ""), (44 * 60 + 240, ""), (above, "L3121-22")] {
        before[0] = first;
        assert_eq!(averaged("fr", "", &before, week), expected, "{first}");
        let mut older = vec![first];
        older.extend_from_slice(&[44 * 60; 11]);
        assert_eq!(
            averaged("fr", "", &older, week),
            "",
            "a week 12 weeks ago no longer counts"
        );
    }
    let mut before = [44 * 60; 9];
    for (first, expected) in [(44 * 60 + 240, ""), (above, "L3121-22")] {
        before[8] = first;
        assert_eq!(averaged("fr-2148", "", &before, week), expected, "{first}");
        assert_eq!(
            averaged("fr", "", &before, week),
            "",
            "ten weeks do not fill twelve"
        );
    }
    let mut before = [48 * 60; 16];
    for (first, expected) in [(48 * 60 + 480, ""), (48 * 60 + 481, "2003/88-6")] {
        before[3] = first;
        assert_eq!(averaged("eu", "", &before, week), expected, "{first}");
    }
}

#[test]
fn weeks_of_shifts_are_averaged_too() {
    let day = |name: &str, week: u32, end: &str| format!("{name}+{week} 08:00-{end}/12:00-13:00");
    let week = |week: u32, end: &str| {
        let mut days: Vec<String> = ["Mon", "Tue", "Wed", "Thu"]
            .iter()
            .map(|name| day(name, week, "18:00"))
            .collect();
        days.push(day("Fri", week, end));
        days.join("; ")
    };
    for (end, expected) in [("16:59", ""), ("17:00", ""), ("17:01", "L3121-22")] {
        let weeks: Vec<String> = (9..21).map(|number| week(number, end)).collect();
        let text = &weeks.join("; ");
        check(&[(Plain, "fr", "", text, expected)]);
    }
}

#[test]
fn minors_work_eight_hours_a_day_and_thirty_five_a_week() {
    let four = "Mon 08:00-15:30/12:00-12:30; Tue 08:00-15:30/12:00-12:30; Wed 08:00-15:30/12:00-12:30; Thu 08:00-15:30/12:00-12:30";
    for (friday, expected) in [
        ("Fri 08:00-15:29/12:00-12:30", ""),
        ("Fri 08:00-15:30/12:00-12:30", ""),
        ("Fri 08:00-15:31/12:00-12:30", "L3162-1"),
    ] {
        let text = &format!("{four}; {friday}");
        check(&[
            (Plain, "fr", "17", text, expected),
            (Plain, "fr", "18", text, ""),
        ]);
    }
    check(&[
        (Plain, "fr", "17", "Tue 08:00-16:29/12:00-12:30", ""),
        (Plain, "fr", "17", "Tue 08:00-16:30/12:00-12:30", ""),
        (Plain, "fr", "17", "Tue 08:00-16:31/12:00-12:30", "L3162-1"),
        (Plain, "fr", "18", "Tue 08:00-16:31/12:00-12:30", ""),
    ]);
}

#[test]
fn branches_limit_the_day_from_start_to_end() {
    check(&[
        (Plain, "fr-2148", "", "Tue 08:00-11:00; Tue 17:00-19:59", ""),
        (Plain, "fr-2148", "", "Tue 08:00-11:00; Tue 17:00-20:00", ""),
        (
            Plain,
            "fr-2148",
            "",
            "Tue 08:00-11:00; Tue 17:00-20:01",
            "CCN2148",
        ),
        (Plain, "fr-2098", "", "Tue 08:00-11:00; Tue 18:30-21:00", ""),
        (
            Plain,
            "fr-2098",
            "",
            "Tue 08:00-11:00; Tue 18:30-21:01",
            "CCN2098",
        ),
        (Plain, "fr", "", "Tue 07:00-11:00; Tue 18:30-22:00", ""),
        (
            Spring,
            "fr-2098",
            "",
            "Sun 01:00-03:30; Sun 12:00-15:00",
            "",
        ),
        (
            Spring,
            "fr-2098",
            "",
            "Sun 01:00-03:30; Sun 13:00-15:01",
            "CCN2098",
        ),
        (
            Autumn,
            "fr-2098",
            "",
            "Sun 02:30-03:00; Sun 13:30-14:30",
            "",
        ),
        (
            Autumn,
            "fr-2098",
            "",
            "Sun 02:30-03:00; Sun 13:30-14:31",
            "CCN2098",
        ),
    ]);
}

#[test]
fn a_finding_tells_what_was_measured() {
    let shifts = shifts("Tue 08:00-19:15/12:00-13:00", date(2026, 3, 2));
    let found = findings("fr", &person(""), &shifts, &Past::default());
    let [finding] = &found[..] else {
        panic!("{found:?}");
    };
    let (measured, limit) = (finding.measured, finding.limit);
    assert_eq!(homeshore::labour::words::figure(measured), "10 h 15 min");
    assert_eq!(homeshore::labour::words::figure(limit), "10 h");
    assert_eq!(finding.span.length_ms(), 24 * HOUR_MS);
    assert!(finding.may_override);
}
