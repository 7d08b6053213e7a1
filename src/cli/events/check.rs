//! `events check`: whether a history keeps the rules of the service.

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use serde_json::{Value, json};

use crate::{
    cli::{Common, error::CliError, out, simulate::read_pool},
    pool::journal,
    simulation::checker::{Checker, Report, Violation},
};

pub(super) const HELP: &str = "\
Needs no server. The file has the lines of `events follow --json`, all of them: `proto/EVENTS.md` describes each. The rules are \
those of the service, decided again from the lines alone: each call ends once, waits are never reset, nobody has two offers, \
nobody who is away, held or wrapping up is offered a call, the right call goes first to the right agent, and more.

A history that begins later than its pool says nothing of what was before: who is chosen and which call goes first is then \
not judged, nor what happens to calls and agents from before. `--pool-file` says what is configured, if the line that says so \
is not in it.

With --json: {\"lines\", \"accepted\", \"live\", \"is_whole\", \"broken\", \"violations\": [{\"line\", \"number\", \"rule\", \"wants\", \
\"seen\"}]}; the first 100 are told, and the first of each rule. Exit code 1 if a rule was broken.

Examples:
  homeshore events follow --after 0 --until-now --json > day.jsonl
  homeshore events check day.jsonl
  homeshore events check - --pool-file deploy/pools/demo.toml < part.jsonl";

/// Arguments of `events check`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CheckArgs {
    /// The events, a JSON object a line; `-` reads them from stdin.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The pool's file, TOML, for a history that does not begin with it.
    #[arg(long, value_name = "FILE")]
    pool_file: Option<PathBuf>,
}

/// Runs `events check`.
pub(super) fn run(common: &Common, args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let mut checker = match &args.pool_file {
        Some(file) => Checker::configured(&journal::configuration(&read_pool(file)?))?,
        None => Checker::new(),
    };
    read(&args.file, &mut checker)?;
    let report = checker.end(false);
    if report.lines == 0 {
        let wrong = format!("{} has no events", args.file.display());
        return Err(CliError::Input(wrong).into());
    }
    if common.json {
        out::json(&document(&report))?;
    } else {
        say(&report)?;
    }
    Ok(if report.broken == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn read(file: &Path, checker: &mut Checker) -> anyhow::Result<()> {
    let wrong = |why: io::Error| CliError::Input(format!("cannot read {}: {why}", file.display()));
    let lines: Box<dyn BufRead> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(file).map_err(wrong)?))
    };
    for line in lines.lines() {
        let line = line.map_err(wrong)?;
        if !line.trim().is_empty() {
            checker.line(&line);
        }
    }
    Ok(())
}

fn say(report: &Report) -> anyhow::Result<()> {
    let lines = report.violations.iter().map(|violation| {
        let Violation {
            line,
            number,
            rule,
            seen,
        } = violation;
        let (rule, wants) = (rule.label(), rule.wants());
        format!("line {line}, event {number}: {seen}\n  {rule}: {wants}\n")
    });
    out::whole_lines(&lines.collect::<String>())?;
    let told = report.violations.len() as u64;
    if report.broken > told {
        out::say(&format!("and {} more", report.broken - told));
    }
    if !report.is_whole {
        out::say(
            "the history does not begin with its pool: who is chosen and which call goes first is not judged, nor what \
             was there before",
        );
    }
    out::say(&format!(
        "{} events, {} calls accepted, {} of them live at the end; {} broken rules",
        report.lines, report.accepted, report.live, report.broken
    ));
    Ok(())
}

fn document(report: &Report) -> Value {
    let violations = report.violations.iter().map(|violation| {
        json!({
            "line": violation.line,
            "number": violation.number,
            "rule": violation.rule.label(),
            "wants": violation.rule.wants(),
            "seen": violation.seen,
        })
    });
    json!({
        "lines": report.lines,
        "accepted": report.accepted,
        "live": report.live,
        "is_whole": report.is_whole,
        "broken": report.broken,
        "violations": violations.collect::<Vec<_>>(),
    })
}
