//! The events of a calendar, as they stand in it.

use super::{
    lines::{Line, unescaped},
    when::{self, Length, When, Zones},
};
use crate::schedule::problem::{Fault, Kind, fault};

/// An event.
#[derive(Debug, Default)]
pub(super) struct Event {
    /// The line where it begins.
    pub(super) row: u32,
    pub(super) lines: Vec<Line>,
}

/// What stands around the events.
#[derive(Debug, Default)]
pub(super) struct Calendar {
    pub(super) events: Vec<Event>,
    pub(super) zones: Zones,
    pub(super) is_cancelled: bool,
    /// `X-WR-CALNAME`.
    pub(super) name: Option<String>,
    /// `X-HOMESHORE-AGENT` and `X-HOMESHORE-NAME`.
    pub(super) agent: Option<String>,
    pub(super) agent_name: Option<String>,
    /// The last line that closes a calendar was there.
    pub(super) is_whole: bool,
}

impl Calendar {
    /// Sorts lines into events; what else a calendar may hold is passed over.
    pub(super) fn of(lines: Vec<Line>) -> Self {
        let mut calendar = Self::default();
        let mut inside: Vec<String> = Vec::new();
        let (mut event, mut zone) = (None::<Event>, String::new());
        for line in lines {
            match line.name.as_str() {
                "BEGIN" => {
                    let what = line.value.trim().to_ascii_uppercase();
                    if what == "VEVENT" && inside.last().is_some_and(|outer| outer == "VCALENDAR") {
                        event = Some(Event {
                            row: line.row,
                            lines: Vec::new(),
                        });
                    }
                    inside.push(what);
                }
                "END" => {
                    let what = inside.pop().unwrap_or_default();
                    if what == "VEVENT" {
                        calendar.events.extend(event.take());
                    }
                    calendar.is_whole = inside.is_empty() && what == "VCALENDAR";
                }
                _ => match inside.last().map(String::as_str) {
                    Some("VEVENT") => {
                        if let Some(event) = &mut event {
                            event.lines.push(line);
                        }
                    }
                    Some("VTIMEZONE") if line.name == "TZID" => {
                        line.value.trim().clone_into(&mut zone);
                    }
                    Some("VTIMEZONE") if line.name == "X-LIC-LOCATION" => {
                        calendar
                            .zones
                            .located
                            .insert(zone.clone(), line.value.trim().to_owned());
                    }
                    Some("VCALENDAR") => calendar.property(&line),
                    Some(_) | None => {}
                },
            }
        }
        calendar
    }

    fn property(&mut self, line: &Line) {
        match line.name.as_str() {
            "METHOD" => self.is_cancelled = line.value.trim().eq_ignore_ascii_case("CANCEL"),
            "X-WR-CALNAME" => self.name = Some(line.text()),
            "X-HOMESHORE-AGENT" => self.agent = Some(line.text()),
            "X-HOMESHORE-NAME" => self.agent_name = Some(line.text()),
            _ => {}
        }
    }
}

impl Event {
    /// The first property of this name.
    pub(super) fn get(&self, name: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.name == name)
    }

    /// All properties of this name.
    pub(super) fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Line> {
        self.lines.iter().filter(move |line| line.name == name)
    }

    /// The text of a property; empty if there is none.
    pub(super) fn text(&self, name: &str) -> String {
        self.get(name).map(Line::text).unwrap_or_default()
    }

    pub(super) fn uid(&self) -> String {
        self.text("UID")
    }

    pub(super) fn sequence(&self) -> u64 {
        self.text("SEQUENCE").parse().unwrap_or(0)
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.text("STATUS").eq_ignore_ascii_case("CANCELLED")
    }

    /// Its beginning.
    pub(super) fn start(&self, zones: &Zones) -> Result<When, (u32, &'static str, Fault)> {
        let Some(line) = self.get("DTSTART") else {
            let text = "the event has no beginning";
            return Err((
                self.row,
                "DTSTART",
                fault(Kind::MissingValue, text, "DTSTART with a date and a time"),
            ));
        };
        when::read_one(line, zones).map_err(|fault| (line.row, "DTSTART", fault))
    }

    /// Its end: a time, or how long after the beginning.
    pub(super) fn end(&self, zones: &Zones) -> Result<End, (u32, &'static str, Fault)> {
        if let Some(line) = self.get("DTEND") {
            return when::read_one(line, zones)
                .map(End::At)
                .map_err(|fault| (line.row, "DTEND", fault));
        }
        if let Some(line) = self.get("DURATION") {
            return when::length(&line.value)
                .map(End::After)
                .map_err(|fault| (line.row, "DURATION", fault));
        }
        let text = "the event has no end";
        Err((
            self.row,
            "DTEND",
            fault(Kind::MissingValue, text, "DTEND, or DURATION"),
        ))
    }

    /// Categories, which are skills here.
    pub(super) fn categories(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for line in self.all("CATEGORIES") {
            for word in split_list(&line.value) {
                if !word.is_empty() && !found.contains(&word) {
                    found.push(word);
                }
            }
        }
        found
    }
}

/// Splits at commas that are not escaped.
fn split_list(text: &str) -> Vec<String> {
    let (mut words, mut word, mut is_escaped) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        if c == ',' && !is_escaped {
            words.push(unescaped(&word));
            word.clear();
            continue;
        }
        is_escaped = c == '\\' && !is_escaped;
        word.push(c);
    }
    words.push(unescaped(&word));
    words
}

/// An end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    At(When),
    After(Length),
}
