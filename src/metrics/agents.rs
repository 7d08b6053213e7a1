//! Metrics of pools and their agents: gauges, sessions, lines and intents, and the outages of failure domains.

use std::time::Duration;

use ::metrics::counter;

use super::{
    Page, add_in_pool, count_in_pool, number,
    table::{
        AGENT_SECONDS, AGENTS, AGENTS_BLOCKED, AGENTS_HELD, CLOCK_SKEW, INTENTS_BY_POLICY,
        LEASE_AGE, LINES_CHANGED, MESSAGES_ENDED, MESSAGES_SENT, OUTAGES, OUTAGES_OPEN,
        POOL_ENTRIES, POOL_LIMIT, POOL_OPEN, READINESS_CHECKS, RESCINDS_WAITING, SESSIONS_OPENED,
        SET_ASIDE, SITES_DRAINED, TROUBLE_REPORTS,
    },
};
use crate::engine::{
    agent::{BUILT_IN_REASONS, Intent, Mover},
    event::Event,
    ids::{AgentId, PoolId},
    numbers::{AgentState, PoolNumbers},
    outage::Domain,
    profile::SiteKind,
};

/// An agent's line is bad.
const BAD_LINE: &str = "bad_line";
/// An agent is late or unwell; which of the two is nobody's business here.
const ABSENT: &str = "absent";
/// Everything that agents report of themselves.
pub(super) const TROUBLES: [&str; 2] = [BAD_LINE, ABSENT];

/// How much of something a pool holds, and how much there may be.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// What.
    pub kind: &'static str,
    /// How much there is.
    pub taken: usize,
    /// How much there may be.
    pub limit: usize,
}

impl Page {
    /// Shows whether a pool does its work.
    pub fn measure_open(&mut self, pool: &PoolId, open: bool) {
        let open = f64::from(u8::from(open));
        self.set(POOL_OPEN, &[("pool", pool.as_str())], open);
    }

    /// Shows how full a pool is.
    pub fn measure_room(&mut self, pool: &PoolId, rooms: &[Room]) {
        for room in rooms {
            let labels = [("pool", pool.as_str()), ("kind", room.kind)];
            self.set(POOL_ENTRIES, &labels, number(room.taken));
            self.set(POOL_LIMIT, &labels, number(room.limit));
        }
    }

    /// Shows how many stored entities are set aside.
    pub fn measure_set_aside(&mut self, pool: &PoolId, count: usize) {
        self.set(SET_ASIDE, &[("pool", pool.as_str())], number(count));
    }

    /// Shows how long ago the store confirmed that this process owns the pool.
    pub fn measure_lease(&mut self, pool: &PoolId, age: Duration) {
        self.set(LEASE_AGE, &[("pool", pool.as_str())], age.as_secs_f64());
    }

    /// Shows how far the pool's time is ahead of the calendar's.
    pub fn measure_skew(&mut self, pool: &PoolId, skew_ms: i64) {
        #[expect(clippy::cast_precision_loss, reason = "a gauge of seconds")]
        let skew = skew_ms as f64 / 1_000.0;
        self.set(CLOCK_SKEW, &[("pool", pool.as_str())], skew);
    }

    /// Shows the numbers of a pool that are of no queue.
    pub fn measure_pool(&mut self, pool: &PoolId, numbers: &PoolNumbers) {
        let pool = pool.as_str();
        let agents = &numbers.agents;
        for kind in SiteKind::ALL {
            for state in AgentState::ALL {
                let labels = [
                    ("pool", pool),
                    ("site_kind", kind.label()),
                    ("state", state.label()),
                ];
                self.set(AGENTS, &labels, f64::from(agents.at(kind, state)));
            }
        }
        for (reason, count) in agents.blocked() {
            let labels = [("pool", pool), ("reason", reason.label())];
            self.set(AGENTS_BLOCKED, &labels, f64::from(count));
        }
        for (name, value) in [
            (AGENTS_HELD, agents.held()),
            (RESCINDS_WAITING, agents.rescinding()),
            (SITES_DRAINED, numbers.sites_drained),
        ] {
            self.set(name, &[("pool", pool)], f64::from(value));
        }
        for (kind, open) in Domain::KINDS.into_iter().zip(numbers.outages) {
            let labels = [("pool", pool), ("domain", kind)];
            self.set(OUTAGES_OPEN, &labels, f64::from(open));
        }
    }
}

/// Agents at this kind of site spent so many whole seconds in this state.
pub fn agents_spent(pool: &PoolId, kind: SiteKind, state: AgentState, seconds: u64) {
    let (kind, state) = (kind.label(), state.label());
    counter!(AGENT_SECONDS, "pool" => pool.to_string(), "site_kind" => kind, "state" => state)
        .increment(seconds);
}

/// Counts an event of an agent, or of an outage.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the events are listed where they are told apart"
)]
pub(super) fn observe(pool: &PoolId, event: &Event) {
    match event {
        Event::SessionOpened { .. } => count_in_pool(SESSIONS_OPENED, pool),
        Event::LineChanged { line, .. } => {
            add_in_pool(LINES_CHANGED, pool, "line", line.label(), 1);
        }
        Event::IntentChanged {
            intent,
            by: Mover::Policy,
            ..
        } => add_in_pool(INTENTS_BY_POLICY, pool, "reason", reason_label(intent), 1),
        Event::OutageStarted { outage } => {
            add_in_pool(OUTAGES, pool, "domain", outage.domain.kind(), 1);
        }
        Event::LineQualityChanged {
            bad_until: Some(_), ..
        } => add_in_pool(TROUBLE_REPORTS, pool, "kind", BAD_LINE, 1),
        Event::AbsenceChanged {
            absence: Some(_), ..
        } => add_in_pool(TROUBLE_REPORTS, pool, "kind", ABSENT, 1),
        Event::ReadinessReported { readiness, .. } => {
            let band = readiness
                .checks
                .last()
                .map_or("", |check| check.band.label());
            add_in_pool(READINESS_CHECKS, pool, "band", band, 1);
        }
        Event::MessageSent { agents, .. } => {
            counter!(MESSAGES_SENT, "pool" => pool.to_string()).increment(many(agents));
        }
        Event::MessageEnded { agents, cause, .. } => {
            add_in_pool(MESSAGES_ENDED, pool, "cause", cause.label(), many(agents));
        }
        _ => {}
    }
}

fn many(agents: &[AgentId]) -> u64 {
    u64::try_from(agents.len()).unwrap_or(u64::MAX)
}

/// Shows the counters of a pool's agents at zero.
pub(super) fn begin(pool: &PoolId) {
    for line in ["up", "silent", "lost"] {
        add_in_pool(LINES_CHANGED, pool, "line", line, 0);
    }
    for reason in BUILT_IN_REASONS.into_iter().chain(["offline", "ready"]) {
        add_in_pool(INTENTS_BY_POLICY, pool, "reason", reason, 0);
    }
    for kind in Domain::KINDS {
        add_in_pool(OUTAGES, pool, "domain", kind, 0);
    }
    for kind in SiteKind::ALL {
        for state in AgentState::ALL {
            agents_spent(pool, kind, state, 0);
        }
    }
}

/// Only built-in reasons get a label of their own: agents make up the others.
fn reason_label(intent: &Intent) -> &'static str {
    match intent {
        Intent::Offline => "offline",
        Intent::Ready => "ready",
        Intent::NotReady(reason) => BUILT_IN_REASONS
            .into_iter()
            .find(|built_in| **built_in == **reason)
            .unwrap_or("other"),
    }
}
