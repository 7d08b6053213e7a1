//! One agent of a replay: what to do about each view that the agent gets.

use crate::{
    cli::drive::agent::AgentOrder,
    proto::v1::{AgentSnapshot, AgentStatus, Intent, OfferStep, Work},
    simulation::trace::Agent,
};

/// An agent of the log.
#[derive(Debug)]
pub(super) struct Member {
    /// The agent of the log.
    pub(super) entry: Agent,
    /// Whether the agent's stream is open.
    pub(super) connected: bool,
    wanted: Intent,
    /// Whether an intent was asked for and not answered yet.
    asking: bool,
    accepted: String,
    wrapped: String,
}

/// What the agent has to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Todo {
    /// Give this order.
    Order(AgentOrder),
    /// Wrap up this call, then say so.
    WrapUp { call_id: String },
}

impl Member {
    /// An agent who is not signed in.
    pub(super) fn new(entry: Agent) -> Self {
        Self {
            entry,
            connected: false,
            wanted: Intent::Offline,
            asking: false,
            accepted: String::new(),
            wrapped: String::new(),
        }
    }

    /// Asks for another intent.
    pub(super) fn want(&mut self, intent: Intent) -> AgentOrder {
        self.wanted = intent;
        self.ask()
    }

    fn ask(&mut self) -> AgentOrder {
        self.asking = true;
        AgentOrder::SetIntent {
            intent: self.wanted,
            reason: String::new(),
        }
    }

    /// An order was answered.
    pub(super) fn answered(&mut self, order: &AgentOrder) {
        if matches!(order, AgentOrder::SetIntent { .. }) {
            self.asking = false;
        }
    }

    /// Whether the agent has signed out, or never signed in.
    pub(super) fn is_out(&self) -> bool {
        self.wanted == Intent::Offline && !self.asking
    }

    /// Takes a view into account.
    pub(super) fn see(&mut self, snapshot: &AgentSnapshot) -> Vec<Todo> {
        let Some(status) = &snapshot.status else {
            return Vec::new();
        };
        let mut todo = Vec::new();
        if let Some(offer) = &status.offer
            && offer.step() == OfferStep::Proposed
            && self.accepted != offer.id
        {
            self.accepted.clone_from(&offer.id);
            let offer_id = offer.id.clone();
            todo.push(Todo::Order(AgentOrder::Accept { offer_id }));
        }
        if status.work() == Work::WrapUp && self.wrapped != status.call_id {
            self.wrapped.clone_from(&status.call_id);
            let call_id = status.call_id.clone();
            todo.push(Todo::WrapUp { call_id });
        }
        if !self.asking && self.strayed(status) {
            todo.push(Todo::Order(self.ask()));
        }
        todo
    }

    /// Whether policy moved the agent away from what the log says, for example after calls missed in an outage.
    fn strayed(&self, status: &AgentStatus) -> bool {
        let coming = match status.next_intent() {
            Intent::Unspecified => status.intent(),
            next @ (Intent::Offline | Intent::NotReady | Intent::Ready) => next,
        };
        coming != self.wanted
    }
}

#[cfg(test)]
mod tests {
    use super::{Member, Todo};
    use crate::{
        cli::drive::agent::AgentOrder,
        engine::{
            ids::{AgentId, SkillName},
            profile::SkillLevel,
        },
        proto::v1::{AgentSnapshot, AgentStatus, Intent, Offer, OfferStep, Work},
        simulation::trace::Agent,
    };

    fn member() -> Member {
        Member::new(Agent {
            id: AgentId::new("a"),
            skills: vec![SkillLevel {
                skill: SkillName::new("fr"),
                level: 1,
            }],
            login_ms: 0,
            logout_ms: 9,
            wrap_ms: 0,
            line: 2,
        })
    }

    fn view(intent: Intent, work: Work, offer: Option<&str>) -> AgentSnapshot {
        let offer = offer.map(|id| Offer {
            id: id.to_owned(),
            step: OfferStep::Proposed.into(),
            ..Offer::default()
        });
        AgentSnapshot {
            status: Some(AgentStatus {
                intent: intent.into(),
                work: work.into(),
                call_id: "k".to_owned(),
                offer,
                ..AgentStatus::default()
            }),
            ..AgentSnapshot::default()
        }
    }

    #[test]
    fn an_offer_is_accepted_once() {
        let mut member = member();
        let order = member.want(Intent::Ready);
        member.answered(&order);
        let offered = view(Intent::Ready, Work::Offered, Some("o1"));
        assert_eq!(
            member.see(&offered),
            [Todo::Order(AgentOrder::Accept {
                offer_id: "o1".to_owned()
            })]
        );
        assert_eq!(member.see(&offered), []);
    }

    #[test]
    fn wrap_up_is_begun_once() {
        let mut member = member();
        let order = member.want(Intent::Ready);
        member.answered(&order);
        let wrapping = view(Intent::Ready, Work::WrapUp, None);
        assert_eq!(
            member.see(&wrapping),
            [Todo::WrapUp {
                call_id: "k".to_owned()
            }]
        );
        assert_eq!(member.see(&wrapping), []);
    }

    #[test]
    fn an_agent_who_strayed_asks_again_but_not_twice() {
        let mut member = member();
        assert!(member.is_out());
        let order = member.want(Intent::Ready);
        let strayed = view(Intent::NotReady, Work::Idle, None);
        assert_eq!(member.see(&strayed), []);
        member.answered(&order);
        assert_eq!(member.see(&strayed).len(), 1);
        assert_eq!(member.see(&strayed), []);
        assert!(!member.is_out());
    }
}
