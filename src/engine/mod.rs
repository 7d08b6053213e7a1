//! The routing state machine: pure, with time as an argument. Commands in, events out.
//!
//! A command is checked whole before the first event; state changes only in `evolve`; each event marks the entities
//! it touches, and the touched entities are what is stored.

mod about;
mod absent;
pub mod agent;
pub mod alarm;
pub mod answers;
pub mod arrivals;
mod beside;
mod bits;
mod build;
pub mod call;
mod check;
pub mod command;
mod counters;
pub mod detail;
pub mod eligibility;
pub mod estimate;
pub mod event;
mod evolve;
pub mod explain;
pub mod guard;
mod handlers;
pub mod ids;
pub mod inbox;
mod kept;
pub mod law;
mod live;
mod matching;
mod notes;
pub mod numbers;
mod occupancy;
mod order;
pub mod outage;
pub mod outcome;
pub mod outlook;
pub mod past;
pub mod peaks;
mod places;
pub mod plan;
pub mod profile;
pub mod queue;
mod queues;
pub mod readiness;
pub mod record;
mod reindex;
pub mod rejection;
mod salvage;
pub mod serve;
pub mod service;
mod shown;
pub mod sites;
mod slab;
pub mod spec;
mod state;
mod stored;
pub mod talk;
pub mod terms;
mod texts;
mod thin;
mod timers;
mod urgency;
pub mod view;
mod views;
pub mod volumes;

use std::{collections::BTreeMap, sync::Arc};

pub use handlers::{directory::AgentCounts, route::SKILLS_OF_CALL_MAX};
pub use matching::{CANDIDATES_COUNTED, Choice};
pub use stored::{ENTITY_FORMAT, LoadError};
pub use urgency::{Urgency, weight};

use self::{
    answers::{KeptAnswer, RequestKey},
    command::Command,
    estimate::Estimate,
    event::Event,
    handlers::Step,
    ids::{AgentId, CallId, Moment, PoolId, PoolTime, QueueId, WallTime},
    outlook::LabourOutlook,
    past::Past,
    plan::{Schedule, Shifts},
    profile::{AgentProfile, ProfileFields, SkillLevel},
    record::{Delta, Record},
    rejection::Rejection,
    spec::PoolSpec,
    state::State,
    view::{AgentView, CallView, QueueView, Touched},
};

/// How much one pool may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Agent records.
    pub agents: usize,
    /// Live calls; more are diverted `full`.
    pub live_calls: usize,
    /// Memories of calls that are over; the oldest go first.
    pub tombstones: usize,
    /// Distinct skills.
    pub skills: usize,
    /// Platform instances.
    pub platforms: usize,
    /// Days that arrivals are kept.
    pub arrival_days: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            agents: 200_000,
            live_calls: 200_000,
            tombstones: 500_000,
            skills: 10_000,
            platforms: 10_000,
            arrival_days: 91,
        }
    }
}

/// What changed since it was last asked.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The touched entities' new bytes or ends, sorted by key.
    pub deltas: Vec<Delta>,
    /// What readers see of them.
    pub touched: Vec<Touched>,
}

/// One pool's routing.
#[derive(Debug)]
pub struct Engine {
    state: State,
}

impl Engine {
    /// An empty pool without a configuration.
    pub fn new(pool: PoolId, limits: Limits) -> Self {
        Self {
            state: State::new(pool, limits),
        }
    }

    /// A pool as it was stored.
    ///
    /// # Errors
    /// If an entity cannot be read, or was written by a newer release.
    pub fn load(
        pool: PoolId,
        limits: Limits,
        records: &[Record],
        pool_time: PoolTime,
    ) -> Result<Self, LoadError> {
        State::load(pool, limits, records, pool_time, &mut Err::<(), LoadError>)
            .map(|state| Self { state })
    }

    /// Carries a command out: appends its events to `out`, or refuses it and changes nothing.
    ///
    /// # Errors
    /// If the command is refused.
    ///
    /// # Panics
    /// If time goes backwards, or an invariant is broken: a mistake of this program. Memory is then not to be trusted.
    pub fn apply(
        &mut self,
        at: Moment,
        command: &Command,
        out: &mut Vec<Event>,
    ) -> Result<(), Rejection> {
        assert!(self.state.now <= at.now, "time went backwards");
        self.state.now = at.now;
        let before = out.len();
        let outcome = handlers::handle(
            &mut Step {
                state: &mut self.state,
                at,
                out,
            },
            command,
        );
        assert!(
            outcome.is_ok() || out.len() == before,
            "{} emitted, then refused",
            command.name()
        );
        self.state.check_events(&out[before..]);
        outcome
    }

    /// When a [`Command::Tick`] is due next.
    pub fn next_deadline(&self) -> Option<PoolTime> {
        self.state.next_deadline()
    }

    /// The time of the last command.
    pub fn now(&self) -> PoolTime {
        self.state.now
    }

    /// Forgets what changed, for whoever stores nothing: much cheaper than taking it.
    pub fn forget_changes(&mut self) {
        self.state.touched.clear();
    }

    /// What changed since the last time this was called.
    pub fn take_changes(&mut self) -> Changes {
        let (keys, queues) = self.state.take_notes();
        let mut deltas: Vec<Delta> = keys.iter().map(|key| self.state.delta(key)).collect();
        deltas.sort_by(|a, b| a.key().cmp(b.key()));
        let entities = keys.iter().filter_map(|key| self.state.touched_view(key));
        let queues = queues.iter().map(|id| self.state.touched_queue(id));
        let touched = entities.chain(queues).collect();
        Changes { deltas, touched }
    }

    /// What readers see of every entity.
    pub fn views(&self) -> Vec<Touched> {
        let keys = self.state.all_keys();
        let entities = keys.iter().filter_map(|key| self.state.touched_view(key));
        let queues = self.state.queues.ids();
        let queues = queues.map(|id| self.state.touched_queue(id));
        entities.chain(queues).collect()
    }

    /// What readers see of an agent, and whether that is about to change for them.
    pub fn agent_view(&self, id: &AgentId) -> Option<(AgentView, bool)> {
        let ix = self.state.agent(id)?;
        let is_noted = self.state.touched.has_agent(ix);
        Some((self.state.agent_view(ix), is_noted))
    }

    /// What readers see of a live call, and whether that is about to change for them.
    pub fn call_view(&self, id: &CallId) -> Option<(CallView, bool)> {
        let ix = self.state.call(id)?;
        let is_noted = self.state.touched.has_call(ix);
        Some((CallView::Live(self.state.call_view(ix)), is_noted))
    }

    /// What readers see of a queue.
    pub fn queue_view(&self, id: &QueueId) -> Option<QueueView> {
        self.state.queue_view(id)
    }

    /// Place and likely wait of a call that waits on a line.
    pub fn place(&self, call: &CallId, now: PoolTime) -> Option<Estimate> {
        self.state.place(self.state.call(call)?, now)
    }

    /// Every stored entity, sorted by key.
    pub fn dump(&self) -> Vec<Record> {
        let deltas = self
            .state
            .all_keys()
            .into_iter()
            .map(|key| self.state.delta(&key));
        let mut records: Vec<Record> = deltas
            .filter_map(|delta| match delta {
                Delta::Put(record) => Some(record),
                Delta::Delete(_) => None,
            })
            .collect();
        records.sort_by(|a, b| a.key.cmp(&b.key));
        records
    }

    /// The configuration, once there is one.
    pub fn spec(&self) -> Option<&Arc<PoolSpec>> {
        self.state.spec.as_ref()
    }

    /// What a configuration would change, a line each, without changing anything.
    ///
    /// # Errors
    /// If it would be refused.
    pub fn check_pool(&self, spec: &PoolSpec) -> Result<Vec<String>, Rejection> {
        handlers::pool::check(&self.state, spec)
    }

    /// What applying agents would do, without doing it.
    ///
    /// # Errors
    /// If it would be refused.
    pub fn check_agents(
        &self,
        agents: &[AgentProfile],
        fields: ProfileFields,
    ) -> Result<AgentCounts, Rejection> {
        handlers::directory::plan(&self.state, agents, fields).map(|plan| plan.counts)
    }

    /// Who a call of this queue, with these skills of its own, would be offered to now; `None` if nobody is free.
    pub fn next_agent(&mut self, queue: &QueueId, own: &[SkillLevel]) -> Option<Choice> {
        self.state.choose_for(queue, own)
    }

    /// Place and likely wait of a call that would come to a queue at `now`.
    ///
    /// # Errors
    /// If such a call would be refused.
    pub fn estimate_wait(
        &mut self,
        now: PoolTime,
        queue: &QueueId,
        priority: &str,
        skills: &[SkillLevel],
    ) -> Result<Estimate, Rejection> {
        self.state.now = self.state.now.max(now);
        handlers::route::estimate(&mut self.state, queue, priority, skills)
    }

    /// The answer to a request that was carried out a short while ago.
    pub fn kept_answer(&self, request: &RequestKey) -> Option<&Arc<KeptAnswer>> {
        self.state.answers.get(request)
    }

    /// What is known of a queue's arrivals, counted and imported.
    pub fn arrivals(&self, queue: &QueueId) -> Option<Past> {
        let queue = self.state.queues.get(queue)?;
        Some(self.state.kept.past(&queue.spec.id, &queue.current))
    }

    /// Which waiting call an agent would be offered on becoming free now.
    pub fn next_call(&self, agent: &AgentId) -> Option<&CallId> {
        self.state.call_for(self.state.agent(agent)?)
    }

    /// Which version of the schedule holds, and which others are kept.
    pub fn schedule(&self) -> &Schedule {
        &self.state.guards.schedule
    }

    /// The published shifts of an agent; `None` if no version that holds names the agent.
    ///
    /// # Errors
    /// If there is no such agent.
    pub fn shifts(&self, agent: &AgentId) -> Result<Option<&Shifts>, Rejection> {
        let ix = self.state.agent(agent);
        let ix = ix.ok_or_else(|| Rejection::UnknownAgent(agent.clone()))?;
        Ok(self.state.guards.shifts(ix))
    }

    /// What labour rules say of an agent at a time, as of `now`.
    ///
    /// # Errors
    /// If there is no such agent, the pool has no labour rules, or the time is over 14 days away.
    pub fn labour_outlook(
        &self,
        agent: &AgentId,
        at: WallTime,
        now: WallTime,
    ) -> Result<LabourOutlook, Rejection> {
        outlook::outlook(&self.state, agent, at, now)
    }

    /// The published shifts of every agent whom a version that holds names.
    pub fn all_shifts(&self) -> BTreeMap<AgentId, Shifts> {
        let agents = self.state.agents.iter();
        let shifts = agents.filter_map(|(ix, agent)| {
            let shifts = self.state.guards.shifts(ix)?;
            Some((agent.profile.id.clone(), shifts.clone()))
        });
        shifts.collect()
    }

    /// Checks every rule that must hold between commands; for tests.
    ///
    /// # Panics
    /// If one does not hold.
    pub fn check_all(&self) {
        self.state.check_all();
    }
}
