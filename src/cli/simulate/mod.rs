//! `simulate`: plays a scenario, or a call log, through the live engine in virtual time.

mod help;
mod log;
mod log_summary;
mod model;
pub(in crate::cli) mod output;
mod report;
mod scenario;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::Context;
use clap::Args;

use super::{
    Common,
    error::CliError,
    interrupt::Interrupts,
    pool::{file, located, read_file},
};
use crate::{api, engine::spec::PoolSpec};

/// Arguments of `simulate`.
#[derive(Debug, Args)]
#[command(after_help = help::HELP)]
pub(super) struct SimulateArgs {
    /// The scenario, TOML; or a call log with --agents and --calls.
    #[arg(required_unless_present = "agents", conflicts_with_all = ["agents", "calls"])]
    scenario: Option<PathBuf>,
    /// The agents of a log, CSV.
    #[arg(long, value_name = "FILE", requires = "calls")]
    agents: Option<PathBuf>,
    /// The calls of a log, CSV.
    #[arg(long, value_name = "FILE", requires = "agents")]
    calls: Option<PathBuf>,
    /// The pool that routes them, TOML; without it the scenario's, or for a log one with a queue for each skill.
    #[arg(long, value_name = "FILE")]
    pool: Option<String>,
    /// The file for the rows, CSV, written whole or not at all; without it a log's rows go to stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The file for every event, a JSON object a line as `events follow --json` prints them; of a scenario those of its first
    /// replication.
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    #[command(flatten)]
    model: model::ModelArgs,
}

/// Runs `simulate`. Elsewhere `--pool` names a pool, and a variable may do so: here it counts only as an argument.
pub(super) async fn run(
    common: &Common,
    mut args: SimulateArgs,
    is_pool_given: bool,
) -> anyhow::Result<ExitCode> {
    args.pool = args.pool.filter(|_| is_pool_given);
    let pool = args.pool.as_ref().map(Path::new);
    let (out, events) = (args.out.as_deref(), args.events.as_deref());
    if out.is_some() && out == events {
        let wrong = "--events: is the same file as --out; give another";
        return Err(CliError::Input(wrong.to_owned()).into());
    }
    match (&args.scenario, &args.agents, &args.calls) {
        (None, Some(agents), Some(calls)) => {
            args.model.check_none()?;
            log::run(common, (agents, calls), pool, (out, events)).await
        }
        (Some(scenario), _, _) => {
            model::run(common, scenario, pool, (out, events), &args.model).await
        }
        (None, _, _) => {
            Err(CliError::Input("give a scenario, or --agents and --calls".to_owned()).into())
        }
    }
}

/// The pool of a file.
pub(super) fn read_pool(path: &Path) -> anyhow::Result<PoolSpec> {
    let name = path.display().to_string();
    let (pool, mut findings) = file::read(
        &read_file(path)?,
        "default",
        path.parent().unwrap_or_else(|| Path::new("")),
    );
    if !findings.is_clean() {
        let report = findings.report(&name);
        return Err(CliError::Input(format!("{name} is not right:{report}")).into());
    }
    api::pool::checked(&pool).map_err(|status| {
        let problem = located(status, &name, &findings, "pool.");
        if let CliError::Input(text) = problem {
            let told = text.replacen("was refused, and nothing changed:", "is not right:", 1);
            return CliError::Input(told).into();
        }
        problem.into()
    })
}

/// Does long work on a thread of its own. Ctrl-C asks it to stop, by the flag that it is given, and is told beside what
/// came of it.
async fn until_interrupted<T: Send + 'static>(
    work: impl FnOnce(&AtomicBool) -> T + Send + 'static,
) -> anyhow::Result<(T, Option<&'static str>)> {
    let mut interrupts = Interrupts::listen()?;
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let mut work = tokio::task::spawn_blocking(move || work(&stopped));
    let (done, why) = tokio::select! {
        done = &mut work => (done, None),
        why = interrupts.next() => {
            stop.store(true, Ordering::Relaxed);
            (work.await, Some(why))
        }
    };
    let done = done.context("the simulation broke off by a mistake of this program")?;
    Ok((done, why))
}
