//! What boards see, on the wire.

use super::timestamp;
use crate::{
    engine::outage::{Domain, Outage},
    pool::rows::{AgentState, AgentStates, QueueRow},
    proto::v1,
};

/// A queue's row.
pub(in crate::api) fn queue_status(row: &QueueRow) -> v1::QueueStatus {
    let queue = &row.queue;
    v1::QueueStatus {
        id: queue.id.to_string(),
        waiting: count(queue.waiting),
        offered: count(queue.offered),
        connected: count(queue.connected),
        longest_wait_since: queue.longest_wait_since.map(timestamp),
        accepted_total: row.totals.accepted,
        answered_in_target_total: row.totals.in_target,
        answered_total: row.totals.answered,
        abandoned_total: row.totals.abandoned,
        diverted_total: row.totals.diverted,
        moved_in_total: row.totals.moved_in,
        moved_out_total: row.totals.moved_out,
    }
}

/// An outage that is not over.
pub(in crate::api) fn outage(outage: &Outage) -> v1::Outage {
    let domain = match &outage.domain {
        Domain::Site(_) => v1::FailureDomain::Site,
        Domain::Region(_) => v1::FailureDomain::Region,
        Domain::Provider(_) => v1::FailureDomain::Provider,
        Domain::Service => v1::FailureDomain::Service,
    };
    v1::Outage {
        domain: domain.into(),
        label: outage.domain.label().to_owned(),
        since: Some(timestamp(outage.since)),
        lost: count(outage.lost),
        signed_in: count(outage.signed_in),
        end_time: outage.ends_at.map(timestamp),
    }
}

/// How many agents are in each state.
pub(in crate::api) fn agent_counts(states: AgentStates) -> v1::AgentCounts {
    let get = |state| count(states.get(state));
    v1::AgentCounts {
        offline: get(AgentState::Offline),
        not_ready: get(AgentState::NotReady),
        available: get(AgentState::Available),
        unreachable: get(AgentState::Unreachable),
        offered: get(AgentState::Offered),
        connected: get(AgentState::Connected),
        wrap_up: get(AgentState::WrapUp),
        external: get(AgentState::External),
    }
}

pub(super) fn count(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
