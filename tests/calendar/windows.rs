//! Windows open and close at the right instants, over a whole year minute by minute, and wrong ones are refused.

use std::collections::BTreeSet;

use homeshore::calendar::{
    holidays::Holidays,
    windows::{DayKind, Exception, Hours, Window, Windows, WindowsSpec},
    zone::Zone,
};
use jiff::{
    SignedDuration, Timestamp, ToSpan,
    civil::{Date, date},
};

fn hours(text: &str) -> Hours {
    Hours::parse(text).unwrap_or_else(|| panic!("{text}"))
}

fn window(days: &str, text: &str) -> Window {
    let days = days.split(' ').map(|day| DayKind::named(day).unwrap());
    Window {
        days: days.collect(),
        hours: hours(text),
    }
}

fn exception(from: Date, until: Date, texts: &[&str]) -> Exception {
    Exception {
        from,
        until,
        hours: texts.iter().map(|text| hours(text)).collect(),
        reason: String::new(),
    }
}

fn region(code: &str) -> Result<Holidays, String> {
    Holidays::for_region(code).map_err(|unknown| unknown.to_string())
}

fn windows(spec: &WindowsSpec) -> Windows {
    Windows::new(spec, region).unwrap()
}

/// Evenings, Saturdays, a night over midnight before each Sunday, and holidays.
fn evenings(zone: &str) -> WindowsSpec {
    WindowsSpec {
        zone: zone.into(),
        holidays: vec!["FR-ALSACE-MOSELLE".into()],
        windows: vec![
            window("monday tuesday wednesday thursday friday", "17:30-22:00"),
            window("saturday", "08:00-20:00"),
            window("saturday", "22:00-04:00"),
            window("holiday", "09:00-18:00"),
        ],
        exceptions: vec![
            exception(
                date(2026, 12, 24),
                date(2026, 12, 24),
                &["08:00-12:00", "13:00-16:00"],
            ),
            exception(date(2026, 8, 10), date(2026, 8, 14), &[]),
            exception(date(2026, 12, 31), date(2026, 12, 31), &["20:00-03:00"]),
        ],
    }
}

/// What, when it is asked, and what comes of it.
const ROWS: &[(&str, &str, &str, &str)] = &[
    (
        "a Monday",
        "2026-03-02T08:00:00Z",
        "2026-03-02T16:30:00Z",
        "2026-03-02T21:00:00Z",
    ),
    (
        "an evening in summer",
        "2026-06-30T08:00:00Z",
        "2026-06-30T15:30:00Z",
        "2026-06-30T20:00:00Z",
    ),
    (
        "the night of the spring change",
        "2026-03-28T19:00:00Z",
        "2026-03-28T21:00:00Z",
        "2026-03-29T02:00:00Z",
    ),
    (
        "the night of the autumn change",
        "2026-10-24T18:00:00Z",
        "2026-10-24T20:00:00Z",
        "2026-10-25T03:00:00Z",
    ),
    (
        "Saturday 15 August, a holiday",
        "2026-08-14T23:00:00Z",
        "2026-08-15T07:00:00Z",
        "2026-08-15T16:00:00Z",
    ),
    (
        "no night window from a holiday on a Saturday",
        "2026-08-15T16:00:00Z",
        "2026-08-17T15:30:00Z",
        "2026-08-17T20:00:00Z",
    ),
    (
        "a closed week",
        "2026-08-07T20:00:00Z",
        "2026-08-08T06:00:00Z",
        "2026-08-08T18:00:00Z",
    ),
    (
        "after the night into the closed week",
        "2026-08-09T02:00:00Z",
        "2026-08-15T07:00:00Z",
        "2026-08-15T16:00:00Z",
    ),
    (
        "Good Friday in Alsace",
        "2026-04-02T20:00:00Z",
        "2026-04-03T07:00:00Z",
        "2026-04-03T16:00:00Z",
    ),
    (
        "other hours on a day",
        "2026-12-24T05:00:00Z",
        "2026-12-24T07:00:00Z",
        "2026-12-24T11:00:00Z",
    ),
    (
        "the second hours of that day",
        "2026-12-24T11:00:00Z",
        "2026-12-24T12:00:00Z",
        "2026-12-24T15:00:00Z",
    ),
    (
        "a dated night into a holiday",
        "2026-12-31T12:00:00Z",
        "2026-12-31T19:00:00Z",
        "2027-01-01T02:00:00Z",
    ),
    (
        "and the holiday after it",
        "2027-01-01T02:00:00Z",
        "2027-01-01T08:00:00Z",
        "2027-01-01T17:00:00Z",
    ),
];

#[test]
fn a_queue_opens_and_closes_at_the_right_instants() {
    let windows = windows(&evenings("Europe/Paris"));
    for (what, at, opens, closes) in ROWS {
        let at: Timestamp = at.parse().unwrap();
        assert!(!windows.is_open(at), "{what}");
        let opening = windows.next_change(at).unwrap();
        assert_eq!(opening.to_string(), *opens, "{what}");
        assert_eq!(windows.next_opening(at), Some(opening), "{what}");
        assert!(windows.is_open(opening), "{what}");
        assert_eq!(windows.next_opening(opening), Some(opening), "{what}");
        let closing = windows.next_change(opening).unwrap();
        assert_eq!(closing.to_string(), *closes, "{what}");
        assert!(!windows.is_open(closing), "{what}");
    }
}

/// Whether a queue with these windows is served: slow and obvious, each window of the day and of the day before is looked at.
fn is_served(spec: &WindowsSpec, holidays: &BTreeSet<Date>, zone: &Zone, at: Timestamp) -> bool {
    let today = zone.local(at).date();
    let hours_of = |day: Date| -> Vec<Hours> {
        let mut exceptions = spec.exceptions.iter();
        if let Some(dated) = exceptions.find(|dated| dated.from <= day && day <= dated.until) {
            return dated.hours.clone();
        }
        let kind = if holidays.contains(&day) {
            DayKind::Holiday
        } else {
            DayKind::of(day.weekday())
        };
        let windows = spec.windows.iter();
        let of_day = windows.filter(|window| window.days.contains(&kind));
        of_day.map(|window| window.hours).collect()
    };
    let instant = |day: Date, min: u16| {
        let clock = day.at(0, 0, 0, 0).checked_add(i64::from(min).minutes());
        zone.resolve(clock.unwrap()).unwrap().0
    };
    let is_in = |day: Date, hours: &Hours| {
        let is_over = hours.to_min < hours.from_min;
        let end = if is_over {
            hours.to_min + 1440
        } else {
            hours.to_min
        };
        instant(day, hours.from_min) <= at && at < instant(day, end)
    };
    let days = [today.yesterday().unwrap(), today];
    let mut days = days.iter();
    days.any(|day| hours_of(*day).iter().any(|hours| is_in(*day, hours)))
}

#[test]
fn a_whole_year_agrees_with_a_slow_reading_in_every_zone() {
    let calendar = Holidays::for_region("FR-ALSACE-MOSELLE").unwrap();
    let days = calendar.between(date(2025, 12, 1), date(2027, 2, 1));
    let days: BTreeSet<Date> = days.into_iter().map(|day| day.date).collect();
    for name in [
        "Europe/Paris",
        "America/Vancouver",
        "Africa/Casablanca",
        "Australia/Lord_Howe",
    ] {
        let spec = evenings(name);
        let (windows, zone) = (windows(&spec), Zone::named(name).unwrap());
        let mut at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let end: Timestamp = "2027-01-03T00:00:00Z".parse().unwrap();
        let (mut change, mut is_open) = (windows.next_change(at).unwrap(), windows.is_open(at));
        while at < end {
            if at == change {
                is_open = !is_open;
                change = windows.next_change(at).unwrap();
            }
            assert_eq!(is_served(&spec, &days, &zone, at), is_open, "{name} {at}");
            // All windows, and all changes of clocks, are at multiples of ten minutes.
            at = at.checked_add(SignedDuration::from_mins(10)).unwrap();
        }
    }
}

#[test]
fn what_is_always_or_never_open_has_no_change() {
    let all = "monday tuesday wednesday thursday friday saturday sunday";
    let mut spec = WindowsSpec {
        zone: "Europe/Paris".into(),
        windows: vec![window(all, "00:00-24:00")],
        ..WindowsSpec::default()
    };
    let at = "2026-03-28T12:00:00Z".parse().unwrap();
    assert!(windows(&spec).is_open(at));
    assert_eq!(windows(&spec).next_change(at), None);
    spec.windows.clear();
    assert!(!windows(&spec).is_open(at));
    assert_eq!(windows(&spec).next_opening(at), None);
    spec.exceptions = vec![exception(
        date(2027, 5, 1),
        date(2027, 5, 1),
        &["00:00-24:00"],
    )];
    let opening = windows(&spec).next_opening(at).unwrap();
    assert_eq!(opening.to_string(), "2027-04-30T22:00:00Z");
}

#[test]
fn a_window_that_a_clock_change_swallows_is_not_opened() {
    let spec = WindowsSpec {
        zone: "Europe/Paris".into(),
        windows: vec![
            window("sunday", "02:30-03:00"),
            window("monday", "02:00-02:30"),
        ],
        ..WindowsSpec::default()
    };
    let windows = windows(&spec);
    assert!(windows.spans_of(date(2026, 3, 29)).is_empty());
    assert_eq!(windows.spans_of(date(2026, 3, 22)).len(), 1);
    let before = "2026-03-28T12:00:00Z".parse().unwrap();
    assert_eq!(
        windows.next_change(before).unwrap().to_string(),
        "2026-03-30T00:00:00Z"
    );
}

#[test]
fn wrong_windows_are_refused_with_every_reason() {
    let spec = WindowsSpec {
        zone: "Europe/Pari".into(),
        holidays: vec!["FR-ALSAS".into()],
        windows: vec![
            window("monday", "08:00-18:00"),
            window("monday tuesday", "17:59-20:00"),
            window("friday", "10:00-10:00"),
            window("sunday", "22:00-08:01"),
            window("holiday", "08:00-12:00"),
            window("holiday", "11:00-13:00"),
            window("saturday saturday", "18:00-00:00"),
            window("wednesday", "08:00-12:00"),
            window("wednesday", "12:00-13:00"),
        ],
        exceptions: vec![
            exception(date(2026, 5, 2), date(2026, 5, 1), &[]),
            exception(
                date(2026, 6, 1),
                date(2026, 6, 5),
                &["08:00-12:00", "11:00-13:00"],
            ),
            exception(date(2026, 6, 5), date(2026, 6, 5), &[]),
        ],
    };
    let wrong = Windows::new(&spec, region).unwrap_err();
    let told: Vec<String> = wrong.iter().map(ToString::to_string).collect();
    let expected = [
        "windows[1]: overlaps `windows[0]` on monday",
        "windows[2].hours: `10:00-10:00` has no length",
        "windows[3]: overlaps `windows[0]` on monday",
        "windows[5]: overlaps `windows[4]` on a holiday",
        "windows[6].days: has `saturday` twice",
        "windows[6].hours: `18:00-00:00` ends at the day's end; write `18:00-24:00`",
        "exceptions[0].until: `2026-05-01` is before its beginning",
        "exceptions[1].hours[1]: `11:00-13:00` overlaps",
        "exceptions[2]: has days that `exceptions[1]` has too",
        "zone: `Europe/Pari` is no time zone",
        "holidays[0]: `FR-ALSAS` is no region",
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told}\nis not {expected}");
    }
    for text in [
        "8:00-12:00",
        "08:00",
        "24:00-25:00",
        "08:60-09:00",
        "08:00-24:01",
        "+8:00-09:00",
    ] {
        assert_eq!(Hours::parse(text), None, "{text}");
    }
}
