//! What a commit sends out: the view moves on, platforms get their events, metrics count. Never before the commit.

use std::sync::Arc;

use tracing::info;

use super::{Shared, facts, fold::Fold, hub::PlatformEvent, lock, view::PoolView};
use crate::{
    engine::{event::Event, ids::PoolId, spec::PoolSpec, view::Touched},
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
        lock(&self.spent).go_on(self.id(), state.agent_states(), state.now());
        for entity in touched {
            state.touch(entity, revision);
        }
        state.revision = revision;
        state.event_number = event_number(revision, events.len().saturating_sub(1));
        state.spec = spec.cloned();
        drop(state);
        self.view().announce(revision);
    }

    /// Puts each event on its way.
    fn send_out(&self, before: &PoolView, revision: u64, events: &[Event]) {
        let mut hub = self.hub().instances();
        let mut fold = Fold::new(before);
        for (index, event) in events.iter().enumerate() {
            metrics::observe(self.id(), event, &facts::of(&fold, event));
            report(self.id(), event);
            if let Some(shot) = fold.follow(event) {
                hub.publish(PlatformEvent {
                    number: event_number(revision, index),
                    revision,
                    shot,
                });
            }
        }
    }
}

/// Logs what an operator wants to find in the log: outages, with no name of an agent.
fn report(pool: &PoolId, event: &Event) {
    if let Event::OutageStarted { outage } = event {
        let (domain, lost, signed_in) = (&outage.domain, outage.lost, outage.signed_in);
        info!(%pool, %domain, lost, signed_in, "an outage began");
    }
    if let Event::OutageEnded { domain, lasted_ms } = event {
        info!(%pool, %domain, lasted_ms, "an outage is over");
    }
}
