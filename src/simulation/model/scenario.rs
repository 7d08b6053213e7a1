//! What a scenario says: the pool, who calls it, and who serves it.

use std::sync::Arc;

use super::Distribution;
use crate::engine::{
    profile::{SiteKind, SkillLevel},
    spec::PoolSpec,
};

/// A scenario. Times of day are ms since midnight of the first day, and may pass 24 h.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// What it is called in reports.
    pub name: String,
    /// The pool that routes it.
    pub pool: PoolSpec,
    /// Who calls.
    pub demand: Vec<Demand>,
    /// Who serves.
    pub staff: Vec<StaffGroup>,
    /// Providers whose lines are lost now and then.
    pub providers: Vec<Provider>,
    /// The time of day at which it begins.
    pub starts_ms: u64,
    /// How long calls arrive; those that wait then are still served.
    pub duration_ms: u64,
    /// From the beginning on this long nothing is measured.
    pub warm_up_ms: u64,
    /// How the measured time is divided.
    pub spans: Spans,
    /// How often it is played, each time with other numbers.
    pub replications: u32,
    /// Days differ: a factor of all rates, drawn for each replication from the gamma distribution with mean 1 and this
    /// coefficient of variation; 0 is none.
    pub day_factor_cv: f64,
    /// What the random numbers depend on.
    pub seed: u64,
}

/// How the measured time is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spans {
    /// In intervals of this length, each with figures of its own over the replications. The last may be shorter.
    Intervals(u64),
    /// In so many equal batches, each of which counts like a replication: for one long run.
    Batches(u32),
}

/// The calls of a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Demand {
    /// The queue.
    pub queue: Arc<str>,
    /// When how many arrive; none before the first step.
    pub rates: Vec<RateStep>,
    /// As [`Scenario::day_factor_cv`], for this demand alone; the factors multiply.
    pub day_factor_cv: f64,
    /// What kinds of calls there are; at least one, and their shares sum to 1.
    pub kinds: Vec<CallKind>,
}

/// A rate from a time of day on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateStep {
    /// The time of day, ms.
    pub from_ms: u64,
    /// Calls per hour, a Poisson process.
    pub per_hour: f64,
}

/// A kind of call.
#[derive(Clone, Debug, PartialEq)]
pub struct CallKind {
    /// Its share of the demand's calls.
    pub share: f64,
    /// Name of its priority; empty is the default.
    pub priority: Arc<str>,
    /// Skills beside those of the queue, sorted by name.
    pub skills: Vec<SkillLevel>,
    /// How long it is talked.
    pub talk: Distribution,
    /// How long the caller waits before hanging up; none hangs up never.
    pub patience: Option<Distribution>,
}

/// Agents who are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct StaffGroup {
    /// The name; agents are called by it with a number.
    pub name: Arc<str>,
    /// How many.
    pub agents: u32,
    /// What they can, sorted by name.
    pub skills: Vec<SkillLevel>,
    /// Where they work; empty is at a site of each one's own.
    pub site: Arc<str>,
    /// What kind of site that is.
    pub site_kind: SiteKind,
    /// Region label of the site.
    pub region: Arc<str>,
    /// Internet provider; may be one of [`Scenario::providers`].
    pub provider: Arc<str>,
    /// The team.
    pub team: Arc<str>,
    /// The employer.
    pub employer: Arc<str>,
    /// When they are signed in, in order; none is always.
    pub shifts: Vec<Shift>,
    /// How long they take to accept an offer.
    pub answer: Distribution,
    /// The share of offers that they decline, after the same time.
    pub decline: f64,
    /// The share of offers that they let ring.
    pub no_answer: f64,
    /// How long they take to be ready again when two calls in a row were not answered.
    pub returns_after: Distribution,
    /// After-call work.
    pub wrap_up: Distribution,
}

/// A time in which agents are signed in. Whoever is busy at its end signs out after that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// From this time of day, ms.
    pub from_ms: u64,
    /// To this one.
    pub to_ms: u64,
}

/// A provider whose lines are lost now and then. The conversation goes on meanwhile: it does not use the line.
#[derive(Clone, Debug, PartialEq)]
pub struct Provider {
    /// The label that agents have.
    pub name: Arc<str>,
    /// How often an agent's line is lost, per hour with a line.
    pub losses_per_hour: f64,
    /// How long it is away.
    pub outage: Distribution,
}
