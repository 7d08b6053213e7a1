//! The queues of a pool by place and by name. Places hold until the pool is configured anew.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::{
    estimate::WaitingLine,
    ids::{HandleClass, QueueId},
    matching::{GroupPlace, SiteMask},
    order::Order,
    queue::QueueState,
    slab::Ix,
    spec::{QueueSpec, RingSpec, Selection},
    state::{Queue, Requirement, State},
    urgency::weight,
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

    /// A queue with interned skills and no calls yet.
    pub(super) fn build_queue(&mut self, spec: &QueueSpec, lane: u16) -> Queue {
        let groups: Vec<GroupPlace> = self.group_places(&spec.groups);
        let rings = spec.rings.iter();
        let rings = rings
            .map(|ring| self.build_ring(ring, spec.selection, &groups))
            .collect();
        Queue {
            spec: spec.clone(),
            rings,
            weight: weight(spec.target_ms),
            class: HandleClass::of(spec.expected_handle_ms),
            state: QueueState::default(),
            windows: None,
            lane,
            waiting: Order::default(),
            line: WaitingLine::default(),
            callbacks: BTreeSet::new(),
            offered: 0,
            connected: 0,
        }
    }

    fn build_ring(
        &mut self,
        ring: &RingSpec,
        selection: Selection,
        groups: &[GroupPlace],
    ) -> Requirement {
        let skills = self.intern_all(&ring.skills);
        let sites = SiteMask::of(&ring.site_kinds);
        let needs = self.needs(&skills, &[], sites);
        self.keep_needs(needs);
        let ranking = self.keep_ranking(selection, groups, &skills);
        Requirement {
            after_ms: ring.after_ms,
            skills,
            sites,
            needs,
            ranking,
        }
    }
}
