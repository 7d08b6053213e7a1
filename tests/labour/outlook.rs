//! Looking ahead at an offer.

use super::notation::{Week, person, shifts, zone};
use homeshore::labour::{
    Case, HOUR_MS, MINUTE_MS, Past, Shift, Span, Worked, added, days::Days, pack, record,
};
use jiff::civil::{Date, date};

fn at(date: Date, hour: i8, minute: i8) -> i64 {
    zone().instant(date.at(hour, minute, 0, 0)).as_millisecond()
}

/// What limits work from a moment on, each rule with the minutes that are left.
fn limits(pack: &str, who: &str, worked: &[Shift], now_ms: i64) -> Vec<(&'static str, i64)> {
    let days = Days::around(&zone(), Span::new(now_ms, now_ms));
    let asked = Worked {
        pack: pack::embedded().get(pack).unwrap(),
        person: &person(who),
        days: &days,
        shifts: worked,
        past: &Past::default(),
    };
    let limits = asked.limits(now_ms, 4 * HOUR_MS);
    limits
        .into_iter()
        .map(|limit| (limit.rule.name(), (limit.until_ms - now_ms) / MINUTE_MS))
        .collect()
}

fn free_from(pack: &str, who: &str, worked: &[Shift], now_ms: i64) -> Option<i64> {
    let days = Days::around(&zone(), Span::new(now_ms, now_ms));
    let asked = Worked {
        pack: pack::embedded().get(pack).unwrap(),
        person: &person(who),
        days: &days,
        shifts: worked,
        past: &Past::default(),
    };
    asked.free_from_ms(now_ms, 10 * MINUTE_MS)
}

const TUESDAY: Date = date(2026, 3, 3);

#[test]
fn a_call_that_would_pass_the_sixth_hour_is_not_offered_until_a_break() {
    let worked = |text: &str| shifts(text, Week::Plain.monday());
    let now = at(TUESDAY, 13, 50);
    assert_eq!(
        limits("fr", "", &worked("Tue 08:00-13:50"), now),
        [("break", 10)]
    );
    assert_eq!(
        free_from("fr", "", &worked("Tue 08:00-13:50"), now),
        Some(now)
    );
    let six = at(TUESDAY, 14, 0);
    assert_eq!(
        limits("fr", "", &worked("Tue 08:00-14:00"), six),
        [("break", 0), ("day", 240)][..1]
    );
    assert_eq!(
        free_from("fr", "", &worked("Tue 08:00-14:00"), six),
        Some(at(TUESDAY, 14, 20))
    );
    // Who overran is not offered more either, and is free after the break.
    let over = at(TUESDAY, 14, 5);
    assert_eq!(
        limits("fr", "", &worked("Tue 08:00-14:05"), over)[0],
        ("break", 0)
    );
    assert_eq!(
        free_from("fr", "", &worked("Tue 08:00-14:05"), over),
        Some(at(TUESDAY, 14, 25))
    );
    assert_eq!(
        limits("fr", "", &worked("Tue 08:00-14:05"), at(TUESDAY, 14, 25)),
        [("day", 235)]
    );
}

#[test]
fn days_weeks_and_rests_limit_what_is_left() {
    let worked = |text: &str| shifts(text, Week::Plain.monday());
    let evening = worked("Tue 08:00-12:00; Tue 13:00-18:30");
    assert_eq!(
        limits("fr", "", &evening, at(TUESDAY, 18, 30)),
        [("day", 30)]
    );
    let done = worked("Tue 08:00-12:00; Tue 13:00-19:00");
    assert_eq!(limits("fr", "", &done, at(TUESDAY, 19, 0)), [("day", 0)]);
    // A new day at midnight has its own hours, but no rest lies before it.
    assert_eq!(
        free_from("fr", "", &done, at(TUESDAY, 19, 0)),
        Some(at(date(2026, 3, 4), 6, 0))
    );
    let late = worked("Tue 18:00-22:00");
    let wednesday = date(2026, 3, 4);
    assert_eq!(
        limits("fr", "", &late, at(wednesday, 8, 30)),
        [("daily_rest", 0)]
    );
    assert_eq!(
        free_from("fr", "", &late, at(wednesday, 8, 30)),
        Some(at(wednesday, 9, 0))
    );
    assert_eq!(limits("fr", "", &late, at(wednesday, 9, 0)), []);
    // Before Sunday.
    let saturday = date(2026, 3, 7);
    assert_eq!(
        limits("fr", "", &worked("Sat 20:00-23:00"), at(saturday, 23, 0)),
        [("sunday", 60), ("break", 180)]
    );
    assert_eq!(
        limits("fr", "", &[], at(date(2026, 3, 8), 10, 0)),
        [("sunday", 0)]
    );
    let monday = date(2026, 3, 9);
    assert_eq!(
        free_from("fr", "", &[], at(date(2026, 3, 8), 10, 0)),
        Some(at(monday, 0, 0))
    );
    // A sixth day is allowed, a seventh not, until the next week.
    let six = worked(
        "Mon 09:00-12:00; Tue 09:00-12:00; Wed 09:00-12:00; Thu 09:00-12:00; Fri 09:00-12:00; Sat 09:00-12:00",
    );
    let sunday = date(2026, 3, 8);
    let found = limits("fr-2098", "", &six, at(sunday, 10, 0));
    assert_eq!(found[..2], [("weekly_rest", 0), ("working_days", 0)]);
    assert_eq!(
        free_from("fr-2098", "", &six, at(sunday, 10, 0)),
        Some(at(monday, 0, 0))
    );
}

#[test]
fn call_centres_minors_and_clock_changes_limit_too() {
    let worked = |text: &str| shifts(text, Week::Plain.monday());
    assert_eq!(
        limits(
            "fr-2098",
            "",
            &worked("Tue 15:00-17:30"),
            at(TUESDAY, 17, 30)
        )[0],
        ("sequence", 30)
    );
    // Ten minutes are too short after more than two hours.
    assert_eq!(
        limits(
            "fr-2098",
            "",
            &worked("Tue 15:00-17:30"),
            at(TUESDAY, 17, 40)
        )[0],
        ("sequence", 0)
    );
    assert_eq!(
        free_from(
            "fr-2098",
            "",
            &worked("Tue 15:00-17:30"),
            at(TUESDAY, 17, 30)
        ),
        Some(at(TUESDAY, 17, 30))
    );
    let three = worked("Tue 15:00-18:00");
    assert_eq!(
        free_from("fr-2098", "", &three, at(TUESDAY, 18, 0)),
        Some(at(TUESDAY, 18, 15))
    );
    let morning = worked("Tue 09:00-11:00/10:00-10:15; Tue 11:15-12:45");
    assert_eq!(
        limits("fr-2098", "", &morning, at(TUESDAY, 12, 45))[0],
        ("lunch", 45)
    );
    assert_eq!(
        limits("fr", "17", &worked("Tue 18:00-21:00"), at(TUESDAY, 21, 0))[0],
        ("minor_night", 60)
    );
    assert_eq!(
        free_from("fr", "17", &worked("Tue 18:00-22:00"), at(TUESDAY, 22, 0)),
        Some(at(date(2026, 3, 4), 10, 0))
    );
    // 28 March 22:00 to 29 March 09:00 is ten hours.
    let spring = shifts("Sat 18:00-22:00", Week::Spring.monday());
    let sunday = date(2026, 3, 29);
    assert_eq!(
        free_from("fr-2098", "", &spring, at(sunday, 9, 0)),
        Some(at(sunday, 10, 0))
    );
    let autumn = shifts("Sat 18:00-22:00", Week::Autumn.monday());
    let sunday = date(2026, 10, 25);
    assert_eq!(
        limits("fr-2098", "", &autumn, at(sunday, 8, 0)),
        [("sequence", 180)]
    );
}

#[test]
fn records_go_on_with_a_shift_after_a_pause_and_begin_another_after_rest() {
    let mut shifts = Vec::new();
    let minute = |minute: i64| at(TUESDAY, 22, 0) + minute * MINUTE_MS;
    record(&mut shifts, Span::new(minute(0), minute(60)));
    record(&mut shifts, Span::new(minute(60), minute(100)));
    // Past midnight, after a pause of half an hour, it is the same shift.
    record(&mut shifts, Span::new(minute(130), minute(150)));
    let one = Shift::work(Span::new(minute(0), minute(150)))
        .with_breaks([Span::new(minute(100), minute(130))]);
    assert_eq!(shifts, std::slice::from_ref(&one));
    record(&mut shifts, Span::new(minute(270), minute(280)));
    assert_eq!(
        shifts,
        [one, Shift::work(Span::new(minute(270), minute(280)))]
    );
}

#[test]
fn a_class_of_calls_is_blocked_once_its_length_no_longer_fits() {
    let worked = shifts("Tue 08:00-13:30", Week::Plain.monday());
    let now = at(TUESDAY, 13, 30);
    let days = Days::around(&zone(), Span::new(now, now));
    let asked = Worked {
        pack: pack::embedded().get("fr").unwrap(),
        person: &person(""),
        days: &days,
        shifts: &worked,
        past: &Past::default(),
    };
    let outlook = asked.outlook(now, 4 * HOUR_MS);
    let six = at(TUESDAY, 14, 0);
    assert_eq!(outlook.free_until_ms(), Some(six));
    let passed = |at_ms: i64, minutes: i64| outlook.passed(at_ms, minutes * MINUTE_MS).count();
    assert_eq!(
        (passed(now, 29), passed(now, 30), passed(now, 31)),
        (0, 0, 1)
    );
    // The outlook of 13:30 holds while work goes on: ten minutes fit until 13:50.
    let change = outlook.next_change_ms(now, 10 * MINUTE_MS).unwrap();
    assert_eq!(change, at(TUESDAY, 13, 50) + 1);
    assert_eq!((passed(change - 1, 10), passed(change, 10)), (0, 1));
}

#[test]
fn a_shift_more_is_told_by_what_it_adds() {
    let planned = shifts("Tue 08:00-14:00; Wed 08:00-12:00", Week::Plain.monday());
    let whole = Span::new(planned[0].span.start_ms, planned[1].span.end_ms);
    let case = Case {
        pack: pack::embedded().get("fr").unwrap(),
        person: &person(""),
        days: &Days::around(&zone(), whole),
        shifts: &planned,
        past: &Past::default(),
    };
    let told = |text: &str| {
        let more = shifts(text, Week::Plain.monday());
        let findings = added(&case, more.into_iter().next().unwrap());
        findings
            .iter()
            .map(|finding| finding.article.to_string())
            .collect::<Vec<_>>()
    };
    // Tuesday lacks its break already: that is not the shift's doing.
    assert_eq!(told("Wed 13:00-17:00"), [""; 0]);
    assert_eq!(told("Tue 19:00-21:01"), ["L3131-1"]);
    assert_eq!(told("Wed 12:00-14:00"), ["L3121-16"]);
    assert_eq!(told("Wed 13:00-19:01"), ["L3121-18"]);
}
