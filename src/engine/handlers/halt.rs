//! Supervisors pause queues, close them in an emergency, and open them again.

use std::sync::Arc;

use super::{
    super::{
        command::HaltOrder,
        event::Event,
        ids::{PoolTime, QueueId},
        queue::Halt,
        rejection::{Rejection, Violation},
    },
    Outcome, Step,
    route::known_queue,
    supervision::wrong_names,
};

/// A halt may be given an end at most this far ahead.
const UNTIL_MAX_MS: u64 = 366 * 24 * 3_600_000;

/// Pauses a queue or closes it; the newest order replaces the one before.
pub(super) fn halt(step: &mut Step<'_>, queue: &QueueId, order: &HaltOrder) -> Outcome {
    let now = step.at.now;
    let names = [("reason", &order.reason), ("supervisor", &order.supervisor)];
    let mut wrong = wrong_names(&names);
    if let Some(until) = order.until {
        wrong.extend(until_problem(now, until).map(|problem| Violation::new("until", problem)));
    }
    if !wrong.is_empty() {
        return Err(Rejection::Invalid(wrong));
    }
    let before = known_queue(step.state, queue)?.state.halt.clone();
    let halt = Halt {
        kind: order.kind,
        supervisor: Arc::clone(&order.supervisor),
        reason: Arc::clone(&order.reason),
        since: before.as_ref().map_or(now, |before| before.since),
        until: order.until,
        waiting: order.waiting,
    };
    if before.as_deref() != Some(&halt) {
        let (queue, halt) = (queue.clone(), Arc::new(halt));
        step.emit(Event::QueueHalted { queue, halt });
    }
    Ok(())
}

/// Opens a queue again; one that is open stays so.
pub(super) fn resume(
    step: &mut Step<'_>,
    queue: &QueueId,
    supervisor: &Arc<str>,
    reason: &Arc<str>,
) -> Outcome {
    let mut names = vec![("supervisor", supervisor)];
    if !reason.is_empty() {
        names.push(("reason", reason));
    }
    let wrong = wrong_names(&names);
    if !wrong.is_empty() {
        return Err(Rejection::Invalid(wrong));
    }
    if known_queue(step.state, queue)?.state.halt.is_some() {
        emit_resumed(
            step,
            queue,
            Some(Arc::clone(supervisor)),
            Arc::clone(reason),
        );
    }
    Ok(())
}

/// The halt has reached its end.
pub(super) fn expire(step: &mut Step<'_>, queue: &QueueId) {
    emit_resumed(step, queue, None, Arc::from(""));
}

fn emit_resumed(
    step: &mut Step<'_>,
    queue: &QueueId,
    supervisor: Option<Arc<str>>,
    reason: Arc<str>,
) {
    step.emit(Event::QueueResumed {
        queue: queue.clone(),
        supervisor,
        reason,
        at: step.at.now,
    });
}

fn until_problem(now: PoolTime, until: PoolTime) -> Option<String> {
    if until <= now {
        return Some("has passed; give a time to come, or leave it out".to_owned());
    }
    let far = until.since(now) > UNTIL_MAX_MS;
    far.then(|| "is over 366 days ahead; give an earlier time, or leave it out".to_owned())
}
