//! Offers, conversations, and the work after them.

use super::{line::Line, name};
use crate::engine::{
    event::Event,
    ids::{OfferId, QueueId},
};

/// Writes one of these events.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the caller has sorted all events by what they are about"
)]
pub(super) fn write(line: &mut Line, event: &Event) {
    match event {
        Event::OfferMade { .. } => made(line, event),
        Event::OfferAccepted {
            offer, connect_by, ..
        } => offered(line, "offer_accepted", event, *offer).time("connect_by", *connect_by),
        Event::OfferEnded {
            offer,
            cause,
            rescind,
            misses,
            failures,
            ..
        } => offered(line, "offer_ended", event, *offer)
            .text("cause", cause.label())
            .flag("rescind", *rescind)
            .number("misses", *misses)
            .number("failures", *failures),
        Event::OfferExtended {
            offer, lease_until, ..
        } => offered(line, "offer_extended", event, *offer).time("lease_until", *lease_until),
        Event::RescindReleased { offer, .. } => offered(line, "rescind_released", event, *offer),
        Event::CallConnected {
            offer,
            waited_ms,
            in_queue_ms,
            in_target,
            estimate_error_ms,
            callback,
            ..
        } => offered(line, "call_connected", event, *offer)
            .number("wait_ms", *waited_ms)
            .number("in_queue_ms", *in_queue_ms)
            .flag("in_target", *in_target)
            .flag("callback", *callback)
            .signed_if("estimate_error_ms", *estimate_error_ms),
        Event::TalkNoted { talk, .. } => name(line, "talk_noted", event).text("talk", talk.label()),
        Event::TalkQuestioned { until, .. } => {
            name(line, "talk_questioned", event).time("until", *until)
        }
        Event::WrapUpStarted { until, queue, .. } => name(line, "wrap_up_started", event)
            .text("queue", queue.as_str())
            .time_if("until", *until),
        Event::WrapUpExtended { until, .. } => {
            name(line, "wrap_up_extended", event).time("until", *until)
        }
        Event::WrapUpEnded {
            by_limit,
            disposition,
            queue,
            lasted_ms,
            ..
        } => name(line, "wrap_up_ended", event)
            .label("queue", queue.as_ref().map_or("", QueueId::as_str))
            .number_if("lasted_ms", *lasted_ms)
            .flag("by_limit", *by_limit)
            .label("disposition", disposition.as_deref().unwrap_or_default()),
        _ => line,
    };
}

fn made<'a>(line: &'a mut Line, event: &Event) -> &'a mut Line {
    let Event::OfferMade {
        offer,
        mode,
        lease_until,
        ring,
        policy,
        waited_ms,
        idle_ms,
        candidates,
        runner_up,
        ..
    } = event
    else {
        return line;
    };
    offered(line, "offer_made", event, *offer)
        .text("mode", mode.label())
        .time("lease_until", *lease_until)
        .number("ring", *ring)
        .text("policy", policy.label())
        .number("wait_ms", *waited_ms)
        .number("idle_ms", *idle_ms)
        .number("candidates", *candidates);
    if let Some(runner_up) = runner_up {
        line.text("runner_up_id", runner_up.as_str());
    }
    line
}

fn offered<'a>(
    line: &'a mut Line,
    event: &'static str,
    whole: &Event,
    offer: OfferId,
) -> &'a mut Line {
    name(line, event, whole).text("offer_id", &offer.to_string())
}
