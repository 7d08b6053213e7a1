//! Events of agents' sessions and lines, of what agents say of themselves, and of what supervisors tell them.

use std::sync::Arc;

use super::super::{agent::Line, event::Event, ids::AgentId, inbox::Message, state::State};

impl State {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "evolve lists every event and its topic"
    )]
    pub(super) fn evolve_person(&mut self, event: &Event) {
        match event {
            Event::SessionOpened {
                agent,
                session,
                stream,
                ..
            } => self.with_agent(agent, |agent| {
                agent.session = *session;
                (agent.by_stream, agent.by_registration) = (*stream, false);
                agent.sequence = 0;
                agent.line = Line::Up;
            }),
            Event::LineChanged {
                agent,
                line,
                by_registration,
            } => {
                self.with_agent(agent, |agent| {
                    agent.line = *line;
                    agent.by_registration = *by_registration;
                    // The rule of a stream is over with it.
                    agent.by_stream &= !by_registration;
                });
                self.note_line(self.named(agent), *line);
            }
            Event::LineQualityChanged {
                agent, bad_until, ..
            } => self.with_agent(agent, |agent| agent.bad_line_until = *bad_until),
            Event::AgentDraining { agent, .. } => {
                self.with_agent(agent, |agent| agent.draining = true);
            }
            Event::AbsenceChanged { agent, absence, .. } => {
                self.with_agent(agent, |agent| agent.absence = *absence);
            }
            Event::RegistrationChanged {
                agent,
                registration,
                ..
            } => self.with_agent(agent, |agent| {
                agent.registration = registration.clone().map(Box::new);
            }),
            Event::MessageSent { message, agents } => self.send_message(message, agents),
            Event::MessageEnded {
                message, agents, ..
            } => {
                for agent in agents {
                    self.take_message(self.named(agent), *message);
                }
            }
            other => unreachable!("{other:?} is no event of a person"),
        }
    }

    fn send_message(&mut self, message: &Arc<Message>, agents: &[AgentId]) {
        self.counters.next_message = message.id.0 + 1;
        self.touched.note_counters();
        self.keep_message(message);
        for agent in agents {
            self.put_message(self.named(agent), message.id);
        }
    }
}
