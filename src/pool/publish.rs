//! What a commit sends out: the view moves on, platforms get their events, metrics count. Never before the commit.

use std::sync::Arc;

use super::{
    Shared,
    fold::Fold,
    hub::PlatformEvent,
    rows::{AgentState, QueueTotals},
    view::State,
};
use crate::{
    engine::{
        event::{Event, Outcome},
        ids::QueueId,
        spec::PoolSpec,
        view::Touched,
    },
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
        let counted = self.send_out(&state, revision, events);
        for (queue, event) in counted.iter().zip(events) {
            if let (Some(queue), Some(change)) = (queue, counting(event)) {
                state.count(queue, revision, change);
            }
            if let Event::CallMoved { to, .. } = event {
                state.count(to, revision, |totals| totals.moved_in += 1);
            }
        }
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

    /// Puts each event on its way; answers the queue that each is about.
    fn send_out(&self, before: &State, revision: u64, events: &[Event]) -> Vec<Option<QueueId>> {
        let mut hub = self.hub().instances();
        let mut fold = Fold::new(before);
        let mut queues = Vec::with_capacity(events.len());
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
            queues.push(queue);
        }
        queues
    }

    /// Sets the gauges of what this revision changed.
    pub(super) fn measure(&self, state: &State, revision: u64) {
        for row in state.queues().filter(|row| row.changed == revision) {
            let queue = &row.queue;
            metrics::waiting(self.id(), &queue.id, queue.waiting);
        }
        let states = state.agent_states();
        for agent_state in AgentState::ALL {
            metrics::agents(self.id(), agent_state.label(), states.get(agent_state));
        }
    }
}

/// How an event changes its queue's totals, if it does.
fn counting(event: &Event) -> Option<fn(&mut QueueTotals)> {
    match event {
        Event::CallQueued { .. } => Some(|totals| totals.accepted += 1),
        Event::CallDiverted { first: true, .. } => Some(|totals| totals.diverted += 1),
        Event::CallConnected { callback: true, .. } => {
            Some(|totals| totals.callbacks_answered += 1)
        }
        Event::CallbackRequested { .. } => Some(|totals| totals.callbacks_requested += 1),
        Event::CallConnected {
            in_target: true, ..
        } => Some(|totals| {
            totals.answered += 1;
            totals.in_target += 1;
        }),
        Event::CallConnected {
            in_target: false, ..
        } => Some(|totals| totals.answered += 1),
        Event::CallEnded {
            outcome: Outcome::Abandoned,
            ..
        } => Some(|totals| totals.abandoned += 1),
        Event::CallMoved { .. } => Some(|totals| totals.moved_out += 1),
        Event::CallEnded { .. }
        | Event::CallDiverted { first: false, .. }
        | Event::PoolApplied { .. }
        | Event::AgentApplied { .. }
        | Event::AgentDeleted { .. }
        | Event::PlatformAttached { .. }
        | Event::PlatformDetached { .. }
        | Event::PlatformForgotten { .. }
        | Event::OfferExtended { .. }
        | Event::CallMissed { .. }
        | Event::CallFound { .. }
        | Event::CallbackDue { .. }
        | Event::CallbackPostponed { .. }
        | Event::RingEntered { .. }
        | Event::RefusalsForgotten { .. }
        | Event::OfferMade { .. }
        | Event::OfferAccepted { .. }
        | Event::OfferEnded { .. }
        | Event::RescindReleased { .. }
        | Event::TombstoneDropped { .. }
        | Event::WrapUpStarted { .. }
        | Event::WrapUpEnded { .. }
        | Event::ExternalStarted { .. }
        | Event::ExternalEnded { .. }
        | Event::SessionOpened { .. }
        | Event::SessionSequenced { .. }
        | Event::LineChanged { .. }
        | Event::IntentChanged { .. }
        | Event::NextIntentChanged { .. }
        | Event::OccupancyFixed { .. }
        | Event::AgentHeld { .. }
        | Event::AgentReleased { .. }
        | Event::SiteDrained { .. }
        | Event::SiteUndrained { .. } => None,
    }
}
