//! Where a pool's live state is kept: one trait, and one file or folder for each way to keep it.
//!
//! Safety is the compare-and-set of [`Store::commit`] on lease and revision; the lease only keeps others from trying.

pub mod backup;
pub mod embedded;
pub mod memory;
mod meta;
pub mod redis;
pub mod shared;

use std::{sync::Arc, time::Duration};

use thiserror::Error;
use tokio::sync::mpsc;

use crate::engine::{
    ids::{PoolId, PoolTime},
    record::{Delta, Record},
};

/// Newest format of stored entities that this program reads and writes.
pub const FORMAT: u32 = 1;

/// The right to change a pool, from [`Store::acquire`] until someone else acquires it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The pool.
    pub pool: PoolId,
    /// Random, new for each acquisition.
    pub id: u128,
    /// The store's own time at the acquisition, if it has a clock that all owners share.
    pub store_time: Option<PoolTime>,
    /// Which acquisition it is, in a store that counts them: each has a higher number.
    pub epoch: u64,
}

impl Lease {
    fn new(pool: &PoolId) -> Self {
        Self {
            pool: pool.clone(),
            id: fastrand::u128(..),
            store_time: None,
            epoch: 0,
        }
    }
}

/// What a pool looked like when it was loaded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Revision of the last commit; zero for a new pool.
    pub revision: u64,
    /// The pool's time at the last commit.
    pub pool_time: PoolTime,
    /// Every stored entity, sorted by key.
    pub records: Vec<Record>,
    /// Of a pool that was restored from a backup and has no commit since: events with a higher number are undone.
    pub undone_after: Option<u64>,
}

/// What one commit changes, all or nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Revision after this commit: one above the one before.
    pub revision: u64,
    /// The pool's time.
    pub pool_time: PoolTime,
    /// Puts and deletes, at most one for each key.
    pub deltas: Vec<Delta>,
    /// The events' JSON, in order; event `i` has the number [`event_number`]`(revision, i)`.
    pub events: Vec<String>,
    /// Detail records of calls that end by these events.
    pub details: Vec<StoredDetail>,
}

/// Place of a detail record: by the end of its call, then by the event that ended it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct DetailKey {
    /// When the call ended.
    pub ended_at: PoolTime,
    /// Number of the event that ended it.
    pub number: u64,
}

/// A stored detail record: added once, never changed, removed when it is too old.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDetail {
    /// Its place.
    pub key: DetailKey,
    /// Its JSON.
    pub json: String,
}

/// A stored event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its number, ever growing in a pool.
    pub number: u64,
    /// Its JSON.
    pub json: String,
}

/// Most events of one commit.
pub const EVENTS_PER_REVISION: u64 = 1 << 20;

/// Number of the event at `index` of a commit: ever growing, with gaps.
pub fn event_number(revision: u64, index: usize) -> u64 {
    let index = u64::try_from(index).unwrap_or(u64::MAX);
    assert!(
        index < EVENTS_PER_REVISION,
        "a commit has at most {EVENTS_PER_REVISION} events"
    );
    revision * EVENTS_PER_REVISION + index
}

/// Why a store did not do what it was asked: a variant for each reaction.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StoreError {
    /// Another lease is in force: stop, memory is not the truth any more.
    #[error("another owner holds pool `{0}`")]
    Fenced(PoolId),
    /// Another's lease is in force: the pool may be asked for again when it is over.
    #[error("pool `{pool}` is held by another homeshore{}, for {for_ms} ms more unless it renews", named(.owner))]
    Held {
        /// The pool.
        pool: PoolId,
        /// Who holds it, as it calls itself.
        owner: String,
        /// How long the lease lasts if it is not renewed.
        for_ms: u64,
    },
    /// The store came back with less than this owner left there: only the owner can [`Store::rewrite`] the pool.
    #[error("the store came back with less: it is at revision {stored}, and the batch at {batch}")]
    Behind {
        /// Revision of the last commit that is stored.
        stored: u64,
        /// Revision of the batch, or of the last one.
        batch: u64,
    },
    /// The stored revision is not the one before this batch: stop, memory is not the truth any more.
    #[error("the store is at revision {stored}, and the batch at {batch}")]
    Mismatch {
        /// Revision of the last commit.
        stored: u64,
        /// Revision of the batch that was refused.
        batch: u64,
    },
    /// Nothing was applied, and the same batch may be tried again later.
    #[error("the store refused for now: {0}")]
    NotApplied(String),
    /// It is not known whether the batch was applied; the same batch may be tried again.
    #[error("the store's answer is not known: {0}")]
    Unknown(String),
    /// What is stored cannot be read.
    #[error("{0}")]
    Corrupt(String),
    /// What is stored was written by a newer release.
    #[error(
        "the stored format is {stored}, and this program reads up to {FORMAT}: use a newer release"
    )]
    TooNew {
        /// The format that was found.
        stored: u32,
    },
}

fn named(owner: &str) -> String {
    if owner.is_empty() {
        return String::new();
    }
    format!(" ({owner})")
}

/// The parts of a backup on their way.
pub type Backup = mpsc::Receiver<Result<Vec<u8>, StoreError>>;

/// Most parts of a backup that wait for their reader.
const BACKUP_PARTS: usize = 4;

/// Keeps pools. Every call is safe to repeat.
#[async_trait::async_trait]
pub trait Store: Send + Sync + 'static {
    /// Takes the pool; a lease that was in force before is fenced from now on. A store that several processes share refuses
    /// while another process's lease is in force.
    async fn acquire(&self, pool: &PoolId) -> Result<Lease, StoreError>;

    /// Reads the whole pool.
    async fn load(&self, lease: &Lease) -> Result<Loaded, StoreError>;

    /// Applies a batch, durably, all or nothing. The very same batch again changes nothing and is `Ok`.
    async fn commit(&self, lease: &Lease, batch: Arc<Batch>) -> Result<(), StoreError>;

    /// How often an owner that commits nothing must [`renew`](Self::renew); never, if nobody else can take its pools.
    fn renew_every(&self) -> Option<Duration> {
        None
    }

    /// Extends the lease, and makes sure that what this owner left is there.
    async fn renew(&self, lease: &Lease) -> Result<(), StoreError>;

    /// Replaces the whole pool by `records`, which are its state with the effect of `batch`: for the living owner of a pool
    /// that is [`StoreError::Behind`]. Counts as the commit of that batch, whose events are stored; the same again is `Ok`.
    async fn rewrite(
        &self,
        lease: &Lease,
        batch: Arc<Batch>,
        records: Vec<Record>,
    ) -> Result<(), StoreError>;

    /// Gives the pool back, for others to see; `Ok` as well if no lease is in force.
    async fn release(&self, lease: &Lease) -> Result<(), StoreError>;

    /// Up to `limit` events with a number above `after`, oldest first; the oldest are trimmed by number.
    async fn events_after(
        &self,
        pool: &PoolId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, StoreError>;

    /// Up to `limit` detail records at `from` and after it, in order.
    async fn details_from(
        &self,
        pool: &PoolId,
        from: DetailKey,
        limit: usize,
    ) -> Result<Vec<StoredDetail>, StoreError>;

    /// Removes up to `limit` of the oldest detail records of calls that ended before `before`. Needs no lease: what is
    /// too old is so for every owner.
    async fn purge_details(
        &self,
        pool: &PoolId,
        before: PoolTime,
        limit: usize,
    ) -> Result<(), StoreError>;

    /// Everything that is stored, as one moment has it, in the form of [`backup`]: the bytes in parts. A part that is an error
    /// is the last. Dropping the receiver ends it.
    async fn backup(&self) -> Result<Backup, StoreError>;

    /// The pools with at least one commit, by id.
    async fn pools(&self) -> Result<Vec<PoolId>, StoreError>;

    /// The same store for processes that share it; none if one process alone can have it.
    fn shared(self: Arc<Self>) -> Option<Arc<dyn shared::Shared>> {
        None
    }
}
