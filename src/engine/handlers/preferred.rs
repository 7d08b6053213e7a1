//! Calls that are kept for a preferred agent for a while, before their first ring.

use super::{
    super::{
        agent::Intent,
        call::Preference,
        eligibility::{blocked, fits},
        event::Event,
        ids::{AgentId, PoolTime},
        state::{AgentIx, Call, CallIx, Queue, SkillNeed, State},
    },
    Step,
};

/// Keeps a call for an agent who may become eligible for it within the queue's hold; else nothing happens.
pub(super) fn prefer(step: &mut Step<'_>, ix: CallIx, agent: &AgentId) {
    let call = &step.state.calls[ix];
    let held_ms = step.state.queue_of(call).spec.preferred_hold_ms;
    let until = step.at.now.plus(held_ms);
    let may = |agent: AgentIx| may_serve(step.state, agent, call, until);
    if held_ms > 0 && step.state.agent(agent).is_some_and(may) {
        let (call, agent) = (call.record.id.clone(), agent.clone());
        step.emit(Event::PreferenceStarted {
            call,
            agent,
            until,
            held_ms,
        });
    }
}

/// Ends a call's hold: its rings begin.
pub(super) fn end(step: &mut Step<'_>, ix: CallIx) {
    let call = &step.state.calls[ix];
    let held_ms = step.at.now.since(call.state.ring_from);
    let call = call.record.id.clone();
    step.emit(Event::PreferenceEnded { call, held_ms });
}

/// Ends the holds for agents who signed out, refused, or will be blocked for longer.
pub(super) fn end_vain(step: &mut Step<'_>) {
    for agent in step.state.doubtful_agents.take() {
        for ix in step.state.calls_preferring(agent) {
            let call = &step.state.calls[ix];
            // The agent may be gone.
            let vain = |hold: &Preference| {
                let still = step.state.agent(&hold.agent) == Some(agent);
                !still || !may_serve(step.state, agent, call, hold.until)
            };
            if call.state.preference.as_ref().is_some_and(vain) {
                end(step, ix);
            }
        }
    }
}

/// Whether an agent is not kept off a call, and nothing hinders the agent from taking it by `until`.
fn may_serve(state: &State, ix: AgentIx, call: &Call, until: PoolTime) -> bool {
    let queue = state.queue_of(call);
    !call.state.keeps_off(&state.agents[ix].profile.id)
        && obstacle(state, ix, queue, &call.skills, until).is_none()
}

/// What hinders an agent from taking, by `until`, a call of a queue in its last ring.
pub(super) fn obstacle(
    state: &State,
    ix: AgentIx,
    queue: &Queue,
    skills: &[SkillNeed],
    until: PoolTime,
) -> Option<&'static str> {
    let agent = &state.agents[ix];
    if agent.state.intent == Intent::Offline {
        return Some("signed out");
    }
    if agent.state.draining {
        return Some("about to be deleted");
    }
    if !fits(agent, queue.last_ring(), skills) {
        return Some("without a skill, or at a kind of site, that the call or its queue asks for");
    }
    let blocks = blocked(agent, state.guards.get(ix), queue.class);
    (!blocks.may_end_by(until)).then_some("blocked for longer")
}
