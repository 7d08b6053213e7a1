//! The rows of a CSV file, and their measures beside them.

use serde_json::{Value as Json, json};

use super::{Answer, Calculation};
use crate::cli::{error::CliError, toml_file::Findings};

/// A row as it stands in the file.
struct Row {
    line: u64,
    cells: Vec<String>,
    answer: Answer,
}

/// A file with its answers.
pub(super) struct Answers {
    columns: Vec<String>,
    rows: Vec<Row>,
}

/// Reads and calculates all rows, or tells everything that is wrong.
pub(super) fn calculate(
    calculation: &Calculation,
    name: &str,
    source: &str,
) -> Result<Answers, CliError> {
    let mut findings = Findings::default();
    let answers = read(calculation, source, &mut findings);
    if findings.is_clean() {
        return Ok(answers);
    }
    let report = findings.report(name);
    Err(CliError::Input(format!("{name} is not right:{report}")))
}

fn read(calculation: &Calculation, source: &str, findings: &mut Findings) -> Answers {
    // Between CR and LF a reader of CSV begins to count the next record, and names its line one too low.
    let source = source.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(source.as_bytes());
    let mut answers = Answers {
        columns: Vec::new(),
        rows: Vec::new(),
    };
    match reader.headers() {
        Ok(headers) => answers.columns = headers.iter().map(str::to_owned).collect(),
        Err(problem) => findings.note(1, "headers", &format!("cannot be read: {problem}")),
    }
    check_columns(calculation, &answers.columns, findings);
    if !findings.is_clean() {
        return answers;
    }
    for record in reader.records() {
        match record {
            Ok(record) => answers.add(calculation, &record, findings),
            Err(problem) => {
                let line = problem.position().map_or(0, csv::Position::line);
                findings.note(place(line), "row", &row_problem(&problem));
            }
        }
    }
    answers
}

fn check_columns(calculation: &Calculation, columns: &[String], findings: &mut Findings) {
    for (index, column) in columns.iter().enumerate() {
        if columns[..index].contains(column) {
            findings.note(1, column, "is there twice");
        }
    }
    for input in calculation.inputs {
        let is_there = columns.iter().any(|column| column == input.name);
        if !is_there && input.default.is_none() {
            findings.note(1, input.name, "is missing; it must be a column");
        }
    }
}

fn place(line: u64) -> usize {
    usize::try_from(line).unwrap_or(usize::MAX)
}

fn row_problem(problem: &csv::Error) -> String {
    if let csv::ErrorKind::UnequalLengths {
        expected_len, len, ..
    } = problem.kind()
    {
        return format!("has {len} fields and needs {expected_len}, as the first line has");
    }
    format!("cannot be read: {problem}")
}

impl Answers {
    fn add(
        &mut self,
        calculation: &Calculation,
        record: &csv::StringRecord,
        findings: &mut Findings,
    ) {
        let line = record.position().map_or(0, csv::Position::line);
        let text = |name: &str| {
            let at = self.columns.iter().position(|column| column == name);
            at.and_then(|at| record.get(at)).unwrap_or("")
        };
        match calculation.of(text) {
            Ok(answer) => self.rows.push(Row {
                line,
                cells: record.iter().map(str::to_owned).collect(),
                answer,
            }),
            Err(wrongs) => {
                for wrong in wrongs {
                    findings.note(place(line), wrong.input, &wrong.what);
                }
            }
        }
    }

    /// What is to be known of some rows, with their lines.
    pub(super) fn notes(&self) -> Vec<(u64, &'static str)> {
        let note = |row: &Row| row.answer.note.map(|note| (row.line, note));
        self.rows.iter().filter_map(note).collect()
    }

    /// The file again: columns of measures hold what was calculated, and those that were missing follow.
    pub(super) fn to_csv(&self, calculation: &Calculation) -> anyhow::Result<String> {
        let names = calculation.measures.iter().map(|(name, _)| *name);
        let places: Vec<Option<usize>> = names
            .map(|name| self.columns.iter().position(|column| column == name))
            .collect();
        let mut writer = csv::Writer::from_writer(Vec::new());
        let mut head = self.columns.clone();
        for ((name, _), place) in calculation.measures.iter().zip(&places) {
            if place.is_none() {
                head.push((*name).to_owned());
            }
        }
        writer.write_record(&head)?;
        for row in &self.rows {
            let mut cells = row.cells.clone();
            let measures = calculation.measures.iter().zip(&row.answer.cells);
            for (((_, style), cell), place) in measures.zip(&places) {
                let text = cell.map(|number| style.text(number)).unwrap_or_default();
                match place {
                    Some(place) => cells[*place] = text,
                    None => cells.push(text),
                }
            }
            writer.write_record(&cells)?;
        }
        Ok(String::from_utf8(writer.into_inner()?)?)
    }

    /// An object a row: its cells as texts, its measures as numbers.
    pub(super) fn to_json(&self, calculation: &Calculation) -> Json {
        let row = |row: &Row| {
            let cells = self.columns.iter().zip(&row.cells);
            let mut object: serde_json::Map<String, Json> = cells
                .map(|(column, cell)| (column.clone(), json!(cell)))
                .collect();
            object.extend(calculation.json(&row.answer));
            Json::Object(object)
        };
        self.rows.iter().map(row).collect()
    }
}
