//! Pools of a store that several processes share: each has one owner, the others watch, and take it when its owner is gone.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    sync::{Notify, broadcast},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use super::{Kept, OpenError, PoolLimits, Registry, lock};
use crate::{
    engine::ids::PoolId,
    metrics::{self, GivenUp},
    pool::{
        ownership::{Decision, Watcher, successor},
        places::{News, Place},
    },
    store::{
        Lease, Store, StoreError,
        shared::{Head, Replica, Shared},
    },
};

/// Time between two looks at all pools, with up to a fifth more.
const LOOK_EVERY_MS: u64 = 250;
/// A pool that could not be opened is tried again after this long.
const TRY_AGAIN: Duration = Duration::from_secs(5);
/// News that wait for a process that is slow to hear them; then it is told everything again.
const NEWS_MAX: usize = 1_024;

/// What a process knows of the others.
pub(in crate::pool) struct Sharing {
    pub(in crate::pool) store: Arc<dyn Shared>,
    watcher: Mutex<Watcher>,
    there: Mutex<Vec<Replica>>,
    heads: Mutex<Vec<Head>>,
    opening: Mutex<BTreeSet<PoolId>>,
    /// Pools that could not be opened, and when.
    failed: Mutex<BTreeMap<PoolId, Duration>>,
    woken: Notify,
    news: broadcast::Sender<News>,
    /// Cancelled when this process takes nothing any more.
    ending: CancellationToken,
}

/// Whose a pool is, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The pool.
    pub pool: PoolId,
    /// Where its owner is reached by the others; empty if it has none.
    pub address: String,
    /// Whether this process is the owner.
    pub is_here: bool,
    /// Which acquisition it is; zero where nobody counts them.
    pub epoch: u64,
    /// How long the lease lasts if it is not renewed; none where there are no leases.
    pub lasts: Option<Duration>,
}

/// What this process shows the others.
pub struct Shown {
    /// This process.
    pub me: Replica,
    /// Every pool that it has, and by which acquisition.
    pub pools: Vec<News>,
    /// What changes from now on.
    pub news: broadcast::Receiver<News>,
}

/// A pool on its way to be opened.
pub(super) struct OpeningPool<'a>(&'a Sharing, PoolId);

impl Drop for OpeningPool<'_> {
    fn drop(&mut self) {
        lock(&self.0.opening).remove(&self.1);
    }
}

impl Sharing {
    fn new(store: Arc<dyn Shared>) -> Self {
        let me = store.me();
        Self {
            store,
            watcher: Mutex::new(Watcher::new(&me.boot)),
            there: Mutex::default(),
            heads: Mutex::default(),
            opening: Mutex::default(),
            failed: Mutex::default(),
            woken: Notify::new(),
            news: broadcast::Sender::new(NEWS_MAX),
            ending: CancellationToken::new(),
        }
    }

    /// Tells every process that is connected.
    pub(super) fn tell(&self, news: News) {
        // Without anybody who hears it there is nobody to tell.
        let _nobody_hears = self.news.send(news);
    }

    /// Keeps a pool from being opened twice at once.
    pub(super) fn begin_opening(&self, pool: &PoolId) -> Result<OpeningPool<'_>, OpenError> {
        if !lock(&self.opening).insert(pool.clone()) {
            let problem = format!("pool `{pool}` is being opened already");
            return Err(StoreError::NotApplied(problem).into());
        }
        Ok(OpeningPool(self, pool.clone()))
    }

    /// Takes nothing any more, and says so.
    pub(super) async fn begin_end(&self, kept: &Kept) {
        if self.ending.is_cancelled() {
            return;
        }
        self.ending.cancel();
        for pool in kept.read().keys() {
            kept.places.set(pool, &Place::Between);
        }
        match self.store.withdraw().await {
            Ok(there) => *lock(&self.there) = there,
            Err(problem) => debug!(%problem, "the others are not told that this process ends"),
        }
    }

    /// Gives a pool to the process that should have it next; back, if there is none.
    pub(in crate::pool) async fn hand_over(
        &self,
        kept: &Kept,
        lease: &Lease,
    ) -> Result<(), StoreError> {
        let (pool, me) = (&lease.pool, self.store.me());
        let living = lock(&self.watcher).living(&lock(&self.there));
        let Some(next) = successor(pool, &me.boot, &living) else {
            self.store.release(lease).await?;
            metrics::given_up(pool, GivenUp::Released);
            return Ok(());
        };
        self.store.hand_over(lease, next).await?;
        info!(%pool, to = next.address, "the pool was handed over");
        metrics::given_up(pool, GivenUp::Handed);
        self.tell(News::Given {
            pool: pool.clone(),
            to: next.boot.clone(),
        });
        kept.places.hear(pool, next, lease.epoch + 1);
        Ok(())
    }
}

impl Registry {
    /// Pools of a store that several processes share.
    pub fn sharing(store: Arc<dyn Shared>, limits: PoolLimits) -> Self {
        let mut registry = Self::new(Arc::clone(&store) as Arc<dyn Store>, limits);
        registry.sharing = Some(Arc::new(Sharing::new(store)));
        registry
    }

    /// Takes what nobody has, and goes on watching until the end.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn share(self: &Arc<Self>) -> Result<(), OpenError> {
        let Some(sharing) = self.sharing.clone() else {
            return Ok(());
        };
        for taken in self.look(&sharing).await? {
            // What cannot be opened is said in the log, and tried again.
            let _opened_or_not = taken.await;
        }
        let registry = Arc::clone(self);
        self.tasks.spawn(async move {
            loop {
                let pause = fastrand::u64(LOOK_EVERY_MS..=LOOK_EVERY_MS * 6 / 5);
                tokio::select! {
                    biased;
                    () = sharing.ending.cancelled() => return,
                    () = tokio::time::sleep(Duration::from_millis(pause)) => {}
                    () = sharing.woken.notified() => {}
                }
                let looked = tokio::select! {
                    biased;
                    looked = registry.look(&sharing) => looked,
                    () = sharing.ending.cancelled() => return,
                };
                if let Err(problem) = looked {
                    debug!(%problem, "the owners of pools cannot be seen");
                }
            }
        });
        Ok(())
    }

    /// Looks at every pool once, and begins to take what nobody has.
    async fn look(
        self: &Arc<Self>,
        sharing: &Arc<Sharing>,
    ) -> Result<Vec<JoinHandle<()>>, StoreError> {
        let seen = async {
            let there = sharing.store.announce().await?;
            Ok((there, sharing.store.heads().await?))
        };
        let (there, heads) = match seen.await {
            Ok(seen) => seen,
            Err(problem) => {
                lock(&sharing.watcher).store_failed();
                return Err(problem);
            }
        };
        metrics::replicas(there.len());
        let to_take = self.judge(sharing, &there, &heads);
        *lock(&sharing.there) = there;
        *lock(&sharing.heads) = heads;
        let taken = to_take
            .into_iter()
            .map(|(pool, from)| self.take(sharing, pool, from));
        Ok(taken.collect())
    }

    /// Notes where each pool is; those to take, and from whom.
    fn judge(
        &self,
        sharing: &Sharing,
        there: &[Replica],
        heads: &[Head],
    ) -> Vec<(PoolId, Option<String>)> {
        let now = sharing.store.now();
        let me = sharing.store.me();
        let mut watcher = lock(&sharing.watcher);
        watcher.store_answered(now);
        let mut failed = lock(&sharing.failed);
        failed.retain(|_, at| now < *at + TRY_AGAIN);
        let mut to_take = Vec::new();
        for head in heads {
            if self.get(&head.pool).is_some() || lock(&sharing.opening).contains(&head.pool) {
                continue;
            }
            match &head.owner {
                Some(owner) if owner.boot != me.boot && !head.lasts.is_zero() => {
                    self.kept.places.hear(&head.pool, owner, head.epoch);
                }
                Some(_) | None => self.kept.places.leave(&head.pool, head.epoch),
            }
            if failed.contains_key(&head.pool) || self.kept.read().len() >= self.limits.pools {
                continue;
            }
            match watcher.decide(now, head, there) {
                Decision::Leave => {}
                Decision::Take => to_take.push((head.pool.clone(), None)),
                Decision::TakeFrom(boot) => to_take.push((head.pool.clone(), Some(boot))),
            }
        }
        to_take
    }

    fn take(
        self: &Arc<Self>,
        sharing: &Arc<Sharing>,
        pool: PoolId,
        from: Option<String>,
    ) -> JoinHandle<()> {
        let (registry, sharing) = (Arc::clone(self), Arc::clone(sharing));
        self.tasks.spawn(async move {
            match registry.open(&pool, from).await {
                Ok(_) => {}
                Err(OpenError::Store(StoreError::Held { .. } | StoreError::NotApplied(_))) => {
                    debug!(%pool, "another process was faster");
                }
                Err(problem) => {
                    error!(%pool, %problem, "the pool cannot be opened");
                    lock(&sharing.failed).insert(pool, sharing.store.now());
                }
            }
        })
    }

    /// Where a pool is now, as far as it is known.
    pub fn place(&self, pool: &PoolId) -> Place {
        self.kept.places.of(pool)
    }

    /// Where a pool is, and what becomes of that; only of a pool that is stored.
    pub fn watch_place(&self, pool: &PoolId) -> tokio::sync::watch::Receiver<Place> {
        self.kept.places.watch(pool)
    }

    /// Asks the store for a pool of which nothing is known; whether there is one.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn look_up(&self, pool: &PoolId) -> Result<bool, OpenError> {
        let Some(sharing) = &self.sharing else {
            return Ok(false);
        };
        let Some(head) = sharing.store.head(pool).await? else {
            return Ok(false);
        };
        match &head.owner {
            Some(owner) if !head.lasts.is_zero() => {
                self.kept.places.hear(pool, owner, head.epoch);
            }
            Some(_) | None => self.kept.places.leave(pool, head.epoch),
        }
        sharing.woken.notify_one();
        Ok(true)
    }

    /// This process, as the others know it.
    pub fn me(&self) -> Replica {
        let sharing = self.sharing.as_ref();
        sharing.map_or_else(Replica::default, |sharing| sharing.store.me())
    }

    /// Somebody says who has a pool.
    pub fn learn(&self, pool: &PoolId, owner: &Replica, epoch: u64) {
        if owner.boot != self.me().boot {
            self.kept.places.hear(pool, owner, epoch);
        }
    }

    /// A process says that it does not have a pool.
    pub fn deny(&self, pool: &PoolId, boot: &str) {
        self.kept.places.deny(pool, boot);
    }

    /// What another process tells.
    pub fn hear(&self, from: &Replica, news: &News) {
        let Some(sharing) = &self.sharing else { return };
        match news {
            News::Owned { pool, epoch } => {
                let was_here = self.kept.places.hear(pool, from, *epoch);
                if was_here && let Some(own) = self.get(pool) {
                    warn!(%pool, owner = from.address, "another process has the pool by a newer lease");
                    own.replaced.cancel();
                }
            }
            News::Given { pool, to } => {
                self.kept.places.deny(pool, &from.boot);
                if *to == sharing.store.me().boot {
                    sharing.woken.notify_one();
                }
            }
        }
    }

    /// A process is gone: its connections closed, and nothing listens where it was.
    pub fn is_gone(&self, replica: &Replica) {
        let Some(sharing) = &self.sharing else { return };
        info!(address = replica.address, "a process is gone");
        lock(&sharing.watcher).is_gone(&replica.boot, sharing.store.now());
        self.kept.places.lose(&replica.boot);
        sharing.woken.notify_one();
    }

    /// The processes that are there, as of the last look, this one among them.
    pub fn replicas(&self) -> Vec<Replica> {
        let sharing = self.sharing.as_ref();
        sharing.map_or_else(Vec::new, |sharing| lock(&sharing.there).clone())
    }

    /// What this process shows the others; nothing if it shares no store.
    pub fn shown(&self) -> Option<Shown> {
        let sharing = self.sharing.as_ref()?;
        // What changes while the list is made is told twice, never missed.
        let news = sharing.news.subscribe();
        let owned = |pool: &super::Pool| News::Owned {
            pool: pool.id().clone(),
            epoch: pool.epoch.load(std::sync::atomic::Ordering::Relaxed),
        };
        let is_here = |pool: &PoolId| matches!(self.place(pool), Place::Here { .. });
        let pools = self.all();
        let pools = pools.iter().filter(|pool| is_here(pool.id())).map(owned);
        Some(Shown {
            me: sharing.store.me(),
            pools: pools.collect(),
            news,
        })
    }

    /// Whose each pool is, by id, as of the last look.
    pub fn owners(&self) -> Vec<Owner> {
        let Some(sharing) = &self.sharing else {
            let own = |pool: &super::Pool| Owner {
                pool: pool.id().clone(),
                address: String::new(),
                is_here: true,
                epoch: 0,
                lasts: None,
            };
            return self.all().iter().map(own).collect();
        };
        let me = sharing.store.me();
        let owner = |head: &Head| {
            // Of its own pools this process knows more than the last look, but for a pool that it took again from a store which
            // had forgotten it.
            let (owner, epoch, is_here) = match self.place(&head.pool) {
                Place::Here { epoch } => {
                    let seen = head.owner.as_ref().filter(|owner| owner.boot == me.boot);
                    let again = seen.map_or(0, |_| head.epoch);
                    (Some(&me), epoch.max(again), true)
                }
                Place::Nowhere | Place::There { .. } | Place::Between => {
                    (head.owner.as_ref(), head.epoch, false)
                }
            };
            Owner {
                pool: head.pool.clone(),
                address: owner.map_or_else(String::new, |owner| owner.address.clone()),
                is_here,
                epoch,
                lasts: Some(head.lasts),
            }
        };
        let mut owners: Vec<Owner> = lock(&sharing.heads).iter().map(owner).collect();
        owners.sort_by(|one, other| one.pool.cmp(&other.pool));
        owners
    }
}
