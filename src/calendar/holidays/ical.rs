//! Holidays of an iCalendar file: its all-day events.

use std::collections::BTreeSet;

use icalendar::parser::{Component, Property, read_calendar, unfold};
use jiff::{
    ToSpan as _,
    civil::{Date, DateTime},
};

use super::{Holiday, Problem, yearly::Yearly};

/// A file has at most this many days, and an event at most [`EVENT_DAYS`] in a row.
const MOST_DAYS: usize = 20_000;
const EVENT_DAYS: i32 = 31;

/// The days of all events, by date; all that is wrong if anything is.
pub(super) fn read(source: &str) -> Result<Vec<Holiday>, Vec<Problem>> {
    let unfolded = unfold(source);
    let calendar = read_calendar(&unfolded).map_err(|error| {
        let reason = error.lines().rfind(|line| !line.trim().is_empty());
        vec![Problem {
            line: 1,
            text: format!(
                "this is no iCalendar file: {}",
                reason.unwrap_or("nothing is in it")
            ),
        }]
    })?;
    let events = calendar
        .components
        .iter()
        .filter(|component| component.name.as_ref().eq_ignore_ascii_case("VEVENT"));
    let mut lines = event_lines(source).into_iter();
    let (mut days, mut problems) = (BTreeSet::new(), Vec::new());
    let mut count = 0;
    for event in events {
        count += 1;
        let line = lines.next().unwrap_or(1);
        match days_of(event) {
            Ok(of_event) => days.extend(of_event.into_iter().map(|date| (date, name_of(event)))),
            Err(text) => problems.push(Problem { line, text }),
        }
        if days.len() > MOST_DAYS {
            problems.push(Problem {
                line,
                text: format!("these are more than {MOST_DAYS} days"),
            });
            break;
        }
    }
    if count == 0 {
        problems.push(Problem {
            line: 1,
            text: "there is no event (`BEGIN:VEVENT`) in this iCalendar file".to_owned(),
        });
    }
    if problems.is_empty() {
        Ok(days
            .into_iter()
            .map(|(date, name)| Holiday { date, name })
            .collect())
    } else {
        Err(problems)
    }
}

/// Where events begin in the file as it is written.
fn event_lines(source: &str) -> Vec<usize> {
    let is_event = |line: &str| line.trim_end().eq_ignore_ascii_case("BEGIN:VEVENT");
    let lines = source
        .lines()
        .enumerate()
        .filter(|(_, line)| is_event(line));
    lines.map(|(index, _)| index + 1).collect()
}

fn property<'e>(event: &'e Component<'_>, name: &str) -> Option<&'e Property<'e>> {
    let mut properties = event.properties.iter();
    properties.find(|property| property.name.as_ref().eq_ignore_ascii_case(name))
}

fn value<'e>(event: &'e Component<'_>, name: &str) -> Option<&'e str> {
    property(event, name).map(|property| property.val.as_ref().trim())
}

fn name_of(event: &Component<'_>) -> String {
    unescaped(value(event, "SUMMARY").unwrap_or_default())
}

/// The days of an event; none if it is cancelled.
fn days_of(event: &Component<'_>) -> Result<Vec<Date>, String> {
    if value(event, "STATUS").is_some_and(|status| status.eq_ignore_ascii_case("CANCELLED")) {
        return Ok(Vec::new());
    }
    let name = name_of(event);
    if name.trim().is_empty() || name.chars().any(char::is_control) {
        return Err("`SUMMARY` must be the holiday's name, in one line".to_owned());
    }
    let start = value(event, "DTSTART").ok_or("`DTSTART` is missing")?;
    let start = whole_day("DTSTART", start)?;
    let length = length(event, start)?;
    let starts = match value(event, "RRULE") {
        Some(rule) => Yearly::parse(rule)?.days(start),
        None => vec![start],
    };
    let without = dates(event, "EXDATE")?;
    let also = dates(event, "RDATE")?;
    let starts = starts
        .into_iter()
        .chain(also)
        .filter(|start| !without.contains(start));
    let days = starts.flat_map(|start| (0..length).map(move |day| start.checked_add(day.days())));
    days.collect::<Result<_, _>>()
        .map_err(|_| "`DTSTART` is too late".to_owned())
}

/// How many days it lasts.
fn length(event: &Component<'_>, start: Date) -> Result<i32, String> {
    let days = match (value(event, "DTEND"), value(event, "DURATION")) {
        (Some(end), _) => {
            let days = start.until(whole_day("DTEND", end)?);
            let days = days.map_err(|_| format!("`DTEND` `{end}` is too late"))?;
            // Some programs end a day on itself.
            if days.is_zero() { 1 } else { days.get_days() }
        }
        (None, Some(duration)) => duration_days(duration)
            .ok_or_else(|| format!("`DURATION` `{duration}` is no whole days like `P1D`"))?,
        (None, None) => 1,
    };
    if (1..=EVENT_DAYS).contains(&days) {
        Ok(days)
    } else {
        Err(format!(
            "the event lasts {days} days; a holiday lasts 1 to {EVENT_DAYS}"
        ))
    }
}

fn duration_days(text: &str) -> Option<i32> {
    let length = text.trim_start_matches('+').strip_prefix('P')?;
    let length = length.strip_suffix("T0S").unwrap_or(length);
    match length.strip_suffix('W') {
        Some(weeks) => weeks.parse::<i32>().ok()?.checked_mul(7),
        None => length.strip_suffix('D')?.parse().ok(),
    }
}

fn dates(event: &Component<'_>, name: &str) -> Result<Vec<Date>, String> {
    let lists = event
        .properties
        .iter()
        .filter(|property| property.name.as_ref().eq_ignore_ascii_case(name));
    let texts: Vec<&str> = lists
        .flat_map(|list| list.val.as_ref().split(','))
        .collect();
    texts
        .into_iter()
        .map(|text| whole_day(name, text.trim()))
        .collect()
}

/// `20260527`, or midnight of a day.
fn whole_day(property: &str, text: &str) -> Result<Date, String> {
    let is_date = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let date = is_date.then(|| text.parse::<Date>().ok()).flatten();
    let midnight = || {
        let local = text.trim_end_matches('Z').parse::<DateTime>().ok()?;
        (text.len() >= 15 && local.time() == jiff::civil::Time::midnight()).then(|| local.date())
    };
    date.or_else(midnight)
        .ok_or_else(|| format!("`{property}` `{text}` is no whole day like `20260527`"))
}

/// A text as it is meant (RFC 5545, 3.3.11).
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n' | 'N') => plain.push(' '),
                Some(escaped) => plain.push(escaped),
                None => {}
            },
            letter => plain.push(letter),
        }
    }
    plain
}
