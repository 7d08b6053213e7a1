//! Supervisors' messages that agents have not acknowledged: each text once, and a list of numbers for each agent.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::{
    ids::{AgentId, MessageId, PoolTime},
    state::{AgentIx, EntityKey, State, Timer},
};

/// So many messages are kept for an agent; the oldest goes first.
pub(crate) const INBOX_MAX: usize = 20;

/// A message of a supervisor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its number.
    pub id: MessageId,
    /// The team that it went to; none if it went to one agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<Arc<str>>,
    /// What it says; never logged.
    pub text: Arc<str>,
    /// Who sent it.
    pub supervisor: Arc<str>,
    /// When.
    pub sent_at: PoolTime,
    /// How long it is kept.
    pub until: PoolTime,
}

/// Why an agent no longer has a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageEnd {
    /// The agent acknowledged it.
    Acknowledged,
    /// A newer one took its room.
    Displaced,
    /// It was kept for long enough.
    Expired,
}

impl MessageEnd {
    /// Every cause, for tables of metrics.
    pub const ALL: [Self; 3] = [Self::Acknowledged, Self::Displaced, Self::Expired];

    /// The cause as a label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Acknowledged => "acknowledged",
            Self::Displaced => "displaced",
            Self::Expired => "expired",
        }
    }
}

/// The messages that some agent has not acknowledged.
#[derive(Debug, Default)]
pub(crate) struct Messages(BTreeMap<MessageId, Kept>);

#[derive(Debug)]
struct Kept {
    message: Arc<Message>,
    holders: BTreeSet<AgentIx>,
}

impl Messages {
    /// The message of this number, while someone has it.
    pub(crate) fn get(&self, id: MessageId) -> Option<&Arc<Message>> {
        self.0.get(&id).map(|kept| &kept.message)
    }

    /// The numbers of all messages.
    pub(super) fn ids(&self) -> impl Iterator<Item = MessageId> {
        self.0.keys().copied()
    }

    /// Who has not acknowledged a message.
    pub(super) fn holders(&self, id: MessageId) -> impl Iterator<Item = AgentIx> {
        let kept = self.0.get(&id).into_iter();
        kept.flat_map(|kept| kept.holders.iter().copied())
    }
}

impl State {
    /// The messages that an agent has not acknowledged, oldest first.
    pub(super) fn inbox(&self, ix: AgentIx) -> Vec<Arc<Message>> {
        let inbox = self.agents[ix].inbox.iter();
        inbox
            .filter_map(|id| self.messages.get(*id))
            .cloned()
            .collect()
    }

    /// Keeps a message that nobody has yet.
    pub(super) fn keep_message(&mut self, message: &Arc<Message>) {
        let (id, until) = (message.id, message.until);
        let kept = Kept {
            message: Arc::clone(message),
            holders: BTreeSet::new(),
        };
        self.messages.0.insert(id, kept);
        self.touched.insert(EntityKey::Message(id));
        self.retime(None, Some(until), Timer::Message(id));
    }

    /// Puts a kept message into an agent's inbox; false if there is none of this number.
    pub(super) fn put_message(&mut self, ix: AgentIx, id: MessageId) -> bool {
        let Some(kept) = self.messages.0.get_mut(&id) else {
            return false;
        };
        kept.holders.insert(ix);
        self.agents[ix].inbox.push(id);
        self.inbox_changed(ix);
        true
    }

    /// Takes a message out of an agent's inbox. One that nobody has any more is forgotten.
    pub(super) fn take_message(&mut self, ix: AgentIx, id: MessageId) {
        self.agents[ix].inbox.retain(|held| *held != id);
        self.inbox_changed(ix);
        let kept = self
            .messages
            .0
            .get_mut(&id)
            .expect("a held message is kept");
        kept.holders.remove(&ix);
        if kept.holders.is_empty() {
            let until = kept.message.until;
            self.messages.0.remove(&id);
            self.touched.insert(EntityKey::Message(id));
            self.retime(Some(until), None, Timer::Message(id));
        }
    }

    /// Marks an inbox as changed, and its agent, who is shown with it.
    fn inbox_changed(&mut self, ix: AgentIx) {
        let id = self.agents[ix].profile.id.clone();
        self.touched.note_agent(ix);
        self.touched.insert(EntityKey::Inbox(id));
    }

    /// Takes every message of an agent who is to be forgotten.
    pub(super) fn empty_inbox(&mut self, ix: AgentIx) {
        while let Some(id) = self.agents[ix].inbox.first().copied() {
            self.take_message(ix, id);
        }
    }

    /// What is stored of an agent's inbox.
    pub(super) fn stored_inbox(&self, id: &AgentId) -> Option<&[MessageId]> {
        let inbox = self.agent(id).map(|ix| &*self.agents[ix].inbox);
        inbox.filter(|inbox| !inbox.is_empty())
    }

    /// Checks that messages and inboxes name each other; for tests.
    pub(super) fn check_inboxes(&self) {
        let held: usize = self.agents.iter().map(|(_, agent)| agent.inbox.len()).sum();
        let holders = self.messages.0.values().map(|kept| kept.holders.len());
        assert_eq!(held, holders.sum::<usize>(), "messages have their holders");
        for (ix, agent) in self.agents.iter() {
            assert!(agent.inbox.len() <= INBOX_MAX && agent.inbox.is_sorted());
            let kept = |id: &MessageId| self.messages.0[id].holders.contains(&ix);
            assert!(agent.inbox.iter().all(kept), "a held message is kept");
        }
        let held = self.messages.0.values();
        let mut held = held.map(|kept| kept.holders.len());
        assert!(held.all(|holders| holders > 0), "a kept message is held");
    }
}
