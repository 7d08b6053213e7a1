//! Metrics of agents: their states, sessions, lines and intents, and the outages of failure domains.

use ::metrics::{counter, gauge};

use super::{
    AGENTS, AGENTS_HELD, INTENTS_BY_POLICY, LINES_CHANGED, OUTAGES, OUTAGES_OPEN, SESSIONS_OPENED,
    SITES_DRAINED, count_in_pool,
};
use crate::engine::{
    agent::{BUILT_IN_REASONS, Intent, Mover},
    event::Event,
    ids::PoolId,
    numbers::{AgentState, PoolNumbers},
    outage::Domain,
    profile::SiteKind,
};

/// Shows the numbers of a pool that are of no queue.
pub fn measure_pool(pool: &PoolId, numbers: &PoolNumbers) {
    let agents = &numbers.agents;
    for kind in SiteKind::ALL {
        for state in AgentState::ALL {
            let count = f64::from(agents.at(kind, state));
            let (kind, state) = (kind.label(), state.label());
            gauge!(AGENTS, "pool" => pool.to_string(), "site_kind" => kind, "state" => state)
                .set(count);
        }
    }
    gauge!(AGENTS_HELD, "pool" => pool.to_string()).set(f64::from(agents.held()));
    gauge!(SITES_DRAINED, "pool" => pool.to_string()).set(f64::from(numbers.sites_drained));
    for (kind, open) in Domain::KINDS.into_iter().zip(numbers.outages) {
        gauge!(OUTAGES_OPEN, "pool" => pool.to_string(), "domain" => kind).set(f64::from(open));
    }
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
            counter!(LINES_CHANGED, "pool" => pool.to_string(), "line" => line.label())
                .increment(1);
        }
        Event::IntentChanged {
            intent,
            by: Mover::Policy,
            ..
        } => {
            counter!(INTENTS_BY_POLICY, "pool" => pool.to_string(), "reason" => reason_label(intent))
                .increment(1);
        }
        Event::OutageStarted { outage } => {
            counter!(OUTAGES, "pool" => pool.to_string(), "domain" => outage.domain.kind())
                .increment(1);
        }
        _ => {}
    }
}

/// Shows the counters of a pool's agents at zero, so that rates see the first increment.
pub(super) fn begin(pool: &PoolId) {
    for line in ["up", "silent", "lost"] {
        counter!(LINES_CHANGED, "pool" => pool.to_string(), "line" => line).increment(0);
    }
    for reason in BUILT_IN_REASONS.into_iter().chain(["offline", "ready"]) {
        counter!(INTENTS_BY_POLICY, "pool" => pool.to_string(), "reason" => reason).increment(0);
    }
    for kind in Domain::KINDS {
        counter!(OUTAGES, "pool" => pool.to_string(), "domain" => kind).increment(0);
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
