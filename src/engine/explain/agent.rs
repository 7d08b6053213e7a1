//! Why an agent gets no call: all that keeps calls away, and which waiting calls the agent could take.

use std::collections::BTreeMap;

use super::{
    super::{
        agent::Work,
        eligibility::{Withheld, withheld},
        ids::PoolTime,
        view::{AgentView, LiveCall},
    },
    Count, Demand, Reason, Scene,
    choice::sort_for,
    count,
    reason::{intent, line, work},
};

/// So many of the waiting calls that an agent could take are named.
const NAMED: usize = 10;

/// What keeps calls away from an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keeping {
    /// The reason.
    pub reason: Reason,
    /// When it ends by itself, if that is known.
    pub until: Option<PoolTime>,
    /// It keeps away only calls that are expected to last longer than this, ms.
    pub longer_than_ms: Option<u64>,
}

/// A waiting call that an agent could take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FittingCall<'a> {
    /// The call.
    pub call: &'a LiveCall,
    /// Why it may not be offered to anyone now; empty if it may.
    pub withheld: Vec<Withheld>,
}

/// Why an agent gets no call. Each waiting call counts once: in `unfit` by the first reason, or in `fitting`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgentExplanation<'a> {
    /// All that keeps calls away from the agent, whatever they ask for.
    pub keeping: Vec<Keeping>,
    /// All calls that wait in the pool.
    pub waiting: u32,
    /// How many of them the agent cannot take, by reason.
    pub unfit: Vec<Count>,
    /// How many of them the agent could take.
    pub fitting: u32,
    /// The first of those, in the order in which the agent would be offered them.
    pub first: Vec<FittingCall<'a>>,
}

/// Explains an agent. `calls` may hold calls that do not wait.
pub fn agent<'a>(
    scene: Scene<'a>,
    agent: &AgentView,
    calls: impl Iterator<Item = &'a LiveCall>,
) -> AgentExplanation<'a> {
    let mut told = AgentExplanation {
        keeping: keeping(agent),
        ..AgentExplanation::default()
    };
    let mut unfit: BTreeMap<Reason, usize> = BTreeMap::new();
    let mut fitting = Vec::new();
    for call in calls.filter(|call| call.is_waiting()) {
        let Some(demand) = Demand::of(scene, call) else {
            continue;
        };
        told.waiting += 1;
        match demand.unfit(agent) {
            Some(reason) => *unfit.entry(reason).or_default() += 1,
            None => fitting.push(call),
        }
    }
    told.unfit = unfit.into_iter().map(|(r, n)| (r, count(n))).collect();
    told.fitting = count(fitting.len());
    sort_for(scene, agent, &mut fitting);
    let first = fitting.into_iter().take(NAMED);
    told.first = first.map(|call| fitting_call(scene, call)).collect();
    told
}

fn fitting_call<'a>(scene: Scene<'_>, call: &'a LiveCall) -> FittingCall<'a> {
    let rescinding = call.rescind.is_some();
    let why = withheld(rescinding, call.lost_at, call.detached_at, scene.now);
    FittingCall {
        call,
        withheld: why.collect(),
    }
}

fn keeping(agent: &AgentView) -> Vec<Keeping> {
    let keep = |reason, until| Keeping {
        reason,
        until,
        longer_than_ms: None,
    };
    let intent = intent(agent).map(|reason| keep(reason, None));
    let work = work(agent).map(|reason| keep(reason, work_until(agent)));
    let line = line(agent).map(|reason| keep(reason, None));
    let blocks = agent.blocked.iter().map(|block| Keeping {
        reason: Reason::Blocked(block.reason),
        until: block.until,
        longer_than_ms: block.longer_than_ms(),
    });
    intent
        .into_iter()
        .chain(work)
        .chain(line)
        .chain(blocks)
        .collect()
}

fn work_until(agent: &AgentView) -> Option<PoolTime> {
    match &agent.work {
        Work::Offered { .. } => agent.offer.as_ref().map(|offer| offer.lease_until),
        Work::WrapUp { until, .. } => *until,
        Work::External { until } => Some(*until),
        Work::Idle | Work::Connected { .. } => None,
    }
}
