//! Places in line and likely waits, counted over all calls of a queue.

use std::cmp::Reverse;

use super::{Checker, rules::Rule, state::Call};

/// A call that entered service longer ago says nothing of now.
const RECENTLY_MS: u64 = 30 * 60_000;

/// The last call that a queue served: when, after how long in the queue, and with how many ahead at first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Served {
    pub(super) at: u64,
    pub(super) delay_ms: u64,
    pub(super) ahead: u64,
}

impl Checker {
    /// Holds what a queue said of a call that it just got, and of its likely wait if the call is new.
    pub(super) fn check_estimate(&mut self, id: &str, is_new: bool) {
        let Some(call) = self.calls.get(id).filter(|_| self.is_whole) else {
            return;
        };
        let Some((ahead, wait_ms)) = self.estimate(id, call) else {
            return;
        };
        let faults = &mut self.faults;
        faults.hold(call.ahead == ahead, Rule::Estimate, || {
            format!(
                "{} calls are before `{id}`, and {ahead} are seen",
                call.ahead
            )
        });
        let told = call.estimate_ms;
        faults.hold(!is_new || told == wait_ms, Rule::Estimate, || {
            format!("`{id}` is likely to wait {told:?} ms, and {wait_ms:?} is seen")
        });
    }

    fn estimate(&self, id: &str, call: &Call) -> Option<(u64, Option<u64>)> {
        let config = self.config.as_ref()?;
        let urgency = |call: &Call| {
            let (_, score, number) = self.place(config, call);
            (score, number)
        };
        let own = urgency(call);
        let others = self
            .calls
            .iter()
            .filter(|(other, seen)| *other != id && seen.queue == call.queue && seen.is_queued());
        let mut ahead = 0;
        let mut head: Option<((i128, Reverse<u64>), u64)> = None;
        for (_, other) in others {
            let urgency = urgency(other);
            ahead += u64::from(urgency > own);
            if head.is_none_or(|(first, _)| urgency > first) {
                head = Some((urgency, other.came_at));
            }
        }
        let mut free = self.free.iter();
        let somebody = free.any(|agent| {
            let seen = self.agents.get(agent);
            self.is_free(agent)
                && Self::suits(agent, call)
                && self.is_open(config, agent, &call.queue)
                && seen.is_some_and(|seen| Self::fits(config, seen, call))
        });
        if somebody {
            return Some((ahead, Some(0)));
        }
        let served = self.served.get(&call.queue);
        let wait_ms = served
            .filter(|served| self.now - served.at <= RECENTLY_MS)
            .map(|served| {
                let scaled = u128::from(served.delay_ms) * u128::from(ahead + 1)
                    / u128::from(served.ahead + 1);
                let head_ms = head.map_or(0, |(_, came_at)| self.now - came_at);
                u64::try_from(scaled).unwrap_or(u64::MAX).max(head_ms)
            });
        Some((ahead, wait_ms))
    }
}
