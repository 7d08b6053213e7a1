//! Groups of agents: who belongs to which, and which queues a freed agent of a group serves first.

use std::sync::Arc;

use super::{
    super::{
        ids::AgentId,
        spec::{CallOrder, GroupSpec, PoolSpec},
        state::{Agent, AgentIx, CallIx, SkillNeed, State},
    },
    Choice,
    rows::{GroupPlace, SiteMask, holds},
};

/// A group with interned skills.
#[derive(Debug)]
pub(crate) struct Group {
    name: Arc<str>,
    skills: Vec<SkillNeed>,
    sites: SiteMask,
    /// The queues that its agents serve first, in order, by their place in the pool's list.
    pub(super) lanes: Vec<u16>,
}

impl Group {
    fn takes(&self, agent: &Agent) -> bool {
        self.sites.takes(agent.profile.site.kind)
            && self.skills.iter().all(|need| holds(&agent.skills, *need))
    }
}

impl State {
    /// Takes over a configuration's groups and sorts every agent into them.
    pub(in crate::engine) fn build_groups(&mut self, spec: &PoolSpec) {
        self.groups = spec
            .groups
            .iter()
            .map(|group| self.build_group(spec, group))
            .collect();
        self.is_balanced = spec.order == CallOrder::Balanced;
        let ordered = self.groups.iter().any(|group| !group.lanes.is_empty());
        self.are_queues_apart = self.is_balanced || ordered;
        for ix in self.agents.iter().map(|(ix, _)| ix).collect::<Vec<_>>() {
            let group = self.group_of(&self.agents[ix]);
            if group != self.agents[ix].group {
                self.regroup(ix, group);
            }
        }
    }

    fn build_group(&mut self, spec: &PoolSpec, group: &GroupSpec) -> Group {
        let lane = |id| {
            spec.queues
                .iter()
                .zip(0..)
                .find(|(queue, _)| queue.id == id)
        };
        Group {
            name: Arc::clone(&group.name),
            skills: self.intern_all(&group.skills),
            sites: SiteMask::of(&group.site_kinds),
            lanes: group
                .queues
                .iter()
                .filter_map(|id| Some(lane(id.clone())?.1))
                .collect(),
        }
    }

    /// The call that is offered to the agent whom a call chose: another if the agent's group puts its queue first.
    pub(super) fn preferred_by_group(&mut self, call: CallIx, choice: Choice) -> (CallIx, Choice) {
        if self.groups.is_empty() {
            return (call, choice);
        }
        let ix = self.agent(&choice.agent).expect("a chosen agent exists");
        let agent = &self.agents[ix];
        let group = agent.group.map(|place| &self.groups[usize::from(place)]);
        let Some(group) = group.filter(|group| !group.lanes.is_empty()) else {
            return (call, choice);
        };
        let first_in = |lanes: &dyn Fn(u16) -> bool| self.first_waiting(ix, lanes);
        let mut ordered = group.lanes.iter();
        let first = ordered
            .find_map(|lane| first_in(&|other| other == *lane))
            .or_else(|| first_in(&|lane| !group.lanes.contains(&lane)));
        match first {
            Some((_, first)) if first != call => (first, self.choose_as(first, choice.agent)),
            Some(_) | None => (call, choice),
        }
    }

    /// The record of offering a call to a certain one of those who may take it.
    fn choose_as(&mut self, call: CallIx, agent: AgentId) -> Choice {
        let choice = self.choose(call).expect("somebody may take it");
        let runner_up = if choice.agent == agent {
            choice.runner_up
        } else {
            Some(choice.agent)
        };
        Choice {
            agent,
            candidates: choice.candidates,
            runner_up,
        }
    }

    fn regroup(&mut self, ix: AgentIx, group: Option<GroupPlace>) {
        self.reindex_profile(ix, true);
        self.agents[ix].group = group;
        self.reindex_profile(ix, false);
    }

    /// The first group whose requirement an agent meets.
    pub(in crate::engine) fn group_of(&self, agent: &Agent) -> Option<GroupPlace> {
        let mut groups = self.groups.iter().zip(0..);
        groups
            .find(|(group, _)| group.takes(agent))
            .map(|(_, place)| place)
    }

    /// The places of named groups.
    pub(in crate::engine) fn group_places(&self, names: &[Arc<str>]) -> Vec<GroupPlace> {
        let place = |name: &Arc<str>| {
            let mut groups = self.groups.iter().zip(0..);
            groups.find(|(group, _)| group.name == *name)
        };
        let places = names.iter().filter_map(|name| Some(place(name)?.1));
        places.collect()
    }
}
