//! Plays a log: what happens by it, and what agents, callers and their platform do at once about what comes of it.

use std::{collections::HashMap, ops::ControlFlow};

use super::{
    Trace,
    happening::Happening,
    pool::{new_call, profile},
    report::{Ending, Finding, Report},
};
use crate::{
    engine::{
        Limits,
        agent::Intent,
        command::{CallReport, Command, SessionRef},
        event::Event,
        ids::{AgentId, CallId, OfferId},
        spec::OfferMode,
        talk::TalkKind,
    },
    simulation::{
        EventLines,
        world::{Course, Refused, World},
    },
};

/// Whoever watches is told after so many happenings.
const TOLD_EVERY: usize = 1_024;
/// Every agent signs in once.
const SESSION: u64 = 1;

/// Where a call stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// It has not arrived.
    ToCome,
    /// The caller waits on the line.
    OnLine,
    /// The caller waits to be called back.
    CalledBack,
    /// Caller and agent talk.
    Talks(OfferId),
    /// It is over.
    Over(Ending),
}

impl Trace {
    /// Plays the log to its end, or until `watch`, which is told now and then how many calls are over, breaks off.
    ///
    /// # Errors
    /// If the engine refuses something: the pool, or more agents or skills than it may hold.
    pub fn run(&self, watch: &mut dyn FnMut(usize) -> ControlFlow<()>) -> Result<Report, Refused> {
        self.run_shown(watch, None)
    }

    /// Does the same, and shows every event.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub fn run_shown<'a>(
        &'a self,
        watch: &mut dyn FnMut(usize) -> ControlFlow<()>,
        lines: Option<EventLines<'a>>,
    ) -> Result<Report, Refused> {
        let mut run = Run::new(self, lines);
        run.set_up(&self.pool, self.agents.iter().map(profile))?;
        let flow = run.play(watch)?;
        Ok(run.report(flow.is_break()))
    }
}

struct Run<'a> {
    trace: &'a Trace,
    course: Course<'a, Happening>,
    agents: HashMap<&'a AgentId, usize>,
    calls: HashMap<&'a CallId, usize>,
    /// Of each call.
    stages: Vec<Stage>,
    /// The call after which each agent wraps up.
    wraps: Vec<Option<usize>>,
    /// Calls that were taken and are not over.
    live: usize,
    over: usize,
    /// When the first thing happened.
    began_ms: Option<u64>,
}

impl<'a> World<'a> for Run<'a> {
    type Happening = Happening;

    fn course(&mut self) -> &mut Course<'a, Happening> {
        &mut self.course
    }

    /// Whether it can no longer happen: the call went on, or the queue's limit ended the wrap-up.
    fn is_void(&self, happening: Happening) -> bool {
        match happening {
            Happening::HangUp { call } => self.stages[call] != Stage::OnLine,
            Happening::End { call } => !matches!(self.stages[call], Stage::Talks(_)),
            Happening::Wrapped { agent, call } => self.wraps[agent] != Some(call),
            Happening::LogIn { .. } | Happening::Arrive { .. } | Happening::LogOut { .. } => false,
        }
    }

    fn happen(&mut self, happening: Happening) -> Result<(), Refused> {
        self.began_ms.get_or_insert(self.course.now_ms());
        let report = |call: usize, report| Command::ReportCall {
            call: self.trace.calls[call].id.clone(),
            offer: None,
            report,
        };
        let command = match happening {
            Happening::HangUp { call } => report(call, CallReport::CallerGone),
            Happening::End { call } => report(call, CallReport::Ended),
            Happening::Wrapped { agent, call } => Command::FinishWrapUp {
                by: self.session(agent),
                call: self.trace.calls[call].id.clone(),
                next: None,
                disposition: None,
            },
            Happening::LogIn { agent } => {
                self.carry_out(Command::OpenSession {
                    agent: self.trace.agents[agent].id.clone(),
                    stream: true,
                })?;
                self.intent(agent, Intent::Ready)
            }
            Happening::LogOut { agent } => self.intent(agent, Intent::Offline),
            Happening::Arrive { call } => {
                self.stages[call] = Stage::OnLine;
                let row = &self.trace.calls[call];
                let gone_ms = row.arrival_ms + row.patience_ms;
                self.course.note(gone_ms, Happening::HangUp { call });
                Command::RouteCall(Box::new(new_call(row)))
            }
        };
        self.carry_out(command)
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "people react to few of the events"
    )]
    fn see(&mut self, event: &Event) {
        match event {
            Event::OfferMade {
                offer,
                call,
                agent,
                mode,
                ..
            } => self.answer(*offer, call, agent, *mode),
            Event::OfferAccepted { offer, call, .. } => {
                self.tell(call, *offer, CallReport::Answered);
            }
            Event::CallConnected { offer, call, .. } => self.begin_talk(*offer, call),
            Event::TalkQuestioned { call, .. } => {
                if let Stage::Talks(offer) = self.stages[self.calls[call]] {
                    self.tell(call, offer, CallReport::Talk(TalkKind::Talking));
                }
            }
            Event::WrapUpStarted { agent, call, .. } => {
                let (agent, call) = (self.agents[agent], self.calls[call]);
                let done_ms = self.course.now_ms() + self.trace.agents[agent].wrap_ms;
                self.wraps[agent] = Some(call);
                self.course
                    .note(done_ms, Happening::Wrapped { agent, call });
            }
            Event::WrapUpEnded { agent, .. } => self.wraps[self.agents[agent]] = None,
            Event::CallQueued { .. } => self.live += 1,
            Event::CallbackRequested { call, .. } => {
                self.stages[self.calls[call]] = Stage::CalledBack;
            }
            Event::CallDiverted { .. } | Event::CallEnded { .. } => self.note_ending(event),
            _ => {}
        }
    }
}

impl<'a> Run<'a> {
    fn new(trace: &'a Trace, lines: Option<EventLines<'a>>) -> Self {
        let usual = Limits::default();
        let limits = Limits {
            live_calls: usual.live_calls.max(trace.calls.len()),
            ..usual
        };
        let mut course = Course::new(trace.pool.id.clone(), limits, lines);
        for (place, agent) in trace.agents.iter().enumerate() {
            course.note(agent.login_ms, Happening::LogIn { agent: place });
            course.note(agent.logout_ms, Happening::LogOut { agent: place });
        }
        for (place, call) in trace.calls.iter().enumerate() {
            course.note(call.arrival_ms, Happening::Arrive { call: place });
        }
        let agents = trace.agents.iter().map(|agent| &agent.id);
        let calls = trace.calls.iter().map(|call| &call.id);
        Self {
            trace,
            course,
            agents: agents.zip(0..).collect(),
            calls: calls.zip(0..).collect(),
            stages: vec![Stage::ToCome; trace.calls.len()],
            wraps: vec![None; trace.agents.len()],
            live: 0,
            over: 0,
            began_ms: None,
        }
    }

    fn play(
        &mut self,
        watch: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, Refused> {
        let mut steps = 0;
        while self.step()? {
            steps += 1;
            if steps % TOLD_EVERY == 0 && watch(self.over).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        assert!(self.live == 0, "{} calls never end", self.live);
        Ok(ControlFlow::Continue(()))
    }

    /// Lets the next thing happen. False at the end.
    fn step(&mut self) -> Result<bool, Refused> {
        // Callers who wait to be called back are not on the agenda, but in the engine.
        if self.live == 0 && self.next().is_none() {
            return Ok(false);
        }
        self.advance(u64::MAX)
    }

    fn session(&self, agent: usize) -> SessionRef {
        SessionRef {
            agent: self.trace.agents[agent].id.clone(),
            session: SESSION,
            sequence: 0,
        }
    }

    fn intent(&self, agent: usize, intent: Intent) -> Command {
        Command::SetIntent {
            by: self.session(agent),
            intent: Some(intent),
        }
    }

    /// The agent accepts, or answers the phone that rings.
    fn answer(&mut self, offer: OfferId, call: &CallId, agent: &AgentId, mode: OfferMode) {
        let is_callback = self.stages[self.calls[call]] == Stage::CalledBack;
        match mode {
            OfferMode::AcceptFirst => {
                let by = self.session(self.agents[agent]);
                self.course.answer(Command::AcceptOffer { by, offer });
            }
            OfferMode::Ring if is_callback => self.tell(call, offer, CallReport::AgentAnswered),
            OfferMode::Ring => self.tell(call, offer, CallReport::Answered),
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

    fn begin_talk(&mut self, offer: OfferId, call: &CallId) {
        let call = self.calls[call];
        self.stages[call] = Stage::Talks(offer);
        let over_ms = self.course.now_ms() + self.trace.calls[call].handle_ms;
        self.course.note(over_ms, Happening::End { call });
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a call goes by two of the events"
    )]
    fn note_ending(&mut self, event: &Event) {
        let (call, ending) = match event {
            Event::CallDiverted { call, reason, .. } => {
                let ending = Ending {
                    finding: Finding::Diverted(*reason),
                    agent: None,
                    connected_ms: None,
                    left_ms: self.course.now_ms(),
                    wait_ms: 0,
                    is_callback: false,
                };
                (call, ending)
            }
            Event::CallEnded {
                call,
                outcome,
                waited_ms,
                callback,
                agent,
                detail,
                at,
                ..
            } => {
                self.live -= 1;
                let ending = Ending {
                    finding: Finding::Ended(*outcome),
                    agent: agent.clone(),
                    connected_ms: detail.answered_at.map(|at| at.0),
                    left_ms: at.0,
                    wait_ms: *waited_ms,
                    is_callback: *callback,
                };
                (call, ending)
            }
            _ => return,
        };
        self.over += 1;
        self.stages[self.calls[call]] = Stage::Over(ending);
    }

    fn report(self, is_cut_short: bool) -> Report {
        let ending = |stage| match stage {
            Stage::Over(ending) => Some(ending),
            Stage::ToCome | Stage::OnLine | Stage::CalledBack | Stage::Talks(_) => None,
        };
        let ended_ms = self.course.now_ms();
        Report {
            endings: self.stages.into_iter().map(ending).collect(),
            span_ms: (self.began_ms.unwrap_or(ended_ms), ended_ms),
            is_cut_short,
        }
    }
}
