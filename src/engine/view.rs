//! What readers see of an entity after a change: plain values, independent of the engine's inner form.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    agent::{Absence, Hold, Intent, Line, Registration, Work},
    call::{Assignment, CallRecord, Callback, LiveOffer, OverflowTarget, Phase, Preference},
    eligibility::Block,
    estimate::Standing,
    event::Outcome,
    ids::{AgentId, CallId, OfferId, PlatformKey, PoolTime, QueueId},
    inbox::Message,
    numbers::CallCounts,
    outage::{Domain, Outage},
    profile::AgentProfile,
    queue::QueueState,
    readiness::Readiness,
    sites::DrainedSite,
    talk::{Talk, TalkKind},
};

/// A call that lives, or that ended a short while ago.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallView {
    /// It lives.
    Live(LiveCall),
    /// It is over.
    Over(EndedCall),
}

impl CallView {
    /// The call, if it lives.
    pub fn into_live(self) -> Option<LiveCall> {
        match self {
            Self::Live(call) => Some(call),
            Self::Over(_) => None,
        }
    }

    /// The call's id.
    pub fn id(&self) -> &CallId {
        match self {
            Self::Live(call) => &call.record.id,
            Self::Over(call) => &call.id,
        }
    }

    /// Who sent it.
    pub fn key(&self) -> &PlatformKey {
        match self {
            Self::Live(call) => &call.record.key,
            Self::Over(call) => &call.key,
        }
    }
}

/// A live call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveCall {
    /// What does not change.
    pub record: Arc<CallRecord>,
    /// The queue where it is now; its record has the one it was accepted for.
    pub queue: QueueId,
    /// When its wait began; after pauses, when it would have begun without them.
    pub wait_from: PoolTime,
    /// Where it stands.
    pub phase: Phase,
    /// The ring that applies.
    pub ring: u8,
    /// How long it was likely to wait when it was accepted, if that was known.
    pub estimate_ms: Option<u64>,
    /// For whom it is kept before its first ring.
    pub preference: Option<Preference>,
    /// Contact address of the agent of the open or rescinded offer; empty without one.
    pub address: Arc<str>,
    /// An offer whose agent leg the platform must hang up and confirm gone, with its agent.
    pub rescind: Option<(OfferId, AgentId)>,
    /// What is to be done to reach the customer; none while the caller has a line.
    pub callback: Option<Box<Callback>>,
    /// The newest offer, live or over.
    pub last_offer: Option<OfferId>,
    /// How it came to its agent, while it is offered or in conversation.
    pub assignment: Option<Arc<Assignment>>,
    /// What is known of the conversation, if it is in one.
    pub talk: Talk,
    /// Acceptance number; settles ties of urgency.
    pub number: u64,
    /// Its place among the calls that wait on a line in its queue; none while it is not one of them.
    pub standing: Option<Box<Standing>>,
    /// When the ring clock started.
    pub ring_from: PoolTime,
    /// Agents who declined or missed it since the ring began, or passed it on to this queue.
    pub refused: Vec<AgentId>,
    /// When it ends lost because its platform no longer names it.
    pub lost_at: Option<PoolTime>,
    /// Since when its platform is not heard; `None` while it is.
    pub detached_at: Option<PoolTime>,
}

impl LiveCall {
    /// The open offer, if any.
    pub fn offer(&self) -> Option<&LiveOffer> {
        match &self.phase {
            Phase::Offered(offer) | Phase::Connecting(offer) => Some(offer),
            Phase::Queued { .. } | Phase::CallbackWaiting { .. } | Phase::Connected { .. } => None,
        }
    }

    /// Whether it waits, offered to nobody.
    pub fn is_waiting(&self) -> bool {
        matches!(
            self.phase,
            Phase::Queued { .. } | Phase::CallbackWaiting { due: None, .. }
        )
    }

    /// How long the caller has waited at `now`, ms; stands still in conversation.
    pub fn waited_ms(&self, now: PoolTime) -> u64 {
        match &self.phase {
            Phase::Connected { waited_ms, .. } => *waited_ms,
            Phase::Queued { .. }
            | Phase::CallbackWaiting { .. }
            | Phase::Offered(_)
            | Phase::Connecting(_) => now.since(self.wait_from),
        }
    }
}

/// A call that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndedCall {
    /// The call.
    pub id: CallId,
    /// Who sent it.
    pub key: PlatformKey,
    /// The queue it ended in.
    pub queue: QueueId,
    /// The queue it was accepted for, if it ended in another.
    pub first_queue: Option<QueueId>,
    /// Where it goes on, if it overflowed.
    pub overflow: Option<OverflowTarget>,
    /// How it ended.
    pub outcome: Outcome,
    /// When it ended.
    pub ended_at: PoolTime,
    /// How long the caller had waited, ms.
    pub waited_ms: u64,
    /// Who talked to the caller, if anyone.
    pub agent: Option<AgentId>,
}

/// An agent with the call in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentView {
    /// The static record.
    pub profile: Arc<AgentProfile>,
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
    /// Since when the agent is in the state that boards show; of an old record not known, and zero.
    pub since: PoolTime,
    /// Since when the agent is idle, if nothing is in hand: orders the agents who may take a call.
    pub idle_since: PoolTime,
    /// Busy ms of the 60 min before that; zero where no queue asks for it.
    pub busy_ms: u32,
    /// Why no call would be offered, beside intent, work and line.
    pub blocked: Vec<Block>,
    /// What the last checks of the set-up said; `None` before the first.
    pub readiness: Option<Arc<Readiness>>,
    /// A supervisor's order that there be no offers.
    pub hold: Option<Hold>,
    /// The agent says to be late or unwell.
    pub absence: Option<Absence>,
    /// A platform's word that the agent's address is registered.
    pub registration: Option<Registration>,
    /// Since when a platform has yet to confirm that the leg of a dead offer is gone.
    pub rescinding_since: Option<PoolTime>,
    /// Whether the agent is deleted as soon as nothing is in hand.
    pub draining: bool,
    /// Whether the line is up by that alone.
    pub by_registration: bool,
    /// Messages that the agent has not acknowledged, oldest first.
    pub messages: Vec<Arc<Message>>,
    /// The open offer, if any.
    pub offer: Option<LiveOffer>,
    /// Whether the platform has been told to connect the open offer.
    pub connecting: bool,
    /// The call's queue, while one is in hand.
    pub queue: Option<QueueId>,
    /// When the caller began to wait, while an offer is open.
    pub wait_from: Option<PoolTime>,
    /// How long the caller had waited, ms, while in conversation.
    pub waited_ms: Option<u64>,
    /// Who talks to whom, while in conversation.
    pub talk: Option<TalkKind>,
    /// The call's facts, while one is offered or in conversation.
    pub attributes: Option<Arc<BTreeMap<String, String>>>,
}

/// A queue with its counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueView {
    /// The queue.
    pub id: QueueId,
    /// How many of its calls stand where.
    pub calls: CallCounts,
    /// Its target answer time, ms.
    pub target_ms: u64,
    /// The service level that it strives for, in thousandths.
    pub goal_permille: u16,
    /// Whether it takes calls, and how it has served them.
    pub state: QueueState,
}

/// One entity after a change; a gone entity has no view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Touched {
    /// A call, or the end of all memory of it.
    Call(CallId, Option<Box<CallView>>),
    /// An agent, or the end of one.
    Agent(AgentId, Option<Box<AgentView>>),
    /// A queue, or the end of one.
    Queue(QueueId, Option<QueueView>),
    /// How a site is drained, or that it no longer is.
    Site(Arc<str>, Option<DrainedSite>),
    /// An outage, or its end.
    Outage(Domain, Option<Outage>),
}
