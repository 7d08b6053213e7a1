//! `events`: what happens in a pool, as it happens, and whether it keeps the rules.

mod check;

use std::{process::ExitCode, time::Duration};

use clap::{Args, Subcommand};
use serde_json::{Map, Value};
use tonic::{Code, Status, Streaming};

use self::check::CheckArgs;
use super::{Common, client::Clients, error::CliError, out};
use crate::proto::v1::{
    FollowEventsRequest, FollowEventsResponse, PoolEvent, follow_events_request::Start,
};

/// What can be done with events.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Examples:\n  homeshore events follow --json | jq .\n  homeshore events check day.jsonl"
)]
pub(super) enum EventsCommand {
    /// Print the events of a pool, a line each, as they are stored.
    #[command(after_help = FOLLOW_HELP)]
    Follow(FollowArgs),
    /// Check that a history of events keeps the rules of the service.
    #[command(after_help = check::HELP)]
    Check(CheckArgs),
}

const FOLLOW_HELP: &str = "\
Begins with what happens from now on, unless --after says otherwise, and goes on until it is stopped; a server that went away is \
waited for, and nothing is missed meanwhile. With --json a line is a JSON object, as `proto/EVENTS.md` describes it.

Examples:
  homeshore events follow
  homeshore events follow --call c1 --after 0 --until-now
  homeshore events follow --event call_ended --json >> ended.jsonl";

/// Arguments of `events follow`.
#[derive(Debug, Args)]
pub(super) struct FollowArgs {
    /// Begin after the event of this number; 0 begins with the oldest that is kept.
    #[arg(long, value_name = "NUMBER")]
    after: Option<u64>,
    /// End when everything is printed that was stored at the start.
    #[arg(long)]
    until_now: bool,
    /// Only events of this name; may be given several times.
    #[arg(long = "event", value_name = "NAME")]
    events: Vec<String>,
    /// Only events about this call.
    #[arg(long, value_name = "ID")]
    call: Option<String>,
    /// Only events about this agent.
    #[arg(long, value_name = "ID")]
    agent: Option<String>,
    /// Only events that name this queue.
    #[arg(long, value_name = "ID")]
    queue: Option<String>,
}

/// Pause before a server that went away is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Runs `events …`.
pub(super) async fn run(common: &Common, command: EventsCommand) -> anyhow::Result<ExitCode> {
    match command {
        EventsCommand::Follow(args) => {
            follow(common, args).await?;
            Ok(ExitCode::SUCCESS)
        }
        EventsCommand::Check(args) => check::run(common, &args),
    }
}

async fn follow(common: &Common, args: FollowArgs) -> anyhow::Result<()> {
    let mut request = request(args);
    let clients = Clients::connect(common).await?;
    let mut answers = open(&clients, &request).await.map_err(CliError::from)?;
    let mut away = false;
    loop {
        let ended = print_all(common, &mut answers, &mut request).await?;
        if request.until_now {
            return ended.map_or(Ok(()), |problem| Err(CliError::from(problem).into()));
        }
        loop {
            if !away {
                out::say("the server went away: waiting for it");
                away = true;
            }
            tokio::time::sleep(RETRY_AFTER).await;
            match open(&clients, &request).await {
                Ok(again) => {
                    answers = again;
                    break;
                }
                Err(problem) if is_passing(&problem) => {}
                Err(problem) => return Err(CliError::from(problem).into()),
            }
        }
        out::say("the server is there again");
        away = false;
    }
}

fn request(args: FollowArgs) -> FollowEventsRequest {
    let start = match args.after {
        Some(number) => Start::AfterEventNumber(number),
        None if args.until_now => Start::AfterEventNumber(0),
        None => Start::NewOnly(true),
    };
    FollowEventsRequest {
        start: Some(start),
        events: args.events,
        call_id: args.call.unwrap_or_default(),
        agent_id: args.agent.unwrap_or_default(),
        queue: args.queue.unwrap_or_default(),
        until_now: args.until_now,
    }
}

async fn open(
    clients: &Clients,
    request: &FollowEventsRequest,
) -> Result<Streaming<FollowEventsResponse>, Status> {
    let mut client = clients.supervision();
    Ok(client.follow_events(request.clone()).await?.into_inner())
}

/// Prints what comes and moves the request's start on, until the stream ends; answers why, if not in order.
async fn print_all(
    common: &Common,
    answers: &mut Streaming<FollowEventsResponse>,
    request: &mut FollowEventsRequest,
) -> anyhow::Result<Option<Status>> {
    loop {
        let answer = match answers.message().await {
            Ok(Some(answer)) => answer,
            Ok(None) => return Ok(None),
            Err(problem) if request.until_now || is_passing(&problem) => return Ok(Some(problem)),
            Err(problem) => return Err(CliError::from(problem).into()),
        };
        if answer.missed {
            out::say(
                "some events before these are missing: they are no longer kept, or undone by a restore",
            );
        }
        let lines = answer.events.iter().map(|event| line(common.json, event));
        let lines: String = lines.collect();
        if !lines.is_empty() {
            out::whole_lines(&lines)?;
        }
        request.start = Some(Start::AfterEventNumber(answer.event_number));
    }
}

/// Whether trying again may help.
fn is_passing(problem: &Status) -> bool {
    matches!(
        problem.code(),
        Code::Unavailable | Code::Unknown | Code::Cancelled | Code::Internal
    )
}

fn line(json: bool, event: &PoolEvent) -> String {
    match serde_json::from_str(&event.json) {
        Ok(object) if !json => format!("{}\n", in_words(&object)),
        _ => format!("{}\n", event.json),
    }
}

/// The time, the name, then what else it has.
fn in_words(object: &Map<String, Value>) -> String {
    let text = |key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default();
    let begin = format!("{}  {:<20}", text("time"), text("event"));
    let more = object
        .iter()
        .filter(|(key, _)| !["number", "time", "event"].contains(&key.as_str()))
        .map(|(key, value)| match value.as_str() {
            Some(text) if !text.contains(' ') => format!(" {key}={text}"),
            _ => format!(" {key}={value}"),
        });
    more.fold(begin, |line, part| line + &part)
        .trim_end()
        .to_owned()
}
