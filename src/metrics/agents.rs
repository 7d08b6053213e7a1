//! Metrics of agents: their states, sessions, lines and intents, and the outages of failure domains.

use ::metrics::{counter, gauge};

use super::{
    AGENTS, INTENTS_BY_POLICY, LINES_CHANGED, OUTAGES, OUTAGES_OPEN, SESSIONS_OPENED, count_in_pool,
};
use crate::engine::{
    agent::{BUILT_IN_REASONS, Intent, Line, Mover},
    event::Event,
    ids::PoolId,
    outage::Domain,
};

/// How many agents are in a state.
pub fn agents(pool: &PoolId, state: &'static str, agents: u32) {
    gauge!(AGENTS, "pool" => pool.to_string(), "state" => state).set(f64::from(agents));
}

/// How many outages of a kind of domain are not over.
pub fn outages(pool: &PoolId, kind: &'static str, outages: u32) {
    gauge!(OUTAGES_OPEN, "pool" => pool.to_string(), "domain" => kind).set(f64::from(outages));
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
            counter!(LINES_CHANGED, "pool" => pool.to_string(), "line" => line_label(line))
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

fn line_label(line: &Line) -> &'static str {
    match line {
        Line::Up => "up",
        Line::Silent { .. } => "silent",
        Line::Lost { .. } => "lost",
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
