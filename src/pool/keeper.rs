//! Keeps one pool: opens it from the store, runs its actor, and opens it again when memory is not the truth any more.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use thiserror::Error;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::{
    Condition, Outage, Shared,
    actor::{Actor, End, Request},
    commit::kind,
    lock,
    places::Place,
    poisoned::Poisoned,
    quarantine::Quarantine,
    registry::{Kept, Sharing},
};
use crate::{
    clock::{self, PoolClock},
    engine::{Engine, Limits, LoadError},
    metrics::{self, GivenUp, Opening},
    store::{Lease, Store, StoreError},
};

/// Pause before a pool is opened again, doubled each time up to the last.
const PAUSE_FIRST: Duration = Duration::from_millis(100);
const PAUSE_LAST: Duration = Duration::from_secs(5);
/// A pool that another process holds is waited for this long: longer than the lease of one that was killed.
const HELD: Duration = Duration::from_secs(5);
/// An actor that lived this long ended for a new reason.
const LIVED: Duration = Duration::from_secs(30);

/// Why a pool could not be opened.
#[derive(Clone, Debug, Error)]
pub enum OpenError {
    /// The store failed.
    #[error("{0}")]
    Store(#[from] StoreError),
    /// What is stored cannot be taken over.
    #[error("{0}")]
    Load(#[from] LoadError),
}

pub(super) struct Keeper {
    pub(super) shared: Arc<Shared>,
    pub(super) store: Arc<dyn Store>,
    pub(super) limits: Limits,
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) stop: CancellationToken,
    pub(super) poisoned: Poisoned,
    pub(super) kept: Arc<Kept>,
    /// With whom the store is shared, if it is.
    pub(super) sharing: Option<Arc<Sharing>>,
    /// An owner that is gone, from whom the pool is taken.
    pub(super) from: Option<String>,
    /// Cancelled when this process has the pool no more.
    pub(super) life: CancellationToken,
}

impl Keeper {
    /// Keeps the pool until it is stopped, or another process has it. The first opening is reported, and ends the keeper if it
    /// fails.
    pub(super) async fn keep(mut self, opened: oneshot::Sender<Result<(), OpenError>>) {
        let is_lost = Box::pin(self.keep_on(opened)).await;
        self.life.cancel();
        if is_lost {
            self.lose();
        }
    }

    /// The same; answers whether another process has the pool.
    async fn keep_on(&mut self, opened: oneshot::Sender<Result<(), OpenError>>) -> bool {
        let mut opened = Some(opened);
        let mut pause = PAUSE_FIRST;
        let mut cause = match self.from {
            Some(_) => Opening::Taken,
            None => Opening::Start,
        };
        let (shared, kept) = (Arc::clone(&self.shared), Arc::clone(&self.kept));
        let sharing = self.sharing.clone();
        while !self.stop.is_cancelled() {
            match self.open(cause).await {
                Ok(actor) => {
                    let lease = actor.lease();
                    if !report(&mut opened, Ok(())) {
                        kept.announce(&shared, sharing.as_deref());
                    }
                    let since = clock::instant();
                    let end = tokio::select! {
                        biased;
                        end = actor.run() => end,
                        () = shared.replaced.cancelled() => End::Replaced,
                    };
                    if clock::instant().duration_since(since) > LIVED {
                        pause = PAUSE_FIRST;
                    }
                    match end {
                        End::Stopped => {
                            self.close(&lease).await;
                            return false;
                        }
                        End::Replaced => return true,
                        End::Store(StoreError::Fenced(_)) if sharing.is_some() => return true,
                        End::Store(problem) => {
                            cause = Opening::Store;
                            error!(pool = %self.shared.id(), %problem, "the pool lost its store and is opened again");
                        }
                        End::Broken { command } => {
                            cause = Opening::Broken;
                            error!(pool = %self.shared.id(), command, "the pool is opened again from its store");
                        }
                    }
                    self.shared.condition.send_replace(Condition::Opening);
                }
                Err(problem) => {
                    if report(&mut opened, Err(problem.clone())) {
                        return false;
                    }
                    if sharing.is_some() && is_of_another(&problem) {
                        return true;
                    }
                    error!(pool = %self.shared.id(), %problem, "the pool cannot be opened");
                    if let OpenError::Store(error) = &problem {
                        metrics::store_failed(self.shared.id(), kind(error));
                    }
                }
            }
            self.pause(pause).await;
            pause = (pause * 2).min(PAUSE_LAST);
        }
        false
    }

    async fn open(&mut self, cause: Opening) -> Result<Actor<'_>, OpenError> {
        let shared = &self.shared;
        let lease = self.acquire().await?;
        shared.epoch.store(lease.epoch, Ordering::Relaxed);
        let mut loaded = self.store.load(&lease).await?;
        let mut quarantine = Quarantine::of(&mut loaded);
        let salvaged = Engine::salvage(shared.id(), self.limits, &loaded.records, loaded.pool_time);
        let (engine, problems) = salvaged?;
        quarantine.add(shared.id(), &loaded, &problems);
        shared.set_aside.store(quarantine.len(), Ordering::Relaxed);
        let clock = PoolClock::start(loaded.pool_time, lease.store_time);
        let entities = loaded.records.len();
        info!(pool = %shared.id(), revision = loaded.revision, entities, "the pool is open");
        metrics::begin_pool(shared.id(), engine.spec().map(|spec| &**spec));
        metrics::opened(shared.id(), cause);
        lock(&shared.spent).pause();
        let mut state = shared.view.write();
        if state.revision() != loaded.revision {
            shared.hub.reset();
        }
        state.reset(clock, loaded.revision, engine.spec(), engine.views());
        drop(state);
        shared.view.announce(loaded.revision);
        shared.presence.reset();
        shared.condition.send_replace(Condition::Open);
        Ok(Actor {
            shared: Arc::clone(shared),
            store: Arc::clone(&self.store),
            renew_at: self
                .store
                .renew_every()
                .map(|every| clock::instant() + every),
            was_away: false,
            quarantine,
            lease,
            engine,
            clock,
            revision: loaded.revision,
            undone_after: loaded.undone_after,
            poisoned: &mut self.poisoned,
            requests: &mut self.requests,
            stop: self.stop.clone(),
        })
    }

    /// Takes the pool. One that was held by a process that is gone is free after a moment; where others look after that, it is
    /// left to them.
    async fn acquire(&self) -> Result<Lease, StoreError> {
        if let Some(sharing) = &self.sharing {
            let gone = self.from.as_deref().unwrap_or_default();
            return sharing.store.acquire_from(self.shared.id(), gone).await;
        }
        let until = clock::instant() + HELD;
        loop {
            let answer = self.store.acquire(self.shared.id()).await;
            let Err(StoreError::Held { for_ms, .. }) = answer else {
                return answer;
            };
            let again = clock::instant() + Duration::from_millis(for_ms + 1);
            if again > until || self.stop.is_cancelled() {
                return answer;
            }
            tokio::time::sleep_until(again).await;
        }
    }

    /// Waits; whoever asks meanwhile is told at once.
    async fn pause(&mut self, pause: Duration) {
        let over = tokio::time::sleep(pause);
        tokio::pin!(over);
        loop {
            tokio::select! {
                biased;
                () = &mut over => return,
                () = self.stop.cancelled() => return,
                request = self.requests.recv() => match request {
                    Some(request) => request.refuse(Outage::Opening),
                    None => return,
                },
            }
        }
    }

    async fn close(&self, lease: &Lease) {
        let given = match &self.sharing {
            Some(sharing) => sharing.hand_over(&self.kept, lease).await,
            None => self.store.release(lease).await,
        };
        if let Err(problem) = given {
            warn!(pool = %self.shared.id(), %problem, "the pool could not be given back");
        }
        self.shared.condition.send_replace(Condition::Closed);
    }

    /// Another process has the pool: whoever is connected for it must go there.
    fn lose(&self) {
        let shared = &self.shared;
        warn!(pool = %shared.id(), "another process has the pool");
        metrics::given_up(shared.id(), GivenUp::Lost);
        self.kept.remove(shared);
        if matches!(self.kept.places.of(shared.id()), Place::Here { .. }) {
            self.kept.places.set(shared.id(), &Place::Between);
        }
        shared.condition.send_replace(Condition::Closed);
        shared.gone.cancel();
    }
}

fn is_of_another(problem: &OpenError) -> bool {
    matches!(
        problem,
        OpenError::Store(StoreError::Held { .. } | StoreError::Fenced(_))
    )
}

/// Tells whoever waits for the first opening; false if nobody does.
fn report(
    opened: &mut Option<oneshot::Sender<Result<(), OpenError>>>,
    outcome: Result<(), OpenError>,
) -> bool {
    opened
        .take()
        .is_some_and(|opened| opened.send(outcome).is_ok())
}
