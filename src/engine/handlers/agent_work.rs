//! What agents decide about the work in hand.

use super::{
    super::{
        agent::Work,
        call::Phase,
        command::SessionRef,
        event::{Event, OfferEnd, Outcome as CallOutcome},
        ids::{CallId, OfferId},
        reindex::EXTERNAL_CHECK_MS,
        rejection::Rejection,
        spec::OfferMode,
        state::{AgentIx, CallIx, State},
    },
    Outcome, Step,
    ends::{back_to_idle, end_call as end_live_call, end_offer, work_name},
    report::wrong_phase,
    session::{commanded, number},
};

/// How long the platform has to connect.
pub(crate) const CONNECT_MS: u64 = 10_000;
/// An agent may end a call whose platform has been detached this long.
const DETACHED_AGENT_ENDS_MS: u64 = 30_000;

/// The agent accepts the open offer.
pub(super) fn accept(step: &mut Step<'_>, by: &SessionRef, offer: OfferId) -> Outcome {
    let Some(ix) = commanded(step, by)? else {
        return Ok(());
    };
    if has_accepted(step.state, ix, offer) {
        return Ok(());
    }
    let call_ix = open_offer(step.state, by, ix, offer)?;
    let call = &step.state.calls[call_ix];
    let open = call.state.offer().expect("the offer is open");
    if open.mode == OfferMode::Ring {
        let needed = "answered on the phone that rings";
        return Err(wrong_phase(&call.record.id, &call.state.phase, needed));
    }
    let connect_ms = call
        .state
        .callback
        .map_or(CONNECT_MS, |callback| callback.ring_ms);
    let call = call.record.id.clone();
    number(step, by);
    let (agent, at) = (by.agent.clone(), step.at.now);
    step.emit(Event::OfferAccepted {
        offer,
        call,
        agent,
        at,
        connect_by: at.plus(connect_ms),
    });
    Ok(())
}

/// The agent declines the open offer.
pub(super) fn decline(step: &mut Step<'_>, by: &SessionRef, offer: OfferId) -> Outcome {
    let Some(ix) = commanded(step, by)? else {
        return Ok(());
    };
    let call_ix = open_offer(step.state, by, ix, offer)?;
    let call = &step.state.calls[call_ix];
    if matches!(call.state.phase, Phase::Connecting(_)) {
        return Err(wrong_phase(
            &call.record.id,
            &call.state.phase,
            "offered and not yet accepted",
        ));
    }
    number(step, by);
    end_offer(step, call_ix, OfferEnd::Declined, false);
    Ok(())
}

/// The agent is on a call of another system, or no longer is.
pub(super) fn set_external(step: &mut Step<'_>, by: &SessionRef, external: bool) -> Outcome {
    let Some(ix) = commanded(step, by)? else {
        return Ok(());
    };
    let (agent, at) = (by.agent.clone(), step.at.now);
    let work = step.state.agents[ix].state.work.clone();
    match (work, external) {
        (Work::External { .. }, false) => {
            number(step, by);
            step.emit(Event::ExternalEnded { agent, at });
            back_to_idle(step, ix);
        }
        (Work::Idle, true) => {
            number(step, by);
            step.emit(Event::ExternalStarted {
                agent,
                at,
                until: at.plus(EXTERNAL_CHECK_MS),
            });
        }
        (Work::Offered { call, .. }, true) => {
            number(step, by);
            let call = step.state.call(&call).expect("an offered call lives");
            end_offer(step, call, OfferEnd::Busy, false);
            step.emit(Event::ExternalStarted {
                agent,
                at,
                until: at.plus(EXTERNAL_CHECK_MS),
            });
        }
        (Work::External { .. }, true) | (Work::Idle, false) => {}
        (work, true) => return Err(wrong_work(by, &work, "idle or offered a call")),
        (work, false) => return Err(wrong_work(by, &work, "on a call of another system")),
    }
    Ok(())
}

/// The agent ends a conversation whose platform is gone.
pub(super) fn end_call(step: &mut Step<'_>, by: &SessionRef, id: &CallId) -> Outcome {
    let Some(ix) = commanded(step, by)? else {
        return Ok(());
    };
    let work = &step.state.agents[ix].state.work;
    if !matches!(work, Work::Connected { call } if call == id) {
        return Err(wrong_work(by, work, "in conversation on that call"));
    }
    let call_ix = step.state.call(id).expect("a connected call lives");
    let key = &step.state.calls[call_ix].record.key;
    if !step.state.is_detached_for(key, DETACHED_AGENT_ENDS_MS) {
        return Err(Rejection::WrongState {
            subject: format!("the platform of call `{id}`"),
            is: "heard, or was a moment ago",
            needed: "detached for 30 s: hang up the phone instead",
        });
    }
    number(step, by);
    end_live_call(step, call_ix, CallOutcome::Handled, OfferEnd::Withdrawn);
    Ok(())
}

/// The call of the offer, if it is open for the agent.
fn open_offer(
    state: &State,
    by: &SessionRef,
    ix: AgentIx,
    offer: OfferId,
) -> Result<CallIx, Rejection> {
    let foreign = || Rejection::ForeignOffer {
        offer,
        agent: by.agent.clone(),
    };
    match &state.agents[ix].state.work {
        Work::Offered { call, offer: open } if *open == offer => {
            state.call(call).ok_or_else(foreign)
        }
        Work::Idle
        | Work::Offered { .. }
        | Work::Connected { .. }
        | Work::WrapUp { .. }
        | Work::External { .. } => Err(foreign()),
    }
}

/// Whether the agent accepted this very offer before.
fn has_accepted(state: &State, ix: AgentIx, offer: OfferId) -> bool {
    let call = match &state.agents[ix].state.work {
        Work::Offered { call, .. } | Work::Connected { call } => state.call(call),
        Work::Idle | Work::WrapUp { .. } | Work::External { .. } => None,
    };
    call.is_some_and(|ix| {
        let state = &state.calls[ix].state;
        let accepted = matches!(state.phase, Phase::Connecting(_) | Phase::Connected { .. });
        accepted && state.last_offer == Some(offer)
    })
}

pub(super) fn wrong_work(by: &SessionRef, work: &Work, needed: &'static str) -> Rejection {
    Rejection::WrongState {
        subject: format!("agent `{}`", by.agent),
        is: work_name(work),
        needed,
    }
}
