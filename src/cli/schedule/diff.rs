//! `schedule diff`: what changes from one file to another.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use serde_json::{Value, json};

use super::{document, source::Source};
use crate::{
    calendar::zone::Zone,
    cli::{Common, error::CliError, out},
    schedule::{Diff, Reading, Shift},
};

pub(super) const HELP: &str = "\
Needs no server. Says which shifts are added and removed, and which of an agent's day are changed: moved, longer or shorter, with \
other skills, site or segments; and the agents and hours concerned. Both files must be free of errors.

With --json: {\"added\": [shift], \"removed\": [shift], \"changed\": [{\"before\", \"after\"}], \"unchanged\", \"agents\", \
\"minutes_before\", \"minutes_after\"}; a shift is as `schedule validate` prints it. Exit code 1 if something changes.

Examples:
  homeshore schedule diff march.csv march-2.xlsx --zone Europe/Paris";

/// Arguments of `schedule diff`.
#[derive(Debug, Args)]
pub(in crate::cli) struct DiffArgs {
    /// The schedule as it was.
    #[arg(value_name = "BEFORE")]
    before: PathBuf,
    /// The schedule as it is to be.
    #[arg(value_name = "AFTER")]
    after: PathBuf,
    #[command(flatten)]
    source: Source,
}

/// The reading, if nothing is wrong with the file.
pub(super) fn sound(reading: Reading) -> Result<Reading, CliError> {
    if reading.problems.errors() == 0 {
        return Ok(reading);
    }
    let list = reading
        .problems
        .list()
        .iter()
        .map(|problem| format!("  {problem}"));
    let lines: Vec<String> = list.take(20).collect();
    let text = format!(
        "{} is not right; `schedule validate` tells all:\n{}",
        reading.file,
        lines.join("\n")
    );
    Err(CliError::Input(text))
}

/// Runs `schedule diff`.
pub(super) fn run(common: &Common, args: &DiffArgs) -> anyhow::Result<ExitCode> {
    let before = sound(args.source.read(&args.before)?)?;
    let after = sound(args.source.read(&args.after)?)?;
    let diff = Diff::of(&before.shifts, &after.shifts, &args.source.zone);
    if common.json {
        out::json(&as_json(&diff)?)?;
    } else {
        out::data(&text(&diff, &args.source.zone))?;
    }
    Ok(if diff.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn as_json(diff: &Diff) -> anyhow::Result<Value> {
    let shift = |shift: &Shift| -> anyhow::Result<Value> {
        let mut bytes = Vec::new();
        document::write_shift(&mut bytes, shift)?;
        Ok(serde_json::from_slice(&bytes)?)
    };
    let all = |shifts: &[Shift]| {
        shifts
            .iter()
            .map(shift)
            .collect::<anyhow::Result<Vec<Value>>>()
    };
    let changed = diff
        .changed
        .iter()
        .map(|(before, after)| Ok(json!({"before": shift(before)?, "after": shift(after)?})));
    Ok(json!({
        "added": all(&diff.added)?,
        "removed": all(&diff.removed)?,
        "changed": changed.collect::<anyhow::Result<Vec<Value>>>()?,
        "unchanged": diff.unchanged,
        "agents": diff.agents,
        "minutes_before": diff.seconds_before / 60,
        "minutes_after": diff.seconds_after / 60,
    }))
}

fn text(diff: &Diff, zone: &Zone) -> String {
    let span = |shift: &Shift| {
        let (start, end) = (zone.local(shift.start), zone.local(shift.end));
        format!(
            "{}-{}",
            start.strftime("%Y-%m-%d %H:%M"),
            end.strftime("%H:%M")
        )
    };
    let also = |shift: &Shift| {
        let parts: Vec<&str> = shift.segments.iter().map(|part| part.kind.word()).collect();
        format!(
            "{} {} {}",
            shift.skills.join("|"),
            shift.site,
            parts.join(" ")
        )
        .trim()
        .to_owned()
    };
    let line = |sign: &str, before: Option<&Shift>, after: Option<&Shift>| {
        let either = after.or(before);
        let cell = |shift: Option<&Shift>| shift.map_or_else(|| "-".to_owned(), span);
        let agent = either
            .map(|shift| shift.agent.to_string())
            .unwrap_or_default();
        vec![
            sign.to_owned(),
            agent,
            cell(before),
            cell(after),
            either.map(also).unwrap_or_default(),
        ]
    };
    let mut rows: Vec<Vec<String>> = Vec::new();
    rows.extend(
        diff.added
            .iter()
            .map(|shift| line("added", None, Some(shift))),
    );
    rows.extend(
        diff.changed
            .iter()
            .map(|(before, after)| line("changed", Some(before), Some(after))),
    );
    rows.extend(
        diff.removed
            .iter()
            .map(|shift| line("removed", Some(shift), None)),
    );
    rows.sort_by(|a, b| a[1].cmp(&b[1]));
    let hours = |seconds: i64| format!("{} h {:02}", seconds / 3_600, seconds / 60 % 60);
    let summary = format!(
        "{} added, {} changed, {} removed, {} as they were; {} agents; {} before, {} after",
        diff.added.len(),
        diff.changed.len(),
        diff.removed.len(),
        diff.unchanged,
        diff.agents,
        hours(diff.seconds_before),
        hours(diff.seconds_after),
    );
    if rows.is_empty() {
        return summary;
    }
    let table = out::table(&["", "agent", "before", "after", "with"], &rows);
    format!("{table}\n\n{summary}")
}
