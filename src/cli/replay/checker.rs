//! What must hold whatever the server does, judged from what its clients see and from nothing else.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use crate::proto::v1::Outcome;

/// Something that a client saw. The platform's sights come in the order of its stream.
#[derive(Clone, Debug)]
pub(super) enum Sight<'a> {
    /// The platform handed the call over; no answer yet.
    Sent { call: &'a str },
    /// The server did not take the call: diverted or refused.
    NotTaken { call: &'a str },
    /// The call went back to its queue.
    Queued { call: &'a str },
    /// The call's offer is over, and the agent leg has to go.
    Rescinded { call: &'a str },
    /// The call was offered to the agent.
    Offered {
        /// The call.
        call: &'a str,
        /// The offer.
        offer: &'a str,
        /// The agent.
        agent: &'a str,
    },
    /// The call is in conversation with the agent.
    Connected {
        /// The call.
        call: &'a str,
        /// The agent.
        agent: &'a str,
    },
    /// The call is over. Events have a number; the same end may also be told in an answer, without one.
    Ended {
        /// The call.
        call: &'a str,
        /// How it ended.
        outcome: Outcome,
        /// The number of the event.
        event: Option<u64>,
    },
    /// All live calls after a reconnect, with the agent whom each is offered to or in conversation with.
    Snapshot(Vec<(&'a str, Option<&'a str>)>),
    /// How long the caller has waited, as the server says.
    Waited(Wait<'a>),
    /// An agent's own view: the call in hand, the call of the open offer, and whether they talk.
    AgentView {
        /// The agent.
        agent: &'a str,
        /// The call in hand; empty without one.
        call: &'a str,
        /// The call of the open offer; empty without one.
        offered: &'a str,
        /// Whether agent and caller talk.
        talking: bool,
    },
}

/// What the server says of a call's wait. Times are ms of the server's clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait<'a> {
    /// The call.
    pub(super) call: &'a str,
    /// How long the caller has waited, ms.
    pub(super) waited_ms: u64,
    /// When the call was accepted.
    pub(super) accepted_ms: u64,
    /// When this was so; a snapshot does not say, and may be newer than the events that follow it.
    pub(super) at_ms: Option<u64>,
    /// Whether the wait's clock runs: it stands in conversation and after the end.
    pub(super) runs: bool,
}

/// What a sight may not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rule {
    /// A call that was handed over never ended.
    CallLost,
    /// An agent was offered a call while having another.
    AgentOfferedTwo,
    /// Two agents had one call at once.
    TwoAgentsOnCall,
    /// A call ended twice, ended in two ways, or moved after its end.
    EndedTwice,
    /// A wait went backwards or began anew.
    WaitReset,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CallLost => "call lost",
            Self::AgentOfferedTwo => "agent offered two calls",
            Self::TwoAgentsOnCall => "two agents on one call",
            Self::EndedTwice => "call ended twice",
            Self::WaitReset => "wait reset",
        })
    }
}

/// A rule that was broken, with a sentence that says how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Breach {
    /// The rule.
    pub(super) rule: Rule,
    /// What was seen.
    pub(super) text: String,
}

/// The server rounds to whole milliseconds, and commits a batch at one time.
const WAIT_TOLERANCE_MS: u64 = 50;

#[derive(Debug, Default)]
struct CallHistory {
    not_taken: bool,
    holder: Option<String>,
    talkers: BTreeSet<String>,
    end: Option<Outcome>,
    end_event: Option<u64>,
    wait_ms: u64,
    accepted_ms: Option<u64>,
}

/// Judges sights one by one.
#[derive(Debug, Default)]
pub(super) struct Checker {
    calls: BTreeMap<String, CallHistory>,
    /// The call that each agent has, as the platform sees it.
    holds: BTreeMap<String, String>,
    breaches: Vec<Breach>,
}

impl Checker {
    /// Takes a sight into account.
    pub(super) fn see(&mut self, sight: &Sight<'_>) {
        match sight {
            Sight::Sent { call } => {
                self.history(call);
            }
            Sight::NotTaken { call } => self.history(call).not_taken = true,
            Sight::Queued { call } => {
                self.check_alive(call, "went back to its queue");
                self.release(call);
            }
            Sight::Rescinded { call } => self.release(call),
            Sight::Offered { call, offer, agent } => self.see_offered(call, offer, agent),
            Sight::Connected { call, agent } => self.see_connected(call, agent),
            Sight::Ended {
                call,
                outcome,
                event,
            } => self.see_ended(call, *outcome, *event),
            Sight::Snapshot(calls) => self.see_snapshot(calls),
            Sight::Waited(wait) => self.see_wait(*wait),
            Sight::AgentView {
                agent,
                call,
                offered,
                talking,
            } => self.see_agent(agent, call, offered, *talking),
        }
    }

    /// Ends the judgement before the end: calls may still be on their way. Answers every breach so far.
    pub(super) fn stop(self) -> Vec<Breach> {
        self.breaches
    }

    /// Ends the judgement: what has not ended by now is lost. Answers every breach.
    pub(super) fn finish(mut self) -> Vec<Breach> {
        let is_lost = |history: &CallHistory| history.end.is_none() && !history.not_taken;
        let lost: Vec<String> = self
            .calls
            .iter()
            .filter(|(_, history)| is_lost(history))
            .map(|(call, _)| format!("call `{call}` was handed over and never ended"))
            .collect();
        for text in lost {
            self.breach(Rule::CallLost, text);
        }
        self.breaches
    }

    /// The server no longer knows a call that it had taken.
    pub(super) fn see_vanished(&mut self, call: &str) {
        if self.history(call).end.is_none() {
            let text = format!(
                "call `{call}` is no longer known to the server, and its end was never told"
            );
            self.breach(Rule::CallLost, text);
            // Told once, here.
            self.history(call).not_taken = true;
        }
    }

    fn see_offered(&mut self, call: &str, offer: &str, agent: &str) {
        self.check_alive(call, &format!("was offered to `{agent}`"));
        if let Some(holder) = self.history(call).holder.clone()
            && holder != agent
        {
            let text =
                format!("call `{call}` was offered to `{agent}` ({offer}) while `{holder}` had it");
            self.breach(Rule::TwoAgentsOnCall, text);
        }
        self.take(call, agent);
    }

    fn see_connected(&mut self, call: &str, agent: &str) {
        self.check_alive(call, &format!("was connected to `{agent}`"));
        if let Some(holder) = self.history(call).holder.clone()
            && holder != agent
        {
            let text = format!("call `{call}` was connected to `{agent}` while `{holder}` had it");
            self.breach(Rule::TwoAgentsOnCall, text);
        }
        self.take(call, agent);
        self.see_talker(call, agent);
    }

    fn see_ended(&mut self, call: &str, outcome: Outcome, event: Option<u64>) {
        let history = self.history(call);
        let (before, before_event) = (history.end, history.end_event);
        history.end = before.or(Some(outcome));
        history.end_event = before_event.or(event);
        if let Some(before) = before
            && before != outcome
        {
            let text = format!("call `{call}` ended {before:?} and then {outcome:?}");
            self.breach(Rule::EndedTwice, text);
        } else if let (Some(first), Some(second)) = (before_event, event) {
            let text = format!("call `{call}` ended in event {first} and again in event {second}");
            self.breach(Rule::EndedTwice, text);
        }
        self.release(call);
    }

    fn see_snapshot(&mut self, calls: &[(&str, Option<&str>)]) {
        self.holds.clear();
        for history in self.calls.values_mut() {
            history.holder = None;
        }
        for (call, agent) in calls {
            // Whatever was answered before the reconnect is older than the snapshot.
            if let Some(outcome) = self.history(call).end {
                let text = format!("call `{call}` lives after it had ended {outcome:?}");
                self.breach(Rule::EndedTwice, text);
            }
            if let Some(agent) = agent {
                self.take(call, agent);
            }
        }
    }

    fn see_wait(&mut self, wait: Wait<'_>) {
        let history = self.history(wait.call);
        let before = history.wait_ms;
        let accepted = *history.accepted_ms.get_or_insert(wait.accepted_ms);
        if wait.at_ms.is_some() {
            history.wait_ms = before.max(wait.waited_ms);
        }
        if wait.waited_ms < before {
            let text = format!(
                "call `{}` had waited {before} ms and then {} ms",
                wait.call, wait.waited_ms
            );
            self.breach(Rule::WaitReset, text);
        }
        if accepted != wait.accepted_ms {
            let text = format!(
                "call `{}` was accepted at {accepted} and then at {}",
                wait.call, wait.accepted_ms
            );
            self.breach(Rule::WaitReset, text);
        }
        let until = wait.at_ms.filter(|_| wait.runs).unwrap_or(0);
        let elapsed = until.saturating_sub(accepted);
        if wait.waited_ms + WAIT_TOLERANCE_MS < elapsed {
            let text = format!(
                "call `{}` was accepted {elapsed} ms ago and has waited {} ms",
                wait.call, wait.waited_ms
            );
            self.breach(Rule::WaitReset, text);
        }
    }

    fn see_agent(&mut self, agent: &str, call: &str, offered: &str, talking: bool) {
        if !call.is_empty() && !offered.is_empty() && call != offered {
            let text =
                format!("agent `{agent}` has call `{call}` and an offer of call `{offered}`");
            self.breach(Rule::AgentOfferedTwo, text);
        }
        if talking {
            self.see_talker(call, agent);
        }
    }

    /// A call that is in conversation never goes to another agent.
    fn see_talker(&mut self, call: &str, agent: &str) {
        let talkers = &mut self.history(call).talkers;
        if talkers.insert(agent.to_owned()) && talkers.len() > 1 {
            let names: Vec<&str> = talkers.iter().map(String::as_str).collect();
            let text = format!(
                "call `{call}` was in conversation with {}",
                names.join(" and ")
            );
            self.breach(Rule::TwoAgentsOnCall, text);
        }
    }

    /// Only an end that an event told binds what follows: an answer may be ahead of the events.
    fn check_alive(&mut self, call: &str, moved: &str) {
        let history = self.history(call);
        if let (Some(outcome), Some(event)) = (history.end, history.end_event) {
            let text =
                format!("call `{call}` {moved} after it had ended {outcome:?} in event {event}");
            self.breach(Rule::EndedTwice, text);
        }
    }

    fn take(&mut self, call: &str, agent: &str) {
        if let Some(other) = self.holds.insert(agent.to_owned(), call.to_owned())
            && other != call
        {
            let text =
                format!("agent `{agent}` was given call `{call}` while having call `{other}`");
            self.breach(Rule::AgentOfferedTwo, text);
        }
        self.history(call).holder = Some(agent.to_owned());
    }

    fn release(&mut self, call: &str) {
        if let Some(agent) = self.history(call).holder.take()
            && self.holds.get(&agent).is_some_and(|held| held == call)
        {
            self.holds.remove(&agent);
        }
    }

    fn history(&mut self, call: &str) -> &mut CallHistory {
        self.calls.entry(call.to_owned()).or_default()
    }

    fn breach(&mut self, rule: Rule, text: String) {
        self.breaches.push(Breach { rule, text });
    }
}

#[cfg(test)]
#[path = "checker_tests.rs"]
mod tests;
