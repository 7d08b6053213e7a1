//! CSV files read strictly: every wrong cell is told by file, line and column, all of them at once.

use std::{collections::BTreeSet, fmt};

use thiserror::Error;

use crate::engine::ids::name_problem;

/// More problems than this are only counted.
const PROBLEMS_TOLD: usize = 50;
/// Times and other numbers are at most this, so that every sum has room.
const NUMBER_MAX: u64 = 1_000_000_000_000_000_000;

/// A file: its name for people, and its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// How it is called in problems.
    pub name: &'a str,
    /// What it holds.
    pub bytes: &'a [u8],
}

/// Everything that is wrong with the files of a log.
#[derive(Debug, Default, Error)]
pub struct Problems {
    told: Vec<String>,
    untold: usize,
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told.join("\n"))?;
        if self.untold > 0 {
            write!(f, "\nand {} more", self.untold)?;
        }
        Ok(())
    }
}

impl Problems {
    /// Notes what is wrong with a line of a file.
    pub(super) fn note(&mut self, file: &str, line: u64, what: &str) {
        if self.told.len() < PROBLEMS_TOLD {
            self.told.push(format!("{file}:{line}: {what}"));
        } else {
            self.untold += 1;
        }
    }

    /// Whether nothing is wrong.
    pub(crate) fn is_empty(&self) -> bool {
        self.told.is_empty()
    }
}

/// What is done with columns that nobody asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Others {
    Refused,
    Ignored,
}

/// A row below the headers.
pub(crate) struct Row<'a> {
    file: &'a str,
    /// Its line in the file, from 1.
    pub(super) line: u64,
    columns: &'a [&'static str],
    /// In the order of the columns.
    cells: Vec<&'a str>,
    problems: &'a mut Problems,
}

impl<'a> Row<'a> {
    /// A cell's text.
    pub(crate) fn text(&self, column: &str) -> &'a str {
        let place = self.columns.iter().position(|known| *known == column);
        place.map_or("", |at| self.cells[at])
    }

    /// A cell that names something, of so many bytes at most.
    pub(crate) fn name(&mut self, column: &str, bytes_max: usize) -> &'a str {
        let text = self.text(column);
        if let Some(problem) = word_problem(text, bytes_max) {
            self.note(column, &problem);
        }
        text
    }

    /// A cell with a whole number.
    pub(crate) fn number(&mut self, column: &str) -> u64 {
        let text = self.text(column);
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| *number <= NUMBER_MAX);
        number.filter(|_| is_plain).unwrap_or_else(|| {
            self.note(
                column,
                &format!("is `{text}`; give a whole number, 0 to {NUMBER_MAX}"),
            );
            0
        })
    }

    /// Notes what is wrong with a cell.
    pub(super) fn note(&mut self, column: &str, what: &str) {
        self.problems
            .note(self.file, self.line, &format!("`{column}` {what}"));
    }
}

/// What is wrong with a name in a cell; spaces around it are most likely a mistake.
pub(super) fn word_problem(text: &str, bytes_max: usize) -> Option<String> {
    if text.trim() == text {
        name_problem(text, bytes_max)
    } else {
        Some(format!("is `{text}`; leave out the spaces around it"))
    }
}

/// Reads every row of a file with these columns, in any order. The first column names the row: each name once.
pub(crate) fn read<T>(
    source: Source<'_>,
    columns: &[&'static str],
    others: Others,
    problems: &mut Problems,
    mut read: impl FnMut(&mut Row<'_>) -> T,
) -> Vec<T> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(source.bytes);
    let headers = reader.byte_headers().cloned().unwrap_or_default();
    let Some(places) = places(source, columns, others, &headers, problems) else {
        return Vec::new();
    };
    let (mut rows, mut names) = (Vec::new(), BTreeSet::new());
    let mut count = 0;
    for record in reader.byte_records().flatten() {
        count += 1;
        let line = line_of(source.bytes, &record);
        if record.len() != headers.len() {
            let (has, needs) = (record.len(), headers.len());
            let what = format!("has {has} cells; give {needs}, as the first line has");
            problems.note(source.name, line, &what);
            continue;
        }
        let cells = places.iter().map(|at| std::str::from_utf8(&record[*at]));
        let Ok(cells) = cells.collect::<Result<Vec<&str>, _>>() else {
            problems.note(source.name, line, "is not UTF-8 text");
            continue;
        };
        let mut row = Row {
            file: source.name,
            line,
            columns,
            cells,
            problems,
        };
        let name = row.text(columns[0]);
        if !names.insert(name.to_owned()) {
            row.note(columns[0], &format!("is `{name}`, as in a row before"));
        }
        rows.push(read(&mut row));
    }
    if count == 0 {
        problems.note(source.name, 1, "there is no row below the first line");
    }
    rows
}

/// Where each column stands; nothing if one is missing, there twice, or refused.
fn places(
    source: Source<'_>,
    columns: &[&'static str],
    others: Others,
    headers: &csv::ByteRecord,
    problems: &mut Problems,
) -> Option<Vec<usize>> {
    let place = |column: &&'static str| headers.iter().position(|name| name == column.as_bytes());
    let missing = columns.iter().filter(|column| place(column).is_none());
    let mut wrong: Vec<String> = missing
        .map(|column| format!("column `{column}` is missing"))
        .collect();
    let mut seen = BTreeSet::new();
    for header in headers {
        let shown = String::from_utf8_lossy(header);
        if columns.iter().any(|column| column.as_bytes() == header) {
            if !seen.insert(header) {
                wrong.push(format!("column `{shown}` is there twice"));
            }
        } else if others == Others::Refused {
            let known = columns.join(",");
            wrong.push(format!(
                "column `{shown}` is not known; the first line is {known}"
            ));
        }
    }
    for what in &wrong {
        problems.note(source.name, 1, what);
    }
    let places = columns.iter().filter_map(place).collect();
    wrong.is_empty().then_some(places)
}

/// The line on which a record begins: line ends before its first byte are not yet counted in its position.
fn line_of(bytes: &[u8], record: &csv::ByteRecord) -> u64 {
    let Some(position) = record.position() else {
        return 0;
    };
    let from = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let ahead = bytes.get(from..).unwrap_or_default().iter();
    let ends = ahead.take_while(|byte| matches!(byte, b'\r' | b'\n'));
    ends.filter(|byte| **byte == b'\n')
        .fold(position.line(), |line, _| line + 1)
}
