//! The order in which waiting calls are served.
//!
//! `urgency = head_start_ms × 1000 + w × wait_ms`, `w = clamp(20,000,000 ÷ target_ms, 1, 1,000,000)`;
//! the highest is first, ties go to the lower acceptance number.

use std::cmp::Reverse;

use super::ids::PoolTime;

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
