//! When queues are served, between wire and engine.

use jiff::civil::Date;

use super::{Faults, peaks};
use crate::{
    api::status::shown,
    calendar::windows::{DayKind, Exception, Hours, Window, WindowsSpec},
    engine::serve::{CalendarSpec, ServeMode, ServeSpec, WhenClosing},
    proto::v1,
};

/// Lists are cut here; the engine's check says how long they may be.
const ENTRIES_MAX: usize = 2_000;

const DAYS: [(v1::Day, DayKind); 8] = [
    (v1::Day::Monday, DayKind::Monday),
    (v1::Day::Tuesday, DayKind::Tuesday),
    (v1::Day::Wednesday, DayKind::Wednesday),
    (v1::Day::Thursday, DayKind::Thursday),
    (v1::Day::Friday, DayKind::Friday),
    (v1::Day::Saturday, DayKind::Saturday),
    (v1::Day::Sunday, DayKind::Sunday),
    (v1::Day::Holiday, DayKind::Holiday),
];

/// What a queue says of when it is served; `at` is the path of one of its fields.
pub(super) fn serve_spec(
    faults: &mut Faults,
    at: &impl Fn(&str) -> String,
    queue: &v1::Queue,
) -> ServeSpec {
    let windows = queue.windows.iter().take(ENTRIES_MAX).enumerate();
    let windows = windows
        .map(|(place, window)| window_spec(faults, &at(&format!("windows[{place}]")), window))
        .collect();
    let exceptions = queue.exceptions.iter().take(ENTRIES_MAX).enumerate();
    let exceptions = exceptions
        .map(|(place, dated)| exception_spec(faults, &at(&format!("exceptions[{place}]")), dated))
        .collect();
    ServeSpec {
        mode: mode_spec(faults, &at("serve"), queue.serve),
        windows: WindowsSpec {
            zone: queue.zone.clone(),
            holidays: queue.holidays.iter().take(ENTRIES_MAX).cloned().collect(),
            windows,
            exceptions,
        },
        share_percent: share(faults, &at("share_percent"), queue.share_percent),
        shadow: queue.shadow,
        when_closing: when_closing_spec(faults, &at("when_closing"), queue.when_closing),
        peaks: peaks::spec(faults, at, queue.peaks.as_ref()),
    }
}

fn share(faults: &mut Faults, field: &str, percent: Option<i32>) -> u8 {
    let percent = percent.unwrap_or(100);
    u8::try_from(percent).unwrap_or_else(|_| {
        faults.add(field, format!("is {percent}; give 0 to 100"));
        100
    })
}

fn mode_spec(faults: &mut Faults, field: &str, given: i32) -> ServeMode {
    match v1::ServeMode::try_from(given) {
        Ok(v1::ServeMode::Unspecified | v1::ServeMode::Always) => ServeMode::Always,
        Ok(v1::ServeMode::Windows) => ServeMode::Windows,
        Ok(v1::ServeMode::WindowsAndPeaks) => ServeMode::WindowsAndPeaks,
        Err(_) => {
            let right = "give SERVE_MODE_ALWAYS, _WINDOWS or _WINDOWS_AND_PEAKS";
            faults.add(field, format!("is {given}; {right}"));
            ServeMode::Always
        }
    }
}

fn when_closing_spec(faults: &mut Faults, field: &str, given: i32) -> WhenClosing {
    match v1::WhenClosing::try_from(given) {
        Ok(v1::WhenClosing::Unspecified | v1::WhenClosing::Serve) => WhenClosing::Serve,
        Ok(v1::WhenClosing::Overflow) => WhenClosing::Overflow,
        Ok(v1::WhenClosing::Callback) => WhenClosing::Callback,
        Err(_) => {
            let right = "give WHEN_CLOSING_SERVE, _OVERFLOW or _CALLBACK";
            faults.add(field, format!("is {given}; {right}"));
            WhenClosing::Serve
        }
    }
}

fn window_spec(faults: &mut Faults, at: &str, window: &v1::Window) -> Window {
    let field = format!("{at}.days");
    let days = window.days.iter().take(ENTRIES_MAX);
    Window {
        days: days
            .filter_map(|day| day_kind(faults, &field, *day))
            .collect(),
        hours: hours_spec(faults, &format!("{at}.hours"), &window.hours),
    }
}

fn day_kind(faults: &mut Faults, field: &str, given: i32) -> Option<DayKind> {
    let found = DAYS.iter().find(|(day, _)| *day as i32 == given);
    if found.is_none() {
        faults.add(field, format!("has {given}; give values of Day"));
    }
    found.map(|(_, kind)| *kind)
}

/// Hours that stand for others once a fault was added.
fn hours_spec(faults: &mut Faults, field: &str, text: &str) -> Hours {
    Hours::parse(text).unwrap_or_else(|| {
        let right = "give times of a day like `17:30-22:00`, `22:00-02:00` or `00:00-24:00`";
        faults.add(field, format!("is `{}`; {right}", shown(text)));
        Hours::DAY
    })
}

fn exception_spec(faults: &mut Faults, at: &str, dated: &v1::DatedHours) -> Exception {
    let from = date(faults, &format!("{at}.from"), &dated.from);
    let until = match dated.until.as_str() {
        "" => from,
        until => date(faults, &format!("{at}.until"), until),
    };
    let hours = dated.hours.iter().take(ENTRIES_MAX).enumerate();
    let hours = hours
        .map(|(place, text)| hours_spec(faults, &format!("{at}.hours[{place}]"), text))
        .collect();
    Exception {
        from,
        until,
        hours,
        reason: dated.reason.clone(),
    }
}

fn date(faults: &mut Faults, field: &str, text: &str) -> Date {
    let is_plain = text.len() == "2026-12-24".len();
    let date = is_plain.then(|| text.parse().ok()).flatten();
    date.unwrap_or_else(|| {
        faults.add(
            field,
            format!("is `{}`; give a day like `2026-12-24`", shown(text)),
        );
        Date::ZERO
    })
}

/// The pool's calendars.
pub(super) fn calendar_specs(calendars: &[v1::HolidayCalendar]) -> Vec<CalendarSpec> {
    let calendars = calendars.iter().take(ENTRIES_MAX);
    let spec = |calendar: &v1::HolidayCalendar| CalendarSpec {
        code: calendar.code.as_str().into(),
        definition: calendar.definition.as_str().into(),
    };
    calendars.map(spec).collect()
}

pub(super) fn calendar(spec: &CalendarSpec) -> v1::HolidayCalendar {
    v1::HolidayCalendar {
        code: spec.code.to_string(),
        definition: spec.definition.to_string(),
    }
}

pub(super) fn mode(mode: ServeMode) -> v1::ServeMode {
    match mode {
        ServeMode::Always => v1::ServeMode::Always,
        ServeMode::Windows => v1::ServeMode::Windows,
        ServeMode::WindowsAndPeaks => v1::ServeMode::WindowsAndPeaks,
    }
}

pub(super) fn when_closing(when: WhenClosing) -> v1::WhenClosing {
    match when {
        WhenClosing::Serve => v1::WhenClosing::Serve,
        WhenClosing::Overflow => v1::WhenClosing::Overflow,
        WhenClosing::Callback => v1::WhenClosing::Callback,
    }
}

pub(super) fn window(window: &Window) -> v1::Window {
    let day = |kind: &DayKind| {
        let found = DAYS.iter().find(|(_, known)| known == kind);
        found.map_or(0, |(day, _)| *day as i32)
    };
    v1::Window {
        days: window.days.iter().map(day).collect(),
        hours: window.hours.to_string(),
    }
}

pub(super) fn exception(exception: &Exception) -> v1::DatedHours {
    v1::DatedHours {
        from: exception.from.to_string(),
        until: exception.until.to_string(),
        hours: exception.hours.iter().map(ToString::to_string).collect(),
        reason: exception.reason.clone(),
    }
}
