//! `agent message` and `team message`: what supervisors tell agents.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Common, Supervisor, client::Clients, error::CliError, out};
use crate::proto::v1::{SendMessageRequest, send_message_request::Recipient};

/// What can be done with teams.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Examples:\n  homeshore team message red --text \"meeting at ten\" --supervisor sue"
)]
pub(super) enum TeamCommand {
    /// Send a message to every agent of a team.
    #[command(after_help = TEAM_HELP)]
    Message(MessageArgs),
}

/// The end of the help of `agent message`.
pub(super) const AGENT_HELP: &str = "\
The agent sees it at once, or on signing in within 24 h, until it is acknowledged.

Examples:
  homeshore agent message ann --text \"call me back\" --supervisor sue

With --json: {\"message_id\": \"m17\", \"agents\": 1}.";

const TEAM_HELP: &str = "\
The agents see it at once, or on signing in within 24 h, until they acknowledge it.

Examples:
  homeshore team message red --text \"meeting at ten\" --supervisor sue

With --json: {\"message_id\": \"m17\", \"agents\": 12}.";

/// Arguments of `agent message` and `team message`.
#[derive(Debug, Args)]
pub(super) struct MessageArgs {
    /// Whom it is for.
    id: String,
    /// What it says, at most 500 characters.
    #[arg(long)]
    text: String,
    #[command(flatten)]
    by: Supervisor,
}

/// Runs `agent message`.
pub(super) async fn agent(common: &Common, args: MessageArgs) -> anyhow::Result<()> {
    let recipient = Recipient::AgentId(args.id.clone());
    send(common, recipient, args).await
}

/// Runs `team …`.
pub(super) async fn team(common: &Common, command: TeamCommand) -> anyhow::Result<ExitCode> {
    let TeamCommand::Message(args) = command;
    let recipient = Recipient::Team(args.id.clone());
    send(common, recipient, args).await?;
    Ok(ExitCode::SUCCESS)
}

async fn send(common: &Common, recipient: Recipient, args: MessageArgs) -> anyhow::Result<()> {
    let request = SendMessageRequest {
        request_id: String::new(),
        recipient: Some(recipient),
        text: args.text,
        supervisor: args.by.supervisor,
    };
    let mut client = Clients::connect(common).await?.supervision();
    let answer = client.send_message(request).await.map_err(CliError::from)?;
    let sent = answer.into_inner();
    if common.json {
        return out::json(&json!({ "message_id": sent.message_id, "agents": sent.agents }));
    }
    let agents = match sent.agents {
        1 => "1 agent".to_owned(),
        agents => format!("{agents} agents"),
    };
    out::data(&format!("message {} went to {agents}", sent.message_id))
}
