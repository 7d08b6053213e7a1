//! Who of those who may take a call comes first, and which call an agent's group puts first: the order of the engine's
//! index, by views.

use super::{
    super::{
        eligibility::lacking,
        ids::{AgentId, PoolTime},
        matching::SiteMask,
        profile::{AgentProfile, SkillLevel},
        spec::{GroupSpec, PoolSpec, QueueSpec, RingSpec, Selection},
        view::{AgentView, LiveCall},
    },
    Scene,
};

/// An agent's place in a queue's order; the lowest is offered the call.
pub(super) type Place<'a> = (usize, i64, PoolTime, &'a AgentId);

/// A queue's order of agents: by its groups, by its selection, the one idle longest, then by id.
pub(super) fn place<'a>(
    spec: &PoolSpec,
    queue: &QueueSpec,
    ring: &RingSpec,
    agent: &'a AgentView,
) -> Place<'a> {
    let profile = &agent.profile;
    let group = group_of(spec, profile);
    let mut groups = queue.groups.iter();
    let of_queue = groups.position(|name| group.is_some_and(|group| group.name == *name));
    (
        of_queue.unwrap_or(usize::MAX),
        by_selection(queue.selection, ring, agent),
        agent.idle_since,
        &profile.id,
    )
}

fn by_selection(selection: Selection, ring: &RingSpec, agent: &AgentView) -> i64 {
    let skills = &agent.profile.skills;
    let level = |need: &SkillLevel| {
        let held = skills.binary_search_by(|held| held.skill.cmp(&need.skill));
        held.map_or(0, |place| i64::from(skills[place].level))
    };
    match selection {
        Selection::LongestIdle => 0,
        Selection::LeastOccupied => i64::from(agent.busy_ms),
        Selection::MostSkilled => -ring.skills.iter().map(level).sum::<i64>(),
        Selection::LeastSkilled => i64::try_from(skills.len()).unwrap_or(i64::MAX),
    }
}

/// The first group whose requirement the agent meets.
fn group_of<'a>(spec: &'a PoolSpec, profile: &AgentProfile) -> Option<&'a GroupSpec> {
    let mut groups = spec.groups.iter();
    groups.find(|group| {
        SiteMask::of(&group.site_kinds).takes(profile.site.kind)
            && lacking(&profile.skills, &group.skills).is_none()
    })
}

/// Puts calls in the order in which the agent would be offered them.
pub(super) fn sort_for(scene: Scene<'_>, agent: &AgentView, calls: &mut [&LiveCall]) {
    let group = group_of(scene.spec, &agent.profile);
    let first = group.map_or(&[][..], |group| &group.queues[..]);
    let by_group = |call: &LiveCall| {
        let place = first.iter().position(|queue| *queue == call.queue);
        place.unwrap_or(usize::MAX)
    };
    calls.sort_by_key(|call| (by_group(call), std::cmp::Reverse(scene.precedence(call))));
}
