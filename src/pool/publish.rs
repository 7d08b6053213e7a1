//! What a commit sends out: the view moves on, platforms get their events, metrics count. Never before the commit.

use std::sync::Arc;

use super::{Shared, fold::Fold, hub::PlatformEvent, rows::AgentState, view::State};
use crate::{
    engine::{event::Event, spec::PoolSpec, view::Touched},
    metrics,
    store::event_number,
};

impl Shared {
    /// Publishes a batch that was committed. Whoever reads afterwards sees all of it.
    pub(super) fn publish(
        &self,
        revision: u64,
        spec: Option<&Arc<PoolSpec>>,
        events: &[Event],
        touched: Vec<Touched>,
    ) {
        let mut state = self.view().write();
        self.send_out(&state, revision, events);
        for entity in touched {
            state.touch(entity, revision);
        }
        state.revision = revision;
        state.event_number = event_number(revision, events.len().saturating_sub(1));
        state.spec = spec.cloned();
        self.measure(&state, revision);
        drop(state);
        self.view().announce(revision);
    }

    /// Puts each event on its way.
    fn send_out(&self, before: &State, revision: u64, events: &[Event]) {
        let mut hub = self.hub().instances();
        let mut fold = Fold::new(before);
        for (index, event) in events.iter().enumerate() {
            let queue = fold.queue_of(event);
            metrics::observe(self.id(), event, queue.as_ref());
            if let Some(shot) = fold.follow(event) {
                hub.publish(PlatformEvent {
                    number: event_number(revision, index),
                    revision,
                    shot,
                });
            }
        }
    }

    /// Sets the gauges of what this revision changed.
    pub(super) fn measure(&self, state: &State, revision: u64) {
        for row in state.queues().filter(|row| row.changed == revision) {
            metrics::measure_queue(self.id(), &row.queue);
        }
        let states = state.agent_states();
        for agent_state in AgentState::ALL {
            metrics::agents(self.id(), agent_state.label(), states.get(agent_state));
        }
    }
}
