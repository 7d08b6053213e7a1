//! Events of what agents say of themselves, and of what supervisors tell them.

use std::sync::Arc;

use super::super::{
    event::Event,
    ids::AgentId,
    inbox::Message,
    state::{EntityKey, State},
};

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
            Event::MessageSent { message, agents } => self.send_message(message, agents),
            Event::MessageEnded {
                message, agents, ..
            } => {
                for agent in agents {
                    self.take_message(self.named(agent), *message);
                }
            }
            other => unreachable!("{other:?} is nothing that a person says"),
        }
    }

    fn send_message(&mut self, message: &Arc<Message>, agents: &[AgentId]) {
        self.numbers.next_message = message.id.0 + 1;
        self.touched.insert(EntityKey::Numbers);
        self.keep_message(message);
        for agent in agents {
            self.put_message(self.named(agent), message.id);
        }
    }
}
