//! Who is chosen, slowly: every agent who may take a call in the order of groups, policy, idle time and id; and how busy
//! each was, from the events alone.

use homeshore::engine::{
    ids::{AgentId, QueueId},
    profile::{AgentProfile, SiteKind, SkillLevel},
    spec::{PoolSpec, QueueSpec, Selection},
};

use super::witness::SeenAgent;

const HOUR_MS: u64 = 3_600_000;

/// When an agent was busy, as seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct BusyTimes {
    open: Option<u64>,
    spans: Vec<(u64, u64)>,
    /// Busy ms of the hour before the agent became idle.
    pub(crate) fixed: u64,
}

impl BusyTimes {
    /// The agent became busy.
    pub(crate) fn begin(&mut self, spec: Option<&PoolSpec>, now: u64) {
        if is_kept(spec) {
            self.open = Some(now);
        }
    }

    /// The agent's idle clock started.
    pub(crate) fn fix(&mut self, spec: Option<&PoolSpec>, now: u64) {
        if !is_kept(spec) && self.open.is_none() {
            return;
        }
        self.spans
            .extend(self.open.take().map(|start| (start, now)));
        let from = now.saturating_sub(HOUR_MS);
        let inside = |(start, end): &(u64, u64)| end.saturating_sub(*start.max(&from));
        self.fixed = self.spans.iter().map(inside).sum();
    }
}

fn is_kept(spec: Option<&PoolSpec>) -> bool {
    let mut queues = spec.into_iter().flat_map(|spec| &spec.queues);
    queues.any(|queue| queue.selection == Selection::LeastOccupied)
}

/// Those who may take a call of a queue in its present ring, the chosen one first.
pub(crate) fn in_order<'a>(
    spec: &PoolSpec,
    queue: &QueueSpec,
    ring: usize,
    may: impl Iterator<Item = (&'a AgentId, &'a SeenAgent)>,
) -> Vec<AgentId> {
    let mut keyed: Vec<_> = may
        .map(|(id, agent)| {
            let group = group_of(spec, &agent.profile);
            let place = queue.groups.iter().position(|name| Some(&**name) == group);
            let by_policy = policy(queue, ring, agent);
            (
                place.unwrap_or(usize::MAX),
                by_policy,
                agent.idle_since,
                id.clone(),
            )
        })
        .collect();
    keyed.sort();
    keyed.into_iter().map(|(.., id)| id).collect()
}

fn policy(queue: &QueueSpec, ring: usize, agent: &SeenAgent) -> i64 {
    let skills = &agent.profile.skills;
    let level = |need: &SkillLevel| {
        let mut held = skills.iter();
        held.find(|held| held.skill == need.skill)
            .map_or(0, |held| i64::from(held.level))
    };
    match queue.selection {
        Selection::LongestIdle => 0,
        Selection::LeastOccupied => i64::try_from(agent.times.fixed).unwrap(),
        Selection::MostSkilled => -queue.rings[ring].skills.iter().map(level).sum::<i64>(),
        Selection::LeastSkilled => i64::try_from(skills.len()).unwrap(),
    }
}

/// The queues that an agent's group serves first.
pub(crate) fn queues_first<'a>(spec: &'a PoolSpec, profile: &AgentProfile) -> Vec<&'a str> {
    let group = group_of(spec, profile);
    let mut groups = spec.groups.iter();
    let group = groups.find(|one| Some(&*one.name) == group);
    let queues = group.into_iter().flat_map(|group| &group.queues);
    queues.map(QueueId::as_str).collect()
}

fn group_of<'a>(spec: &'a PoolSpec, profile: &AgentProfile) -> Option<&'a str> {
    let has = |need: &SkillLevel| {
        let mut held = profile.skills.iter();
        held.any(|held| held.skill == need.skill && held.level >= need.level)
    };
    let takes = |kinds: &[SiteKind]| kinds.is_empty() || kinds.contains(&profile.site.kind);
    let mut groups = spec.groups.iter();
    let group = groups.find(|group| takes(&group.site_kinds) && group.skills.iter().all(has));
    group.map(|group| &*group.name)
}
