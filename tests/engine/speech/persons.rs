//! What agents say of themselves and supervisors tell them, in a few words.

use homeshore::engine::{agent::AbsenceKind, event::Event, ids::AgentId, inbox::MessageEnd};

use super::clock;

pub(super) fn say(event: &Event) -> String {
    match event {
        Event::LineQualityChanged {
            agent, bad_until, ..
        } => match bad_until {
            Some(until) => format!("{agent} has a bad line until {}", clock(*until)),
            None => format!("{agent} has a good line again"),
        },
        Event::AbsenceChanged { agent, absence, .. } => match absence {
            Some(said) => {
                let kind = match said.kind {
                    AbsenceKind::Late => "late",
                    AbsenceKind::Unwell => "unwell",
                };
                format!("{agent} is {kind} until {}", clock(said.until))
            }
            None => format!("{agent} is no longer absent"),
        },
        Event::AgentDraining { agent, .. } => format!("agent {agent} draining"),
        Event::RegistrationChanged {
            agent,
            registration,
            ..
        } => match registration {
            Some(said) => format!(
                "{agent} registered with {} until {}",
                said.key.platform,
                clock(said.until)
            ),
            None => format!("{agent} no longer registered"),
        },
        Event::MessageSent { message, agents } => format!(
            "{} by {} to {}: {}",
            message.id,
            message.supervisor,
            names(agents),
            message.text
        ),
        Event::MessageEnded {
            message,
            agents,
            cause,
        } => {
            let how = match cause {
                MessageEnd::Acknowledged => "acknowledged by",
                MessageEnd::Displaced => "displaced at",
                MessageEnd::Expired => "expired at",
            };
            format!("{message} {how} {}", names(agents))
        }
        other => panic!("{other:?} is nothing that a person says"),
    }
}

fn names(agents: &[AgentId]) -> String {
    let names: Vec<&str> = agents.iter().map(AgentId::as_str).collect();
    names.join(" ")
}
