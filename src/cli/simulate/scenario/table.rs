//! CSV files beside a scenario: volumes by interval, and how long things took.

use std::{fs, path::Path};

use super::times::parse_clock;
use crate::cli::toml_file::{Findings, Section};

/// A file that a key of the scenario names.
pub(super) struct Named<'a> {
    pub(super) section: &'a Section<'a>,
    pub(super) key: &'static str,
    pub(super) file: &'a Path,
}

impl Named<'_> {
    /// Reads a file with the column `seconds`, decimals allowed, into ms. What is wrong is in the findings.
    pub(super) fn seconds(&self, findings: &mut Findings) -> Option<Vec<f64>> {
        self.read(["seconds"], findings, |[cell], note| {
            let value = amount(cell);
            if value.is_none() {
                note("seconds", cell, "0 or more");
            }
            value.map(|value| value * 1_000.0)
        })
    }

    /// Reads a file with the columns `start`, a time of day, and `calls`, how many arrive until the next row's start: ms
    /// and counts, in the order of their times. What is wrong is in the findings.
    pub(super) fn volumes(&self, findings: &mut Findings) -> Option<Vec<(u64, f64)>> {
        let mut last = None;
        self.read(["start", "calls"], findings, |[start, calls], note| {
            let at = parse_clock(start);
            if at.is_none() {
                note("start", start, "a time of day like 17:30");
            } else if last >= at {
                note("start", start, "a time after that of the row before");
            }
            last = at.or(last);
            let count = amount(calls);
            if count.is_none() {
                note("calls", calls, "0 or more");
            }
            at.zip(count)
        })
    }

    /// Reads every row of a file that has at least these columns; none if anything is wrong.
    fn read<T, const N: usize>(
        &self,
        columns: [&str; N],
        findings: &mut Findings,
        mut row: impl FnMut([&str; N], &mut dyn FnMut(&str, &str, &str)) -> Option<T>,
    ) -> Option<Vec<T>> {
        let name = self.file.display().to_string();
        let path = self.section.path_of(self.key);
        let bytes = match fs::read(self.file) {
            Ok(bytes) => bytes,
            Err(problem) => {
                let what = format!("names {name}: {problem}");
                self.section.note(self.key, &what, findings);
                return None;
            }
        };
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let mut note = |line: usize, what: String| findings.note_in(&name, line, &path, what);
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(bytes);
        let headers = match reader.headers() {
            Ok(headers) => headers.clone(),
            Err(problem) => {
                note(1, problem.to_string());
                return None;
            }
        };
        let places = columns.map(|column| headers.iter().position(|header| header == column));
        for (column, _) in columns
            .iter()
            .zip(places)
            .filter(|(_, place)| place.is_none())
        {
            note(1, format!("column `{column}` is missing"));
        }
        let places = places.into_iter().collect::<Option<Vec<usize>>>()?;
        let (mut values, mut is_right) = (Vec::new(), true);
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(problem) => {
                    note(line(problem.position()), problem.to_string());
                    return None;
                }
            };
            let line = line(record.position());
            let cells = std::array::from_fn(|at| &record[places[at]]);
            let value = row(cells, &mut |column, text, right| {
                is_right = false;
                note(line, format!("`{column}` is `{text}`; give {right}"));
            });
            values.extend(value);
        }
        if values.is_empty() && is_right {
            is_right = false;
            note(1, "no row is below the first line".to_owned());
        }
        is_right.then_some(values)
    }
}

fn amount(cell: &str) -> Option<f64> {
    let value: Option<f64> = cell.parse().ok();
    value.filter(|value| value.is_finite() && *value >= 0.0)
}

fn line(position: Option<&csv::Position>) -> usize {
    position.map_or(1, |position| {
        usize::try_from(position.line()).unwrap_or(usize::MAX)
    })
}
