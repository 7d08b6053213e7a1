//! What the demo's agents think and do.

use anyhow::bail;

use super::{Crowd, Later};
use crate::{
    cli::drive::agent::{AgentNews, AgentOrder},
    proto::v1::{AgentSnapshot, Intent, OfferStep, Work},
};

/// What an agent does after some thought.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Order {
    Accept(String),
    Decline(String),
    FinishWrapUp(String),
    Ready,
    Break,
}

/// What an agent has already thought about.
#[derive(Debug, Default)]
pub(super) struct Mind {
    offer: String,
    wrap_up: String,
    resting: bool,
}

impl Crowd {
    pub(super) fn hear_agent(&mut self, index: usize, news: AgentNews) -> anyhow::Result<()> {
        match news {
            AgentNews::Snapshot(snapshot) => self.think(index, &snapshot),
            AgentNews::Rejected { why } => bail!("the server refused an agent's stream: {why}"),
            AgentNews::Superseded => bail!("someone else signed in as one of the demo's agents"),
            AgentNews::Up
            | AgentNews::Down { .. }
            | AgentNews::Done(_)
            | AgentNews::Refused { .. } => {}
        }
        Ok(())
    }

    fn think(&mut self, index: usize, snapshot: &AgentSnapshot) {
        let Some(status) = &snapshot.status else {
            return;
        };
        if let Some(offer) = &status.offer
            && offer.step() == OfferStep::Proposed
            && self.agents[index].offer != offer.id
        {
            self.agents[index].offer.clone_from(&offer.id);
            self.decide(index, &offer.id);
        }
        if status.work() == Work::WrapUp && self.agents[index].wrap_up != status.call_id {
            self.agents[index].wrap_up.clone_from(&status.call_id);
            let writes_s = self.between_s(4.0, 12.0);
            self.later(
                writes_s,
                Later::Order(index, Order::FinishWrapUp(status.call_id.clone())),
            );
            if self.rng.u8(..100) < 6 {
                self.later(writes_s + 0.2, Later::Order(index, Order::Break));
            }
        }
        // On a break, or after two missed calls: back after a while.
        if status.intent() == Intent::NotReady && !self.agents[index].resting {
            self.agents[index].resting = true;
            let rests_s = self.between_s(10.0, 30.0);
            self.later(rests_s, Later::Order(index, Order::Ready));
        }
    }

    /// Most offers are accepted after a moment; some are declined, some left to ring.
    fn decide(&mut self, index: usize, offer_id: &str) {
        let thinks_s = self.between_s(0.8, 4.0);
        let order = match self.rng.u8(..100) {
            0..4 => return,
            4..9 => Order::Decline(offer_id.to_owned()),
            _ => Order::Accept(offer_id.to_owned()),
        };
        self.later(thinks_s, Later::Order(index, order));
    }

    pub(super) fn order(&mut self, index: usize, order: Order) {
        let Some(link) = &self.links[index] else {
            return;
        };
        match order {
            Order::Accept(offer_id) => link.order(AgentOrder::Accept { offer_id }),
            Order::Decline(offer_id) => link.order(AgentOrder::Decline { offer_id }),
            Order::FinishWrapUp(call_id) => link.order(AgentOrder::FinishWrapUp { call_id }),
            Order::Break => link.set_intent(Intent::NotReady, "break"),
            Order::Ready => {
                self.agents[index].resting = false;
                link.set_intent(Intent::Ready, "");
            }
        }
    }
}
