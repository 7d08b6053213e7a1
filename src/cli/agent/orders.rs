//! `agent hold`, `agent release`, `agent intent`: what supervisors order.

use std::time::Duration;

use anyhow::Context;
use clap::Args;

use super::state_words;
use crate::{
    cli::{
        Common, Supervisor,
        client::Clients,
        error::CliError,
        json, out,
        text::{self, Word},
    },
    clock,
    proto::v1::{
        AgentStatus, HoldAgentRequest, Intent, ReleaseAgentRequest, SetAgentIntentRequest,
    },
};

/// The end of the help of `agent hold`.
pub(super) const HOLD_HELP: &str = "\
The intent stays as it is, and an open offer may still be answered. A hold before is replaced; it ends by itself.

Examples:
  homeshore agent hold ann --for 30m --reason \"first talk\" --supervisor sue
  homeshore agent hold ann --for 1h --reason training --json

With --json: the status as in `agent show --json`.";

/// The end of the help of `agent release`.
pub(super) const RELEASE_HELP: &str = "\
Examples:
  homeshore agent release ann --supervisor sue

With --json: the status as in `agent show --json`.";

/// The end of the help of `agent intent`.
pub(super) const INTENT_HELP: &str = "\
Unlike `agent set` this opens no session: it is the supervisor's word about an agent who is connected. It clears `rona`. \
Of an agent whose line is lost only `offline` can be set.

Examples:
  homeshore agent intent ann ready --supervisor sue
  homeshore agent intent ann not-ready --reason break

With --json: the status as in `agent show --json`.";

/// Arguments of `agent hold`.
#[derive(Debug, Args)]
pub(in crate::cli) struct HoldArgs {
    /// The agent.
    id: String,
    /// How long, such as `30m`, by this machine's clock.
    #[arg(long = "for", value_name = "DURATION", value_parser = text::parse_duration)]
    hold_for: Duration,
    /// Why; the agent sees it.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    by: Supervisor,
}

/// Arguments of `agent release`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ReleaseArgs {
    /// The agent.
    id: String,
    #[command(flatten)]
    by: Supervisor,
}

/// Arguments of `agent intent`.
#[derive(Debug, Args)]
pub(in crate::cli) struct IntentArgs {
    #[command(flatten)]
    asked: super::set::Asked,
    #[command(flatten)]
    by: Supervisor,
}

/// Runs `agent hold`.
pub(super) async fn hold(common: &Common, args: HoldArgs) -> anyhow::Result<()> {
    let now = u64::try_from(clock::wall().0).unwrap_or(0);
    let ms = u64::try_from(args.hold_for.as_millis()).unwrap_or(u64::MAX);
    let id = args.id.clone();
    let request = HoldAgentRequest {
        request_id: String::new(),
        agent_id: args.id,
        until: Some(text::to_timestamp(now.saturating_add(ms))),
        reason: args.reason,
        supervisor: args.by.supervisor,
    };
    let mut client = Clients::connect(common).await?.supervision();
    let answer = client.hold_agent(request).await.map_err(CliError::from)?;
    show(common, answer.into_inner().status)?;
    if !common.json {
        out::say(&format!(
            "`homeshore agent release {id}` ends it before its time"
        ));
    }
    Ok(())
}

/// Runs `agent release`.
pub(super) async fn release(common: &Common, args: ReleaseArgs) -> anyhow::Result<()> {
    let request = ReleaseAgentRequest {
        request_id: String::new(),
        agent_id: args.id,
        supervisor: args.by.supervisor,
    };
    let mut client = Clients::connect(common).await?.supervision();
    let answer = client.release_agent(request).await;
    show(common, answer.map_err(CliError::from)?.into_inner().status)
}

/// Runs `agent intent`.
pub(super) async fn intent(common: &Common, args: IntentArgs) -> anyhow::Result<()> {
    let request = SetAgentIntentRequest {
        request_id: String::new(),
        agent_id: args.asked.id,
        intent: Intent::from(args.asked.intent).into(),
        reason: args.asked.reason,
        supervisor: args.by.supervisor,
    };
    let mut client = Clients::connect(common).await?.supervision();
    let answer = client.set_agent_intent(request).await;
    show(common, answer.map_err(CliError::from)?.into_inner().status)
}

fn show(common: &Common, status: Option<AgentStatus>) -> anyhow::Result<()> {
    let status = status.context("the server answered no state")?;
    if common.json {
        return out::json(&json::status(&status));
    }
    out::data(&format!(
        "{}; line {}",
        state_words(&status),
        status.line().word()
    ))
}
