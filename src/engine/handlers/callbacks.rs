//! Callers who hang up and are called back: they keep their place, and an agent is reserved before they are dialled.

use super::{
    super::{
        call::{Callback, Phase},
        event::{Event, OfferEnd, Outcome as CallOutcome},
        ids::{CallId, OfferId, PoolTime},
        rejection::{Rejection, Violation},
        state::CallIx,
    },
    Outcome, Step,
    ends::{end_call, end_offer},
    report::{found, live_call, wrong_phase},
    tick::expire_waiting,
    windows,
};

/// A callback is asked for at most this long ahead.
const AHEAD_MAX_MS: u64 = 7 * 24 * 3_600_000;

/// The caller of a waiting call hangs up and is called back. The same again changes nothing.
pub(super) fn request(step: &mut Step<'_>, id: &CallId, after_ms: u64) -> Outcome {
    let ix = live_call(step.state, id, "waiting")?;
    let call = &step.state.calls[ix];
    match call.state.phase {
        Phase::Queued { .. } => {}
        _ if call.state.callback.is_some() => return Ok(()),
        Phase::CallbackWaiting { .. }
        | Phase::Offered(_)
        | Phase::Connecting(_)
        | Phase::Connected { .. } => {
            return Err(wrong_phase(id, &call.state.phase, "waiting"));
        }
    }
    if step.state.queue_of(call).spec.callback.is_none() {
        return Err(Rejection::WrongState {
            subject: format!("queue `{}`", call.queue()),
            is: "without callbacks",
            needed: "configured with `callback`",
        });
    }
    if after_ms > AHEAD_MAX_MS {
        let problem = "is over 7 days ahead; give an earlier time";
        return Err(Rejection::Invalid(vec![Violation::new(
            "not_before",
            problem,
        )]));
    }
    found(step, ix);
    begin(step, ix, after_ms);
    Ok(())
}

/// Lets a call of a queue with callbacks wait to be called back, not before so long.
pub(super) fn begin(step: &mut Step<'_>, ix: CallIx, after_ms: u64) {
    let at = step.at.now;
    let call = &step.state.calls[ix];
    let spec = step.state.queue_of(call).spec.callback;
    let spec = spec.expect("the queue has callbacks");
    let due = at.plus(after_ms);
    step.emit(Event::CallbackRequested {
        call: call.record.id.clone(),
        at,
        due: (due > at).then_some(due),
        callback: Callback {
            ring_ms: spec.ring_ms,
            retry_after_ms: spec.retry_after_ms,
            attempts_left: spec.attempts,
            until: due.plus(spec.until_after_ms),
        },
    });
}

/// The agent whose phone was rung for a callback answered: the platform dials the customer.
pub(super) fn reserve(step: &mut Step<'_>, ix: CallIx, offer: OfferId) {
    let call = &step.state.calls[ix];
    let (Phase::Offered(open), Some(callback)) = (&call.state.phase, call.state.callback) else {
        return;
    };
    let (agent, at) = (open.agent.clone(), step.at.now);
    step.emit(Event::OfferAccepted {
        offer,
        call: call.record.id.clone(),
        agent,
        at,
        connect_by: at.plus(callback.ring_ms),
    });
}

/// The customer was not reached: the agent is free, and the call waits for the next try, if one is left.
pub(super) fn unreached(step: &mut Step<'_>, ix: CallIx, platform_knows: bool) {
    end_offer(step, ix, OfferEnd::CustomerUnreached, platform_knows);
    let call = &step.state.calls[ix];
    let callback = call.state.callback.expect("it is called back");
    let attempts_left = callback.attempts_left.saturating_sub(1);
    if attempts_left == 0 {
        return end_call(step, ix, CallOutcome::Unreached, OfferEnd::Withdrawn);
    }
    let at = step.at.now;
    step.emit(Event::CallbackPostponed {
        call: call.record.id.clone(),
        at,
        due: at.plus(callback.retry_after_ms),
        attempts_left,
    });
}

/// A callback that waits has reached its last moment, or the moment from which it may be offered, or its next ring.
pub(super) fn expire_callback(
    step: &mut Step<'_>,
    ix: CallIx,
    since: PoolTime,
    due: Option<PoolTime>,
) {
    let now = step.at.now;
    let call = &step.state.calls[ix];
    let callback = call.state.callback.expect("it is called back");
    if step.state.queue_of(call).ends_waiting() {
        return end_call(step, ix, CallOutcome::Cancelled, OfferEnd::Withdrawn);
    }
    if callback.until <= now {
        return end_call(step, ix, CallOutcome::Unreached, OfferEnd::Withdrawn);
    }
    let is_shut = step.state.queue_of(call).is_shut();
    if is_shut && due.is_none_or(|due| due <= now) {
        return windows::defer(step, ix);
    }
    if due.is_some_and(|due| due <= now) {
        let call = call.record.id.clone();
        return step.emit(Event::CallbackDue { call });
    }
    expire_waiting(step, ix, since);
}
