//! The rules that hold between commands. A broken one is a mistake of this program.

use super::{
    agent::Work,
    call::Phase,
    eligibility::{blocked, fits},
    event::Event,
    ids::{AgentId, CallId},
    state::{Agent, AgentIx, Call, State},
};

impl State {
    /// Checks the calls and agents that a command's events name; of one named again and again, once.
    pub(super) fn check_events(&self, events: &[Event]) {
        let (mut last_call, mut last_agent) = (None, None);
        for event in events {
            let call = event.call().filter(|call| last_call != Some(*call));
            if let Some(id) = call {
                last_call = Some(id);
                if let Some(ix) = self.call(id) {
                    self.check_call(&self.calls[ix]);
                }
            }
            let agent = event.agent().filter(|agent| last_agent != Some(*agent));
            if let Some(id) = agent {
                last_agent = Some(id);
                if let Some(ix) = self.agent(id) {
                    self.check_agent(ix);
                }
            }
        }
    }

    /// Checks everything, slowly.
    pub(super) fn check_all(&self) {
        self.check_hands();
        self.check_index();
        self.check_sites();
        self.check_inboxes();
        self.check_outages();
        self.check_guards();
        for queue in self.queues.iter() {
            let id = &queue.spec.id;
            let live = self
                .calls
                .iter()
                .filter(|(_, call)| call.queue() == id)
                .count();
            assert_eq!(queue.live(), live, "queue {id} counts its calls");
        }
        assert_eq!(
            self.calls.len(),
            self.call_index.len(),
            "every call has its id"
        );
        assert_eq!(
            self.agents.len(),
            self.agent_index.len(),
            "every agent has its id"
        );
        assert_eq!(
            self.offers.len(),
            self.expected_offers(),
            "every open offer has its agent"
        );
        let pair = self.any_pair();
        assert!(
            pair.is_none(),
            "a call waits beside an eligible agent: {pair:?}"
        );
    }

    /// Checks that calls and agents in each other's hands agree.
    pub(super) fn check_hands(&self) {
        for (_, call) in self.calls.iter() {
            self.check_call(call);
        }
        for (ix, _) in self.agents.iter() {
            self.check_agent(ix);
        }
    }

    /// A waiting call and an agent who may take it, if there is such a pair; found by looking at all of them.
    fn any_pair(&self) -> Option<(&CallId, &AgentId)> {
        let calls = self.calls.iter().map(|(_, call)| call);
        let mut offerable = calls.filter(|call| self.is_offerable(call));
        offerable.find_map(|call| {
            let may_take = |(ix, agent): &(AgentIx, &Agent)| {
                let class = self.queue_of(call).class;
                let blocked = blocked(agent, self.guards.get(*ix), class);
                agent.state.is_available()
                    && blocked.reasons.is_empty()
                    && self.suits(agent, call)
                    && !call.state.keeps_off(&agent.profile.id)
            };
            let (_, agent) = self.agents.iter().find(may_take)?;
            Some((&call.record.id, &agent.profile.id))
        })
    }

    /// Whether an agent has what a call asks for now: of a preferred agent the last ring, of others the present one.
    fn suits(&self, agent: &Agent, call: &Call) -> bool {
        match &call.state.preference {
            Some(hold) => {
                let last = self.queue_of(call).last_ring();
                hold.agent == agent.profile.id && fits(agent, last, &call.skills)
            }
            None => fits(agent, self.ring_of(call), &call.skills),
        }
    }

    fn expected_offers(&self) -> usize {
        let open = |agent: &Agent| {
            usize::from(matches!(agent.state.work, Work::Offered { .. }))
                + usize::from(agent.state.rescind.is_some())
        };
        self.agents.iter().map(|(_, agent)| open(agent)).sum()
    }

    /// A call in an agent's hand is in that agent's hand only.
    fn check_call(&self, call: &Call) {
        let id = &call.record.id;
        match &call.state.phase {
            Phase::Queued { .. } | Phase::CallbackWaiting { .. } => {}
            Phase::Offered(offer) | Phase::Connecting(offer) => {
                let ix = self.agent(&offer.agent).expect("an offered agent exists");
                let work = &self.agents[ix].state.work;
                let is_held = matches!(work, Work::Offered { call, offer: held } if call == id && *held == offer.id);
                assert!(is_held, "call {id} is offered to an agent in {work:?}");
                assert!(
                    call.state.rescind.is_none(),
                    "call {id} has two open offers"
                );
            }
            Phase::Connected { agent, .. } => {
                let ix = self.agent(agent).expect("a connected agent exists");
                let work = &self.agents[ix].state.work;
                let is_held = matches!(work, Work::Connected { call } if call == id);
                assert!(is_held, "call {id} talks to an agent in {work:?}");
            }
        }
        assert!(call.place.is_some(), "call {id} is counted");
    }

    /// An agent's call in hand names that agent.
    fn check_agent(&self, ix: AgentIx) {
        let agent = &self.agents[ix];
        let id = &agent.profile.id;
        let phase = |call: &CallId| {
            let ix = self
                .call(call)
                .unwrap_or_else(|| panic!("agent {id} holds a dead call"));
            &self.calls[ix].state.phase
        };
        match &agent.state.work {
            Work::Offered { call, offer } => match phase(call) {
                Phase::Offered(live) | Phase::Connecting(live) => {
                    assert!(
                        live.id == *offer && live.agent == *id,
                        "agent {id} holds its offer"
                    );
                    assert!(
                        agent.state.rescind.is_none(),
                        "agent {id} has two open offers"
                    );
                }
                Phase::Queued { .. } | Phase::CallbackWaiting { .. } | Phase::Connected { .. } => {
                    panic!("agent {id} holds an offer of a call that is not offered")
                }
            },
            Work::Connected { call } => {
                let talks = matches!(phase(call), Phase::Connected { agent, .. } if agent == id);
                assert!(talks, "agent {id} talks to a call that does not");
            }
            Work::Idle | Work::WrapUp { .. } | Work::External { .. } => {}
        }
    }
}
