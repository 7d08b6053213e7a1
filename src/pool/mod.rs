//! Pools: one actor each owns an engine, commits in groups, then answers and publishes.

use std::{
    ops::Deref,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize},
    },
    time::Duration,
};

use thiserror::Error;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

use crate::engine::{Engine, command::Command, event::Event, ids::PoolId, rejection::Rejection};

mod actor;
pub mod change;
mod commit;
pub mod copy;
pub mod details;
mod facts;
mod fold;
pub mod hub;
pub mod journal;
mod keeper;
mod measure;
pub mod ownership;
pub mod places;
mod poisoned;
pub mod presence;
mod publish;
mod quarantine;
pub mod registry;
pub mod rows;
pub mod sites;
mod sweep;
pub mod view;

use actor::Request;
use change::{Answer, Change, Once};
use hub::Hub;
use measure::Spent;
use presence::Presence;
use view::SharedView;

/// Why a pool did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PoolError {
    /// The engine refused; nothing changed.
    #[error("{0}")]
    Rejected(Rejection),
    /// Too much is waiting; nothing changed.
    #[error("too many commands wait in this pool: try again later")]
    Overloaded,
    /// It is not known whether it was done; the same command may be sent again.
    #[error("{0}: send the same command again")]
    Unavailable(Outage),
    /// This very command has broken the engine before; nothing changed.
    #[error("this command has failed inside the service before and is refused: report it")]
    Poisoned,
    /// The command broke the engine; nothing changed.
    #[error("this command failed inside the service and changed nothing: report it")]
    Broken,
}

/// Why a pool cannot answer now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Outage {
    /// The store does not take commits.
    #[error("the store does not take changes")]
    StoreDown,
    /// The pool is being opened again.
    #[error("the pool is being opened")]
    Opening,
    /// The server is about to end.
    #[error("the server is about to end")]
    Stopping,
}

impl PoolError {
    /// How long a caller should wait before asking again, if that helps.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Overloaded => Some(Duration::from_millis(500)),
            Self::Unavailable(_) => Some(Duration::from_secs(1)),
            Self::Rejected(_) | Self::Poisoned | Self::Broken => None,
        }
    }
}

/// What a command that was carried out brought about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The events that it caused, in order; none if it was a repeat.
    pub events: Vec<Event>,
    /// The pool's revision that holds its effect.
    pub revision: u64,
    /// The answer to a change; empty if none was asked for.
    pub answer: Vec<u8>,
}

/// How a pool is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Being opened, or opened again.
    Opening,
    /// Working.
    Open,
    /// The store does not take its commits.
    Stalled,
    /// Given back.
    Closed,
}

/// What outlives a pool's actor: what readers see, streams, and signs of life.
#[derive(Debug)]
pub struct Shared {
    id: PoolId,
    view: SharedView,
    hub: Hub,
    presence: Presence,
    condition: watch::Sender<Condition>,
    spent: Mutex<Spent>,
    /// When a store that others share confirmed last that this process owns the pool.
    confirmed: Mutex<Option<Instant>>,
    /// Stored entities that cannot be read and are set aside.
    set_aside: AtomicUsize,
    /// By which acquisition this process has the pool.
    epoch: AtomicU64,
    /// Another process has the pool by a newer acquisition.
    replaced: CancellationToken,
    /// This process does not have the pool any more.
    gone: CancellationToken,
}

impl Shared {
    fn new(id: PoolId) -> Self {
        Self {
            view: SharedView::new(id.clone()),
            id,
            hub: Hub::default(),
            presence: Presence::default(),
            condition: watch::Sender::new(Condition::Opening),
            spent: Mutex::default(),
            confirmed: Mutex::default(),
            set_aside: AtomicUsize::new(0),
            epoch: AtomicU64::new(0),
            replaced: CancellationToken::new(),
            gone: CancellationToken::new(),
        }
    }

    /// The pool's id.
    pub fn id(&self) -> &PoolId {
        &self.id
    }

    /// What readers see.
    pub fn view(&self) -> &SharedView {
        &self.view
    }

    /// The platforms' streams.
    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Signs of life of sessions and platforms.
    pub fn presence(&self) -> &Presence {
        &self.presence
    }

    /// Waits until this process does not have the pool any more.
    pub async fn gone(&self) {
        self.gone.cancelled().await;
    }

    /// How the pool is doing now.
    pub fn condition(&self) -> Condition {
        *self.condition.borrow()
    }
}

/// The door to one pool.
#[derive(Clone, Debug)]
pub struct Pool {
    shared: Arc<Shared>,
    requests: mpsc::Sender<Request>,
}

impl Deref for Pool {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl Pool {
    /// What outlives the pool's actor.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Hands a command to the actor; commands of one caller are carried out in the order of these calls.
    ///
    /// # Errors
    /// If too many commands wait, or the pool is about to end.
    pub fn send(&self, command: Command) -> Result<Ticket, PoolError> {
        self.hand_over(command, None)
    }

    /// Hands a change to the actor and waits for its answer, which is made right after it, and stored with it if the
    /// request is to be carried out once: then a repeat is given the first answer.
    ///
    /// # Errors
    /// If the engine refuses, the request was another before, or the pool cannot do it now.
    pub async fn change(
        &self,
        command: Command,
        once: Option<Once>,
        answer: Answer,
    ) -> Result<Vec<u8>, PoolError> {
        let change = Some(Change { once, answer });
        let reply = self.hand_over(command, change)?.outcome().await?;
        Ok(reply.answer)
    }

    fn hand_over(&self, command: Command, change: Option<Change>) -> Result<Ticket, PoolError> {
        let (reply, outcome) = oneshot::channel();
        self.push(Request::Command {
            command,
            change,
            reply,
        })?;
        Ok(Ticket(outcome))
    }

    /// Hands a command to the actor and waits until its effect is stored.
    ///
    /// # Errors
    /// If the engine refuses, or the pool cannot do it now.
    pub async fn submit(&self, command: Command) -> Result<Reply, PoolError> {
        self.send(command)?.outcome().await
    }

    /// Asks the engine between two batches, when memory is what is stored.
    ///
    /// # Errors
    /// If too many commands wait, or the pool is being opened.
    pub async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Engine) -> T + Send + 'static,
    ) -> Result<T, PoolError> {
        let (reply, answer) = oneshot::channel();
        self.push(Request::Read(Box::new(move |engine| {
            let _caller_gone = reply.send(question(engine));
        })))?;
        answer
            .await
            .map_err(|_| PoolError::Unavailable(Outage::Opening))
    }

    /// Waits until the actor answers. Where there is none at work, because the pool is being opened or its store takes no
    /// commit, there is nothing to wait for.
    pub async fn answers(&self) {
        let mut condition = self.shared.condition.subscribe();
        let (reply, answer) = oneshot::channel();
        let asked = async {
            let question = Request::Read(Box::new(move |_engine| {
                let _nobody_waits = reply.send(());
            }));
            if self.requests.send(question).await.is_ok() {
                let _ended_meanwhile = answer.await;
            }
        };
        tokio::select! {
            () = asked => {}
            _ = condition.wait_for(|condition| *condition != Condition::Open) => {}
        }
    }

    fn push(&self, request: Request) -> Result<(), PoolError> {
        self.requests
            .try_send(request)
            .map_err(|refused| match refused {
                mpsc::error::TrySendError::Full(_) => PoolError::Overloaded,
                mpsc::error::TrySendError::Closed(_) => PoolError::Unavailable(Outage::Stopping),
            })
    }
}

/// A command under way.
#[derive(Debug)]
pub struct Ticket(oneshot::Receiver<Result<Reply, PoolError>>);

impl Ticket {
    /// Waits for its outcome. May be dropped and asked again before it has answered.
    ///
    /// # Errors
    /// If the engine refused, or the pool could not do it.
    pub async fn outcome(&mut self) -> Result<Reply, PoolError> {
        (&mut self.0)
            .await
            .unwrap_or(Err(PoolError::Unavailable(Outage::Opening)))
    }
}

/// Locks what only short, panic-free sections lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
