//! Who is offered what: the most urgent waiting call first, to the agent who has been idle longest.
//!
//! Slow and obvious: it looks at every waiting call and every available agent that may have gained a match.

use std::cmp::Reverse;

use super::{
    eligibility::{blocked, fits},
    event::Event,
    handlers::Step,
    ids::{AgentId, CallId, HandleClass, OfferId, PoolTime, WallTime},
    state::{AgentIx, CallIx, State},
};

/// The server's lease of an offer is longer than what the platform or the agent is told, by this.
pub(crate) const LEASE_MARGIN_MS: u64 = 3_000;
/// Candidates are counted exactly to this number; one more means "more".
pub(crate) const CANDIDATES_COUNTED: u32 = 100;

/// Makes every offer that has become possible since it was last called.
pub(super) fn settle(step: &mut Step<'_>) {
    let agents_freed = !step.state.fresh_agents.is_empty();
    let fresh = std::mem::take(&mut step.state.fresh_calls);
    step.state.fresh_agents.clear();
    let calls = if agents_freed {
        waiting(step.state)
    } else {
        fresh.into_iter().collect()
    };
    for call in by_urgency(step.state, calls) {
        if step.state.available.is_empty() {
            break;
        }
        if let Some(choice) = choose(step.state, call, step.at.wall) {
            offer(step, call, &choice);
        }
    }
    step.state.fresh_agents.clear();
    step.state.fresh_calls.clear();
}

/// The agent chosen for a call, and how it came about.
#[derive(Debug)]
struct Choice {
    agent: AgentIx,
    candidates: u32,
    runner_up: Option<AgentId>,
}

fn waiting(state: &State) -> Vec<CallIx> {
    let all = state.queues.values().flat_map(|queue| &queue.waiting);
    all.map(|(_, ix)| *ix)
        .filter(|ix| state.is_offerable(&state.calls[*ix]))
        .collect()
}

fn by_urgency(state: &State, mut calls: Vec<CallIx>) -> Vec<CallIx> {
    calls.sort_by_cached_key(|ix| Reverse(state.urgency(&state.calls[*ix])));
    calls
}

/// The eligible agent idle longest, ties by id.
fn choose(state: &State, call: CallIx, wall: WallTime) -> Option<Choice> {
    let (mut best, mut next, mut candidates) = (None, None, 0);
    for agent in state.available.iter().copied() {
        if !may_take(state, agent, call, wall) {
            continue;
        }
        candidates += 1;
        let place = Some((order(state, agent), agent));
        if best.is_none() || place < best {
            next = std::mem::replace(&mut best, place);
        } else if next.is_none() || place < next {
            next = place;
        }
    }
    best.map(|(_, agent)| Choice {
        agent,
        candidates: candidates.min(CANDIDATES_COUNTED + 1),
        runner_up: next.map(|((_, id), _)| id.clone()),
    })
}

fn order(state: &State, agent: AgentIx) -> (PoolTime, &AgentId) {
    let agent = &state.agents[agent];
    (agent.state.idle_since, &agent.profile.id)
}

/// Whether an available agent may be offered a waiting call.
fn may_take(state: &State, agent: AgentIx, call: CallIx, wall: WallTime) -> bool {
    let (agent, call) = (&state.agents[agent], &state.calls[call]);
    fits(agent, state.ring_of(call), &call.skills)
        && !call.state.refused.contains(&agent.profile.id)
        && blocked(agent, HandleClass::default(), wall)
            .reasons
            .is_empty()
}

fn offer(step: &mut Step<'_>, call: CallIx, choice: &Choice) {
    let now = step.at.now;
    let (record, ring) = {
        let call = &step.state.calls[call];
        (call.record.clone(), call.state.ring)
    };
    let agent = &step.state.agents[choice.agent];
    let queue = &step.state.queues[&record.queue].spec;
    let event = Event::OfferMade {
        offer: OfferId(step.state.numbers.next_offer),
        call: record.id.clone(),
        agent: agent.profile.id.clone(),
        mode: queue.offer_mode,
        at: now,
        ring_for_ms: queue.ring_for_ms,
        lease_until: now.plus(queue.ring_for_ms + LEASE_MARGIN_MS),
        ring,
        waited_ms: now.since(record.wait_from),
        idle_ms: now.since(agent.state.idle_since),
        candidates: choice.candidates,
        runner_up: choice.runner_up.clone(),
    };
    step.emit(event);
}

/// A waiting call and an agent who may take it, if there is such a pair; for checks.
pub(super) fn best_pair(state: &State) -> Option<(CallId, AgentId)> {
    by_urgency(state, waiting(state))
        .into_iter()
        .find_map(|call| {
            let choice = choose(state, call, WallTime::default())?;
            let id = state.calls[call].record.id.clone();
            Some((id, state.agents[choice.agent].profile.id.clone()))
        })
}
