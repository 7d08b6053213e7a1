//! How queues were served in the last 30 min, for pools that balance their queues.

use std::collections::BTreeMap;

use super::config::Config;

const MINUTE_MS: u64 = 60_000;
const MINUTES: u64 = 30;

/// Calls that a queue was offered in a minute, and how many of them were answered within its target.
type Minutes = BTreeMap<u64, (i64, i64)>;

/// Of each queue; and in which minute each live call was counted in its queue.
#[derive(Clone, Debug, Default)]
pub(super) struct Levels {
    queues: BTreeMap<String, Minutes>,
    calls: BTreeMap<String, u64>,
}

impl Levels {
    /// A queue was offered a call.
    pub(super) fn offer(&mut self, now: u64, queue: &str, call: &str) {
        let minute = now / MINUTE_MS;
        let minutes = self.queues.entry(queue.to_owned()).or_default();
        minutes.entry(minute).or_default().0 += 1;
        minutes.retain(|at, _| at + MINUTES > minute);
        self.calls.insert(call.to_owned(), minute);
    }

    /// A call is to be called back, and counts no longer.
    pub(super) fn take_out(&mut self, queue: &str, call: &str) {
        if let Some(minute) = self.calls.remove(call)
            && let Some(counts) = self.of(queue, minute)
        {
            counts.0 -= 1;
        }
    }

    /// A call was answered within its queue's target.
    pub(super) fn answer(&mut self, queue: &str, call: &str) {
        if let Some(minute) = self.calls.get(call).copied()
            && let Some(counts) = self.of(queue, minute)
        {
            counts.1 += 1;
        }
    }

    /// A call is over.
    pub(super) fn forget(&mut self, call: &str) {
        self.calls.remove(call);
    }

    /// Only these queues are left.
    pub(super) fn keep(&mut self, config: &Config) {
        self.queues.retain(|id, _| config.queue(id).is_some());
    }

    /// How far a queue is above its goal, in thousandths, if the pool serves the lowest first.
    pub(super) fn balance(&self, config: &Config, queue: &str, now: u64) -> i64 {
        let Some(goal) = config.queue(queue).filter(|_| config.is_balanced()) else {
            return 0;
        };
        let minute = now / MINUTE_MS;
        let minutes = self.queues.get(queue).into_iter().flatten();
        let recent = minutes.filter(|(at, _)| **at + MINUTES > minute);
        let (all, good) = recent.fold((0, 0), |(all, good), (_, counts)| {
            (all + counts.0, good + counts.1)
        });
        (good * 1_000).checked_div(all).unwrap_or(0) - goal.goal_permille
    }

    fn of(&mut self, queue: &str, minute: u64) -> Option<&mut (i64, i64)> {
        self.queues.get_mut(queue)?.get_mut(&minute)
    }
}
