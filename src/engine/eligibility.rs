//! Whether an agent may take a call: skills and site by the ring, and one function for what else blocks.

use super::{
    ids::{HandleClass, PoolTime, SkillName, WallTime},
    profile::SkillLevel,
    state::{Agent, DETACHED_NO_OFFERS_MS, Requirement, SkillIx, SkillNeed},
};

/// Why an agent is offered nothing although ready, idle and reachable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlockedReason {
    /// The agent says that the line is bad.
    LineQuality,
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
            Self::LineQuality => "line_quality",
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
    if let Some(until) = agent.state.bad_line_until {
        blocked.add(BlockedReason::LineQuality, Some(until));
    }
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
        && lacking(&agent.skills, ring.skills.iter().chain(own)).is_none()
}

/// A skill at a level, held or needed; by its number inside the engine, by its name for readers.
pub(crate) trait AtLevel {
    type Skill: Ord;
    fn skill(&self) -> &Self::Skill;
    fn level(&self) -> u8;
}

impl AtLevel for SkillNeed {
    type Skill = SkillIx;
    fn skill(&self) -> &SkillIx {
        &self.skill
    }
    fn level(&self) -> u8 {
        self.level
    }
}

impl AtLevel for SkillLevel {
    type Skill = SkillName;
    fn skill(&self) -> &SkillName {
        &self.skill
    }
    fn level(&self) -> u8 {
        self.level
    }
}

/// The first of the needs that skills held, sorted by skill, do not meet.
pub(crate) fn lacking<'n, S: AtLevel>(
    held: &[S],
    needs: impl IntoIterator<Item = &'n S>,
) -> Option<&'n S> {
    let has = |need: &S| {
        held.binary_search_by(|held| held.skill().cmp(need.skill()))
            .is_ok_and(|place| held[place].level() >= need.level())
    };
    needs.into_iter().find(|need| !has(need))
}

/// Why a waiting call may not be offered to anyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Withheld {
    /// The platform has yet to confirm that the agent leg of its last offer is gone.
    RescindOpen,
    /// Its platform did not name it in its declaration.
    Missed,
    /// Its platform has not been heard for 5 s.
    PlatformDetached,
}

impl Withheld {
    /// The reason as a label.
    pub fn label(self) -> &'static str {
        match self {
            Self::RescindOpen => "rescind_open",
            Self::Missed => "missed",
            Self::PlatformDetached => "platform_detached",
        }
    }
}

/// All that withholds a waiting call from everybody, by its open leg, its declaration, and since when its platform is not
/// heard.
pub(crate) fn withheld(
    is_rescind_open: bool,
    lost_at: Option<PoolTime>,
    detached_at: Option<PoolTime>,
    now: PoolTime,
) -> impl Iterator<Item = Withheld> {
    let is_detached = detached_at.is_some_and(|since| now.since(since) >= DETACHED_NO_OFFERS_MS);
    let rescind = is_rescind_open.then_some(Withheld::RescindOpen);
    let missed = lost_at.map(|_| Withheld::Missed);
    let detached = is_detached.then_some(Withheld::PlatformDetached);
    rescind.into_iter().chain(missed).chain(detached)
}
