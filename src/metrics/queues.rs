//! Gauges of queues, and how far estimates were off.

use ::metrics::histogram;

use super::{
    Page, PoolAndQueue, queue_label, seconds,
    table::{
        CALLBACKS_WAITING, CALLS_CONNECTED, CALLS_OFFERED, CALLS_WAITING, ESTIMATE_ERROR,
        LONGEST_WAIT, QUEUE_HALTED, QUEUE_TARGET, SERVICE_LEVEL,
    },
};
use crate::engine::{
    ids::{PoolId, PoolTime, QueueId},
    numbers::QueueNumbers,
    service::Permille,
};

impl Page {
    /// Shows a queue's numbers at `now`.
    pub fn measure_queue(
        &mut self,
        pool: &PoolId,
        queue: &QueueId,
        numbers: &QueueNumbers,
        target_ms: u64,
        now: PoolTime,
    ) {
        let pool = pool.to_string();
        let queue = queue_label(Some(queue));
        let calls = &numbers.calls;
        for (name, value) in [
            (CALLS_WAITING, f64::from(calls.waiting)),
            (CALLS_OFFERED, f64::from(calls.offered)),
            (CALLS_CONNECTED, f64::from(calls.connected)),
            (CALLBACKS_WAITING, f64::from(calls.callbacks)),
            (LONGEST_WAIT, seconds(calls.longest_wait_ms(now))),
            (QUEUE_TARGET, seconds(target_ms)),
            (QUEUE_HALTED, f64::from(u8::from(numbers.halted))),
        ] {
            self.set(name, &[("pool", &pool), ("queue", &queue)], value);
        }
        for (level, share) in numbers.levels {
            let share = share.map_or(f64::NAN, Permille::ratio);
            let labels = [("pool", &*pool), ("queue", &queue), ("level", level)];
            self.set(SERVICE_LEVEL, &labels, share);
        }
    }
}

/// How far an estimate was from the wait: zero and above is `over`, below `under`.
pub(super) fn record_estimate_error((pool, queue): PoolAndQueue, error_ms: i64) {
    let side = if error_ms < 0 { "under" } else { "over" };
    let error = seconds(error_ms.unsigned_abs());
    histogram!(ESTIMATE_ERROR, "pool" => pool, "queue" => queue, "side" => side).record(error);
}
