//! What is due by itself, and when: at the end of a commit nothing of it may be left undone.

use std::cmp::Reverse;

use super::{
    Checker,
    line::Key,
    rules::Rule,
    state::{Agent, Call, Phase, Work},
    waiting::REFUSALS_FORGOTTEN_MS,
};

/// Waiting calls of a platform that is away for so long are lost.
const DETACHED_LOST_MS: u64 = 5 * 60_000;
/// A platform without calls that is away for so long is forgotten.
const PLATFORM_FORGOTTEN_MS: u64 = 15 * 60_000;

/// Whom a deadline is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    Call(String),
    Agent(String),
    Queue(String),
    Platform(Key),
    Tombstone(String),
}

impl Checker {
    /// Notes the deadline of a call, if it is another one.
    pub(super) fn note_call(&mut self, id: &str) {
        let Some(call) = self.calls.get(id) else {
            return;
        };
        let due = self.call_due(call).map(|(due, _)| due);
        if due != call.due {
            self.push(due, || Due::Call(id.to_owned()));
        }
        if let Some(call) = self.calls.get_mut(id) {
            call.due = due;
        }
    }

    /// Notes the deadline of an agent, if it is another one.
    pub(super) fn note_agent(&mut self, id: &str) {
        let Some(agent) = self.agents.get(id) else {
            return;
        };
        let due = self.agent_due(agent).map(|(due, _)| due);
        if due != agent.due {
            self.push(due, || Due::Agent(id.to_owned()));
        }
        if let Some(agent) = self.agents.get_mut(id) {
            agent.due = due;
        }
    }

    pub(super) fn note_queue(&mut self, id: &str, until: Option<u64>) {
        self.push(until, || Due::Queue(id.to_owned()));
    }

    pub(super) fn note_tombstone(&mut self, id: &str, forget_at: u64) {
        self.push(Some(forget_at), || Due::Tombstone(id.to_owned()));
    }

    pub(super) fn note_platform(&mut self, key: &Key) {
        let due = self.platform_due(key);
        self.push(due, || Due::Platform(key.clone()));
    }

    fn push(&mut self, due: Option<u64>, whom: impl FnOnce() -> Due) {
        if let Some(due) = due {
            self.deadlines.push(Reverse((due, whom())));
        }
    }

    /// Looks at what is due by now. A deadline that was moved meanwhile is noted again where it belongs.
    pub(super) fn check_due(&mut self) {
        while let Some(Reverse((due, _))) = self.deadlines.peek()
            && *due <= self.now
        {
            let Some(Reverse((_, whom))) = self.deadlines.pop() else {
                return;
            };
            let Some((due, rule)) = self.due(&whom) else {
                continue;
            };
            if due > self.now {
                continue;
            }
            let now = self.now;
            let seen = format!("{whom:?} was due at {due} ms, and nothing came of it by {now} ms");
            self.faults.add(rule, seen);
        }
    }

    fn due(&self, whom: &Due) -> Option<(u64, Rule)> {
        match whom {
            Due::Call(id) => self.call_due(self.calls.get(id)?),
            Due::Agent(id) => self.agent_due(self.agents.get(id)?),
            Due::Queue(id) => Some(((*self.halted.get(id)?)?, Rule::Closed)),
            Due::Tombstone(id) => Some((*self.tombstones.get(id)?, Rule::Tombstone)),
            Due::Platform(key) => Some((self.platform_due(key)?, Rule::Platform)),
        }
    }

    fn platform_due(&self, key: &Key) -> Option<u64> {
        let platform = self.platforms.get(key)?;
        let idle = platform.detached_at.filter(|_| platform.calls == 0)?;
        Some(idle + PLATFORM_FORGOTTEN_MS)
    }

    fn call_due(&self, call: &Call) -> Option<(u64, Rule)> {
        let queue = self
            .config
            .as_ref()
            .and_then(|config| config.queue(&call.queue));
        let by_phase = match &call.phase {
            Phase::Waiting { since } => self.waiting_due(call, *since),
            Phase::Offered(offer) => Some((offer.until, Rule::Lease)),
            Phase::Connected {
                confirmed_at,
                asked_until,
                ..
            } => {
                let limit = queue.map_or(0, |queue| queue.longest_call_ms);
                let asked = (limit > 0).then(|| confirmed_at + limit);
                asked_until.or(asked).map(|due| (due, Rule::Talk))
            }
        };
        let lost = call.lost_at.map(|due| (due, Rule::Platform));
        by_phase.into_iter().chain(lost).min()
    }

    fn waiting_due(&self, call: &Call, since: u64) -> Option<(u64, Rule)> {
        let config = self.config.as_ref();
        let queue = config.and_then(|config| config.queue(&call.queue));
        let kept = call.kept.as_ref().map(|kept| (kept.until, Rule::Preferred));
        let next = queue.and_then(|queue| queue.rings.get(call.ring + 1));
        let ring = next.map(|ring| (call.came_at + call.kept_ms + ring.after_ms, Rule::Rings));
        let refused = !call.refused.is_empty();
        let forgotten = refused.then_some((since + REFUSALS_FORGOTTEN_MS, Rule::Forgotten));
        let common = [kept, ring, forgotten];
        if let Some(callback) = call.callback {
            let due = callback.due.map(|due| (due, Rule::Callback));
            let until = Some((callback.until, Rule::Callback));
            return common.into_iter().chain([due, until]).flatten().min();
        }
        let platform = self.platforms.get(&call.key);
        let away = platform.and_then(|platform| platform.detached_at);
        let lost = away.map(|since| (since + DETACHED_LOST_MS, Rule::Platform));
        let limit = queue.map_or(0, |queue| queue.time_out_ms);
        let time_out = (limit > 0).then(|| (call.came_at + limit, Rule::Overflow));
        let overflow = queue.and_then(|queue| queue.overflow.as_ref());
        let open =
            overflow.filter(|to| to.to_pool.is_some() || !self.halted.contains_key(&to.to_queue));
        let overflow = open.map(|to| (call.came_at + to.after_ms, Rule::Overflow));
        let more = [lost, time_out, overflow];
        common.into_iter().chain(more).flatten().min()
    }

    fn agent_due(&self, agent: &Agent) -> Option<(u64, Rule)> {
        let work = match &agent.work {
            Work::WrapUp { until, .. } => until.map(|until| (until, Rule::WrapUp)),
            Work::External { until } => Some((*until, Rule::External)),
            Work::Idle | Work::Offered(_) | Work::Connected(_) => None,
        };
        let leg = agent.leg.as_ref();
        let leg = leg.map(|leg| (self.leg_gone_at(leg), Rule::LegOpen));
        let held = [
            agent.hold_until,
            agent.bad_line_until,
            agent.absent_until,
            agent.registered_until,
        ];
        let held = held.into_iter().flatten().min();
        let held = held.map(|due| (due, Rule::Hold));
        [work, leg, held].into_iter().flatten().min()
    }
}
