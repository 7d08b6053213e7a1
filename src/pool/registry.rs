//! The pools of this process: opened at start or on creation, found by id, given back at the end.

mod sharing;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::error;

pub(super) use self::sharing::Sharing;
pub use self::sharing::{Owner, Shown};
pub use super::keeper::OpenError;
use super::{
    Condition, Outage, Pool, PoolError, Shared,
    details::Details,
    journal::Journal,
    keeper::Keeper,
    lock,
    places::{News, Place, Places},
    poisoned::Poisoned,
    sweep::sweep,
};
use crate::{
    engine::{Limits, ids::PoolId},
    metrics::Page,
    store::{self, Store, StoreError},
};

/// Limits of each pool.
#[derive(Clone, Copy, Debug)]
pub struct PoolLimits {
    /// Of the engine.
    pub engine: Limits,
    /// Most commands that wait for a pool.
    pub waiting_commands: usize,
    /// Most pools of this process.
    pub pools: usize,
    /// How long the detail records of calls are kept.
    pub details_kept_ms: u64,
}

/// A backup on its way.
pub struct Backup(store::Backup);

impl Backup {
    /// The next part; none at the end.
    ///
    /// # Errors
    /// If the store cannot be read any further.
    pub async fn next(&mut self) -> Option<Result<Vec<u8>, PoolError>> {
        let part = self.0.recv().await?;
        Some(part.map_err(|problem| unread(&problem)))
    }
}

fn unread(problem: &StoreError) -> PoolError {
    error!(%problem, "the store cannot be backed up");
    PoolError::Unavailable(Outage::StoreDown)
}

/// Why a pool could not be created.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CreateError {
    /// There are as many as the settings allow.
    #[error("this server already has {0} pools, as many as `limits.pools` allows")]
    TooMany(usize),
    /// It cannot be used now.
    #[error("{0}")]
    Unavailable(PoolError),
}

/// The pools that this process has, and where all are.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pools: RwLock<BTreeMap<PoolId, Pool>>,
    pub(super) places: Places,
}

impl Kept {
    fn read(&self) -> std::sync::RwLockReadGuard<'_, BTreeMap<PoolId, Pool>> {
        self.pools.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, pool: &Pool) {
        let mut pools = self.pools.write().unwrap_or_else(PoisonError::into_inner);
        pools.insert(pool.id().clone(), pool.clone());
    }

    /// Forgets a pool, unless it was opened anew meanwhile.
    pub(super) fn remove(&self, shared: &Arc<Shared>) {
        let mut pools = self.pools.write().unwrap_or_else(PoisonError::into_inner);
        let is_it = |pool: &Pool| Arc::ptr_eq(&pool.shared, shared);
        if pools.get(shared.id()).is_some_and(is_it) {
            pools.remove(shared.id());
        }
    }

    /// Says to everybody that this process has a pool.
    pub(super) fn announce(&self, shared: &Shared, sharing: Option<&Sharing>) {
        let Some(sharing) = sharing else { return };
        let epoch = shared.epoch.load(Ordering::Relaxed);
        self.places.set(shared.id(), &Place::Here { epoch });
        sharing.tell(News::Owned {
            pool: shared.id().clone(),
            epoch,
        });
    }
}

/// The pools of this process.
pub struct Registry {
    store: Arc<dyn Store>,
    sharing: Option<Arc<Sharing>>,
    limits: PoolLimits,
    kept: Arc<Kept>,
    creating: Mutex<()>,
    ending: AtomicBool,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Registry {
    /// No pools yet.
    pub fn new(store: Arc<dyn Store>, limits: PoolLimits) -> Self {
        Self {
            store,
            sharing: None,
            limits,
            kept: Arc::default(),
            creating: Mutex::default(),
            ending: AtomicBool::new(false),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }
    }

    /// Opens every stored pool; fails with the first that cannot be opened.
    ///
    /// # Errors
    /// If the pools cannot be listed, or one cannot be opened; it is named.
    pub async fn open_stored(&self) -> Result<(), (Option<PoolId>, OpenError)> {
        let stored = self.store.pools().await;
        for id in stored.map_err(|problem| (None, problem.into()))? {
            let opened = self.open(&id, None).await;
            opened.map_err(|problem| (Some(id), problem))?;
        }
        Ok(())
    }

    /// The pool of this id, if this process has it.
    pub fn get(&self, id: &PoolId) -> Option<Pool> {
        self.kept.read().get(id).cloned()
    }

    /// Every pool, by id.
    pub fn all(&self) -> Vec<Pool> {
        self.kept.read().values().cloned().collect()
    }

    /// The pool of this id; created, still without a configuration, if there is none.
    ///
    /// # Errors
    /// If there are as many as allowed, or the pool cannot be opened now.
    pub async fn get_or_create(&self, id: &PoolId) -> Result<Pool, CreateError> {
        let _one_at_a_time = self.creating.lock().await;
        if let Some(pool) = self.get(id) {
            return Ok(pool);
        }
        let count = self.kept.read().len();
        if count >= self.limits.pools {
            return Err(CreateError::TooMany(count));
        }
        self.open(id, None).await.map_err(|problem| {
            error!(pool = %id, %problem, "the pool cannot be created");
            CreateError::Unavailable(PoolError::Unavailable(Outage::Opening))
        })
    }

    /// The detail records of a pool's calls.
    pub fn details(&self, pool: Pool) -> Details {
        Details::new(pool, Arc::clone(&self.store))
    }

    /// The events of a pool.
    pub fn journal(&self, pool: Pool) -> Journal {
        Journal::new(pool, Arc::clone(&self.store))
    }

    /// Everything that is stored of all pools, as one moment has it.
    ///
    /// # Errors
    /// If the store cannot be read now.
    pub async fn backup(&self) -> Result<Backup, PoolError> {
        let backup = self.store.backup().await;
        backup.map(Backup).map_err(|problem| unread(&problem))
    }

    /// What keeps this process from its work, a line each; nothing if it is ready.
    pub fn not_ready(&self) -> Vec<String> {
        if self.ending.load(Ordering::Relaxed) {
            return vec!["the server is about to end".to_owned()];
        }
        let pools = self.kept.read();
        let faults = pools.values().filter_map(|pool| {
            let what = match pool.condition() {
                Condition::Open => return None,
                Condition::Opening => "is being opened",
                Condition::Stalled => "waits for its store",
                Condition::Closed => "is closed",
            };
            Some(format!("pool `{}` {what}", pool.id()))
        });
        faults.collect()
    }

    /// Shows the gauges of every pool.
    pub fn measure(&self, page: &mut Page) {
        for pool in self.all() {
            pool.measure(&self.limits, page);
        }
    }

    /// Refuses new work from now on, as far as readiness tells.
    pub fn begin_end(&self) {
        self.ending.store(true, Ordering::Relaxed);
    }

    /// Finishes what waits, stores it, and gives every pool back, or to another process.
    pub async fn close(&self) {
        if let Some(sharing) = &self.sharing {
            sharing.begin_end(&self.kept).await;
        }
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Opens a pool; from an owner that is gone, if one is named.
    async fn open(&self, id: &PoolId, from: Option<String>) -> Result<Pool, OpenError> {
        let _one_at_a_time = match &self.sharing {
            Some(sharing) => Some(sharing.begin_opening(id)?),
            None => None,
        };
        let shared = Arc::new(Shared::new(id.clone()));
        let (sender, requests) = mpsc::channel(self.limits.waiting_commands);
        let pool = Pool {
            shared: Arc::clone(&shared),
            requests: sender,
        };
        let life = self.stop.child_token();
        let keeper = Keeper {
            shared,
            store: Arc::clone(&self.store),
            limits: self.limits.engine,
            requests,
            stop: self.stop.child_token(),
            poisoned: Poisoned::default(),
            kept: Arc::clone(&self.kept),
            sharing: self.sharing.clone(),
            from,
            life: life.clone(),
        };
        let (report, opened) = oneshot::channel();
        self.tasks.spawn(keeper.keep(report));
        match opened.await {
            Ok(outcome) => outcome?,
            Err(_stopped) => {
                let problem = "the server is about to end".to_owned();
                return Err(StoreError::NotApplied(problem).into());
            }
        }
        self.tasks.spawn(sweep(pool.clone(), life.clone()));
        let details = self.details(pool.clone());
        self.tasks
            .spawn(details.keep(self.limits.details_kept_ms, life));
        self.kept.add(&pool);
        self.kept.announce(&pool, self.sharing.as_deref());
        if pool.gone.is_cancelled() {
            // It was lost as soon as it was opened.
            self.kept.remove(&pool.shared);
            self.kept.places.set(id, &Place::Between);
        }
        Ok(pool)
    }
}
