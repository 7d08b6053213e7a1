//! Call logs: who would have answered each call of a log, and when, to the millisecond.
//!
//! Agents sign in and out by the log, accept at once, talk for the call's time and wrap up for their own; callers hang up
//! when their patience ends. Within one millisecond deadlines and hang-ups come first, then ends of talk and of wrap-up,
//! log-ins, arrivals, log-outs; agents of one such step by their ids, calls as the log has them.

mod happening;
mod pool;
mod read;
mod report;
mod run;
mod table;

pub use super::world::Refused;
pub use report::{Ending, Finding, Report, Summary};
pub use table::{Problems, Source};

pub(crate) use read::{read_agents, read_calls};
pub(crate) use table::{Others, read as read_rows};

use std::sync::Arc;

use crate::engine::{
    ids::{AgentId, CallId},
    profile::SkillLevel,
    spec::PoolSpec,
};

/// An agent of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Agent {
    pub(crate) id: AgentId,
    /// Sorted by name, each once.
    pub(crate) skills: Vec<SkillLevel>,
    pub(crate) login_ms: u64,
    pub(crate) logout_ms: u64,
    pub(crate) wrap_ms: u64,
    /// Where it stands in its file.
    pub(crate) line: u64,
}

/// A call of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) id: CallId,
    pub(crate) arrival_ms: u64,
    /// Names its queue.
    pub(crate) skill: Arc<str>,
    /// The lowest is served first.
    pub(crate) priority: u64,
    pub(crate) handle_ms: u64,
    pub(crate) patience_ms: u64,
    /// Where it stands in its file.
    pub(crate) line: u64,
}

/// A log, and the pool that routes it. Times are ms of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    pool: PoolSpec,
    /// Sorted by id.
    agents: Vec<Agent>,
    /// As the file has them.
    calls: Vec<Call>,
    /// Whether lines of the file of calls end with CR and LF; those of the result do the same.
    has_crlf: bool,
}

impl Trace {
    /// How many calls it has.
    pub fn calls(&self) -> usize {
        self.calls.len()
    }
}
