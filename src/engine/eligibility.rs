//! Whether an agent may take a call: skills and site by the ring, and one function for what else blocks.

use serde::{Deserialize, Serialize};

use super::{
    absent::is_default,
    guard::Guard,
    ids::{HandleClass, PoolTime, SkillName},
    plan::SegmentKind,
    profile::SkillLevel,
    state::{Agent, DETACHED_NO_OFFERS_MS, Requirement, SkillIx, SkillNeed},
};

/// How many classes of how long a call may last there are.
pub(crate) const HANDLE_CLASSES: usize = 8;
/// A call of a class is expected to last at most so long, ms; of the last class also longer.
pub(crate) const CLASS_MS: [u64; HANDLE_CLASSES] = [
    60_000, 120_000, 180_000, 300_000, 480_000, 720_000, 1_200_000, 1_800_000,
];

impl HandleClass {
    /// The class of the shortest calls.
    pub(crate) const SHORTEST: Self = Self(0);

    /// The class of the longest calls.
    pub(crate) const LONGEST: Self = Self(7);

    /// The class of calls that are expected to last so long.
    pub(crate) fn of(expected_ms: u64) -> Self {
        let class = CLASS_MS.iter().position(|most| expected_ms <= *most);
        let class = class.unwrap_or(HANDLE_CLASSES - 1);
        Self(u8::try_from(class).expect("there are few classes"))
    }

    /// How long a call of the class is expected to last at most, ms.
    pub fn expected_ms(self) -> u64 {
        CLASS_MS[usize::from(self.0)]
    }
}

/// Why an agent is offered nothing although ready, idle and reachable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockedReason {
    /// The agent says that the line is bad, or most of the last checks did.
    LineQuality,
    /// The agent's site gets no new offers.
    SiteDrained,
    /// A supervisor holds the agent.
    SupervisorHold,
    /// The platform has yet to confirm that the leg of the agent's last offer is gone.
    RescindOpen,
    /// The agent has no shift now.
    OutOfShift,
    /// The agent's shift has a part now that is not on the phone.
    InSegment(SegmentKind),
    /// The call would run past the end of the agent's shift.
    ShiftEnding,
    /// The hours in which the employer may contact the agent are over.
    Agreement,
    /// A break is due, or the call would run past the time when one is.
    BreakDue,
    /// The day's work is done, or the call would run past its end.
    DailyLimit,
    /// The week's work is done, alone or on average.
    WeeklyLimit,
    /// The rest since the last working day is not over.
    DailyRest,
    /// The week's rest would be too short, or its days of work too many.
    WeeklyRest,
    /// The day is one of rest.
    RestDay,
    /// The last call ended a moment ago.
    CallGap,
    /// No check has said yet that the agent's set-up is good enough.
    ReadinessMissing,
    /// The last check that said so is too old.
    ReadinessStale,
}

impl BlockedReason {
    /// Every reason that is met, for tables of metrics.
    pub const ALL: [Self; 20] = [
        Self::LineQuality,
        Self::SiteDrained,
        Self::SupervisorHold,
        Self::RescindOpen,
        Self::OutOfShift,
        Self::InSegment(SegmentKind::Break),
        Self::InSegment(SegmentKind::Training),
        Self::InSegment(SegmentKind::Meeting),
        Self::InSegment(SegmentKind::OnCall),
        Self::ShiftEnding,
        Self::Agreement,
        Self::BreakDue,
        Self::DailyLimit,
        Self::WeeklyLimit,
        Self::DailyRest,
        Self::WeeklyRest,
        Self::RestDay,
        Self::CallGap,
        Self::ReadinessMissing,
        Self::ReadinessStale,
    ];

    /// The reason as a label.
    pub fn label(self) -> &'static str {
        match self {
            Self::LineQuality => "line_quality",
            Self::SiteDrained => "site_drained",
            Self::SupervisorHold => "supervisor_hold",
            Self::RescindOpen => "rescind_open",
            Self::OutOfShift => "out_of_shift",
            Self::InSegment(kind) => match kind {
                SegmentKind::Phone => "in_segment_phone",
                SegmentKind::Break => "in_segment_break",
                SegmentKind::Training => "in_segment_training",
                SegmentKind::Meeting => "in_segment_meeting",
                SegmentKind::OnCall => "in_segment_on_call",
            },
            Self::ShiftEnding => "shift_ending",
            Self::Agreement => "agreement",
            Self::BreakDue => "break_due",
            Self::DailyLimit => "daily_limit",
            Self::WeeklyLimit => "weekly_limit",
            Self::DailyRest => "daily_rest",
            Self::WeeklyRest => "weekly_rest",
            Self::RestDay => "rest_day",
            Self::CallGap => "call_gap",
            Self::ReadinessMissing => "readiness_missing",
            Self::ReadinessStale => "readiness_stale",
        }
    }
}

/// A reason that holds, and when it ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Block {
    /// The reason.
    pub reason: BlockedReason,
    /// When it ends by itself; `None` if that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<PoolTime>,
    /// It keeps calls of this class and longer away; the shortest class is all calls.
    #[serde(default, skip_serializing_if = "is_default")]
    pub class: HandleClass,
}

impl Block {
    /// It keeps away only calls that are expected to last longer than this, ms; `None` if it keeps all away.
    pub fn longer_than_ms(&self) -> Option<u64> {
        let shorter = self.class.0.checked_sub(1)?;
        Some(HandleClass(shorter).expected_ms())
    }
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
        let class = HandleClass::SHORTEST;
        self.reasons.push(Block {
            reason,
            until,
            class,
        });
        self.next_change = self.next_change.into_iter().chain(until).min();
    }
}

/// What blocks `agent` for calls of a handle class. The only place that knows reasons: what schedules, law and agreement say
/// was worked out as `guard` when it last changed, with the moment of its next change.
pub(crate) fn blocked(agent: &Agent, guard: Option<&Guard>, class: HandleClass) -> Blocked {
    let mut blocked = Blocked::default();
    let by_checks = guard.is_some_and(|guard| guard.holds(BlockedReason::LineQuality));
    if let Some(until) = agent.state.bad_line_until.filter(|_| !by_checks) {
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
    if let Some(guard) = guard {
        let holding = guard.blocks.iter().filter(|block| block.class <= class);
        blocked.reasons.extend(holding);
        blocked.next_change = blocked.next_change.into_iter().chain(guard.due).min();
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
