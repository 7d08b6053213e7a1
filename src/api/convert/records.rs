//! Detail records of calls on the wire.

use super::{Faults, calls, duration, time, timestamp, wire_site_kind};
use crate::{
    api::status::Problem,
    engine::{
        detail::Workplace,
        ids::{AgentId, PoolTime},
    },
    pool::details::DetailRecord,
    proto::v1,
};

/// Which records are asked for.
#[derive(Debug)]
pub(in crate::api) struct Filter {
    /// Calls that ended then or later.
    pub(in crate::api) from: PoolTime,
    /// Calls that ended before.
    pub(in crate::api) to: PoolTime,
    queue: Option<String>,
    employer: Option<String>,
}

impl Filter {
    /// Checks what a request asks for; the end is at the latest just after `now`.
    pub(in crate::api) fn new(
        request: v1::ExportCallRecordsRequest,
        now: PoolTime,
    ) -> Result<Self, Problem> {
        let mut faults = Faults::default();
        let mut named = |field: &str, text: String| {
            let given = !text.is_empty();
            given.then(|| faults.id(field, &text));
            given.then_some(text)
        };
        let queue = named("queue", request.queue);
        let employer = named("employer", request.employer);
        let from = request.from.and_then(|at| time(&mut faults, "from", at));
        let to = request.to.and_then(|at| time(&mut faults, "to", at));
        if let (Some(from), Some(to)) = (from, to)
            && from >= to
        {
            faults.add("to", "is not later than `from`; give a later time");
        }
        let ms = |at: i64| PoolTime(u64::try_from(at).unwrap_or(0));
        let end = now.plus(1);
        faults.finish(Self {
            from: from.map_or_else(PoolTime::default, ms),
            to: to.map_or(end, ms).min(end),
            queue,
            employer,
        })
    }

    /// The record on the wire, if it is asked for.
    pub(in crate::api) fn pass(&self, record: &DetailRecord) -> Option<v1::CallRecord> {
        let queues = [record.first_queue.as_str(), record.queue.as_str()];
        let employer = record.detail.workplace.as_ref().map(|at| &*at.employer);
        let asked_for = self
            .queue
            .as_deref()
            .is_none_or(|queue| queues.contains(&queue))
            && (self.employer.is_none() || self.employer.as_deref() == employer);
        if !asked_for {
            return None;
        }
        let mut wire = wire(record);
        if let Some(assignment) = &mut wire.assignment
            && self.employer.is_some()
        {
            assignment.runner_up_id.clear();
        }
        Some(wire)
    }
}

fn wire(record: &DetailRecord) -> v1::CallRecord {
    let detail = &record.detail;
    let overflow = record.overflow.as_ref();
    let agent = record.agent.as_ref();
    let workplace = detail.workplace.as_ref();
    let label = |label: fn(&Workplace) -> &str| {
        workplace.map_or_else(String::new, |at| label(at).to_owned())
    };
    v1::CallRecord {
        call_id: record.call.to_string(),
        platform: record.key.platform.to_string(),
        instance: record.key.instance.to_string(),
        first_queue: record.first_queue.to_string(),
        last_queue: record.queue.to_string(),
        priority: detail.priority.to_string(),
        accept_time: Some(timestamp(detail.accepted_at)),
        answer_time: detail.answered_at.map(timestamp),
        end_time: Some(timestamp(record.ended_at)),
        wait: Some(duration(record.waited_ms)),
        talk: Some(duration(record.talked_ms)),
        outcome: calls::outcome(record.outcome).into(),
        offers: i32::try_from(detail.offers).unwrap_or(i32::MAX),
        transfers: i32::try_from(detail.transfers).unwrap_or(i32::MAX),
        overflow_pool: overflow.map(|to| to.pool.to_string()).unwrap_or_default(),
        overflow_queue: overflow.map(|to| to.queue.to_string()).unwrap_or_default(),
        agent_id: agent.map(AgentId::to_string).unwrap_or_default(),
        employer: label(|at| &at.employer),
        team: label(|at| &at.team),
        site_kind: workplace
            .map_or(v1::SiteKind::Unspecified, |at| wire_site_kind(at.site_kind))
            .into(),
        site_region: label(|at| &at.region),
        callback: record.callback,
        assignment: detail
            .assignment
            .as_ref()
            .map(|made| calls::assignment(made, None)),
    }
}
