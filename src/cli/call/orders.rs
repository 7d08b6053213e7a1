//! `call move`, `call callback`, `call transfer`: what is ordered about one call.

use std::time::Duration;

use anyhow::Context;
use clap::Args;

use super::print;
use crate::{
    cli::{Common, client::Clients, error::CliError, text},
    clock,
    proto::v1::{Call, MoveCallRequest, RequestCallbackRequest, TransferCallRequest},
};

pub(super) const MOVE_HELP: &str = "\
Examples:
  homeshore call move k-17 technical
  homeshore call move k-17 technical --json

A call that is offered or in conversation is not moved. With --json: the call as in `call show --json`.";

pub(super) const CALLBACK_HELP: &str = "\
Examples:
  homeshore call callback k-17
  homeshore call callback k-17 --after 30m

The call keeps its place and its wait; it is offered once it is due, and its platform dials the customer. The queue must have \
`callback`. With --json: the call as in `call show --json`.";

pub(super) const TRANSFER_HELP: &str = "\
Examples:
  homeshore call transfer k-17 --offer o12 --queue technical
  homeshore call transfer k-17 --offer o12 --agent ben

The conversation is over for its agent, and the call waits again with the wait that it had. The offer is the one that led to \
the conversation, as `call show --json` names it. With --json: the call as in `call show --json`.";

/// Arguments of `call move`.
#[derive(Debug, Args)]
pub(in crate::cli) struct MoveArgs {
    /// The call.
    id: String,
    /// The queue where it is to wait.
    queue: String,
}

/// Arguments of `call callback`.
#[derive(Debug, Args)]
pub(in crate::cli) struct CallbackArgs {
    /// The call.
    id: String,
    /// Not before so long; without it as soon as it is the caller's turn.
    #[arg(long, value_name = "DURATION", value_parser = text::parse_duration)]
    after: Option<Duration>,
}

/// Arguments of `call transfer`.
#[derive(Debug, Args)]
pub(in crate::cli) struct TransferArgs {
    /// The call.
    id: String,
    /// The offer that led to the conversation.
    #[arg(long)]
    offer: String,
    /// The queue where it is to wait; with an agent it may be left out.
    #[arg(
        long,
        required_unless_present = "agent",
        default_value = "",
        hide_default_value = true
    )]
    queue: String,
    /// The agent whom it is meant for, if the queue allows a hold.
    #[arg(long, default_value = "", hide_default_value = true)]
    agent: String,
}

/// Runs `call move`.
pub(super) async fn move_to(common: &Common, args: MoveArgs) -> anyhow::Result<()> {
    let mut client = Clients::connect(common).await?.supervision();
    let request = MoveCallRequest {
        call_id: args.id,
        queue: args.queue,
        ..MoveCallRequest::default()
    };
    let answer = client.move_call(request).await.map_err(CliError::from)?;
    show(common, answer.into_inner().call)
}

/// Runs `call callback`.
pub(super) async fn callback(common: &Common, args: CallbackArgs) -> anyhow::Result<()> {
    let mut client = Clients::connect(common).await?.routing();
    let later = |after: Duration| {
        let now = u64::try_from(clock::wall().0).unwrap_or(0);
        let ms = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
        text::to_timestamp(now.saturating_add(ms))
    };
    let request = RequestCallbackRequest {
        call_id: args.id,
        not_before: args.after.map(later),
    };
    let answer = client.request_callback(request).await;
    show(common, answer.map_err(CliError::from)?.into_inner().call)
}

/// Runs `call transfer`.
pub(super) async fn transfer(common: &Common, args: TransferArgs) -> anyhow::Result<()> {
    let mut client = Clients::connect(common).await?.routing();
    let request = TransferCallRequest {
        call_id: args.id,
        offer_id: args.offer,
        queue: args.queue,
        agent_id: args.agent,
    };
    let answer = client.transfer_call(request).await;
    show(common, answer.map_err(CliError::from)?.into_inner().call)
}

fn show(common: &Common, call: Option<Call>) -> anyhow::Result<()> {
    print(common, &call.context("the server answered no call")?)
}
