//! When queues are served, as a pool's file says it.

use std::{fs, path::Path};

use crate::{
    calendar::holidays::Holidays,
    cli::{
        calendar::is_icalendar,
        text::{self, Word},
        toml_file::{Findings, Section},
    },
    proto::v1::{
        DatedHours, Day, HolidayCalendar, PeakPolicy, Queue, ServeMode, WhenClosing, Window,
    },
};

const PEAK_KEYS: [&str; 6] = [
    "arrivals_reported",
    "least_on",
    "least_off",
    "least_baseline",
    "site_waiting_on",
    "site_waiting_off",
];
const WINDOW_KEYS: [&str; 2] = ["days", "hours"];
const EXCEPTION_KEYS: [&str; 5] = ["date", "until", "closed", "hours", "reason"];
const CALENDAR_KEYS: [&str; 2] = ["code", "file"];

/// The hours of a day that is open all day.
const DAY: &str = "00:00-24:00";

/// The pool's calendars, whose files lie beside its own.
pub(super) fn read_calendars(
    root: &Section<'_>,
    folder: &Path,
    findings: &mut Findings,
) -> Vec<HolidayCalendar> {
    let sections = root.sections("calendars", findings);
    let calendars = sections.iter().map(|section| {
        section.check_keys(&CALENDAR_KEYS, findings);
        let code = section.required_text("code", findings);
        let file = section.required_text("file", findings);
        let definition = read_definition(section, &folder.join(&file), &code, findings);
        HolidayCalendar { code, definition }
    });
    calendars.collect()
}

/// A holiday file as the server takes it; of an iCalendar file its days.
fn read_definition(
    section: &Section<'_>,
    path: &Path,
    code: &str,
    findings: &mut Findings,
) -> String {
    if !section.has("file") {
        return String::new();
    }
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(problem) => {
            let what = format!("cannot be read from {}: {problem}", path.display());
            section.note("file", &what, findings);
            return String::new();
        }
    };
    let read = if is_icalendar(&text) {
        Holidays::of_icalendar(code, code, &text).map(|holidays| holidays.to_toml())
    } else {
        Holidays::parse(&text).map(|_| text)
    };
    read.unwrap_or_else(|problems| {
        let field = section.path_of("file");
        for problem in problems {
            findings.note_in(
                &path.display().to_string(),
                problem.line,
                &field,
                problem.text,
            );
        }
        String::new()
    })
}

/// What a queue says of when it is served; all else is empty.
pub(super) fn read_serving(section: &Section<'_>, findings: &mut Findings) -> Queue {
    let windows = section.sections("windows", findings);
    let exceptions = section.sections("exceptions", findings);
    let share = section.has("share_percent");
    let share_percent = section.whole("share_percent", findings);
    Queue {
        serve: section.word::<ServeMode>("serve", findings) as i32,
        zone: section.text("zone", findings),
        holidays: section.texts("holidays", findings),
        windows: windows
            .iter()
            .map(|window| read_window(window, findings))
            .collect(),
        exceptions: exceptions
            .iter()
            .map(|dated| read_exception(dated, findings))
            .collect(),
        share_percent: share.then_some(share_percent),
        shadow: section.flag("shadow", findings),
        when_closing: section.word::<WhenClosing>("when_closing", findings) as i32,
        peaks: section
            .section("peaks", findings)
            .map(|peaks| read_peaks(&peaks, findings)),
        ..Queue::default()
    }
}

fn read_peaks(section: &Section<'_>, findings: &mut Findings) -> PeakPolicy {
    section.check_keys(&PEAK_KEYS, findings);
    let least_baseline = section.whole("least_baseline", findings);
    PeakPolicy {
        arrivals_reported: section.flag("arrivals_reported", findings),
        least_on: section.duration("least_on", findings).map(text::to_api),
        least_off: section.duration("least_off", findings).map(text::to_api),
        least_baseline: section.has("least_baseline").then_some(least_baseline),
        site_waiting_on: section.whole("site_waiting_on", findings),
        site_waiting_off: section.whole("site_waiting_off", findings),
    }
}

fn read_window(section: &Section<'_>, findings: &mut Findings) -> Window {
    section.check_keys(&WINDOW_KEYS, findings);
    let mut days = Vec::new();
    for word in section.texts("days", findings) {
        match Day::parse(&word.to_lowercase()) {
            Ok(day) => days.push(day as i32),
            Err(what) => section.note("days", &format!("has {what}"), findings),
        }
    }
    Window {
        days,
        hours: section.required_text("hours", findings),
    }
}

fn read_exception(section: &Section<'_>, findings: &mut Findings) -> DatedHours {
    section.check_keys(&EXCEPTION_KEYS, findings);
    let is_closed = section.flag("closed", findings);
    let hours = section.texts("hours", findings);
    if is_closed && !hours.is_empty() {
        section.note(
            "closed",
            "and `hours` exclude each other; give one of them",
            findings,
        );
    }
    let is_open_all_day = !is_closed && !section.has("hours");
    DatedHours {
        from: section.required_text("date", findings),
        until: section.text("until", findings),
        hours: if is_open_all_day {
            vec![DAY.to_owned()]
        } else {
            hours
        },
        reason: section.text("reason", findings),
    }
}
