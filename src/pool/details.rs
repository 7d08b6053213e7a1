//! The detail records of calls: made from the event that ends a call, stored in its commit, read in pages, and purged.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::{Outage, Pool, PoolError};
use crate::{
    engine::{
        call::OverflowTarget,
        detail::CallDetail,
        event::{Event, Outcome},
        ids::{AgentId, CallId, PlatformKey, PoolTime, QueueId},
    },
    store::{Store, StoreError, StoredDetail, event_number},
};

pub use crate::store::DetailKey;

/// Records of one page: bounds the memory of a reader.
const PAGE: usize = 200;
/// Most records that one commit removes: routing waits no longer for it than for a commit of its own.
const PURGED_AT_ONCE: usize = 1_000;
/// Time between two looks for old records.
const PURGE_EVERY: Duration = Duration::from_secs(60);

/// The detail record of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetailRecord {
    /// The call.
    pub call: CallId,
    /// Who sent it.
    pub key: PlatformKey,
    /// The queue it was accepted for.
    pub first_queue: QueueId,
    /// The queue it ended in.
    pub queue: QueueId,
    /// Where it goes on, if it overflowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overflow: Option<OverflowTarget>,
    /// How it ended.
    pub outcome: Outcome,
    /// When it ended.
    pub ended_at: PoolTime,
    /// How long the caller had waited.
    pub waited_ms: u64,
    /// How long its last conversation lasted.
    pub talked_ms: u64,
    /// Who had the last conversation, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentId>,
    /// Whether it ended as a callback.
    pub callback: bool,
    /// Its way there.
    pub detail: Arc<CallDetail>,
}

impl DetailRecord {
    /// The record of the call that the event ends, if it ends one.
    fn of(event: &Event) -> Option<Self> {
        let Event::CallEnded {
            call,
            queue,
            first_queue,
            overflow,
            key,
            outcome,
            at,
            waited_ms,
            talked_ms,
            agent,
            callback,
            detail,
            ..
        } = event
        else {
            return None;
        };
        Some(Self {
            call: call.clone(),
            key: key.clone(),
            first_queue: first_queue.as_ref().unwrap_or(queue).clone(),
            queue: queue.clone(),
            overflow: overflow.clone(),
            outcome: *outcome,
            ended_at: *at,
            waited_ms: *waited_ms,
            talked_ms: *talked_ms,
            agent: agent.clone(),
            callback: *callback,
            detail: Arc::clone(detail),
        })
    }
}

/// The records to store with these events.
pub(super) fn of(events: &[Event], revision: u64) -> Vec<StoredDetail> {
    let record = |(index, event)| {
        let record = DetailRecord::of(event)?;
        Some(StoredDetail {
            key: DetailKey {
                ended_at: record.ended_at,
                number: event_number(revision, index),
            },
            json: serde_json::to_string(&record)
                .expect("records have string keys and no failing serializer"),
        })
    };
    events.iter().enumerate().filter_map(record).collect()
}

/// The detail records of a pool's calls.
#[derive(Clone)]
pub struct Details {
    pool: Pool,
    store: Arc<dyn Store>,
}

/// Some records, and where the next are.
#[derive(Debug)]
pub struct Page {
    /// The records, by the end of their calls.
    pub records: Vec<DetailRecord>,
    /// The next place; none at the end.
    pub next: Option<DetailKey>,
    /// The place behind the last record, also at the end: what is added later is there. None if there was no record.
    pub behind: Option<DetailKey>,
}

impl Details {
    pub(super) fn new(pool: Pool, store: Arc<dyn Store>) -> Self {
        Self { pool, store }
    }

    /// The place of the first record of a call that ended at `time` or later.
    pub fn at(time: PoolTime) -> DetailKey {
        DetailKey {
            ended_at: time,
            number: 0,
        }
    }

    /// The records at `from` and after it, of calls that ended before `to`. Read beside the pool.
    ///
    /// # Errors
    /// If the store cannot be read now, or what it holds is no record.
    pub async fn page(&self, from: DetailKey, to: PoolTime) -> Result<Page, PoolError> {
        let found = self.store.details_from(self.pool.id(), from, PAGE).await;
        let mut stored = found.map_err(|problem| self.unreadable(&problem))?;
        let more = stored.len() == PAGE;
        let count = stored.len();
        stored.retain(|detail| detail.key.ended_at < to);
        let last = stored.last().map(|detail| detail.key);
        let next = last.filter(|_| more && stored.len() == count);
        let records = stored.iter().map(|detail| {
            let record = serde_json::from_str(&detail.json);
            record.map_err(|problem| self.unreadable(&problem))
        });
        let behind = |key: DetailKey| DetailKey {
            number: key.number + 1,
            ..key
        };
        Ok(Page {
            records: records.collect::<Result<_, _>>()?,
            next: next.map(behind),
            behind: last.map(behind),
        })
    }

    fn unreadable(&self, problem: &dyn std::fmt::Display) -> PoolError {
        warn!(pool = %self.pool.id(), %problem, "the detail records cannot be read");
        PoolError::Unavailable(Outage::StoreDown)
    }

    /// Removes what is older than `kept_ms`, until it is stopped.
    pub(super) async fn keep(self, kept_ms: u64, stop: CancellationToken) {
        let mut period = tokio::time::interval(PURGE_EVERY);
        period.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return,
                _ = period.tick() => {}
            }
            let before = self.pool.view().read().now().minus(kept_ms);
            tokio::select! {
                biased;
                purged = self.purge(before) => if let Err(problem) = purged {
                    warn!(pool = %self.pool.id(), %problem, "old detail records are not removed for now");
                },
                () = stop.cancelled() => return,
            }
        }
    }

    /// Removes the records of calls that ended before `before`, in small commits.
    async fn purge(&self, before: PoolTime) -> Result<(), StoreError> {
        let pool = self.pool.id();
        loop {
            let oldest = self.store.details_from(pool, DetailKey::default(), 1);
            let oldest = oldest.await?.pop();
            if oldest.is_none_or(|oldest| oldest.key.ended_at >= before) {
                return Ok(());
            }
            self.store
                .purge_details(pool, before, PURGED_AT_ONCE)
                .await?;
        }
    }
}
