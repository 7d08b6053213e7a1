//! Agents who are deleted once they have finished: no more offers, but the conversation and its wrap-up.

use super::{
    super::{
        agent::{Intent, Mover, Work},
        call::Phase,
        event::{Event, OfferEnd},
        ids::AgentId,
        state::{Agent, AgentIx},
    },
    Outcome, Step,
    ends::{change_intent, end_offer},
    session::known,
};

/// Gives an agent no more offers; an open one goes back without a miss. A call being connected, or in conversation, goes
/// on, and so does wrap-up. Whoever has nothing in hand is deleted with this command.
pub(super) fn drain(step: &mut Step<'_>, id: &AgentId) -> Outcome {
    let ix = known(step.state, id)?;
    if step.state.agents[ix].state.draining {
        return Ok(());
    }
    let (agent, at) = (id.clone(), step.at.now);
    step.emit(Event::AgentDraining { agent, at });
    if let Work::Offered { call, .. } = &step.state.agents[ix].state.work {
        let call = step.state.call(call).expect("an offered call lives");
        if matches!(step.state.calls[call].state.phase, Phase::Offered(_)) {
            end_offer(step, call, OfferEnd::AgentDraining, false);
        }
    }
    Ok(())
}

/// Deletes those who have finished. It comes before new offers, so that whoever drains gets none.
pub(super) fn remove_drained(step: &mut Step<'_>) {
    let mut done = step.state.draining.to_vec();
    done.retain(|ix| has_finished(&step.state.agents[*ix]));
    for ix in done {
        remove(step, ix);
    }
}

/// Whether nothing is in hand, nor a leg that the platform has not confirmed gone.
fn has_finished(agent: &Agent) -> bool {
    agent.state.work == Work::Idle && agent.state.rescind.is_none()
}

fn remove(step: &mut Step<'_>, ix: AgentIx) {
    change_intent(step, ix, Intent::Offline, Mover::Policy);
    let agent = step.state.agents[ix].profile.id.clone();
    step.emit(Event::AgentDeleted { agent });
}
