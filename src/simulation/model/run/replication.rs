//! One replication: what happens in it, and the commands that come of that.

use std::{collections::BTreeMap, ops::ControlFlow, sync::Arc};

use rustc_hash::FxHashMap;

use super::{
    Played,
    arrivals::Arrivals,
    people::{People, Task, Wish},
    see::Caller,
};
use crate::{
    engine::{
        Limits,
        agent::Intent,
        command::{CallReport, Command, LineSign, NewCall},
        event::Event,
        ids::{CallId, OfferId, PlatformKey, QueueId},
        profile::AgentProfile,
    },
    simulation::{
        EventLines,
        model::{
            Scenario,
            distribution::{exponential, whole_ms},
            happening::Happening,
            measure::{Layout, Ledger},
        },
        world::{Course, Refused, World},
    },
};

/// Whoever watches is told after so many steps.
const TOLD_EVERY: u64 = 4_096;
/// Calls that are not over so long after the last arrival are unfinished.
const AFTERWARDS_MS: u64 = 86_400_000;
const HOUR_MS: f64 = 3_600_000.0;

pub(super) struct Replication<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) course: Course<'a, Happening>,
    arrivals: Vec<Arrivals<'a>>,
    pub(super) people: People,
    /// By number, which is their id.
    pub(super) callers: FxHashMap<u64, Caller>,
    pub(super) queues: FxHashMap<QueueId, usize>,
    /// The queue of each demand.
    demanded: Vec<usize>,
    pub(super) ledger: Ledger,
    calls: u64,
    platform: PlatformKey,
    attributes: Arc<BTreeMap<String, String>>,
    digest: Arc<str>,
}

impl<'a> World<'a> for Replication<'a> {
    type Happening = Happening;

    fn course(&mut self) -> &mut Course<'a, Happening> {
        &mut self.course
    }

    /// Whether it can no longer happen, as the call or the agent went on.
    fn is_void(&self, happening: Happening) -> bool {
        let caller = |call| self.callers.get(&call);
        match happening {
            Happening::HangUp { call } => !caller(call).is_some_and(Caller::is_on_line),
            Happening::End { call } => !caller(call).is_some_and(Caller::talks),
            Happening::Wrapped { agent, call } => {
                self.people.persons[agent].task != Task::WrapUp { call }
            }
            Happening::Answer { agent, offer } => {
                !matches!(self.people.persons[agent].task, Task::Offer { offer: held, .. } if held.0 == offer)
            }
            Happening::Return { agent } => {
                let person = &self.people.persons[agent];
                !person.is_on_shift || person.wish != Wish::Missed
            }
            Happening::Lose { .. }
            | Happening::Regain { .. }
            | Happening::LogIn { .. }
            | Happening::Arrive { .. }
            | Happening::LogOut { .. } => false,
        }
    }

    fn happen(&mut self, happening: Happening) -> Result<(), Refused> {
        match happening {
            Happening::HangUp { call } => self.report(call, None, CallReport::CallerGone),
            Happening::End { call } => self.report(call, None, CallReport::Ended),
            Happening::Wrapped { agent, .. } => self.carry_out(self.wrapped(agent)),
            Happening::Answer { agent, .. } => self.react(agent),
            Happening::Lose { agent } => self.lose(agent),
            Happening::Regain { agent } => self.regain(agent),
            Happening::Return { agent } => self.wish(agent, Intent::Ready),
            Happening::LogIn { agent } => {
                let person = &mut self.people.persons[agent];
                person.is_on_shift = true;
                // Whoever has no line signs in once it is back.
                if person.is_cut_off {
                    return Ok(());
                }
                self.open_session(agent)?;
                self.wish(agent, Intent::Ready)
            }
            Happening::LogOut { agent } => {
                self.people.persons[agent].is_on_shift = false;
                self.wish(agent, Intent::Offline)
            }
            Happening::Arrive { demand } => self.arrive(demand),
        }
    }

    fn see(&mut self, event: &Event) {
        self.notice(event);
    }
}

impl<'a> Replication<'a> {
    pub(super) fn new(scenario: &'a Scenario, number: u32, lines: Option<EventLines<'a>>) -> Self {
        let limits = Limits {
            live_calls: usize::MAX,
            ..Limits::default()
        };
        let queues = scenario.pool.queues.iter().map(|queue| queue.id.clone());
        let queues: FxHashMap<QueueId, usize> = queues.zip(0..).collect();
        let demand = scenario.demand.iter();
        let demanded = demand.clone().map(|demand| queues[&*demand.queue]);
        Self {
            scenario,
            course: Course::new(scenario.pool.id.clone(), limits, lines),
            arrivals: demand
                .map(|demand| Arrivals::new(scenario, demand, number))
                .collect(),
            people: People::new(scenario, number),
            callers: FxHashMap::default(),
            demanded: demanded.collect(),
            queues,
            ledger: Ledger::new(
                Layout::of(scenario),
                scenario.pool.queues.len(),
                scenario.staff.len(),
            ),
            calls: 0,
            platform: PlatformKey {
                platform: "simulation".into(),
                instance: "1".into(),
            },
            attributes: Arc::default(),
            digest: "".into(),
        }
    }

    /// Plays it to its end, or until `watch`, which is told the virtual ms now and then, breaks off.
    pub(super) fn play(
        mut self,
        watch: &mut dyn FnMut(u64) -> ControlFlow<()>,
    ) -> Result<Played, Refused> {
        self.begin()?;
        let mut steps: u64 = 0;
        let mut flow = ControlFlow::Continue(());
        while flow.is_continue() && self.step()? {
            steps += 1;
            if steps.is_multiple_of(TOLD_EVERY) {
                flow = watch(self.course.now_ms().min(self.scenario.duration_ms));
            }
        }
        let _last = watch(self.scenario.duration_ms);
        Ok(self.finish(flow.is_break()))
    }

    #[expect(clippy::disallowed_methods, reason = "the least of all has no order")]
    fn finish(mut self, is_cut_short: bool) -> Played {
        let now_ms = self.course.now_ms();
        self.ledger.close(now_ms);
        if !is_cut_short {
            self.count_unfinished();
        }
        // Of a span that is over, calls may still wait; none does that arrived before the first that is not over.
        let whole_ms = if is_cut_short {
            let arrived = self.callers.values().map(|caller| caller.arrived_ms);
            arrived.min().unwrap_or(now_ms)
        } else {
            self.scenario.duration_ms
        };
        Played {
            ledger: self.ledger,
            whole_ms,
            calls: self.calls,
            is_cut_short,
        }
    }

    fn begin(&mut self) -> Result<(), Refused> {
        let scenario = self.scenario;
        let persons = self.people.persons.iter();
        let profiles: Vec<AgentProfile> = persons.map(|it| it.profile(scenario)).collect();
        self.set_up(&scenario.pool, profiles)?;
        for agent in 0..self.people.persons.len() {
            self.note_shifts(agent);
            self.note_loss(agent, 0);
        }
        for demand in 0..self.arrivals.len() {
            self.note_arrival(demand);
        }
        Ok(())
    }

    fn note_shifts(&mut self, agent: usize) {
        let scenario = self.scenario;
        let group = &scenario.staff[self.people.persons[agent].group];
        if group.shifts.is_empty() {
            self.course.note(0, Happening::LogIn { agent });
        }
        for shift in &group.shifts {
            let from_ms = shift.from_ms.saturating_sub(scenario.starts_ms);
            let to_ms = shift.to_ms - scenario.starts_ms;
            self.course.note(from_ms, Happening::LogIn { agent });
            self.course.note(to_ms, Happening::LogOut { agent });
        }
    }

    fn note_arrival(&mut self, demand: usize) {
        if let Some(at_ms) = self.arrivals[demand].next_ms() {
            self.course.note(at_ms, Happening::Arrive { demand });
        }
    }

    /// Notes when the agent's line is lost next, if it ever is.
    fn note_loss(&mut self, agent: usize, now_ms: u64) {
        let group = self.people.persons[agent].group;
        let provider = &self.scenario.staff[group].provider;
        let mut providers = self.scenario.providers.iter();
        let Some(provider) = providers.find(|known| known.name == *provider) else {
            return;
        };
        if provider.losses_per_hour > 0.0 {
            let units = exponential(&mut self.people.habits[group].losses);
            // Time must pass, or nothing else would ever happen.
            let gap_ms = whole_ms(units * HOUR_MS / provider.losses_per_hour).max(1);
            let at_ms = now_ms + gap_ms;
            if at_ms < self.scenario.duration_ms {
                self.course.note(at_ms, Happening::Lose { agent });
            }
        }
    }

    /// Lets the next thing happen. False at the end.
    fn step(&mut self) -> Result<bool, Refused> {
        let duration_ms = self.scenario.duration_ms;
        if self.callers.is_empty() && self.course.now_ms() >= duration_ms {
            return Ok(false);
        }
        let limit_ms = duration_ms + AFTERWARDS_MS;
        let is_more = self.advance(limit_ms)?;
        if !is_more {
            self.course.move_to(limit_ms);
        }
        Ok(is_more)
    }

    fn report(
        &mut self,
        call: u64,
        offer: Option<OfferId>,
        report: CallReport,
    ) -> Result<(), Refused> {
        self.carry_out(Command::ReportCall {
            call: self.callers[&call].id.clone(),
            offer,
            report,
        })
    }

    /// The command by which an agent is through with the call that is wrapped up.
    pub(super) fn wrapped(&self, agent: usize) -> Command {
        let person = &self.people.persons[agent];
        Command::FinishWrapUp {
            by: person.reference(),
            call: person.wrapped.clone().expect("a call is wrapped up"),
            next: None,
            disposition: None,
        }
    }

    fn wish(&mut self, agent: usize, intent: Intent) -> Result<(), Refused> {
        let by = self.people.persons[agent].reference();
        let intent = Some(intent);
        self.carry_out(Command::SetIntent { by, intent })
    }

    fn open_session(&mut self, agent: usize) -> Result<(), Refused> {
        let agent = self.people.persons[agent].id.clone();
        self.carry_out(Command::OpenSession {
            agent,
            stream: true,
        })
    }

    fn lose(&mut self, agent: usize) -> Result<(), Refused> {
        let now_ms = self.course.now_ms();
        let person = &self.people.persons[agent];
        if !person.has_line || person.wish == Wish::Offline {
            self.note_loss(agent, now_ms);
            return Ok(());
        }
        let group = person.group;
        let name = &self.scenario.staff[group].provider;
        let mut providers = self.scenario.providers.iter();
        let provider = providers.find(|known| known.name == *name);
        let provider = provider.expect("only lines of providers are lost");
        let away_ms = provider.outage.draw(&mut self.people.habits[group].losses);
        self.course
            .note(now_ms + away_ms, Happening::Regain { agent });
        self.people.persons[agent].is_cut_off = true;
        let person = &self.people.persons[agent];
        self.carry_out(Command::ReportLine {
            agent: person.id.clone(),
            session: person.session,
            sign: LineSign::Silent { for_ms: 0 },
        })
    }

    fn regain(&mut self, agent: usize) -> Result<(), Refused> {
        self.note_loss(agent, self.course.now_ms());
        self.people.persons[agent].is_cut_off = false;
        self.open_session(agent)?;
        let person = &self.people.persons[agent];
        if person.is_on_shift && !matches!(person.wish, Wish::Ready | Wish::Missed) {
            return self.wish(agent, Intent::Ready);
        }
        Ok(())
    }

    fn arrive(&mut self, demand: usize) -> Result<(), Refused> {
        let now_ms = self.course.now_ms();
        self.note_arrival(demand);
        let drawn = self.arrivals[demand].draw();
        let queue = self.demanded[demand];
        let call = self.calls;
        self.calls += 1;
        let id = call_id(call);
        let caller = Caller::new(id.clone(), queue, now_ms, drawn.talk_ms);
        self.callers.insert(call, caller);
        if let Some(patience_ms) = drawn.patience_ms {
            self.course
                .note(now_ms + patience_ms, Happening::HangUp { call });
        }
        let new = NewCall {
            id,
            queue: self.scenario.pool.queues[queue].id.clone(),
            key: self.platform.clone(),
            priority: Arc::clone(&drawn.kind.priority),
            skills: drawn.kind.skills.clone(),
            waited_ms: 0,
            is_wait_shown: false,
            preferred: None,
            attributes: Arc::clone(&self.attributes),
            origin: None,
            digest: Arc::clone(&self.digest),
        };
        self.carry_out(Command::RouteCall(Box::new(new)))
    }

    /// The agent does with the offer in hand what was drawn.
    fn react(&mut self, agent: usize) -> Result<(), Refused> {
        match self.reaction(agent) {
            Some(command) => self.carry_out(command),
            None => Ok(()),
        }
    }
}

/// Calls are named by their numbers.
fn call_id(call: u64) -> CallId {
    CallId::new(call.to_string())
}
