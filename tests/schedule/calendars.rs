//! Calendars: repetitions, exceptions, changes, zones by every name.

use homeshore::schedule::{Options, SegmentKind};
use jiff::civil::date;

use super::{in_paris, read_in_paris, read_with, span, told};

fn calendar(events: &[&str]) -> String {
    let events: Vec<String> = events
        .iter()
        .map(|event| format!("BEGIN:VEVENT\n{event}\nEND:VEVENT\n"))
        .collect();
    format!(
        "BEGIN:VCALENDAR\nVERSION:2.0\nX-HOMESHORE-AGENT:a\n{}END:VCALENDAR\n",
        events.concat()
    )
}

fn read(events: &[&str]) -> (Vec<String>, Vec<String>) {
    let reading = read_in_paris("a.ics", calendar(events).as_bytes());
    (reading.shifts.iter().map(span).collect(), told(&reading))
}

#[test]
fn a_weekly_shift_with_exceptions_is_followed() {
    let bytes = include_bytes!("files/cal_weekly_with_exceptions.ics");
    let reading = read_in_paris("cal.ics", bytes);
    let shifts: Vec<String> = reading.shifts.iter().map(span).collect();
    let rows = [
        ("02T16:30", "02T20:30"),
        ("09T17:00", "09T21:00"),
        ("16T16:30", "16T20:30"),
        ("18T16:30", "18T20:30"),
        ("23T16:30", "23T20:30"),
        ("25T16:30", "25T20:30"),
        ("30T15:30", "30T19:30"),
    ];
    let expected = rows.map(|(start, end)| format!("E017 2026-03-{start}:00Z 2026-03-{end}:00Z"));
    assert_eq!(shifts, expected);
    let skills: Vec<&str> = reading.shifts[0].skills.iter().map(AsRef::as_ref).collect();
    assert_eq!(
        (skills, reading.shifts[0].site.as_ref()),
        (vec!["assistance", "facturation"], "domicile")
    );
    assert_eq!(reading.problems.errors(), 0);
}

#[test]
fn zones_of_outlook_and_lengths_are_read() {
    let reading = read_in_paris("cal.ics", include_bytes!("files/cal_outlook_night.ics"));
    let shifts: Vec<String> = reading.shifts.iter().map(span).collect();
    assert_eq!(
        shifts,
        [
            "E017 2026-03-27T21:00:00Z 2026-03-28T05:00:00Z",
            "E017 2026-03-28T21:00:00Z 2026-03-29T05:00:00Z"
        ],
        "a length elapses, also over the change of clocks"
    );
    let reading = read_in_paris("cal.ics", include_bytes!("files/cal_floating_and_utc.ics"));
    let starts: Vec<String> = reading
        .shifts
        .iter()
        .map(|shift| shift.start.to_string())
        .collect();
    assert_eq!(starts, ["2026-04-05T06:00:00Z", "2026-04-06T08:00:00Z"]);
}

#[test]
fn a_repeated_night_ends_on_the_clock() {
    let (shifts, problems) = read(&[
        "UID:1\nDTSTART;TZID=Europe/Paris:20260327T220000\nDTEND;TZID=Europe/Paris:20260328T060000\nRRULE:FREQ=DAILY;COUNT=2",
    ]);
    assert_eq!(
        shifts[1], "a 2026-03-28T21:00:00Z 2026-03-29T04:00:00Z",
        "{problems:?}"
    );
}

#[test]
fn versions_cancelled_events_and_extra_days_count() {
    let (shifts, problems) = read(&[
        "UID:1\nSEQUENCE:1\nDTSTART:20260302T080000\nDTEND:20260302T120000",
        "UID:1\nSEQUENCE:2\nDTSTART:20260303T080000\nDTEND:20260303T120000",
        "UID:2\nSTATUS:CANCELLED\nDTSTART:20260304T080000\nDTEND:20260304T120000",
        "UID:3\nDTSTART:20260305T080000\nDTEND:20260305T120000\nRDATE:20260306T090000,20260307T080000\nEXDATE;VALUE=DATE:20260307",
        "UID:4\nDTSTART;VALUE=DATE:20260308\nDTEND;VALUE=DATE:20260309",
    ]);
    let days: Vec<&str> = shifts.iter().map(|shift| &shift[2..15]).collect();
    assert_eq!(days, ["2026-03-03T07", "2026-03-05T07", "2026-03-06T08"]);
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].contains("whole days"), "{problems:?}");
    let cancelled = calendar(&["DTSTART:20260302T080000\nDTEND:20260302T120000"])
        .replace("VERSION", "METHOD:CANCEL\nVERSION");
    assert_eq!(read_in_paris("a.ics", cancelled.as_bytes()).shifts.len(), 0);
}

#[test]
fn a_rule_without_end_is_followed_for_two_years_or_as_said() {
    let events = ["UID:1\nDTSTART:20260302T080000\nDTEND:20260302T120000\nRRULE:FREQ=WEEKLY"];
    let (shifts, problems) = read(&events);
    assert_eq!(shifts.len(), 105);
    assert!(
        problems[0].contains("followed to 2028-03-02"),
        "{problems:?}"
    );
    let options = Options {
        until: Some(date(2026, 3, 31)),
        ..in_paris()
    };
    assert_eq!(
        read_with("a.ics", calendar(&events).as_bytes(), &options)
            .shifts
            .len(),
        5
    );
}

#[test]
fn breaks_within_a_shift_are_its_segments() {
    let reading = read_in_paris(
        "a.ics",
        calendar(&[
            "SUMMARY:Pause\nDTSTART:20260302T100000\nDTEND:20260302T101500",
            "SUMMARY:Hotline\nDTSTART:20260302T080000\nDTEND:20260302T120000",
            "SUMMARY:Formation\nDTSTART:20260303T100000\nDTEND:20260303T120000",
        ])
        .as_bytes(),
    );
    let kinds: Vec<Vec<SegmentKind>> = reading
        .shifts
        .iter()
        .map(|shift| shift.segments.iter().map(|part| part.kind).collect())
        .collect();
    assert_eq!(
        kinds,
        [[SegmentKind::Break], [SegmentKind::Training]],
        "{:?}",
        told(&reading)
    );
}

#[test]
fn whose_calendar_it_is_is_told_if_it_is_a_guess() {
    let text = calendar(&["DTSTART:20260302T080000\nDTEND:20260302T120000"])
        .replace("X-HOMESHORE-AGENT:a\n", "");
    let reading = read_in_paris("plans/E017.ics", text.as_bytes());
    assert_eq!(reading.shifts[0].agent.as_ref(), "E017");
    assert!(
        told(&reading)[0].contains("by the file's name"),
        "{:?}",
        told(&reading)
    );
    let options = Options {
        agent: Some("E018".to_owned()),
        ..in_paris()
    };
    let reading = read_with("plans/E017.ics", text.as_bytes(), &options);
    assert_eq!(
        (reading.shifts[0].agent.as_ref(), told(&reading).len()),
        ("E018", 0)
    );
}
