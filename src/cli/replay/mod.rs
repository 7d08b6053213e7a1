//! `replay`: plays a call log against any running server, as its platform and its agents, and judges what they see.

mod caller;
mod checker;
mod crew;
mod listen;
mod log;
mod play;
mod report;
mod setup;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::Args;

use super::{Common, client::Clients, error::CliError, out, text};
use crate::simulation::trace::Call;

const HELP: &str = "\
Times of the log are divided by the speed: at --speed 60 an hour takes a minute. The log begins with its first call; \
agents who log in before that are signed in by then. Agents accept at once and wrap up for wrap_ms; a caller hangs up \
after patience_ms without an agent. The replay goes on when the server goes away and comes back.

A talk ends at the log's own moment, so that delays of milliseconds, times the speed, do not add up over a day. Who takes
a call may still differ from the log where two agents come free within such a delay.

Files are CSV with the columns
  agents  agent, skills (a|b, or with levels a:3|b), login_ms, logout_ms, wrap_ms
  calls   call, arrival_ms, skill, priority, handle_ms, patience_ms
Each skill is a queue, each priority one of the pool's by its number, 0 served first; --setup applies them and the agents.

Prints what became of the calls, the waits of the answered (from handing over to `connect`, in seconds of the log), the \
service levels, and each invariant that was broken as the clients see it: a call lost, an agent offered two calls, two \
agents on one call, a call that ends twice, a wait that is reset. Exit code 1 if any, or if it was cut short.

Examples:
  homeshore replay --agents a.csv --calls c.csv --speed 60 --setup
  homeshore replay --agents a.csv --calls c.csv --target http://10.0.0.7:50051
  homeshore replay --agents a.csv --calls c.csv --from 36000000 --to 39600000

With --json: {\"offered\", \"answered\", \"abandoned\", \"others\": {...}, \"wait_ms\": {\"mean\", \"p50\", \"p90\", \"p99\"}, \
\"sl_offered\", \"sl_answered\", \"sl_excl_short\", \"expected_mean_wait_ms\", \"target_ms\", \"took_ms\", \
\"reconnects\": {\"platform\", \"agents\"}, \"cut_short\", \"broken\": [{\"rule\", \"text\"}]}; waits in ms of the log.";

/// Arguments of `replay`.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct ReplayArgs {
    /// The agents, CSV.
    #[arg(long, value_name = "FILE")]
    agents: PathBuf,
    /// The calls, CSV.
    #[arg(long, value_name = "FILE")]
    calls: PathBuf,
    /// The server's gRPC address; without it that of `--server`.
    #[arg(long, value_name = "URL")]
    target: Option<String>,
    /// How many times faster than the log.
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    speed: u32,
    /// Apply the pool, skills and agents that the files need first.
    #[arg(long)]
    setup: bool,
    /// Leave out calls that arrive before this, ms of the log.
    #[arg(long, value_name = "MS")]
    from: Option<u64>,
    /// Leave out calls that arrive at this or later, ms of the log.
    #[arg(long, value_name = "MS")]
    to: Option<u64>,
    /// Target answer time of the service levels, in time of the log.
    #[arg(long, value_name = "DURATION", default_value = "20s", value_parser = text::parse_duration)]
    service_target: Duration,
    /// What was expected, CSV with the columns `call`, `outcome`, `wait_ms`: the mean waits are compared.
    #[arg(long, value_name = "FILE")]
    expected: Option<PathBuf>,
}

/// Runs `replay`.
pub(super) async fn run(common: &Common, args: ReplayArgs) -> anyhow::Result<ExitCode> {
    let (agents, mut calls) = log::read(&args.agents, &args.calls)?;
    let (from, to) = (args.from.unwrap_or(0), args.to.unwrap_or(u64::MAX));
    calls.retain(|call| (from..to).contains(&call.arrival_ms));
    let Some(first) = calls.first() else {
        let text = "no call of the log arrives between `--from` and `--to`".to_owned();
        return Err(CliError::Input(text).into());
    };
    let from_ms = args.from.unwrap_or(first.arrival_ms);
    let expected_mean_ms = expected_mean(&args, &calls)?;
    let server = args.target.as_ref().unwrap_or(&common.server);
    let clients = Clients::to(server, &common.pool).await?;
    if args.setup {
        setup::apply(&clients, &agents, &calls, args.service_target).await?;
    }
    let score = play::Score {
        agents: agents
            .into_iter()
            .filter(|agent| agent.logout_ms > from_ms)
            .collect(),
        calls,
        from_ms,
        speed: args.speed,
    };
    let mut findings = play::play(&clients, score).await?;
    findings.target_ms = u64::try_from(args.service_target.as_millis()).unwrap_or(u64::MAX);
    findings.expected_mean_ms = expected_mean_ms;
    if common.json {
        out::json(&findings.json())?;
    } else {
        out::data(&findings.text())?;
    }
    Ok(if findings.failed() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// The mean expected wait of those of the calls that were expected to be answered.
fn expected_mean(args: &ReplayArgs, calls: &[Call]) -> anyhow::Result<Option<u64>> {
    let Some(path) = &args.expected else {
        return Ok(None);
    };
    let expected = log::read_expected(path)?;
    let waits: Vec<u128> = calls
        .iter()
        .filter_map(|call| expected.get(call.id.as_str()))
        .filter(|call| call.answered)
        .map(|call| u128::from(call.wait_ms))
        .collect();
    let mean = waits.iter().sum::<u128>().checked_div(waits.len() as u128);
    Ok(mean.and_then(|mean| u64::try_from(mean).ok()))
}
