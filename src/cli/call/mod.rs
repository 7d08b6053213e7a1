//! `call …`: route one, list, watch, show and explain them, move one, have one called back, pass one on.

mod orders;
mod route;
mod rows;
mod watch;

use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Subcommand};
use rows::{Filter, Order};
use serde_json::json;
use tonic::Status;

use super::{
    Common,
    client::Clients,
    error::CliError,
    explain, json, out,
    text::{self, Word, api_duration},
};
use crate::proto::v1::{Assignment, Call, GetCallRequest, ListCallsRequest};

/// What can be done with calls.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Examples:\n  homeshore call route --queue billing\n  homeshore call list\n  homeshore call show k-17\n  homeshore call move k-17 technical\n  homeshore call callback k-17"
)]
pub(super) enum CallCommand {
    /// Route one call, play its platform and print what happens to it.
    #[command(after_help = route::HELP)]
    Route(Box<route::RouteArgs>),
    /// List live calls, oldest first.
    #[command(after_help = LIST_HELP)]
    List(ListArgs),
    /// Watch calls as they change.
    #[command(after_help = watch::HELP)]
    Watch(watch::WatchArgs),
    /// Print one call; one that ended is known for 15 minutes.
    #[command(after_help = SHOW_HELP)]
    Show(ShowArgs),
    /// Say why a call waits, or how it came to its agent.
    #[command(after_help = explain::CALL_HELP)]
    Explain(explain::ExplainArgs),
    /// Move a waiting call to another queue; it keeps its wait.
    #[command(after_help = orders::MOVE_HELP)]
    Move(orders::MoveArgs),
    /// Let a waiting caller hang up and be called back; the call keeps its place.
    #[command(after_help = orders::CALLBACK_HELP)]
    Callback(orders::CallbackArgs),
    /// Pass a conversation on to a queue or an agent.
    #[command(after_help = orders::TRANSFER_HELP)]
    Transfer(orders::TransferArgs),
}

const LIST_HELP: &str = "\
Examples:
  homeshore call list
  homeshore call list --queue billing --json
  homeshore call list --state queued --sort wait

With --json: {\"calls\": [...]}, each as in `call show --json`.";

const SHOW_HELP: &str = "\
Examples:
  homeshore call show k-17
  homeshore call show k-17 --json

With --json: {\"id\", \"queue\", \"platform\", \"instance\", \"priority\", \"skills\": [{\"skill\", \"level\"}], \"state\", \"outcome\", \
\"accept_time\", \"wait_ms\", \"ring\", \"estimated_wait_ms\", \"offer\": {\"id\", \"call_id\", \"agent_id\", \"address\", \"mode\", \"step\", \
\"ring_for_ms\", \"create_time\", \"expire_time\"}, \"agent_id\", \"change_number\", \"assignment\": {\"ring\", \"policy\", \
\"candidates\", \"more_candidates\", \"runner_up_id\", \"wait_ms\", \"idle_ms\", \"offer_id\"}, \"first_queue\", \
\"overflowed_to\": {\"pool\", \"queue\", \"arrived_at\"}, \"overflowed_from\": {\"pool\", \"call_id\"}, \
\"callback\": {\"due_time\", \"until_time\", \"attempts_left\"}, \"talk_state\", \"confirm_by\", \"position\", \"estimated_wait_now_ms\"}; what is not said is null.";

/// Arguments of `call list`.
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    filter: Filter,
    /// How to sort them.
    #[arg(long, value_enum, default_value_t = Order::Oldest)]
    sort: Order,
}

/// Arguments of `call show`.
#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// The call.
    id: String,
}

/// Runs `call …`.
pub(super) async fn run(common: &Common, command: CallCommand) -> anyhow::Result<ExitCode> {
    match command {
        CallCommand::Route(args) => return route::run(common, *args).await,
        CallCommand::List(args) => list(common, args).await?,
        CallCommand::Watch(args) => watch::run(common, args).await?,
        CallCommand::Show(args) => show(common, args).await?,
        CallCommand::Explain(args) => explain::call(common, args).await?,
        CallCommand::Move(args) => orders::move_to(common, args).await?,
        CallCommand::Callback(args) => orders::callback(common, args).await?,
        CallCommand::Transfer(args) => orders::transfer(common, args).await?,
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(common: &Common, args: ListArgs) -> anyhow::Result<()> {
    let clients = Clients::connect(common).await?;
    let calls = list_all(&clients, &args.filter.queue).await;
    let mut calls = calls.map_err(CliError::from)?;
    let live = calls.len();
    calls.retain(|call| args.filter.lets(call));
    args.sort.sort(&mut calls);
    if common.json {
        let calls: Vec<_> = calls.iter().map(json::call).collect();
        return out::json(&json!({ "calls": calls }));
    }
    if calls.is_empty() {
        out::say(if live == 0 && args.filter.queue.is_empty() {
            "no live calls"
        } else {
            "no such calls: `homeshore call list` shows all"
        });
        return Ok(());
    }
    let rows: Vec<_> = calls.iter().map(|call| rows::row(call, 0)).collect();
    out::rows(&rows::COLUMNS, &rows)
}

/// Every live call, or those of a queue, as they were accepted.
async fn list_all(clients: &Clients, queue: &str) -> Result<Vec<Call>, Status> {
    let mut client = clients.routing();
    let mut calls = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListCallsRequest {
            queue: queue.to_owned(),
            page_size: 1_000,
            page_token,
        };
        let page = client.list_calls(request).await?.into_inner();
        calls.extend(page.calls);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(calls);
        }
    }
}

/// The agent in conversation, or the one whom the call is offered to.
fn agent_of(call: &Call) -> &str {
    match &call.offer {
        Some(offer) if call.agent_id.is_empty() => &offer.agent_id,
        _ => &call.agent_id,
    }
}

async fn show(common: &Common, args: ShowArgs) -> anyhow::Result<()> {
    let mut client = Clients::connect(common).await?.routing();
    let request = GetCallRequest {
        call_id: args.id,
        ..GetCallRequest::default()
    };
    let answer = client.get_call(request).await.map_err(CliError::from)?;
    let call = answer.into_inner().call;
    print(common, &call.context("the server answered no call")?)
}

fn print(common: &Common, call: &Call) -> anyhow::Result<()> {
    if common.json {
        return out::json(&json::call(call));
    }
    let rows = [
        ("call", call.id.clone()),
        ("queue", call.queue.clone()),
        ("platform", format!("{} ({})", call.platform, call.instance)),
        ("priority", call.priority.clone()),
        ("state", call.state().word().to_owned()),
        ("outcome", call.outcome().word().to_owned()),
        ("wait", api_duration(call.wait.as_ref())),
        ("place", place(call)),
        ("ring", call.ring.to_string()),
        ("agent", agent_of(call).to_owned()),
        ("skills", text::skills(&call.skills)),
        (
            "chosen",
            call.assignment.as_ref().map(chosen).unwrap_or_default(),
        ),
    ];
    let lines: Vec<String> = rows
        .iter()
        .map(|(name, value)| format!("{name:<9}{value}"))
        .collect();
    out::data(&lines.join("\n"))
}

/// Where a waiting call stands, such as `3, 40s to go`.
fn place(call: &Call) -> String {
    match (call.position, &call.estimated_wait_now) {
        (0, _) => String::new(),
        (position, None) => position.to_string(),
        (position, wait) => format!("{position}, {} to go", api_duration(wait.as_ref())),
    }
}

/// How a call came to its agent, such as `longest_idle of 3, idle 12s, then ben`.
fn chosen(made: &Assignment) -> String {
    let more = if made.more_candidates { "+" } else { "" };
    let idle = api_duration(made.idle.as_ref());
    let then = match made.runner_up_id.as_str() {
        "" => "nobody",
        agent => agent,
    };
    let (policy, candidates) = (&made.policy, made.candidates);
    format!("{policy} of {candidates}{more}, idle {idle}, then {then}")
}
