//! A commit with patience: the identical batch is tried until its outcome is known, while callers are held, then told.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use tokio::{sync::mpsc, time::Instant};
use tracing::{info, warn};

use super::{
    Condition, Outage, Shared,
    actor::{End, Request, Waiting},
};
use crate::{
    clock,
    engine::record::{Delta, Record},
    metrics,
    store::{Batch, Lease, Store, StoreError},
};

/// How long callers are held while the store does not take a batch.
const HOLD: Duration = Duration::from_secs(10);
/// A commit that takes longer than this counts as stalled.
const STALL: Duration = Duration::from_millis(300);
/// Pause before a batch is tried again, doubled each time up to the last.
const PAUSE_FIRST: Duration = Duration::from_millis(100);
const PAUSE_LAST: Duration = Duration::from_secs(1);

/// Most requests that are kept until the store is back.
const KEPT_MAX: usize = 100_000;

/// Callers and requests that wait while a batch is on its way.
pub(super) struct Hold<'a> {
    shared: &'a Shared,
    waiting: &'a mut Vec<Waiting>,
    requests: &'a mut mpsc::Receiver<Request>,
    /// What is to be done next; requests that may wait are added.
    backlog: &'a mut VecDeque<Request>,
    since: Instant,
    shedding: bool,
    over: bool,
}

impl<'a> Hold<'a> {
    pub(super) fn new(
        shared: &'a Shared,
        waiting: &'a mut Vec<Waiting>,
        requests: &'a mut mpsc::Receiver<Request>,
        backlog: &'a mut VecDeque<Request>,
    ) -> Self {
        Self {
            shared,
            waiting,
            requests,
            backlog,
            since: clock::instant(),
            shedding: false,
            over: false,
        }
    }

    /// Commits, however long it takes, and says how long it took; fails only when memory is not the truth any more. A store
    /// that came back with less than it had gets the whole pool.
    pub(super) async fn commit(
        mut self,
        store: &Arc<dyn Store>,
        lease: &Lease,
        batch: &Arc<Batch>,
        whole: &(dyn Fn() -> Vec<Record> + Sync),
    ) -> Result<Duration, End> {
        let mut pause = PAUSE_FIRST;
        let mut is_behind = false;
        loop {
            let answer = if is_behind {
                let rewritten = store.rewrite(lease, Arc::clone(batch), whole());
                self.patiently(rewritten).await
            } else {
                self.patiently(store.commit(lease, Arc::clone(batch))).await
            };
            match answer {
                Ok(()) => return Ok(self.settle(batch)),
                Err(StoreError::Behind { stored, batch }) => {
                    metrics::store_failed(self.shared.id(), "behind");
                    warn!(pool = %self.shared.id(), stored, batch, "the store came back with less: the whole pool is written to it");
                    is_behind = true;
                }
                Err(error) => {
                    self.endure(error, &mut pause).await?;
                    // What it holds by now is looked at again.
                    is_behind = false;
                }
            }
        }
    }

    /// Renews the lease, however long it takes; false if the store came back with less than it had.
    pub(super) async fn renew(
        mut self,
        store: &Arc<dyn Store>,
        lease: &Lease,
    ) -> Result<bool, End> {
        let mut pause = PAUSE_FIRST;
        loop {
            match self.patiently(store.renew(lease)).await {
                Ok(()) => {
                    self.goes_on();
                    return Ok(true);
                }
                Err(StoreError::Behind { .. }) => return Ok(false),
                Err(error) => self.endure(error, &mut pause).await?,
            }
        }
    }

    /// Waits a little after a failure that may pass; the others are the end.
    async fn endure(&mut self, error: StoreError, pause: &mut Duration) -> Result<(), End> {
        metrics::store_failed(self.shared.id(), kind(&error));
        match error {
            StoreError::NotApplied(_) | StoreError::Unknown(_) => {
                self.stall(&error.to_string());
                self.patiently(tokio::time::sleep(*pause)).await;
                *pause = (*pause * 2).min(PAUSE_LAST);
                Ok(())
            }
            StoreError::Fenced(_)
            | StoreError::Held { .. }
            | StoreError::Behind { .. }
            | StoreError::Mismatch { .. }
            | StoreError::Corrupt(_)
            | StoreError::TooNew { .. } => Err(End::Store(error)),
        }
    }

    /// Waits for `work`; after the hold it tells those who wait, and whoever else asks, but for what may wait.
    async fn patiently<T>(&mut self, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = tokio::time::sleep_until(self.since + STALL),
                    if self.shared.condition() == Condition::Open => self.stall("it takes long"),
                () = tokio::time::sleep_until(self.since + HOLD), if !self.shedding => self.shed(),
                request = self.requests.recv(), if self.shedding && !self.over => match request {
                    Some(request) => self.keep(request),
                    None => self.over = true,
                },
            }
        }
    }

    fn shed(&mut self) {
        self.shedding = true;
        for caller in self.waiting.drain(..) {
            caller.refuse(Outage::StoreDown);
        }
        for request in std::mem::take(self.backlog) {
            self.keep(request);
        }
    }

    /// Keeps what may wait, and refuses what may not.
    fn keep(&mut self, request: Request) {
        if request.may_wait() && self.backlog.len() < KEPT_MAX {
            self.backlog.push_back(request);
        } else {
            request.refuse(Outage::StoreDown);
        }
    }

    fn stall(&self, why: &str) {
        if self.shared.condition.send_replace(Condition::Stalled) != Condition::Stalled {
            warn!(pool = %self.shared.id(), why, "the store does not take a commit: it is tried again");
        }
    }

    fn settle(&self, batch: &Batch) -> Duration {
        let took = clock::instant().duration_since(self.since);
        metrics::committed(self.shared.id(), took, batch.deltas.len(), bytes(batch));
        self.goes_on();
        took
    }

    fn goes_on(&self) {
        if self.shared.condition.send_replace(Condition::Open) == Condition::Stalled {
            let away_ms = clock::instant().duration_since(self.since).as_millis();
            info!(pool = %self.shared.id(), away_ms, "the store takes commits again");
        }
    }
}

/// The kind of a failure, as a label.
pub(super) fn kind(error: &StoreError) -> &'static str {
    match error {
        StoreError::NotApplied(_) => "not_applied",
        StoreError::Unknown(_) => "unknown",
        StoreError::Fenced(_) => "fenced",
        StoreError::Held { .. } => "held",
        StoreError::Behind { .. } => "behind",
        StoreError::Mismatch { .. } => "mismatch",
        StoreError::Corrupt(_) => "corrupt",
        StoreError::TooNew { .. } => "too_new",
    }
}

/// The size of what a batch stores.
fn bytes(batch: &Batch) -> usize {
    let deltas = batch.deltas.iter().map(|delta| match delta {
        Delta::Put(record) => record.key.len() + record.value.len(),
        Delta::Delete(key) => key.len(),
    });
    let events = batch.events.iter().map(String::len);
    let details = batch.details.iter().map(|detail| detail.json.len());
    deltas.chain(events).chain(details).sum()
}
