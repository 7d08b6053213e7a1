//! Events of offers.

use std::sync::Arc;

use super::super::{
    agent::{Rescind, Work},
    call::{CallState, LiveOffer, Phase},
    event::Event,
    ids::{AgentId, CallId, OfferId, PoolTime},
    state::{AgentIx, State},
};

impl State {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "evolve lists every event and its topic"
    )]
    pub(super) fn evolve_offer(&mut self, event: &Event) {
        match event {
            Event::OfferMade { .. } => self.make_offer(event),
            Event::OfferAccepted {
                call,
                agent,
                connect_by,
                ..
            } => {
                self.with_call(call, |call| {
                    let mut offer = call.offer().expect("an accepted offer is open").clone();
                    offer.lease_until = *connect_by;
                    call.phase = Phase::Connecting(offer);
                });
                self.with_agent(agent, |_| ());
            }
            Event::OfferEnded { .. } => self.end_offer(event),
            Event::OfferExtended {
                call,
                agent,
                lease_until,
                ..
            } => {
                self.with_call(call, |call| match &mut call.phase {
                    Phase::Offered(offer) | Phase::Connecting(offer) => {
                        offer.lease_until = *lease_until;
                    }
                    Phase::Queued { .. }
                    | Phase::CallbackWaiting { .. }
                    | Phase::Connected { .. } => {
                        unreachable!("an extended offer is open")
                    }
                });
                self.with_agent(agent, |_| ());
            }
            Event::RescindReleased { offer, call, agent } => self.release(*offer, call, agent),
            other => unreachable!("{other:?} is no event of an offer"),
        }
    }

    fn make_offer(&mut self, event: &Event) {
        let Event::OfferMade {
            offer,
            call,
            agent,
            mode,
            at,
            ring_for_ms,
            lease_until,
            ..
        } = event
        else {
            unreachable!("called for an offer made");
        };
        self.counters.next_offer = offer.0 + 1;
        self.touched.note_counters();
        let ix = self.agent(agent).expect("an offered agent exists");
        self.offers.insert(*offer, ix);
        let assignment = event.assignment().map(Arc::new);
        self.with_call(call, |call| {
            call.last_offer = Some(*offer);
            call.assignment = assignment;
            call.offers = call.offers.saturating_add(1);
            call.phase = Phase::Offered(LiveOffer {
                id: *offer,
                agent: agent.clone(),
                mode: *mode,
                made_at: *at,
                ring_for_ms: *ring_for_ms,
                lease_until: *lease_until,
            });
        });
        self.with_agent(agent, |agent| {
            agent.work = Work::Offered {
                call: call.clone(),
                offer: *offer,
            };
        });
    }

    fn end_offer(&mut self, event: &Event) {
        let Event::OfferEnded {
            offer,
            call,
            agent,
            at,
            rescind,
            refused,
            misses,
            failures,
            idle_since,
            ..
        } = event
        else {
            unreachable!("called for an offer ended");
        };
        let call_ix = self.call(call).expect("an offered call lives");
        let key = self.calls[call_ix].record.key.clone();
        self.with_call(call, |call| {
            call.phase = call.waiting(*at, None);
            call.assignment = None;
            call.rescind = rescind.then(|| (*offer, agent.clone()));
            if *refused {
                call.refused.push(agent.clone());
            }
        });
        if !rescind {
            self.offers.remove(offer);
        }
        self.note_misses(agent, *misses, *at);
        self.with_agent(agent, |agent| {
            agent.work = Work::Idle;
            agent.misses = *misses;
            agent.failures = *failures;
            agent.idle_since = *idle_since;
            let dead = || Rescind {
                offer: *offer,
                call: call.clone(),
                key,
                since: *at,
            };
            agent.rescind = rescind.then(|| Box::new(dead()));
        });
    }

    /// Remembers when the misses in a row happened.
    fn note_misses(&mut self, agent: &AgentId, misses: u8, at: PoolTime) {
        let ix = self.named(agent);
        let agent = &mut self.agents[ix];
        if misses > agent.state.misses {
            agent.no_answers.push(at);
        } else if misses == 0 {
            agent.no_answers.clear();
        }
    }

    fn release(&mut self, offer: OfferId, call: &CallId, agent: &AgentId) {
        self.offers.remove(&offer);
        let still = |state: &CallState| state.rescind.as_ref().is_some_and(|(id, _)| *id == offer);
        if let Some(ix) = self.call(call).filter(|ix| still(&self.calls[*ix].state)) {
            self.calls[ix].state.rescind = None;
            self.call_changed(ix);
        }
        self.with_agent(agent, |agent| agent.rescind = None);
    }

    /// Registers the open offer, or the dead one that is not confirmed, of an agent that was loaded.
    pub(in crate::engine) fn index_offers_of(&mut self, ix: AgentIx) {
        let state = &self.agents[ix].state;
        let dead = state.rescind.as_ref().map(|rescind| rescind.offer);
        let live = match &state.work {
            Work::Offered { offer, .. } => Some(*offer),
            Work::Idle | Work::Connected { .. } | Work::WrapUp { .. } | Work::External { .. } => {
                None
            }
        };
        self.offers
            .extend(dead.into_iter().chain(live).map(|offer| (offer, ix)));
    }
}
