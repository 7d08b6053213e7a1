//! What boards see and supervisors order, on the wire.

use super::{Faults, duration, peaks, time, timestamp, wall_timestamp, wire_site_kind};
use crate::{
    api::status::Problem,
    engine::{
        command::{Command, HaltOrder},
        ids::{PoolTime, QueueId},
        numbers::{AgentState, AgentStates, Level, PoolNumbers},
        outage::{Domain, Outage},
        profile::SiteKind,
        queue::{Halt, HaltKind, WaitingCalls},
        serve::Opening,
        service::Permille,
    },
    pool::rows::QueueRow,
    proto::v1,
};

/// A queue's row at `now`.
pub(in crate::api) fn queue_status(row: &QueueRow, now: PoolTime) -> v1::QueueStatus {
    let queue = &row.queue;
    let numbers = queue.numbers(now);
    let (calls, today) = (numbers.calls, numbers.today);
    let [offered, answered, excl_short, recent] = numbers.levels.map(ratio);
    let demand = queue.state.demand.as_deref();
    let judged = demand.and_then(|demand| demand.judged.as_ref());
    v1::QueueStatus {
        id: queue.id.to_string(),
        waiting: count(calls.waiting),
        offered: count(calls.offered),
        connected: count(calls.connected),
        longest_wait_since: calls.longest_wait_since.map(timestamp),
        accepted_total: today.accepted(),
        answered_in_target_total: today.in_target,
        answered_total: today.answered,
        abandoned_total: today.abandoned,
        diverted_total: today.diverted,
        moved_in_total: today.moved_in,
        moved_out_total: today.moved_out,
        counted_since: Some(timestamp(today.since)),
        abandoned_in_target_total: today.abandoned_short,
        sl_offered: offered,
        sl_answered: answered,
        sl_excl_short: excl_short,
        sl_offered_30min: recent,
        callbacks_waiting: count(calls.callbacks),
        callbacks_requested_total: today.callbacks_requested,
        callbacks_answered_total: today.callbacks_answered,
        halt: queue.state.halt.as_deref().map(queue_halt),
        target: Some(duration(queue.target_ms)),
        goal_percent: i32::from(queue.goal_permille / 10),
        opening: queue.state.opening.map(queue_opening),
        peak: queue.state.peak().map(peaks::peak),
        judged: judged.map(peaks::judged),
    }
}

fn queue_opening(opening: Opening) -> v1::QueueOpening {
    v1::QueueOpening {
        open: opening.is_open,
        until: opening.turns_at.map(wall_timestamp),
    }
}

fn ratio((_, share): Level) -> Option<f64> {
    share.map(Permille::ratio)
}

/// The numbers of a pool as a whole.
pub(in crate::api) fn pool_numbers(numbers: &PoolNumbers) -> v1::PoolNumbers {
    let (calls, today) = (&numbers.calls, &numbers.today);
    let [offered, answered, excl_short] = today.levels().map(ratio);
    let of_kind = |kind| v1::SiteKindAgents {
        site_kind: wire_site_kind(kind).into(),
        counts: Some(counts(|state| numbers.agents.at(kind, state))),
    };
    v1::PoolNumbers {
        waiting: count(calls.waiting),
        offered: count(calls.offered),
        connected: count(calls.connected),
        callbacks_waiting: count(calls.callbacks),
        longest_wait_since: calls.longest_wait_since.map(timestamp),
        counted_since: Some(timestamp(today.since)),
        accepted_total: today.accepted(),
        answered_total: today.answered,
        answered_in_target_total: today.in_target,
        abandoned_total: today.abandoned,
        diverted_total: today.diverted,
        callbacks_answered_total: today.callbacks_answered,
        sl_offered: offered,
        sl_answered: answered,
        sl_excl_short: excl_short,
        agents_by_site_kind: SiteKind::ALL.map(of_kind).to_vec(),
        agents_held: count(numbers.agents.held()),
        sites_drained: count(numbers.sites_drained),
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

fn queue_halt(halt: &Halt) -> v1::QueueHalt {
    let kind = match halt.kind {
        HaltKind::Paused => v1::HaltKind::Paused,
        HaltKind::Closed => v1::HaltKind::Closed,
    };
    let waiting = match halt.waiting {
        WaitingCalls::Serve => v1::WaitingCalls::Serve,
        WaitingCalls::End => v1::WaitingCalls::End,
    };
    v1::QueueHalt {
        kind: kind.into(),
        supervisor: halt.supervisor.to_string(),
        reason: halt.reason.to_string(),
        since: Some(timestamp(halt.since)),
        until: halt.until.map(timestamp),
        waiting: waiting.into(),
    }
}

/// The order to pause a queue.
pub(in crate::api) fn pause(request: &v1::PauseQueueRequest) -> Result<Command, Problem> {
    let mut faults = Faults::default();
    faults.id("queue", &request.queue);
    let order = HaltOrder {
        kind: HaltKind::Paused,
        supervisor: request.supervisor.as_str().into(),
        reason: request.reason.as_str().into(),
        until: until(&mut faults, request.until),
        waiting: WaitingCalls::Serve,
    };
    let queue = QueueId::new(&request.queue);
    faults.finish(Command::HaltQueue { queue, order })
}

/// The order to close a queue.
pub(in crate::api) fn close(request: &v1::CloseQueueRequest) -> Result<Command, Problem> {
    let mut faults = Faults::default();
    faults.id("queue", &request.queue);
    let order = HaltOrder {
        kind: HaltKind::Closed,
        supervisor: request.supervisor.as_str().into(),
        reason: request.reason.as_str().into(),
        until: until(&mut faults, request.until),
        waiting: waiting_calls(&mut faults, request.waiting),
    };
    let queue = QueueId::new(&request.queue);
    faults.finish(Command::HaltQueue { queue, order })
}

/// The order to open a queue again.
pub(in crate::api) fn resume(request: &v1::ResumeQueueRequest) -> Result<Command, Problem> {
    let mut faults = Faults::default();
    faults.id("queue", &request.queue);
    faults.finish(Command::ResumeQueue {
        queue: QueueId::new(&request.queue),
        supervisor: request.supervisor.as_str().into(),
        reason: request.reason.as_str().into(),
    })
}

fn waiting_calls(faults: &mut Faults, given: i32) -> WaitingCalls {
    match v1::WaitingCalls::try_from(given) {
        Ok(v1::WaitingCalls::Unspecified | v1::WaitingCalls::Serve) => WaitingCalls::Serve,
        Ok(v1::WaitingCalls::End) => WaitingCalls::End,
        Err(_) => {
            let right = "give WAITING_CALLS_SERVE or WAITING_CALLS_END";
            faults.add("waiting", format!("is {given}; {right}"));
            WaitingCalls::Serve
        }
    }
}

fn until(faults: &mut Faults, given: Option<prost_types::Timestamp>) -> Option<PoolTime> {
    let ms = time(faults, "until", given?)?;
    Some(PoolTime(u64::try_from(ms).unwrap_or(0)))
}

/// How many agents are in each state.
pub(in crate::api) fn agent_counts(states: &AgentStates) -> v1::AgentCounts {
    counts(|state| states.get(state))
}

fn counts(of: impl Fn(AgentState) -> u32) -> v1::AgentCounts {
    let get = |state| count(of(state));
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
