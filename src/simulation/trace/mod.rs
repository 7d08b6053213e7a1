//! Call logs: who would have answered each call of a log, and when, to the millisecond.
//!
//! Agents sign in and out by the log, accept at once, talk for the call's time and wrap up for their own; callers hang up
//! when their patience ends. Within one millisecond deadlines and hang-ups come first, then ends of talk and of wrap-up,
//! log-ins, arrivals, log-outs; agents of one such step by their ids, calls as the log has them.

mod agenda;
mod pool;
mod read;
mod report;
mod run;
mod table;

pub use report::{Ending, Finding, Report, Summary};
pub use run::Refused;
pub use table::{Problems, Source};

use std::sync::Arc;

use crate::engine::{
    ids::{AgentId, CallId},
    profile::SkillLevel,
    spec::PoolSpec,
};

/// An agent of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Agent {
    id: AgentId,
    /// Sorted by name, each once.
    skills: Vec<SkillLevel>,
    login_ms: u64,
    logout_ms: u64,
    wrap_ms: u64,
    /// Where it stands in its file.
    line: u64,
}

/// A call of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Call {
    id: CallId,
    arrival_ms: u64,
    /// Names its queue.
    skill: Arc<str>,
    /// The lowest is served first.
    priority: u64,
    handle_ms: u64,
    patience_ms: u64,
    /// Where it stands in its file.
    line: u64,
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
