//! Events on their way to platforms: one bounded queue a stream, and a short memory so that a stream can resume.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, OnceLock},
    time::Duration,
};

use tokio::{sync::mpsc, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{lock, rows::Row, view::SharedView};
use crate::{
    clock,
    engine::{
        ids::{PlatformKey, PoolTime},
        view::CallView,
    },
};

/// Most events that wait for a slow stream.
const QUEUE_MAX: usize = 4_096;
/// Most events of an instance that are remembered.
const MEMORY_MAX: usize = 1_024;
/// How long an instance without a stream is remembered.
const MEMORY_FOR: Duration = Duration::from_secs(300);

/// What happened to a call, as a platform sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShotKind {
    /// Accepted, or back in its queue.
    Queued,
    /// Proposed to an agent.
    Offered,
    /// Accepted by the agent: connect.
    Connect,
    /// The offer is over: hang up the agent leg.
    Rescind,
    /// In conversation.
    Connected,
    /// Over.
    Ended,
    /// Waits in another queue.
    Moved,
    /// Waits to be called back.
    Callback,
    /// The conversation has lasted long: does it go on?
    Questioned,
}

/// A call right after an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallShot {
    /// What happened.
    pub kind: ShotKind,
    /// When.
    pub at: PoolTime,
    /// The call right after it.
    pub call: CallView,
    /// Why an offer ended or the call changed its queue; empty otherwise.
    pub cause: &'static str,
}

/// A numbered event of one instance's call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlatformEvent {
    /// The event's number in the pool.
    pub number: u64,
    /// The revision that holds it.
    pub revision: u64,
    /// What happened.
    pub shot: CallShot,
}

/// Why the service closes a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closing {
    /// A newer stream of the same instance took over.
    Replaced,
    /// It reads too slowly.
    Overflow,
    /// No sign of life arrived.
    Silent,
    /// The pool was opened again, and events may have been missed.
    Reopened,
}

/// Tells a stream to close, and why.
#[derive(Clone, Debug, Default)]
pub struct CloseSignal {
    token: CancellationToken,
    reason: Arc<OnceLock<Closing>>,
}

impl CloseSignal {
    fn close(&self, reason: Closing) {
        let _first_reason_stays = self.reason.set(reason);
        self.token.cancel();
    }

    /// Waits until the stream is told to close.
    pub async fn closed(&self) -> Closing {
        self.token.cancelled().await;
        self.reason.get().copied().unwrap_or(Closing::Replaced)
    }
}

/// What a stream begins with.
#[derive(Debug)]
pub struct Attached {
    /// Number of this stream, to detach it.
    pub ticket: u64,
    /// The pool's last event number when it was attached.
    pub event_number: u64,
    /// Missed events, or everything.
    pub start: Start,
    /// Events from now on.
    pub events: mpsc::Receiver<Arc<PlatformEvent>>,
    /// Tells the stream to close.
    pub closing: CloseSignal,
}

/// How a stream catches up.
#[derive(Debug)]
pub enum Start {
    /// By the events that it missed.
    Resumed(Vec<Arc<PlatformEvent>>),
    /// By all live calls of its instance.
    Snapshot(Vec<Row<CallView>>),
}

/// The streams of a pool's platforms.
#[derive(Debug, Default)]
pub struct Hub(Mutex<Instances>);

#[derive(Debug, Default)]
pub(super) struct Instances {
    by_key: BTreeMap<PlatformKey, Instance>,
    tickets: u64,
}

#[derive(Debug)]
struct Instance {
    memory: VecDeque<Arc<PlatformEvent>>,
    /// Every event with a higher number is in the memory.
    complete_after: u64,
    stream: Option<Stream>,
    detached_at: Instant,
}

#[derive(Debug)]
struct Stream {
    ticket: u64,
    queue: mpsc::Sender<Arc<PlatformEvent>>,
    closing: CloseSignal,
}

impl Hub {
    /// Opens the stream of an instance; an older one is closed. No event is lost or doubled between start and stream.
    pub fn attach(&self, view: &SharedView, key: &PlatformKey, last_event_number: u64) -> Attached {
        let state = view.read();
        let mut instances = self.instances();
        instances.tickets += 1;
        let ticket = instances.tickets;
        let (queue, events) = mpsc::channel(QUEUE_MAX);
        let closing = CloseSignal::default();
        let event_number = state.event_number();
        let instance = instances
            .by_key
            .entry(key.clone())
            .or_insert_with(|| Instance::new(event_number));
        let start = match instance.missed_after(last_event_number, event_number) {
            Some(missed) => Start::Resumed(missed),
            None => Start::Snapshot(state.calls_of(key, None).cloned().collect()),
        };
        let older = instance.stream.replace(Stream {
            ticket,
            queue,
            closing: closing.clone(),
        });
        if let Some(older) = older {
            older.closing.close(Closing::Replaced);
        }
        Attached {
            ticket,
            event_number,
            start,
            events,
            closing,
        }
    }

    /// Forgets a stream; true if it was the instance's newest.
    pub fn detach(&self, key: &PlatformKey, ticket: u64) -> bool {
        let mut instances = self.instances();
        let Some(instance) = instances.by_key.get_mut(key) else {
            return false;
        };
        let newest = instance.stream.as_ref().is_some_and(|s| s.ticket == ticket);
        if newest {
            instance.stream = None;
            instance.detached_at = clock::instant();
        }
        newest
    }

    /// Closes the stream of an instance, if it has one.
    pub fn close(&self, key: &PlatformKey, reason: Closing) {
        if let Some(instance) = self.instances().by_key.get_mut(key) {
            instance.close(reason);
        }
    }

    /// Whether the instance has a stream.
    pub fn has_stream(&self, key: &PlatformKey) -> bool {
        let instances = self.instances();
        let instance = instances.by_key.get(key);
        instance.is_some_and(|instance| instance.stream.is_some())
    }

    /// Closes every stream and forgets all events: some may have been missed.
    pub(super) fn reset(&self) {
        let mut instances = self.instances();
        for instance in instances.by_key.values_mut() {
            instance.close(Closing::Reopened);
        }
        instances.by_key.clear();
    }

    /// Forgets instances that have had no stream for a while.
    pub(super) fn forget_old(&self) {
        let now = clock::instant();
        self.instances().by_key.retain(|_, instance| {
            instance.stream.is_some() || now.duration_since(instance.detached_at) < MEMORY_FOR
        });
    }

    pub(super) fn instances(&self) -> MutexGuard<'_, Instances> {
        lock(&self.0)
    }
}

impl Instances {
    /// Puts an event on its way. A stream that is full is closed; its instance resumes from memory.
    pub(super) fn publish(&mut self, event: PlatformEvent) {
        let Some(instance) = self.by_key.get_mut(event.shot.call.key()) else {
            return;
        };
        let event = Arc::new(event);
        if instance.memory.len() == MEMORY_MAX
            && let Some(forgotten) = instance.memory.pop_front()
        {
            instance.complete_after = forgotten.number;
        }
        instance.memory.push_back(Arc::clone(&event));
        let full = instance
            .stream
            .as_ref()
            .is_some_and(|stream| stream.queue.try_send(event).is_err());
        if full {
            instance.close(Closing::Overflow);
        }
    }
}

impl Instance {
    fn new(event_number: u64) -> Self {
        Self {
            memory: VecDeque::new(),
            complete_after: event_number,
            stream: None,
            detached_at: clock::instant(),
        }
    }

    fn missed_after(&self, last: u64, newest: u64) -> Option<Vec<Arc<PlatformEvent>>> {
        if last == 0 || last < self.complete_after || last > newest {
            return None;
        }
        let missed = self.memory.iter().filter(|event| event.number > last);
        Some(missed.cloned().collect())
    }

    fn close(&mut self, reason: Closing) {
        if let Some(stream) = self.stream.take() {
            stream.closing.close(reason);
            self.detached_at = clock::instant();
        }
    }
}
