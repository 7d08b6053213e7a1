//! Plays a scenario, or two of them side by side.

use std::{
    num::NonZeroUsize,
    ops::ControlFlow,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::atomic::Ordering,
    thread,
    time::Duration,
};

use clap::Args;

use super::{
    output::{Lines, Output, check_apart},
    report::{self, Side},
    scenario, until_interrupted,
};
use crate::{
    cli::{Common, error::CliError, out, progress},
    clock,
    simulation::model::{REPLICATIONS_MAX, Scenario},
};

/// The bar counts in steps of this many virtual ms.
const STEP_MS: u64 = 60_000;

/// Arguments of scenarios alone.
#[derive(Debug, Args)]
pub(super) struct ModelArgs {
    /// Another scenario, TOML, to compare with.
    #[arg(long, value_name = "FILE", conflicts_with = "compare_pool")]
    compare: Option<PathBuf>,
    /// Another pool, TOML, to compare with.
    #[arg(long, value_name = "FILE")]
    compare_pool: Option<PathBuf>,
    /// How often the scenario is played, instead of what it says.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(REPLICATIONS_MAX)))]
    replications: Option<u32>,
    /// What the random numbers depend on, instead of what the scenario says.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// The file for a report with pictures, HTML, written whole or not at all.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// How many threads play; all cores unless it is said. The figures do not depend on it.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

impl ModelArgs {
    /// For a log none of them has a meaning.
    pub(super) fn check_none(&self) -> Result<(), CliError> {
        let given = [
            ("--compare", self.compare.is_some()),
            ("--compare-pool", self.compare_pool.is_some()),
            ("--replications", self.replications.is_some()),
            ("--seed", self.seed.is_some()),
            ("--html", self.html.is_some()),
            ("--threads", self.threads.is_some()),
        ];
        match given.into_iter().find(|(_, is_given)| *is_given) {
            Some((name, _)) => {
                let what = format!("{name} is for scenarios; a call log is played once, as it is");
                Err(CliError::Input(what))
            }
            None => Ok(()),
        }
    }

    fn settled(&self, mut scenario: Scenario) -> Scenario {
        scenario.replications = self.replications.unwrap_or(scenario.replications);
        scenario.seed = self.seed.unwrap_or(scenario.seed);
        scenario
    }
}

/// Plays the scenario.
pub(super) async fn run(
    common: &Common,
    path: &Path,
    pool: Option<&Path>,
    (out, events): (Option<&Path>, Option<&Path>),
    args: &ModelArgs,
) -> anyhow::Result<ExitCode> {
    let mut files = Vec::new();
    let first = args.settled(scenario::read(path, pool, &mut files)?);
    let second = other(path, &first, args, &mut files)?;
    let arguments = [
        Some(path),
        pool,
        args.compare.as_deref(),
        args.compare_pool.as_deref(),
    ];
    let named = files.iter().map(PathBuf::as_path);
    let inputs: Vec<&Path> = arguments.into_iter().flatten().chain(named).collect();
    let mut outputs = Outputs::at((out, args.html.as_deref(), events), &inputs)?;
    if let Some(events) = outputs.events.take() {
        let lines = events.lines()?;
        if !show(first.clone(), lines).await? {
            return Ok(ExitCode::FAILURE);
        }
    }
    let threads = args.threads.map_or_else(cores, usize::from);
    let begun = clock::instant();
    let all: Vec<Scenario> = [Some(first), second].into_iter().flatten().collect();
    let wanted = all.len();
    let (sides, why) = play(all, threads).await?;
    let took = clock::instant().duration_since(begun);
    let is_short = |side: &Side| side.results.is_cut_short;
    let why = why.filter(|_| sides.len() < wanted || sides.iter().any(is_short));
    outputs.write(&sides, why)?;
    if common.json {
        out::json(&report::json(&sides, why))?;
    } else {
        out::data(&report::text(&sides))?;
    }
    say_speed(&sides, took, why);
    Ok(if why.is_some() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// The files that are written.
struct Outputs {
    csv: Option<Output>,
    html: Option<Output>,
    events: Option<Output>,
}

impl Outputs {
    fn at(
        (csv, html, events): (Option<&Path>, Option<&Path>, Option<&Path>),
        inputs: &[&Path],
    ) -> anyhow::Result<Self> {
        let at = |option, file: Option<&Path>| {
            let output = file.map(|file| Output::at(option, file, inputs));
            output.transpose()
        };
        let outputs = Self {
            csv: at("--out", csv)?,
            html: at("--html", html)?,
            events: at("--events", events)?,
        };
        check_apart(&[
            ("--out", outputs.csv.as_ref()),
            ("--html", outputs.html.as_ref()),
            ("--events", outputs.events.as_ref()),
        ])?;
        Ok(outputs)
    }

    fn write(self, sides: &[Side], why: Option<&str>) -> anyhow::Result<()> {
        if let Some(csv) = self.csv {
            csv.write(&report::csv(sides)?)?;
        }
        if let Some(html) = self.html {
            html.write(&report::html(sides, why)?)?;
        }
        Ok(())
    }
}

/// The scenario to compare with, with the same replications and seed.
fn other(
    path: &Path,
    first: &Scenario,
    args: &ModelArgs,
    files: &mut Vec<PathBuf>,
) -> anyhow::Result<Option<Scenario>> {
    if let Some(pool) = &args.compare_pool {
        let mut second = args.settled(scenario::read(path, Some(pool), files)?);
        second.name = pool.display().to_string();
        return Ok(Some(second));
    }
    let Some(other) = &args.compare else {
        return Ok(None);
    };
    let mut second = scenario::read(other, None, files)?;
    let is_alike = (
        second.duration_ms,
        second.warm_up_ms,
        second.spans,
        second.starts_ms,
    ) == (
        first.duration_ms,
        first.warm_up_ms,
        first.spans,
        first.starts_ms,
    );
    if !is_alike {
        let (one, two) = (path.display(), other.display());
        let what = format!(
            "{one} and {two} cannot be compared: `starts`, `duration`, `warm_up` and `interval` or `batches` must be equal"
        );
        return Err(CliError::Input(what).into());
    }
    (second.replications, second.seed) = (first.replications, first.seed);
    Ok(Some(second))
}

/// Writes the events of the first replication; false if that was broken off.
async fn show(scenario: Scenario, mut lines: Lines) -> anyhow::Result<bool> {
    let (shown, why) = until_interrupted(move |stopped| {
        let mut watch = |_played_ms| {
            if stopped.load(Ordering::Relaxed) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let shown = scenario.show_events(0, &mut watch, &mut |line| lines.add(line));
        shown.map(|()| lines)
    })
    .await?;
    let lines = shown.map_err(|refused| CliError::Input(refused.to_string()))?;
    if let Some(why) = why {
        out::say(&format!("cut short: {why}"));
        return Ok(false);
    }
    lines.end()?;
    Ok(true)
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

async fn play(
    scenarios: Vec<Scenario>,
    threads: usize,
) -> anyhow::Result<(Vec<Side>, Option<&'static str>)> {
    let (sides, why) = until_interrupted(move |stopped| {
        let all_ms: u64 = scenarios.iter().map(Scenario::virtual_ms).sum();
        let bar = progress::bar(
            usize::try_from(all_ms / STEP_MS).unwrap_or(usize::MAX),
            "min",
        );
        let mut before_ms = 0;
        let mut sides = Vec::new();
        for scenario in scenarios {
            // What was broken off before it began is not told.
            if stopped.load(Ordering::Relaxed) && !sides.is_empty() {
                break;
            }
            let results = scenario.run(threads, &|played_ms| {
                bar.set_position((before_ms + played_ms) / STEP_MS);
                if stopped.load(Ordering::Relaxed) {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            });
            before_ms += scenario.virtual_ms();
            sides.push(results.map(|results| Side { scenario, results }));
        }
        bar.finish_and_clear();
        sides
    })
    .await?;
    let sides: Result<Vec<Side>, _> = sides.into_iter().collect();
    let sides = sides.map_err(|refused| CliError::Input(refused.to_string()))?;
    Ok((sides, why))
}

/// What depends on the machine goes to stderr alone.
fn say_speed(sides: &[Side], took: Duration, why: Option<&str>) {
    let calls: u64 = sides.iter().map(|side| side.results.calls).sum();
    let seconds = took.max(Duration::from_millis(1)).as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a count of calls")]
    let rate = calls as f64 / seconds;
    let mut lines = vec![format!(
        "{calls} calls in {seconds:.3} s: {rate:.0} calls/s"
    )];
    lines.extend(why.map(|why| format!("cut short: {why}")));
    out::say(&lines.join("\n"));
}
