//! The whole state of a pool and the look-ups kept beside it. It changes only in `evolve`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use rustc_hash::FxBuildHasher;

pub(crate) use super::live::{Call, Place};
use super::{
    Limits,
    agent::AgentState,
    answers::{Answers, RequestKey},
    arrivals::{Current, Kept},
    call::{Phase, Tombstone},
    counters::Counters,
    eligibility::withheld,
    estimate::WaitingLine,
    guard::Guards,
    ids::{
        AgentId, CallId, HandleClass, MessageId, NameHash, NameMap, OfferId, PlatformKey, PoolId,
        PoolTime, QueueId, SkillName, WallTime,
    },
    inbox::Messages,
    matching::{Group, GroupPlace, Index, NeedsIx, Ranking, SiteMask, Slot},
    notes::Notes,
    order::Order,
    outage::{Domain, Mark, Outages},
    places::Places,
    profile::{AgentProfile, SkillLevel},
    queue::{QueueState, WaitingCalls},
    queues::Queues,
    service::Balance,
    shown::Shown,
    sites::Sites,
    slab::{Ix, IxSet, Slab},
    spec::{PoolSpec, QueueSpec},
    texts::Texts,
    thin::ThinList,
    timers::Timers,
    urgency::{Precedence, Urgency},
};
use crate::calendar::windows::Windows;

/// Calls of a platform that has been detached this long are not offered.
pub(crate) const DETACHED_NO_OFFERS_MS: u64 = 5_000;

/// Place of an agent.
pub(crate) type AgentIx = Ix<Agent>;
/// Place of a call.
pub(crate) type CallIx = Ix<Call>;

/// A skill as a small integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SkillIx(u32);

impl SkillIx {
    /// The skill as a number.
    pub(super) fn number(self) -> usize {
        self.0 as usize
    }
}

/// A skill needed at a level, or held at one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SkillNeed {
    pub(crate) skill: SkillIx,
    pub(crate) level: u8,
}

/// A ring with interned skills.
#[derive(Clone, Debug)]
pub(crate) struct Requirement {
    pub(crate) after_ms: u64,
    pub(crate) skills: Vec<SkillNeed>,
    pub(crate) sites: SiteMask,
    /// Place in the index of what the ring alone asks for.
    pub(super) needs: NeedsIx,
    /// How those who may take a call are put in order.
    pub(super) ranking: Ranking,
}

/// An agent with interned skills.
#[derive(Debug)]
pub(crate) struct Agent {
    pub(crate) profile: Arc<AgentProfile>,
    /// One list for all who hold the same.
    pub(crate) skills: Arc<[SkillNeed]>,
    pub(crate) state: AgentState,
    pub(super) timer: Option<PoolTime>,
    /// Place in the line of idle agents.
    pub(super) slot: Option<Slot>,
    /// The first group of the pool whose requirement the agent meets.
    pub(super) group: Option<GroupPlace>,
    /// Whether the agent's site is drained.
    pub(super) site_drained: bool,
    /// As what the agent is counted in failure domains.
    pub(super) mark: Mark,
    /// When the line fell silent that was lost last, while that may be part of an outage.
    pub(super) loss: Option<PoolTime>,
    /// When the misses in a row happened. Not stored: for a while after a restart there is no outage that excuses them.
    pub(super) no_answers: ThinList<PoolTime>,
    /// Messages that the agent has not acknowledged, oldest first.
    pub(super) inbox: ThinList<MessageId>,
    /// In which state boards show the agent, with its reason: `state.since` begins anew when it changes.
    pub(super) shown: Shown,
    /// For how many handle classes, the shortest first, schedules and law leave the agent open.
    pub(super) open: u8,
}

/// A queue with interned skills and its counts.
#[derive(Debug)]
pub(crate) struct Queue {
    pub(crate) spec: QueueSpec,
    pub(crate) rings: Vec<Requirement>,
    pub(crate) weight: u32,
    /// How long its calls are expected to last.
    pub(crate) class: HandleClass,
    pub(crate) state: QueueState,
    /// When it is served, if not always.
    pub(super) windows: Option<Windows>,
    /// The interval of now.
    pub(super) current: Box<Current>,
    /// Place of the queue in the pool's list.
    pub(super) lane: u16,
    pub(super) waiting: Order<(PoolTime, CallIx)>,
    /// The same calls in the order in which they are served.
    pub(super) line: WaitingLine,
    /// Calls that wait without a line to be called back.
    pub(super) callbacks: BTreeSet<CallIx>,
    pub(super) offered: u32,
    pub(super) connected: u32,
}

impl Queue {
    /// The easiest ring.
    pub(crate) fn last_ring(&self) -> &Requirement {
        self.rings.last().expect("a queue has at least one ring")
    }

    /// Whether it is closed, and calls that wait in it end.
    pub(crate) fn ends_waiting(&self) -> bool {
        let halt = self.state.halt.as_ref();
        halt.is_some_and(|halt| halt.waiting == WaitingCalls::End)
    }

    /// Calls of the queue that live.
    pub(crate) fn live(&self) -> usize {
        let waiting = self.waiting.len() + self.callbacks.len();
        waiting + self.offered as usize + self.connected as usize
    }
}

/// A platform's instance.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Platform {
    pub(crate) key: PlatformKey,
    /// When it last attached; calls accepted before are subject to its declaration.
    pub(crate) hello_at: PoolTime,
    /// Since when it is not heard; `None` while attached.
    pub(crate) detached_at: Option<PoolTime>,
    #[serde(skip)]
    pub(super) timer: Option<PoolTime>,
}

/// What has a deadline.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    Agent(AgentIx),
    Call(CallIx),
    Platform(PlatformKey),
    Tombstone(CallId),
    Outage(Domain),
    Queue(QueueId),
    Peak(QueueId),
    Answer(RequestKey),
    Message(MessageId),
    Guard(AgentIx),
    Draft(u64),
}

/// What is stored as one record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum EntityKey {
    Pool,
    Counters,
    Agent(AgentId),
    AgentState(AgentId),
    Call(CallId),
    CallState(CallId),
    Platform(PlatformKey),
    Tombstone(CallId),
    Queue(QueueId),
    Site(Arc<str>),
    Outage(Domain),
    Answer(RequestKey),
    Message(MessageId),
    Inbox(AgentId),
    Schedule,
    Plan(AgentId),
    Guard(AgentId),
    Worked(AgentId),
    Readiness(AgentId),
    Arrivals(i64, QueueId),
    History(i64, QueueId),
    Forecast(i64, QueueId),
    Missed,
}

/// A pool's state.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) pool: PoolId,
    pub(crate) limits: Limits,
    pub(crate) now: PoolTime,
    pub(crate) spec: Option<Arc<PoolSpec>>,
    pub(crate) queues: Queues,
    pub(super) groups: Vec<Group>,
    /// Whether queues are served by how far they are from their goals.
    pub(super) is_balanced: bool,
    /// Whether waiting calls are looked for by queue.
    pub(super) are_queues_apart: bool,
    pub(crate) agents: Slab<Agent>,
    pub(crate) calls: Slab<Call>,
    pub(crate) platforms: BTreeMap<PlatformKey, Platform>,
    pub(crate) tombstones: NameMap<CallId, Tombstone>,
    pub(crate) tombstone_order: BTreeSet<(PoolTime, CallId)>,
    pub(crate) counters: Counters,
    pub(crate) sites: Sites,
    pub(crate) outages: Outages,
    pub(crate) answers: Answers,
    pub(crate) messages: Messages,
    pub(crate) guards: Guards,
    /// What arrived, and what is expected to.
    pub(super) kept: Kept,
    pub(super) skills: NameMap<SkillName, SkillIx>,
    pub(super) texts: Texts,
    pub(super) agent_index: Places<Agent, FxBuildHasher>,
    pub(super) call_index: Places<Call, NameHash>,
    pub(super) offers: BTreeMap<OfferId, AgentIx>,
    pub(super) platform_calls: BTreeMap<PlatformKey, IxSet<Call>>,
    pub(super) timers: Timers,
    /// When queues open or close, by the pool's clock and by the calendar.
    pub(super) turns: BTreeSet<(PoolTime, QueueId)>,
    pub(super) wall_turns: BTreeSet<(WallTime, QueueId)>,
    /// Whether a queue asks for the agents' busy times.
    pub(super) is_occupancy_kept: bool,
    /// Who may be offered what.
    pub(super) index: Index,
    /// The eligible agents, and the waiting calls, that may have gained a match since the last settlement.
    pub(super) fresh_agents: IxSet<Agent>,
    pub(super) fresh_calls: IxSet<Call>,
    /// Preferred agents who may have become unable to take the calls kept for them.
    pub(super) doubtful_agents: IxSet<Agent>,
    /// Agents who are deleted as soon as nothing is in hand.
    pub(super) draining: IxSet<Agent>,
    /// Agents whose address a platform calls registered.
    pub(super) registered: IxSet<Agent>,
    pub(super) touched: Notes,
    /// Calls diverted a short while ago, oldest first; not stored.
    pub(super) diverted: std::collections::VecDeque<CallId>,
}

impl State {
    /// An empty pool.
    pub(crate) fn new(pool: PoolId, limits: Limits) -> Self {
        Self {
            pool,
            limits,
            now: PoolTime::default(),
            spec: None,
            queues: Queues::default(),
            groups: Vec::new(),
            is_balanced: false,
            are_queues_apart: false,
            agents: Slab::default(),
            calls: Slab::default(),
            platforms: BTreeMap::new(),
            tombstones: NameMap::default(),
            tombstone_order: BTreeSet::new(),
            counters: Counters::FIRST,
            sites: Sites::default(),
            outages: Outages::default(),
            answers: Answers::default(),
            messages: Messages::default(),
            guards: Guards::default(),
            kept: Kept::default(),
            skills: NameMap::default(),
            texts: Texts::default(),
            agent_index: Places::default(),
            call_index: Places::default(),
            offers: BTreeMap::new(),
            platform_calls: BTreeMap::new(),
            timers: Timers::default(),
            turns: BTreeSet::new(),
            wall_turns: BTreeSet::new(),
            is_occupancy_kept: false,
            index: Index::default(),
            fresh_agents: IxSet::default(),
            fresh_calls: IxSet::default(),
            doubtful_agents: IxSet::default(),
            draining: IxSet::default(),
            registered: IxSet::default(),
            touched: Notes::default(),
            diverted: std::collections::VecDeque::new(),
        }
    }

    /// The agent of this id.
    pub(crate) fn agent(&self, id: &AgentId) -> Option<AgentIx> {
        let name = |ix| self.agents[ix].profile.id.as_str();
        self.agent_index.find(id.as_str(), name)
    }

    /// The live call of this id.
    pub(crate) fn call(&self, id: &CallId) -> Option<CallIx> {
        let name = |ix| self.calls[ix].record.id.as_str();
        self.call_index.find(id.as_str(), name)
    }

    /// The agent of a live offer, or of one whose leg the platform has yet to confirm gone.
    pub(crate) fn offer_agent(&self, offer: OfferId) -> Option<AgentIx> {
        self.offers.get(&offer).copied()
    }

    /// The queue of a live call.
    pub(crate) fn queue_of(&self, call: &Call) -> &Queue {
        &self.queues[call.at]
    }

    /// When calls of a queue overflow; a halted queue takes none from others.
    pub(crate) fn overflows_after_ms(&self, queue: &Queue) -> Option<u64> {
        let overflow = queue.spec.overflow.as_ref()?;
        let target = queue.spec.overflow_inside();
        let target = target.and_then(|id| self.queues.get(id));
        let halted = target.is_some_and(|target| target.state.halt.is_some());
        (!halted).then_some(overflow.after_ms)
    }

    /// The ring that applies to a call.
    pub(crate) fn ring_of(&self, call: &Call) -> &Requirement {
        &self.queue_of(call).rings[usize::from(call.state.ring)]
    }

    /// A waiting call's place among all now.
    pub(crate) fn precedence(&self, call: &Call) -> Precedence {
        let balance = self.balance(self.queue_of(call));
        Precedence::new(balance, self.urgency(call))
    }

    /// How well a queue is served, where the pool balances its queues; zero elsewhere.
    pub(crate) fn balance(&self, queue: &Queue) -> Balance {
        if self.is_balanced {
            let service = &queue.state.service;
            service.balance(queue.spec.goal_permille, self.now)
        } else {
            Balance::default()
        }
    }

    /// A waiting call's urgency now.
    fn urgency(&self, call: &Call) -> Urgency {
        let weight = self.queue_of(call).weight;
        Urgency::at(
            self.now,
            call.record.head_start_ms,
            weight,
            call.wait_from(),
            call.state.number,
        )
    }

    /// Since when a platform is not heard; `None` while it is attached.
    pub(crate) fn detached_at(&self, key: &PlatformKey) -> Option<PoolTime> {
        self.platforms
            .get(key)
            .and_then(|platform| platform.detached_at)
    }

    /// Whether a platform has not been heard for at least `ms`.
    pub(crate) fn is_detached_for(&self, key: &PlatformKey, ms: u64) -> bool {
        self.detached_at(key)
            .is_some_and(|since| self.now.since(since) >= ms)
    }

    /// Whether a call may be offered now: it waits, its platform is heard and names it, and no dead leg is open.
    pub(crate) fn is_offerable(&self, call: &Call) -> bool {
        let state = &call.state;
        let is_rescind_open = state.rescind.is_some();
        let detached_at = || self.detached_at(&call.record.key);
        matches!(
            state.phase,
            Phase::Queued { .. } | Phase::CallbackWaiting { due: None, .. }
        ) && withheld(is_rescind_open, state.lost_at, detached_at(), self.now)
            .next()
            .is_none()
    }

    /// The small integer of a skill, made if it is new.
    pub(super) fn intern(&mut self, name: &SkillName) -> SkillIx {
        if let Some(known) = self.skills.get(name) {
            return *known;
        }
        let next = u32::try_from(self.skills.len()).expect("a pool has fewer than 2^32 skills");
        self.skills.insert(name.clone(), SkillIx(next));
        SkillIx(next)
    }

    /// Skills as small integers, sorted by them.
    pub(super) fn intern_all(&mut self, skills: &[SkillLevel]) -> Vec<SkillNeed> {
        let mut needs: Vec<SkillNeed> = skills
            .iter()
            .map(|held| SkillNeed {
                skill: self.intern(&held.skill),
                level: held.level,
            })
            .collect();
        needs.sort_unstable();
        needs
    }
}
