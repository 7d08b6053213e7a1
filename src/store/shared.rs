//! A store that several processes share: who is there, who owns which pool, and how a pool changes hands.

use std::time::Duration;

use super::{Lease, Store, StoreError};
use crate::engine::ids::PoolId;

/// A process that keeps pools on a shared store.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Replica {
    /// Random, new for each start: a process that was started again is another.
    pub boot: String,
    /// Where the others reach it.
    pub address: String,
}

/// What everybody sees of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The pool.
    pub pool: PoolId,
    /// Whose lease it is, in force or over; none if it was given back.
    pub owner: Option<Replica>,
    /// Which acquisition it is: each has a higher number.
    pub epoch: u64,
    /// How long the lease lasts if it is not renewed.
    pub lasts: Duration,
    /// How long it has been over; zero while it lasts.
    pub over_for: Duration,
    /// Revision of the last commit.
    pub revision: u64,
}

/// A store that several processes share.
#[async_trait::async_trait]
pub trait Shared: Store {
    /// Names this process by the address where the others reach it, from now on.
    fn join(&self, address: &str);

    /// The time by which this process keeps deadlines: it runs on while the machine sleeps.
    fn now(&self) -> Duration;

    /// This process.
    fn me(&self) -> Replica;

    /// Shows that this process is there; answers who is, by boot id, this process among them.
    async fn announce(&self) -> Result<Vec<Replica>, StoreError>;

    /// Says that this process is about to end; answers who else is there.
    async fn withdraw(&self) -> Result<Vec<Replica>, StoreError>;

    /// Every pool's head.
    async fn heads(&self) -> Result<Vec<Head>, StoreError>;

    /// One pool's head, if there is such a pool.
    async fn head(&self, pool: &PoolId) -> Result<Option<Head>, StoreError>;

    /// Takes the pool like [`Store::acquire`], also while the lease of the process of this boot id is in force, which is known to be
    /// gone.
    async fn acquire_from(&self, pool: &PoolId, gone: &str) -> Result<Lease, StoreError>;

    /// Gives the pool to another process: nobody else can acquire it before that one's lease is over.
    async fn hand_over(&self, lease: &Lease, successor: &Replica) -> Result<(), StoreError>;
}
