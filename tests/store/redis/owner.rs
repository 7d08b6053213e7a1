//! The owner of a pool as an actor is one: commits batch after batch, the same one until its outcome is known, and knows what
//! the pool must hold. Measures the longest time without an acknowledgement.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use homeshore::{
    clock,
    engine::record::{Delta, Record},
    store::{Batch, DetailKey, Lease, Store, StoreError, event_number, redis::Notice},
};
use tokio::time::Instant;

use super::{
    super::{acquire, delete, detail, put},
    north, open, options,
};

/// How long a call of the owner's store may take.
pub(super) const CALL: Duration = Duration::from_millis(250);

/// What a store noticed.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) duplicates: AtomicU64,
    pub(super) degraded: AtomicU64,
    pub(super) batches: AtomicU64,
    pub(super) wholes: AtomicU64,
    /// Batches that were not, or perhaps not, taken when they were sent.
    pub(super) failed: AtomicU64,
}

impl Counts {
    fn count(&self, notice: Notice) {
        let count = match notice {
            Notice::Reconnected => return,
            Notice::Duplicate => &self.duplicates,
            Notice::Degraded => &self.degraded,
            Notice::Healed { whole: false } => &self.batches,
            Notice::Healed { whole: true } => &self.wholes,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

pub(super) fn read(count: &AtomicU64) -> u64 {
    count.load(Ordering::Relaxed)
}

pub(super) struct Owner {
    pub(super) store: Arc<dyn Store>,
    pub(super) lease: Lease,
    pub(super) counts: Arc<Counts>,
    /// Texts of failures, each once.
    pub(super) failures: Vec<String>,
    /// The longest time without an acknowledgement, since [`Owner::begin_to_measure`].
    pub(super) gap: Duration,
    /// When the last batch was acknowledged.
    pub(super) acknowledged: Instant,
    revision: u64,
    model: BTreeMap<String, Vec<u8>>,
    events: Vec<u64>,
    details: usize,
}

impl Owner {
    /// An owner of a new pool on this Redis.
    pub(super) async fn start(url: &str) -> Self {
        Self::start_with(url, |_| {}).await
    }

    /// The same with other options.
    pub(super) async fn start_with(
        url: &str,
        change: impl FnOnce(&mut homeshore::store::redis::Options),
    ) -> Self {
        let counts = Arc::new(Counts::default());
        let counted = Arc::clone(&counts);
        let mut options = options();
        options.events_kept = 1_000_000;
        options.call = CALL;
        options.notices = Arc::new(move |_, notice| counted.count(notice));
        change(&mut options);
        let store: Arc<dyn Store> = Arc::new(open(url, options));
        let lease = acquire(&*store, &north()).await;
        Self {
            store,
            lease,
            counts,
            failures: Vec::new(),
            gap: Duration::ZERO,
            acknowledged: clock::instant(),
            revision: 0,
            model: BTreeMap::new(),
            events: Vec::new(),
            details: 0,
        }
    }

    pub(super) fn begin_to_measure(&mut self) {
        self.gap = Duration::ZERO;
        self.acknowledged = clock::instant();
    }

    /// Commits so many batches.
    pub(super) async fn commit(&mut self, batches: u64) {
        for _ in 0..batches {
            let batch = self.next();
            self.settle(&batch).await;
        }
    }

    /// Commits until something is so, and it is acknowledged afterwards.
    pub(super) async fn commit_until(&mut self, is_so: impl Fn() -> bool) {
        while !is_so() {
            self.commit(1).await;
        }
        self.commit(10).await;
    }

    /// The next batch; the model holds its effect.
    pub(super) fn next(&mut self) -> Arc<Batch> {
        let revision = self.revision + 1;
        let mut deltas = vec![
            put("last", &revision.to_string()),
            put(&format!("k{}", revision % 97), &revision.to_string()),
        ];
        if revision.is_multiple_of(5) {
            deltas.push(delete(&format!("k{}", (revision + 40) % 97)));
        }
        for delta in &deltas {
            match delta {
                Delta::Put(record) => {
                    drop(self.model.insert(record.key.clone(), record.value.clone()));
                }
                Delta::Delete(key) => drop(self.model.remove(key)),
            }
        }
        let details = if revision.is_multiple_of(7) {
            vec![detail(revision, revision)]
        } else {
            Vec::new()
        };
        self.details += details.len();
        self.events.push(event_number(revision, 0));
        Arc::new(Batch {
            revision,
            pool_time: homeshore::engine::ids::PoolTime(revision * 10),
            deltas,
            events: vec![format!("{{\"n\":{revision}}}")],
            details,
        })
    }

    /// Commits one batch, however often it must be sent.
    pub(super) async fn settle(&mut self, batch: &Arc<Batch>) {
        let mut is_behind = false;
        loop {
            let answer = if is_behind {
                self.store
                    .rewrite(&self.lease, Arc::clone(batch), self.whole())
                    .await
            } else {
                self.store.commit(&self.lease, Arc::clone(batch)).await
            };
            is_behind = false;
            match answer {
                Ok(()) => break,
                Err(StoreError::Behind { .. }) => is_behind = true,
                Err(StoreError::NotApplied(text) | StoreError::Unknown(text)) => {
                    self.counts.failed.fetch_add(1, Ordering::Relaxed);
                    if !self.failures.contains(&text) {
                        self.failures.push(text);
                    }
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                Err(fatal) => panic!("revision {}: {fatal}", batch.revision),
            }
        }
        self.revision = batch.revision;
        let now = clock::instant();
        self.gap = self.gap.max(now - self.acknowledged);
        self.acknowledged = now;
    }

    pub(super) fn whole(&self) -> Vec<Record> {
        let entities = self.model.iter();
        entities
            .map(|(key, value)| Record {
                key: key.clone(),
                value: value.clone(),
            })
            .collect()
    }

    /// Gives the pool back; then a new owner finds all that was acknowledged, and each event once.
    pub(super) async fn end(self, url: &str) {
        self.store.release(&self.lease).await.unwrap();
        let next = open(url, options());
        let lease = acquire(&next, &north()).await;
        let loaded = next.load(&lease).await.unwrap();
        assert_eq!(loaded.revision, self.revision);
        assert_eq!(loaded.records, self.whole());
        let events = next
            .events_after(&north(), 0, usize::MAX >> 1)
            .await
            .unwrap();
        let numbers: Vec<u64> = events.iter().map(|event| event.number).collect();
        assert_eq!(numbers, self.events, "each event is there once");
        let details = next
            .details_from(&north(), DetailKey::default(), 1_000_000)
            .await;
        assert_eq!(details.unwrap().len(), self.details);
    }
}
