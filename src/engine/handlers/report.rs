//! What platforms report of calls and offers, and calls that they withdraw.

use super::{
    super::{
        call::Phase,
        command::CallReport,
        event::{Event, OfferEnd, Outcome as CallOutcome},
        ids::{AgentId, CallId, OfferId},
        reindex::EXTERNAL_CHECK_MS,
        rejection::{Rejection, Violation},
        spec::OfferMode,
        state::{CallIx, State},
    },
    Outcome, Step,
    callbacks::{reserve, unreached},
    ends::{end_call, end_offer, phase_name, release},
    talk,
};

/// The busy address of an agent without a desktop is tried again after this long.
const BUSY_RETRY_MS: u64 = 60_000;

/// Carries out what the platform saw.
pub(super) fn report(
    step: &mut Step<'_>,
    id: &CallId,
    offer: Option<OfferId>,
    report: CallReport,
) -> Outcome {
    let live = step.state.call(id);
    if live.is_none() && !step.state.tombstones.contains_key(id) {
        return Err(Rejection::UnknownCall(id.clone()));
    }
    match report {
        CallReport::CallerGone => hang_up(step, live, CallOutcome::Abandoned),
        CallReport::Ended => finish(step, id, live, offer),
        CallReport::Talk(kind) => talk::note(step, id, offer, kind),
        CallReport::NotConnected => talk::deny(step, id, offer),
        CallReport::AgentAnswered | CallReport::CustomerUnreached
            if live.is_none_or(|ix| step.state.calls[ix].state.callback.is_none()) =>
        {
            not_called_back(step.state, id)
        }
        CallReport::Answered
        | CallReport::NoAnswer
        | CallReport::Busy
        | CallReport::Rejected
        | CallReport::Failed
        | CallReport::AgentAnswered
        | CallReport::CustomerUnreached
        | CallReport::Rescinded => {
            let offer = known_offer(step.state, id, offer)?;
            of_offer(step, id, live, offer, report)
        }
    }
}

fn not_called_back(state: &State, id: &CallId) -> Outcome {
    live_call(state, id, "to be called back")?;
    Err(Rejection::WrongState {
        subject: format!("call `{id}`"),
        is: "on a line of the caller's",
        needed: "one that is called back",
    })
}

/// The platform withdraws a call that is not in conversation.
pub(super) fn cancel(step: &mut Step<'_>, id: &CallId) -> Outcome {
    let Some(ix) = step.state.call(id) else {
        return over(step.state, id);
    };
    let phase = &step.state.calls[ix].state.phase;
    if matches!(phase, Phase::Connected { .. }) {
        return Err(wrong_phase(id, phase, "waiting, offered or connecting"));
    }
    end_call(step, ix, CallOutcome::Cancelled, OfferEnd::Withdrawn);
    Ok(())
}

/// A call that does not live: fine if it is remembered.
fn over(state: &State, id: &CallId) -> Outcome {
    let known = state.tombstones.contains_key(id);
    known
        .then_some(())
        .ok_or_else(|| Rejection::UnknownCall(id.clone()))
}

/// The live call of this id; one that is over is refused by state.
pub(super) fn live_call(
    state: &State,
    id: &CallId,
    needed: &'static str,
) -> Result<CallIx, Rejection> {
    let Some(ix) = state.call(id) else {
        over(state, id)?;
        return Err(Rejection::WrongState {
            subject: format!("call `{id}`"),
            is: "over",
            needed,
        });
    };
    Ok(ix)
}

/// The caller hung up: abandoned before a conversation, handled after it began. A call that is over stays so.
fn hang_up(step: &mut Step<'_>, live: Option<CallIx>, before: CallOutcome) -> Outcome {
    let Some(ix) = live else { return Ok(()) };
    let state = &step.state.calls[ix].state;
    let outcome = match state.phase {
        Phase::Connected { .. } => CallOutcome::Handled,
        _ if state.callback.is_some() => CallOutcome::Cancelled,
        Phase::Queued { .. }
        | Phase::CallbackWaiting { .. }
        | Phase::Offered(_)
        | Phase::Connecting(_) => before,
    };
    end_call(step, ix, outcome, OfferEnd::CallerGone);
    Ok(())
}

/// The conversation is over. If an offer is named, only the one that it led to: another's was passed on before.
fn finish(
    step: &mut Step<'_>,
    id: &CallId,
    live: Option<CallIx>,
    offer: Option<OfferId>,
) -> Outcome {
    let Some(ix) = live else { return Ok(()) };
    let state = &step.state.calls[ix].state;
    if offer.is_some() && offer != state.last_offer {
        return Ok(());
    }
    let phase = &state.phase;
    if !matches!(phase, Phase::Connected { .. }) {
        return Err(wrong_phase(
            id,
            phase,
            "connected: report `CALLER_GONE` before that",
        ));
    }
    end_call(step, ix, CallOutcome::Handled, OfferEnd::Withdrawn);
    Ok(())
}

/// The offer that a report must name, if it was ever made.
pub(super) fn known_offer(
    state: &State,
    id: &CallId,
    offer: Option<OfferId>,
) -> Result<OfferId, Rejection> {
    let wrong = |problem: &str| Rejection::Invalid(vec![Violation::new("offer_id", problem)]);
    let offer = offer.ok_or_else(|| wrong("is empty; name the offer that the report is about"))?;
    if offer.0 >= state.counters.next_offer {
        return Err(wrong(
            "was never made here; name the offer that the platform was given",
        ));
    }
    let of_other_call = state.offer_agent(offer).is_some_and(|ix| {
        let agent = &state.agents[ix].state;
        let dead = agent
            .rescind
            .as_ref()
            .filter(|rescind| rescind.offer == offer);
        dead.map(|rescind| &rescind.call).or_else(|| agent.call()) != Some(id)
    });
    if of_other_call {
        return Err(wrong("is an offer of another call"));
    }
    Ok(offer)
}

fn of_offer(
    step: &mut Step<'_>,
    id: &CallId,
    live: Option<CallIx>,
    offer: OfferId,
    report: CallReport,
) -> Outcome {
    if let Some(ix) = live {
        let state = &step.state.calls[ix].state;
        if state.offer().is_some_and(|open| open.id == offer) {
            return of_open_offer(step, ix, offer, report);
        }
        let talks = matches!(state.phase, Phase::Connected { .. });
        if talks && state.last_offer == Some(offer) && report == CallReport::Answered {
            return Ok(());
        }
    }
    of_dead_offer(step, id, offer, report)
}

/// A call that its platform did not name has been heard of.
pub(super) fn found(step: &mut Step<'_>, ix: CallIx) {
    let call = &step.state.calls[ix];
    if call.state.lost_at.is_some() {
        step.emit(Event::CallFound {
            call: call.record.id.clone(),
        });
    }
}

fn of_open_offer(step: &mut Step<'_>, ix: CallIx, offer: OfferId, report: CallReport) -> Outcome {
    let call = &step.state.calls[ix];
    if let Some(needed) = needed_before(&call.state.phase, report) {
        return Err(wrong_phase(&call.record.id, &call.state.phase, needed));
    }
    found(step, ix);
    match report {
        CallReport::Answered => connect(step, ix, offer),
        CallReport::NoAnswer => end_offer(step, ix, OfferEnd::NoAnswer, true),
        CallReport::Rejected => end_offer(step, ix, OfferEnd::Declined, true),
        CallReport::Failed => end_offer(step, ix, OfferEnd::Failed, true),
        CallReport::Busy => busy(step, ix),
        CallReport::AgentAnswered => reserve(step, ix, offer),
        CallReport::CustomerUnreached => unreached(step, ix, true),
        CallReport::Rescinded
        | CallReport::CallerGone
        | CallReport::Ended
        | CallReport::Talk(_)
        | CallReport::NotConnected => {
            unreachable!("{report:?} was refused, or is no report of an open offer")
        }
    }
    Ok(())
}

/// What must come before a report of an open offer, if it has not.
fn needed_before(phase: &Phase, report: CallReport) -> Option<&'static str> {
    match phase {
        Phase::Offered(open) if open.mode == OfferMode::AcceptFirst => {
            Some("accepted by the agent before that")
        }
        _ if report == CallReport::Rescinded => Some("rescinded by the service before that"),
        Phase::Offered(_) if report == CallReport::CustomerUnreached => {
            Some("answered by the agent before that")
        }
        Phase::Queued { .. }
        | Phase::CallbackWaiting { .. }
        | Phase::Offered(_)
        | Phase::Connecting(_)
        | Phase::Connected { .. } => None,
    }
}

fn connect(step: &mut Step<'_>, ix: CallIx, offer: OfferId) {
    let call = &step.state.calls[ix];
    let agent = call.state.offer().expect("the offer is open").agent.clone();
    let waited_ms = step.at.now.since(call.wait_from());
    let in_queue_ms = step.at.now.since(call.in_queue_from());
    let in_target = in_queue_ms <= step.state.queue_of(call).spec.target_ms;
    let since_accepted = i64::try_from(step.at.now.since(call.record.accepted_at));
    let error = |estimate: u64| {
        i64::try_from(estimate)
            .ok()?
            .checked_sub(since_accepted.ok()?)
    };
    let estimate_error_ms = call.state.estimate_ms.and_then(error);
    let callback = call.state.callback.is_some();
    let (call, at) = (call.record.id.clone(), step.at.now);
    step.emit(Event::CallConnected {
        offer,
        call,
        agent,
        at,
        waited_ms,
        in_queue_ms,
        in_target,
        callback,
        estimate_error_ms,
    });
}

/// How long a busy address keeps calls away from its agent. Whoever has no desktop cannot say that the other call is over,
/// and is tried again soon.
fn external_ms(state: &State, agent: &AgentId) -> u64 {
    let ix = state.agent(agent).expect("an offered agent exists");
    if state.agents[ix].state.by_registration {
        BUSY_RETRY_MS
    } else {
        EXTERNAL_CHECK_MS
    }
}

fn busy(step: &mut Step<'_>, ix: CallIx) {
    let open = step.state.calls[ix]
        .state
        .offer()
        .expect("the offer is open");
    let agent = open.agent.clone();
    end_offer(step, ix, OfferEnd::Busy, true);
    let at = step.at.now;
    let until = at.plus(external_ms(step.state, &agent));
    step.emit(Event::ExternalStarted { agent, at, until });
}

/// An offer that is over: a late answer must be hung up, any other word confirms that the leg is gone.
fn of_dead_offer(step: &mut Step<'_>, id: &CallId, offer: OfferId, report: CallReport) -> Outcome {
    if report == CallReport::Answered {
        return Err(Rejection::OfferOver {
            offer,
            call: id.clone(),
        });
    }
    if let Some(ix) = step.state.offer_agent(offer) {
        let agent = step.state.agents[ix].profile.id.clone();
        release(step, offer, id.clone(), agent);
    }
    Ok(())
}

pub(super) fn wrong_phase(id: &CallId, phase: &Phase, needed: &'static str) -> Rejection {
    Rejection::WrongState {
        subject: format!("call `{id}`"),
        is: phase_name(phase),
        needed,
    }
}
