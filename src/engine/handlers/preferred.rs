//! Calls that are kept for a preferred agent for a while, before their first ring.

use super::{
    super::{
        agent::Intent,
        call::Preference,
        eligibility::{blocked, fits},
        event::Event,
        ids::{AgentId, HandleClass, PoolTime, WallTime},
        state::{AgentIx, Call, CallIx, State},
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
    for agent in std::mem::take(&mut step.state.doubtful_agents) {
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

/// Whether an agent is signed in, could take the call in its last ring, and is blocked by nothing that outlasts `until`.
fn may_serve(state: &State, ix: AgentIx, call: &Call, until: PoolTime) -> bool {
    let agent = &state.agents[ix];
    let last = state.queue_of(call).last_ring();
    agent.state.intent != Intent::Offline
        && fits(agent, last, &call.skills)
        && !call.state.keeps_off(&agent.profile.id)
        && blocked(agent, HandleClass::default(), WallTime::default()).may_end_by(until)
}
