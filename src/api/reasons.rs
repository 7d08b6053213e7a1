//! Reasons of refusals by which requests are passed on again between processes: told in one place, and understood in another.

/// The pool is not in the process that was asked.
pub const NOT_OWNER: &str = "NOT_OWNER";
/// The pool changes hands.
pub const POOL_MOVING: &str = "POOL_MOVING";
/// The process that had the pool is gone, and what it did is not known.
pub const PEER_LOST: &str = "PEER_LOST";
/// The pool is being opened.
pub const POOL_OPENING: &str = "POOL_OPENING";
/// The process is about to end.
pub const SERVER_STOPPING: &str = "SERVER_STOPPING";
