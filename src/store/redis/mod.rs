//! A store on Redis: one server, a master with sentinels, or a cluster. This folder is the one door to the crate `redis`.
//!
//! Safety is the compare-and-set of COMMIT on lease, revision and digest; the lease only keeps others from trying. A batch of
//! which the outcome is not known is sent again, identical. When Redis comes back with less, the living owner puts it back.

mod address;
mod backup;
mod check;
mod commit;
mod failure;
mod import;
mod keys;
mod lane;
mod link;
mod load;
mod read;
mod reply;
mod rewrite;
mod ring;
mod scripts;
mod topology;
mod watch;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex as Lock, OnceLock, PoisonError, atomic::AtomicU32},
    time::Duration,
};

use tokio::sync::{Mutex, mpsc};

pub use self::{
    address::{Address, Node, Secret, Topology},
    check::{Finding, Grade},
};
use self::{
    lane::{Common, Lane},
    link::Door,
    read::ReadLane,
    watch::Watch,
};
use super::{
    BACKUP_PARTS, Backup, Batch, DetailKey, EVENTS_PER_REVISION, Lease, Loaded, Store, StoreError,
    StoredDetail, StoredEvent,
    shared::{Head, Replica, Shared},
};
use crate::engine::{
    ids::{PoolId, PoolTime},
    record::Record,
};

/// When a commit is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The master has it.
    Primary,
    /// One replica has it too.
    Replica,
    /// Half of the replicas have it too, rounded up.
    Majority,
    /// As `Replica` if the master was ever seen with one, else as `Primary`.
    ByReplicas,
}

/// What happened inside, to be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A connection was made anew.
    Reconnected,
    /// A batch was there already when it was sent again.
    Duplicate,
    /// From now on commits are safe on the master alone.
    Degraded,
    /// What Redis had lost is back: the whole pool, or its last batches.
    Healed {
        /// Whether the whole pool was written anew.
        whole: bool,
    },
}

/// Is told what happened inside.
pub type Notices = Arc<dyn Fn(&PoolId, Notice) + Send + Sync>;

/// How the store works.
#[derive(Clone)]
pub struct Options {
    /// Newest events to keep of each pool.
    pub events_kept: u64,
    /// When a commit is safe.
    pub durability: Durability,
    /// How long a pool is kept from others after the last sign of its owner.
    pub lease: Duration,
    /// How often an idle owner gives a sign.
    pub renew: Duration,
    /// How long a call may take before its connection is given up and made anew.
    pub call: Duration,
    /// Who this is, for people: an address or a name.
    pub label: String,
    /// Certificates, in PEM, that a server's may be signed by; none are those of this machine.
    pub root_certificates: Option<Vec<u8>>,
    /// A clock that runs on while the machine sleeps.
    pub clock: fn() -> Duration,
    /// The calendar's time, in ms since 1970.
    pub wall: fn() -> i64,
    /// Is told what happened inside.
    pub notices: Notices,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("durability", &self.durability)
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}

impl Options {
    /// Keeps 100,000 events of each pool, holds a pool for 2 s, and tells nobody what happens.
    pub fn new(clock: fn() -> Duration, wall: fn() -> i64) -> Self {
        Self {
            events_kept: 100_000,
            durability: Durability::ByReplicas,
            lease: Duration::from_secs(2),
            renew: Duration::from_millis(400),
            call: Duration::from_millis(250),
            label: String::new(),
            root_certificates: None,
            clock,
            wall,
            notices: Arc::new(|_, _| {}),
        }
    }

    /// How long after a sign the owner takes its lease for over: earlier than anybody else does.
    fn own_deadline(&self) -> Duration {
        self.lease * 17 / 20
    }
}

/// Pools on a deployment of Redis.
#[derive(Debug)]
pub struct Redis {
    common: Arc<Common>,
    lanes: Lock<HashMap<PoolId, Arc<Lanes>>>,
    watch: Mutex<Watch>,
}

/// A pool's connections.
#[derive(Debug)]
struct Lanes {
    owner: Mutex<Lane>,
    readers: Mutex<ReadLane>,
}

/// Where the parts of a backup go.
type Parts = mpsc::Sender<Result<Vec<u8>, StoreError>>;

impl Redis {
    /// A store on this deployment. Nothing is connected yet.
    pub fn new(address: Address, options: Options) -> Self {
        let door = Door::new(address, &options);
        let common = Common {
            door,
            options,
            boot: format!("{:032x}", fastrand::u128(..)),
            address: OnceLock::new(),
            replicas: AtomicU32::new(0),
        };
        Self {
            common: Arc::new(common),
            lanes: Lock::default(),
            watch: Mutex::default(),
        }
    }

    /// Looks at the deployment: whether it can be used, and what is worth a look.
    pub async fn check(&self) -> Vec<Finding> {
        check::check(&self.common.door, &self.common.options).await
    }

    /// The address, without its secrets.
    pub fn address(&self) -> String {
        self.common.door.address().to_string()
    }

    fn lanes(&self, pool: &PoolId) -> Arc<Lanes> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let made = || {
            Arc::new(Lanes {
                owner: Mutex::new(Lane::new(pool, &self.common)),
                readers: Mutex::default(),
            })
        };
        Arc::clone(lanes.entry(pool.clone()).or_insert_with(made))
    }
}

#[async_trait::async_trait]
impl Store for Redis {
    async fn acquire(&self, pool: &PoolId) -> Result<Lease, StoreError> {
        self.lanes(pool).owner.lock().await.acquire("").await
    }

    async fn load(&self, lease: &Lease) -> Result<Loaded, StoreError> {
        self.lanes(&lease.pool).owner.lock().await.load(lease).await
    }

    async fn commit(&self, lease: &Lease, batch: Arc<Batch>) -> Result<(), StoreError> {
        assert!(
            (batch.events.len() as u64) < EVENTS_PER_REVISION,
            "a commit has fewer than {EVENTS_PER_REVISION} events"
        );
        let lanes = self.lanes(&lease.pool);
        let mut lane = lanes.owner.lock().await;
        lane.commit(lease, &batch).await
    }

    fn renew_every(&self) -> Option<Duration> {
        Some(self.common.options.renew)
    }

    async fn renew(&self, lease: &Lease) -> Result<(), StoreError> {
        self.lanes(&lease.pool)
            .owner
            .lock()
            .await
            .renew(lease)
            .await
    }

    async fn rewrite(
        &self,
        lease: &Lease,
        batch: Arc<Batch>,
        records: Vec<Record>,
    ) -> Result<(), StoreError> {
        let lanes = self.lanes(&lease.pool);
        let mut lane = lanes.owner.lock().await;
        lane.rewrite(lease, &batch, &records).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        self.lanes(&lease.pool)
            .owner
            .lock()
            .await
            .release(lease, None)
            .await
    }

    fn shared(self: Arc<Self>) -> Option<Arc<dyn Shared>> {
        Some(self)
    }

    async fn events_after(
        &self,
        pool: &PoolId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let lanes = self.lanes(pool);
        let mut readers = lanes.readers.lock().await;
        readers.events_after(&self.common, pool, after, limit).await
    }

    async fn details_from(
        &self,
        pool: &PoolId,
        from: DetailKey,
        limit: usize,
    ) -> Result<Vec<StoredDetail>, StoreError> {
        let lanes = self.lanes(pool);
        let mut readers = lanes.readers.lock().await;
        readers.details_from(&self.common, pool, from, limit).await
    }

    async fn purge_details(
        &self,
        pool: &PoolId,
        before: PoolTime,
        limit: usize,
    ) -> Result<(), StoreError> {
        let lanes = self.lanes(pool);
        let mut readers = lanes.readers.lock().await;
        readers
            .purge_details(&self.common, pool, before, limit)
            .await
    }

    async fn backup(&self) -> Result<Backup, StoreError> {
        let (parts, backup) = mpsc::channel(BACKUP_PARTS);
        let (rows, read) = mpsc::channel(BACKUP_PARTS);
        tokio::spawn(backup::back_up(Arc::clone(&self.common), rows));
        tokio::task::spawn_blocking(move || backup::write(read, &parts));
        Ok(backup)
    }

    async fn pools(&self) -> Result<Vec<PoolId>, StoreError> {
        let found = read::pools(&self.common).await?.into_iter();
        let stored = found.filter(|(_, revision)| *revision > 0);
        Ok(stored.map(|(pool, _)| pool).collect())
    }
}

#[async_trait::async_trait]
impl Shared for Redis {
    fn join(&self, address: &str) {
        // A process has one address, from its start on.
        let _named_before = self.common.address.set(address.to_owned());
    }

    fn now(&self) -> Duration {
        (self.common.options.clock)()
    }

    fn me(&self) -> Replica {
        self.common.me()
    }

    async fn announce(&self) -> Result<Vec<Replica>, StoreError> {
        self.watch.lock().await.present(&self.common, false).await
    }

    async fn withdraw(&self) -> Result<Vec<Replica>, StoreError> {
        self.watch.lock().await.present(&self.common, true).await
    }

    async fn heads(&self) -> Result<Vec<Head>, StoreError> {
        self.watch.lock().await.heads(&self.common).await
    }

    async fn head(&self, pool: &PoolId) -> Result<Option<Head>, StoreError> {
        let lanes = self.lanes(pool);
        let mut readers = lanes.readers.lock().await;
        readers.head(&self.common, pool).await
    }

    async fn acquire_from(&self, pool: &PoolId, gone: &str) -> Result<Lease, StoreError> {
        self.lanes(pool).owner.lock().await.acquire(gone).await
    }

    async fn hand_over(&self, lease: &Lease, successor: &Replica) -> Result<(), StoreError> {
        let lanes = self.lanes(&lease.pool);
        let mut lane = lanes.owner.lock().await;
        lane.release(lease, Some(successor)).await
    }
}
