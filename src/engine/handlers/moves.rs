//! Calls that change their queue and keep the wait that they have: moved, overflowed, or passed on in conversation.

use super::{
    super::{
        call::{Phase, Transfer},
        estimate::Standing,
        event::{Event, MoveCause},
        ids::{CallId, OfferId, PoolTime, QueueId},
        rejection::{Rejection, Violation},
        state::{CallIx, Queue},
        urgency::Rank,
    },
    Outcome, Step,
    ends::wrap_up,
    report::{found, known_offer, live_call, wrong_phase},
    route::{check_skill_count, known_queue},
};

/// A supervisor moves a waiting call; to the queue where it waits nothing changes.
pub(super) fn move_call(step: &mut Step<'_>, id: &CallId, to: &QueueId) -> Outcome {
    let ix = live_call(step.state, id, "waiting")?;
    let queue = known_queue(step.state, to)?;
    let call = &step.state.calls[ix];
    if !matches!(call.state.phase, Phase::Queued { .. }) {
        return Err(wrong_phase(id, &call.state.phase, "waiting"));
    }
    check_skill_count(queue, "queue", &call.record.skills)?;
    if call.queue() != to {
        check_open(queue)?;
        change_queue(step, ix, to, MoveCause::Supervisor);
    }
    Ok(())
}

/// The conversation of an offer is over for its agent, and the call waits for another. The same again changes nothing.
pub(super) fn transfer(
    step: &mut Step<'_>,
    id: &CallId,
    offer: Option<OfferId>,
    to: &QueueId,
) -> Outcome {
    let needed = "in conversation";
    let ix = live_call(step.state, id, needed)?;
    let offer = known_offer(step.state, id, offer)?;
    let queue = known_queue(step.state, to)?;
    let call = &step.state.calls[ix];
    let stay = call.state.stay.as_ref();
    if stay.is_some_and(|stay| stay.transferred == Some(offer)) {
        return Ok(());
    }
    let Phase::Connected { agent, since, .. } = &call.state.phase else {
        return Err(wrong_phase(id, &call.state.phase, needed));
    };
    if call.state.last_offer != Some(offer) {
        let problem = "is not the offer that led to this conversation";
        return Err(Rejection::Invalid(vec![Violation::new(
            "offer_id", problem,
        )]));
    }
    check_skill_count(queue, "queue", &call.record.skills)?;
    check_open(queue)?;
    let (agent, since, from) = (agent.clone(), *since, call.queue().clone());
    found(step, ix);
    let transfer = Transfer {
        offer,
        agent: agent.clone(),
        talked_ms: step.at.now.since(since),
    };
    put(step, ix, to, MoveCause::Transfer, since, Some(transfer));
    wrap_up(step, agent, id.clone(), &from);
    Ok(())
}

/// A queue that takes no new calls takes none from others.
fn check_open(queue: &Queue) -> Outcome {
    if queue.state.halt.is_none() {
        return Ok(());
    }
    Err(Rejection::WrongState {
        subject: format!("queue `{}`", queue.spec.id),
        is: "paused or closed",
        needed: "open: resume it, or choose another",
    })
}

/// Lets a waiting call wait in another queue.
pub(super) fn change_queue(step: &mut Step<'_>, ix: CallIx, to: &QueueId, cause: MoveCause) {
    let now = step.at.now;
    put(step, ix, to, cause, now, None);
}

/// Puts a call that has waited until `until` into a queue.
fn put(
    step: &mut Step<'_>,
    ix: CallIx,
    to: &QueueId,
    cause: MoveCause,
    until: PoolTime,
    transfer: Option<Transfer>,
) {
    let call = &step.state.calls[ix];
    let at = step.at.now;
    let waited_ms = until.since(call.wait_from());
    let wait_from = at.minus(waited_ms);
    let queue = &step.state.queues[to];
    let (head_start_ms, number) = (call.record.head_start_ms, call.state.number);
    let rank = Rank::of(head_start_ms, queue.weight, wait_from, number);
    let ahead = queue.estimate(&Standing::new(rank, at), at).ahead;
    let event = Event::CallMoved {
        call: call.record.id.clone(),
        from: call.queue().clone(),
        to: to.clone(),
        cause,
        at,
        ahead,
        wait_from,
        waited_ms,
        in_queue_ms: until.since(call.in_queue_from()),
        transfer,
    };
    step.emit(event);
}
