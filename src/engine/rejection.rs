//! Every way in which the engine refuses a command. A refused command changed nothing.

use std::sync::Arc;

use thiserror::Error;

use super::ids::{AgentId, CallId, OfferId, QueueId};

/// One field at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field in the command, as in the public API.
    pub field: String,
    /// What is wrong and what would be right.
    pub problem: String,
}

impl Violation {
    /// A violation of `field`.
    pub fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            problem: problem.into(),
        }
    }
}

/// Why a command was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Rejection {
    /// Fields are wrong, all of them listed.
    #[error("{}", join(.0))]
    Invalid(Vec<Violation>),
    /// The pool has no configuration yet.
    #[error("this pool has no configuration yet: apply one first")]
    NoPool,
    /// No live call and no recent one has this id.
    #[error("call `{0}` is not known: it was never accepted here, or ended over 15 min ago")]
    UnknownCall(CallId),
    /// No agent has this id.
    #[error("agent `{0}` is not known: apply the agent first")]
    UnknownAgent(AgentId),
    /// No queue has this id.
    #[error("queue `{queue}` is not in this pool: it has {known}")]
    UnknownQueue { queue: QueueId, known: String },
    /// The call's id was used with other content.
    #[error("call `{0}` was already accepted with other content: use a new id for a new call")]
    CallIdReused(CallId),
    /// The request's id was used with other content.
    #[error(
        "request `{0}` was already carried out with other content: use a new id for a new request"
    )]
    RequestIdReused(Arc<str>),
    /// The offer is over: whoever answered must be hung up.
    #[error("offer `{offer}` of call `{call}` is over: hang up the agent leg")]
    OfferOver { offer: OfferId, call: CallId },
    /// The offer is not this agent's.
    #[error("offer `{offer}` is not open for agent `{agent}`")]
    ForeignOffer { offer: OfferId, agent: AgentId },
    /// A newer session took over.
    #[error(
        "session {session} of agent `{agent}` was superseded by session {newest}: open a new session"
    )]
    SessionSuperseded {
        agent: AgentId,
        session: u64,
        newest: u64,
    },
    /// The state does not allow the command.
    #[error("{subject} is {is}, and must be {needed}")]
    WrongState {
        subject: String,
        is: &'static str,
        needed: &'static str,
    },
    /// No agent works at this site.
    #[error("site `{0}` is not known: no agent's record names it")]
    UnknownSite(Arc<str>),
    /// No agent is of this team.
    #[error("team `{0}` is not known: no agent's record names it")]
    UnknownTeam(Arc<str>),
    /// The queue still has live calls.
    #[error("queue `{queue}` still has {calls} live calls: let them end, or keep the queue")]
    QueueInUse { queue: QueueId, calls: usize },
    /// Somebody else changed the schedule meanwhile.
    #[error(
        "the schedule is at version {current}, no longer at {base}: look at what changed, then try again"
    )]
    ScheduleMoved { base: u64, current: u64 },
    /// Nothing is held to labour rules here.
    #[error("the pool has no labour rules: name a rule pack in its `[labour]`")]
    NoLabourRules,
}

fn join(violations: &[Violation]) -> String {
    let lines: Vec<String> = violations
        .iter()
        .map(|v| format!("`{}` {}", v.field, v.problem))
        .collect();
    lines.join("; ")
}
