//! What arrives, what is expected, and peaks.

use super::{line::Line, name};
use crate::engine::{
    event::Event,
    peaks::{Judgement, Peak},
};

/// Writes one of these events.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the caller has sorted all events by what they are about"
)]
pub(super) fn write(line: &mut Line, event: &Event) {
    match event {
        Event::CalendarSet {
            ahead_ms,
            from,
            until,
        } => name(line, "calendar_set", event)
            .signed_if("ahead_ms", Some(*ahead_ms))
            .wall_if("from", Some(*from))
            .wall_if("until", Some(*until)),
        Event::ArrivalsMissed { from, until } => name(line, "arrivals_missed", event)
            .wall_if("from", Some(*from))
            .wall_if("until", Some(*until)),
        Event::VolumesImported { queue, kind, days } => name(line, "volumes_imported", event)
            .text("queue", queue.as_str())
            .text("kind", kind.label())
            .number("days", days.len() as u64),
        Event::SiteLoadReported { queue, load, .. } => name(line, "site_load_reported", event)
            .text("queue", queue.as_str())
            .wall_if("minute", Some(load.minute))
            .number_if("arrivals", load.arrivals.map(u64::from))
            .number_if("waiting", load.waiting.map(u64::from))
            .number_if("agents", load.agents.map(u64::from))
            .number_if("handle_ms", load.handle_ms),
        Event::IntervalJudged {
            queue, judgement, ..
        } => judged(
            name(line, "interval_judged", event).text("queue", queue.as_str()),
            judgement,
        ),
        Event::PeakStarted { queue, peak } => held(
            name(line, "peak_started", event).text("queue", queue.as_str()),
            peak,
        ),
        Event::PeakChanged { queue, peak, .. } => held(
            name(line, "peak_changed", event).text("queue", queue.as_str()),
            peak,
        ),
        Event::PeakEnded {
            queue,
            cause,
            since,
            lasted_ms,
            short,
            supervisor,
            rests_until,
            ..
        } => name(line, "peak_ended", event)
            .text("queue", queue.as_str())
            .text("cause", cause.label())
            .time("since", *since)
            .number("lasted_ms", *lasted_ms)
            .number_if("agents_short", short.map(u64::from))
            .flag("by_supervisor", supervisor.is_some())
            .time("rests_until", *rests_until),
        _ => line,
    };
}

fn held<'a>(line: &'a mut Line, peak: &Peak) -> &'a mut Line {
    line.text("cause", peak.cause.label())
        .time("since", peak.since)
        .time("ends_at", peak.ends_at)
        .number_if("agents_short", peak.short.map(u64::from))
}

fn judged<'a>(line: &'a mut Line, judgement: &Judgement) -> &'a mut Line {
    line.wall_if("interval", Some(judgement.interval))
        .number("minutes", judgement.minutes)
        .number("arrivals", judgement.count)
        .number("baseline_milli", judgement.baseline_milli)
        .text("source", judgement.source.label())
        .wall_if("known_until", Some(judgement.known_until))
        .signed_if("score_milli", Some(judgement.score_milli))
        .flag("high", judgement.is_high)
        .number_if("agents_required", judgement.required.map(u64::from))
        .number_if("agents_staffed", judgement.staffed.map(u64::from))
}
