//! A live call and the memory of one that is over.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    absent::is_default,
    ids::{AgentId, CallId, OfferId, PlatformKey, PoolId, PoolTime, QueueId},
    outcome::Outcome,
    profile::SkillLevel,
    spec::{OfferMode, Selection},
    talk::Talk,
};

/// Most bytes of all attributes of a call, names and values.
pub const ATTRIBUTE_BYTES_MAX: usize = 4_096;

/// What does not change of an accepted call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    /// The platform's id.
    pub id: CallId,
    /// Who sent it.
    pub key: PlatformKey,
    /// Name of its priority; empty is the default.
    pub priority: Arc<str>,
    /// Head start of its priority, ms.
    pub head_start_ms: i64,
    /// Skills of its own.
    pub skills: Vec<SkillLevel>,
    /// When it was accepted.
    pub accepted_at: PoolTime,
    /// When the caller began to wait; at most 1 h before acceptance.
    pub wait_from: PoolTime,
    /// The queue it was accepted for.
    pub queue: QueueId,
    /// The agent whom the platform would rather have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred: Option<AgentId>,
    /// Facts for the offer.
    pub attributes: Arc<BTreeMap<String, String>>,
    /// Digest of the content.
    pub digest: Arc<str>,
    /// The call of another pool that overflowed to this one, as its platform says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<CallOrigin>,
}

/// A call of another pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallOrigin {
    /// The pool.
    pub pool: PoolId,
    /// The call's id there.
    pub call: CallId,
}

/// Where an overflowed call goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverflowTarget {
    /// The pool.
    pub pool: PoolId,
    /// The queue there.
    pub queue: QueueId,
}

/// Where a live call stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Waiting for an agent, in unbroken `Queued` since then.
    Queued { since: PoolTime },
    /// Waiting without a line until it is called back, unbroken since then; not before it is due.
    CallbackWaiting {
        since: PoolTime,
        due: Option<PoolTime>,
    },
    /// Proposed to an agent; in `ring` mode the platform rings.
    Offered(LiveOffer),
    /// Accepted; the platform connects until the lease ends.
    Connecting(LiveOffer),
    /// In conversation. The wait stands still.
    Connected {
        agent: AgentId,
        since: PoolTime,
        waited_ms: u64,
    },
}

impl Phase {
    /// Whether it waits, for an agent or to be called back.
    pub fn is_waiting(&self) -> bool {
        matches!(self, Self::Queued { .. } | Self::CallbackWaiting { .. })
    }
}

/// An open offer of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveOffer {
    /// The offer.
    pub id: OfferId,
    /// The agent.
    pub agent: AgentId,
    /// How it is put to the agent.
    pub mode: OfferMode,
    /// When it was made.
    pub made_at: PoolTime,
    /// How long it rings or is shown.
    pub ring_for_ms: u64,
    /// When the present step's lease ends.
    pub lease_until: PoolTime,
}

/// How a call came to its agent: the record of the decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The ring that applied.
    pub ring: u8,
    /// The queue's selection policy.
    pub policy: Selection,
    /// How many agents could take it; exact to 100, and 101 means more.
    pub candidates: u32,
    /// Who would have been next.
    pub runner_up: Option<AgentId>,
    /// How long the caller had waited.
    pub waited_ms: u64,
    /// How long the agent had been idle.
    pub idle_ms: u64,
}

/// The part of a live call that moves; stored apart from its record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallState {
    /// Acceptance number; settles ties of urgency.
    pub number: u64,
    /// Where it stands.
    pub phase: Phase,
    /// The ring that applies.
    pub ring: u8,
    /// When its time in the queue began.
    pub ring_from: PoolTime,
    /// Agents who declined or missed it since the ring began.
    pub refused: Vec<AgentId>,
    /// A dead offer whose leg the platform has yet to confirm gone, with its agent.
    pub rescind: Option<(OfferId, AgentId)>,
    /// The newest offer, live or over.
    pub last_offer: Option<OfferId>,
    /// When it ends lost because its platform no longer names it.
    pub lost_at: Option<PoolTime>,
    /// Calls that came before it when its queue got it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub ahead: u32,
    /// How long it was likely to wait when it was accepted, if that was known and it is still in that queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate_ms: Option<u64>,
    /// How it came to its agent, while it is offered or in conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assignment: Option<Arc<Assignment>>,
    /// The queue that it was moved to; none while it is in the queue it was accepted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stay: Option<Box<Stay>>,
    /// For whom it is kept before its first ring.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preference: Option<Preference>,
    /// How long it was, or is to be, kept for a preferred agent; the ring clock starts after it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub held_ms: u64,
    /// What is to be done to reach the customer; none while the caller has a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<Callback>,
    /// What is known of the conversation, if it is in one.
    #[serde(default, skip_serializing_if = "is_default")]
    pub talk: Talk,
    /// How often it was offered.
    #[serde(default, skip_serializing_if = "is_default")]
    pub offers: u32,
    /// How often a conversation was passed on to a queue.
    #[serde(default, skip_serializing_if = "is_default")]
    pub transfers: u32,
}

/// That a call is kept for an agent, and how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preference {
    /// The preferred agent.
    pub agent: AgentId,
    /// When others may take it.
    pub until: PoolTime,
}

/// What is to be done to reach the customer of a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callback {
    /// How long the platform has to reach the customer once an agent is reserved.
    pub ring_ms: u64,
    /// A customer who was not reached is not tried again before this.
    pub retry_after_ms: u64,
    /// So many tries are left.
    pub attempts_left: u32,
    /// Not reached by then it ends `unreached`.
    pub until: PoolTime,
}

/// What a move gave a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stay {
    /// The queue where it is now.
    pub queue: QueueId,
    /// When its wait would have begun if it had run without a pause.
    pub wait_from: PoolTime,
    /// Who passed it on last, and is not offered it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded: Option<AgentId>,
    /// The offer of the last conversation that was passed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transferred: Option<OfferId>,
}

/// A conversation that was passed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transfer {
    /// The offer that had led to it.
    pub offer: OfferId,
    /// Who passed it on.
    pub agent: AgentId,
    /// How long they had talked.
    pub talked_ms: u64,
}

impl CallState {
    /// When the ring clock starts: with its time in the queue, or once it is no longer kept for a preferred agent.
    pub fn ring_clock(&self) -> PoolTime {
        self.ring_from.plus(self.held_ms)
    }

    /// The phase of a call that waits again since `at`, not before `due`.
    pub fn waiting(&self, at: PoolTime, due: Option<PoolTime>) -> Phase {
        match self.callback {
            Some(_) => Phase::CallbackWaiting { since: at, due },
            None => Phase::Queued { since: at },
        }
    }

    /// The agents to whom it is not offered: who refused it in this ring, and who passed it on to this queue.
    pub fn kept_off(&self) -> impl Iterator<Item = &AgentId> {
        let excluded = self.stay.iter().filter_map(|stay| stay.excluded.as_ref());
        self.refused.iter().chain(excluded)
    }

    /// Whether it is not offered to this agent.
    pub fn keeps_off(&self, agent: &AgentId) -> bool {
        self.kept_off().any(|kept_off| kept_off == agent)
    }

    /// The open offer, if any.
    pub fn offer(&self) -> Option<&LiveOffer> {
        match &self.phase {
            Phase::Offered(offer) | Phase::Connecting(offer) => Some(offer),
            Phase::Queued { .. } | Phase::CallbackWaiting { .. } | Phase::Connected { .. } => None,
        }
    }
}

/// The memory of a call that is over, so that its id is not taken for new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tombstone {
    /// The call.
    pub id: CallId,
    /// Digest of its content.
    pub digest: Arc<str>,
    /// How it ended.
    pub outcome: Outcome,
    /// The queue it ended in.
    pub queue: QueueId,
    /// The queue it was accepted for, if it ended in another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_queue: Option<QueueId>,
    /// Where it goes on, if it overflowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overflow: Option<OverflowTarget>,
    /// Who sent it.
    pub key: PlatformKey,
    /// When it ended.
    pub ended_at: PoolTime,
    /// How long the caller had waited.
    pub waited_ms: u64,
    /// Who talked to the caller, if anyone.
    pub agent: Option<AgentId>,
    /// When it is forgotten.
    pub forget_at: PoolTime,
}
