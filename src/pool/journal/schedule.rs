//! The schedule, records of work, checks of set-ups, and what they say of agents.

use serde_json::{Value, json};

use super::{line::Line, name};
use crate::engine::{eligibility::Block, event::Event, ids::WallTime, law::LawLimit};

/// Writes one of these events.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the caller has sorted all events by what they are about"
)]
pub(super) fn write(line: &mut Line, event: &Event) {
    match event {
        Event::GuardChanged { guard, .. } => {
            let blocks = guard.iter().flat_map(|guard| &guard.blocks);
            let due = guard.as_ref().and_then(|guard| guard.due);
            name(line, "guard_changed", event)
                .value("blocks", &blocks.map(block).collect())
                .time_if("next", due)
        }
        Event::ReadinessReported { readiness, .. } => {
            let (measured, last) = (readiness.last.measured, readiness.checks.last());
            name(line, "readiness_reported", event)
                .text("band", last.map_or("", |check| check.band.label()))
                .text("standing", readiness.standing.label())
                .time_if("certified_until", readiness.certified_until)
                .number("round_trip_ms", measured.round_trip_ms)
                .number("jitter_ms", measured.jitter_ms)
                .number("loss_ppm", measured.loss_ppm)
                .number("mos_milli", measured.mos_milli)
                .text("connection", readiness.last.set_up.connection.label())
        }
        Event::WorkBegan { since, limits, .. } => name(line, "work_began", event)
            .value("since", &wall(*since))
            .value("limits", &limits.iter().map(limit).collect()),
        Event::WorkEnded { from, to, .. } => name(line, "work_ended", event)
            .value("from", &wall(*from))
            .value("to", &wall(*to)),
        Event::DraftOpened { version, draft } => name(line, "draft_opened", event)
            .number("version", *version)
            .number("base", draft.base),
        Event::ShiftsStaged { version, plans, .. } => name(line, "shifts_staged", event)
            .number("version", *version)
            .number("agents", plans.len() as u64),
        Event::SchedulePublished { version, .. } => name(line, "schedule_published", event)
            .number("version", version.number)
            .number("base", version.base)
            .number("agents", version.agents),
        Event::ScheduleRestored { version, from, .. } => name(line, "schedule_restored", event)
            .number("version", *version)
            .number("from", *from),
        Event::DraftDropped {
            version, agents, ..
        } => name(line, "draft_dropped", event)
            .number("version", *version)
            .number("agents", agents.len() as u64),
        other => unreachable!("{other:?} is no event of the schedule"),
    };
}

fn block(block: &Block) -> Value {
    let mut told = json!({ "reason": block.reason.label() });
    if let Some(until) = block.until {
        told["until"] = until.0.into();
    }
    if let Some(longer_than_ms) = block.longer_than_ms() {
        told["calls_longer_than_ms"] = longer_than_ms.into();
    }
    told
}

fn limit(limit: &LawLimit) -> Value {
    json!({
        "reason": limit.reason.label(),
        "rule": &*limit.rule,
        "article": &*limit.article,
        "until": wall(limit.until),
    })
}

fn wall(at: WallTime) -> Value {
    at.0.into()
}
