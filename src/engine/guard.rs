//! What schedules, law, agreements and checks of set-ups say of each agent who is signed in, as of the last time that something changed, and when
//! it changes by itself. It stands beside the agents' records: most changes of an agent leave it alone.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    absent::is_default,
    agent::{AgentState, Intent, REASON_LINE_LOST, Work},
    beside::Beside,
    eligibility::{Block, BlockedReason},
    ids::{AgentId, HandleClass, PoolTime},
    law::{Rulebook, Worked},
    plan::{Line, Plan, Schedule, Shifts},
    readiness::{Readiness, ReadinessSpec},
    slab::IxSet,
    spec::PoolSpec,
    state::{Agent, AgentIx, EntityKey, State, Timer},
};

/// What keeps calls from an agent beside the agent's own state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// The version of the schedule that was looked at; zero is none.
    #[serde(default, skip_serializing_if = "is_default")]
    pub seen: u64,
    /// Whether the agent would be at work.
    pub wants: bool,
    /// What holds, in a fixed order, each reason once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<Block>,
    /// When that is to be looked at again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<PoolTime>,
}

impl Guard {
    /// Whether it holds this reason.
    pub(super) fn holds(&self, reason: BlockedReason) -> bool {
        self.blocks.iter().any(|block| block.reason == reason)
    }

    /// For how many handle classes, the shortest first, an agent is open.
    pub(super) fn open_of(guard: Option<&Self>) -> u8 {
        let classes = guard.into_iter().flat_map(|guard| &guard.blocks);
        let least = classes.map(|block| block.class.0).min();
        least.unwrap_or(HandleClass::LONGEST.0 + 1)
    }
}

/// The guards, and what they are worked out from.
#[derive(Debug, Default)]
pub(crate) struct Guards {
    all: Beside<Agent, Guard>,
    plans: Beside<Agent, Plan>,
    worked: Beside<Agent, Worked>,
    /// Of those in conversation or wrap-up: the time that must pass after it before the next call, ms.
    gaps: Beside<Agent, u64>,
    readiness: Beside<Agent, Arc<Readiness>>,
    pub(super) schedule: Schedule,
    /// The versions that lead to the present one.
    line: Line,
    pub(super) rulebook: Option<Rulebook>,
    /// What is asked of agents' set-ups.
    pub(super) asked: Option<ReadinessSpec>,
    /// The handle classes of the queues, the shortest first.
    pub(super) classes: Vec<HandleClass>,
    /// Whom something happened to that may change what holds.
    pub(super) fresh: IxSet<Agent>,
    /// Who is looked at anew, some at a time, because the schedule or the rules changed.
    pub(super) backlog: IxSet<Agent>,
}

impl Guards {
    /// What holds for an agent; `None` for those who are signed out, and where nothing is asked.
    pub(super) fn get(&self, ix: AgentIx) -> Option<&Guard> {
        self.all.get(ix)
    }

    /// Whether there is a schedule, a law or a check to keep to.
    pub(super) fn is_on(&self) -> bool {
        self.schedule.current != 0 || self.rulebook.is_some() || self.asked.is_some()
    }

    /// What an agent worked.
    pub(super) fn worked(&self, ix: AgentIx) -> Option<&Worked> {
        self.worked.get(ix)
    }

    /// What the last checks of an agent's set-up said.
    pub(super) fn readiness(&self, ix: AgentIx) -> Option<&Arc<Readiness>> {
        self.readiness.get(ix)
    }

    /// The published shifts of an agent; `None` if no version named the agent.
    pub(super) fn shifts(&self, ix: AgentIx) -> Option<&Shifts> {
        self.plans.get(ix)?.in_line(&self.line)
    }

    /// The time without a call that an agent's last call asks for, ms.
    pub(super) fn gap_ms(&self, ix: AgentIx) -> Option<u64> {
        self.gaps.get(ix).copied()
    }

    /// Agents of whom a draft says something, at most so many.
    pub(super) fn named_by(&self, version: u64, most: usize) -> Vec<AgentIx> {
        let named = self.plans.iter().filter(|(_, plan)| plan.names(version));
        named.map(|(ix, _)| ix).take(most).collect()
    }

    /// Whether anything stands beside an agent.
    pub(super) fn has_any(&self, ix: AgentIx) -> bool {
        self.get(ix).is_some()
            || self.plan(ix).is_some()
            || self.worked(ix).is_some()
            || self.readiness(ix).is_some()
    }

    /// What is stored of an agent's shifts.
    pub(super) fn plan(&self, ix: AgentIx) -> Option<&Plan> {
        self.plans.get(ix)
    }

    fn take_line(&mut self) {
        self.line = self.schedule.line_to(self.schedule.current);
    }
}

/// Whether an agent is signed in, or has something in hand.
pub(super) fn is_present(state: &AgentState) -> bool {
    state.intent != Intent::Offline || state.work != Work::Idle
}

impl State {
    /// Whether an agent is, or would be, at work: with something in hand, ready, or not ready for a reason that is no break.
    pub(super) fn wants_work(&self, ix: AgentIx) -> bool {
        let state = &self.agents[ix].state;
        if !matches!(state.work, Work::Idle | Work::Offered { .. }) {
            return true;
        }
        let rulebook = self.guards.rulebook.as_ref();
        let is_break = |reason: &str| rulebook.is_some_and(|rules| rules.is_break(reason));
        match &state.intent {
            Intent::Offline => false,
            Intent::Ready => true,
            Intent::NotReady(reason) => **reason != *REASON_LINE_LOST && !is_break(reason),
        }
    }

    /// Whether an agent takes calls by checks of the set-up only.
    pub(super) fn needs_check(&self, ix: AgentIx) -> bool {
        let asked = self.guards.asked.as_ref();
        let kind = self.agents[ix].profile.site.kind;
        asked.is_some_and(|asked| asked.site_kinds.contains(&kind))
    }

    /// Notes that an agent changed, if that may change what holds.
    pub(super) fn note_guard(&mut self, ix: AgentIx) {
        if !self.guards.is_on() && self.guards.get(ix).is_none() {
            return;
        }
        self.note_gap(ix);
        let state = &self.agents[ix].state;
        let is_over = matches!(state.work, Work::Idle) && self.guards.gap_ms(ix).is_some();
        let is_new = match self.guards.get(ix) {
            None => is_present(state),
            Some(guard) => {
                let is_old = guard.seen != self.guards.schedule.current;
                !is_present(state) || is_over || is_old || guard.wants != self.wants_work(ix)
            }
        };
        if is_new {
            self.guards.fresh.insert(ix);
        }
    }

    fn note_gap(&mut self, ix: AgentIx) {
        let Some(rules) = &self.guards.rulebook else {
            return;
        };
        let queue = match &self.agents[ix].state.work {
            Work::Connected { call } => self.call(call).map(|call| self.calls[call].queue()),
            Work::WrapUp { queue, .. } => queue.as_ref(),
            Work::Idle | Work::Offered { .. } | Work::External { .. } => return,
        };
        let queue = queue.and_then(|queue| self.queues.get(queue));
        let gap_ms = queue.map_or(0, |queue| rules.gap_ms(queue.spec.complexity));
        self.guards.gaps.put(ix, (gap_ms > 0).then_some(gap_ms));
    }

    /// Takes the labour rules of a configuration, and what it asks of set-ups.
    pub(super) fn take_rules(&mut self, spec: &PoolSpec) {
        let mut classes: Vec<HandleClass> = self.queues.iter().map(|queue| queue.class).collect();
        classes.sort_unstable();
        classes.dedup();
        self.guards.classes = classes;
        self.guards.rulebook = Rulebook::of(spec);
        self.guards.asked.clone_from(&spec.readiness);
        self.look_anew();
    }

    /// Those who waited to be looked at anew when the pool was stored wait for it again.
    pub(super) fn resume_backlog(&mut self) {
        self.guards.backlog = std::mem::take(&mut self.guards.fresh);
    }

    /// All who are signed in are looked at anew, some at a time.
    pub(super) fn look_anew(&mut self) {
        if !self.guards.is_on() && self.guards.all.iter().next().is_none() {
            return;
        }
        for (ix, agent) in self.agents.iter() {
            if is_present(&agent.state) || self.guards.get(ix).is_some() {
                self.guards.backlog.insert(ix);
            }
        }
    }

    /// Says what holds for an agent, and brings the look-ups up to date.
    pub(super) fn put_guard(&mut self, ix: AgentIx, guard: Option<Guard>) {
        if matches!(self.agents[ix].state.work, Work::Idle) {
            self.guards.gaps.put(ix, None);
        }
        self.set_guard(ix, guard);
        let id = self.agents[ix].profile.id.clone();
        self.touched.insert(EntityKey::Guard(id));
        self.agent_changed(ix);
    }

    /// The same, for an agent who stands in no look-up yet.
    pub(super) fn set_guard(&mut self, ix: AgentIx, guard: Option<Guard>) {
        let due = guard.as_ref().and_then(|guard| guard.due);
        let open = Guard::open_of(guard.as_ref());
        let before = self.guards.all.put(ix, guard);
        self.retime(before.and_then(|guard| guard.due), due, Timer::Guard(ix));
        self.reindex_open(ix, open);
    }

    /// Says what an agent worked.
    pub(super) fn put_worked(&mut self, ix: AgentIx, worked: Worked) {
        self.guards.worked.put(ix, Some(worked));
        let id = self.agents[ix].profile.id.clone();
        self.touched.insert(EntityKey::Worked(id));
    }

    /// Says what the last checks of an agent's set-up said.
    pub(super) fn put_readiness(&mut self, ix: AgentIx, readiness: Arc<Readiness>) {
        self.set_readiness(ix, readiness);
        if self.guards.get(ix).is_some() {
            self.guards.fresh.insert(ix);
        }
        let id = self.agents[ix].profile.id.clone();
        self.touched.insert(EntityKey::Readiness(id));
        self.touched.note_agent(ix);
    }

    /// Says what a draft has of agents.
    pub(super) fn stage_shifts(&mut self, version: u64, plans: &[(AgentId, Shifts)]) {
        let schedule = &mut self.guards.schedule;
        schedule.last = schedule.last.max(version);
        let kept = schedule.kept.iter().map(|kept| kept.number);
        let lines: Vec<Line> = kept
            .chain([schedule.current])
            .map(|number| schedule.line_to(number))
            .collect();
        for (id, shifts) in plans {
            let Some(ix) = self.agent(id) else { continue };
            let plan = self.guards.plans.entry(ix);
            plan.prune(&lines, &self.guards.schedule.drafts);
            plan.put(version, Some(shifts.clone()));
            self.touched.insert(EntityKey::Plan(id.clone()));
        }
    }

    /// Takes what a draft has of agents away.
    pub(super) fn unstage_shifts(&mut self, version: u64, agents: &[AgentId]) {
        for id in agents {
            let Some(ix) = self.agent(id) else { continue };
            let plan = self.guards.plans.entry(ix);
            plan.put(version, None);
            if plan.is_empty() {
                self.guards.plans.put(ix, None);
            }
            self.touched.insert(EntityKey::Plan(id.clone()));
        }
    }

    /// Changes which version holds, or which drafts there are.
    pub(super) fn with_schedule(&mut self, change: impl FnOnce(&mut Schedule)) {
        let before = self.guards.schedule.drafts.clone();
        let current = self.guards.schedule.current;
        change(&mut self.guards.schedule);
        let after = self.guards.schedule.drafts.clone();
        for (version, draft) in &before {
            if after.get(version) != Some(draft) {
                self.retime(Some(draft.until), None, Timer::Draft(*version));
            }
        }
        for (version, draft) in &after {
            if before.get(version) != Some(draft) {
                self.retime(None, Some(draft.until), Timer::Draft(*version));
            }
        }
        self.touched.insert(EntityKey::Schedule);
        if self.guards.schedule.current != current {
            self.guards.take_line();
            self.look_anew();
        }
    }

    /// Puts what stored checks said beside their agent.
    pub(super) fn set_readiness(&mut self, ix: AgentIx, readiness: Arc<Readiness>) {
        self.guards.readiness.put(ix, Some(readiness));
    }

    /// Puts a stored plan beside its agent.
    pub(super) fn set_plan(&mut self, ix: AgentIx, plan: Plan) {
        self.guards.plans.put(ix, Some(plan));
    }

    /// Forgets what stands beside an agent who is deleted.
    pub(super) fn forget_guard(&mut self, ix: AgentIx) {
        let id = self.agents[ix].profile.id.clone();
        self.guards.fresh.remove(ix);
        self.guards.backlog.remove(ix);
        self.guards.gaps.put(ix, None);
        if self.guards.get(ix).is_some() {
            self.set_guard(ix, None);
            self.touched.insert(EntityKey::Guard(id.clone()));
        }
        if self.guards.plans.put(ix, None).is_some() {
            self.touched.insert(EntityKey::Plan(id.clone()));
        }
        if self.guards.worked.put(ix, None).is_some() {
            self.touched.insert(EntityKey::Worked(id.clone()));
        }
        if self.guards.readiness.put(ix, None).is_some() {
            self.touched.insert(EntityKey::Readiness(id));
        }
    }

    /// Checks what stands beside the agents; for tests.
    pub(super) fn check_guards(&self) {
        let guards = &self.guards;
        let line = guards.schedule.line_to(guards.schedule.current);
        assert_eq!(guards.line, line, "the line leads to the present version");
        for (ix, agent) in self.agents.iter() {
            let guard = guards.get(ix);
            let waits = guards.backlog.contains(ix);
            let is_due = guards.is_on() && is_present(&agent.state);
            assert!(waits || guard.is_some() == is_due, "{}", agent.profile.id);
            if let Some(guard) = guard.filter(|_| !waits) {
                assert_eq!(guard.wants, self.wants_work(ix), "{}", agent.profile.id);
                assert_eq!(guard.seen, guards.schedule.current);
                let due = guard.due.is_none_or(|due| due > self.now);
                assert!(due, "{} is looked at when it is due", agent.profile.id);
            }
        }
    }
}
