//! What must be so at the end of a commit.

use std::collections::BTreeSet;

use super::{
    Checker,
    line::Line,
    rules::Rule,
    state::{Agent, Intent, Phase, Reach, Work},
};

/// Who does not answer so often in a row is not ready any more.
const MISSES_BEFORE_RONA: u64 = 2;
/// Nor who could not be dialled so often in a row.
const FAILURES_BEFORE_CHECK: u64 = 3;

/// Who changed in a commit.
#[derive(Clone, Debug, Default)]
pub(super) struct Fresh {
    calls: BTreeSet<String>,
    agents: BTreeSet<String>,
    all: bool,
}

impl Checker {
    /// Brings the look-ups up to date with those whom a line names.
    pub(super) fn touch_named(&mut self, line: &Line) {
        if let Some(call) = line.text_if("call_id") {
            self.touch_call(call);
        }
        if let Some(agent) = line.text_if("agent_id") {
            self.touch_agent(agent);
        }
    }

    pub(super) fn touch_call(&mut self, id: &str) {
        let Some(call) = self.calls.get(id) else {
            self.open.remove(id);
            return;
        };
        if call.is_open() {
            self.open.insert(id.to_owned());
        } else {
            self.open.remove(id);
        }
        self.fresh.calls.insert(id.to_owned());
        self.note_call(id);
    }

    pub(super) fn touch_agent(&mut self, id: &str) {
        let Some(agent) = self.agents.get(id) else {
            self.free.remove(id);
            return;
        };
        if agent.is_ready() && agent.leg.is_none() {
            self.free.insert(id.to_owned());
        } else {
            self.free.remove(id);
        }
        self.fresh.agents.insert(id.to_owned());
        self.note_agent(id);
    }

    /// Something changed that is about many.
    pub(super) fn touch_all(&mut self) {
        self.fresh.all = true;
        for id in self.calls.keys().cloned().collect::<Vec<_>>() {
            self.touch_call(&id);
        }
        for id in self.agents.keys().cloned().collect::<Vec<_>>() {
            self.touch_agent(&id);
        }
    }

    /// Holds a commit that is over against the rules.
    pub(super) fn settle(&mut self) {
        let fresh = std::mem::take(&mut self.fresh);
        if self.number.is_none() {
            return;
        }
        self.check_due();
        for id in &fresh.agents {
            self.settle_agent(id);
        }
        self.settle_sites();
        if self.is_whole {
            self.settle_choice(&fresh);
        }
    }

    fn settle_agent(&mut self, id: &str) {
        let Some(agent) = self.agents.get(id) else {
            return;
        };
        let faults = &mut self.faults;
        let ready = agent.intent == Intent::Ready;
        faults.hold(
            !ready || agent.misses < MISSES_BEFORE_RONA,
            Rule::Rona,
            || format!("`{id}` is ready after {} misses", agent.misses),
        );
        faults.hold(
            !ready || agent.failures < FAILURES_BEFORE_CHECK,
            Rule::Rona,
            || format!("`{id}` is ready after {} failures", agent.failures),
        );
        faults.hold(
            !agent.next || agent.work != Work::Idle,
            Rule::NextIntent,
            || format!("`{id}` has nothing in hand, and still asks for something next"),
        );
        faults.hold(
            !agent.draining || agent.work != Work::Idle || agent.leg.is_some(),
            Rule::Deleted,
            || format!("`{id}` is to be deleted, and has nothing in hand"),
        );
        if let Work::Connected(call) = &agent.work {
            let talks = self.calls.get(call).is_some_and(
                |call| matches!(&call.phase, Phase::Connected { agent, .. } if agent == id),
            );
            faults.hold(talks, Rule::WrapUp, || {
                format!("`{id}` has no wrap-up after `{call}`")
            });
        }
        if let Work::Offered(call) = &agent.work {
            let accepted = self.calls.get(call).and_then(|call| call.offer());
            let accepted = accepted.is_some_and(|offer| offer.accepted);
            let goes_back = agent.reach == Reach::Lost || agent.bad_line_until.is_some();
            let goes_back = goes_back || agent.draining;
            faults.hold(accepted || !goes_back, Rule::Withdrawn, || {
                format!("`{call}` is still offered to `{id}`")
            });
        }
    }

    /// No call waits beside an agent who may take it, or for one who cannot come.
    fn settle_choice(&mut self, fresh: &Fresh) {
        for id in &fresh.calls {
            let Some(call) = self.calls.get(id) else {
                continue;
            };
            let Some(kept) = &call.kept else { continue };
            let there = self.agents.get(&kept.agent).is_some_and(Agent::stays);
            let may = there && !call.refused.contains(&kept.agent);
            self.faults.hold(may, Rule::Preferred, || {
                format!("`{id}` is kept for `{}`", kept.agent)
            });
        }
        if self.config.is_none() || self.free.is_empty() || self.open.is_empty() {
            return;
        }
        let pair = if fresh.all {
            self.pair(&self.open, &self.free)
        } else {
            self.pair(&fresh.calls, &self.free)
                .or_else(|| self.pair(&self.open, &fresh.agents))
        };
        if let Some((call, agent)) = pair {
            let seen = format!("`{call}` waits beside `{agent}`");
            self.faults.add(Rule::Beside, seen);
        }
    }

    /// A call of these that one of these agents may take.
    fn pair(
        &self,
        calls: &BTreeSet<String>,
        agents: &BTreeSet<String>,
    ) -> Option<(String, String)> {
        let mut memo = super::choice::Memo::default();
        let agents: Vec<&String> = agents.iter().filter(|agent| self.is_free(agent)).collect();
        if agents.is_empty() {
            return None;
        }
        let mut calls = calls.iter().filter(|call| self.is_offerable(call));
        calls.find_map(|id| {
            let agent = self.taker(&mut memo, &agents, self.calls.get(id)?)?;
            Some((id.clone(), agent.clone()))
        })
    }
}
