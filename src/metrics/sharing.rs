//! What processes that share a store count: pools that change hands, and requests on their way to the one that has the pool.

use ::metrics::{counter, gauge};

use super::{
    number,
    table::{PASSED_ON, POOL_GIVEN_UP, REPLICAS},
};
use crate::engine::ids::PoolId;

/// How a pool left this process while others share its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenUp {
    /// It was handed to another process.
    Handed,
    /// It was given back, as nobody else was there.
    Released,
    /// Another process took it.
    Lost,
}

impl GivenUp {
    pub(super) const ALL: [Self; 3] = [Self::Handed, Self::Released, Self::Lost];

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Handed => "handed",
            Self::Released => "released",
            Self::Lost => "lost",
        }
    }
}

/// A pool left this process.
pub fn given_up(pool: &PoolId, how: GivenUp) {
    counter!(POOL_GIVEN_UP, "pool" => pool.to_string(), "how" => how.label()).increment(1);
}

/// What became of a request that was passed on to the process that has its pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passed {
    /// It was answered there.
    Answered,
    /// It was sent again, as the pool had moved or the other process was gone.
    Again,
    /// Nobody had the pool in time, or it is not known what became of it.
    Failed,
    /// Too many were on their way to that process.
    Refused,
}

impl Passed {
    const ALL: [Self; 4] = [Self::Answered, Self::Again, Self::Failed, Self::Refused];

    fn label(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Again => "again",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }
}

/// A request was passed on.
pub fn passed_on(how: Passed) {
    counter!(PASSED_ON, "result" => how.label()).increment(1);
}

/// Shows what processes that share a store count, at zero, from the start.
pub(super) fn begin() {
    replicas(0);
    for how in Passed::ALL {
        counter!(PASSED_ON, "result" => how.label()).increment(0);
    }
}

/// So many processes share the store, this one among them.
pub fn replicas(count: usize) {
    gauge!(REPLICAS).set(number(count));
}
