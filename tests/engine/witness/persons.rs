//! What agents say of themselves and supervisors tell them, and until when it holds.

use std::collections::BTreeSet;

use homeshore::engine::{
    agent::{Absence, Line, Registration},
    event::Event,
    inbox::MessageEnd,
};

use super::Witness;

/// What an agent has said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    bad_line_until: Option<u64>,
    absence: Option<Absence>,
    /// Messages that were not acknowledged, with their ends.
    inbox: BTreeSet<(u64, u64)>,
    registration: Option<Registration>,
    by_registration: bool,
    by_stream: bool,
    draining: bool,
}

impl Said {
    /// Whether it keeps offers away.
    pub(super) fn blocks(&self) -> bool {
        self.bad_line_until.is_some()
    }

    /// Whether something of it should be over.
    pub(super) fn is_overdue(&self, now: u64) -> bool {
        let absent = self.absence.map(|absence| absence.until.0);
        let registered = self.registration.as_ref().map(|said| said.until.0);
        let messages = self.inbox.iter().map(|(_, until)| *until);
        [self.bad_line_until, absent, registered]
            .into_iter()
            .flatten()
            .chain(messages)
            .any(|until| until <= now)
    }

    /// Whether the agent gets no more offers.
    pub(super) fn is_draining(&self) -> bool {
        self.draining
    }

    /// Whether the agent has no desktop now.
    pub(super) fn is_rung(&self) -> bool {
        self.by_registration
    }

    pub(super) fn see(&mut self, now: u64, event: &Event) {
        match event {
            Event::SessionOpened { stream, .. } => {
                (self.by_stream, self.by_registration) = (*stream, false);
            }
            Event::AgentDraining { .. } => {
                assert!(!self.draining, "said once");
                self.draining = true;
            }
            Event::RegistrationChanged { registration, .. } => {
                assert_ne!(self.registration, *registration);
                self.registration.clone_from(registration);
            }
            Event::LineChanged {
                line,
                by_registration,
                ..
            } => {
                let carried = *line == Line::Up && self.registration.is_some();
                assert!(
                    carried || !by_registration,
                    "only who is registered is reached so"
                );
                self.by_registration = *by_registration;
                self.by_stream &= !by_registration;
            }
            Event::LineQualityChanged { bad_until, at, .. } => {
                assert_eq!(at.0, now);
                let before = self.bad_line_until.is_some();
                assert!(before || bad_until.is_some(), "only a bad line gets good");
                self.bad_line_until = bad_until.map(|until| until.0);
                assert!(bad_until.is_none_or(|until| until.0 == now + 600_000));
            }
            Event::AbsenceChanged { absence, .. } => {
                assert_ne!(self.absence, *absence, "a change changes something");
                self.absence = *absence;
            }
            _ => {}
        }
    }

    /// The agent is ready: whoever is late or unwell is there after all.
    pub(super) fn is_there(&mut self) {
        self.absence = None;
    }
}

impl Witness {
    /// A registration carries the line of whoever has no stream, once its platform is heard; whoever drains has something in
    /// hand.
    pub(super) fn check_persons(&self) {
        for (id, agent) in &self.agents {
            let said = &agent.said;
            let in_hand = agent.busy || agent.held.is_some();
            assert!(!said.draining || in_hand, "{id} has nothing in hand");
            let registered = said.registration.as_ref();
            assert!(
                !said.by_registration || registered.is_some() && agent.up,
                "{id}"
            );
            let heard = registered.is_some_and(|said| self.attached.contains(&said.key));
            assert!(
                !heard || said.by_stream || agent.up,
                "{id} is registered: {said:?}"
            );
        }
    }

    pub(super) fn see_message(&mut self, now: u64, event: &Event) {
        match event {
            Event::MessageSent { message, agents } => {
                assert_eq!(
                    message.until.0,
                    now + 24 * 3_600_000,
                    "it is kept for a day"
                );
                assert!(!agents.is_empty());
                for agent in agents {
                    let seen = self.agents.get_mut(agent).expect("it is told to somebody");
                    let team = message.team.as_ref();
                    assert!(team.is_none_or(|team| *team == seen.profile.team));
                    assert!(seen.said.inbox.insert((message.id.0, message.until.0)));
                    assert!(seen.said.inbox.len() <= 20, "{agent} has too many");
                }
            }
            Event::MessageEnded {
                message,
                agents,
                cause,
            } => {
                for agent in agents {
                    let inbox = &mut self.agents.get_mut(agent).unwrap().said.inbox;
                    let place = inbox.iter().position(|(id, _)| *id == message.0);
                    let place = place.expect("only what one has can end");
                    let found = *inbox.iter().nth(place).unwrap();
                    match cause {
                        MessageEnd::Acknowledged => {}
                        MessageEnd::Displaced => assert_eq!((place, inbox.len()), (0, 20)),
                        MessageEnd::Expired => assert!(found.1 <= now),
                    }
                    inbox.remove(&found);
                }
            }
            _ => {}
        }
    }
}
