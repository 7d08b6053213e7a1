//! The gauges of a pool as they are now, and how long its agents have been in each state.

use std::sync::atomic::Ordering;

use super::{Condition, Pool, lock, registry::PoolLimits, sweep::skew_ms};
use crate::{
    clock,
    engine::{
        ids::{Moment, PoolId, PoolTime},
        numbers::{AgentState, AgentStates},
        profile::SiteKind,
    },
    metrics::{self, Page, Room},
};

/// The time that agents spent in each state and is not yet shown, up to a moment.
#[derive(Debug, Default)]
pub(super) struct Spent {
    until: Option<PoolTime>,
    ms: [[u64; AgentState::ALL.len()]; SiteKind::ALL.len()],
}

impl Spent {
    /// Nobody counts until the next moment.
    pub(super) fn pause(&mut self) {
        self.until = None;
    }

    /// So many agents were in each state up to `now`.
    pub(super) fn go_on(&mut self, pool: &PoolId, states: &AgentStates, now: PoolTime) {
        let Some(until) = self.until.replace(now) else {
            return;
        };
        let passed = now.since(until);
        for (kind, row) in SiteKind::ALL.into_iter().zip(&mut self.ms) {
            for (state, ms) in AgentState::ALL.into_iter().zip(row) {
                *ms += u64::from(states.at(kind, state)) * passed;
                if *ms >= 1_000 {
                    metrics::agents_spent(pool, kind, state, *ms / 1_000);
                    *ms %= 1_000;
                }
            }
        }
    }
}

impl Pool {
    /// Shows every number of the pool as it is now; of a pool that is not at work, just that.
    pub(super) fn measure(&self, limits: &PoolLimits, page: &mut Page) {
        let condition = self.condition();
        page.measure_open(self.id(), condition == Condition::Open);
        if matches!(condition, Condition::Opening | Condition::Closed) {
            return;
        }
        let view = self.view().read();
        let now = view.now();
        lock(&self.spent).go_on(self.id(), view.agent_states(), now);
        page.measure_pool(self.id(), &view.numbers(now));
        let queues: Vec<_> = view.queues().cloned().collect();
        let spec = view.spec().cloned();
        let (live_calls, ended_calls) = view.count_calls();
        let agents = view.count_agents();
        drop(view);
        let at = Moment {
            now,
            wall: clock::wall(),
        };
        for row in queues {
            let numbers = row.queue.numbers(now);
            let id = &row.queue.id;
            let spec = spec.iter().flat_map(|spec| &spec.queues);
            let target_ms = spec.filter(|queue| queue.id == *id).map(|q| q.target_ms);
            let target_ms = target_ms.max().unwrap_or_default();
            page.measure_queue(self.id(), id, &numbers, target_ms, at);
        }
        let room = |kind, taken, limit| Room { kind, taken, limit };
        let waiting = self.requests.max_capacity() - self.requests.capacity();
        let rooms = [
            room("agents", agents, limits.engine.agents),
            room("live_calls", live_calls, limits.engine.live_calls),
            room("ended_calls", ended_calls, limits.engine.tombstones),
            room("waiting_commands", waiting, limits.waiting_commands),
        ];
        page.measure_room(self.id(), &rooms);
        page.measure_skew(self.id(), skew_ms(self));
        page.measure_set_aside(self.id(), self.set_aside.load(Ordering::Relaxed));
        let confirmed = *lock(&self.confirmed);
        let age = confirmed.map(|at| clock::instant().saturating_duration_since(at));
        page.measure_lease(self.id(), age.unwrap_or_default());
    }
}
