//! One call of a replay, as its platform sees it: what to do about each view of it.

use tokio::time::Instant;

use super::report::Ending;
use crate::{
    cli::text::Word,
    proto::v1::{Call, CallState, OfferStep, Outcome},
    simulation::trace,
};

/// A call of the log on its way.
#[derive(Debug)]
pub(super) struct Caller {
    /// The call of the log.
    pub(super) entry: trace::Call,
    stage: Stage,
    arrived_at: Option<Instant>,
    connected_at: Option<Instant>,
    left_at: Option<Instant>,
    /// The newest change that was seen.
    known: u64,
    /// The offer whose leg was last reported gone.
    released: String,
    /// The agent of the newest offer that was connected.
    pub(super) agent: String,
}

#[derive(Debug, PartialEq, Eq)]
enum Stage {
    /// Not yet arrived.
    Coming,
    /// On the line without an agent.
    Waiting,
    /// The caller hung up; the server is yet to say so.
    HungUp,
    /// In conversation under this offer.
    Talking(String),
    /// The conversation is over; the server is yet to say so.
    Leaving,
    /// Over, with this word for how.
    Over(How),
}

#[derive(Debug, PartialEq, Eq)]
enum How {
    Ended(Outcome),
    NotTaken(String),
}

/// What the platform has to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Todo {
    /// Report the offer answered, and end the talk after the handle time.
    Connect { offer_id: String },
    /// Report that the offer's agent leg is gone.
    Release { offer_id: String },
    /// Report that the caller hung up.
    HangUp,
    /// Report the end of the conversation.
    End,
}

impl Caller {
    /// A call that is yet to come.
    pub(super) fn new(entry: trace::Call) -> Self {
        Self {
            entry,
            stage: Stage::Coming,
            arrived_at: None,
            connected_at: None,
            left_at: None,
            known: 0,
            released: String::new(),
            agent: String::new(),
        }
    }

    /// The caller is on the line.
    pub(super) fn arrive(&mut self, now: Instant) {
        self.arrived_at = Some(now);
        self.stage = Stage::Waiting;
    }

    /// Whether all is over.
    pub(super) fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Over(_))
    }

    /// Whether a view of this change number is old news.
    pub(super) fn knows_better(&self, call: &Call) -> bool {
        call.change_number < self.known
    }

    /// Whether the caller would not wait any longer.
    pub(super) fn patience_over(&self, now: Instant, speed: u32) -> bool {
        let waited = self
            .arrived_at
            .map(|at| now.duration_since(at))
            .unwrap_or_default();
        waited.as_millis() * u128::from(speed) >= u128::from(self.entry.patience_ms)
    }

    /// Takes a view of the call into account; `patience_over` says that the caller would not wait any longer.
    pub(super) fn see(&mut self, call: &Call, now: Instant, patience_over: bool) -> Option<Todo> {
        if self.is_over() || self.knows_better(call) {
            return None;
        }
        self.known = call.change_number;
        match call.state() {
            CallState::Ended => {
                self.left_at.get_or_insert(now);
                self.stage = Stage::Over(How::Ended(call.outcome()));
                None
            }
            CallState::Queued | CallState::Offered => self.see_waiting(call, now, patience_over),
            CallState::Connecting => self.see_connecting(call, now),
            CallState::Connected | CallState::CallbackWaiting | CallState::Unspecified => None,
        }
    }

    fn see_waiting(&mut self, call: &Call, now: Instant, patience_over: bool) -> Option<Todo> {
        let offer = call.offer.as_ref();
        if let Some(offer) = offer
            && offer.step() == OfferStep::Rescind
            && self.released != offer.id
        {
            self.released.clone_from(&offer.id);
            let offer_id = offer.id.clone();
            self.come_back();
            return Some(Todo::Release { offer_id });
        }
        // A platform answers for the agent at once, which is the acceptance where queues ring.
        if offer.is_some_and(|offer| offer.step() == OfferStep::Ring) {
            return self.see_connecting(call, now);
        }
        self.come_back();
        if patience_over {
            return self.lose_patience(now);
        }
        None
    }

    /// An offer that ended after it was connected here, but before the server heard so, leaves the caller waiting.
    fn come_back(&mut self) {
        if matches!(self.stage, Stage::Talking(_) | Stage::Leaving) {
            self.stage = Stage::Waiting;
            self.connected_at = None;
        }
    }

    fn see_connecting(&mut self, call: &Call, now: Instant) -> Option<Todo> {
        let offer = call.offer.as_ref()?;
        if self.stage != Stage::Waiting
            || !matches!(offer.step(), OfferStep::Connect | OfferStep::Ring)
        {
            return None;
        }
        self.stage = Stage::Talking(offer.id.clone());
        self.agent.clone_from(&offer.agent_id);
        self.connected_at = Some(now);
        let offer_id = offer.id.clone();
        Some(Todo::Connect { offer_id })
    }

    /// The caller's patience is over.
    pub(super) fn lose_patience(&mut self, now: Instant) -> Option<Todo> {
        if self.stage != Stage::Waiting {
            return None;
        }
        self.stage = Stage::HungUp;
        self.left_at = Some(now);
        Some(Todo::HangUp)
    }

    /// The conversation under this offer is over.
    pub(super) fn finish_talk(&mut self, talk: &str) -> Option<Todo> {
        if self.stage != Stage::Talking(talk.to_owned()) {
            return None;
        }
        self.stage = Stage::Leaving;
        Some(Todo::End)
    }

    /// The service did not take the call.
    pub(super) fn turn_away(&mut self, how: String) {
        if !self.is_over() {
            self.stage = Stage::Over(How::NotTaken(how));
        }
    }

    /// How the call ended; waits are `speed` times what they took.
    pub(super) fn ending(&self, speed: u32) -> Ending {
        let until = |at: Option<Instant>| {
            let waited = at
                .zip(self.arrived_at)
                .map(|(at, from)| at.duration_since(from));
            let log_micros = waited.unwrap_or_default().as_micros() * u128::from(speed);
            u64::try_from(log_micros / 1_000).unwrap_or(u64::MAX)
        };
        match &self.stage {
            Stage::Over(How::Ended(Outcome::Handled)) => Ending::Answered {
                wait_ms: until(self.connected_at),
            },
            Stage::Over(How::Ended(Outcome::Abandoned)) => Ending::Abandoned {
                wait_ms: until(self.left_at),
            },
            Stage::Over(How::Ended(outcome)) => Ending::Other(outcome.word().to_owned()),
            Stage::Over(How::NotTaken(how)) => Ending::Other(how.clone()),
            Stage::Coming => Ending::Other("refused: cut short before it came".to_owned()),
            Stage::Waiting | Stage::HungUp | Stage::Talking(_) | Stage::Leaving => {
                Ending::Unfinished
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Caller, Ending, Todo};
    use crate::{
        clock,
        engine::ids::CallId,
        proto::v1::{Call, CallState, Offer, OfferStep, Outcome},
        simulation::trace,
    };

    fn caller() -> Caller {
        let mut caller = Caller::new(trace::Call {
            id: CallId::new("k"),
            arrival_ms: 0,
            skill: "fr".into(),
            priority: 0,
            handle_ms: 1,
            patience_ms: 1,
            line: 2,
        });
        caller.arrive(clock::instant());
        caller
    }

    fn view(change_number: u64, state: CallState, offer: Option<(&str, OfferStep)>) -> Call {
        let offer = offer.map(|(id, step)| Offer {
            id: id.to_owned(),
            step: step.into(),
            ..Offer::default()
        });
        Call {
            change_number,
            state: state.into(),
            outcome: if state == CallState::Ended {
                Outcome::Handled.into()
            } else {
                0
            },
            offer,
            ..Call::default()
        }
    }

    #[test]
    fn a_call_is_connected_once_and_ended_once() {
        let mut caller = caller();
        let later = clock::instant() + Duration::from_secs(2);
        let connect = view(2, CallState::Connecting, Some(("o1", OfferStep::Connect)));
        let todo = caller.see(&connect, later, false);
        assert_eq!(
            todo,
            Some(Todo::Connect {
                offer_id: "o1".to_owned()
            })
        );
        assert_eq!(caller.see(&connect, later, false), None);
        assert_eq!(caller.lose_patience(later), None);
        assert_eq!(caller.finish_talk("o0"), None);
        assert_eq!(caller.finish_talk("o1"), Some(Todo::End));
        assert_eq!(caller.finish_talk("o1"), None);
        caller.see(&view(4, CallState::Ended, None), later, false);
        assert!(caller.is_over());
        let Ending::Answered { wait_ms } = caller.ending(60) else {
            panic!("not answered")
        };
        assert!((119_000..=120_000).contains(&wait_ms), "{wait_ms}");
    }

    #[test]
    fn a_caller_who_hung_up_is_not_connected() {
        let mut caller = caller();
        let now = clock::instant();
        assert_eq!(caller.lose_patience(now), Some(Todo::HangUp));
        let connect = view(2, CallState::Connecting, Some(("o1", OfferStep::Connect)));
        assert_eq!(caller.see(&connect, now, true), None);
        assert_eq!(caller.ending(1), Ending::Unfinished);
    }

    #[test]
    fn a_lost_connection_leaves_the_caller_waiting() {
        let mut caller = caller();
        let now = clock::instant();
        caller.see(
            &view(2, CallState::Connecting, Some(("o1", OfferStep::Connect))),
            now,
            false,
        );
        let rescind = view(3, CallState::Queued, Some(("o1", OfferStep::Rescind)));
        let todo = caller.see(&rescind, now, false);
        assert_eq!(
            todo,
            Some(Todo::Release {
                offer_id: "o1".to_owned()
            })
        );
        assert_eq!(caller.finish_talk("o1"), None);
        let again = caller.see(
            &view(5, CallState::Connecting, Some(("o2", OfferStep::Connect))),
            now,
            false,
        );
        assert_eq!(
            again,
            Some(Todo::Connect {
                offer_id: "o2".to_owned()
            })
        );
    }

    #[test]
    fn old_views_change_nothing() {
        let mut caller = caller();
        let now = clock::instant();
        caller.see(&view(7, CallState::Connected, None), now, false);
        let old = view(6, CallState::Connecting, Some(("o1", OfferStep::Connect)));
        assert_eq!(caller.see(&old, now, false), None);
    }
}
