//! Why a waiting call waits: its place, its ring, and what keeps each agent from it.

use std::collections::BTreeMap;

use super::{
    super::{
        eligibility::{Withheld, withheld},
        ids::{AgentId, PoolTime},
        view::{AgentView, LiveCall},
    },
    Count, Demand, Reason, Scene, count,
    reason::doing,
};

/// Why a waiting call waits. Each agent counts once: in `excluded` by the first reason, or in `able`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WaitingExplanation {
    /// Waiting calls of its queue that are served before it.
    pub ahead_in_queue: u32,
    /// Waiting calls of the pool that are served before it.
    pub ahead_in_pool: u32,
    /// The ring that applies.
    pub ring: u8,
    /// When the next ring begins; `None` if this is the last.
    pub next_ring_at: Option<PoolTime>,
    /// Why it may not be offered to anyone now; empty if it may.
    pub withheld: Vec<Withheld>,
    /// All agents of the pool.
    pub agents: u32,
    /// How many are kept from it by each reason, in the order of the reasons.
    pub excluded: Vec<Count>,
    /// How many could be offered it.
    pub able: u32,
    /// Who of them would be.
    pub next: Option<AgentId>,
    /// Those who fit the ring and are signed in, by what they are doing; `None` is free.
    pub fitting: Vec<(Option<Reason>, u32)>,
}

/// Explains a call that waits; `None` if it does not, or its queue is gone. `calls` may hold calls that do not wait.
pub fn waiting<'a>(
    scene: Scene<'a>,
    call: &'a LiveCall,
    calls: impl Iterator<Item = &'a LiveCall>,
    agents: impl Iterator<Item = &'a AgentView>,
) -> Option<WaitingExplanation> {
    if !call.is_waiting() {
        return None;
    }
    let demand = Demand::of(scene, call)?;
    let mut told = WaitingExplanation {
        ring: call.ring,
        next_ring_at: next_ring_at(scene, call),
        withheld: withheld(
            call.rescind.is_some(),
            call.lost_at,
            call.detached_at,
            scene.now,
        )
        .collect(),
        ..WaitingExplanation::default()
    };
    told.count_calls(scene, call, calls);
    told.count_agents(&demand, agents);
    Some(told)
}

fn next_ring_at(scene: Scene<'_>, call: &LiveCall) -> Option<PoolTime> {
    let rings = &scene.queue(call)?.rings;
    let next = rings.get(usize::from(call.ring) + 1)?;
    Some(call.ring_from.plus(next.after_ms))
}

impl WaitingExplanation {
    fn count_calls<'a>(
        &mut self,
        scene: Scene<'_>,
        call: &LiveCall,
        calls: impl Iterator<Item = &'a LiveCall>,
    ) {
        let own = scene.precedence(call);
        let waiting = calls.filter(|other| other.is_waiting());
        for other in waiting.filter(|other| scene.precedence(other) > own) {
            self.ahead_in_pool += 1;
            self.ahead_in_queue += u32::from(other.queue == call.queue);
        }
    }

    fn count_agents<'a>(
        &mut self,
        demand: &Demand<'_>,
        agents: impl Iterator<Item = &'a AgentView>,
    ) {
        let mut excluded: BTreeMap<Reason, usize> = BTreeMap::new();
        let mut fitting: BTreeMap<Option<Reason>, usize> = BTreeMap::new();
        let mut next: Option<&AgentView> = None;
        for agent in agents {
            self.agents += 1;
            if let Some(reason) = demand.reason(agent) {
                *excluded.entry(reason).or_default() += 1;
            } else {
                self.able += 1;
                let before = next.filter(|next| demand.place(next) < demand.place(agent));
                next = before.or(Some(agent));
            }
            let doing = doing(agent, demand.class());
            if doing != Some(Reason::Offline) && demand.unfit(agent).is_none() {
                *fitting.entry(doing).or_default() += 1;
            }
        }
        self.next = next.map(|agent| agent.profile.id.clone());
        self.excluded = excluded.into_iter().map(|(r, n)| (r, count(n))).collect();
        self.fitting = fitting.into_iter().map(|(r, n)| (r, count(n))).collect();
    }
}
