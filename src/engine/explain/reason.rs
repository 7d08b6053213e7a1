//! Why an agent is not offered a call: a closed set in a fixed order, and who is asked for it.

use std::sync::Arc;

use super::{
    super::{
        agent::{Intent, Line, Work},
        eligibility::{BlockedReason, lacking},
        ids::HandleClass,
        matching::SiteMask,
        profile::{SiteKind, SkillLevel},
        spec::{PoolSpec, QueueSpec, RingSpec},
        view::{AgentView, LiveCall},
    },
    Scene,
    choice::{Place, place},
};

/// Why an agent is not offered a call. An agent counts for the first that holds, in the order of this list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Signed out.
    Offline,
    /// Signed in and not taking calls, for a reason.
    NotReady(Arc<str>),
    /// Does not hold a skill at the level that the ring or the call itself asks for; the first by name that is lacking.
    LacksSkill(SkillLevel),
    /// Works at a kind of site that the ring does not take.
    SiteKind(SiteKind),
    /// Is not the one whom the call is kept for.
    KeptForAnother,
    /// Declined or missed this call since its ring began.
    Refused,
    /// Has another offer.
    Offered,
    /// Is in conversation.
    Connected,
    /// Is in after-call work.
    WrapUp,
    /// Is on a call of another system.
    External,
    /// No sign of life for a few seconds.
    LineSilent,
    /// Nobody there.
    LineLost,
    /// Something else blocks the agent.
    Blocked(BlockedReason),
}

impl Reason {
    /// The reason as a label: lower case, words joined by underscores. A blocking reason has its own.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::NotReady(_) => "not_ready",
            Self::LacksSkill(_) => "lacks_skill",
            Self::SiteKind(_) => "site_kind",
            Self::KeptForAnother => "kept_for_another",
            Self::Refused => "refused",
            Self::Offered => "offered",
            Self::Connected => "connected",
            Self::WrapUp => "wrap_up",
            Self::External => "external",
            Self::LineSilent => "line_silent",
            Self::LineLost => "line_lost",
            Self::Blocked(reason) => reason.label(),
        }
    }
}

/// What a waiting call asks of an agent now.
#[derive(Clone, Copy, Debug)]
pub struct Demand<'a> {
    spec: &'a PoolSpec,
    queue: &'a QueueSpec,
    call: &'a LiveCall,
    ring: &'a RingSpec,
    sites: SiteMask,
}

impl<'a> Demand<'a> {
    /// What a call asks for; `None` if its queue is gone.
    pub fn of(scene: Scene<'a>, call: &'a LiveCall) -> Option<Self> {
        let queue = scene.queue(call)?;
        let rings = &queue.rings;
        // A call that is kept for an agent asks what its last ring asks. A configuration with fewer rings may be a
        // moment newer than the call.
        let kept = call.preference.as_ref().and_then(|_| rings.last());
        let ring = kept.or_else(|| rings.get(usize::from(call.ring)).or_else(|| rings.last()))?;
        Some(Self {
            spec: scene.spec,
            queue,
            call,
            ring,
            sites: SiteMask::of(&ring.site_kinds),
        })
    }

    /// How long the call may last.
    pub(super) fn class(&self) -> HandleClass {
        HandleClass::of(self.queue.expected_handle_ms)
    }

    /// The agent's place among those who may take the call; the lowest is offered it.
    pub(super) fn place<'b>(&self, agent: &'b AgentView) -> Place<'b> {
        place(self.spec, self.queue, self.ring, agent)
    }

    /// Why the agent cannot take the call, whatever the agent does: the first reason.
    pub fn unfit(&self, agent: &AgentView) -> Option<Reason> {
        let profile = &agent.profile;
        let needs = self.ring.skills.iter().chain(&self.call.record.skills);
        if let Some(lacking) = lacking(&profile.skills, needs) {
            return Some(Reason::LacksSkill(lacking.clone()));
        }
        if !self.sites.takes(profile.site.kind) {
            return Some(Reason::SiteKind(profile.site.kind));
        }
        let kept = self.call.preference.as_ref();
        if kept.is_some_and(|kept| kept.agent != profile.id) {
            return Some(Reason::KeptForAnother);
        }
        let refused = self.call.refused.contains(&profile.id);
        refused.then_some(Reason::Refused)
    }

    /// The first reason why the call is not offered to the agent; `None` if it could be.
    pub fn reason(&self, agent: &AgentView) -> Option<Reason> {
        intent(agent)
            .or_else(|| self.unfit(agent))
            .or_else(|| work(agent))
            .or_else(|| line(agent))
            .or_else(|| first_block(agent, self.class()))
    }
}

/// What an agent who fits is doing that keeps a call of this class away; `None` if the agent is free.
pub(super) fn doing(agent: &AgentView, class: HandleClass) -> Option<Reason> {
    work(agent)
        .or_else(|| intent(agent))
        .or_else(|| line(agent))
        .or_else(|| first_block(agent, class))
}

pub(super) fn intent(agent: &AgentView) -> Option<Reason> {
    match &agent.intent {
        Intent::Offline => Some(Reason::Offline),
        Intent::NotReady(reason) => Some(Reason::NotReady(Arc::clone(reason))),
        Intent::Ready => None,
    }
}

pub(super) fn work(agent: &AgentView) -> Option<Reason> {
    match agent.work {
        Work::Idle => None,
        Work::Offered { .. } => Some(Reason::Offered),
        Work::Connected { .. } => Some(Reason::Connected),
        Work::WrapUp { .. } => Some(Reason::WrapUp),
        Work::External { .. } => Some(Reason::External),
    }
}

pub(super) fn line(agent: &AgentView) -> Option<Reason> {
    match agent.line {
        Line::Up => None,
        Line::Silent { .. } => Some(Reason::LineSilent),
        Line::Lost { .. } => Some(Reason::LineLost),
    }
}

fn first_block(agent: &AgentView, class: HandleClass) -> Option<Reason> {
    let mut blocked = agent.blocked.iter();
    let first = blocked.find(|block| block.class <= class)?;
    Some(Reason::Blocked(first.reason))
}
