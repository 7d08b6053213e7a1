//! Explanations on the wire.

use super::{agents, calls, duration, timestamp, wall_timestamp, wire_site_kind, wire_skills};
use crate::{
    clock,
    engine::{
        eligibility::Withheld,
        explain::{self, AgentExplanation, FittingCall, Keeping, Reason, WaitingExplanation},
        ids::{AgentId, PoolTime},
        view::{AgentView, CallView},
    },
    pool::rows::Row,
    proto::v1,
};

/// What an agent is doing who could be offered the call.
const FREE: &str = "free";

/// A call's explanation.
pub(in crate::api) fn call(
    row: &Row<CallView>,
    told: Option<&WaitingExplanation>,
    now: PoolTime,
) -> v1::ExplainCallResponse {
    v1::ExplainCallResponse {
        sentence: explain::of_call(&row.value, told, now),
        as_of: Some(wall_timestamp(clock::wall())),
        call: Some(calls::call(row, now)),
        waiting: told.map(waiting),
    }
}

fn waiting(told: &WaitingExplanation) -> v1::WaitingExplanation {
    let excluded = told.excluded.iter();
    let fitting = told.fitting.iter();
    v1::WaitingExplanation {
        ahead_in_queue: count(told.ahead_in_queue),
        ahead_in_pool: count(told.ahead_in_pool),
        ring: i32::from(told.ring),
        next_ring_time: told.next_ring_at.map(timestamp),
        withheld_reasons: withheld(&told.withheld),
        agents: count(told.agents),
        excluded: excluded
            .map(|(reason, count)| reason_count(Some(reason), *count))
            .collect(),
        able_agents: count(told.able),
        next_agent_id: told
            .next
            .as_ref()
            .map(AgentId::to_string)
            .unwrap_or_default(),
        fitting: fitting
            .map(|(reason, count)| reason_count(reason.as_ref(), *count))
            .collect(),
    }
}

/// An agent's explanation.
pub(in crate::api) fn agent(
    row: &Row<AgentView>,
    told: &AgentExplanation<'_>,
    now: PoolTime,
) -> v1::ExplainAgentResponse {
    let unfit = told.unfit.iter();
    v1::ExplainAgentResponse {
        sentence: explain::of_agent(&row.value, told, now),
        as_of: Some(wall_timestamp(clock::wall())),
        agent: Some(agents::without_address(row)),
        keeping: told.keeping.iter().map(keeping).collect(),
        waiting_calls: count(told.waiting),
        unfit: unfit
            .map(|(reason, count)| reason_count(Some(reason), *count))
            .collect(),
        fitting_calls: count(told.fitting),
        first_calls: told.first.iter().map(|call| fitting(call, now)).collect(),
    }
}

fn keeping(keeping: &Keeping) -> v1::KeepingReason {
    v1::KeepingReason {
        reason: keeping.reason.label().to_owned(),
        not_ready_reason: not_ready(&keeping.reason),
        end_time: keeping.until.map(timestamp),
        calls_longer_than: keeping.longer_than_ms.map(duration),
    }
}

fn fitting(fitting: &FittingCall<'_>, now: PoolTime) -> v1::FittingCall {
    let record = &fitting.call.record;
    v1::FittingCall {
        call_id: record.id.to_string(),
        queue: fitting.call.queue.to_string(),
        wait: Some(duration(fitting.call.waited_ms(now))),
        withheld_reasons: withheld(&fitting.withheld),
    }
}

fn withheld(reasons: &[Withheld]) -> Vec<String> {
    reasons.iter().map(|why| why.label().to_owned()).collect()
}

fn reason_count(reason: Option<&Reason>, number: u32) -> v1::ReasonCount {
    let mut counted = v1::ReasonCount {
        reason: reason.map_or(FREE, Reason::label).to_owned(),
        count: count(number),
        not_ready_reason: reason.map(not_ready).unwrap_or_default(),
        ..v1::ReasonCount::default()
    };
    if let Some(Reason::LacksSkill(need)) = reason {
        counted.skill = wire_skills(std::slice::from_ref(need)).pop();
    }
    if let Some(Reason::SiteKind(kind)) = reason {
        counted.site_kind = wire_site_kind(*kind).into();
    }
    counted
}

fn not_ready(reason: &Reason) -> String {
    if let Reason::NotReady(reason) = reason {
        return reason.to_string();
    }
    String::new()
}

fn count(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
