//! Who is offered what: the most urgent waiting call first, to the agent who has been idle longest.
//!
//! Between commands no waiting call stands beside an eligible agent, so only calls and agents that a command freed can
//! be part of a match. A call asks the idle line ([`line`]) for the first agent whose bits it needs ([`rows`]); an
//! agent asks the waiting calls ([`waiting`]) for the most urgent one. Neither looks at all of the others.

mod choice;
mod groups;
mod index;
mod line;
mod preferred;
mod requirements;
mod rows;
mod selection;
mod waiting;

use std::collections::BinaryHeap;

pub(crate) use groups::Group;
pub(crate) use index::Index;
pub(crate) use line::Slot;
pub(crate) use requirements::NeedsIx;
pub(crate) use rows::{GroupPlace, SiteMask};
pub(crate) use selection::Ranking;
pub(crate) use waiting::Seat;

use super::{
    agent::AgentState,
    event::Event,
    handlers::Step,
    ids::{AgentId, OfferId},
    spec::{OfferMode, QueueSpec},
    state::{AgentIx, CallIx, State},
    urgency::Precedence,
};

/// The server's lease of an offer is longer than what the platform or the agent is told, by this.
pub(crate) const LEASE_MARGIN_MS: u64 = 3_000;
/// Candidates are counted exactly to this number; one more means "more".
pub const CANDIDATES_COUNTED: u32 = 100;

/// The agent chosen for a call, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Who is offered the call.
    pub agent: AgentId,
    /// How many may take it; exact to 100, and 101 means more.
    pub candidates: u32,
    /// Who would be next.
    pub runner_up: Option<AgentId>,
}

/// Makes every offer that has become possible since it was last called.
///
/// The most urgent call that somebody may take chooses an agent, by its queue's order of groups and selection. If the
/// agent's group puts another waiting call first, by its order of queues, that one is offered instead.
pub(super) fn settle(step: &mut Step<'_>) {
    step.state.unseat_unheard();
    let mut turns = first_turns(step.state);
    while !step.state.index.is_nobody_eligible()
        && let Some(Turn { call, agent, .. }) = turns.pop()
    {
        let offerable = step.state.is_offerable(&step.state.calls[call]);
        if offerable && let Some(choice) = step.state.choose(call) {
            let (first, choice) = step.state.preferred_by_group(call, choice);
            offer(step, first, choice);
            turns.extend((first != call).then(|| turn_of_call(step.state, call)));
        }
        turns.extend(agent.and_then(|agent| turn_of(step.state, agent)));
    }
    step.state.seat_fresh_calls();
}

/// A call whose turn it may be, for its own sake or for that of a freed agent; the most urgent is the greatest.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Turn {
    precedence: Precedence,
    call: CallIx,
    agent: Option<AgentIx>,
}

/// The freed calls, and for each freed agent the first call. Many agents freed beside few calls are served from the
/// side of the calls.
fn first_turns(state: &mut State) -> BinaryHeap<Turn> {
    let freed = state.fresh_agents.take();
    let mut turns = BinaryHeap::new();
    if freed.is_empty() && state.fresh_calls.is_empty() {
        return turns;
    }
    let mut calls = state.fresh_calls.to_vec();
    if state.are_queues_apart {
        // Agents look for calls of certain queues among all that wait.
        state.seat_fresh_calls();
    }
    if state.index.is_nobody_eligible() {
        return turns;
    }
    if freed.len() <= state.index.seated() {
        turns.extend(freed.into_iter().filter_map(|ix| turn_of(state, ix)));
    } else {
        let seated = |ix: &CallIx| state.calls[*ix].seat.is_some();
        let kept = freed.iter().flat_map(|ix| state.calls_preferring(*ix));
        calls.extend(kept);
        for queue in state.queues.iter() {
            let waiting = queue.waiting.iter().map(|(_, ix)| ix);
            let all = waiting.chain(&queue.callbacks).copied();
            calls.extend(all.filter(seated));
        }
    }
    turns.extend(calls.into_iter().map(|call| turn_of_call(state, call)));
    turns
}

fn turn_of_call(state: &State, call: CallIx) -> Turn {
    Turn {
        precedence: state.precedence(&state.calls[call]),
        call,
        agent: None,
    }
}

/// The most urgent call that an agent may take, if the agent is still free.
fn turn_of(state: &State, ix: AgentIx) -> Option<Turn> {
    let (precedence, call) = state.first_call_for(ix)?;
    Some(Turn {
        precedence,
        call,
        agent: Some(ix),
    })
}

fn offer(step: &mut Step<'_>, call: CallIx, choice: Choice) {
    let now = step.at.now;
    let call = &step.state.calls[call];
    let agent = step
        .state
        .agent(&choice.agent)
        .expect("a chosen agent exists");
    let state = &step.state.agents[agent].state;
    let idle_since = state.idle_since;
    let queue = &step.state.queue_of(call).spec;
    let event = Event::OfferMade {
        offer: OfferId(step.state.counters.next_offer),
        call: call.record.id.clone(),
        agent: choice.agent,
        mode: offer_mode(queue, state),
        at: now,
        ring_for_ms: queue.ring_for_ms,
        lease_until: now.plus(queue.ring_for_ms + LEASE_MARGIN_MS),
        ring: call.state.ring,
        policy: queue.selection,
        waited_ms: now.since(call.wait_from()),
        idle_ms: now.since(idle_since),
        candidates: choice.candidates,
        runner_up: choice.runner_up,
    };
    step.emit(event);
}

/// Whoever has no desktop cannot accept on it, and is rung.
fn offer_mode(queue: &QueueSpec, agent: &AgentState) -> OfferMode {
    if agent.by_registration {
        OfferMode::Ring
    } else {
        queue.offer_mode
    }
}
