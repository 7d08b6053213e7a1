//! What changed since it was last asked: whose bytes are to be stored, and whom readers see anew.

use std::collections::BTreeSet;

use super::{ids::QueueId, state::EntityKey};

/// The notes.
#[derive(Debug, Default)]
pub(super) struct Notes {
    entities: BTreeSet<EntityKey>,
    queues: BTreeSet<QueueId>,
}

impl Notes {
    /// An entity changed, or ended.
    pub(super) fn insert(&mut self, key: EntityKey) {
        self.entities.insert(key);
    }

    /// What readers see of a queue changed.
    pub(super) fn insert_queue(&mut self, queue: QueueId) {
        self.queues.insert(queue);
    }

    /// Whether an entity changed, or ended.
    pub(super) fn contains(&self, key: &EntityKey) -> bool {
        self.entities.contains(key)
    }

    /// Forgets all of them.
    pub(super) fn clear(&mut self) {
        self.entities.clear();
        self.queues.clear();
    }

    /// The changed entities and queues, sorted; they are forgotten.
    pub(super) fn take(&mut self) -> (BTreeSet<EntityKey>, BTreeSet<QueueId>) {
        let entities = std::mem::take(&mut self.entities);
        (entities, std::mem::take(&mut self.queues))
    }
}
