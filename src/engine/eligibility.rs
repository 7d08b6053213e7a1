//! Whether an agent may take a call: skills and site by the ring, and one function for what else blocks.

use super::{
    ids::{HandleClass, PoolTime, WallTime},
    state::{Agent, Requirement, SkillNeed},
};

/// Why an agent is offered nothing although ready, idle and reachable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlockedReason {
    /// The agent's site gets no new offers.
    SiteDrained,
    /// A supervisor holds the agent.
    SupervisorHold,
    /// The platform has yet to confirm that the leg of the agent's last offer is gone.
    RescindOpen,
}

impl BlockedReason {
    /// The reason as a label.
    pub fn label(self) -> &'static str {
        match self {
            Self::SiteDrained => "site_drained",
            Self::SupervisorHold => "supervisor_hold",
            Self::RescindOpen => "rescind_open",
        }
    }
}

/// A reason that holds, and when it ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The reason.
    pub reason: BlockedReason,
    /// When it ends by itself; `None` if that is not known.
    pub until: Option<PoolTime>,
}

/// All that blocks an agent at a moment, and when that may change by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blocked {
    /// Every reason that holds, in a fixed order.
    pub reasons: Vec<Block>,
    /// The next moment at which the answer may differ without a command; `None` if it will not.
    pub next_change: Option<PoolTime>,
}

impl Blocked {
    /// Whether all that blocks may be over by then.
    pub(crate) fn may_end_by(&self, then: PoolTime) -> bool {
        self.reasons.iter().all(|block| match block.until {
            Some(until) => until <= then,
            // The platform confirms a leg in a moment; other ends are unknown.
            None => block.reason == BlockedReason::RescindOpen,
        })
    }

    fn add(&mut self, reason: BlockedReason, until: Option<PoolTime>) {
        self.reasons.push(Block { reason, until });
        self.next_change = self.next_change.into_iter().chain(until).min();
    }
}

/// What blocks `agent` for calls of a handle class at a calendar time. The only place that knows reasons: schedules,
/// law, agreement and readiness join here.
pub(crate) fn blocked(agent: &Agent, _class: HandleClass, _wall: WallTime) -> Blocked {
    let mut blocked = Blocked::default();
    if agent.site_drained {
        blocked.add(BlockedReason::SiteDrained, None);
    }
    if let Some(hold) = &agent.state.hold {
        blocked.add(BlockedReason::SupervisorHold, Some(hold.until));
    }
    if agent.state.rescind.is_some() {
        blocked.add(BlockedReason::RescindOpen, None);
    }
    blocked
}

/// Whether the agent has what a ring and the call itself ask for.
pub(crate) fn fits(agent: &Agent, ring: &Requirement, own: &[SkillNeed]) -> bool {
    ring.sites.takes(agent.profile.site.kind)
        && ring.skills.iter().chain(own).all(|need| has(agent, *need))
}

fn has(agent: &Agent, need: SkillNeed) -> bool {
    agent
        .skills
        .binary_search_by_key(&need.skill, |held| held.skill)
        .is_ok_and(|place| agent.skills[place].level >= need.level)
}
