//! A history that can be damaged: its lines in commits, numbered again after each change.

use serde_json::{Map, Value};

/// A line.
pub(super) type Line = Map<String, Value>;

const COMMIT: u64 = 1 << 20;

/// The lines of a history.
#[derive(Clone)]
pub(super) struct History {
    pub(super) lines: Vec<Line>,
    /// Whether nothing is left to do at its end.
    pub(super) is_over: bool,
}

impl History {
    pub(super) fn read(lines: &[String], is_over: bool) -> Self {
        let line = |text: &String| serde_json::from_str(text).unwrap();
        Self {
            lines: lines.iter().map(line).collect(),
            is_over,
        }
    }

    pub(super) fn line(&self, at: usize) -> &Line {
        &self.lines[at]
    }

    /// The same with this line changed.
    pub(super) fn with(&self, at: usize, change: impl FnOnce(&mut Line)) -> Self {
        let mut damaged = self.clone();
        change(&mut damaged.lines[at]);
        damaged
    }

    /// The same without this line.
    pub(super) fn without(&self, at: usize) -> Self {
        let mut damaged = self.clone();
        damaged.lines.remove(at);
        damaged.numbered()
    }

    /// The same with one line more, in the commit and at the time of the line at `at`: before it, or after it.
    pub(super) fn before(&self, at: usize, line: Line) -> Self {
        self.inserted(at, at, line)
    }

    /// See [`Self::before`].
    pub(super) fn after(&self, at: usize, line: Line) -> Self {
        self.inserted(at, at + 1, line)
    }

    fn inserted(&self, at: usize, place: usize, mut line: Line) -> Self {
        let mut damaged = self.clone();
        for key in ["number", "time"] {
            line.insert(key.to_owned(), self.lines[at][key].clone());
        }
        damaged.lines.insert(place, line);
        damaged.numbered()
    }

    /// Numbers every commit without gaps.
    fn numbered(mut self) -> Self {
        let mut before = None;
        for line in &mut self.lines {
            let number = line["number"].as_u64().unwrap();
            let commit = number / COMMIT;
            let index = match before {
                Some((last, index)) if last == commit => index + 1,
                _ => 0,
            };
            line.insert("number".to_owned(), (commit * COMMIT + index).into());
            before = Some((commit, index));
        }
        self
    }

    /// Whether two lines are of one commit.
    pub(super) fn is_one_commit(&self, one: usize, other: usize) -> bool {
        let commit = |at: usize| {
            let line = self.lines.get(at);
            line.map(|line| line["number"].as_u64().unwrap() / COMMIT)
        };
        commit(one) == commit(other)
    }

    /// The last line before `at` of this event with this value of a key.
    pub(super) fn last(&self, at: usize, event: &str, key: &str, value: &str) -> Option<usize> {
        let fits = |place: &usize| {
            let line = &self.lines[*place];
            is(line, event) && text(line, key) == value
        };
        (0..at).rev().find(fits)
    }

    /// The first line after `at` of this event with this value of a key.
    pub(super) fn next(&self, at: usize, event: &str, key: &str, value: &str) -> Option<usize> {
        let fits = |place: &usize| {
            let line = &self.lines[*place];
            is(line, event) && text(line, key) == value
        };
        (at + 1..self.lines.len()).find(fits)
    }

    /// The queue of a call at that place.
    pub(super) fn queue(&self, at: usize, call: &str) -> &str {
        let queued = self.last(at, "call_queued", "call_id", call);
        let moved = self.last(at, "call_moved", "call_id", call);
        queued
            .max(moved)
            .map_or("", |at| text(&self.lines[at], "queue"))
    }

    /// The offer that the line at `at` is about, made once more with a new id.
    pub(super) fn again(&self, at: usize) -> Option<Line> {
        let line = self.line(at);
        let made = self.last(at + 1, "offer_made", "offer_id", text(line, "offer_id"))?;
        let mut made = self.line(made).clone();
        set(&mut made, "offer_id", "o9000000000");
        Some(made)
    }
}

pub(super) fn is(line: &Line, event: &str) -> bool {
    text(line, "event") == event
}

/// A text of a line; empty if it has none.
pub(super) fn text<'a>(line: &'a Line, key: &str) -> &'a str {
    line.get(key).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn count(line: &Line, key: &str) -> u64 {
    line.get(key).and_then(Value::as_u64).unwrap_or_default()
}

pub(super) fn set(line: &mut Line, key: &str, value: impl Into<Value>) {
    line.insert(key.to_owned(), value.into());
}

/// A line of this event; number and time come with its place.
pub(super) fn made(event: &str, more: &[(&str, Value)]) -> Line {
    let mut line = Line::new();
    set(&mut line, "event", event);
    for (key, value) in more {
        set(&mut line, key, value.clone());
    }
    line
}
