//! Works out what schedules, law, agreements and checks of set-ups say of an agent: when the agent signs in, begins or ends work, when the
//! schedule or the rules change, and at the moment for which the last answer foresaw a change.

use std::sync::Arc;

use super::{
    super::{
        agent::{Intent, Work},
        eligibility::{Block, BlockedReason},
        event::Event,
        guard::{Guard, is_present},
        ids::{HandleClass, Moment, PoolTime, WallTime},
        law::{HORIZON_MS, LawCase, Worked},
        plan::{PlannedShift, SegmentKind},
        state::{AgentIx, State},
    },
    Step,
};
use crate::readiness::standing::Band;

/// So many agents are looked at with each command while the schedule or the rules have just changed.
const BACKLOG_STEP: usize = 200;

/// Looks at those whom something happened to, and at some of those who wait for it.
pub(super) fn watch(step: &mut Step<'_>) {
    if step.state.guards.fresh.is_empty() && step.state.guards.backlog.is_empty() {
        return;
    }
    for ix in step.state.guards.fresh.take() {
        review(step, ix);
    }
    for ix in step.state.guards.backlog.first(BACKLOG_STEP) {
        step.state.guards.backlog.remove(ix);
        review(step, ix);
    }
}

/// Looks at an agent now.
pub(super) fn review(step: &mut Step<'_>, ix: AgentIx) {
    let is_on = step.state.guards.is_on();
    let is_present = is_present(&step.state.agents[ix].state);
    let wants = is_present && step.state.wants_work(ix);
    follow_work(step, ix, wants);
    let guard = (is_on && is_present).then(|| Sight::of(step.state, ix, step.at).guard(wants));
    if step.state.guards.get(ix) != guard.as_ref() {
        step.emit(Event::GuardChanged {
            agent: step.state.agents[ix].profile.id.clone(),
            at: step.at.now,
            guard,
        });
    }
}

/// Begins or ends the record of work. Who is ready and may not be given any work by law is not at work: the rest goes on.
fn follow_work(step: &mut Step<'_>, ix: AgentIx, wants: bool) {
    let worked = step.state.guards.worked(ix);
    let since = worked.and_then(|worked| worked.since);
    let has_rules = step.state.guards.rulebook.is_some();
    match since {
        Some(since) if !wants || !has_rules => end_work(step, ix, since),
        None if wants && has_rules => begin_work(step, ix),
        Some(_) | None => {}
    }
}

fn end_work(step: &mut Step<'_>, ix: AgentIx, from: WallTime) {
    let to = step.at.wall.max(from);
    let worked = step.state.guards.worked(ix).cloned().unwrap_or_default();
    let worked = match law_case(step.state, ix, step.at.wall) {
        Some(case) => case.recorded(&worked, from, to),
        None => Worked {
            since: None,
            limits: Vec::new(),
            ..worked
        },
    };
    step.emit(Event::WorkEnded {
        agent: step.state.agents[ix].profile.id.clone(),
        at: step.at.now,
        from,
        to,
        worked: Arc::new(worked),
    });
}

fn begin_work(step: &mut Step<'_>, ix: AgentIx) {
    let wall = step.at.wall;
    let Some(case) = law_case(step.state, ix, wall) else {
        return;
    };
    let none = Worked::default();
    let worked = step.state.guards.worked(ix).unwrap_or(&none);
    let limits = case.limits(worked, wall, HORIZON_MS);
    let state = &step.state.agents[ix].state;
    let is_idle = state.intent == Intent::Ready && state.work == Work::Idle;
    if is_idle && limits.first().is_some_and(|limit| limit.until <= wall) {
        return;
    }
    step.emit(Event::WorkBegan {
        agent: step.state.agents[ix].profile.id.clone(),
        at: step.at.now,
        since: wall,
        limits: limits.into(),
    });
}

fn law_case(state: &State, ix: AgentIx, wall: WallTime) -> Option<LawCase<'_>> {
    let rules = state.guards.rulebook.as_ref()?;
    let terms = state.agents[ix].profile.terms.as_deref();
    Some(rules.case(terms, wall))
}

/// What is seen of an agent at a moment.
struct Sight<'a> {
    state: &'a State,
    at: Moment,
    blocks: Vec<Block>,
    /// When something of it changes.
    next: Option<WallTime>,
}

impl<'a> Sight<'a> {
    fn of(state: &'a State, ix: AgentIx, at: Moment) -> Self {
        let mut sight = Self {
            state,
            at,
            blocks: Vec::new(),
            next: None,
        };
        if state.guards.schedule.current != 0 {
            let shifts = state.guards.shifts(ix);
            sight.look_at_shifts(shifts.map_or(&[], |shifts| &**shifts));
        }
        if let Some(case) = law_case(state, ix, at.wall) {
            sight.look_at_agreement(ix, &case);
            sight.look_at_law(ix, &case);
        }
        sight.look_at_gap(ix);
        if state.needs_check(ix) {
            sight.look_at_readiness(ix);
        }
        sight
    }

    fn guard(mut self, wants: bool) -> Guard {
        self.blocks.sort_unstable();
        self.blocks.dedup_by_key(|block| block.reason);
        let due = self.next.map(|next| self.pool_time(next));
        Guard {
            seen: self.state.guards.schedule.current,
            wants,
            blocks: self.blocks,
            due,
        }
    }

    fn pool_time(&self, wall: WallTime) -> PoolTime {
        let ahead_ms = u64::try_from(wall.0 - self.at.wall.0).unwrap_or(0);
        self.at.now.plus(ahead_ms)
    }

    fn wall_time(&self, at: PoolTime) -> WallTime {
        let ahead_ms = i64::try_from(at.since(self.at.now)).unwrap_or(i64::MAX);
        WallTime(self.at.wall.0.saturating_add(ahead_ms))
    }

    fn block(&mut self, reason: BlockedReason, until: Option<WallTime>, class: HandleClass) {
        let until = until.map(|until| self.pool_time(until));
        self.blocks.push(Block {
            reason,
            until,
            class,
        });
    }

    fn change_at(&mut self, at: Option<WallTime>) {
        let later = at.filter(|at| *at > self.at.wall);
        self.next = self.next.into_iter().chain(later).min();
    }

    /// The least class of the queues whose calls would last past a moment; the moments at which there will be more of them are
    /// noted.
    fn class_past(&mut self, end: WallTime) -> Option<HandleClass> {
        let classes = &self.state.guards.classes;
        let mut past = None;
        let mut changes = Vec::new();
        for class in classes {
            let expected_ms = i64::try_from(class.expected_ms()).unwrap_or(i64::MAX);
            if self.at.wall.0.saturating_add(expected_ms) > end.0 {
                past = past.or(Some(*class));
            } else {
                changes.push(WallTime(end.0 - expected_ms + 1));
            }
        }
        let is_first = past.is_some() && past == classes.first().copied();
        for at in changes {
            self.change_at(Some(at));
        }
        past.map(|class| {
            if is_first {
                HandleClass::SHORTEST
            } else {
                class
            }
        })
    }

    fn look_at_shifts(&mut self, shifts: &[PlannedShift]) {
        let wall = self.at.wall;
        let place = shifts.partition_point(|shift| shift.end <= wall);
        let Some(shift) = shifts.get(place).filter(|shift| shift.start <= wall) else {
            let next = shifts.get(place).map(|shift| shift.start);
            self.block(BlockedReason::OutOfShift, next, HandleClass::SHORTEST);
            return self.change_at(next);
        };
        let mut end = shift.end;
        for next in &shifts[place + 1..] {
            if next.start != end {
                break;
            }
            end = next.end;
        }
        self.change_at(Some(shift.end));
        if let Some(class) = self.class_past(end) {
            self.block(BlockedReason::ShiftEnding, Some(end), class);
        }
        for segment in &shift.segments {
            self.change_at(Some(segment.start));
            self.change_at(Some(segment.end));
            let is_now = segment.start <= wall && wall < segment.end;
            if is_now && segment.kind != SegmentKind::Phone {
                let reason = BlockedReason::InSegment(segment.kind);
                self.block(reason, Some(segment.end), HandleClass::SHORTEST);
            }
        }
    }

    fn look_at_agreement(&mut self, ix: AgentIx, case: &LawCase<'_>) {
        let Some(terms) = &self.state.agents[ix].profile.terms else {
            return;
        };
        let (is_open, change) = case.contact(terms, self.at.wall);
        if !is_open {
            self.block(BlockedReason::Agreement, change, HandleClass::SHORTEST);
        }
        self.change_at(change);
    }

    fn look_at_law(&mut self, ix: AgentIx, case: &LawCase<'_>) {
        let worked = self.state.guards.worked(ix).cloned().unwrap_or_default();
        if worked.since.is_some() {
            for limit in &worked.limits {
                if let Some(class) = self.class_past(limit.until) {
                    self.block(limit.reason, None, class);
                }
            }
            return;
        }
        let shortest = self.state.guards.classes.first().copied();
        let expected_ms = shortest.unwrap_or(HandleClass::SHORTEST).expected_ms();
        let expected_ms = i64::try_from(expected_ms).unwrap_or(i64::MAX);
        let limits = case.limits(&worked, self.at.wall, expected_ms);
        if limits.is_empty() {
            return self.change_at(case.next_look(&worked, self.at.wall));
        }
        let free = case.free_from(&worked, self.at.wall, expected_ms);
        for limit in limits {
            self.block(limit.reason, free, HandleClass::SHORTEST);
        }
        self.change_at(free);
    }

    /// Checks hold by the pool's clock. A line that was found too bad stays so while any check of it counts.
    fn look_at_readiness(&mut self, ix: AgentIx) {
        let Some(readiness) = self.state.guards.readiness(ix).cloned() else {
            return self.block(BlockedReason::ReadinessMissing, None, HandleClass::SHORTEST);
        };
        let now = self.at.now;
        let valid_for_ms = self
            .state
            .guards
            .asked
            .as_ref()
            .map_or(0, |asked| asked.valid_for_ms);
        let counts_until = readiness.checked_at().map(|at| at.plus(valid_for_ms));
        if let Some(until) =
            counts_until.filter(|until| readiness.standing == Band::Suspend && *until > now)
        {
            self.block(BlockedReason::LineQuality, None, HandleClass::SHORTEST);
            self.change_at(Some(self.wall_time(until)));
        }
        match readiness.certified_until {
            None => self.block(BlockedReason::ReadinessMissing, None, HandleClass::SHORTEST),
            Some(until) if until <= now => {
                self.block(BlockedReason::ReadinessStale, None, HandleClass::SHORTEST);
            }
            Some(until) => self.change_at(Some(self.wall_time(until))),
        }
    }

    /// The last call ended now, or a moment ago.
    fn look_at_gap(&mut self, ix: AgentIx) {
        if !matches!(self.state.agents[ix].state.work, Work::Idle) {
            return;
        }
        let guards = &self.state.guards;
        let known = guards.get(ix).into_iter().flat_map(|guard| &guard.blocks);
        let before = known
            .filter(|block| block.reason == BlockedReason::CallGap)
            .filter_map(|block| block.until);
        let ended = guards.gap_ms(ix).map(|gap_ms| self.at.now.plus(gap_ms));
        let until = before.chain(ended).max();
        if let Some(until) = until.filter(|until| *until > self.at.now) {
            let until = self.wall_time(until);
            self.block(BlockedReason::CallGap, Some(until), HandleClass::SHORTEST);
            self.change_at(Some(until));
        }
    }
}
