//! Gauges of queues: set at each change, and from time to time where time alone changes them.

use ::metrics::{gauge, histogram};

use super::{
    CALLS_WAITING, ESTIMATE_ERROR, LONGEST_WAIT, PoolAndQueue, QUEUE_HALTED, SERVICE_LEVEL,
    queue_label, seconds,
};
use crate::engine::{
    ids::{PoolId, PoolTime},
    service::Permille,
    view::QueueView,
};

/// What only a change of the queue changes.
pub fn measure_queue(pool: &PoolId, queue: &QueueView) {
    let set = |name, value| {
        let label = queue_label(Some(&queue.id));
        gauge!(name, "pool" => pool.to_string(), "queue" => label).set(value);
    };
    set(CALLS_WAITING, f64::from(queue.waiting));
    let halted = queue.state.halt.is_some();
    set(QUEUE_HALTED, f64::from(u8::from(halted)));
}

/// What time changes as well.
pub fn measure_time(pool: &PoolId, queue: &QueueView, now: PoolTime) {
    let label = queue_label(Some(&queue.id));
    let since = queue.longest_wait_since;
    let longest_ms = since.map_or(0, |since| now.since(since));
    gauge!(LONGEST_WAIT, "pool" => pool.to_string(), "queue" => label).set(seconds(longest_ms));
    for (level, share) in queue.state.service.levels(now) {
        let label = queue_label(Some(&queue.id));
        let share = share.map_or(f64::NAN, Permille::ratio);
        gauge!(SERVICE_LEVEL, "pool" => pool.to_string(), "queue" => label, "level" => level)
            .set(share);
    }
}

/// How far an estimate was from the wait: zero and above is `over`, below `under`.
pub(super) fn record_estimate_error((pool, queue): PoolAndQueue, error_ms: i64) {
    let side = if error_ms < 0 { "under" } else { "over" };
    let error = seconds(error_ms.unsigned_abs());
    histogram!(ESTIMATE_ERROR, "pool" => pool, "queue" => queue, "side" => side).record(error);
}
