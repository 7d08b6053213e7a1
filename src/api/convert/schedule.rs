//! Shifts between wire, files and engine.

use std::sync::Arc;

use super::{duration, wall_timestamp};
use crate::{
    engine::{
        ids::{AgentId, WallTime},
        law::Verdict,
        outlook::LabourOutlook,
        plan::{PlannedSegment, PlannedShift, SegmentKind, Shifts, Version},
    },
    labour::words,
    proto::v1,
    schedule::{self, Diff, LabourFinding, Problem, Severity},
};

/// A shift of a file as the engine keeps it.
pub(in crate::api) fn planned(shift: &schedule::Shift) -> PlannedShift {
    let wall = |at: jiff::Timestamp| WallTime(at.as_millisecond());
    let segments = shift.segments.iter().map(|part| PlannedSegment {
        kind: match part.kind {
            schedule::SegmentKind::Phone => SegmentKind::Phone,
            schedule::SegmentKind::Break => SegmentKind::Break,
            schedule::SegmentKind::Training => SegmentKind::Training,
            schedule::SegmentKind::Meeting => SegmentKind::Meeting,
            schedule::SegmentKind::OnCall => SegmentKind::OnCall,
        },
        start: wall(part.start),
        end: wall(part.end),
    });
    PlannedShift {
        start: wall(shift.start),
        end: wall(shift.end),
        segments: segments.collect(),
        skills: shift.skills.to_vec(),
        site: Arc::clone(&shift.site),
    }
}

/// A published shift as files have it.
pub(in crate::api) fn filed(agent: &AgentId, shift: &PlannedShift) -> schedule::Shift {
    let instant =
        |at: WallTime| jiff::Timestamp::from_millisecond(at.0).unwrap_or(jiff::Timestamp::MAX);
    let segments = shift.segments.iter().map(|part| schedule::Segment {
        kind: match part.kind {
            SegmentKind::Phone => schedule::SegmentKind::Phone,
            SegmentKind::Break => schedule::SegmentKind::Break,
            SegmentKind::Training => schedule::SegmentKind::Training,
            SegmentKind::Meeting => schedule::SegmentKind::Meeting,
            SegmentKind::OnCall => schedule::SegmentKind::OnCall,
        },
        start: instant(part.start),
        end: instant(part.end),
    });
    schedule::Shift {
        agent: agent.as_str().into(),
        name: "".into(),
        start: instant(shift.start),
        end: instant(shift.end),
        skills: shift.skills.clone().into(),
        site: Arc::clone(&shift.site),
        segments: segments.collect(),
        row: 0,
    }
}

/// An agent's shifts.
pub(in crate::api) fn shifts(shifts: &Shifts) -> Vec<v1::Shift> {
    shifts.iter().map(shift).collect()
}

fn shift(shift: &PlannedShift) -> v1::Shift {
    v1::Shift {
        start_time: Some(wall_timestamp(shift.start)),
        end_time: Some(wall_timestamp(shift.end)),
        segments: shift.segments.iter().map(segment).collect(),
        skills: shift.skills.iter().map(ToString::to_string).collect(),
        site: shift.site.to_string(),
    }
}

fn segment(segment: &PlannedSegment) -> v1::ShiftSegment {
    v1::ShiftSegment {
        kind: match segment.kind {
            SegmentKind::Phone => "phone",
            SegmentKind::Break => "break",
            SegmentKind::Training => "training",
            SegmentKind::Meeting => "meeting",
            SegmentKind::OnCall => "on_call",
        }
        .to_owned(),
        start_time: Some(wall_timestamp(segment.start)),
        end_time: Some(wall_timestamp(segment.end)),
    }
}

/// A version of the schedule.
pub(in crate::api) fn version(version: &Version) -> v1::ScheduleVersion {
    v1::ScheduleVersion {
        version: wire_version(version.number),
        base: wire_version(version.base),
        publish_time: Some(wall_timestamp(version.at)),
        planner: version.by.to_string(),
        title: version.title.to_string(),
        agent_count: count(version.agents as usize),
    }
}

/// A version's number.
pub(in crate::api) fn wire_version(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A problem of a file.
pub(in crate::api) fn problem(problem: &Problem) -> v1::ScheduleProblem {
    v1::ScheduleProblem {
        is_error: problem.severity == Severity::Error,
        row: problem.row.map_or(0, |row| count(row as usize)),
        column: problem.column.as_deref().unwrap_or_default().to_owned(),
        value: problem.value.clone().unwrap_or_default(),
        message: problem.message.clone(),
        expected: problem.expected.clone(),
    }
}

/// A finding about an agent.
pub(in crate::api) fn finding(found: &LabourFinding) -> v1::ScheduleFinding {
    let finding = &found.finding;
    v1::ScheduleFinding {
        agent_id: found.agent.to_string(),
        rule: finding.rule.name().to_owned(),
        article: finding.article.to_string(),
        measured: words::figure(finding.measured),
        limit: words::figure(finding.limit),
        is_blocking: finding.severity == crate::labour::Severity::Blocking,
        start_time: Some(wall_timestamp(WallTime(finding.span.start_ms))),
    }
}

/// What changes.
pub(in crate::api) fn change(diff: &Diff) -> v1::ScheduleChange {
    let seconds = |seconds: i64| duration(u64::try_from(seconds).unwrap_or(0) * 1_000);
    v1::ScheduleChange {
        added_count: count(diff.added.len()),
        changed_count: count(diff.changed.len()),
        removed_count: count(diff.removed.len()),
        agent_count: count(diff.agents),
        before: Some(seconds(diff.seconds_before)),
        after: Some(seconds(diff.seconds_after)),
    }
}

fn count(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// What labour rules say of an agent at a time.
pub(in crate::api) fn labour(at: WallTime, told: &LabourOutlook) -> v1::ExplainLabourResponse {
    let reasons = told.reasons(at);
    let length = |ms: i64| Some(duration(u64::try_from(ms).unwrap_or(0)));
    let limit = |verdict: &Verdict| v1::LabourLimit {
        reason: verdict.reason.label().to_owned(),
        rule: verdict.rule.to_owned(),
        article: verdict.article.to_string(),
        measured: verdict.measured.clone(),
        limit: verdict.limit.clone(),
        until: Some(wall_timestamp(verdict.until)),
    };
    v1::ExplainLabourResponse {
        at: Some(wall_timestamp(at)),
        pack: told.pack.clone(),
        zone: told.zone.clone(),
        working_since: told.since.map(wall_timestamp),
        worked_in_day: length(told.day_ms),
        worked_in_week: length(told.week_ms),
        reasons: reasons
            .iter()
            .map(|reason| reason.label().to_owned())
            .collect(),
        limits: told.verdicts.iter().map(limit).collect(),
        free_from: told.free_from.map(wall_timestamp),
        contact_open: told.is_contact_open,
        contact_change: told.contact_change.map(wall_timestamp),
    }
}
