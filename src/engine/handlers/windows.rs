//! Queues open and close by their windows.

use super::{
    super::{event::Event, ids::QueueId, serve::Opening, state::CallIx},
    Step,
};

/// Opens and closes every queue whose time has come. A clock that was set in between moves the time of the next change.
pub(super) fn turn(step: &mut Step<'_>) {
    while let Some(queue) = step.state.next_turn(step.at) {
        look(step, &queue);
    }
}

/// Looks at the windows of every queue anew, as the configuration may have changed them.
pub(super) fn look_at_all(step: &mut Step<'_>) {
    let queues = step.state.queues.iter();
    let windowed = queues.filter(|queue| queue.spec.serve.mode.has_windows());
    let ids: Vec<QueueId> = windowed.map(|queue| queue.spec.id.clone()).collect();
    for id in &ids {
        look(step, id);
    }
}

fn look(step: &mut Step<'_>, id: &QueueId) {
    let (now, wall) = (step.at.now, step.at.wall);
    let queue = &step.state.queues[id];
    let Some(windows) = &queue.windows else {
        return;
    };
    let before = queue.state.opening;
    let at = Opening::at(windows, now, wall);
    let queue = id.clone();
    match before {
        Some(before) if (before.is_open, before.turns_at) == (at.is_open, at.turns_at) => {
            let opening = before.timed_anew(now, wall);
            if opening != before {
                step.emit(Event::QueueTurnMoved { queue, opening });
            }
        }
        Some(before) if before.is_open == at.is_open => {
            let from = before.from.min(wall);
            let opening = Opening { from, ..at };
            step.emit(Event::QueueTurnMoved { queue, opening });
        }
        _ if at.is_open => step.emit(Event::QueueOpened {
            queue,
            opening: at,
            at: now,
        }),
        _ => step.emit(Event::QueueShut {
            queue,
            opening: at,
            at: now,
        }),
    }
}

/// A callback whose queue is not served waits for the next opening; without one until its last moment.
pub(super) fn defer(step: &mut Step<'_>, ix: CallIx) {
    let call = &step.state.calls[ix];
    let until = call.state.callback.expect("it is called back").until;
    let opening = step.state.queue_of(call).state.opening;
    let due = opening.and_then(|opening| opening.due).unwrap_or(until);
    step.emit(Event::CallbackDeferred {
        call: call.record.id.clone(),
        due: due.min(until),
    });
}
