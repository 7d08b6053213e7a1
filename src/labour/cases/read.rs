//! Reads cases.

use std::sync::Arc;

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, DateTime},
};
use serde_json::Value;

use super::{
    Written,
    fields::{Fields, Problems, short},
};
use crate::{
    calendar::zone::Zone,
    labour::{
        calls::Complexity,
        days,
        pack::{Pack, Shipped, Source},
        person::{Age, DayWork, Past, Person},
        span::{Part, PartKind, Shift, Span},
    },
};

const TOP: &[&str] = &["zone", "law_as_of", "note", "cases"];
const CASE: &[&str] = &[
    "id",
    "note",
    "zone",
    "employee",
    "shifts",
    "worked_days",
    "worked_weeks",
    "calls",
    "complexity",
    "expected",
];
/// Names of the hours of the contract in a week.
const CONTRACT: &[&str] = &[
    "contract_hours",
    "contract_weekly_hours",
    "weekly_contract_hours",
    "contract_hours_per_week",
    "weekly_hours",
    "hours_per_week",
];
const EMPLOYEE: &[&str] = &[
    "age",
    "born",
    "part_time",
    "night_worker",
    "regime",
    "agreement",
    "contract_hours",
    "contract_weekly_hours",
    "weekly_contract_hours",
    "contract_hours_per_week",
    "weekly_hours",
    "hours_per_week",
    "note",
];
const SHIFT: &[&str] = &[
    "start", "end", "breaks", "segments", "on_call", "telework", "note",
];
const SEGMENT: &[&str] = &["kind", "start", "end"];
const LOCAL: &str = "a local time such as \"2026-03-03 08:00\"";
const PAIR: &str = "a pair of local times, the later one second";

/// Reads cases; `packs` are those that regimes may name.
///
/// # Errors
/// Every problem, each with its case and field.
pub fn read(text: &str, packs: &Shipped) -> Result<Vec<Written>, Vec<String>> {
    let value: Value = serde_json::from_str(text).map_err(|error| vec![error.to_string()])?;
    let mut problems = Problems::default();
    let cases = file(&value, packs, &mut problems);
    if problems.0.is_empty() {
        Ok(cases)
    } else {
        Err(problems.0)
    }
}

fn file(value: &Value, packs: &Shipped, problems: &mut Problems) -> Vec<Written> {
    let Some(top) = Fields::of("the file", value, TOP, problems) else {
        return Vec::new();
    };
    top.need("cases", problems);
    let zone = zone(&top, problems);
    let cases = top.list("cases", problems).iter().enumerate();
    let read = cases.filter_map(|(number, value)| {
        let id = value.get("id").and_then(Value::as_str);
        let at = id.map_or_else(
            || format!("case number {}", number + 1),
            |id| format!("case `{id}`"),
        );
        case(&at, value, zone.as_ref(), packs, problems)
    });
    read.collect()
}

fn zone(fields: &Fields<'_>, problems: &mut Problems) -> Option<Zone> {
    let needed = "a time zone such as \"Europe/Paris\"";
    fields.read("zone", needed, problems, |value| {
        Zone::named(value.as_str()?).ok()
    })
}

fn case(
    at: &str,
    value: &Value,
    zone_of_all: Option<&Zone>,
    packs: &Shipped,
    problems: &mut Problems,
) -> Option<Written> {
    let before = problems.0.len();
    let fields = Fields::of(at, value, CASE, problems)?;
    for name in ["id", "employee", "shifts"] {
        fields.need(name, problems);
    }
    let zone = zone(&fields, problems).or_else(|| zone_of_all.cloned());
    if zone.is_none() {
        fields.note(
            "zone",
            "is missing here and at the top of the file",
            problems,
        );
    }
    let id = fields.read("id", "a text", problems, Value::as_str);
    let employee = fields.get("employee").and_then(|value| {
        let at = format!("{at}, employee");
        employee(&at, value, packs, problems)
    });
    let expected = fields.read("expected", "a list of articles", problems, texts);
    let complexity = complexity(&fields, problems);
    let zone = zone?;
    let shifts = shifts(&fields, &zone, problems);
    let past = past(&fields, problems);
    let calls = pairs(&fields, "calls", &zone, problems);
    let (person, pack) = employee?;
    (problems.0.len() == before).then(|| Written {
        id: id.unwrap_or_default().to_owned(),
        zone,
        pack,
        person,
        shifts,
        past,
        calls,
        complexity,
        expected,
    })
}

fn texts(value: &Value) -> Option<Vec<String>> {
    let text = |item: &Value| item.as_str().map(str::to_owned);
    value.as_array()?.iter().map(text).collect()
}

fn complexity(fields: &Fields<'_>, problems: &mut Problems) -> Complexity {
    let needed = "\"simple\" or \"complex\"";
    let read = |value: &Value| match value.as_str()? {
        "simple" => Some(Complexity::Simple),
        "complex" => Some(Complexity::Complex),
        _ => None,
    };
    let given = fields.read("complexity", needed, problems, read);
    given.unwrap_or_default()
}

fn employee(
    at: &str,
    value: &Value,
    packs: &Shipped,
    problems: &mut Problems,
) -> Option<(Person, Arc<Pack>)> {
    let fields = Fields::of(at, value, EMPLOYEE, problems)?;
    let years = fields.read("age", "whole years, 0 to 150", problems, |value| {
        u8::try_from(value.as_u64()?).ok().filter(|age| *age <= 150)
    });
    let born = fields.read("born", "a date such as \"2009-03-01\"", problems, |value| {
        value.as_str()?.parse::<Date>().ok()
    });
    let flag = |name, problems: &mut Problems| {
        let flag = fields.read(name, "true or false", problems, Value::as_bool);
        flag.unwrap_or(false)
    };
    let is_part_time = flag("part_time", problems);
    let is_night_worker = flag("night_worker", problems);
    let contract = fields.any(CONTRACT).and_then(|(name, _)| {
        fields.read(
            name,
            "hours a week, more than 0 and at most 60",
            problems,
            contract_ms,
        )
    });
    let person = Person {
        age: match (born, years) {
            (Some(born), _) => Age::Born(born),
            (None, Some(years)) => Age::Years(years),
            (None, None) => Age::Adult,
        },
        is_part_time,
        is_night_worker,
        contract_week_ms: contract,
    };
    Some((person, pack(&fields, packs, problems)?))
}

fn contract_ms(value: &Value) -> Option<i64> {
    let hours = value
        .as_f64()
        .filter(|hours| *hours > 0.0 && *hours <= 60.0)?;
    hours_ms(hours)
}

/// Hours to the nearest second.
fn hours_ms(hours: f64) -> Option<i64> {
    let seconds = (hours * 3_600.0).round();
    #[expect(clippy::cast_possible_truncation, reason = "callers bound the hours")]
    (0.0..1e9)
        .contains(&seconds)
        .then_some(seconds as i64 * 1_000)
}

fn pack(fields: &Fields<'_>, packs: &Shipped, problems: &mut Problems) -> Option<Arc<Pack>> {
    let regime = fields.get("regime");
    let word = match regime {
        None => "code".to_owned(),
        Some(Value::String(word)) => word.clone(),
        Some(other) => other.to_string(),
    };
    let lower = word.to_lowercase();
    // A branch is told by the number of its agreement, also as `IDCC 2098` or `CCN2098`.
    let number = ["idcc", "ccn"]
        .iter()
        .find_map(|word| lower.strip_prefix(word));
    let number = number.unwrap_or(&lower).trim_start_matches([' ', '-', '_']);
    let branch = format!("fr-{number}");
    let name = match word.as_str() {
        "code" => "fr",
        name if packs.get(name).is_some() => name,
        _ => &branch,
    };
    let Some(pack) = packs.get(name) else {
        let names = packs.names().join(", ");
        let what = format!("is `{word}`; give \"code\", \"2148\", \"2098\" or a pack: {names}");
        fields.note("regime", &what, problems);
        return None;
    };
    match fields.get("agreement") {
        None | Some(Value::Bool(false)) => Some(Arc::clone(pack)),
        Some(agreement) => with_agreement(fields, name, agreement, packs, problems),
    }
}

/// The pack with the figures of a company agreement on top, written as in a pack: `{"daily_rest": {"minimum": "9h"}}`.
fn with_agreement(
    fields: &Fields<'_>,
    below: &str,
    agreement: &Value,
    packs: &Shipped,
    problems: &mut Problems,
) -> Option<Arc<Pack>> {
    let rules: Option<toml::Table> = serde_json::from_value(agreement.clone()).ok();
    let Some(rules) = rules else {
        let what = format!(
            "is {}; give figures of rules such as {{\"daily_rest\": {{\"minimum\": \"9h\"}}}}",
            short(agreement)
        );
        fields.note("agreement", &what, problems);
        return None;
    };
    let head = [
        ("name", "agreement".into()),
        ("version", toml::Value::Integer(1)),
        ("level", "company".into()),
        ("extends", below.into()),
        ("title", "agreement".into()),
    ];
    let mut table: toml::Table = rules;
    table.extend(head.map(|(key, value)| (key.to_owned(), value)));
    let (text, name) = (table.to_string(), "agreement");
    match packs.with(&[Source { name, text: &text }]) {
        Ok(packs) => packs.get(name).cloned(),
        Err(error) => {
            for problem in error.0 {
                fields.note(name, &problem.text, problems);
            }
            None
        }
    }
}

fn shifts(fields: &Fields<'_>, zone: &Zone, problems: &mut Problems) -> Vec<Shift> {
    let list = fields.list("shifts", problems).iter().enumerate();
    let mut shifts = Vec::new();
    for (number, value) in list {
        let at = format!("{}, shifts[{number}]", fields.at);
        shifts.extend(shift(&at, value, zone, problems));
    }
    shifts.sort_by_key(|shift| shift.span);
    for pair in shifts.windows(2) {
        if pair[1].span.start_ms < pair[0].span.end_ms {
            let start = days::local(zone, pair[1].span.start_ms);
            let what = format!("has one that begins at {start}, before the one before it ends");
            fields.note("shifts", &what, problems);
        }
    }
    shifts
}

fn shift(at: &str, value: &Value, zone: &Zone, problems: &mut Problems) -> Option<Shift> {
    let fields = Fields::of(at, value, SHIFT, problems)?;
    let span = span(&fields, zone, problems)?;
    let mut shift = Shift::work(span);
    let flag = |name, problems: &mut Problems| {
        let flag = fields.read(name, "true or false", problems, Value::as_bool);
        flag.unwrap_or(false)
    };
    if flag("on_call", problems) {
        shift = Shift::on_call(span);
    }
    shift.is_telework = flag("telework", problems);
    shift = shift.with_breaks(pairs(&fields, "breaks", zone, problems));
    for (number, value) in fields.list("segments", problems).iter().enumerate() {
        let at = format!("{at}, segments[{number}]");
        shift.parts.extend(segment(&at, value, zone, problems));
    }
    shift.parts.sort_by_key(|part| part.span);
    let mut end_ms = span.start_ms;
    for part in &shift.parts {
        let start = days::local(zone, part.span.start_ms);
        if part.span.start_ms < end_ms || part.span.end_ms > span.end_ms {
            let what =
                format!("or `segments` has one from {start} outside its shift or over another");
            fields.note("breaks", &what, problems);
        }
        end_ms = end_ms.max(part.span.end_ms);
    }
    Some(shift)
}

/// A segment that is no work; all others are work.
fn segment(at: &str, value: &Value, zone: &Zone, problems: &mut Problems) -> Option<Part> {
    let fields = Fields::of(at, value, SEGMENT, problems)?;
    fields.need("kind", problems);
    let needed = "phone, break, training, meeting or on_call";
    let kind = fields.read("kind", needed, problems, |value| match value.as_str()? {
        "phone" | "training" | "meeting" => Some(None),
        "break" => Some(Some(PartKind::Break)),
        "on_call" => Some(Some(PartKind::OnCall)),
        _ => None,
    });
    let span = span(&fields, zone, problems)?;
    let kind = kind??;
    Some(Part { span, kind })
}

fn span(fields: &Fields<'_>, zone: &Zone, problems: &mut Problems) -> Option<Span> {
    for name in ["start", "end"] {
        fields.need(name, problems);
    }
    let start = fields.read("start", LOCAL, problems, |value| moment(value, zone));
    let end = fields.read("end", LOCAL, problems, |value| moment(value, zone));
    let span = Span::new(start?, end?);
    if span.length_ms() == 0 {
        fields.note("end", "is not after `start`", problems);
        return None;
    }
    Some(span)
}

fn pairs(fields: &Fields<'_>, name: &str, zone: &Zone, problems: &mut Problems) -> Vec<Span> {
    let mut spans = Vec::new();
    for (number, value) in fields.list(name, problems).iter().enumerate() {
        match pair(value, zone) {
            Some(span) => spans.push(span),
            None => {
                let what = format!("is {}; give {PAIR}", short(value));
                fields.note(&format!("{name}[{number}]"), &what, problems);
            }
        }
    }
    spans.sort_unstable();
    spans
}

fn pair(value: &Value, zone: &Zone) -> Option<Span> {
    let [start, end] = value.as_array()?.as_slice() else {
        return None;
    };
    let span = Span::new(moment(start, zone)?, moment(end, zone)?);
    (span.length_ms() > 0).then_some(span)
}

/// A local time, or an instant with its offset. `24:00` is the end of the day.
fn moment(value: &Value, zone: &Zone) -> Option<i64> {
    let text = value.as_str()?;
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.as_millisecond());
    }
    let local = match text.strip_suffix("24:00") {
        Some(date) => {
            let date: Date = date.trim_end_matches([' ', 'T']).parse().ok()?;
            date.checked_add(1.day()).ok()?.at(0, 0, 0, 0)
        }
        None => text.parse::<DateTime>().ok()?,
    };
    let (at, _) = zone.resolve(local)?;
    Some(at.as_millisecond())
}

/// Hours worked before the shifts: by day, or by week under its Monday.
fn past(fields: &Fields<'_>, problems: &mut Problems) -> Past {
    let mut past = Past::default();
    for name in ["worked_days", "worked_weeks"] {
        let needed = "hours under dates, such as {\"2026-02-23\": 7.5}";
        let map = fields.read(name, needed, problems, Value::as_object);
        for (date, hours) in map.into_iter().flatten() {
            let most = if name == "worked_days" { 24.0 } else { 168.0 };
            let day = date.parse::<Date>().ok().map(days::number);
            let day =
                day.filter(|day| name == "worked_days" || days::monday(days::week(*day)) == *day);
            let work = hours.as_f64().filter(|hours| (0.0..=most).contains(hours));
            match (day, work.and_then(hours_ms)) {
                (Some(day), Some(work_ms)) => past.add(DayWork {
                    day,
                    work_ms,
                    night_ms: 0,
                }),
                _ => {
                    let key = format!("{name}.{date}");
                    let what = format!(
                        "is {}; give hours up to {most} under a date, for weeks their Monday",
                        short(hours)
                    );
                    fields.note(&key, &what, problems);
                }
            }
        }
    }
    past
}
