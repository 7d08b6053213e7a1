//! `schedule export`: shifts as a table, or as a calendar for each agent.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde_json::json;

use super::{diff::sound, source::Source};
use crate::{
    cli::{Common, error::CliError, out},
    clock,
    schedule::{Shift, export},
};

pub(super) const HELP: &str = "\
Needs no server. What is exported reads back as the same shifts. No cell of a table can become a formula: one that begins with =, \
+, - or @ has a ' before it, which reading takes away. Calendars are in UTC, one file for each agent, in a folder (--out), or that \
of one agent (--only).

With --json and --out: {\"files\": [PATH]}.

Examples:
  homeshore schedule export march.xlsx --zone Europe/Paris > march.csv
  homeshore schedule export march.xlsx --zone Europe/Paris --to icalendar --only E017 > E017.ics
  homeshore schedule export march.xlsx --zone Europe/Paris --to icalendar --out calendars";

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum To {
    /// A table of text, UTF-8 with commas.
    Csv,
    /// A calendar for each agent.
    Icalendar,
}

/// Arguments of `schedule export`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ExportArgs {
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What to write.
    #[arg(long, value_name = "FORM", default_value = "csv")]
    to: To,
    /// Only the shifts of this agent.
    #[arg(long, value_name = "ID")]
    only: Option<String>,
    /// A folder for the calendars; it may be new.
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    #[command(flatten)]
    source: Source,
}

/// Runs `schedule export`.
pub(super) fn run(common: &Common, args: &ExportArgs) -> anyhow::Result<ExitCode> {
    let mut shifts = sound(args.source.read(&args.file)?)?.shifts;
    if let Some(only) = &args.only {
        shifts.retain(|shift| shift.agent.as_ref() == only);
        if shifts.is_empty() {
            return Err(CliError::Input(format!(
                "the agent `{only}` has no shift in {}",
                args.file.display()
            ))
            .into());
        }
    }
    let stamp = now()?;
    match (args.to, &args.out) {
        (To::Csv, Some(_)) => {
            let text = "--out is for calendars; a table is printed";
            return Err(CliError::Input(text.to_owned()).into());
        }
        (To::Csv, None) => out::written(|out| export::csv(out, &shifts, &args.source.zone))?,
        (To::Icalendar, None) => print_one(&shifts, stamp)?,
        (To::Icalendar, Some(folder)) => {
            let files = write_each(&shifts, folder, stamp)?;
            if common.json {
                out::json(&json!({"files": files}))?;
            } else {
                out::say(&format!(
                    "{} calendars written to {}",
                    files.len(),
                    folder.display()
                ));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn now() -> anyhow::Result<Timestamp> {
    Ok(Timestamp::from_second(clock::wall().0 / 1_000)?)
}

fn by_agent(shifts: &[Shift]) -> BTreeMap<&str, Vec<&Shift>> {
    let mut agents: BTreeMap<&str, Vec<&Shift>> = BTreeMap::new();
    for shift in shifts {
        agents.entry(&shift.agent).or_default().push(shift);
    }
    agents
}

fn print_one(shifts: &[Shift], stamp: Timestamp) -> anyhow::Result<()> {
    let agents = by_agent(shifts);
    let mut all = agents.into_iter();
    match (all.next(), all.next()) {
        (Some((agent, shifts)), None) => {
            out::written(|out| export::calendar(out, agent, &shifts, stamp))
        }
        _ => {
            let text = "a calendar is of one agent: name one (--only), or a folder for all (--out)";
            Err(CliError::Input(text.to_owned()).into())
        }
    }
}

fn write_each(shifts: &[Shift], folder: &Path, stamp: Timestamp) -> anyhow::Result<Vec<String>> {
    fs::create_dir_all(folder)?;
    let mut files = Vec::new();
    for (agent, shifts) in by_agent(shifts) {
        let path = folder.join(format!("{}.ics", file_name(agent)));
        let mut bytes = Vec::new();
        export::calendar(&mut bytes, agent, &shifts, stamp)?;
        fs::write(&path, bytes)?;
        files.push(path.display().to_string());
    }
    Ok(files)
}

/// The id as a file's name: what might lead elsewhere, or is alike on some systems, is written as its bytes.
fn file_name(agent: &str) -> String {
    let mut name = String::new();
    for byte in agent.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_' {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02X}"));
        }
    }
    name
}
