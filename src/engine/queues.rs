//! The queues of a pool by place and by name. Places hold until the pool is configured anew.

use rustc_hash::FxHashMap;

use super::{
    ids::QueueId,
    slab::Ix,
    state::{Queue, State},
};

/// Place of a queue.
pub(crate) type QueueIx = Ix<Queue>;

/// The queues, in order of their names.
#[derive(Debug, Default)]
pub(crate) struct Queues {
    all: Vec<Queue>,
    places: FxHashMap<QueueId, QueueIx>,
}

impl Queues {
    /// These queues.
    pub(super) fn new(mut all: Vec<Queue>) -> Self {
        all.sort_by(|a, b| a.spec.id.cmp(&b.spec.id));
        let ids = all.iter().map(|queue| queue.spec.id.clone());
        let places = ids.zip((0..).map(Ix::at)).collect();
        Self { all, places }
    }

    /// Where a queue is.
    pub(crate) fn place(&self, id: &QueueId) -> Option<QueueIx> {
        self.places.get(id).copied()
    }

    /// The queue of this name.
    pub(crate) fn get(&self, id: &QueueId) -> Option<&Queue> {
        self.place(id).map(|ix| &self[ix])
    }

    /// All of them, in order of their names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Queue> {
        self.all.iter()
    }

    /// Their names, in order.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &QueueId> {
        self.all.iter().map(|queue| &queue.spec.id)
    }
}

impl std::ops::Index<QueueIx> for Queues {
    type Output = Queue;

    fn index(&self, ix: QueueIx) -> &Queue {
        &self.all[ix.number()]
    }
}

impl std::ops::IndexMut<QueueIx> for Queues {
    fn index_mut(&mut self, ix: QueueIx) -> &mut Queue {
        &mut self.all[ix.number()]
    }
}

impl std::ops::Index<&QueueId> for Queues {
    type Output = Queue;

    fn index(&self, id: &QueueId) -> &Queue {
        self.get(id).expect("a queue of the pool is named")
    }
}

impl State {
    /// Where a queue of the pool is.
    pub(super) fn queue_place(&self, id: &QueueId) -> QueueIx {
        let place = self.queues.place(id);
        place.expect("an event names a queue of the pool")
    }
}
