//! An agent's calendar (iCalendar, RFC 5545) as shifts: repetitions within limits, exceptions, changed and cancelled ones.
//!
//! A time of a repetition is meant on the clock: a shift from 22:00 to 06:00 ends at 06:00 also in the night of a change.

mod event;
mod expand;
mod lines;
mod rule;
mod when;
mod windows;

use std::sync::Arc;

use super::{
    Options, Reading, Segment, SegmentKind, Shift, check, encoding, header,
    names::{self, Known, Names},
    problem::{Fault, Kind, Place, fault},
    segments,
};
use event::{Calendar, Event};
use expand::{Expansion, Occurrence};

/// Occurrences that a calendar may have.
pub(super) const OCCURRENCES_MAX: usize = 100_000;

/// Reads a calendar.
pub(super) fn read(bytes: &[u8], options: &Options, mut reading: Reading) -> Reading {
    let text = match encoding::decode(bytes, options.charset) {
        Ok((text, charset)) => {
            reading.charset = Some(charset);
            text
        }
        Err((place, fault)) => {
            reading.problems.error(place, fault);
            return reading;
        }
    };
    let (lines, bad) = lines::read(&text);
    for row in bad {
        let fault = fault(
            Kind::Format,
            "is no line of a calendar",
            "a name, a colon and a value",
        );
        reading.problems.error(Place::row(row), fault);
    }
    let calendar = Calendar::of(lines);
    if !calendar.is_whole {
        let text = "the calendar does not end with END:VCALENDAR: it is cut off";
        reading.problems.error(
            Place::default(),
            fault(Kind::Format, text, "the whole file"),
        );
    }
    let expansion = Expansion::of(&calendar, options, &mut reading.problems);
    let mut reader = Reader {
        options,
        calendar: &calendar,
        reading,
        names: Names::default(),
        agents: Vec::new(),
        parts: Vec::new(),
        has_told_agent: false,
    };
    for occurrence in expansion.occurrences {
        reader.take(&occurrence);
    }
    reader.end()
}

struct Reader<'c> {
    options: &'c Options,
    calendar: &'c Calendar,
    reading: Reading,
    names: Names,
    agents: Vec<u32>,
    /// Events that are a break, a training or the like, with their agents.
    parts: Vec<(u32, Shift)>,
    has_told_agent: bool,
}

impl Reader<'_> {
    fn take(&mut self, occurrence: &Occurrence<'_>) {
        let event = occurrence.event;
        let before = self.reading.problems.errors();
        let Some(id) = self.agent_id(event) else {
            return;
        };
        let agent = self.names.agent(&id, event.row, &self.options.known);
        if let Some(fault) = self.names.list[agent as usize].fault.clone() {
            self.error(event.row, "X-HOMESHORE-AGENT", &id, fault);
        }
        let shift = self.shift(event, agent, occurrence);
        if self.reading.problems.errors() != before {
            return;
        }
        let kind =
            segments::kind(&event.text("SUMMARY")).filter(|kind| *kind != SegmentKind::Phone);
        let Some(kind) = kind else {
            self.agents.push(agent);
            self.reading.shifts.push(shift);
            return;
        };
        let segment = Segment {
            kind,
            start: shift.start,
            end: shift.end,
        };
        let segments = Arc::from([segment]);
        self.parts.push((agent, Shift { segments, ..shift }));
    }

    fn shift(&mut self, event: &Event, agent: u32, occurrence: &Occurrence<'_>) -> Shift {
        let given = [
            event.text("X-HOMESHORE-NAME"),
            self.calendar.agent_name.clone().unwrap_or_default(),
        ];
        let name = given
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or_default();
        let site = event.text("LOCATION");
        let skills: Vec<Arc<str>> = event
            .categories()
            .iter()
            .map(|skill| self.names.text(skill))
            .collect();
        let known = &self.options.known;
        let of_skills = skills.iter().map(|skill| {
            let fault = names::check(skill)
                .or_else(|| names::check_skill(skill))
                .or_else(|| Known::miss(known.skills.as_ref(), skill, Kind::UnknownSkill));
            ("CATEGORIES", skill.to_string(), fault)
        });
        let of_site = (!site.is_empty())
            .then(|| Known::miss(known.sites.as_ref(), &site, Kind::UnknownSite))
            .flatten();
        let faults: Vec<(&str, String, Option<Fault>)> = of_skills
            .chain([
                ("LOCATION", site.clone(), names::check(&site).or(of_site)),
                ("X-HOMESHORE-NAME", name.clone(), names::check(&name)),
            ])
            .collect();
        for (column, value, fault) in faults {
            if let Some(fault) = fault {
                self.error(event.row, column, &value, fault);
            }
        }
        Shift {
            agent: Arc::clone(&self.names.list[agent as usize].id),
            name: self.names.text(&name),
            start: occurrence.start,
            end: occurrence.end,
            skills: skills.into(),
            site: self.names.text(&site),
            segments: occurrence.segments.as_slice().into(),
            row: event.row,
        }
    }

    /// Whose event it is: as the user says, or the event, the calendar, its name or the file's, which is told.
    fn agent_id(&mut self, event: &Event) -> Option<String> {
        let own = event.text("X-HOMESHORE-AGENT");
        let told = self
            .options
            .agent
            .clone()
            .or_else(|| Some(own).filter(|id| !id.is_empty()));
        if let Some(id) = told.or_else(|| self.calendar.agent.clone().filter(|id| !id.is_empty())) {
            return Some(id);
        }
        let file = self
            .reading
            .file
            .rsplit(['/', '\\'])
            .next()
            .unwrap_or_default();
        let stem = file
            .rsplit_once('.')
            .map_or(file, |(stem, _)| stem)
            .to_owned();
        let title = self
            .calendar
            .name
            .clone()
            .filter(|name| !name.is_empty() && !name.contains(' '));
        let (id, whence) = title.map_or((stem, "the file's name"), |title| {
            (title, "the calendar's name")
        });
        let usable = (!id.is_empty()).then_some(id);
        if !self.has_told_agent {
            self.has_told_agent = true;
            let place = Place::default().column(&"X-HOMESHORE-AGENT".into());
            let right = "name the agent (--agent)";
            if let Some(id) = &usable {
                let text = format!(
                    "the calendar does not say whose it is: by {whence} it is that of `{id}`"
                );
                let fault = fault(Kind::LeftOut, text, right);
                self.reading.problems.warning(place, fault);
            } else {
                let text = "the calendar does not say whose it is";
                let fault = fault(Kind::MissingValue, text, right);
                self.reading.problems.error(place, fault);
            }
        }
        usable
    }

    fn error(&mut self, row: u32, column: &str, value: &str, fault: Fault) {
        let place = Place::row(row).column(&column.into()).value(value);
        self.reading.problems.error(place, fault);
    }

    /// Puts breaks and the like into the shifts that they lie in; others stand alone. Then looks across.
    fn end(mut self) -> Reading {
        self.settle_parts();
        if self.reading.shifts.is_empty() && self.reading.problems.errors() == 0 {
            self.reading
                .problems
                .error(Place::default(), header::empty());
        }
        let columns = (&Arc::from("X-HOMESHORE-AGENT"), &Arc::from("DTSTART"));
        let problems = &mut self.reading.problems;
        check::across(
            &self.reading.shifts,
            &self.agents,
            &self.names,
            columns,
            problems,
        );
        problems.sort();
        self.reading
    }

    fn settle_parts(&mut self) {
        let shifts = self.reading.shifts.iter().zip(&self.agents).enumerate();
        let mut order: Vec<(u32, jiff::Timestamp, usize)> = shifts
            .map(|(at, (shift, agent))| (*agent, shift.start, at))
            .collect();
        order.sort_unstable();
        let mut parts = std::mem::take(&mut self.parts);
        parts.sort_by_key(|(agent, shift)| (*agent, shift.start));
        for (agent, part) in parts {
            let after =
                order.partition_point(|(of, start, _)| (*of, *start) <= (agent, part.start));
            let before = after
                .checked_sub(1)
                .map(|at| order[at])
                .filter(|(of, ..)| *of == agent);
            let home = before
                .map(|(.., at)| at)
                .filter(|at| part.end <= self.reading.shifts[*at].end);
            let Some(at) = home else {
                self.agents.push(agent);
                self.reading.shifts.push(part);
                continue;
            };
            let shift = &mut self.reading.shifts[at];
            let mut segments = shift.segments.to_vec();
            let collides = segments.last().is_some_and(|last| last.end > part.start);
            segments.extend_from_slice(&part.segments);
            shift.segments = segments.into();
            if collides {
                let fault = fault(
                    Kind::Segment,
                    "two segments of the shift overlap",
                    "one thing at a time",
                );
                self.error(part.row, "DTSTART", &part.start.to_string(), fault);
            }
        }
    }
}
