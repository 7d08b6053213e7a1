//! Calls on their way, from acceptance to their end.

use super::{configuration::skills, line::Line, name};
use crate::engine::{
    call::{CallRecord, OverflowTarget},
    event::{DivertReason, Event},
    serve::OnSite,
};

/// What a shadowed queue would have done with a call that it does not divert.
const TAKEN: &str = "taken";

/// Writes one of these events.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the caller has sorted all events by what they are about"
)]
pub(super) fn write(line: &mut Line, event: &Event) {
    match event {
        Event::CallQueued {
            call,
            ahead,
            estimate_ms,
            ..
        } => {
            queued(name(line, "call_queued", event), call);
            line.number("ahead", *ahead)
                .number_if("estimate_ms", *estimate_ms)
        }
        Event::CallDiverted {
            queue,
            reason,
            opens_at,
            on_site,
            first,
            ..
        } => {
            name(line, "call_diverted", event)
                .text("queue", queue.as_str())
                .text("reason", reason.label())
                .time_if("opens_at", *opens_at)
                .flag("first", *first);
            match on_site {
                Some(cause) => stays(line, *cause),
                None => line,
            }
        }
        Event::CallMoved { .. } => moved(line, event),
        Event::PreferenceStarted { until, .. } => {
            name(line, "preference_started", event).time("until", *until)
        }
        Event::PreferenceEnded { held_ms, .. } => {
            name(line, "preference_ended", event).number("held_ms", *held_ms)
        }
        Event::CallbackRequested { due, callback, .. } => name(line, "callback_requested", event)
            .time_if("due", *due)
            .number("attempts_left", callback.attempts_left)
            .time("until", callback.until),
        Event::CallbackDue { .. } => name(line, "callback_due", event),
        Event::CallbackDeferred { due, .. } => {
            name(line, "callback_deferred", event).time("due", *due)
        }
        Event::CallbackPostponed {
            due, attempts_left, ..
        } => name(line, "callback_postponed", event)
            .time("due", *due)
            .number("attempts_left", *attempts_left),
        Event::RingEntered { ring, .. } => name(line, "ring_entered", event).number("ring", *ring),
        Event::RefusalsForgotten { .. } => name(line, "refusals_forgotten", event),
        Event::CallMissed { lost_at, .. } => {
            name(line, "call_missed", event).time("lost_at", *lost_at)
        }
        Event::CallFound { .. } => name(line, "call_found", event),
        Event::TombstoneDropped { .. } => name(line, "tombstone_dropped", event),
        ended => end(line, ended),
    };
}

/// Why a call stays on site.
fn stays(line: &mut Line, on_site: OnSite) -> &mut Line {
    line.text("on_site", on_site.label());
    match on_site {
        OnSite::OutsideWindows { opens_at } => line.wall_if("served_from", opens_at),
        OnSite::Share => line,
        OnSite::Shadow { would } => line.text("would", would.map_or(TAKEN, DivertReason::label)),
    }
}

fn queued(line: &mut Line, call: &CallRecord) {
    line.text("queue", call.queue.as_str())
        .text("platform", &call.key.platform)
        .text("instance", &call.key.instance)
        .label("priority", &call.priority)
        .time("wait_from", call.wait_from);
    if !call.skills.is_empty() {
        line.value("skills", &skills(&call.skills));
    }
    if let Some(preferred) = &call.preferred {
        line.text("preferred_agent_id", preferred.as_str());
    }
    if let Some(origin) = &call.origin {
        line.text("origin_pool", origin.pool.as_str())
            .text("origin_call_id", origin.call.as_str());
    }
}

fn moved<'a>(line: &'a mut Line, event: &Event) -> &'a mut Line {
    let Event::CallMoved {
        from,
        to,
        cause,
        ahead,
        waited_ms,
        in_queue_ms,
        transfer,
        ..
    } = event
    else {
        return line;
    };
    name(line, "call_moved", event)
        .text("queue", to.as_str())
        .text("from_queue", from.as_str())
        .text("cause", cause.label())
        .number("ahead", *ahead)
        .number("wait_ms", *waited_ms)
        .number("in_queue_ms", *in_queue_ms);
    if let Some(transfer) = transfer {
        line.text("agent_id", transfer.agent.as_str())
            .text("offer_id", &transfer.offer.to_string())
            .number("talk_ms", transfer.talked_ms);
    }
    line
}

fn end<'a>(line: &'a mut Line, event: &Event) -> &'a mut Line {
    let Event::CallEnded {
        queue,
        first_queue,
        overflow,
        key,
        outcome,
        waited_ms,
        in_queue_ms,
        talked_ms,
        in_target,
        callback,
        detail,
        ..
    } = event
    else {
        return line;
    };
    name(line, "call_ended", event)
        .text("queue", queue.as_str())
        .text(
            "first_queue",
            first_queue.as_ref().unwrap_or(queue).as_str(),
        )
        .text("platform", &key.platform)
        .text("instance", &key.instance)
        .text("outcome", outcome.label())
        .number("wait_ms", *waited_ms)
        .number("in_queue_ms", *in_queue_ms)
        .number("talk_ms", *talked_ms)
        .flag("in_target", *in_target)
        .flag("callback", *callback)
        .number("offers", detail.offers)
        .number("transfers", detail.transfers);
    if let Some(OverflowTarget { pool, queue }) = overflow {
        line.text("overflow_pool", pool.as_str())
            .text("overflow_queue", queue.as_str());
    }
    line
}
