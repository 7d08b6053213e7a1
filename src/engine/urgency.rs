//! The order in which waiting calls are served.
//!
//! `urgency = head_start_ms × 1000 + w × wait_ms`, `w = clamp(20,000,000 ÷ target_ms, 1, 1,000,000)`;
//! the highest is first, ties go to the lower acceptance number.

use std::cmp::Reverse;

use super::{ids::PoolTime, service::Balance};

/// Weight of a queue from its target answer time, 1 to 1,000,000: a call that has waited its whole target counts the
/// same in every queue.
pub fn weight(target_ms: u64) -> u32 {
    let weight = (20_000_000 / target_ms.max(1)).clamp(1, 1_000_000);
    u32::try_from(weight).unwrap_or(1_000_000)
}

/// A waiting call's place in the order: the greater is served first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Urgency {
    score: i128,
    number: Reverse<u64>,
}

impl Urgency {
    /// The urgency at `now` of a call of this head start (ms), weight, wait and acceptance number.
    pub fn at(
        now: PoolTime,
        head_start_ms: i64,
        weight: u32,
        wait_from: PoolTime,
        number: u64,
    ) -> Self {
        let waited = i128::from(now.since(wait_from));
        let score = i128::from(head_start_ms) * 1000 + i128::from(weight) * waited;
        Self {
            score,
            number: Reverse(number),
        }
    }
}

/// A waiting call's place among all: the greater is served first. Where the pool balances its queues, the calls of the
/// queue with the lowest balance come first; elsewhere all balances are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Precedence {
    balance: Reverse<Balance>,
    urgency: Urgency,
}

impl Precedence {
    /// The place of a call of this urgency in a queue of this balance.
    pub(crate) fn new(balance: Balance, urgency: Urgency) -> Self {
        Self {
            balance: Reverse(balance),
            urgency,
        }
    }
}

/// A waiting call's fixed place among calls of its weight: the lower is served first, whatever the time.
///
/// `w × wait_from − head_start_ms × 1000`, ties by acceptance number: the urgency of each grows by `w` every millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    score: i128,
    number: u64,
}

impl Rank {
    /// The place of a call of this head start (ms), weight, wait and acceptance number.
    pub(crate) fn of(head_start_ms: i64, weight: u32, wait_from: PoolTime, number: u64) -> Self {
        let from = i128::from(weight) * i128::from(wait_from.0);
        Self {
            score: from - i128::from(head_start_ms) * 1000,
            number,
        }
    }

    /// The urgency at `now`, which is not before the wait began.
    pub(crate) fn urgency(self, weight: u32, now: PoolTime) -> Urgency {
        Urgency {
            score: i128::from(weight) * i128::from(now.0) - self.score,
            number: Reverse(self.number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fixed_place_tells_the_same_urgency() {
        for (head_start_ms, weight, wait_from, now) in [
            (0, 1, 0, 0),
            (60_000, 1_000, 1_700_000_000_000, 1_700_000_090_000),
            (1_000_000_000_000, 1_000_000, 5, u64::MAX),
        ] {
            let (wait_from, now) = (PoolTime(wait_from), PoolTime(now));
            let urgency = Urgency::at(now, head_start_ms, weight, wait_from, 7);
            let rank = Rank::of(head_start_ms, weight, wait_from, 7);
            assert_eq!(rank.urgency(weight, now), urgency);
        }
    }
}
