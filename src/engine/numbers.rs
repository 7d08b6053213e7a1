//! The numbers that are shown of a pool. Each is computed here alone, for boards, lists and metrics alike.

use super::{
    agent::{Intent, Line, Work},
    eligibility::BlockedReason,
    ids::{PoolTime, WallTime},
    outage::{Domain, Outage},
    profile::SiteKind,
    service::{Counts, Permille},
    view::{AgentView, QueueView},
};

/// A share by the name of its service level; none of no calls.
pub type Level = (&'static str, Option<Permille>);

/// A queue's numbers at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueNumbers {
    /// Where its calls stand.
    pub calls: CallCounts,
    /// What became of the calls of the day.
    pub today: Counts,
    /// Its service levels: those of the day, and that of the last 30 minutes.
    pub levels: [Level; 4],
    /// Whether it takes no new calls.
    pub halted: bool,
    /// Whether its windows are closed, and no peak is on.
    pub shut: bool,
    /// Whether a peak is on, and how many agents are short in it, if that is known.
    pub peak: Option<Option<u32>>,
    /// Up to when its baseline knows the past, if it has one.
    pub baseline_at: Option<WallTime>,
}

/// A pool's numbers at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolNumbers {
    /// Where the calls of all queues stand.
    pub calls: CallCounts,
    /// What became of the calls of the day in all queues.
    pub today: Counts,
    /// How many agents are in each state.
    pub agents: AgentStates,
    /// How many sites are drained.
    pub sites_drained: u32,
    /// How many outages of each kind of domain are not over, in the order of [`Domain::KINDS`].
    pub outages: [u32; 4],
}

/// How many calls stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallCounts {
    /// Wait on a line, not offered.
    pub waiting: u32,
    /// Offered or connecting.
    pub offered: u32,
    /// In conversation.
    pub connected: u32,
    /// Wait to be called back, not offered.
    pub callbacks: u32,
    /// When the longest waiting caller on a line began to wait.
    pub longest_wait_since: Option<PoolTime>,
}

impl QueueView {
    /// The queue's numbers at `now`.
    pub fn numbers(&self, now: PoolTime) -> QueueNumbers {
        let demand = self.state.demand.as_deref();
        let judged = demand.and_then(|demand| demand.judged.as_ref());
        QueueNumbers {
            calls: self.calls,
            today: self.state.service.today(now),
            levels: self.state.service.levels(now),
            halted: self.state.halt.is_some(),
            shut: self.state.is_shut(),
            peak: self.state.peak().map(|peak| peak.short),
            baseline_at: judged.map(|judged| judged.known_until),
        }
    }
}

impl CallCounts {
    /// How long the longest waiting caller has waited at `now`, ms; zero if nobody waits.
    pub fn longest_wait_ms(&self, now: PoolTime) -> u64 {
        self.longest_wait_since.map_or(0, |since| now.since(since))
    }

    fn add(&mut self, other: &Self) {
        self.waiting += other.waiting;
        self.offered += other.offered;
        self.connected += other.connected;
        self.callbacks += other.callbacks;
        let both = [self.longest_wait_since, other.longest_wait_since];
        self.longest_wait_since = both.into_iter().flatten().min();
    }
}

impl PoolNumbers {
    /// A pool's numbers at `now`, from its queues and what is counted as it changes.
    pub fn new<'a>(
        queues: impl Iterator<Item = &'a QueueView>,
        agents: AgentStates,
        sites_drained: u32,
        outages: impl Iterator<Item = &'a Outage>,
        now: PoolTime,
    ) -> Self {
        let mut numbers = Self {
            agents,
            sites_drained,
            today: Counts::of_day(now),
            ..Self::default()
        };
        for queue in queues {
            numbers.calls.add(&queue.calls);
            numbers.today.add(&queue.state.service.today(now));
        }
        for outage in outages {
            let kind = outage.domain.kind();
            let kinds = Domain::KINDS.into_iter().zip(&mut numbers.outages);
            for (_, open) in kinds.filter(|(of, _)| *of == kind) {
                *open += 1;
            }
        }
        numbers
    }
}

/// What an agent counts as on boards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentState {
    /// Signed out.
    Offline,
    /// Signed in and not ready.
    NotReady,
    /// Ready, idle and reachable.
    Available,
    /// Ready and idle with a silent or lost line.
    Unreachable,
    /// With an open offer.
    Offered,
    /// In conversation.
    Connected,
    /// In after-call work.
    WrapUp,
    /// On a call of another system.
    External,
}

impl AgentState {
    /// Every state, in the order of their numbers.
    pub const ALL: [Self; 8] = [
        Self::Offline,
        Self::NotReady,
        Self::Available,
        Self::Unreachable,
        Self::Offered,
        Self::Connected,
        Self::WrapUp,
        Self::External,
    ];

    /// What `agent` counts as.
    pub fn of(agent: &AgentView) -> Self {
        Self::by(&agent.work, &agent.intent, agent.line)
    }

    /// What an agent counts as who does and asks for this, on such a line.
    pub fn by(work: &Work, intent: &Intent, line: Line) -> Self {
        match (work, intent, line) {
            (Work::Offered { .. }, _, _) => Self::Offered,
            (Work::Connected { .. }, _, _) => Self::Connected,
            (Work::WrapUp { .. }, _, _) => Self::WrapUp,
            (Work::External { .. }, _, _) => Self::External,
            (Work::Idle, Intent::Offline, _) => Self::Offline,
            (Work::Idle, Intent::NotReady(_), _) => Self::NotReady,
            (Work::Idle, Intent::Ready, Line::Up) => Self::Available,
            (Work::Idle, Intent::Ready, Line::Silent { .. } | Line::Lost { .. }) => {
                Self::Unreachable
            }
        }
    }

    /// The state as a label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::NotReady => "not_ready",
            Self::Available => "available",
            Self::Unreachable => "unreachable",
            Self::Offered => "offered",
            Self::Connected => "connected",
            Self::WrapUp => "wrap_up",
            Self::External => "external",
        }
    }
}

/// How many agents are in each state at each kind of site, are held, and have a leg that is not confirmed gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgentStates {
    counts: [[u32; 8]; 3],
    held: u32,
    rescinding: u32,
    blocked: [u32; BlockedReason::ALL.len()],
}

impl AgentStates {
    /// How many agents are in `state`.
    pub fn get(&self, state: AgentState) -> u32 {
        let kinds = SiteKind::ALL.into_iter();
        kinds.map(|kind| self.at(kind, state)).sum()
    }

    /// How many agents of one kind of site are in `state`.
    pub fn at(&self, kind: SiteKind, state: AgentState) -> u32 {
        self.counts[kind as usize][state as usize]
    }

    /// How many agents a supervisor keeps offers away from.
    pub fn held(&self) -> u32 {
        self.held
    }

    /// How many agents get no offers until a platform confirms that their leg of a dead offer is gone.
    pub fn rescinding(&self) -> u32 {
        self.rescinding
    }

    /// How many agents who are signed in each blocking reason keeps from some calls or all.
    pub fn blocked(&self) -> impl Iterator<Item = (BlockedReason, u32)> {
        BlockedReason::ALL.into_iter().zip(self.blocked)
    }

    /// Counts an agent.
    pub fn add(&mut self, agent: &AgentView) {
        *self.place(agent) += 1;
        self.held += u32::from(agent.hold.is_some());
        self.rescinding += u32::from(agent.rescinding_since.is_some());
        for place in blocked_places(agent) {
            self.blocked[place] += 1;
        }
    }

    /// Counts an agent no more, as it was counted.
    pub fn remove(&mut self, agent: &AgentView) {
        *self.place(agent) -= 1;
        self.held -= u32::from(agent.hold.is_some());
        self.rescinding -= u32::from(agent.rescinding_since.is_some());
        for place in blocked_places(agent) {
            self.blocked[place] -= 1;
        }
    }

    fn place(&mut self, agent: &AgentView) -> &mut u32 {
        let kind = agent.profile.site.kind;
        &mut self.counts[kind as usize][AgentState::of(agent) as usize]
    }
}

/// The places of the reasons that block an agent who is signed in.
fn blocked_places(agent: &AgentView) -> impl Iterator<Item = usize> {
    let signed_in = agent.intent != Intent::Offline;
    let blocks = agent.blocked.iter().filter(move |_| signed_in);
    blocks.filter_map(|block| {
        let mut all = BlockedReason::ALL.iter();
        all.position(|reason| *reason == block.reason)
    })
}
