//! A commit with patience: the identical batch is tried until its outcome is known, while callers are held, then told.

use std::{sync::Arc, time::Duration};

use tokio::{sync::mpsc, time::Instant};
use tracing::{info, warn};

use super::{
    Condition, Outage, Shared,
    actor::{End, Request, Waiting},
};
use crate::{
    clock,
    engine::record::Delta,
    metrics,
    store::{Batch, Lease, Store, StoreError},
};

/// How long callers are held while the store does not take a batch.
const HOLD: Duration = Duration::from_secs(10);
/// A commit that takes longer than this counts as stalled.
const STALL: Duration = Duration::from_secs(1);
/// Pause before a batch is tried again, doubled each time up to the last.
const PAUSE_FIRST: Duration = Duration::from_millis(100);
const PAUSE_LAST: Duration = Duration::from_secs(1);

/// Callers and requests that wait while a batch is on its way.
pub(super) struct Hold<'a> {
    shared: &'a Shared,
    waiting: &'a mut Vec<Waiting>,
    requests: &'a mut mpsc::Receiver<Request>,
    since: Instant,
    shedding: bool,
    over: bool,
}

impl<'a> Hold<'a> {
    pub(super) fn new(
        shared: &'a Shared,
        waiting: &'a mut Vec<Waiting>,
        requests: &'a mut mpsc::Receiver<Request>,
    ) -> Self {
        Self {
            shared,
            waiting,
            requests,
            since: clock::instant(),
            shedding: false,
            over: false,
        }
    }

    /// Commits, however long it takes; fails only when memory is not the truth any more.
    pub(super) async fn commit(
        mut self,
        store: &Arc<dyn Store>,
        lease: &Lease,
        batch: &Arc<Batch>,
    ) -> Result<(), End> {
        let mut pause = PAUSE_FIRST;
        loop {
            match self.patiently(store.commit(lease, Arc::clone(batch))).await {
                Ok(()) => {
                    self.settle(batch);
                    return Ok(());
                }
                Err(error @ (StoreError::NotApplied(_) | StoreError::Unknown(_))) => {
                    metrics::store_failed(self.shared.id(), kind(&error));
                    self.stall(&error.to_string());
                    self.patiently(tokio::time::sleep(pause)).await;
                    pause = (pause * 2).min(PAUSE_LAST);
                }
                Err(
                    fatal @ (StoreError::Fenced(_)
                    | StoreError::Mismatch { .. }
                    | StoreError::Corrupt(_)
                    | StoreError::TooNew { .. }),
                ) => {
                    metrics::store_failed(self.shared.id(), kind(&fatal));
                    return Err(End::Store(fatal));
                }
            }
        }
    }

    /// Waits for `work`; after the hold it tells those who wait, and whoever else asks.
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
                    Some(request) => request.refuse(Outage::StoreDown),
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
    }

    fn stall(&self, why: &str) {
        if self.shared.condition.send_replace(Condition::Stalled) != Condition::Stalled {
            warn!(pool = %self.shared.id(), why, "the store does not take a commit: it is tried again");
        }
    }

    fn settle(&self, batch: &Batch) {
        let took = clock::instant().duration_since(self.since);
        metrics::committed(self.shared.id(), took, batch.deltas.len(), bytes(batch));
        if self.shared.condition.send_replace(Condition::Open) == Condition::Stalled {
            info!(pool = %self.shared.id(), "the store takes commits again");
        }
    }
}

/// The kind of a failure, as a label.
pub(super) fn kind(error: &StoreError) -> &'static str {
    match error {
        StoreError::NotApplied(_) => "not_applied",
        StoreError::Unknown(_) => "unknown",
        StoreError::Fenced(_) => "fenced",
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
