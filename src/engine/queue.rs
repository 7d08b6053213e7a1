//! A queue's moving state: whether it takes calls, and how it has served them. Stored apart from the configuration.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    absent::is_default,
    ids::PoolTime,
    peaks::{Demand, Peak},
    serve::Opening,
    service::Service,
};

/// The part of a queue that moves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueState {
    /// Why it takes no new calls, if so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub halt: Option<Arc<Halt>>,
    /// Whether its windows are open; `None` if it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opening: Option<Opening>,
    /// How it has served its calls.
    #[serde(default, skip_serializing_if = "Service::is_empty")]
    pub service: Arc<Service>,
    /// How demand stands, where peaks are looked for; `None` until something is known of it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub demand: Option<Arc<Demand>>,
}

impl QueueState {
    /// Whether there is nothing to keep: a queue without windows that is not halted and never had a call.
    pub(crate) fn is_empty(&self) -> bool {
        self.halt.is_none()
            && self.opening.is_none()
            && self.service.is_empty()
            && self.demand.is_none()
    }

    /// The peak that is on.
    pub fn peak(&self) -> Option<&Peak> {
        self.demand.as_ref()?.peak.as_ref()
    }

    /// Whether remote agents do not serve it now: its windows are closed, and no peak is on.
    pub fn is_shut(&self) -> bool {
        self.opening.is_some_and(|opening| !opening.is_open) && self.peak().is_none()
    }
}

/// A queue that takes no new calls, with who wanted it and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Halt {
    /// Paused, or closed in an emergency.
    pub kind: HaltKind,
    /// Who wanted it.
    pub supervisor: Arc<str>,
    /// Why.
    pub reason: Arc<str>,
    /// Since when.
    pub since: PoolTime,
    /// When it ends by itself; `None` lasts until somebody resumes the queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<PoolTime>,
    /// What becomes of calls that wait already.
    #[serde(default, skip_serializing_if = "WaitingCalls::are_served")]
    pub waiting: WaitingCalls,
}

/// Paused, or closed in an emergency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HaltKind {
    /// Paused: the calls that wait go on being served.
    Paused,
    /// Closed in an emergency.
    Closed,
}

impl HaltKind {
    /// The kind as a label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Closed => "closed",
        }
    }
}

/// What becomes of calls that wait in a queue that is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitingCalls {
    /// They are served.
    #[default]
    Serve,
    /// They end `cancelled`, those that are offered once they are back in the queue.
    End,
}

impl WaitingCalls {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    fn are_served(&self) -> bool {
        *self == Self::Serve
    }
}
