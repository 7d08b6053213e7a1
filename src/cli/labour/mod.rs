//! `labour check`, `labour packs` and `labour explain`: what labour law says of cases and of agents, and by which figures.

mod check;
pub(super) mod explain;
mod packs;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Subcommand;

use super::{error::CliError, pool::read_file};
use crate::labour::pack::{self, Shipped, Source};

/// What can be asked about labour law.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Examples:\n  homeshore labour check cases.json\n  homeshore labour packs fr-2098\n\nFigures and articles are a reading of the texts in force in spring 2026, for defaults of this program: no legal advice."
)]
pub(super) enum LabourCommand {
    /// Say which rules cases do not keep, each with article, measured figure and limit.
    #[command(after_help = check::HELP)]
    Check(check::CheckArgs),
    /// Say what the labour rules of a pool say of an agent at a time.
    #[command(after_help = explain::HELP)]
    Explain(explain::ExplainArgs),
    /// List the rule packs, or the rules of one.
    #[command(after_help = packs::HELP)]
    Packs(packs::PacksArgs),
}

/// Runs the subcommand and answers the exit code.
pub(super) fn run(json: bool, command: &LabourCommand) -> anyhow::Result<ExitCode> {
    match command {
        LabourCommand::Check(args) => check::run(json, args),
        LabourCommand::Packs(args) => packs::run(json, args),
        LabourCommand::Explain(_) => unreachable!("a server is asked"),
    }
}

/// The packs of the program with those of files.
fn packs_with(files: &[PathBuf]) -> anyhow::Result<Shipped> {
    let texts = files.iter().map(|path| {
        let name = path.display().to_string();
        Ok((name, read_file(path)?))
    });
    let texts: Vec<(String, String)> = texts.collect::<anyhow::Result<_>>()?;
    let sources: Vec<Source<'_>> = texts
        .iter()
        .map(|(name, text)| Source { name, text })
        .collect();
    let packs = pack::embedded().with(&sources).map_err(|error| {
        let lines = error.to_string().replace('\n', "\n  ");
        CliError::Input(format!("the rule packs are not right:\n  {lines}"))
    })?;
    Ok(packs)
}

/// A problem of an input file, with its name.
fn wrong(path: &Path, problems: &[String]) -> CliError {
    let lines = problems.join("\n  ");
    CliError::Input(format!("{} is not right:\n  {lines}", path.display()))
}
