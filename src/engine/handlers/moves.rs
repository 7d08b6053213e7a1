//! Calls that change their queue and keep the wait that they have: moved, overflowed, or passed on in conversation.

use super::{
    super::{
        call::Transfer,
        estimate::Standing,
        event::{Event, MoveCause},
        ids::{AgentId, CallId, OfferId, PoolTime, QueueId},
        rejection::{Rejection, Violation},
        state::{Call, CallIx, Queue},
        urgency::Rank,
    },
    Outcome, Step,
    ends::wrap_up,
    preferred::{obstacle, prefer},
    report::{found, known_offer, live_call, wrong_phase},
    route::{check_skill_count, known_queue},
    talk::{Conversation, conversation},
};

/// A supervisor moves a waiting call; to the queue where it waits nothing changes.
pub(super) fn move_call(step: &mut Step<'_>, id: &CallId, to: &QueueId) -> Outcome {
    let ix = live_call(step.state, id, "waiting")?;
    let queue = known_queue(step.state, to)?;
    let call = &step.state.calls[ix];
    if !call.state.phase.is_waiting() {
        return Err(wrong_phase(id, &call.state.phase, "waiting"));
    }
    check_skill_count(queue, "queue", &call.record.skills)?;
    if call.queue() != to {
        check_open(queue)?;
        change_queue(step, ix, to, MoveCause::Supervisor);
    }
    Ok(())
}

/// The conversation of an offer is over for its agent, and the call waits for another, or for the agent who is named: as
/// for a preferred agent, it is kept for that agent first. The same again changes nothing.
pub(super) fn transfer(
    step: &mut Step<'_>,
    id: &CallId,
    offer: Option<OfferId>,
    to: Option<&QueueId>,
    named: Option<&AgentId>,
) -> Outcome {
    let ix = live_call(step.state, id, "in conversation")?;
    let offer = known_offer(step.state, id, offer)?;
    let call = &step.state.calls[ix];
    let to = to.unwrap_or_else(|| call.queue()).clone();
    let queue = known_queue(step.state, &to)?;
    let stay = call.state.stay.as_ref();
    if stay.is_some_and(|stay| stay.transferred == Some(offer)) {
        return Ok(());
    }
    let Conversation { agent, since, .. } = conversation(step.state, id, offer)?;
    check_skill_count(queue, "queue", &call.record.skills)?;
    check_open(queue)?;
    if let Some(named) = named {
        check_named(step, call, queue, named, &agent)?;
    }
    let from = call.at;
    found(step, ix);
    let transfer = Transfer {
        offer,
        agent: agent.clone(),
        talked_ms: step.at.now.since(since),
    };
    put(step, ix, &to, MoveCause::Transfer, since, Some(transfer));
    if let Some(named) = named {
        prefer(step, ix, named);
    }
    wrap_up(step, agent, id.clone(), from);
    Ok(())
}

/// A call is passed on to an agent who can take it while the queue would keep it: whoever talks to the caller can
/// still say so.
fn check_named(
    step: &Step<'_>,
    call: &Call,
    queue: &Queue,
    named: &AgentId,
    passing: &AgentId,
) -> Outcome {
    let wrong = |problem: String| {
        let violation = Violation::new("agent_id", problem);
        Err(Rejection::Invalid(vec![violation]))
    };
    let unknown = || Rejection::UnknownAgent(named.clone());
    let ix = step.state.agent(named).ok_or_else(unknown)?;
    if named == passing {
        return wrong(format!("is `{passing}`, who has the call; name another"));
    }
    let (id, held_ms) = (&queue.spec.id, queue.spec.preferred_hold_ms);
    if held_ms == 0 {
        return wrong(format!(
            "is given, and queue `{id}` keeps no call for an agent; give it a `preferred_hold`, or pass on to the queue"
        ));
    }
    let until = step.at.now.plus(held_ms);
    match obstacle(step.state, ix, queue, &call.skills, until) {
        None => Ok(()),
        Some(is) => Err(Rejection::WrongState {
            subject: format!("agent `{named}`"),
            is,
            needed: "able to take the call while the queue keeps it: name another, or pass on to the queue",
        }),
    }
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
