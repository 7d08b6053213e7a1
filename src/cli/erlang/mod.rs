//! `erlang`: queues by theory, for numbers of the command line or the rows of a file.

mod calculate;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::beside::{self, FileArgs};

/// Queues by theory.
#[derive(Debug, Subcommand)]
#[command(after_help = "\
Examples:
  homeshore erlang c --calls 100 --interval-s 1800 --aht-s 180 --agents 14 --target-s 20
  homeshore erlang required --model erlang_a --calls 100 --interval-s 1800 --aht-s 180 \\
      --patience-s 120 --target-s 20 --target-sl 0.8 --shrinkage 0.3
  homeshore erlang a --csv intervals.csv --out measures.csv

Calls arrive at random (Poisson), handle times are exponential. b: calls that find all lines busy are lost. c: everybody
waits. a: callers hang up when their patience, an exponential time, is over; the usual choice for a contact centre.")]
pub(super) enum ErlangCommand {
    /// Erlang B: the share of calls that find every line busy.
    #[command(after_help = "\
Examples:
  homeshore erlang b --offered-erlang 35.7 --lines 50
  homeshore erlang b --csv lines.csv --out blocking.csv")]
    B(BArgs),
    /// Erlang C: waits when nobody hangs up.
    #[command(after_help = "\
Examples:
  homeshore erlang c --calls 100 --interval-s 1800 --aht-s 180 --agents 14 --target-s 20
  homeshore erlang c --csv intervals.csv --json

With no more agents than erlang the queue grows without end: in the long run everybody waits beyond the target, and the
averages and quantiles do not exist (an empty cell, null in JSON).")]
    C(CArgs),
    /// Erlang A: waits and lost calls when callers lose patience.
    #[command(after_help = "\
Examples:
  homeshore erlang a --calls 100 --interval-s 1800 --aht-s 180 --patience-s 120 --agents 11 --target-s 20
  homeshore erlang a --csv intervals.csv --out measures.csv

T is the target. Service levels: sl_offered is answered within T of all offered; sl_answered of all answered;
sl_excl_short of all but those who hung up within T. p_virtual_wait_gt_T: an endlessly patient caller would wait longer.")]
    A(AArgs),
    /// The least agents for a service level, an occupancy and a share of lost calls.
    #[command(after_help = "\
Examples:
  homeshore erlang required --model erlang_c --calls 100 --interval-s 1800 --aht-s 180 --target-s 20 --target-sl 0.8
  homeshore erlang required --model erlang_a --calls 100 --interval-s 1800 --aht-s 180 --patience-s 120 \\
      --target-s 20 --target-sl 0.8 --max-occupancy 0.85 --max-abandonment 0.05 --shrinkage 0.3
  homeshore erlang required --csv intervals.csv")]
    Required(RequiredArgs),
}

/// Lines, and what is offered to them.
#[derive(Debug, Args)]
pub(super) struct BArgs {
    /// The offered load, erlang: calls per second times seconds of handle time.
    #[arg(long, value_name = "ERLANG", required_unless_present = "csv")]
    offered_erlang: Option<String>,
    /// The number of lines.
    #[arg(long, value_name = "COUNT", required_unless_present = "csv")]
    lines: Option<String>,
    #[command(flatten)]
    file: FileArgs,
}

/// What callers bring.
#[derive(Debug, Args)]
pub(super) struct DemandArgs {
    /// The interval in which the calls arrive, seconds.
    #[arg(long, value_name = "SECONDS", required_unless_present = "csv")]
    interval_s: Option<String>,
    /// Calls in the interval.
    #[arg(long, value_name = "NUMBER", required_unless_present = "csv")]
    calls: Option<String>,
    /// Average handle time, seconds.
    #[arg(long, value_name = "SECONDS", required_unless_present = "csv")]
    aht_s: Option<String>,
    /// Within how many seconds a call should be answered.
    #[arg(long, value_name = "SECONDS", required_unless_present = "csv")]
    target_s: Option<String>,
}

/// A queue of endlessly patient callers.
#[derive(Debug, Args)]
pub(super) struct CArgs {
    #[command(flatten)]
    demand: DemandArgs,
    /// Agents who take calls.
    #[arg(long, value_name = "COUNT", required_unless_present = "csv")]
    agents: Option<String>,
    #[command(flatten)]
    file: FileArgs,
}

/// A queue of callers who hang up.
#[derive(Debug, Args)]
pub(super) struct AArgs {
    #[command(flatten)]
    demand: DemandArgs,
    /// The callers' average patience, seconds.
    #[arg(long, value_name = "SECONDS", required_unless_present = "csv")]
    patience_s: Option<String>,
    /// Agents who take calls.
    #[arg(long, value_name = "COUNT", required_unless_present = "csv")]
    agents: Option<String>,
    #[command(flatten)]
    file: FileArgs,
}

/// What is asked of a queue.
#[derive(Debug, Args)]
pub(super) struct RequiredArgs {
    /// The model: `erlang_c` or `erlang_a`.
    #[arg(long, value_name = "MODEL", required_unless_present = "csv")]
    model: Option<String>,
    #[command(flatten)]
    demand: DemandArgs,
    /// The callers' average patience, seconds; for `erlang_a`.
    #[arg(long, value_name = "SECONDS")]
    patience_s: Option<String>,
    /// The share of calls that should be answered within the target, below 1.
    #[arg(long, value_name = "SHARE", required_unless_present = "csv")]
    target_sl: Option<String>,
    /// The share of time in which agents may be busy; without it 1.
    #[arg(long, value_name = "SHARE")]
    max_occupancy: Option<String>,
    /// The share of callers who may hang up; for `erlang_a`.
    #[arg(long, value_name = "SHARE")]
    max_abandonment: Option<String>,
    /// The share of paid time in which people are not at work: breaks, training, illness. Without it 0.
    #[arg(long, value_name = "SHARE")]
    shrinkage: Option<String>,
    /// Of which calls the service level counts: `offered` (without it), `answered` or `excl_short`.
    #[arg(long, value_name = "LEVEL")]
    level: Option<String>,
    #[command(flatten)]
    file: FileArgs,
}

impl DemandArgs {
    fn given(&self) -> [(&'static str, &Option<String>); 4] {
        [
            ("interval_s", &self.interval_s),
            ("calls", &self.calls),
            ("aht_s", &self.aht_s),
            ("target_s", &self.target_s),
        ]
    }

    fn and<'a>(
        &'a self,
        others: &[(&'static str, &'a Option<String>)],
    ) -> Vec<(&'static str, &'a Option<String>)> {
        [&self.given()[..], others].concat()
    }
}

/// Runs the subcommand and answers the exit code.
pub(super) fn run(command: &ErlangCommand, json: bool) -> anyhow::Result<ExitCode> {
    match command {
        ErlangCommand::B(args) => {
            let given = [
                ("offered_erlang", &args.offered_erlang),
                ("lines", &args.lines),
            ];
            beside::run(&calculate::B, &given, &args.file, json)
        }
        ErlangCommand::C(args) => {
            let given = args.demand.and(&[("agents", &args.agents)]);
            beside::run(&calculate::C, &given, &args.file, json)
        }
        ErlangCommand::A(args) => {
            let own = [("patience_s", &args.patience_s), ("agents", &args.agents)];
            beside::run(&calculate::A, &args.demand.and(&own), &args.file, json)
        }
        ErlangCommand::Required(args) => {
            let given = args.demand.and(&args.own());
            beside::run(&calculate::REQUIRED, &given, &args.file, json)
        }
    }
}

impl RequiredArgs {
    fn own(&self) -> [(&'static str, &Option<String>); 7] {
        [
            ("model", &self.model),
            ("patience_s", &self.patience_s),
            ("target_sl", &self.target_sl),
            ("max_occupancy", &self.max_occupancy),
            ("max_abandonment", &self.max_abandonment),
            ("shrinkage", &self.shrinkage),
            ("level", &self.level),
        ]
    }
}
