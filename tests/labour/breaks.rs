//! Breaks, sequences and lunch.

use super::notation::{
    Week::{Autumn, Plain, Spring},
    check,
};

#[test]
fn a_break_of_twenty_minutes_is_due_at_six_hours() {
    check(&[
        (Plain, "fr", "", "Tue 14:00-19:59", ""),
        (Plain, "fr", "", "Tue 14:00-20:00", "L3121-16"),
        (Plain, "fr", "", "Tue 14:00-20:01", "L3121-16"),
        (Plain, "fr", "", "Tue 13:00-20:00/16:00-16:19", "L3121-16"),
        (Plain, "fr", "", "Tue 13:00-20:00/16:00-16:20", ""),
        (Plain, "fr", "", "Tue 13:00-20:00/16:00-16:21", ""),
        // Right at the sixth hour is in time, a minute later is not.
        (Plain, "fr", "", "Tue 12:00-20:00/18:00-18:20", ""),
        (Plain, "fr", "", "Tue 12:00-20:00/18:01-18:21", "L3121-16"),
        (
            Plain,
            "fr",
            "",
            "Tue 13:00-20:00/15:00-15:15/17:30-17:45",
            "L3121-16",
        ),
        (
            Plain,
            "fr-2098",
            "",
            "Tue 13:00-20:00/15:00-15:15/17:30-17:45",
            "L3121-16",
        ),
        // One break a day does, also early: six hours after it are allowed.
        (Plain, "fr", "", "Tue 08:00-19:00/12:00-13:00", ""),
        // What lies between two shifts of a day is a break.
        (Plain, "fr", "", "Tue 08:00-12:00; Tue 14:00-18:00", ""),
        (
            Plain,
            "fr",
            "",
            "Tue 08:00-12:00; Tue 12:19-15:00",
            "L3121-16",
        ),
        // A break before any work is none.
        (Plain, "fr", "", "Tue 13:00-19:20/13:00-13:20", "L3121-16"),
        // Work over midnight goes on.
        (Plain, "fr", "", "Tue 20:00-25:59", ""),
        (Plain, "fr", "", "Tue 20:00-26:00", "L3121-16"),
        (Plain, "fr", "", "Tue 20:00-27:00/23:50-24:10", ""),
        // Each day asks for its own.
        (
            Plain,
            "fr",
            "",
            "Tue 13:00-20:00/16:00-16:20; Wed 13:00-20:00",
            "L3121-16",
        ),
        (Spring, "fr-2148", "", "Sat 22:00-28:59", "L3132-3"),
        (Spring, "fr-2148", "", "Sat 22:00-29:00", "L3121-16 L3132-3"),
        (Autumn, "fr-2148", "", "Sat 22:00-26:59", "L3132-3"),
        (Autumn, "fr-2148", "", "Sat 22:00-27:00", "L3121-16 L3132-3"),
    ]);
}

#[test]
fn the_directive_asks_for_a_break_beyond_six_hours() {
    check(&[
        (Plain, "eu", "", "Tue 14:00-20:00", ""),
        (Plain, "eu", "", "Tue 14:00-20:01", "2003/88-4"),
        (Plain, "eu", "", "Tue 14:00-21:00/17:00-17:05", ""),
    ]);
}

#[test]
fn minors_have_a_break_after_four_and_a_half_hours() {
    check(&[
        (Plain, "fr", "17", "Tue 08:00-12:29", ""),
        (Plain, "fr", "17", "Tue 08:00-12:30", ""),
        (Plain, "fr", "17", "Tue 08:00-12:31", "L3162-3"),
        (Plain, "fr", "18", "Tue 08:00-12:31", ""),
        (Plain, "fr", "17", "Tue 08:00-14:00/12:00-12:29", "L3162-3"),
        (Plain, "fr", "17", "Tue 08:00-14:00/12:00-12:30", ""),
        (Plain, "fr", "17", "Tue 08:00-16:30/12:00-12:30", ""),
        (
            Plain,
            "fr",
            "15",
            "Tue 08:00-14:31/11:00-11:30/14:00-14:30",
            "",
        ),
        // After the break the hours begin anew, and again are too many.
        (Plain, "fr", "17", "Tue 08:00-15:01/10:00-10:30", "L3162-3"),
        (Spring, "fr", "17", "Sun 00:00-05:30", "L3132-3 L3163-2"),
        (
            Spring,
            "fr",
            "17",
            "Sun 00:00-05:31",
            "L3132-3 L3162-3 L3163-2",
        ),
        (Autumn, "fr", "17", "Sun 00:00-03:30", "L3132-3 L3163-2"),
        (
            Autumn,
            "fr",
            "17",
            "Sun 00:00-03:31",
            "L3132-3 L3162-3 L3163-2",
        ),
    ]);
}

#[test]
fn call_centres_work_at_most_three_hours_in_a_row() {
    check(&[
        (Plain, "fr-2098", "", "Tue 14:00-16:59", ""),
        (Plain, "fr-2098", "", "Tue 14:00-17:00", ""),
        (Plain, "fr-2098", "", "Tue 14:00-17:01", "CCN2098-6"),
        (Plain, "fr", "", "Tue 14:00-17:01", ""),
        // A break of under ten minutes ends no sequence.
        (
            Plain,
            "fr-2098",
            "",
            "Tue 14:00-17:10/15:30-15:39",
            "CCN2098-6",
        ),
        (Plain, "fr-2098", "", "Tue 14:00-17:10/15:30-15:40", ""),
        // Ten minutes do after two hours, fifteen after more.
        (Plain, "fr-2098", "", "Tue 14:00-18:00/16:00-16:10", ""),
        (
            Plain,
            "fr-2098",
            "",
            "Tue 14:00-18:00/16:01-16:11",
            "CCN2098-6",
        ),
        (
            Plain,
            "fr-2098",
            "",
            "Tue 14:00-18:00/17:00-17:14",
            "CCN2098-6",
        ),
        (Plain, "fr-2098", "", "Tue 14:00-18:00/17:00-17:15", ""),
        (Plain, "fr-2098", "", "Tue 14:00-18:00/17:00-17:16", ""),
        // Lunch ends a sequence too.
        (Plain, "fr-2098", "", "Tue 09:00-16:00/12:00-13:00", ""),
        // Elapsed time over the clock changes.
        (Spring, "fr-2098", "", "Sun 01:00-05:00", ""),
        (Spring, "fr-2098", "", "Sun 01:00-05:01", "CCN2098-6"),
        (Autumn, "fr-2098", "", "Sun 01:00-03:00", ""),
        (Autumn, "fr-2098", "", "Sun 01:00-03:01", "CCN2098-6"),
    ]);
}

#[test]
fn call_centres_have_lunch() {
    check(&[
        (
            Plain,
            "fr-2098",
            "",
            "Tue 09:00-16:00/12:00-12:44",
            "CCN2098-5 CCN2098-6",
        ),
        (Plain, "fr-2098", "", "Tue 09:00-15:45/12:00-12:45", ""),
        (Plain, "fr-2098", "", "Tue 09:00-15:46/12:00-12:46", ""),
        (
            Plain,
            "fr-2098",
            "",
            "Tue 09:30-16:15/12:30-13:14",
            "CCN2098-5 CCN2098-6",
        ),
        // At the latest after the fourth hour of work: exactly then will do.
        (
            Plain,
            "fr-2098",
            "",
            "Tue 08:00-15:15/10:00-10:15/12:15-13:00",
            "",
        ),
        (
            Plain,
            "fr-2098",
            "",
            "Tue 08:00-15:15/10:00-10:15/12:16-13:01",
            "CCN2098-5",
        ),
        // Its hours are 11:00 to 15:00.
        (
            Plain,
            "fr-2098",
            "",
            "Tue 08:30-15:05/10:59-11:44/13:44-13:59",
            "CCN2098-5",
        ),
        (
            Plain,
            "fr-2098",
            "",
            "Tue 08:30-15:05/11:00-11:45/13:45-14:00",
            "",
        ),
        (
            Plain,
            "fr-2098",
            "",
            "Tue 10:30-17:00/12:30-12:40/14:15-15:00",
            "",
        ),
        (
            Plain,
            "fr-2098",
            "",
            "Tue 10:30-17:00/12:30-12:40/14:16-15:01",
            "CCN2098-5",
        ),
        // Who works a morning, an afternoon or a night needs none.
        (Plain, "fr-2098", "", "Tue 08:00-12:10/10:00-10:10", ""),
        (
            Plain,
            "fr-2098",
            "",
            "Tue 08:00-12:11/10:00-10:10",
            "CCN2098-5",
        ),
        (
            Plain,
            "fr-2098",
            "",
            "Tue 13:00-19:00/15:00-15:15/17:00-17:15",
            "",
        ),
        (Plain, "fr-2098", "", "Tue 20:00-25:00/22:00-22:15", ""),
        // The gap between two shifts is lunch.
        (Plain, "fr-2098", "", "Tue 09:00-12:00; Tue 13:00-16:00", ""),
        (Plain, "fr", "", "Tue 09:00-15:00/12:00-12:20", ""),
        // The hours are those of the clock.
        (Spring, "fr-2098", "", "Sun 09:00-15:45/12:00-12:45", ""),
        (
            Autumn,
            "fr-2098",
            "",
            "Sun 09:00-15:44/12:00-12:44",
            "CCN2098-5",
        ),
    ]);
}
