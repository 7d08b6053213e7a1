//! Events of what agents say of themselves.

use super::super::{event::Event, state::State};

impl State {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "evolve lists every event and its topic"
    )]
    pub(super) fn evolve_person(&mut self, event: &Event) {
        match event {
            Event::LineQualityChanged {
                agent, bad_until, ..
            } => self.with_agent(agent, |agent| agent.bad_line_until = *bad_until),
            Event::AbsenceChanged { agent, absence, .. } => {
                self.with_agent(agent, |agent| agent.absence = *absence);
            }
            other => unreachable!("{other:?} is nothing that an agent says"),
        }
    }
}
