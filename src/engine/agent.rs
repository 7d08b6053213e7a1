//! An agent's moving state: intent, work and line, each with one writer.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use super::occupancy::Occupancy;
use super::{
    absent::is_default,
    ids::{CallId, OfferId, PlatformKey, PoolTime, QueueId},
};

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
    /// A supervisor.
    Supervisor,
}

impl Mover {
    /// Who as a label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Policy => "policy",
            Self::Supervisor => "supervisor",
        }
    }
}

/// A supervisor's order that an agent gets no offers for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// When it ends by itself.
    pub until: PoolTime,
    /// Why, in the supervisor's words.
    pub reason: Arc<str>,
    /// Who gave it.
    pub supervisor: Arc<str>,
}

/// Why an agent will not be there. Data about health: this and its end are all that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AbsenceKind {
    /// Comes later than planned.
    Late,
    /// Is not well.
    Unwell,
}

/// An agent's own word of being late or unwell. It moves no intent and blocks nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absence {
    /// Why.
    pub kind: AbsenceKind,
    /// Until when.
    pub until: PoolTime,
}

/// A platform's word that the agent's address is registered with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// The platform's instance.
    pub key: PlatformKey,
    /// Until when, unless it says so again.
    pub until: PoolTime,
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
        /// By how much the agent may still extend it, ms; zero is not at all.
        #[serde(default, skip_serializing_if = "is_default")]
        extension_ms: u64,
        /// When it began; not known of what an older release stored.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<PoolTime>,
        /// Where the conversation was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        queue: Option<QueueId>,
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

impl Line {
    /// The state as a label.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Silent { .. } => "silent",
            Self::Lost { .. } => "lost",
        }
    }
}

/// An offer that is over, whose agent leg the platform has not yet confirmed gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rescind {
    /// The offer.
    pub offer: OfferId,
    /// The call it was for.
    pub call: CallId,
    /// The platform that has to confirm.
    pub key: PlatformKey,
    /// Since when it has to.
    pub since: PoolTime,
}

/// The part of an agent that moves with each call; stored apart from the profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentState {
    /// What the agent asks for.
    pub intent: Intent,
    /// What the agent asks for after the present work.
    pub next_intent: Option<Intent>,
    /// What the agent is doing.
    pub work: Work,
    /// What is known of the line.
    pub line: Line,
    /// The newest session's number; zero if there was none.
    pub session: u64,
    /// The last sequence carried out in it.
    pub sequence: u64,
    /// Calls not answered in a row.
    pub misses: u8,
    /// Times in a row that the agent's address could not be dialled.
    pub failures: u8,
    /// When the agent last became ready and idle; kept while offered.
    pub idle_since: PoolTime,
    /// A dead offer whose leg the platform has yet to confirm gone.
    pub rescind: Option<Box<Rescind>>,
    /// How busy the agent was, where a queue asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occupancy: Option<Box<Occupancy>>,
    /// The supervisor who asked for the next intent; none if it was the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_by: Option<Arc<str>>,
    /// A supervisor's order that there be no offers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Box<Hold>>,
    /// The agent says that the line is bad, until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bad_line_until: Option<PoolTime>,
    /// The agent says to be late or unwell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absence: Option<Absence>,
    /// Whether the newest session is a stream: it rules the line until it is lost and the agent signed out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_stream: bool,
    /// A platform's word that the agent's address is registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<Box<Registration>>,
    /// Whether the agent is deleted as soon as nothing is in hand.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub draining: bool,
    /// Whether the line is up by the registration alone: nobody sits at a desktop.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_registration: bool,
    /// Since when the agent is in the state that boards show, and for the reason that goes with it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub since: PoolTime,
}

impl AgentState {
    /// A new agent: signed out, nobody there.
    pub fn new(now: PoolTime) -> Self {
        Self {
            intent: Intent::Offline,
            next_intent: None,
            work: Work::Idle,
            line: Line::Lost { since: now },
            session: 0,
            sequence: 0,
            misses: 0,
            failures: 0,
            idle_since: now,
            rescind: None,
            occupancy: None,
            next_by: None,
            hold: None,
            bad_line_until: None,
            absence: None,
            by_stream: false,
            registration: None,
            draining: false,
            by_registration: false,
            since: now,
        }
    }

    /// Whether nothing but a blocking reason may keep offers away: ready, idle, line up.
    pub fn is_available(&self) -> bool {
        self.intent == Intent::Ready && self.work == Work::Idle && self.line == Line::Up
    }

    /// Whether a registration carries the line where no session is heard.
    pub fn is_registered(&self) -> bool {
        let gone = matches!(self.line, Line::Lost { .. }) && self.intent == Intent::Offline;
        self.registration.is_some() && (!self.by_stream || gone)
    }

    /// The call in hand, if any.
    pub fn call(&self) -> Option<&CallId> {
        match &self.work {
            Work::Offered { call, .. } | Work::Connected { call } | Work::WrapUp { call, .. } => {
                Some(call)
            }
            Work::Idle | Work::External { .. } => None,
        }
    }
}
