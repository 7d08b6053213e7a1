//! Calls kept for a preferred agent: they have no seat among the others, and wait beside the agent's own name.

use super::{
    super::{
        eligibility::fits,
        state::{Agent, AgentIx, Call, CallIx, State},
        urgency::Precedence,
    },
    Choice,
};

impl State {
    /// The calls that are kept for an agent, in order of place.
    pub(in crate::engine) fn calls_preferring(&self, ix: AgentIx) -> Vec<CallIx> {
        let kept = self.index.preferring.get(&ix);
        kept.into_iter().flatten().copied().collect()
    }

    /// Notes for whom a call is kept now.
    pub(in crate::engine) fn reindex_preference(&mut self, ix: CallIx) {
        let preference = self.calls[ix].state.preference.as_ref();
        let now = preference.and_then(|hold| self.agent(&hold.agent));
        let before = std::mem::replace(&mut self.calls[ix].preferring, now);
        if before == now {
            return;
        }
        let preferring = &mut self.index.preferring;
        if let Some(before) = before
            && let Some(calls) = preferring.get_mut(&before)
        {
            calls.remove(&ix);
            if calls.is_empty() {
                preferring.remove(&before);
            }
        }
        if let Some(now) = now {
            preferring.entry(now).or_default().insert(ix);
            self.doubtful_agents.insert(now);
        }
    }

    /// The agent whom a call is kept for, if the agent may be offered it now.
    pub(super) fn choose_preferred(&self, call: CallIx) -> Option<Choice> {
        let ix = self.calls[call].preferring?;
        let agent = &self.agents[ix];
        let may = self.is_in_line(agent) && self.may_take_kept(agent, &self.calls[call]);
        may.then(|| Choice {
            agent: agent.profile.id.clone(),
            candidates: 1,
            runner_up: None,
        })
    }

    /// The most urgent call kept for an agent, of the queues in `lanes`, that the agent may be offered.
    pub(super) fn first_kept(
        &self,
        ix: AgentIx,
        lanes: impl Fn(u16) -> bool,
    ) -> Option<(Precedence, CallIx)> {
        let kept = self.index.preferring.get(&ix)?.iter();
        let agent = &self.agents[ix];
        let may = kept.filter(|call| {
            let call = &self.calls[**call];
            self.is_offerable(call)
                && lanes(self.queue_of(call).lane)
                && self.may_take_kept(agent, call)
        });
        may.map(|call| (self.precedence(&self.calls[*call]), *call))
            .max()
    }

    fn may_take_kept(&self, agent: &Agent, call: &Call) -> bool {
        let last = self.queue_of(call).last_ring();
        self.queue_of(call).class.0 < agent.open
            && fits(agent, last, &call.skills)
            && !call.state.keeps_off(&agent.profile.id)
    }
}
