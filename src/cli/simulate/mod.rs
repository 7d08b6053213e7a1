//! `simulate`: plays a call log through the live engine in virtual time, and says who would have answered each call when.

mod output;
mod summary;

use std::{
    ops::ControlFlow,
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
    out,
    pool::{file, located, read_bytes, read_file},
    progress,
};
use crate::{
    api, clock,
    engine::spec::PoolSpec,
    simulation::trace::{Report, Source, Trace},
};
use output::Output;

const HELP: &str = "\
Needs no server. Agents are at home, sign in and out by the log, accept at once, talk for handle_ms and wrap up for wrap_ms; \
whoever is to sign out while busy does so after that. A caller hangs up after patience_ms. Among the agents with the skill \
the one idle longest gets the call; a freed agent gets the lowest priority number, and of those the earliest call. Within one \
millisecond: deadlines and hang-ups, then ends, log-ins, arrivals, log-outs. The same files give the same bytes.

Files are CSV with exactly the columns
  agents  agent, skills (a|b, or with levels a:3|b), login_ms, logout_ms, wrap_ms
  calls   call, arrival_ms, skill, priority, handle_ms, patience_ms
Without --pool each skill is a queue. With --pool it is a pool's file as for `pool apply`: skill names a queue of it, its \
rules hold, and if it has priorities named by numbers, calls have those.

Result, a row for each call: call, outcome, agent, connected_ms, left_ms, wait_ms. Outcomes: ANSWERED, ABANDONED, and with a \
pool also DIVERTED, OVERFLOWED, TIMED_OUT, UNREACHED, CANCELLED, LOST.

Examples:
  homeshore simulate --agents a.csv --calls c.csv --out r.csv
  homeshore simulate --agents a.csv --calls c.csv --pool deploy/pools/demo.toml --out r.csv
  homeshore simulate --agents a.csv --calls c.csv --json

The summary goes to stderr; with --json it is the only thing on stdout, and rows go to --out alone: {\"calls\", \"answered\", \
\"abandoned\", \"others\": {...}, \"mean_wait_ms\" of the answered, \"sl_offered\", \"target_ms\", \"virtual_ms\", \"took_ms\", \
\"speed\" (virtual time / real time), \"cut_short\"}. Ctrl-C prints the summary of the calls that are over by then, writes no \
rows, and ends with 1.";

/// Arguments of `simulate`.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct SimulateArgs {
    /// The agents, CSV.
    #[arg(long, value_name = "FILE")]
    agents: PathBuf,
    /// The calls, CSV.
    #[arg(long, value_name = "FILE")]
    calls: PathBuf,
    /// The pool that routes them, TOML; without it one with a queue for each skill.
    #[arg(long, value_name = "FILE")]
    pool: Option<String>,
    /// The file for the result, written whole or not at all; without it the result goes to stdout.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs `simulate`. Elsewhere `--pool` names a pool, and a variable may do so: here it counts only as an argument.
pub(super) async fn run(
    common: &Common,
    mut args: SimulateArgs,
    is_pool_given: bool,
) -> anyhow::Result<ExitCode> {
    args.pool = args.pool.filter(|_| is_pool_given);
    let trace = Arc::new(read(&args)?);
    let output = args.out.as_deref().map(|file| {
        let inputs = [
            Some(&*args.agents),
            Some(&*args.calls),
            args.pool.as_ref().map(Path::new),
        ];
        Output::at(file, &inputs.into_iter().flatten().collect::<Vec<_>>())
    });
    let output = output.transpose()?;
    let begun = clock::instant();
    let (report, why) = play(Arc::clone(&trace)).await?;
    let took = clock::instant().duration_since(begun);
    if !report.is_cut_short {
        let mut rows = Vec::new();
        trace.write(&report, &mut rows)?;
        match output {
            Some(output) => output.write(&rows)?,
            None if common.json => {}
            None => out::whole_lines(&String::from_utf8(rows)?)?,
        }
    }
    let why = why.filter(|_| report.is_cut_short);
    let summary = report.summary();
    if common.json {
        out::json(&summary::json(&summary, took, why))?;
    } else {
        out::say(&summary::text(&summary, took, why));
    }
    Ok(if report.is_cut_short {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn read(args: &SimulateArgs) -> anyhow::Result<Trace> {
    let pool = args
        .pool
        .as_ref()
        .map(Path::new)
        .map(read_pool)
        .transpose()?;
    let (agents, calls) = (read_bytes(&args.agents)?, read_bytes(&args.calls)?);
    let (agents_name, calls_name) = (
        args.agents.display().to_string(),
        args.calls.display().to_string(),
    );
    let source = |name, bytes| Source { name, bytes };
    let trace = Trace::read(
        source(&agents_name, &agents),
        source(&calls_name, &calls),
        pool,
    );
    Ok(trace.map_err(CliError::from)?)
}

/// The pool of a file.
pub(super) fn read_pool(path: &Path) -> anyhow::Result<PoolSpec> {
    let name = path.display().to_string();
    let (pool, mut findings) = file::read(&read_file(path)?, "default");
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

/// Plays the log on a thread of its own; Ctrl-C breaks it off.
async fn play(trace: Arc<Trace>) -> anyhow::Result<(Report, Option<&'static str>)> {
    let mut interrupts = Interrupts::listen()?;
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let mut work = tokio::task::spawn_blocking(move || {
        let bar = progress::bar(trace.calls(), "calls over");
        let report = trace.run(&mut |over| {
            bar.set_position(u64::try_from(over).unwrap_or(u64::MAX));
            if stopped.load(Ordering::Relaxed) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        bar.finish_and_clear();
        report
    });
    let (report, why) = tokio::select! {
        report = &mut work => (report, None),
        why = interrupts.next() => {
            stop.store(true, Ordering::Relaxed);
            (work.await, Some(why))
        }
    };
    let report = report.context("the simulation broke off by a mistake of this program")?;
    let report = report.map_err(|refused| CliError::Input(refused.to_string()))?;
    Ok((report, why))
}
