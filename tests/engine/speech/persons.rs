//! What agents say of themselves, in a few words.

use homeshore::engine::{agent::AbsenceKind, event::Event};

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
        other => panic!("{other:?} is nothing that an agent says"),
    }
}
