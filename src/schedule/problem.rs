//! What is wrong with a file: where, which value, and what would be right.

use std::{fmt, sync::Arc};

use serde::Serialize;

/// This many problems are kept with their words; the others are only counted.
pub const PROBLEMS_KEPT: usize = 10_000;

/// Whether a file can be taken with this problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The file is refused.
    Error,
    /// The file is taken, as the problem says.
    Warning,
}

/// What kind of problem it is, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The file holds no shift.
    Empty,
    /// The file is not of the form that its name or its beginning says, or is damaged.
    Format,
    /// The file is locked with a password.
    Password,
    /// A limit of size, rows, cells or repetitions.
    Limit,
    /// Bytes that are no text of the encoding.
    Encoding,
    /// No row, or no sheet, looks like a header.
    Header,
    /// A column that is needed is not there.
    MissingColumn,
    /// A column that nobody knows, or that is there twice.
    Column,
    /// Quotes, or more cells than the header has.
    Row,
    /// A cell that may not be empty.
    MissingValue,
    /// No date.
    Date,
    /// No time of day.
    Time,
    /// Clocks are put forward over this local time.
    MissingLocalTime,
    /// Clocks are put back over this local time.
    RepeatedLocalTime,
    /// No time zone.
    Zone,
    /// A shift too long, or one that ends before it begins.
    Length,
    /// A break or another segment.
    Segment,
    /// A name that is too long or holds control characters.
    Name,
    /// An agent who is not in the directory.
    UnknownAgent,
    /// A skill that nobody knows.
    UnknownSkill,
    /// A site that nobody knows.
    UnknownSite,
    /// Two shifts of an agent at the same time.
    Overlap,
    /// The same shift twice.
    Duplicate,
    /// Agents that may be one and the same, or one with two names.
    Alike,
    /// A rule of repetition in a calendar.
    Repetition,
    /// Something that is left out, as the message says.
    LeftOut,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Whether the file is refused for it.
    pub severity: Severity,
    /// Its kind, for programs.
    pub kind: Kind,
    /// The file.
    pub file: Arc<str>,
    /// The sheet of a workbook.
    pub sheet: Option<Arc<str>>,
    /// The row as a spreadsheet counts it, from 1; in a calendar the line.
    pub row: Option<u32>,
    /// The column as the file titles it; in a calendar the property.
    pub column: Option<Arc<str>>,
    /// The value as it stands in the file.
    pub value: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub expected: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some(sheet) = &self.sheet {
            write!(f, ", sheet `{sheet}`")?;
        }
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column `{column}`")?;
        }
        if let Some(value) = &self.value {
            write!(f, ": `{value}`")?;
        }
        write!(f, ": {}; {}", self.message, self.expected)
    }
}

/// What is wrong, and what would be right: a problem that does not know its place yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) kind: Kind,
    pub(super) message: String,
    pub(super) expected: String,
}

/// A problem without a place.
pub(super) fn fault(kind: Kind, message: impl Into<String>, expected: impl Into<String>) -> Fault {
    Fault {
        kind,
        message: message.into(),
        expected: expected.into(),
    }
}

/// Where something stands in the file at hand.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    pub(super) row: Option<u32>,
    pub(super) column: Option<Arc<str>>,
    pub(super) value: Option<String>,
}

impl Place {
    pub(super) fn row(row: u32) -> Self {
        Self {
            row: Some(row),
            ..Self::default()
        }
    }

    pub(super) fn column(self, column: &Arc<str>) -> Self {
        Self {
            column: Some(Arc::clone(column)),
            ..self
        }
    }

    pub(super) fn value(self, value: impl AsRef<str>) -> Self {
        Self {
            value: Some(shortened(value.as_ref())),
            ..self
        }
    }
}

/// A value as it is shown: at most 120 characters.
fn shortened(value: &str) -> String {
    const SHOWN: usize = 120;
    match value.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &value[..at]),
        None => value.to_owned(),
    }
}

/// The problems of a file, in the order of its rows.
#[derive(Clone, Debug)]
pub struct Problems {
    file: Arc<str>,
    sheet: Option<Arc<str>>,
    kept: Vec<Problem>,
    errors: usize,
    warnings: usize,
}

impl Problems {
    /// No problems yet of this file.
    pub fn of(file: &str) -> Self {
        Self {
            file: file.into(),
            sheet: None,
            kept: Vec::new(),
            errors: 0,
            warnings: 0,
        }
    }

    /// The problems that were kept, by row; at most [`PROBLEMS_KEPT`].
    pub fn list(&self) -> &[Problem] {
        &self.kept
    }

    /// How many errors there are.
    pub fn errors(&self) -> usize {
        self.errors
    }

    /// How many warnings there are.
    pub fn warnings(&self) -> usize {
        self.warnings
    }

    /// How many are not in the list.
    pub fn left_out(&self) -> usize {
        self.errors + self.warnings - self.kept.len()
    }

    /// Takes a problem that another part of the house found.
    pub fn add(&mut self, problem: Problem) {
        match problem.severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
        }
        if self.kept.len() < PROBLEMS_KEPT {
            self.kept.push(problem);
        }
    }

    pub(super) fn in_sheet(&mut self, sheet: &Arc<str>) {
        self.sheet = Some(Arc::clone(sheet));
    }

    pub(super) fn error(&mut self, place: Place, fault: Fault) {
        self.note(Severity::Error, place, fault);
    }

    pub(super) fn warning(&mut self, place: Place, fault: Fault) {
        self.note(Severity::Warning, place, fault);
    }

    fn note(&mut self, severity: Severity, place: Place, fault: Fault) {
        self.add(Problem {
            severity,
            kind: fault.kind,
            file: Arc::clone(&self.file),
            sheet: self.sheet.clone(),
            row: place.row,
            column: place.column,
            value: place.value,
            message: fault.message,
            expected: fault.expected,
        });
    }

    /// Puts them into the order of rows: checks across rows come after those within one.
    pub(super) fn sort(&mut self) {
        self.kept.sort_by_key(|problem| problem.row);
    }
}
