//! Places in line and likely waits between wire and engine.

use super::{Faults, calls::call, duration, platforms::CALL_SKILLS_MAX, skills};
use crate::{
    api::status::Problem,
    engine::{
        estimate::Estimate,
        ids::{PoolTime, QueueId, text_problem},
        profile::SkillLevel,
        view::CallView,
    },
    pool::rows::Row,
    proto::v1,
};

/// A call whose wait is asked for.
pub(in crate::api) struct AskedWait {
    pub(in crate::api) queue: QueueId,
    pub(in crate::api) priority: String,
    pub(in crate::api) skills: Vec<SkillLevel>,
}

/// What an estimate is asked for.
pub(in crate::api) fn asked_wait(request: v1::EstimateWaitRequest) -> Result<AskedWait, Problem> {
    let mut faults = Faults::default();
    faults.id("queue", &request.queue);
    if let Some(problem) = text_problem(&request.priority) {
        faults.add("priority", problem);
    }
    let skills = skills(&mut faults, "skills", &request.skills, CALL_SKILLS_MAX);
    faults.finish(AskedWait {
        queue: QueueId::new(&request.queue),
        priority: request.priority,
        skills,
    })
}

/// An estimate.
pub(in crate::api) fn estimate(estimate: Estimate) -> v1::EstimateWaitResponse {
    v1::EstimateWaitResponse {
        ahead: i32::try_from(estimate.ahead).unwrap_or(i32::MAX),
        wait: estimate.wait_ms.map(duration),
    }
}

/// A call with its place in its queue, if it waits on a line.
pub(in crate::api) fn call_in_line(
    row: &Row<CallView>,
    place: Option<Estimate>,
    now: PoolTime,
) -> v1::Call {
    let (position, estimated_wait_now) = place.map(position).unwrap_or_default();
    v1::Call {
        position,
        estimated_wait_now,
        ..call(row, now)
    }
}

/// A place in a queue, from 1, and the likely wait from now on.
pub(in crate::api) fn position(place: Estimate) -> (i32, Option<prost_types::Duration>) {
    let ahead = i32::try_from(place.ahead).unwrap_or(i32::MAX);
    (ahead.saturating_add(1), place.wait_ms.map(duration))
}
