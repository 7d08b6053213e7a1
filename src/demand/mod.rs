//! Demand: holds what arrives at each queue against its baseline, interval by interval, and tells the pool what came of it.
//!
//! The pool's engine counts and decides about peaks; what is likely is computed here, and every number goes along.

mod grid;
mod judge;
mod watch;

pub use self::{judge::judge, watch::watch};
