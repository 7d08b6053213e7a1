//! Supervisors pause queues, close them in an emergency, and open them again.

use std::sync::Arc;

use super::{
    super::{
        command::HaltOrder,
        event::Event,
        ids::{NAME_BYTES_MAX, PoolTime, QueueId, name_problem},
        queue::Halt,
        rejection::{Rejection, Violation},
    },
    Outcome, Step,
    route::known_queue,
};

/// A halt may be given an end at most this far ahead.
const UNTIL_MAX_MS: u64 = 366 * 24 * 3_600_000;
/// Longest reason, in bytes.
const REASON_BYTES_MAX: usize = 256;

/// Pauses a queue or closes it; the newest order replaces the one before.
pub(super) fn halt(step: &mut Step<'_>, queue: &QueueId, order: &HaltOrder) -> Outcome {
    let now = step.at.now;
    let mut wrong = check_word(&order.by, &order.reason, true);
    if let Some(until) = order.until {
        wrong.extend(until_problem(now, until).map(|problem| Violation::new("until", problem)));
    }
    if !wrong.is_empty() {
        return Err(Rejection::Invalid(wrong));
    }
    let before = known_queue(step.state, queue)?.state.halt.clone();
    let halt = Halt {
        kind: order.kind,
        by: Arc::clone(&order.by),
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
    by: &Arc<str>,
    reason: &Arc<str>,
) -> Outcome {
    let wrong = check_word(by, reason, false);
    if !wrong.is_empty() {
        return Err(Rejection::Invalid(wrong));
    }
    if known_queue(step.state, queue)?.state.halt.is_some() {
        emit_resumed(step, queue, Some(Arc::clone(by)), Arc::clone(reason));
    }
    Ok(())
}

/// The halt has reached its end.
pub(super) fn expire(step: &mut Step<'_>, queue: &QueueId) {
    emit_resumed(step, queue, None, Arc::from(""));
}

fn emit_resumed(step: &mut Step<'_>, queue: &QueueId, by: Option<Arc<str>>, reason: Arc<str>) {
    step.emit(Event::QueueResumed {
        queue: queue.clone(),
        by,
        reason,
        at: step.at.now,
    });
}

/// What is wrong with who wants something and why.
fn check_word(by: &str, reason: &str, needs_reason: bool) -> Vec<Violation> {
    let by = name_problem(by, NAME_BYTES_MAX).map(|problem| Violation::new("by", problem));
    let reason = if reason.is_empty() && !needs_reason {
        None
    } else {
        name_problem(reason, REASON_BYTES_MAX)
    };
    let reason = reason.map(|problem| Violation::new("reason", problem));
    by.into_iter().chain(reason).collect()
}

fn until_problem(now: PoolTime, until: PoolTime) -> Option<String> {
    if until <= now {
        return Some("has passed; give a time to come, or leave it out".to_owned());
    }
    let far = until.since(now) > UNTIL_MAX_MS;
    far.then(|| "is over 366 days ahead; give an earlier time, or leave it out".to_owned())
}
