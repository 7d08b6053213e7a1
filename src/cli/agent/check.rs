//! `agent check`: reports a check of an agent's set-up, as a desktop or a test page does.

use std::time::Duration;

use anyhow::Context;
use clap::Args;

use crate::{
    cli::{
        Common,
        client::Clients,
        error::CliError,
        json, out,
        text::{self, Word},
    },
    proto::v1::{ConnectionType, Readiness, ReportReadinessRequest, SetUp},
};

/// The end of the help.
pub(super) const HELP: &str = "\
Rated by the E-model as in `homeshore mos`, with half the round trip, twice the jitter and 25 ms as the delay. Whether a check \
lets the agent take calls, for how long, and what is too bad, is the pool's `[readiness]`.

Examples:
  homeshore agent check ann --id 1 --round-trip 40ms --jitter 3ms --loss-pct 0.1
  homeshore agent check ann --id 2 --round-trip 450ms --connection wifi --json

With --json: {\"standing\", \"certified_until\", \"checked_at\", \"last_band\", \"r_factor\", \"mos\", \"round_trip_ms\", \
\"jitter_ms\", \"loss_percent\", \"codec\", \"set_up\": {\"connection\", \"client\", \"headset\", \"vpn\", \"provider\"}}.";

/// Arguments of `agent check`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CheckArgs {
    /// The agent.
    agent: String,
    /// Id of the check, new for each; one of the last five that comes again changes nothing.
    #[arg(long)]
    id: String,
    /// Round trip between agent and voice platform, such as `40ms`.
    #[arg(long, value_name = "DURATION", value_parser = text::parse_duration)]
    round_trip: Duration,
    /// How much the time of packets varies.
    #[arg(long, value_name = "DURATION", default_value = "0ms", value_parser = text::parse_duration)]
    jitter: Duration,
    /// Lost packets, per cent.
    #[arg(long = "loss-pct", value_name = "PER CENT", default_value_t = 0.0)]
    loss_pct: f64,
    /// The codec of calls; without it G.711+PLC(App.I).
    #[arg(long, default_value = "")]
    codec: String,
    /// How the set-up is connected: wired, wifi or mobile.
    #[arg(long, value_parser = ConnectionType::parse)]
    connection: Option<ConnectionType>,
    /// The client and its version.
    #[arg(long, default_value = "")]
    client: String,
    /// The headset.
    #[arg(long, default_value = "")]
    headset: String,
    /// Voice goes through a private network.
    #[arg(long)]
    vpn: bool,
    /// The Internet provider.
    #[arg(long, default_value = "")]
    provider: String,
}

/// Runs `agent check`.
pub(super) async fn run(common: &Common, args: CheckArgs) -> anyhow::Result<()> {
    let connection = args.connection.unwrap_or_default();
    let request = ReportReadinessRequest {
        agent_id: args.agent,
        check_id: args.id,
        round_trip: Some(text::to_api(args.round_trip)),
        jitter: Some(text::to_api(args.jitter)),
        loss_percent: args.loss_pct,
        codec: args.codec,
        set_up: Some(SetUp {
            connection: connection.into(),
            client: args.client,
            headset: args.headset,
            vpn: args.vpn,
            provider: args.provider,
        }),
    };
    let mut client = Clients::connect(common).await?.sessions();
    let answer = client.report_readiness(request).await;
    let said = answer.map_err(CliError::from)?.into_inner().readiness;
    let said = said.context("the server answered no readiness")?;
    if common.json {
        return out::json(&json::readiness(&said));
    }
    out::data(&words(&said))
}

/// Such as `pass until 2026-11-22T14:00:00Z; the last check: watch, R 83.4, MOS 4.1`.
pub(super) fn words(said: &Readiness) -> String {
    let until = match &said.certified_until {
        Some(until) => format!("until {until}"),
        None => "never good enough".to_owned(),
    };
    format!(
        "{} {until}; the last check: {}, R {:.1}, MOS {:.2}",
        said.standing().word(),
        said.last_band().word(),
        said.r_factor,
        said.mos
    )
}
