//! `schedule coverage`: how many agents are on the phone in each interval.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use serde_json::{Value, json};

use super::{diff::sound, source::Source};
use crate::{
    cli::{Common, error::CliError, out},
    schedule::{
        Coverage, Shift,
        coverage::{self, INTERVALS, Interval},
    },
};

pub(super) const HELP: &str = "\
Needs no server. Counts the agents who are on the phone, on average over each interval: shifts without their breaks, trainings, \
meetings and on-call parts. Intervals without anybody are left out of the table. With --before the same for the schedule that is \
to be replaced.

With --csv: start,end,skill,agents,before, a line for each interval and skill; `skill` is empty for all agents, times are UTC.
With --json: {\"intervals\": [{\"start\", \"end\", \"skill\", \"agents\", \"before\"}]}; `skill` is null for all agents.

Examples:
  homeshore schedule coverage march.csv --zone Europe/Paris
  homeshore schedule coverage march-2.csv --before march.csv --interval 60 --skills-apart --zone Europe/Paris";

/// Arguments of `schedule coverage`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CoverageArgs {
    /// The file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The schedule that it replaces.
    #[arg(long, value_name = "FILE")]
    before: Option<PathBuf>,
    /// Minutes of an interval: 15, 20, 30 or 60.
    #[arg(long, value_name = "MINUTES", default_value_t = 30, value_parser = interval)]
    interval: i64,
    /// Each skill for itself, too.
    #[arg(long)]
    skills_apart: bool,
    /// Print CSV.
    #[arg(long)]
    csv: bool,
    #[command(flatten)]
    source: Source,
}

fn interval(text: &str) -> Result<i64, String> {
    let minutes: Option<i64> = text.parse().ok();
    minutes
        .filter(|minutes| INTERVALS.contains(minutes))
        .ok_or_else(|| format!("`{text}` is not one of 15, 20, 30, 60"))
}

/// An interval of all agents or of a skill, after and before.
struct Line {
    skill: Option<String>,
    after: Interval,
    before: Option<f64>,
}

/// Runs `schedule coverage`.
pub(super) fn run(common: &Common, args: &CoverageArgs) -> anyhow::Result<ExitCode> {
    let after = sound(args.source.read(&args.file)?)?.shifts;
    let before = match &args.before {
        Some(path) => Some(sound(args.source.read(path)?)?.shifts),
        None => None,
    };
    let lines = lines(args, &after, before.as_deref())?;
    if common.json {
        let intervals: Vec<Value> = lines.iter().map(as_json).collect();
        out::json(&json!({"intervals": intervals}))?;
    } else if args.csv {
        out::whole_lines(&as_csv(&lines)?)?;
    } else {
        out::data(&text(args, &lines))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn lines(
    args: &CoverageArgs,
    after: &[Shift],
    before: Option<&[Shift]>,
) -> Result<Vec<Line>, CliError> {
    let zone = &args.source.zone;
    let both = [Some(after), before]
        .into_iter()
        .flatten()
        .filter_map(|shifts| coverage::days(shifts, zone));
    let days = both.reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)));
    let days = days.ok_or_else(|| CliError::Input("there are no shifts to count".to_owned()))?;
    let after = Coverage::of(after, zone, days, args.interval);
    let before = before.map(|shifts| Coverage::of(shifts, zone, days, args.interval));
    let mut skills: Vec<Option<String>> = vec![None];
    if args.skills_apart {
        let all = after
            .skills()
            .chain(before.iter().flat_map(Coverage::skills));
        let mut named: Vec<Option<String>> = all.map(|skill| Some(skill.to_owned())).collect();
        named.sort();
        named.dedup();
        skills.extend(named);
    }
    let mut lines = Vec::new();
    for skill in skills {
        let old = before
            .as_ref()
            .map(|before| before.intervals(skill.as_deref()));
        for (at, after) in after.intervals(skill.as_deref()).into_iter().enumerate() {
            let before = old.as_ref().map(|old| old[at].agents);
            lines.push(Line {
                skill: skill.clone(),
                after,
                before,
            });
        }
    }
    Ok(lines)
}

fn as_json(line: &Line) -> Value {
    json!({
        "start": line.after.start.to_string(),
        "end": line.after.end.to_string(),
        "skill": line.skill,
        "agents": line.after.agents,
        "before": line.before,
    })
}

fn as_csv(lines: &[Line]) -> anyhow::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["start", "end", "skill", "agents", "before"])?;
    for line in lines {
        writer.write_record([
            line.after.start.to_string(),
            line.after.end.to_string(),
            crate::schedule::export::safe(line.skill.as_deref().unwrap_or_default()),
            line.after.agents.to_string(),
            line.before
                .map_or_else(String::new, |before| before.to_string()),
        ])?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

fn text(args: &CoverageArgs, lines: &[Line]) -> String {
    let zone = &args.source.zone;
    let is_staffed =
        |line: &&Line| line.after.agents > 0.0 || line.before.is_some_and(|before| before > 0.0);
    let rows = lines.iter().filter(is_staffed).map(|line| {
        let mut row = vec![
            zone.local(line.after.start)
                .strftime("%Y-%m-%d %H:%M")
                .to_string(),
            zone.local(line.after.end).strftime("%H:%M").to_string(),
            line.skill.clone().unwrap_or_else(|| "all".to_owned()),
            format!("{:.2}", line.after.agents),
        ];
        if let Some(before) = line.before {
            row.extend([
                format!("{before:.2}"),
                format!("{:+.2}", line.after.agents - before),
            ]);
        }
        row
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if args.before.is_some() {
        out::table(
            &["from", "to", "skill", "agents", "before", "change"],
            &rows,
        )
    } else {
        out::table(&["from", "to", "skill", "agents"], &rows)
    }
}
