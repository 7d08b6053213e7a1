//! Rows of the view: an entity as of its last change, and whoever waits for the next.

use std::sync::Arc;

use tokio::sync::watch;

use crate::engine::{
    agent::{Intent, Line, Work},
    view::{AgentView, QueueView},
};

/// An entity and the revision of its last change.
#[derive(Debug)]
pub struct Row<T> {
    /// The entity.
    pub value: Arc<T>,
    /// Revision of its last change: its change number.
    pub changed: u64,
    watch: Option<watch::Sender<u64>>,
}

impl<T> Clone for Row<T> {
    fn clone(&self) -> Self {
        Self {
            value: Arc::clone(&self.value),
            changed: self.changed,
            watch: None,
        }
    }
}

impl<T> Row<T> {
    pub(super) fn new(value: T, changed: u64) -> Self {
        Self {
            value: Arc::new(value),
            changed,
            watch: None,
        }
    }

    /// Replaces the entity and wakes those who wait for it.
    pub(super) fn set(&mut self, value: T, changed: u64) {
        self.value = Arc::new(value);
        self.changed = changed;
        if let Some(watch) = &self.watch
            && watch.send(changed).is_err()
        {
            self.watch = None;
        }
    }

    /// Whoever holds this is woken by each change, and told by an error when the entity is gone.
    pub(super) fn subscribe(&mut self) -> watch::Receiver<u64> {
        self.watch
            .get_or_insert_with(|| watch::Sender::new(self.changed))
            .subscribe()
    }

    /// Keeps those who wait for `other`, the same entity before the pool was opened again.
    pub(super) fn inherit(&mut self, other: Self) {
        self.watch = other.watch;
        if let Some(watch) = &self.watch {
            watch.send_replace(self.changed);
        }
    }
}

/// A queue and the revision of its last change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueRow {
    /// How many calls stand where, whether it takes calls, and how it has served them.
    pub queue: QueueView,
    /// Revision of its last change.
    pub changed: u64,
}

/// What an agent counts as on boards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentState {
    /// Signed out.
    Offline,
    /// Signed in and not ready.
    NotReady,
    /// Ready, idle and reachable.
    Available,
    /// Ready and idle with a silent or lost line.
    Unreachable,
    /// With an open offer.
    Offered,
    /// In conversation.
    Connected,
    /// In after-call work.
    WrapUp,
    /// On a call of another system.
    External,
}

impl AgentState {
    /// Every state, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::Offline,
        Self::NotReady,
        Self::Available,
        Self::Unreachable,
        Self::Offered,
        Self::Connected,
        Self::WrapUp,
        Self::External,
    ];

    /// What `agent` counts as.
    pub fn of(agent: &AgentView) -> Self {
        match (&agent.work, &agent.intent, &agent.line) {
            (Work::Offered { .. }, _, _) => Self::Offered,
            (Work::Connected { .. }, _, _) => Self::Connected,
            (Work::WrapUp { .. }, _, _) => Self::WrapUp,
            (Work::External { .. }, _, _) => Self::External,
            (Work::Idle, Intent::Offline, _) => Self::Offline,
            (Work::Idle, Intent::NotReady(_), _) => Self::NotReady,
            (Work::Idle, Intent::Ready, Line::Up) => Self::Available,
            (Work::Idle, Intent::Ready, Line::Silent { .. } | Line::Lost { .. }) => {
                Self::Unreachable
            }
        }
    }

    /// The state as a label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::NotReady => "not_ready",
            Self::Available => "available",
            Self::Unreachable => "unreachable",
            Self::Offered => "offered",
            Self::Connected => "connected",
            Self::WrapUp => "wrap_up",
            Self::External => "external",
        }
    }
}

/// How many agents are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgentStates([u32; 8]);

impl AgentStates {
    /// How many agents are in `state`.
    pub fn get(&self, state: AgentState) -> u32 {
        self.0[state as usize]
    }

    pub(super) fn add(&mut self, agent: &AgentView) {
        self.0[AgentState::of(agent) as usize] += 1;
    }

    pub(super) fn remove(&mut self, agent: &AgentView) {
        self.0[AgentState::of(agent) as usize] -= 1;
    }
}
