//! Gauges of queues, and how far estimates were off.

use ::metrics::histogram;

use super::{
    Page, PoolAndQueue,
    page::Together,
    queue_label, seconds,
    table::{
        BASELINE_AGE, CALLBACKS_WAITING, CALLS_CONNECTED, CALLS_OFFERED, CALLS_WAITING,
        ESTIMATE_ERROR, LONGEST_WAIT, PEAK_ON, PEAK_SHORT, QUEUE_HALTED, QUEUE_OPEN, QUEUE_TARGET,
        SERVICE_LEVEL,
    },
};
use crate::engine::{
    ids::{Moment, PoolId, QueueId, WallTime},
    numbers::QueueNumbers,
    service::Permille,
};

impl Page {
    /// Shows a queue's numbers at a moment. Queues without a label of their own are shown as one: their calls together, the
    /// longest wait, the longest target, whether one is halted, and of each service level the lowest.
    pub fn measure_queue(
        &mut self,
        pool: &PoolId,
        queue: &QueueId,
        numbers: &QueueNumbers,
        target_ms: u64,
        at: Moment,
    ) {
        let pool = pool.to_string();
        let queue = queue_label(Some(queue));
        let calls = &numbers.calls;
        for (name, value, together) in [
            (CALLS_WAITING, f64::from(calls.waiting), Together::Sum),
            (CALLS_OFFERED, f64::from(calls.offered), Together::Sum),
            (CALLS_CONNECTED, f64::from(calls.connected), Together::Sum),
            (CALLBACKS_WAITING, f64::from(calls.callbacks), Together::Sum),
            (
                LONGEST_WAIT,
                seconds(calls.longest_wait_ms(at.now)),
                Together::Most,
            ),
            (QUEUE_TARGET, seconds(target_ms), Together::Most),
            (
                QUEUE_HALTED,
                f64::from(u8::from(numbers.halted)),
                Together::Most,
            ),
            (
                QUEUE_OPEN,
                f64::from(u8::from(!numbers.shut)),
                Together::Least,
            ),
        ] {
            self.share(name, &[("pool", &pool), ("queue", &queue)], value, together);
        }
        self.measure_demand([("pool", &pool), ("queue", &queue)], numbers, at.wall);
        for (level, share) in numbers.levels {
            let share = share.map_or(f64::NAN, Permille::ratio);
            let labels = [("pool", &*pool), ("queue", &queue), ("level", level)];
            self.share(SERVICE_LEVEL, &labels, share, Together::Least);
        }
    }
}

impl Page {
    /// What is not known is not a number.
    fn measure_demand(
        &mut self,
        labels: [(&'static str, &str); 2],
        numbers: &QueueNumbers,
        wall: WallTime,
    ) {
        let is_on = f64::from(u8::from(numbers.peak.is_some()));
        self.share(PEAK_ON, &labels, is_on, Together::Most);
        let short = numbers.peak.flatten().map_or(f64::NAN, f64::from);
        self.share(PEAK_SHORT, &labels, short, Together::Most);
        let age_ms = |known: WallTime| u64::try_from(wall.0.saturating_sub(known.0)).unwrap_or(0);
        let age = numbers.baseline_at.map(age_ms).map_or(f64::NAN, seconds);
        self.share(BASELINE_AGE, &labels, age, Together::Most);
    }
}

/// How far an estimate was from the wait: zero and above is `over`, below `under`.
pub(super) fn record_estimate_error((pool, queue): PoolAndQueue, error_ms: i64) {
    let side = if error_ms < 0 { "under" } else { "over" };
    let error = seconds(error_ms.unsigned_abs());
    histogram!(ESTIMATE_ERROR, "pool" => pool, "queue" => queue, "side" => side).record(error);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::{
            ids::PoolTime,
            numbers::CallCounts,
            service::{Counts, Permille},
        },
        metrics::QUEUES_MAX,
    };

    /// A queue in which callers wait, the longest for so many seconds, with this service level of the last minutes.
    fn measure(page: &mut Page, id: &str, waiting: u32, longest_s: u64, level: Option<u16>) {
        let pool = PoolId::new("p");
        let queue = QueueId::new(id);
        let now = PoolTime(100_000);
        let none = ("sl_offered", None);
        let recent = ("sl_offered_30min", level.map(Permille));
        let numbers = QueueNumbers {
            calls: CallCounts {
                waiting,
                longest_wait_since: Some(PoolTime(now.0 - longest_s * 1_000)),
                ..CallCounts::default()
            },
            today: Counts::of_day(now),
            levels: [none, none, none, recent],
            halted: waiting > 2,
            shut: false,
            peak: None,
            baseline_at: None,
        };
        let at = Moment {
            now,
            wall: WallTime(100_000),
        };
        page.measure_queue(&pool, &queue, &numbers, 20_000, at);
    }

    #[test]
    fn queues_beyond_the_limit_are_one_row() {
        for number in 0..QUEUES_MAX {
            let queue = QueueId::new(format!("q{number}"));
            let _taken = queue_label(Some(&queue));
        }
        let mut page = Page::default();
        measure(&mut page, "q0", 1, 9, Some(1_000));
        measure(&mut page, "beyond", 2, 30, None);
        measure(&mut page, "beyond too", 3, 12, Some(750));
        measure(&mut page, "and this", 1, 5, Some(900));
        let text = page.text();
        for row in [
            "homeshore_calls_waiting{pool=\"p\",queue=\"q0\"} 1",
            "homeshore_calls_waiting{pool=\"p\",queue=\"other\"} 6",
            "homeshore_longest_wait_seconds{pool=\"p\",queue=\"other\"} 30",
            "homeshore_queue_target_seconds{pool=\"p\",queue=\"other\"} 20",
            "homeshore_queue_halted{pool=\"p\",queue=\"other\"} 1",
            "homeshore_service_level_ratio{pool=\"p\",queue=\"other\",level=\"sl_offered_30min\"} 0.75",
        ] {
            let (series, _) = row.rsplit_once(' ').expect("a value");
            let rows: Vec<&str> = text
                .lines()
                .filter(|line| line.starts_with(series))
                .collect();
            assert_eq!(rows, [row]);
        }
    }
}
