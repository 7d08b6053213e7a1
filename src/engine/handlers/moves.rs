//! Calls that change their queue: still waiting, with the wait that they have.

use super::{
    super::{
        call::Phase,
        event::{Event, MoveCause},
        ids::{CallId, QueueId},
        state::CallIx,
    },
    Outcome, Step,
    report::{live_call, wrong_phase},
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
        change_queue(step, ix, to, MoveCause::Supervisor);
    }
    Ok(())
}

/// Lets a waiting call wait in another queue.
fn change_queue(step: &mut Step<'_>, ix: CallIx, to: &QueueId, cause: MoveCause) {
    let call = &step.state.calls[ix];
    let at = step.at.now;
    let event = Event::CallMoved {
        call: call.record.id.clone(),
        from: call.queue().clone(),
        to: to.clone(),
        cause,
        at,
        wait_from: call.wait_from(),
        waited_ms: at.since(call.wait_from()),
        in_queue_ms: at.since(call.in_queue_from()),
    };
    step.emit(event);
}
