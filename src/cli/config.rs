//! `homeshore config check`: shows the settings in force, or everything that is wrong with them.

use std::{
    io::{self, Write},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Args, Subcommand};

use super::out;
use crate::config::{Config, Problem, Sources};

/// Looks at settings.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  homeshore config check
  homeshore config check --config homeshore.toml")]
pub(super) enum ConfigCommand {
    /// Prints the settings in force as TOML, or every problem.
    #[command(after_help = "\
Examples:
  homeshore config check
  homeshore config check --config homeshore.toml

Exit codes: 0 all settings are right; 2 at least one is not.")]
    Check(CheckArgs),
}

/// What to check.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// Settings that override the defaults.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

/// Runs the subcommand and answers the exit code.
///
/// # Errors
/// If nothing can be printed.
pub(super) fn run(command: &ConfigCommand) -> anyhow::Result<ExitCode> {
    let ConfigCommand::Check(args) = command;
    match Config::load(&Sources::of_process(args.config.as_deref())) {
        Ok(config) => {
            io::stdout().lock().write_all(config.to_toml().as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
        Err(problems) => {
            say_problems(&problems);
            Ok(ExitCode::from(2))
        }
    }
}

/// Says every problem.
pub(super) fn say_problems(problems: &[Problem]) {
    for problem in problems {
        out::say(&format!("error: {problem}"));
    }
}
