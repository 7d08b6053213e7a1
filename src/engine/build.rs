//! Builds queues of a configuration: with interned skills, and rings that the index knows.

use std::collections::BTreeSet;

use super::{
    estimate::WaitingLine,
    ids::HandleClass,
    matching::{GroupPlace, SiteMask},
    order::Order,
    queue::QueueState,
    spec::{QueueSpec, RingSpec, Selection},
    state::{Queue, Requirement, State},
    urgency::weight,
};

impl State {
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
            current: Box::default(),
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
