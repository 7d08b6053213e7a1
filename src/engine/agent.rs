//! An agent's moving state: intent, work and line, each with one writer.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ids::{CallId, OfferId, PoolTime};

/// What an agent asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// Signed out.
    Offline,
    /// Signed in and not taking calls, for a reason.
    NotReady(Arc<str>),
    /// Signed in and taking calls.
    Ready,
}

/// Built-in reason: two calls in a row were not answered.
pub const REASON_RONA: &str = "rona";
/// Built-in reason: the state must be checked by a person.
pub const REASON_CHECK: &str = "check";
/// Built-in reason: the line has been lost for 5 min.
pub const REASON_LINE_LOST: &str = "line_lost";
/// All built-in reasons.
pub const BUILT_IN_REASONS: [&str; 3] = [REASON_RONA, REASON_CHECK, REASON_LINE_LOST];

/// Who moved an intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mover {
    /// The agent.
    Agent,
    /// A rule of the service.
    Policy,
}

/// What an agent is doing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// Nothing in hand.
    Idle,
    /// An offer is open, or being connected.
    Offered { call: CallId, offer: OfferId },
    /// In conversation.
    Connected { call: CallId },
    /// After-call work, until the limit if there is one.
    WrapUp {
        call: CallId,
        until: Option<PoolTime>,
    },
    /// On a call of another system, until it is checked.
    External { until: PoolTime },
}

/// What is known of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// Signs of life arrive.
    Up,
    /// No sign since then; lost at the given time unless one comes.
    Silent { since: PoolTime, lost_at: PoolTime },
    /// Nobody there since then.
    Lost { since: PoolTime },
}

/// An offer that is over, whose agent leg the platform has not yet confirmed gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rescind {
    /// The offer.
    pub offer: OfferId,
    /// The call it was for.
    pub call: CallId,
}
