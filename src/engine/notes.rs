//! What changed since it was last asked: whose bytes are to be stored, and whom readers see anew.
//!
//! Many events touch the same few agents and calls, so these are noted by their places; what is noted is looked up by name
//! only when it is taken.

use std::collections::BTreeSet;

use super::{
    ids::{CallId, QueueId},
    queues::{QueueIx, Queues},
    slab::IxSet,
    state::{Agent, AgentIx, Call, CallIx, EntityKey, Queue, State},
};

/// The notes.
#[derive(Debug, Default)]
pub(super) struct Notes {
    counters: bool,
    /// Agents and calls whose moving state changed.
    agents: IxSet<Agent>,
    calls: IxSet<Call>,
    /// Calls that are new.
    records: IxSet<Call>,
    /// Calls that ended: both of their entities are gone, and they are remembered.
    ended: Vec<CallId>,
    /// Queues whose moving state changed, and those that readers see anew.
    queues: IxSet<Queue>,
    shown_queues: IxSet<Queue>,
    /// Queues that left the configuration, or had another place in it.
    former_queues: Vec<QueueId>,
    shown_former_queues: Vec<QueueId>,
    /// All others, some of them twice.
    others: Vec<EntityKey>,
}

/// What the notes say: changed entities, and queues that readers see anew, sorted.
pub(super) type Noted = (BTreeSet<EntityKey>, BTreeSet<QueueId>);

impl Notes {
    /// The pool's counters changed.
    pub(super) fn note_counters(&mut self) {
        self.counters = true;
    }

    /// An agent's moving state changed.
    pub(super) fn note_agent(&mut self, ix: AgentIx) {
        self.agents.insert(ix);
    }

    /// An agent is gone, with both of its entities.
    pub(super) fn note_agent_gone(&mut self, ix: AgentIx, keys: [EntityKey; 2]) {
        self.agents.remove(ix);
        self.others.extend(keys);
    }

    /// A call's moving state changed.
    pub(super) fn note_call(&mut self, ix: CallIx) {
        self.calls.insert(ix);
    }

    /// A call is new.
    pub(super) fn note_new_call(&mut self, ix: CallIx) {
        self.records.insert(ix);
    }

    /// A call ended, and is remembered.
    pub(super) fn note_call_ended(&mut self, ix: CallIx, id: CallId) {
        self.calls.remove(ix);
        self.records.remove(ix);
        self.ended.push(id);
    }

    /// A queue's moving state changed; readers see it anew.
    pub(super) fn note_queue(&mut self, ix: QueueIx) {
        self.queues.insert(ix);
        self.shown_queues.insert(ix);
    }

    /// Readers see a queue's calls anew.
    pub(super) fn show_queue(&mut self, ix: QueueIx) {
        self.shown_queues.insert(ix);
    }

    /// The queues are about to be others: all are seen anew, and noted by name.
    pub(super) fn leave_queues(&mut self, queues: &Queues) {
        let name = |ix: QueueIx| queues[ix].spec.id.clone();
        self.former_queues
            .extend(self.queues.take().into_iter().map(name));
        self.shown_queues.clear();
        self.shown_former_queues.extend(queues.ids().cloned());
    }

    /// A queue left the configuration.
    pub(super) fn note_queue_gone(&mut self, id: QueueId) {
        self.former_queues.push(id);
    }

    /// Another entity changed, or ended.
    pub(super) fn insert(&mut self, key: EntityKey) {
        if self.others.last() != Some(&key) {
            self.others.push(key);
        }
    }

    /// Whether an agent's moving state changed.
    pub(super) fn has_agent(&self, ix: AgentIx) -> bool {
        self.agents.contains(ix)
    }

    /// Whether a call's moving state changed.
    pub(super) fn has_call(&self, ix: CallIx) -> bool {
        self.calls.contains(ix)
    }

    /// Forgets all of them.
    pub(super) fn clear(&mut self) {
        self.counters = false;
        self.agents.clear();
        self.calls.clear();
        self.records.clear();
        self.ended.clear();
        self.queues.clear();
        self.shown_queues.clear();
        self.former_queues.clear();
        self.shown_former_queues.clear();
        self.others.clear();
    }
}

impl State {
    /// Takes the notes; nothing is noted after it.
    pub(super) fn take_notes(&mut self) -> Noted {
        let notes = &mut self.touched;
        let mut keys: BTreeSet<EntityKey> = notes.others.drain(..).collect();
        keys.extend(std::mem::take(&mut notes.counters).then_some(EntityKey::Counters));
        let agents = notes.agents.take().into_iter();
        keys.extend(agents.map(|ix| EntityKey::AgentState(self.agents[ix].profile.id.clone())));
        let id = |ix: CallIx| self.calls[ix].record.id.clone();
        let calls = notes.calls.take().into_iter();
        keys.extend(calls.map(|ix| EntityKey::CallState(id(ix))));
        let records = notes.records.take().into_iter();
        keys.extend(records.map(|ix| EntityKey::Call(id(ix))));
        for call in notes.ended.drain(..) {
            keys.insert(EntityKey::Call(call.clone()));
            keys.insert(EntityKey::CallState(call.clone()));
            keys.insert(EntityKey::Tombstone(call));
        }
        let name = |ix: QueueIx| self.queues[ix].spec.id.clone();
        let queues = notes.queues.take().into_iter().map(name);
        let queues = queues.chain(notes.former_queues.drain(..));
        keys.extend(queues.map(EntityKey::Queue));
        let shown = notes.shown_queues.take().into_iter().map(name);
        let shown = shown.chain(notes.shown_former_queues.drain(..));
        (keys, shown.collect())
    }
}
