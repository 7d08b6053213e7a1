//! Work at night.

use super::notation::{
    Week::{Autumn, Plain, Spring},
    articles, check, findings, person, shifts,
};
use homeshore::labour::{DayWork, HOUR_MS, MINUTE_MS, Past, days};
use jiff::civil::date;

#[test]
fn minors_do_not_work_at_night() {
    check(&[
        (Plain, "fr", "17", "Tue 18:00-21:59", ""),
        (Plain, "fr", "17", "Tue 18:00-22:00", ""),
        (Plain, "fr", "17", "Tue 18:00-22:01", "L3163-2"),
        (Plain, "fr", "18", "Tue 18:00-22:01", ""),
        (Plain, "fr", "17", "Tue 05:59-09:00", "L3163-2"),
        (Plain, "fr", "17", "Tue 06:00-09:00", ""),
        (Plain, "fr", "15", "Tue 17:00-20:00", ""),
        (Plain, "fr", "15", "Tue 17:00-20:01", "L3163-2"),
        (Plain, "fr", "16", "Tue 17:00-20:01", ""),
        (Plain, "fr", "15", "Tue 05:59-09:00", "L3163-2"),
        // The hours are those of the clock, whatever it did before.
        (Spring, "fr-2098", "17", "Sun 06:00-09:00", ""),
        (Spring, "fr-2098", "17", "Sun 05:59-08:00", "L3163-2"),
        (Autumn, "fr-2098", "17", "Sun 06:00-09:00", ""),
        (Autumn, "fr-2098", "17", "Sun 20:00-22:01", "L3163-2"),
        // A break through the night is no work in it.
        (Plain, "fr", "17", "Tue 18:00-22:30/22:00-22:30", ""),
    ]);
}

#[test]
fn nights_are_worked_without_a_finding_until_they_are_many() {
    check(&[
        (Plain, "fr", "", "Mon 20:00-24:00", ""),
        (Plain, "fr", "", "Mon 20:00-24:00; Wed 20:00-23:59", ""),
        (
            Plain,
            "fr",
            "",
            "Mon 20:00-24:00; Wed 20:00-24:00",
            "L3122-5?",
        ),
        // The night counts as a whole, also over midnight.
        (
            Plain,
            "fr",
            "",
            "Mon 22:00-25:00; Wed 22:00-25:00",
            "L3122-5?",
        ),
        // Night begins at 22:00 in call centres.
        (Plain, "fr-2098", "", "Mon 21:30-24:00; Wed 21:30-24:00", ""),
        (
            Plain,
            "fr-2098",
            "",
            "Mon 22:00-25:00; Wed 22:00-25:00",
            "L3122-5?",
        ),
        (
            Plain,
            "fr-2098",
            "",
            "Mon 04:00-07:00; Wed 04:00-07:00",
            "L3122-5?",
        ),
        (Plain, "fr", "", "Mon 04:00-07:00; Wed 04:00-07:00", ""),
        // The night of the spring change is an hour shorter, that of autumn one longer.
        (
            Spring,
            "fr-2098",
            "",
            "Fri 22:00-25:00; Sun 00:00-03:30",
            "",
        ),
        (
            Autumn,
            "fr-2098",
            "",
            "Fri 22:00-25:00; Sun 01:00-03:00",
            "L3122-5?",
        ),
    ]);
}

#[test]
fn night_workers_have_a_shorter_day() {
    check(&[
        (
            Plain,
            "fr",
            "",
            "Mon 21:00-29:20/24:00-24:20; Wed 21:00-29:20/24:00-24:20",
            "L3122-5?",
        ),
        (
            Plain,
            "fr",
            "",
            "Mon 21:00-29:21/24:00-24:20; Wed 21:00-29:20/24:00-24:20",
            "L3122-5? L3122-6",
        ),
        // From 00:00 to 24:00: the end of one night and the beginning of the next.
        (
            Plain,
            "fr",
            "",
            "Mon 22:00-29:00; Tue 20:59-24:00",
            "L3121-16 L3122-5? L3122-6",
        ),
        // By contract, whatever is worked.
        (Plain, "fr", "nights", "Tue 08:00-17:00/12:00-13:00", ""),
        (
            Plain,
            "fr",
            "nights",
            "Tue 08:00-17:01/12:00-13:00",
            "L3122-6",
        ),
        // In the same week, also by day.
        (
            Plain,
            "fr",
            "",
            "Mon 20:00-24:00; Tue 20:00-24:00; Fri 08:00-17:01/12:00-13:00",
            "L3122-5? L3122-6",
        ),
        (
            Plain,
            "fr",
            "",
            "Mon 20:00-24:00; Fri 08:00-17:01/12:00-13:00",
            "",
        ),
        (
            Autumn,
            "fr-2148",
            "",
            "Thu 20:00-24:00; Sat 21:00-28:20/24:00-24:20",
            "L3122-5? L3132-3",
        ),
        (
            Autumn,
            "fr-2148",
            "",
            "Thu 20:00-24:00; Sat 21:00-28:21/24:00-24:20",
            "L3122-5? L3122-6 L3132-3",
        ),
        (
            Spring,
            "fr-2148",
            "",
            "Thu 20:00-24:00; Sat 21:00-30:20/24:00-24:20",
            "L3122-5? L3132-3",
        ),
        (
            Spring,
            "fr-2148",
            "",
            "Thu 20:00-24:00; Sat 21:00-30:21/24:00-24:20",
            "L3122-5? L3122-6 L3132-3",
        ),
    ]);
}

fn after(minutes_a_week: i64, night_ms: i64, text: &str) -> String {
    let monday = days::number(date(2026, 3, 2));
    let past = (1..=11).map(|weeks| DayWork {
        day: monday - 7 * weeks,
        work_ms: minutes_a_week * MINUTE_MS,
        night_ms: if weeks == 11 { night_ms } else { 0 },
    });
    let shifts = shifts(text, date(2026, 3, 2));
    articles(&findings("fr", &person(""), &shifts, &Past::new(past)))
}

#[test]
fn a_night_worker_s_week_is_forty_hours_on_average() {
    let nights = "Mon 20:00-24:00; Tue 20:00-24:00; Wed 20:00-24:00";
    // 12 hours in the week of the shifts: 480 in all are 468 before.
    let even = 468 * 60 / 11;
    assert_eq!(after(even, 0, nights), "L3122-5?");
    assert_eq!(after(even + 1, 0, nights), "L3122-5? L3122-7");
    assert_eq!(
        after(even + 1, 0, "Mon 12:00-16:00"),
        "",
        "who works by day may work more"
    );
}

#[test]
fn two_hundred_and_seventy_night_hours_a_year_make_a_night_worker() {
    assert_eq!(
        after(600, 270 * HOUR_MS, "Tue 08:00-17:01/12:00-13:00"),
        "L3122-5? L3122-6"
    );
    let day = "Mon 08:00-12:00; Tue 08:00-17:01/12:00-13:00; Wed 20:00-22:00";
    assert_eq!(after(600, 269 * HOUR_MS - 1, day), "");
    assert_eq!(after(600, 269 * HOUR_MS, day), "L3122-5? L3122-6");
}
