//! What a pool gives numbers to: calls, offers and messages; and how its two clocks stand.

use serde::{Deserialize, Serialize};

use super::absent::is_default;

/// The next numbers; they only grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counters {
    /// The next call's acceptance number.
    pub(crate) next_call: u64,
    /// The next offer's number.
    pub(crate) next_offer: u64,
    /// The next message's number.
    #[serde(default = "first", skip_serializing_if = "is_first")]
    pub(crate) next_message: u64,
    /// New sessions of agents have higher numbers than this.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) sessions_above: u64,
    /// How far the calendar is ahead of the pool's clock, ms.
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) wall_ahead_ms: i64,
}

impl Counters {
    /// Those of a new pool.
    pub(crate) const FIRST: Self = Self {
        next_call: 1,
        next_offer: 1,
        next_message: 1,
        sessions_above: 0,
        wall_ahead_ms: 0,
    };
}

fn first() -> u64 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_first(number: &u64) -> bool {
    *number == first()
}
