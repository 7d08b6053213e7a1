//! The pool as a whole: its configuration, platforms, queues, sites, outages, messages and answers.

use super::{configuration::configuration, line::Line, name};
use crate::engine::{
    event::Event,
    ids::{MessageId, PoolTime},
    outage::Domain,
    queue::Halt,
};

/// Name of the event that a pool begins with after a restore.
pub(super) const RESTORED: &str = "pool_restored";

/// Writes one of these events.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the caller has sorted all events by what they are about"
)]
pub(super) fn write(line: &mut Line, event: &Event) {
    match event {
        Event::PoolApplied { spec } => name(line, "pool_applied", event)
            .number("queues", spec.queues.len() as u64)
            .value("configuration", &configuration(spec)),
        Event::PoolRestored { undone_after, .. } => {
            name(line, RESTORED, event).number("undone_after", *undone_after)
        }
        Event::PlatformAttached { key, .. } => name(line, "platform_attached", event)
            .text("platform", &key.platform)
            .text("instance", &key.instance),
        Event::PlatformDetached { key, .. } => name(line, "platform_detached", event)
            .text("platform", &key.platform)
            .text("instance", &key.instance),
        Event::PlatformForgotten { key } => name(line, "platform_forgotten", event)
            .text("platform", &key.platform)
            .text("instance", &key.instance),
        Event::QueueHalted { queue, halt } => halted(
            name(line, "queue_halted", event).text("queue", queue.as_str()),
            halt,
        ),
        Event::QueueResumed {
            queue, supervisor, ..
        } => name(line, "queue_resumed", event)
            .text("queue", queue.as_str())
            .flag("by_supervisor", supervisor.is_some()),
        Event::QueueOpened { queue, opening, .. } => name(line, "queue_opened", event)
            .text("queue", queue.as_str())
            .wall_if("until", opening.turns_at),
        Event::QueueShut { queue, opening, .. } => name(line, "queue_shut", event)
            .text("queue", queue.as_str())
            .wall_if("until", opening.turns_at),
        Event::QueueTurnMoved { queue, opening } => name(line, "queue_turn_moved", event)
            .text("queue", queue.as_str())
            .flag("open", opening.is_open)
            .wall_if("until", opening.turns_at),
        Event::SiteDrained { site } => name(line, "site_drained", event).text("site", &site.id),
        Event::SiteUndrained { site, .. } => name(line, "site_undrained", event).text("site", site),
        Event::OutageStarted { outage } => {
            domain(name(line, "outage_started", event), &outage.domain)
                .time("since", outage.since)
                .number("lost", outage.lost)
                .number("signed_in", outage.signed_in)
        }
        Event::OutageEased {
            domain: of,
            ends_at,
        } => eased(line, event, of, *ends_at),
        Event::OutageEnded {
            domain: of,
            lasted_ms,
        } => domain(name(line, "outage_ended", event), of).number("lasted_ms", *lasted_ms),
        Event::MessageSent { message, agents } => {
            told(name(line, "message_sent", event), message.id, agents.len())
                .label("team", message.team.as_deref().unwrap_or_default())
        }
        Event::MessageEnded {
            message,
            agents,
            cause,
        } => told(name(line, "message_ended", event), *message, agents.len())
            .text("cause", cause.label()),
        Event::AnswerKept { .. } => name(line, "answer_kept", event),
        Event::AnswerForgotten { .. } => name(line, "answer_forgotten", event),
        _ => line,
    };
}

fn halted<'a>(line: &'a mut Line, halt: &Halt) -> &'a mut Line {
    line.text("kind", halt.kind.label())
        .time_if("until", halt.until)
}

fn eased<'a>(
    line: &'a mut Line,
    event: &Event,
    of: &Domain,
    ends_at: Option<PoolTime>,
) -> &'a mut Line {
    domain(name(line, "outage_eased", event), of).time_if("ends_at", ends_at)
}

fn domain<'a>(line: &'a mut Line, domain: &Domain) -> &'a mut Line {
    line.text("domain", domain.kind())
        .label("label", domain.label())
}

fn told(line: &mut Line, message: MessageId, agents: usize) -> &mut Line {
    line.text("message_id", &message.to_string())
        .number("agents", agents as u64)
}
