//! Makes the readers' views from the state.

use std::sync::Arc;

use super::{
    agent::Work,
    call::{Phase, Tombstone},
    eligibility::blocked,
    ids::{HandleClass, QueueId},
    numbers::CallCounts,
    state::{Agent, AgentIx, Call, CallIx, EntityKey, Place, State},
    view::{AgentView, CallView, EndedCall, LiveCall, QueueView, Touched},
};

impl State {
    /// The view of a touched entity; `None` for entities that have none of their own.
    pub(super) fn touched_view(&self, key: &EntityKey) -> Option<Touched> {
        match key {
            EntityKey::AgentState(id) => {
                let view = self.agent(id).map(|ix| Box::new(self.agent_view(ix)));
                Some(Touched::Agent(id.clone(), view))
            }
            EntityKey::CallState(id) => {
                let live = self.call(id).map(|ix| CallView::Live(self.call_view(ix)));
                let over = || self.tombstones.get(id).map(ended_view);
                Some(Touched::Call(id.clone(), live.or_else(over).map(Box::new)))
            }
            EntityKey::Tombstone(id) if self.call(id).is_none() => Some(Touched::Call(
                id.clone(),
                self.tombstones.get(id).map(ended_view).map(Box::new),
            )),
            EntityKey::Site(id) => {
                let drained = self.sites.drained(id).cloned();
                Some(Touched::Site(Arc::clone(id), drained))
            }
            EntityKey::Outage(domain) => {
                let outage = self.outages.open.get(domain).cloned();
                Some(Touched::Outage(domain.clone(), outage))
            }
            EntityKey::Tombstone(_)
            | EntityKey::Pool
            | EntityKey::Counters
            | EntityKey::Message(_)
            | EntityKey::Inbox(_)
            | EntityKey::Agent(_)
            | EntityKey::Call(_)
            | EntityKey::Platform(_)
            | EntityKey::Answer(_)
            | EntityKey::Queue(_)
            | EntityKey::Schedule
            | EntityKey::Plan(_)
            | EntityKey::Guard(_)
            | EntityKey::Worked(_)
            | EntityKey::Readiness(_)
            | EntityKey::Arrivals(..)
            | EntityKey::History(..)
            | EntityKey::Forecast(..)
            | EntityKey::Missed => None,
        }
    }

    /// The view of a queue, or its end.
    pub(super) fn touched_queue(&self, id: &QueueId) -> Touched {
        Touched::Queue(id.clone(), self.queue_view(id))
    }

    pub(super) fn queue_view(&self, id: &QueueId) -> Option<QueueView> {
        self.queues.get(id).map(|queue| QueueView {
            id: id.clone(),
            calls: CallCounts {
                waiting: count(queue.waiting.len()),
                callbacks: count(queue.callbacks.len()),
                offered: queue.offered,
                connected: queue.connected,
                longest_wait_since: queue.waiting.first().map(|(since, _)| *since),
            },
            target_ms: queue.spec.target_ms,
            goal_permille: queue.spec.goal_permille,
            state: queue.state.clone(),
        })
    }

    pub(super) fn call_view(&self, ix: CallIx) -> LiveCall {
        let call = &self.calls[ix];
        let offered = call.state.offer().map(|offer| &offer.agent);
        let holder = offered.or_else(|| call.state.rescind.as_ref().map(|(_, agent)| agent));
        let agent = holder.and_then(|id| self.agent(id));
        LiveCall {
            record: Arc::clone(&call.record),
            queue: call.queue().clone(),
            wait_from: call.wait_from(),
            phase: call.state.phase.clone(),
            ring: call.state.ring,
            estimate_ms: call.state.estimate_ms,
            preference: call.state.preference.clone(),
            address: agent.map_or_else(|| Arc::from(""), |ix| self.address(ix)),
            rescind: call.state.rescind.clone(),
            callback: call.state.callback.map(Box::new),
            last_offer: call.state.last_offer,
            assignment: call.state.assignment.clone(),
            talk: call.state.talk,
            number: call.state.number,
            standing: match call.place {
                Some(Place::Waiting(standing)) => Some(Box::new(standing)),
                Some(Place::Callback | Place::Offered | Place::Connected) | None => None,
            },
            ring_from: call.state.ring_clock(),
            refused: call.state.kept_off().cloned().collect(),
            lost_at: call.state.lost_at,
            detached_at: self.detached_at(&call.record.key),
        }
    }

    fn address(&self, ix: AgentIx) -> Arc<str> {
        Arc::clone(&self.agents[ix].profile.address)
    }

    pub(super) fn agent_view(&self, ix: AgentIx) -> AgentView {
        let agent = &self.agents[ix];
        let call = self.call_in_hand(agent);
        let offer = call.and_then(|call| call.state.offer()).cloned();
        AgentView {
            profile: Arc::clone(&agent.profile),
            intent: agent.state.intent.clone(),
            next_intent: agent.state.next_intent.clone(),
            work: agent.state.work.clone(),
            line: agent.state.line,
            session: agent.state.session,
            blocked: blocked(agent, self.guards.get(ix), HandleClass::LONGEST).reasons,
            readiness: self.guards.readiness(ix).cloned(),
            hold: agent.state.hold.as_deref().cloned(),
            absence: agent.state.absence,
            registration: agent.state.registration.as_deref().cloned(),
            rescinding_since: agent.state.rescind.as_ref().map(|rescind| rescind.since),
            draining: agent.state.draining,
            by_registration: agent.state.by_registration,
            messages: self.inbox(ix),
            since: agent.state.since,
            idle_since: agent.state.idle_since,
            busy_ms: agent.state.busy_ms(),
            connecting: call.is_some_and(|c| matches!(c.state.phase, Phase::Connecting(_))),
            queue: call.map(|call| call.queue().clone()),
            wait_from: offer.is_some().then(|| call.map(Call::wait_from)).flatten(),
            waited_ms: call.and_then(waited_when_connected),
            talk: matches!(agent.state.work, Work::Connected { .. })
                .then(|| call.map(|call| call.state.talk.kind))
                .flatten(),
            attributes: call.map(|call| Arc::clone(&call.record.attributes)),
            offer,
        }
    }

    /// The live call that the agent is offered or talks to.
    fn call_in_hand(&self, agent: &Agent) -> Option<&Call> {
        match &agent.state.work {
            Work::Offered { call, .. } | Work::Connected { call } => {
                self.call(call).map(|ix| &self.calls[ix])
            }
            Work::Idle | Work::WrapUp { .. } | Work::External { .. } => None,
        }
    }
}

fn waited_when_connected(call: &Call) -> Option<u64> {
    match call.state.phase {
        Phase::Connected { waited_ms, .. } => Some(waited_ms),
        Phase::Queued { .. }
        | Phase::CallbackWaiting { .. }
        | Phase::Offered(_)
        | Phase::Connecting(_) => None,
    }
}

fn ended_view(tombstone: &Tombstone) -> CallView {
    CallView::Over(EndedCall {
        id: tombstone.id.clone(),
        key: tombstone.key.clone(),
        queue: tombstone.queue.clone(),
        first_queue: tombstone.first_queue.clone(),
        overflow: tombstone.overflow.clone(),
        outcome: tombstone.outcome,
        ended_at: tombstone.ended_at,
        waited_ms: tombstone.waited_ms,
        agent: tombstone.agent.clone(),
    })
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}
