//! One board's stream: everything once, then the rows that changed. A slow board gets fewer, fuller answers.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{
    convert,
    streams::{Out, Unsent},
};
use crate::{
    engine::{ids::PoolTime, numbers::PoolNumbers, outage::Outage, view::AgentView},
    pool::{
        Pool,
        rows::{QueueRow, Row},
        view::{PoolView, Removed, revision_of},
    },
    proto::v1,
};

/// Service levels of the last 30 minutes go by whole ones.
const MINUTE_MS: u64 = 60_000;

/// Agents of one answer: a message stays far below what clients accept.
const PART: usize = 1_000;

/// A board's stream.
pub(super) struct Watch {
    pool: Pool,
    interval: Duration,
    counts_only: bool,
    /// Everything up to this revision was sent; none asks for a snapshot.
    sent: Option<u64>,
    /// The event number that goes with it.
    number: u64,
    /// The minute of the pool's time in which it was sent.
    minute: u64,
}

/// What is to be sent.
struct Look {
    revision: u64,
    event_number: u64,
    now: PoolTime,
    snapshot: bool,
    queues: Vec<QueueRow>,
    agents: Vec<Row<AgentView>>,
    removed: Vec<Removed>,
    numbers: PoolNumbers,
    outages: Vec<Outage>,
}

impl Watch {
    pub(super) fn new(pool: Pool, interval: Duration, request: &v1::WatchPoolRequest) -> Self {
        let number = request.last_event_number;
        Self {
            pool,
            interval,
            counts_only: request.counts_only,
            sent: (number > 0).then_some(revision_of(number)),
            number,
            minute: 0,
        }
    }

    /// Sends until the client is gone or the end has begun.
    pub(super) async fn serve(
        mut self,
        out: Out<v1::WatchPoolResponse>,
        stopping: CancellationToken,
    ) {
        let mut revisions = self.pool.view().revisions();
        loop {
            revisions.borrow_and_update();
            let look = self.look();
            let minute_left = minute_left(look.now);
            let sent = tokio::select! {
                sent = self.send(&out, look) => sent,
                () = stopping.cancelled() => return out.finish(),
            };
            if let Err(why) = sent {
                return out.end(why.into());
            }
            tokio::select! {
                // The pause first: whatever changes during it comes in one answer.
                pool_gone = async {
                    tokio::time::sleep(self.interval).await;
                    // Time alone changes numbers too: at each new minute.
                    let minute = tokio::time::timeout(minute_left, revisions.changed());
                    minute.await.is_ok_and(|changed| changed.is_err())
                } => if pool_gone { return out.finish() },
                () = out.gone() => return out.lost(),
                () = stopping.cancelled() => return out.finish(),
            }
        }
    }

    fn look(&self) -> Look {
        let state = self.pool.view().read();
        let since = self.sent.filter(|sent| state.knows_since(*sent));
        let now = state.now();
        let new_minute = minute(now) != self.minute;
        Look {
            revision: state.revision(),
            event_number: state.event_number(),
            now,
            snapshot: since.is_none(),
            queues: state
                .queues()
                .filter(|row| new_minute || since.is_none_or(|since| row.changed > since))
                .cloned()
                .collect(),
            agents: self.agents(&state, since),
            removed: since.map_or_else(Vec::new, |since| {
                state.removed_after(since).cloned().collect()
            }),
            numbers: state.numbers(now),
            outages: state.outages().cloned().collect(),
        }
    }

    fn agents(&self, state: &PoolView, since: Option<u64>) -> Vec<Row<AgentView>> {
        match since {
            _ if self.counts_only => Vec::new(),
            Some(since) => state
                .agents_changed_after(since)
                .map(|(_, row)| row.clone())
                .collect(),
            None => state
                .agents_after(None)
                .map(|(_, row)| row.clone())
                .collect(),
        }
    }

    /// Sends a look in parts. Only the last carries its event number: whoever resumes after less misses nothing.
    async fn send(&mut self, out: &Out<v1::WatchPoolResponse>, look: Look) -> Result<(), Unsent> {
        let before = if look.snapshot { 0 } else { self.number };
        let mut parts = look.agents.chunks(PART).peekable();
        let mut first = true;
        loop {
            let agents = parts.next().unwrap_or_default();
            let last = parts.peek().is_none();
            let mut answer = if first {
                first_part(&look)
            } else {
                v1::WatchPoolResponse::default()
            };
            answer.event_number = if last { look.event_number } else { before };
            answer.as_of = Some(convert::timestamp(look.now));
            answer.numbers = Some(convert::supervision::pool_numbers(&look.numbers));
            answer.outages = look
                .outages
                .iter()
                .map(convert::supervision::outage)
                .collect();
            answer.agent_counts = Some(convert::supervision::agent_counts(&look.numbers.agents));
            answer.agents = agents
                .iter()
                .map(convert::agents::without_address)
                .collect();
            out.send(answer).await?;
            first = false;
            if last {
                break;
            }
        }
        self.sent = Some(look.revision);
        self.number = look.event_number;
        self.minute = minute(look.now);
        Ok(())
    }
}

/// The numbers of the pool now.
pub(super) fn numbers(pool: &Pool) -> v1::GetPoolNumbersResponse {
    let state = pool.view().read();
    let now = state.now();
    let numbers = state.numbers(now);
    v1::GetPoolNumbersResponse {
        event_number: state.event_number(),
        as_of: Some(convert::timestamp(now)),
        numbers: Some(convert::supervision::pool_numbers(&numbers)),
        agent_counts: Some(convert::supervision::agent_counts(&numbers.agents)),
        outages: state.outages().map(convert::supervision::outage).collect(),
    }
}

fn minute(now: PoolTime) -> u64 {
    now.0 / MINUTE_MS
}

/// How long until the next minute begins.
fn minute_left(now: PoolTime) -> Duration {
    Duration::from_millis(MINUTE_MS - now.0 % MINUTE_MS)
}

fn first_part(look: &Look) -> v1::WatchPoolResponse {
    let mut answer = v1::WatchPoolResponse {
        snapshot: look.snapshot,
        queues: look
            .queues
            .iter()
            .map(|row| convert::supervision::queue_status(row, look.now))
            .collect(),
        ..v1::WatchPoolResponse::default()
    };
    for removed in &look.removed {
        match removed {
            Removed::Agent(id) => answer.removed_agent_ids.push(id.to_string()),
            Removed::Queue(id) => answer.removed_queues.push(id.to_string()),
        }
    }
    answer
}
