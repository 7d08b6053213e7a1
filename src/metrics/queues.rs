//! Gauges of queues, and how far estimates were off.

use ::metrics::{gauge, histogram};

use super::{
    CALLBACKS_WAITING, CALLS_CONNECTED, CALLS_OFFERED, CALLS_WAITING, ESTIMATE_ERROR, LONGEST_WAIT,
    PoolAndQueue, QUEUE_HALTED, SERVICE_LEVEL, queue_label, seconds,
};
use crate::engine::{
    ids::{PoolId, PoolTime, QueueId},
    numbers::QueueNumbers,
    service::Permille,
};

/// Shows a queue's numbers at `now`.
pub fn measure_queue(pool: &PoolId, queue: &QueueId, numbers: &QueueNumbers, now: PoolTime) {
    let label = queue_label(Some(queue));
    let set = |name, value| {
        gauge!(name, "pool" => pool.to_string(), "queue" => label.clone()).set(value);
    };
    let calls = &numbers.calls;
    set(CALLS_WAITING, f64::from(calls.waiting));
    set(CALLS_OFFERED, f64::from(calls.offered));
    set(CALLS_CONNECTED, f64::from(calls.connected));
    set(CALLBACKS_WAITING, f64::from(calls.callbacks));
    set(LONGEST_WAIT, seconds(calls.longest_wait_ms(now)));
    set(QUEUE_HALTED, f64::from(u8::from(numbers.halted)));
    for (level, share) in numbers.levels {
        let share = share.map_or(f64::NAN, Permille::ratio);
        let queue = label.clone();
        gauge!(SERVICE_LEVEL, "pool" => pool.to_string(), "queue" => queue, "level" => level)
            .set(share);
    }
}

/// How far an estimate was from the wait: zero and above is `over`, below `under`.
pub(super) fn record_estimate_error((pool, queue): PoolAndQueue, error_ms: i64) {
    let side = if error_ms < 0 { "under" } else { "over" };
    let error = seconds(error_ms.unsigned_abs());
    histogram!(ESTIMATE_ERROR, "pool" => pool, "queue" => queue, "side" => side).record(error);
}
