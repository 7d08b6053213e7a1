//! Agents: their records, sessions, lines and what they ask for. Why somebody is kept from calls, by whom, and why somebody
//! will not be there, are not for others.

use super::{configuration::skills, line::Line, name};
use crate::engine::{agent::Intent, event::Event, profile::AgentProfile};

/// Writes one of these events.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the caller has sorted all events by what they are about"
)]
pub(super) fn write(line: &mut Line, event: &Event) {
    match event {
        Event::AgentApplied { profile, created } => {
            applied(name(line, "agent_applied", event), profile, *created)
        }
        Event::AgentDraining { .. } => name(line, "agent_draining", event),
        Event::AgentDeleted { .. } => name(line, "agent_deleted", event),
        Event::SessionOpened {
            session, stream, ..
        } => name(line, "session_opened", event)
            .number("session", *session)
            .flag("stream", *stream),
        Event::SessionSequenced { sequence, .. } => {
            name(line, "session_sequenced", event).number("sequence", *sequence)
        }
        Event::RegistrationChanged { registration, .. } => {
            let line = name(line, "registration_changed", event)
                .flag("registered", registration.is_some());
            match registration {
                Some(said) => line
                    .text("platform", &said.key.platform)
                    .text("instance", &said.key.instance)
                    .time("until", said.until),
                None => line,
            }
        }
        Event::LineChanged {
            line: now,
            by_registration,
            ..
        } => name(line, "line_changed", event)
            .text("line", now.label())
            .flag("by_registration", *by_registration),
        Event::LineQualityChanged { bad_until, .. } => {
            name(line, "line_quality_changed", event).time_if("bad_until", *bad_until)
        }
        Event::AbsenceChanged { absence, .. } => name(line, "absence_changed", event)
            .time_if("until", absence.map(|absence| absence.until)),
        Event::IntentChanged { intent, by, .. } => {
            asks(name(line, "intent_changed", event), intent).text("by", by.label())
        }
        Event::NextIntentChanged {
            next, supervisor, ..
        } => match next {
            Some(next) => asks(name(line, "next_intent_changed", event), next),
            None => name(line, "next_intent_changed", event),
        }
        .flag("by_supervisor", supervisor.is_some()),
        Event::AgentHeld { hold, .. } => name(line, "agent_held", event).time("until", hold.until),
        Event::AgentReleased { supervisor, .. } => {
            name(line, "agent_released", event).flag("by_supervisor", supervisor.is_some())
        }
        Event::ExternalStarted { until, .. } => {
            name(line, "external_started", event).time("until", *until)
        }
        Event::ExternalEnded { .. } => name(line, "external_ended", event),
        Event::MissesForgiven { misses, .. } => {
            name(line, "misses_forgiven", event).number("misses", *misses)
        }
        Event::OccupancyFixed { busy_ms, .. } => {
            name(line, "occupancy_fixed", event).number("busy_ms", *busy_ms)
        }
        _ => line,
    };
}

fn applied<'a>(line: &'a mut Line, profile: &AgentProfile, created: bool) -> &'a mut Line {
    line.flag("created", created)
        .label("team", &profile.team)
        .label("employer", &profile.employer)
        .text("site", &profile.site.id)
        .text("site_kind", profile.site.kind.label())
        .value("skills", &skills(&profile.skills))
}

fn asks<'a>(line: &'a mut Line, intent: &Intent) -> &'a mut Line {
    match intent {
        Intent::Offline => line.text("intent", "offline"),
        Intent::Ready => line.text("intent", "ready"),
        Intent::NotReady(reason) => line.text("intent", "not_ready").text("reason", reason),
    }
}
