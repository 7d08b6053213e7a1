//! What people and their platform make of the engine's events, and what is counted of them.

use super::{
    people::{Reaction, Task, Wish},
    replication::Replication,
};
use crate::{
    engine::{
        agent::{Intent, Line, Mover, REASON_RONA},
        command::{CallReport, Command},
        event::{DivertReason, Event, OfferEnd, Outcome},
        ids::{AgentId, CallId, OfferId, QueueId},
        spec::OfferMode,
        talk::TalkKind,
    },
    simulation::model::{happening::Happening, measure::OfferCount},
};

/// A call, as its platform knows it.
#[derive(Debug)]
pub(super) struct Caller {
    pub(super) id: CallId,
    /// Place of the queue it was accepted for.
    pub(super) queue: usize,
    pub(super) arrived_ms: u64,
    talk_ms: u64,
    /// Up to the conversation.
    waited_ms: u64,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    OnLine,
    CalledBack,
    Talks(OfferId),
}

impl Caller {
    pub(super) fn new(id: CallId, queue: usize, arrived_ms: u64, talk_ms: u64) -> Self {
        Self {
            id,
            queue,
            arrived_ms,
            talk_ms,
            waited_ms: 0,
            stage: Stage::OnLine,
        }
    }

    /// Waits on the line.
    pub(super) fn is_on_line(&self) -> bool {
        self.stage == Stage::OnLine
    }

    pub(super) fn talks(&self) -> bool {
        matches!(self.stage, Stage::Talks(_))
    }
}

/// Calls are named by their numbers.
fn number(call: &CallId) -> u64 {
    call.as_str().parse().expect("calls are named by numbers")
}

fn place<T: PartialEq>(all: &[T], one: &T) -> usize {
    let place = all.iter().position(|known| known == one);
    place.expect("every value is listed")
}

impl Replication<'_> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "people react to few of the events"
    )]
    pub(super) fn notice(&mut self, event: &Event) {
        match event {
            Event::OfferMade {
                offer,
                call,
                agent,
                mode,
                ring_for_ms,
                ..
            } => self.offered(*offer, call, agent, (*mode, *ring_for_ms)),
            Event::OfferAccepted { offer, call, .. } => {
                self.tell(call, *offer, CallReport::Answered);
            }
            Event::OfferEnded {
                offer,
                call,
                agent,
                cause,
                rescind,
                ..
            } => self.offer_ended(*offer, call, agent, (*cause, *rescind)),
            Event::CallConnected {
                offer, call, agent, ..
            } => {
                self.begin_talk(*offer, call, agent);
            }
            Event::TalkQuestioned { call, .. } => {
                if let Stage::Talks(offer) = self.callers[&number(call)].stage {
                    self.tell(call, offer, CallReport::Talk(TalkKind::Talking));
                }
            }
            Event::WrapUpStarted { agent, call, .. } => self.begin_wrap_up(agent, call),
            Event::WrapUpEnded { agent, .. } => self.set_task(agent, Task::Nothing),
            Event::CallQueued { call, .. } => {
                let queue = self.callers[&number(&call.id)].queue;
                self.ledger.wait(queue, self.course.now_ms(), true);
            }
            Event::CallbackRequested { call, .. } => self.call_back(number(call)),
            Event::CallDiverted {
                call,
                queue,
                reason,
                ..
            } => self.diverted(call, queue, *reason),
            Event::CallEnded { .. } => self.ended(event),
            Event::SessionOpened { agent, session, .. } => {
                let place = self.people.place(agent);
                let person = &mut self.people.persons[place];
                (person.session, person.has_line) = (*session, true);
                self.note_work(place);
            }
            Event::LineChanged { agent, line, .. } => {
                let place = self.people.place(agent);
                self.people.persons[place].has_line = *line == Line::Up;
                self.note_work(place);
            }
            Event::IntentChanged {
                agent, intent, by, ..
            } => self.wished(agent, intent, *by),
            _ => {}
        }
    }

    /// Counts something of a call in the book of its queue and arrival.
    fn count_offer(&mut self, call: u64, count: impl FnOnce(&mut OfferCount)) {
        let caller = &self.callers[&call];
        if let Some(line) = self.ledger.line(caller.queue, caller.arrived_ms) {
            count(&mut line.offers);
        }
    }

    /// The platform reports something of an offer.
    fn tell(&mut self, call: &CallId, offer: OfferId, report: CallReport) {
        self.course.answer(Command::ReportCall {
            call: call.clone(),
            offer: Some(offer),
            report,
        });
    }

    /// Decides what the agent does about an offer, and when.
    fn offered(
        &mut self,
        offer: OfferId,
        call: &CallId,
        agent: &AgentId,
        (mode, ring_for_ms): (OfferMode, u64),
    ) {
        let place = self.people.place(agent);
        let call = number(call);
        self.count_offer(call, |offers| offers.made += 1);
        let (mut reaction, mut after_ms) = self.draw_reaction(place, call, mode);
        if after_ms >= ring_for_ms || matches!(reaction, Reaction::None) {
            after_ms = ring_for_ms;
            reaction = match mode {
                OfferMode::AcceptFirst => Reaction::None,
                OfferMode::Ring => Reaction::Phone {
                    call,
                    sees: CallReport::NoAnswer,
                },
            };
        }
        self.people.persons[place].task = Task::Offer { offer, reaction };
        self.note_work(place);
        if matches!(reaction, Reaction::None) {
            return;
        }
        if after_ms == 0 {
            let command = self.reaction(place);
            if let Some(command) = command {
                self.course.answer(command);
            }
            return;
        }
        let answer = Happening::Answer {
            agent: place,
            offer: offer.0,
        };
        self.course.note(self.course.now_ms() + after_ms, answer);
    }

    fn draw_reaction(&mut self, agent: usize, call: u64, mode: OfferMode) -> (Reaction, u64) {
        let place = self.people.persons[agent].group;
        let group = &self.scenario.staff[place];
        let answers = &mut self.people.habits[place].answers;
        let (will, after_ms) = (answers.share(), group.answer.draw(answers));
        let is_callback = self.callers[&call].stage == Stage::CalledBack;
        let reaction = if will < group.no_answer {
            Reaction::None
        } else {
            let declines = will < group.no_answer + group.decline;
            match mode {
                OfferMode::AcceptFirst if declines => Reaction::Decline,
                OfferMode::AcceptFirst => Reaction::Accept,
                OfferMode::Ring => Reaction::Phone {
                    call,
                    sees: if declines {
                        CallReport::Rejected
                    } else if is_callback {
                        CallReport::AgentAnswered
                    } else {
                        CallReport::Answered
                    },
                },
            }
        };
        (reaction, after_ms)
    }

    /// The command by which an agent answers the offer in hand.
    pub(super) fn reaction(&self, agent: usize) -> Option<Command> {
        let person = &self.people.persons[agent];
        let Task::Offer { offer, reaction } = person.task else {
            return None;
        };
        let by = person.reference();
        match reaction {
            Reaction::Accept => Some(Command::AcceptOffer { by, offer }),
            Reaction::Decline => Some(Command::DeclineOffer { by, offer }),
            Reaction::Phone { call, sees } => Some(Command::ReportCall {
                call: self.callers[&call].id.clone(),
                offer: Some(offer),
                report: sees,
            }),
            Reaction::None => None,
        }
    }

    fn offer_ended(
        &mut self,
        offer: OfferId,
        call: &CallId,
        agent: &AgentId,
        (cause, is_rescinded): (OfferEnd, bool),
    ) {
        self.count_offer(number(call), |offers| {
            offers.ended[place(OfferEnd::ALL, &cause)] += 1;
        });
        self.set_task(agent, Task::Nothing);
        if is_rescinded {
            self.tell(call, offer, CallReport::Rescinded);
        }
    }

    fn begin_talk(&mut self, offer: OfferId, call: &CallId, agent: &AgentId) {
        let now_ms = self.course.now_ms();
        let call = number(call);
        self.count_offer(call, |offers| offers.connected += 1);
        let caller = self.callers.get_mut(&call).expect("it is live");
        if caller.is_on_line() {
            self.ledger.wait(caller.queue, now_ms, false);
        }
        caller.stage = Stage::Talks(offer);
        caller.waited_ms = now_ms - caller.arrived_ms;
        self.course
            .note(now_ms + caller.talk_ms, Happening::End { call });
        self.set_task(agent, Task::Talk { call });
    }

    fn begin_wrap_up(&mut self, agent: &AgentId, call: &CallId) {
        let place = self.people.place(agent);
        let group = self.people.persons[place].group;
        let wrap_ups = &mut self.people.habits[group].wrap_ups;
        let lasts_ms = self.scenario.staff[group].wrap_up.draw(wrap_ups);
        self.people.persons[place].wrapped = Some(call.clone());
        let call = number(call);
        self.set_task(agent, Task::WrapUp { call });
        if lasts_ms == 0 {
            self.course.answer(self.wrapped(place));
        } else {
            let wrapped = Happening::Wrapped { agent: place, call };
            self.course.note(self.course.now_ms() + lasts_ms, wrapped);
        }
    }

    fn call_back(&mut self, call: u64) {
        let caller = self.callers.get_mut(&call).expect("it is live");
        if caller.is_on_line() {
            self.ledger.wait(caller.queue, self.course.now_ms(), false);
        }
        caller.stage = Stage::CalledBack;
    }

    fn diverted(&mut self, call: &CallId, queue: &QueueId, reason: DivertReason) {
        let caller = self.callers.remove(&number(call)).expect("it is live");
        let queue = self.queues[queue];
        if let Some(line) = self.ledger.line(queue, caller.arrived_ms) {
            line.diverted[place(DivertReason::ALL, &reason)] += 1;
        }
    }

    fn ended(&mut self, event: &Event) {
        let Event::CallEnded {
            call,
            outcome,
            waited_ms,
            talked_ms,
            callback,
            agent,
            detail,
            ..
        } = event
        else {
            return;
        };
        let caller = self.callers.remove(&number(call)).expect("it is live");
        if caller.is_on_line() {
            self.ledger.wait(caller.queue, self.course.now_ms(), false);
        }
        let is_answered = detail.answered_at.is_some();
        if let Some(agent) = agent.as_ref().filter(|_| is_answered) {
            let agent = self.people.place(agent);
            let pair = (caller.queue, self.people.persons[agent].group);
            self.ledger.talked(pair, caller.arrived_ms, *talked_ms);
            if let Task::Talk { call: held } = self.people.persons[agent].task
                && held == number(call)
            {
                self.people.persons[agent].task = Task::Nothing;
                self.note_work(agent);
            }
        }
        let target_ms = self.scenario.pool.queues[caller.queue].target_ms;
        let Some(line) = self.ledger.line(caller.queue, caller.arrived_ms) else {
            return;
        };
        line.ended[place(Outcome::ALL, outcome)] += 1;
        if *callback {
            line.callbacks += 1;
            return;
        }
        line.talk_ms += talked_ms;
        line.offered += 1;
        line.count_wait(*waited_ms);
        if is_answered {
            line.count_answer(*waited_ms, target_ms);
        } else if *outcome == Outcome::Abandoned {
            line.abandoned += 1;
            line.abandoned_in_target += u64::from(*waited_ms <= target_ms);
            line.wait_abandoned_ms += waited_ms;
        }
    }

    /// Counts the calls that are not over when the books are closed.
    #[expect(clippy::disallowed_methods, reason = "counts have no order")]
    pub(super) fn count_unfinished(&mut self) {
        let now_ms = self.course.now_ms();
        for caller in self.callers.values() {
            let Some(line) = self.ledger.line(caller.queue, caller.arrived_ms) else {
                continue;
            };
            line.unfinished += 1;
            match caller.stage {
                Stage::CalledBack => line.callbacks += 1,
                Stage::OnLine => {
                    line.offered += 1;
                    line.count_wait(now_ms - caller.arrived_ms);
                }
                Stage::Talks(_) => {
                    let target_ms = self.scenario.pool.queues[caller.queue].target_ms;
                    line.offered += 1;
                    line.count_wait(caller.waited_ms);
                    line.count_answer(caller.waited_ms, target_ms);
                }
            }
        }
    }

    fn wished(&mut self, agent: &AgentId, intent: &Intent, by: Mover) {
        let place = self.people.place(agent);
        let person = &mut self.people.persons[place];
        person.wish = match intent {
            Intent::Offline => Wish::Offline,
            Intent::NotReady(reason) if by == Mover::Policy && &**reason == REASON_RONA => {
                Wish::Missed
            }
            Intent::NotReady(_) => Wish::NotReady,
            Intent::Ready => Wish::Ready,
        };
        if person.wish == Wish::Missed {
            let group = person.group;
            let returns = &mut self.people.habits[group].returns;
            let after_ms = self.scenario.staff[group].returns_after.draw(returns);
            let at_ms = self.course.now_ms() + after_ms;
            self.course.note(at_ms, Happening::Return { agent: place });
        }
        self.note_work(place);
    }

    fn set_task(&mut self, agent: &AgentId, task: Task) {
        let place = self.people.place(agent);
        self.people.persons[place].task = task;
        self.note_work(place);
    }

    /// Notes what the agent does now, if that changed.
    fn note_work(&mut self, agent: usize) {
        let person = &mut self.people.persons[agent];
        let work = person.work();
        if work != person.noted {
            let before = person.noted;
            person.noted = work;
            let group = person.group;
            self.ledger
                .change_work(group, self.course.now_ms(), before, work);
        }
    }
}
