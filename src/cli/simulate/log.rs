//! Plays a call log: who would have answered each call when.

use std::{
    ops::ControlFlow,
    path::Path,
    process::ExitCode,
    sync::{Arc, atomic::Ordering},
};

use super::{
    log_summary as summary,
    output::{Lines, Output, check_apart},
    read_pool, until_interrupted,
};
use crate::{
    cli::{Common, error::CliError, out, pool::read_bytes, progress},
    clock,
    simulation::trace::{Report, Source, Trace},
};

/// Plays the log of these agents and calls.
pub(super) async fn run(
    common: &Common,
    (agents, calls): (&Path, &Path),
    pool: Option<&Path>,
    (out, events): (Option<&Path>, Option<&Path>),
) -> anyhow::Result<ExitCode> {
    let trace = Arc::new(read((agents, calls), pool)?);
    let inputs = [Some(agents), Some(calls), pool];
    let inputs: Vec<&Path> = inputs.into_iter().flatten().collect();
    let output = out.map(|file| Output::at("--out", file, &inputs));
    let output = output.transpose()?;
    let events = events.map(|file| Output::at("--events", file, &inputs));
    let events = events.transpose()?;
    check_apart(&[("--out", output.as_ref()), ("--events", events.as_ref())])?;
    let events = events.map(Output::lines);
    let begun = clock::instant();
    let (report, why, events) = play(Arc::clone(&trace), events.transpose()?).await?;
    let took = clock::instant().duration_since(begun);
    if !report.is_cut_short {
        events.map_or(Ok(()), Lines::end)?;
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

fn read((agents, calls): (&Path, &Path), pool: Option<&Path>) -> anyhow::Result<Trace> {
    let pool = pool.map(read_pool).transpose()?;
    let (agents_name, calls_name) = (agents.display().to_string(), calls.display().to_string());
    let (agents, calls) = (read_bytes(agents)?, read_bytes(calls)?);
    let source = |name, bytes| Source { name, bytes };
    let trace = Trace::read(
        source(&agents_name, &agents),
        source(&calls_name, &calls),
        pool,
    );
    Ok(trace.map_err(CliError::from)?)
}

/// A log that was played, what broke it off, and its events, if they are wanted.
type Played = (Report, Option<&'static str>, Option<Lines>);

/// Plays the log on a thread of its own; Ctrl-C breaks it off.
async fn play(trace: Arc<Trace>, mut events: Option<Lines>) -> anyhow::Result<Played> {
    let ((report, events), why) = until_interrupted(move |stopped| {
        let bar = progress::bar(trace.calls(), "calls over");
        let mut watch = |over| {
            bar.set_position(u64::try_from(over).unwrap_or(u64::MAX));
            if stopped.load(Ordering::Relaxed) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let report = match &mut events {
            Some(events) => trace.run_shown(&mut watch, Some(&mut |line| events.add(line))),
            None => trace.run(&mut watch),
        };
        bar.finish_and_clear();
        (report, events)
    })
    .await?;
    let report = report.map_err(|refused| CliError::Input(refused.to_string()))?;
    Ok((report, why, events))
}
