//! Calculations on numbers of the command line, or on the rows of a CSV file, whose measures are written beside them.

mod file;
mod number;
mod value;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use serde_json::{Map, Value as Json, json};

pub(super) use self::value::{Input, MOST_AGENTS, Rule, Values};
use super::{error::CliError, out, pool::read_file, simulate::output::Output};

/// So many notes of rows are said one by one.
const NOTES: usize = 5;

/// How a measure is written.
#[derive(Clone, Copy, Debug)]
pub(super) enum Style {
    /// Ten significant digits.
    Significant,
    /// Six decimals.
    Fixed,
    /// A whole number.
    Whole,
}

impl Style {
    fn text(self, number: f64) -> String {
        match self {
            Self::Significant => number::significant(number),
            Self::Fixed => number::fixed(number),
            Self::Whole => number::whole(number),
        }
    }
}

/// A calculation: what it reads, and what it answers in the order of `measures`.
pub(super) struct Calculation {
    pub(super) inputs: &'static [Input],
    pub(super) measures: &'static [(&'static str, Style)],
    pub(super) compute: fn(&Values) -> Result<Answer, Wrong>,
}

/// The measures, in order; nothing where a measure does not exist.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) cells: Vec<Option<f64>>,
    /// What one should know of them.
    pub(super) note: Option<&'static str>,
}

/// An input that does not fit the others, and what would be right.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) input: &'static str,
    pub(super) what: String,
}

/// The file of a calculation, if it is of many rows.
#[derive(Debug, Args)]
pub(super) struct FileArgs {
    /// Calculates every row of this file instead: the numbers above are its columns, named with `_`. Columns of other
    /// names are kept.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
    /// The file for the rows, written whole or not at all; without it they go to stdout.
    #[arg(long, value_name = "FILE", requires = "csv")]
    out: Option<PathBuf>,
}

/// Calculates what was given: the numbers, or the file.
pub(super) fn run(
    calculation: &Calculation,
    given: &[(&'static str, &Option<String>)],
    file: &FileArgs,
    json: bool,
) -> anyhow::Result<ExitCode> {
    if let Some(csv) = &file.csv {
        return rows(calculation, given, csv, file.out.as_deref(), json);
    }
    numbers(calculation, given, json)
}

fn numbers(
    calculation: &Calculation,
    given: &[(&'static str, &Option<String>)],
    json: bool,
) -> anyhow::Result<ExitCode> {
    let text = |name: &str| {
        let found = given.iter().find(|(given, _)| *given == name);
        found.and_then(|(_, text)| text.as_deref()).unwrap_or("")
    };
    let flag = |name: &str| format!("--{}", name.replace('_', "-"));
    let answer = calculation.of(text).map_err(|wrongs| {
        let lines = wrongs
            .iter()
            .map(|wrong| format!("{} {}", flag(wrong.input), wrong.what));
        let lines: Vec<String> = lines.collect();
        CliError::Input(lines.join("\n  "))
    })?;
    if json {
        out::json(&Json::Object(calculation.json(&answer)))?;
    } else {
        out::data(&out::table(
            &["measure", "value"],
            &calculation.table(&answer),
        ))?;
    }
    if let Some(note) = answer.note {
        out::say(&format!("note: {note}"));
    }
    Ok(ExitCode::SUCCESS)
}

impl Calculation {
    /// The answer for texts by name, or everything that is wrong with them.
    fn of<'t>(&self, text: impl Fn(&str) -> &'t str) -> Result<Answer, Vec<Wrong>> {
        let mut values = Values::default();
        let mut wrongs = Vec::new();
        for input in self.inputs {
            match input.read(text(input.name).trim()) {
                Ok(Some(value)) => {
                    values.0.insert(input.name, value);
                }
                Ok(None) => {}
                Err(what) => wrongs.push(Wrong {
                    input: input.name,
                    what,
                }),
            }
        }
        if !wrongs.is_empty() {
            return Err(wrongs);
        }
        (self.compute)(&values).map_err(|wrong| vec![wrong])
    }

    fn json(&self, answer: &Answer) -> Map<String, Json> {
        let pairs = self.measures.iter().zip(&answer.cells);
        let value = |style: Style, cell: Option<f64>| match style {
            Style::Whole => cell.map_or(Json::Null, |number| {
                number::whole(number)
                    .parse::<u64>()
                    .map_or(Json::Null, Json::from)
            }),
            Style::Significant | Style::Fixed => json!(cell),
        };
        pairs
            .map(|((name, style), cell)| ((*name).to_owned(), value(*style, *cell)))
            .collect()
    }

    fn table(&self, answer: &Answer) -> Vec<Vec<String>> {
        let pairs = self.measures.iter().zip(&answer.cells);
        let text = |style: Style, cell: Option<f64>| {
            cell.map_or_else(|| "-".to_owned(), |number| style.text(number))
        };
        pairs
            .map(|((name, style), cell)| vec![(*name).to_owned(), text(*style, *cell)])
            .collect()
    }
}

fn rows(
    calculation: &Calculation,
    given: &[(&'static str, &Option<String>)],
    csv: &Path,
    to: Option<&Path>,
    json: bool,
) -> anyhow::Result<ExitCode> {
    if let Some((name, _)) = given.iter().find(|(_, text)| text.is_some()) {
        let flag = name.replace('_', "-");
        let text = format!("--{flag} and --csv: give one of them; the file has a column `{name}`");
        return Err(CliError::Input(text).into());
    }
    let output = to.map(|to| Output::at("--out", to, &[csv])).transpose()?;
    let name = csv.display().to_string();
    let answers = file::calculate(calculation, &name, &read_file(csv)?)?;
    let text = if json {
        format!("{:#}\n", answers.to_json(calculation))
    } else {
        answers.to_csv(calculation)?
    };
    match output {
        Some(output) => output.write(text.as_bytes())?,
        None => out::whole_lines(&text)?,
    }
    say_notes(&name, &answers.notes());
    Ok(ExitCode::SUCCESS)
}

fn say_notes(file: &str, notes: &[(u64, &'static str)]) {
    for (line, note) in notes.iter().take(NOTES) {
        out::say(&format!("note: {file}:{line}: {note}"));
    }
    if notes.len() > NOTES {
        out::say(&format!(
            "note: the same of {} more rows",
            notes.len() - NOTES
        ));
    }
}
