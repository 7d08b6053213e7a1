//! Rest between days, in a week, and days off.

use super::notation::{
    Week::{Autumn, Plain, Spring},
    articles, check, findings, person, shifts,
};
use homeshore::labour::{DayWork, Past, days};

#[test]
fn eleven_hours_lie_between_two_working_days() {
    check(&[
        (
            Plain,
            "fr",
            "",
            "Tue 18:00-22:00; Wed 08:59-12:00",
            "L3131-1",
        ),
        (Plain, "fr", "", "Tue 18:00-22:00; Wed 09:00-12:00", ""),
        (Plain, "fr", "", "Tue 18:00-22:00; Wed 09:01-12:00", ""),
        (
            Plain,
            "eu",
            "",
            "Tue 18:00-22:00; Wed 08:59-12:00",
            "2003/88-3",
        ),
        (Plain, "eu", "", "Tue 18:00-22:00; Wed 09:00-12:00", ""),
        // The end of work counts, not the end of a shift that ends with a break.
        (
            Plain,
            "fr",
            "",
            "Tue 18:00-22:10/22:00-22:10; Wed 09:00-12:00",
            "",
        ),
        // Shifts of one day may lie close together.
        (Plain, "fr", "", "Tue 08:00-12:00; Tue 18:00-20:00", ""),
        // A night's work belongs to the day of its start.
        (
            Plain,
            "fr",
            "",
            "Mon 23:00-28:00; Tue 14:59-18:00",
            "L3131-1",
        ),
        (Plain, "fr", "", "Mon 23:00-28:00; Tue 15:00-18:00", ""),
        // A shift that is written in two at midnight is one.
        (Plain, "fr", "", "Mon 20:00-24:00; Tue 00:00-01:00", ""),
    ]);
}

#[test]
fn rest_is_elapsed_time_over_clock_changes() {
    check(&[
        (
            Spring,
            "fr-2098",
            "",
            "Sat 18:00-21:00; Sun 08:00-10:00",
            "L3131-1",
        ),
        (
            Spring,
            "fr-2098",
            "",
            "Sat 18:00-21:00; Sun 08:59-10:00",
            "L3131-1",
        ),
        (
            Spring,
            "fr-2098",
            "",
            "Sat 18:00-21:00; Sun 09:00-10:00",
            "",
        ),
        (
            Spring,
            "fr",
            "",
            "Sat 18:00-21:00; Sun 08:00-10:00",
            "L3131-1 L3132-3",
        ),
        (
            Autumn,
            "fr-2098",
            "",
            "Sat 18:00-21:00; Sun 06:59-08:00",
            "L3131-1",
        ),
        (
            Autumn,
            "fr-2098",
            "",
            "Sat 18:00-21:00; Sun 07:00-08:00",
            "",
        ),
        (
            Autumn,
            "fr-2098",
            "",
            "Sat 18:00-21:00; Sun 08:00-10:00",
            "",
        ),
    ]);
}

#[test]
fn thirty_five_hours_in_a_row_are_off_each_week() {
    let days =
        "Mon 09:00-12:00; Tue 09:00-12:00; Wed 09:00-12:00; Thu 09:00-12:00; Fri 09:00-12:00";
    let rows = [
        (Plain, "Sat 18:00-22:00; Mon+1 08:59-12:00", "L3132-2"),
        (Plain, "Sat 18:00-22:00; Mon+1 09:00-12:00", ""),
        (Plain, "Sat 18:00-22:00; Mon+1 09:01-12:00", ""),
        // The night that follows 28 March has an hour less, that of 24 October one more.
        (Spring, "Sat 18:00-22:00; Mon+1 09:59-12:00", "L3132-2"),
        (Spring, "Sat 18:00-22:00; Mon+1 10:00-12:00", ""),
        (Autumn, "Sat 18:00-22:00; Mon+1 07:59-12:00", "L3132-2"),
        (Autumn, "Sat 18:00-22:00; Mon+1 08:00-12:00", ""),
        // A Sunday of 23 hours is a day all the same.
        (Spring, "Sat 20:00-24:00; Mon+1 12:00-14:00", ""),
        (Spring, "Sat 20:00-24:00; Mon+1 11:59-14:00", "L3132-2"),
        // Without a day off in the week, rest that begins on its last evening does not do.
        (
            Plain,
            "Sat 09:00-12:00; Sun 09:00-12:00",
            "L3132-1 L3132-2 L3132-3",
        ),
    ];
    for (week, rest, expected) in rows {
        let text = &format!("{days}; {rest}");
        check(&[(week, "fr", "", text, expected)]);
    }
    // A day off in the middle of the week is one.
    check(&[
        (
            Plain,
            "fr-2098",
            "",
            "Mon 09:00-12:00; Tue 09:00-12:00; Thu 09:00-12:00; Fri 09:00-12:00; Sat 09:00-12:00; Sun 09:00-12:00",
            "",
        ),
        (
            Plain,
            "fr-2098",
            "",
            "Mon 09:00-12:00; Tue 14:30-17:00; Thu 04:00-06:00; Fri 09:00-12:00; Sat 09:00-12:00; Sun 09:00-12:00",
            "",
        ),
        (
            Plain,
            "fr-2098",
            "",
            "Mon 09:00-12:00; Tue 14:30-17:01; Thu 04:00-06:00; Fri 09:00-12:00; Sat 09:00-12:00; Sun 09:00-12:00",
            "L3132-2",
        ),
    ]);
}

#[test]
fn at_most_six_days_a_week_are_worked() {
    let five =
        "Mon 09:00-12:00; Tue 09:00-12:00; Wed 09:00-12:00; Thu 09:00-12:00; Fri 09:00-12:00";
    let rows = [
        ("", ""),
        ("Sat 09:00-12:00", ""),
        ("Sat 09:00-12:00; Sun 09:00-12:00", "L3132-1 L3132-2"),
        // After midnight it is the seventh day.
        ("Sat 23:00-24:00", ""),
        ("Sat 23:00-25:00", "L3132-1"),
        // Weeks are counted by the calendar: twelve days in a row may be two weeks.
        (
            "Sat 09:00-12:00; Tue+1 09:00-12:00; Wed+1 09:00-12:00; Thu+1 09:00-12:00; Fri+1 09:00-12:00; Sat+1 09:00-12:00; Sun+1 09:00-12:00",
            "",
        ),
    ];
    for (more, expected) in rows {
        let text = &format!("{five}; {more}");
        check(&[(Plain, "fr-2098", "", text, expected)]);
    }
}

#[test]
fn days_worked_before_the_shifts_count_in_their_week() {
    let monday = days::number(Plain.monday());
    let day = |number: i32, work_ms: i64| DayWork {
        day: monday + number,
        work_ms,
        night_ms: 0,
    };
    let shifts = shifts("Sat 09:00-12:00; Sun 09:00-12:00", Plain.monday());
    let told = |fifth_ms: i64| {
        let past =
            Past::new((0..5).map(|number| day(number, if number == 4 { fifth_ms } else { 1 })));
        articles(&findings("fr-2098", &person(""), &shifts, &past))
    };
    assert_eq!((told(0).as_str(), told(1).as_str()), ("", "L3132-1"));
}

#[test]
fn sundays_are_off_unless_the_pack_allows_them() {
    check(&[
        (Plain, "fr", "", "Sat 20:00-24:00", ""),
        (Plain, "fr", "", "Sat 20:00-24:01", "L3132-3"),
        (Plain, "fr", "", "Sun 10:00-12:00", "L3132-3"),
        (Plain, "fr-2148", "", "Sun 10:00-12:00", "L3132-3"),
        (Plain, "fr-2098", "", "Sun 10:00-12:00", ""),
        (Plain, "eu", "", "Sun 10:00-12:00", ""),
        (Autumn, "fr", "", "Sun 23:00-24:00", "L3132-3"),
        (Autumn, "fr", "", "Mon+1 00:00-01:00", ""),
        (Spring, "fr", "", "Sun 23:00-24:00", "L3132-3"),
        (Spring, "fr", "", "Mon+1 00:00-01:00", ""),
    ]);
}

#[test]
fn the_first_of_may_is_off() {
    // From the Monday of the week in March: 30 April and 1 May are Thursday and Friday eight weeks on.
    check(&[
        (Plain, "fr", "", "Thu+8 20:00-24:00", ""),
        (Plain, "fr", "", "Thu+8 20:00-24:01", "L3133-4"),
        (Plain, "fr", "", "Fri+8 10:00-12:00", "L3133-4"),
        (Plain, "fr-2098", "", "Fri+8 10:00-12:00", "L3133-4"),
        (Plain, "fr", "", "Sat+8 00:00-02:00", ""),
        // 8 May and 14 July may be worked.
        (Plain, "fr", "", "Fri+9 10:00-12:00; Tue+19 10:00-12:00", ""),
        (Plain, "eu", "", "Fri+8 10:00-12:00", ""),
    ]);
}

#[test]
fn minors_rest_longer() {
    check(&[
        (
            Plain,
            "fr",
            "17",
            "Tue 18:00-21:00; Wed 08:59-12:00",
            "L3164-1",
        ),
        (Plain, "fr", "17", "Tue 18:00-21:00; Wed 09:00-12:00", ""),
        (
            Plain,
            "fr",
            "16",
            "Tue 18:00-21:00; Wed 08:59-12:00",
            "L3164-1",
        ),
        (Plain, "fr", "18", "Tue 18:00-21:00; Wed 08:59-12:00", ""),
        (
            Plain,
            "fr",
            "15",
            "Tue 16:00-19:00; Wed 08:59-12:00",
            "L3164-1",
        ),
        (Plain, "fr", "15", "Tue 16:00-19:00; Wed 09:00-12:00", ""),
        (Plain, "fr", "16", "Tue 16:00-19:00; Wed 08:59-12:00", ""),
        // Who rests under 11 h breaks the rule for everybody too.
        (
            Plain,
            "fr",
            "17",
            "Tue 18:00-21:00; Wed 07:59-12:00",
            "L3131-1 L3164-1",
        ),
        (
            Spring,
            "fr-2098",
            "17",
            "Sat 17:00-20:00; Sun 08:59-11:00",
            "L3164-1",
        ),
        (
            Spring,
            "fr-2098",
            "17",
            "Sat 17:00-20:00; Sun 09:00-11:00",
            "",
        ),
        (
            Autumn,
            "fr-2098",
            "17",
            "Sat 17:00-20:00; Sun 06:59-09:00",
            "L3164-1",
        ),
        (
            Autumn,
            "fr-2098",
            "17",
            "Sat 17:00-20:00; Sun 07:00-09:00",
            "",
        ),
    ]);
}
