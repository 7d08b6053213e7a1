//! `queue list`, and supervisors' orders about queues.

use std::{process::ExitCode, time::Duration};

use anyhow::Context;
use clap::{Args, Subcommand};
use prost_types::Timestamp;
use serde_json::{Value, json};

use super::{
    Common, Supervisor,
    board::{Board, queues},
    client::Clients,
    demand::{arrivals, orders},
    error::CliError,
    json, out,
    text::{self, Word},
};
use crate::{
    clock,
    proto::v1::{
        CloseQueueRequest, GetPoolNumbersRequest, ListQueuesRequest, PauseQueueRequest,
        QueueStatus, ResumeQueueRequest, WaitingCalls,
    },
};

/// What can be done with queues.
#[derive(Debug, Subcommand)]
#[command(
    after_help = "Examples:\n  homeshore queue list\n  homeshore queue pause billing --reason \"systems down\" --for 30m\n  homeshore queue resume billing"
)]
pub(super) enum QueueCommand {
    /// List the queues with their calls and service levels.
    #[command(after_help = LIST_HELP)]
    List,
    /// Divert new calls; those that wait go on being served.
    #[command(after_help = PAUSE_HELP)]
    Pause(HaltArgs),
    /// Close a queue in an emergency: divert new calls, and serve those that wait or end them.
    #[command(after_help = CLOSE_HELP)]
    Close(CloseArgs),
    /// Let a paused or closed queue take calls again.
    #[command(after_help = RESUME_HELP)]
    Resume(ResumeArgs),
    /// List what arrived, interval by interval.
    #[command(after_help = arrivals::HELP)]
    Arrivals(arrivals::ArrivalsArgs),
    /// Say that a queue is in a peak, so that remote agents serve it.
    #[command(after_help = orders::DECLARE_HELP)]
    DeclarePeak(orders::DeclareArgs),
    /// End a peak, whatever caused it.
    #[command(after_help = orders::END_HELP)]
    EndPeak(orders::EndArgs),
}

const LIST_HELP: &str = "\
Examples:
  homeshore queue list
  homeshore queue list --json

Service levels are of this day of UTC, and `last 30m` of the calls accepted in the last 30 minutes; `!` marks what is over the \
target, below the goal, or halted; `back` are callers who wait to be called back, \
`takes calls` tells of its windows too. A narrow terminal shows fewer columns, a pipe all.
With --json: {\"queues\": [{\"id\", \"waiting\", \"offered\", \"connected\", \"longest_wait_since\", \"counted_since\", \
\"accepted_total\", \"answered_total\", \"answered_in_target_total\", \"abandoned_total\", \"abandoned_in_target_total\", \
\"diverted_total\", \"sl_offered\", \"sl_answered\", \"sl_excl_short\", \"sl_offered_30min\", \"target_ms\", \"goal_percent\", \"callbacks_waiting\", \"callbacks_requested_total\", \
\"callbacks_answered_total\", \"moved_in_total\", \"moved_out_total\", \
\"halt\": {\"kind\", \"supervisor\", \"reason\", \"since\", \"until\", \"waiting\"}, \
\"opening\": {\"open\", \"until\"}, \
\"peak\": {\"cause\", \"since\", \"until\", \"agents_short\", \"supervisor\", \"reason\"}, \
\"judged\": {\"start\", \"length_ms\", \"arrivals\", \"baseline\", \"source\", \"known_until\", \"score\", \"high\", \
\"agents_required\", \"agents_staffed\"}}]}; what is not said is null.";

const PAUSE_HELP: &str = "\
Examples:
  homeshore queue pause billing --reason \"systems down\"
  homeshore queue pause billing --reason lunch --for 45m --supervisor sue
  homeshore queue pause billing --reason \"until the shift\" --until 2026-11-22T18:00:00Z

With --json: the queue as in `queue list --json`.";

const CLOSE_HELP: &str = "\
Examples:
  homeshore queue close billing --reason evacuation
  homeshore queue close billing --reason evacuation --waiting end --for 2h

With --json: the queue as in `queue list --json`.";

const RESUME_HELP: &str = "\
Examples:
  homeshore queue resume billing
  homeshore queue resume billing --reason \"all clear\" --supervisor sue

With --json: the queue as in `queue list --json`.";

/// Arguments of `queue pause`.
#[derive(Debug, Args)]
pub(super) struct HaltArgs {
    /// The queue.
    id: String,
    /// Why; recorded.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    by: Supervisor,
    /// End it by itself after this long, such as `30m`.
    #[arg(long = "for", value_name = "DURATION", value_parser = text::parse_duration, conflicts_with = "until")]
    lasting: Option<Duration>,
    /// End it by itself at this time, such as `2026-11-22T18:00:00Z`.
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
}

/// Arguments of `queue close`.
#[derive(Debug, Args)]
pub(super) struct CloseArgs {
    #[command(flatten)]
    halt: HaltArgs,
    /// What becomes of the calls that wait: `serve` or `end`.
    #[arg(long, value_name = "WORD", value_parser = <WaitingCalls as Word>::parse, default_value = "serve")]
    waiting: WaitingCalls,
}

/// Arguments of `queue resume`.
#[derive(Debug, Args)]
pub(super) struct ResumeArgs {
    /// The queue.
    id: String,
    /// Why; recorded.
    #[arg(long, default_value = "", hide_default_value = true)]
    reason: String,
    #[command(flatten)]
    by: Supervisor,
}

impl HaltArgs {
    fn until(&self) -> Option<Timestamp> {
        let after = |lasting: Duration| {
            let now = u64::try_from(clock::wall().0).unwrap_or(0);
            let ms = u64::try_from(lasting.as_millis()).unwrap_or(u64::MAX);
            text::to_timestamp(now.saturating_add(ms))
        };
        self.until.or_else(|| self.lasting.map(after))
    }
}

/// Runs `queue …`.
pub(super) async fn run(common: &Common, command: QueueCommand) -> anyhow::Result<ExitCode> {
    let status = match command {
        QueueCommand::List => {
            list(common).await?;
            return Ok(ExitCode::SUCCESS);
        }
        QueueCommand::Arrivals(args) => {
            arrivals::run(common, args).await?;
            return Ok(ExitCode::SUCCESS);
        }
        QueueCommand::DeclarePeak(args) => orders::declare(common, args).await?,
        QueueCommand::EndPeak(args) => orders::end(common, args).await?,
        QueueCommand::Pause(args) => pause(common, args).await?,
        QueueCommand::Close(args) => close(common, args).await?,
        QueueCommand::Resume(args) => resume(common, args).await?,
    };
    let status = status.context("the server answered no queue")?;
    if common.json {
        out::json(&json::queue_status(&status))?;
    } else {
        let board = board(common, &Clients::connect(common).await?).await?;
        out::rows(&queues::COLUMNS, &[queues::row(&board, &status)])?;
        if status.halt.is_some() {
            out::say(&format!(
                "`homeshore queue resume {}` opens it again",
                status.id
            ));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn pause(common: &Common, args: HaltArgs) -> anyhow::Result<Option<QueueStatus>> {
    let until = args.until();
    let request = PauseQueueRequest {
        request_id: String::new(),
        queue: args.id,
        supervisor: args.by.supervisor,
        reason: args.reason,
        until,
    };
    let mut client = Clients::connect(common).await?.supervision();
    let answer = client.pause_queue(request).await.map_err(CliError::from)?;
    Ok(answer.into_inner().queue)
}

async fn close(common: &Common, args: CloseArgs) -> anyhow::Result<Option<QueueStatus>> {
    let until = args.halt.until();
    let request = CloseQueueRequest {
        request_id: String::new(),
        queue: args.halt.id,
        supervisor: args.halt.by.supervisor,
        reason: args.halt.reason,
        until,
        waiting: args.waiting.into(),
    };
    let mut client = Clients::connect(common).await?.supervision();
    let answer = client.close_queue(request).await.map_err(CliError::from)?;
    Ok(answer.into_inner().queue)
}

async fn resume(common: &Common, args: ResumeArgs) -> anyhow::Result<Option<QueueStatus>> {
    let request = ResumeQueueRequest {
        request_id: String::new(),
        queue: args.id,
        supervisor: args.by.supervisor,
        reason: args.reason,
    };
    let mut client = Clients::connect(common).await?.supervision();
    let answer = client.resume_queue(request).await.map_err(CliError::from)?;
    Ok(answer.into_inner().queue)
}

async fn list(common: &Common) -> anyhow::Result<()> {
    let clients = Clients::connect(common).await?;
    let mut client = clients.supervision();
    let mut all = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListQueuesRequest {
            page_size: 1_000,
            page_token,
        };
        let page = client.list_queues(request).await.map_err(CliError::from)?;
        let page = page.into_inner();
        all.extend(page.queues);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            break;
        }
    }
    if common.json {
        let queues: Vec<Value> = all.iter().map(json::queue_status).collect();
        return out::json(&json!({ "queues": queues }));
    }
    let mut board = board(common, &clients).await?;
    board.queues = all
        .into_iter()
        .map(|queue| (queue.id.clone(), queue))
        .collect();
    out::rows(&queues::COLUMNS, &queues::rows(&board))
}

/// A board with the numbers of the pool as a whole, and the time.
async fn board(common: &Common, clients: &Clients) -> Result<Board, CliError> {
    let numbers = GetPoolNumbersRequest {};
    let numbers = clients.supervision().get_pool_numbers(numbers).await?;
    let mut board = Board::new(&common.server, clients.pool());
    board.apply_numbers(numbers.into_inner());
    Ok(board)
}
