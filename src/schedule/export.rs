//! Shifts as files that read back as what they were: a table of text, and an agent's calendar.
//!
//! No cell becomes a formula: one that begins with `=`, `+`, `-`, `@` or a control character has a `'` before it (as OWASP's
//! ASVS asks), which reading takes away again.

use std::io::{self, Write};

use jiff::{Timestamp, civil};

use super::{Segment, Shift, build::next, guard};
use crate::calendar::zone::{Existence, Zone};

/// The titles of a table.
const TITLES: &str = "agent,name,date,start,end,skills,site,segments";

/// Writes shifts as CSV: UTF-8, with commas. Times are those of the zone, but for those that the clock shows twice, which
/// carry their offset.
///
/// # Errors
/// Of the writer.
pub fn csv(out: &mut dyn Write, shifts: &[Shift], zone: &Zone) -> io::Result<()> {
    writeln!(out, "{TITLES}\r")?;
    for shift in shifts {
        let (start, end) = (zone.local(shift.start), zone.local(shift.end));
        let skills = shift.skills.join("|");
        let segments: Vec<String> = shift
            .segments
            .iter()
            .map(|part| segment(shift, *part, zone))
            .collect();
        let cells = [
            cell(&shift.agent),
            cell(&shift.name),
            start.date().to_string(),
            clock(zone, shift.start, true),
            clock(zone, shift.end, is_by_rule(start, end)),
            cell(&skills),
            cell(&shift.site),
            cell(&segments.join("; ")),
        ];
        writeln!(out, "{}\r", cells.join(","))?;
    }
    Ok(())
}

/// A text as a cell that no spreadsheet takes for a formula.
pub fn safe(text: &str) -> String {
    guard::put(text)
}

/// A cell that is no formula, in quotes where it needs them.
fn cell(text: &str) -> String {
    let text = guard::put(text);
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

/// Whether an end is where the rule of ends puts it.
fn is_by_rule(start: civil::DateTime, end: civil::DateTime) -> bool {
    let is_later = end.time() > start.time();
    let day = if is_later {
        start.date()
    } else {
        next(start.date())
    };
    day == end.date()
}

/// The clock at an instant; with date and offset where it would not be enough.
fn clock(zone: &Zone, at: Timestamp, is_enough: bool) -> String {
    let local = zone.local(at);
    let is_once = zone
        .resolve(local)
        .is_some_and(|(_, existence)| existence == Existence::Once);
    if !is_enough || !is_once {
        return at.to_string();
    }
    let seconds = if local.second() == 0 {
        "%H:%M"
    } else {
        "%H:%M:%S"
    };
    local.strftime(seconds).to_string()
}

/// A segment as a cell of segments has it.
fn segment(shift: &Shift, part: Segment, zone: &Zone) -> String {
    let (begin, start, end) = (
        zone.local(shift.start),
        zone.local(part.start),
        zone.local(part.end),
    );
    let first_day = start.date() == begin.date() && start.time() >= begin.time();
    let next_day = next(begin.date()) == start.date() && start.time() < begin.time();
    let once = [part.start, part.end]
        .map(|at| clock(zone, at, true))
        .iter()
        .all(|text| text.len() <= 8);
    let word = part.kind.word();
    if once && (first_day || next_day) && is_by_rule(start, end) {
        return format!(
            "{word} {}-{}",
            clock(zone, part.start, true),
            clock(zone, part.end, true)
        );
    }
    format!("{word} {}/{}", part.start, part.end)
}

/// Writes the shifts of one agent as iCalendar, in UTC. `stamp` is when it is written.
///
/// # Errors
/// Of the writer.
pub fn calendar(
    out: &mut dyn Write,
    agent: &str,
    shifts: &[&Shift],
    stamp: Timestamp,
) -> io::Result<()> {
    line(out, "BEGIN:VCALENDAR")?;
    line(out, "VERSION:2.0")?;
    line(out, "PRODID:-//homeshore//schedule//EN")?;
    line(out, &format!("X-HOMESHORE-AGENT:{}", escaped(agent)))?;
    for shift in shifts {
        event(out, agent, shift, stamp)?;
    }
    line(out, "END:VCALENDAR")
}

fn event(out: &mut dyn Write, agent: &str, shift: &Shift, stamp: Timestamp) -> io::Result<()> {
    let time = |at: Timestamp| Zone::utc().local(at).strftime("%Y%m%dT%H%M%SZ").to_string();
    line(out, "BEGIN:VEVENT")?;
    line(
        out,
        &format!("UID:{}-{}@homeshore", time(shift.start), escaped(agent)),
    )?;
    line(out, &format!("DTSTAMP:{}", time(stamp)))?;
    line(out, &format!("DTSTART:{}", time(shift.start)))?;
    line(out, &format!("DTEND:{}", time(shift.end)))?;
    line(out, "SUMMARY:Shift")?;
    if !shift.name.is_empty() {
        line(out, &format!("X-HOMESHORE-NAME:{}", escaped(&shift.name)))?;
    }
    if !shift.skills.is_empty() {
        let skills: Vec<String> = shift.skills.iter().map(|skill| escaped(skill)).collect();
        line(out, &format!("CATEGORIES:{}", skills.join(",")))?;
    }
    if !shift.site.is_empty() {
        line(out, &format!("LOCATION:{}", escaped(&shift.site)))?;
    }
    for part in shift.segments.iter() {
        let span = format!("{}/{}", time(part.start), time(part.end));
        line(
            out,
            &format!("X-HOMESHORE-SEGMENT:{}:{span}", part.kind.word()),
        )?;
    }
    line(out, "END:VEVENT")
}

/// Text with its escapes (RFC 5545, 3.3.11).
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace(';', "\\;");
    text.replace(',', "\\,")
        .replace('\n', "\\n")
        .replace('\r', "")
}

/// Writes a line, folded so that none is longer than 75 bytes.
fn line(out: &mut dyn Write, text: &str) -> io::Result<()> {
    const BYTES_MAX: usize = 75;
    let mut used = 0;
    for c in text.chars() {
        if used + c.len_utf8() > BYTES_MAX {
            write!(out, "\r\n ")?;
            used = 1;
        }
        write!(out, "{c}")?;
        used += c.len_utf8();
    }
    write!(out, "\r\n")
}
