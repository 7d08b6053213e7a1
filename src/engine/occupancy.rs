//! How busy an agent was in the last hour, for queues that offer calls to the least occupied first.
//!
//! Busy is conversation with its wrap-up, and calls of other systems. The figure is fixed when the agent becomes idle and
//! stands until the agent does so again. It is kept only while a queue of the pool asks for it.

use serde::{Deserialize, Serialize};

use super::{
    agent::{AgentState, Intent},
    event::Event,
    ids::{AgentId, PoolTime},
    spec::Selection,
    state::State,
};

/// Busy time before this span does not count.
const HOUR_MS: u64 = 3_600_000;
/// More spans than this in an hour are joined, the oldest first.
const SPANS_MAX: usize = 128;

/// An agent's busy times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Occupancy {
    /// Busy ms of the 60 min before the agent last became idle.
    pub busy_ms: u32,
    /// Since when the agent is busy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<PoolTime>,
    /// The spans of the last hour that are over, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<(PoolTime, PoolTime)>,
}

impl Occupancy {
    /// Busy ms of the hour before `now`.
    fn busy_at(&self, now: PoolTime) -> u32 {
        let from = now.minus(HOUR_MS);
        let open = self.since.map(|since| (since, now));
        let spans = self.spans.iter().copied().chain(open);
        let inside = spans.map(|(start, end)| end.since(start.max(from)));
        u32::try_from(inside.sum::<u64>()).unwrap_or(u32::MAX)
    }

    /// Takes over what was fixed at `now`.
    fn fix(&mut self, busy_ms: u32, now: PoolTime) {
        self.busy_ms = busy_ms;
        let ended = self.since.take().map(|since| (since, now));
        self.spans.extend(ended);
        let from = now.minus(HOUR_MS);
        self.spans.retain(|(_, end)| *end > from);
        if self.spans.len() > SPANS_MAX {
            // The oldest is put right before the next, so that their sum is kept.
            let (start, end) = self.spans.remove(0);
            self.spans[0].0 = self.spans[0].0.minus(end.since(start));
        }
    }
}

impl AgentState {
    /// Busy ms of the 60 min before the agent last became idle; zero where no queue asks for it.
    pub(crate) fn busy_ms(&self) -> u32 {
        self.occupancy.as_ref().map_or(0, |o| o.busy_ms)
    }

    /// Notes that the agent became busy.
    pub(super) fn begin_busy(&mut self, at: PoolTime) {
        self.occupancy.get_or_insert_default().since = Some(at);
    }
}

impl State {
    /// Keeps busy times exactly while a queue of the pool asks who is least occupied.
    pub(super) fn keep_occupancy(&mut self) {
        let mut queues = self.queues.iter();
        let kept = queues.any(|queue| queue.spec.selection == Selection::LeastOccupied);
        self.is_occupancy_kept = kept;
        self.index.keep_busy(&self.agents, kept);
    }

    /// What must be noted of an agent's busy time after an event that started the agent's idle clock.
    pub(super) fn occupancy_after(&self, event: &Event) -> Option<Event> {
        let (agent, at) = idle_from(event)?;
        let state = &self.agents[self.agent(agent)?].state;
        let is_open = state.occupancy.as_ref().is_some_and(|o| o.since.is_some());
        if !self.is_occupancy_kept && !is_open {
            return None;
        }
        let before = state.occupancy.as_deref().cloned().unwrap_or_default();
        let busy_ms = before.busy_at(at);
        let mut after = before.clone();
        after.fix(busy_ms, at);
        let agent = agent.clone();
        (after != before).then_some(Event::OccupancyFixed { agent, busy_ms, at })
    }

    /// Carries [`Event::OccupancyFixed`] out.
    pub(super) fn fix_occupancy(&mut self, id: &AgentId, busy_ms: u32, at: PoolTime) {
        let ix = self.agent(id).expect("an event names an agent that exists");
        self.index_busy(ix, false);
        let state = &mut self.agents[ix].state;
        state.occupancy.get_or_insert_default().fix(busy_ms, at);
        self.index_busy(ix, true);
        self.agent_changed(ix);
    }
}

/// The agent whose idle clock an event started, and when.
fn idle_from(event: &Event) -> Option<(&AgentId, PoolTime)> {
    if let Event::WrapUpEnded { agent, at, .. }
    | Event::ExternalEnded { agent, at }
    | Event::IntentChanged {
        agent,
        intent: Intent::Ready,
        at,
        ..
    }
    | Event::OfferEnded {
        agent,
        at,
        refused: true,
        ..
    } = event
    {
        return Some((agent, *at));
    }
    None
}
