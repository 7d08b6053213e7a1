//! What a replay does with what it hears: the checker sees it all, callers and agents act on it.

use anyhow::bail;
use tokio::time::Instant;

use super::{
    checker::{Sight, Wait},
    crew,
    play::{Heard, Later, Stage},
};
use crate::{
    cli::{
        drive::{agent::AgentNews, platform::PlatformNews},
        text::{Word, api_ms},
    },
    clock,
    proto::v1::{
        Call, CallEvent, CallEventKind, CallState, OfferStep, RouteCallResponse, Work,
        route_call_response,
    },
};

impl Stage {
    /// Takes a piece of news into account.
    pub(super) fn hear(&mut self, heard: Heard) -> anyhow::Result<()> {
        match heard {
            Heard::Platform(at, news) => self.hear_platform(at, news),
            Heard::Agent(index, news) => self.hear_agent(index, news),
        }
    }

    fn hear_platform(&mut self, at: Instant, news: PlatformNews) -> anyhow::Result<()> {
        self.last_heard = at;
        match news {
            PlatformNews::Up => {
                self.down_since = None;
                if self.platform_lost > 0 {
                    self.bar.println("the platform's stream is open again");
                }
            }
            PlatformNews::Down { why } => {
                self.platform_lost += u32::from(self.down_since.is_none());
                if self.down_since.is_none() {
                    self.bar
                        .println(format!("the platform's stream broke: {why}"));
                }
                self.down_since.get_or_insert(at);
            }
            PlatformNews::Event(event) => self.hear_event(&event, at),
            PlatformNews::Snapshot(calls) => self.hear_snapshot(&calls, at),
            PlatformNews::Routed { call_id, answer } => self.hear_routed(&call_id, *answer, at),
            PlatformNews::Found(call) => self.see_call(&call, None, at),
            PlatformNews::Refused {
                call_id,
                route: true,
                refusal,
            } => {
                self.turn_away(&call_id, format!("refused: {}", refusal.reason));
            }
            PlatformNews::Refused {
                call_id, refusal, ..
            } => {
                tracing::debug!(
                    call = call_id,
                    reason = refusal.reason,
                    "a report was refused"
                );
            }
            PlatformNews::Vanished { call_id } => {
                self.checker.see_vanished(&call_id);
                self.turn_away(&call_id, "vanished".to_owned());
            }
            PlatformNews::Rejected { why } => {
                bail!("the server refused the platform's stream: {why}")
            }
        }
        Ok(())
    }

    fn hear_event(&mut self, event: &CallEvent, at: Instant) {
        let Some(call) = &event.call else { return };
        let id = call.id.as_str();
        let offer = call.offer.as_ref();
        match event.kind() {
            CallEventKind::Queued => self.checker.see(&Sight::Queued { call: id }),
            CallEventKind::Rescind => self.checker.see(&Sight::Rescinded { call: id }),
            CallEventKind::Offered => {
                if let Some(offer) = offer {
                    let (agent, offer) = (offer.agent_id.as_str(), offer.id.as_str());
                    self.checker.see(&Sight::Offered {
                        call: id,
                        offer,
                        agent,
                    });
                }
            }
            CallEventKind::Connected => {
                let agent = call.agent_id.as_str();
                self.checker.see(&Sight::Connected { call: id, agent });
            }
            CallEventKind::Connect
            | CallEventKind::Moved
            | CallEventKind::Callback
            | CallEventKind::Questioned
            | CallEventKind::Ended
            | CallEventKind::Unspecified => {}
        }
        self.see_wait(call, event.time.as_ref());
        let number = (event.kind() == CallEventKind::Ended).then_some(event.number);
        self.see_call(call, number, at);
    }

    fn hear_snapshot(&mut self, calls: &[Call], at: Instant) {
        let ours = |call: &&Call| self.call_index.contains_key(&call.id);
        let holders = calls
            .iter()
            .filter(ours)
            .map(|call| (call.id.as_str(), holder(call)))
            .collect();
        self.checker.see(&Sight::Snapshot(holders));
        for call in calls {
            self.see_wait(call, None);
            self.see_call(call, None, at);
        }
    }

    fn hear_routed(&mut self, call_id: &str, answer: RouteCallResponse, at: Instant) {
        match answer.result {
            Some(route_call_response::Result::Call(call)) => self.see_call(&call, None, at),
            Some(route_call_response::Result::Diverted(diverted)) => {
                self.turn_away(call_id, format!("diverted: {}", diverted.reason().word()));
            }
            None => self.turn_away(call_id, "refused: without an answer".to_owned()),
        }
    }

    fn turn_away(&mut self, call_id: &str, how: String) {
        if let Some(index) = self.call_index.get(call_id).copied()
            && !self.callers[index].is_over()
        {
            self.checker.see(&Sight::NotTaken { call: call_id });
            self.callers[index].turn_away(how);
            self.count_over();
        }
    }

    fn count_over(&mut self) {
        self.calls_left -= 1;
        self.bar.inc(1);
    }

    /// Takes a view of a call into account, from wherever it comes.
    fn see_call(&mut self, call: &Call, end_event: Option<u64>, at: Instant) {
        let Some(index) = self.call_index.get(&call.id).copied() else {
            return;
        };
        if call.state() == CallState::Ended {
            self.checker.see(&Sight::Ended {
                call: &call.id,
                outcome: call.outcome(),
                event: end_event,
            });
        }
        let caller = &mut self.callers[index];
        let was_over = caller.is_over();
        let patience_over = caller.patience_over(at, self.speed);
        let todo = caller.see(call, at, patience_over);
        if caller.is_over() && !was_over {
            self.count_over();
        }
        self.do_for_caller(index, todo);
    }

    fn see_wait(&mut self, call: &Call, time: Option<&prost_types::Timestamp>) {
        let runs = matches!(
            call.state(),
            CallState::Queued | CallState::Offered | CallState::Connecting
        );
        let Some(accepted) = call.accept_time.as_ref() else {
            return;
        };
        self.checker.see(&Sight::Waited(Wait {
            call: &call.id,
            waited_ms: api_ms(call.wait.as_ref()),
            accepted_ms: timestamp_ms(accepted),
            at_ms: time.map(timestamp_ms),
            runs,
        }));
    }

    fn hear_agent(&mut self, index: usize, news: AgentNews) -> anyhow::Result<()> {
        let id = self.crew[index].entry.id.as_str();
        match news {
            AgentNews::Snapshot(snapshot) => {
                if let Some(status) = &snapshot.status {
                    let offered = status
                        .offer
                        .as_ref()
                        .map_or("", |offer| offer.call_id.as_str());
                    self.checker.see(&Sight::AgentView {
                        agent: id,
                        call: &status.call_id,
                        offered,
                        talking: status.work() == Work::Connected,
                    });
                }
                for todo in self.crew[index].see(&snapshot) {
                    self.do_for_member(index, todo);
                }
            }
            AgentNews::Done(order) | AgentNews::Refused { order, .. } => {
                self.crew[index].answered(&order);
            }
            AgentNews::Down { .. } => {
                self.agents_lost += u32::from(self.crew[index].connected);
                self.crew[index].connected = false;
            }
            AgentNews::Up => self.crew[index].connected = true,
            AgentNews::Superseded => {
                bail!("agent `{id}` was superseded: does someone else sign in as this agent?")
            }
            AgentNews::Rejected { why } => bail!("the server refused agent `{id}`: {why}"),
        }
        Ok(())
    }

    fn do_for_member(&mut self, index: usize, todo: crew::Todo) {
        match todo {
            crew::Todo::Order(order) => self.links[index].order(order),
            crew::Todo::WrapUp { call_id } => match self.crew[index].entry.wrap_ms {
                0 => self.finish_wrap_up(index, call_id),
                wrap_ms => {
                    let end = clock::instant() + self.span_of(wrap_ms);
                    self.note(end, Later::EndWrapUp(index, call_id));
                }
            },
        }
    }
}

/// The agent whom a live call is offered to or in conversation with.
fn holder(call: &Call) -> Option<&str> {
    match (&call.offer, call.state()) {
        (_, CallState::Connected) => Some(&call.agent_id),
        (Some(offer), _) if offer.step() != OfferStep::Rescind => Some(&offer.agent_id),
        _ => None,
    }
}

fn timestamp_ms(time: &prost_types::Timestamp) -> u64 {
    let seconds = u64::try_from(time.seconds).unwrap_or(0);
    seconds * 1_000 + u64::try_from(time.nanos).unwrap_or(0) / 1_000_000
}
