//! `peaks`: what the service would have called a peak.

mod backtest;
pub(super) mod history;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use jiff::civil::Date;

/// Peaks of demand.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  homeshore peaks backtest --history volumes.csv --queue billing")]
pub(super) enum PeaksCommand {
    /// Replay past volumes: which peaks would have been found, and how soon.
    #[command(after_help = HELP)]
    Backtest(BacktestArgs),
}

const HELP: &str = "\
Needs no server. Each day is judged by what was known before it: the baseline of its weekday and interval is learned from the
eight weeks before, or is the forecast's.

The history is CSV, also packed by gzip: `interval_start` in local time, then a column for each queue with the calls that
arrived. An empty cell or a missing row is missing, not zero. A forecast has the same columns, and no gaps.

A peak is found at the end of an interval; its delay counts from the beginning of the one, two or four intervals that were
significant. Nobody knows which peaks of the past were real, so alarms a week are the most that may be false.

--inject adds surges of +30, +50 and +100 % for four intervals, each on a day and an interval drawn by the seed, and counts
those found within four, two intervals and one. A surge begins where all of these have the least baseline, but with
--to-the-edge. Days are left out on which there was an alarm by then without the surge. Two simpler methods do the same:
`poisson`, a limit of 1 % by chance alone, and `median`, the median of eight weeks times the day's factor with a normal test of
two intervals.

Examples:
  homeshore peaks backtest --history volumes.csv.gz --queue billing --min-baseline 100
  homeshore peaks backtest --history volumes.csv --queue billing --inject --trials 1000 --seed 7 --json
  homeshore peaks backtest --history volumes.csv --forecast forecast.csv --from 2026-07-01";

/// What to replay.
#[derive(Debug, Args)]
pub(super) struct BacktestArgs {
    /// Past volumes, CSV or CSV packed by gzip.
    #[arg(long, value_name = "FILE")]
    history: PathBuf,
    /// Baselines for days that have them here, CSV as the history; other days are learned.
    #[arg(long, value_name = "FILE")]
    forecast: Option<PathBuf>,
    /// A queue; may be given several times. Without it all queues of the history.
    #[arg(long, value_name = "QUEUE")]
    queue: Vec<String>,
    /// Peaks begin only where the baseline has at least so many calls in an interval.
    #[arg(long, value_name = "CALLS", default_value_t = 20.0)]
    min_baseline: f64,
    /// The first day that is judged; earlier ones are learned from.
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// The last day that is judged.
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// Injects surges, and counts how many are found in time.
    #[arg(long)]
    inject: bool,
    /// Surges of each size.
    #[arg(long, value_name = "COUNT", default_value_t = 100, requires = "inject", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    trials: u32,
    /// Surges also begin where later intervals, in which they should be found, have a smaller baseline and do not count.
    #[arg(long, requires = "inject")]
    to_the_edge: bool,
    /// Where the random numbers begin: the same seed injects the same surges.
    #[arg(long, value_name = "NUMBER", default_value_t = 1, requires = "inject")]
    seed: u64,
}

/// Runs the subcommand and answers the exit code.
pub(super) fn run(command: &PeaksCommand, json: bool) -> anyhow::Result<ExitCode> {
    let PeaksCommand::Backtest(args) = command;
    backtest::run(args, json)
}
