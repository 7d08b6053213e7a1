//! What is wrong with windows: refused whole, with every problem at once.

use thiserror::Error;

use super::spec::{DAY_MIN, DayKind, Exception, Hours, Window, WindowsSpec};

const WEEK_MIN: u32 = 7 * DAY_MIN as u32;

/// More are no calendar that a person could look after.
const WINDOWS_MAX: usize = 100;
const EXCEPTIONS_MAX: usize = 1_000;
const CALENDARS_MAX: usize = 8;
const REASON_BYTES_MAX: usize = 128;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{field}: {problem}")]
pub struct Wrong {
    /// From the queue, such as `windows[1].to`.
    pub field: String,
    pub problem: String,
}

impl Wrong {
    pub(super) fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            problem: problem.into(),
        }
    }
}

pub(super) fn check(spec: &WindowsSpec) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    for (field, count, most) in [
        ("windows", spec.windows.len(), WINDOWS_MAX),
        ("exceptions", spec.exceptions.len(), EXCEPTIONS_MAX),
        ("holidays", spec.holidays.len(), CALENDARS_MAX),
    ] {
        if count > most {
            wrong.push(Wrong::new(
                field,
                format!("has {count} entries; give at most {most}"),
            ));
        }
    }
    if !wrong.is_empty() {
        return wrong;
    }
    for (place, window) in spec.windows.iter().enumerate() {
        let field = format!("windows[{place}]");
        check_days(&mut wrong, &field, window, spec);
        check_hours(&mut wrong, &format!("{field}.hours"), window.hours);
        let mut earlier = spec.windows[..place].iter().enumerate();
        if let Some((other, day)) =
            earlier.find_map(|(other, one)| Some((other, overlap(one, window)?)))
        {
            let problem = format!(
                "overlaps `windows[{other}]` on {day}; join them, or let one begin when the other ends"
            );
            wrong.push(Wrong::new(field, problem));
        }
    }
    for (place, exception) in spec.exceptions.iter().enumerate() {
        check_exception(&mut wrong, place, exception, &spec.exceptions[..place]);
    }
    wrong
}

fn check_days(wrong: &mut Vec<Wrong>, field: &str, window: &Window, spec: &WindowsSpec) {
    let field = format!("{field}.days");
    if window.days.is_empty() {
        wrong.push(Wrong::new(
            &field,
            "is empty; name weekdays such as `monday`, or `holiday`",
        ));
    }
    let mut days = window.days.iter().enumerate();
    if let Some((_, twice)) = days.find(|(place, day)| window.days[..*place].contains(day)) {
        wrong.push(Wrong::new(&field, format!("has `{}` twice", twice.name())));
    }
    if window.days.contains(&DayKind::Holiday) && spec.holidays.is_empty() {
        let problem = "has `holiday`, but the queue has no `holidays`; name a region such as `FR`";
        wrong.push(Wrong::new(&field, problem));
    }
}

fn check_hours(wrong: &mut Vec<Wrong>, field: &str, hours: Hours) {
    if hours.from_min >= DAY_MIN || hours.to_min > DAY_MIN {
        wrong.push(Wrong::new(field, "are no times of a day, 00:00 to 24:00"));
    } else if hours.length_min() == 0 {
        let problem = format!("`{hours}` has no length; the whole day is `00:00-24:00`");
        wrong.push(Wrong::new(field, problem));
    } else if hours.is_over_midnight() && hours.to_min == 0 {
        let from = hours.to_string();
        let from = from.split('-').next().unwrap_or_default();
        wrong.push(Wrong::new(
            field,
            format!("`{hours}` ends at the day's end; write `{from}-24:00`"),
        ));
    }
}

/// The day on which two windows overlap, if they do.
fn overlap(one: &Window, other: &Window) -> Option<&'static str> {
    let both_holiday = [one, other]
        .iter()
        .all(|window| window.days.contains(&DayKind::Holiday));
    if both_holiday && meet(minutes(0, one.hours), minutes(0, other.hours)) {
        return Some("a holiday");
    }
    let pairs = one
        .days
        .iter()
        .flat_map(|day| other.days.iter().map(move |also| (*day, *also)));
    let mut pairs = pairs.filter_map(|(day, also)| Some((day, day.of_week()?, also.of_week()?)));
    let found = pairs.find(|(_, day, also)| {
        let (first, second) = (minutes(*day, one.hours), minutes(*also, other.hours));
        // A window of Sunday may reach into Monday, where the week begins again.
        let later = |span: (u32, u32)| (span.0 + WEEK_MIN, span.1 + WEEK_MIN);
        meet(first, second) || meet(later(first), second) || meet(first, later(second))
    });
    found.map(|(day, _, _)| day.name())
}

/// Where in the week hours of a day lie.
fn minutes(day: u32, hours: Hours) -> (u32, u32) {
    let from = day * u32::from(DAY_MIN) + u32::from(hours.from_min);
    (from, from + u32::from(hours.length_min()))
}

fn meet(one: (u32, u32), other: (u32, u32)) -> bool {
    one.0 < other.1 && other.0 < one.1
}

fn check_exception(
    wrong: &mut Vec<Wrong>,
    place: usize,
    exception: &Exception,
    earlier: &[Exception],
) {
    let field = format!("exceptions[{place}]");
    if exception.until < exception.from {
        let problem = format!(
            "`{}` is before its beginning, `{}`",
            exception.until, exception.from
        );
        wrong.push(Wrong::new(format!("{field}.until"), problem));
    }
    if exception.reason.len() > REASON_BYTES_MAX || exception.reason.chars().any(char::is_control) {
        let problem = format!("must be a line of at most {REASON_BYTES_MAX} bytes");
        wrong.push(Wrong::new(format!("{field}.reason"), problem));
    }
    let mut others = earlier.iter().enumerate();
    let meets = |other: &Exception| other.from <= exception.until && exception.from <= other.until;
    if let Some((other, _)) = others.find(|(_, other)| meets(other)) {
        let problem =
            format!("has days that `exceptions[{other}]` has too; a day has one exception");
        wrong.push(Wrong::new(&field, problem));
    }
    for (number, hours) in exception.hours.iter().enumerate() {
        let field = format!("{field}.hours[{number}]");
        check_hours(wrong, &field, *hours);
        let mut before = exception.hours[..number].iter();
        if before.any(|before| meet(minutes(0, *before), minutes(0, *hours))) {
            wrong.push(Wrong::new(
                field,
                format!("`{hours}` overlaps other hours of the same day"),
            ));
        }
    }
}
