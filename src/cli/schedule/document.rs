//! A reading as JSON, written as it goes: a million shifts are not held twice.

use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::json;

use crate::{
    labour::Figure,
    schedule::{LabourFinding, RULE, Reading, Shift},
};

/// A text as JSON.
fn quoted(text: &str) -> serde_json::Value {
    serde_json::Value::from(text)
}

/// Writes a reading; `zone` is the name of the zone of its local times.
pub(super) fn write(
    out: &mut dyn Write,
    reading: &Reading,
    zone: &str,
    findings: Option<&[LabourFinding]>,
) -> io::Result<()> {
    let about = json!({
        "file": reading.file.as_ref(),
        "format": reading.format.map(|format| format.word()),
        "encoding": reading.charset.map(|charset| charset.name()),
        "separator": reading.separator,
        "sheet": reading.sheet.as_deref(),
        "header_row": reading.header_row,
        "zone": zone,
        "rule": RULE,
        "errors": reading.problems.errors(),
        "warnings": reading.problems.warnings(),
        "problems_left_out": reading.problems.left_out(),
    });
    writeln!(out, "{{")?;
    for (key, value) in about.as_object().into_iter().flatten() {
        writeln!(out, " {}: {value},", quoted(key))?;
    }
    write!(out, " \"shifts\": [")?;
    for (at, shift) in reading.shifts.iter().enumerate() {
        write!(out, "{}\n  ", if at == 0 { "" } else { "," })?;
        write_shift(out, shift)?;
    }
    write!(out, "\n ],\n \"problems\": [")?;
    for (at, problem) in reading.problems.list().iter().enumerate() {
        write!(out, "{}\n  ", if at == 0 { "" } else { "," })?;
        serde_json::to_writer(&mut *out, problem)?;
    }
    write!(out, "\n ]")?;
    if let Some(findings) = findings {
        write!(out, ",\n \"labour\": [")?;
        for (at, found) in findings.iter().enumerate() {
            write!(out, "{}\n  ", if at == 0 { "" } else { "," })?;
            serde_json::to_writer(&mut *out, &finding(found))?;
        }
        write!(out, "\n ]")?;
    }
    writeln!(out, "\n}}")
}

fn finding(found: &LabourFinding) -> serde_json::Value {
    let span = found.finding.span;
    // As `labour check` prints them: ms, or a count.
    let figure = |figure: Figure| match figure {
        Figure::Time(number) | Figure::Count(number) => number,
    };
    let utc = |at_ms: i64| {
        Timestamp::from_millisecond(at_ms).map_or_else(|_| String::new(), |at| at.to_string())
    };
    json!({
        "agent": found.agent.as_ref(),
        "row": found.row,
        "rule": found.finding.rule.name(),
        "article": found.finding.article.as_ref(),
        "measured": figure(found.finding.measured),
        "limit": figure(found.finding.limit),
        "severity": found.finding.severity.word(),
        "start": utc(span.start_ms),
        "end": utc(span.end_ms),
    })
}

/// Writes a shift as one object.
pub(super) fn write_shift(out: &mut dyn Write, shift: &Shift) -> io::Result<()> {
    let text = |out: &mut dyn Write, key: &str, text: &str| -> io::Result<()> {
        write!(out, "\"{key}\": ")?;
        serde_json::to_writer(&mut *out, text)?;
        write!(out, ", ")
    };
    write!(out, "{{")?;
    text(out, "agent", &shift.agent)?;
    text(out, "name", &shift.name)?;
    write!(
        out,
        "\"start\": \"{}\", \"end\": \"{}\", ",
        shift.start, shift.end
    )?;
    write!(out, "\"minutes\": {}, \"skills\": ", minutes(shift))?;
    let skills: Vec<&str> = shift.skills.iter().map(AsRef::as_ref).collect();
    serde_json::to_writer(&mut *out, &skills)?;
    write!(out, ", ")?;
    text(out, "site", &shift.site)?;
    write!(out, "\"segments\": [")?;
    for (at, part) in shift.segments.iter().enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        write!(
            out,
            "{comma}{{\"kind\": \"{}\", \"start\": \"{}\", \"end\": \"{}\"}}",
            part.kind.word(),
            part.start,
            part.end
        )?;
    }
    write!(out, "]}}")
}

/// Minutes that elapse; a part of a minute shows.
pub(super) fn minutes(shift: &Shift) -> String {
    let seconds = shift.seconds();
    if seconds % 60 == 0 {
        return (seconds / 60).to_string();
    }
    format!("{}.{:02}", seconds / 60, seconds % 60 * 100 / 60)
}
