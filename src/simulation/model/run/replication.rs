//! One replication: what happens in it, and the commands that come of that.

use std::{
    collections::{BTreeMap, VecDeque},
    ops::ControlFlow,
    sync::Arc,
};

use rustc_hash::FxHashMap;

use super::{
    Played, Refused,
    arrivals::Arrivals,
    people::{People, Task, Wish, profiles},
    see::Caller,
};
use crate::{
    engine::{
        Limits,
        agent::Intent,
        command::{CallReport, Command, LineSign, NewCall},
        event::Event,
        ids::{CallId, OfferId, PlatformKey, PoolTime, QueueId},
        profile::ProfileFields,
    },
    simulation::{
        EventLines,
        agenda::Agenda,
        driver::Driver,
        model::{
            Scenario,
            distribution::{exponential, whole_ms},
            happening::Happening,
            measure::{Layout, Ledger},
        },
    },
};

/// Agents are applied so many at a time.
const AGENTS_AT_ONCE: usize = 1_000;
/// Whoever watches is told after so many steps.
const TOLD_EVERY: u64 = 4_096;
/// Calls that are not over so long after the last arrival are unfinished.
const AFTERWARDS_MS: u64 = 86_400_000;
const HOUR_MS: f64 = 3_600_000.0;

pub(super) struct Replication<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) driver: Driver<'a>,
    pub(super) agenda: Agenda<Happening>,
    arrivals: Vec<Arrivals<'a>>,
    pub(super) people: People,
    /// By number, which is their id.
    pub(super) callers: BTreeMap<u64, Caller>,
    pub(super) queues: FxHashMap<QueueId, usize>,
    pub(super) ledger: Ledger,
    /// What somebody does at once.
    pub(super) answers: VecDeque<Command>,
    calls: u64,
    platform: PlatformKey,
    attributes: Arc<BTreeMap<String, String>>,
    digest: Arc<str>,
}

impl<'a> Replication<'a> {
    pub(super) fn new(scenario: &'a Scenario, number: u32, lines: Option<EventLines<'a>>) -> Self {
        let limits = Limits {
            live_calls: usize::MAX,
            ..Limits::default()
        };
        let queues = scenario.pool.queues.iter().map(|queue| queue.id.clone());
        let demand = scenario.demand.iter();
        Self {
            scenario,
            driver: Driver::new(scenario.pool.id.clone(), limits, lines),
            agenda: Agenda::default(),
            arrivals: demand
                .map(|demand| Arrivals::new(scenario, demand, number))
                .collect(),
            people: People::new(scenario, number),
            callers: BTreeMap::new(),
            queues: queues.zip(0..).collect(),
            ledger: Ledger::new(
                Layout::of(scenario),
                scenario.pool.queues.len(),
                scenario.staff.len(),
            ),
            answers: VecDeque::new(),
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
        self.set_up()?;
        let mut steps: u64 = 0;
        let mut flow = ControlFlow::Continue(());
        while flow.is_continue() && self.step()? {
            steps += 1;
            if steps.is_multiple_of(TOLD_EVERY) {
                flow = watch(self.driver.now().0.min(self.scenario.duration_ms));
            }
        }
        let _last = watch(self.scenario.duration_ms);
        Ok(self.finish(flow.is_break()))
    }

    fn finish(mut self, is_cut_short: bool) -> Played {
        let now_ms = self.driver.now().0;
        self.ledger.close(now_ms);
        if !is_cut_short {
            self.count_unfinished();
        }
        // Of a span that is over, calls may still wait; none does that arrived before the first that is not over.
        let whole_ms = if is_cut_short {
            let first = self.callers.first_key_value();
            first.map_or(now_ms, |(_, caller)| caller.arrived_ms)
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

    fn set_up(&mut self) -> Result<(), Refused> {
        self.carry_out(Command::ApplyPool(Box::new(self.scenario.pool.clone())))?;
        let mut profiles = profiles(self.scenario).peekable();
        while profiles.peek().is_some() {
            self.carry_out(Command::ApplyAgents {
                agents: profiles.by_ref().take(AGENTS_AT_ONCE).collect(),
                fields: ProfileFields::ALL,
            })?;
        }
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
            self.agenda.note(0, Happening::LogIn { agent });
        }
        for shift in &group.shifts {
            let from_ms = shift.from_ms.saturating_sub(scenario.starts_ms);
            let to_ms = shift.to_ms - scenario.starts_ms;
            self.agenda.note(from_ms, Happening::LogIn { agent });
            self.agenda.note(to_ms, Happening::LogOut { agent });
        }
    }

    fn note_arrival(&mut self, demand: usize) {
        if let Some(at_ms) = self.arrivals[demand].next_ms() {
            self.agenda.note(at_ms, Happening::Arrive { demand });
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
                self.agenda.note(at_ms, Happening::Lose { agent });
            }
        }
    }

    /// Lets the next thing happen: what is due in the engine comes first. False at the end.
    fn step(&mut self) -> Result<bool, Refused> {
        let duration_ms = self.scenario.duration_ms;
        if self.callers.is_empty() && self.driver.now().0 >= duration_ms {
            return Ok(false);
        }
        let limit_ms = duration_ms + AFTERWARDS_MS;
        let next = self.next().filter(|(at_ms, _)| *at_ms <= limit_ms);
        let last_ms = next.map_or(limit_ms, |(at_ms, _)| at_ms);
        if self.driver.move_to_deadline(PoolTime(last_ms)) {
            self.carry_out(Command::Tick)?;
            return Ok(true);
        }
        let Some((at_ms, happening)) = next else {
            self.driver.move_to(PoolTime(limit_ms));
            return Ok(false);
        };
        self.agenda.pop();
        self.driver.move_to(PoolTime(at_ms));
        self.happen(happening)?;
        Ok(true)
    }

    /// What happens next. What can no longer happen is dropped.
    fn next(&mut self) -> Option<(u64, Happening)> {
        loop {
            let (at_ms, happening) = self.agenda.first()?;
            if !self.is_void(happening) {
                return Some((at_ms, happening));
            }
            self.agenda.pop();
        }
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
            Happening::Wrapped { agent, call } => self.carry_out(self.wrapped(agent, call)),
            Happening::Answer { agent, .. } => self.react(agent),
            Happening::Lose { agent } => self.lose(agent),
            Happening::Regain { agent } => self.regain(agent),
            Happening::Return { agent } => self.wish(agent, Intent::Ready),
            Happening::LogIn { agent } => {
                self.people.persons[agent].is_on_shift = true;
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

    /// The command by which an agent is through with a call.
    pub(super) fn wrapped(&self, agent: usize, call: u64) -> Command {
        Command::FinishWrapUp {
            by: self.people.persons[agent].reference(),
            call: call_id(call),
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
        let now_ms = self.driver.now().0;
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
        self.agenda
            .note(now_ms + away_ms, Happening::Regain { agent });
        let person = &self.people.persons[agent];
        self.carry_out(Command::ReportLine {
            agent: person.id.clone(),
            session: person.session,
            sign: LineSign::Silent { for_ms: 0 },
        })
    }

    fn regain(&mut self, agent: usize) -> Result<(), Refused> {
        self.note_loss(agent, self.driver.now().0);
        self.open_session(agent)?;
        let person = &self.people.persons[agent];
        if person.is_on_shift && !matches!(person.wish, Wish::Ready | Wish::Missed) {
            return self.wish(agent, Intent::Ready);
        }
        Ok(())
    }

    fn arrive(&mut self, demand: usize) -> Result<(), Refused> {
        let now_ms = self.driver.now().0;
        self.note_arrival(demand);
        let drawn = self.arrivals[demand].draw();
        let queue = QueueId::new(&*self.scenario.demand[demand].queue);
        let call = self.calls;
        self.calls += 1;
        let id = call_id(call);
        let caller = Caller::new(id.clone(), self.queues[&queue], now_ms, drawn.talk_ms);
        self.callers.insert(call, caller);
        if let Some(patience_ms) = drawn.patience_ms {
            self.agenda
                .note(now_ms + patience_ms, Happening::HangUp { call });
        }
        let new = NewCall {
            id,
            queue,
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

    /// Carries a command out, and what somebody does at once about what comes of it.
    pub(super) fn carry_out(&mut self, command: Command) -> Result<(), Refused> {
        let mut events: Vec<Event> = Vec::new();
        let mut next = Some(command);
        while let Some(command) = next {
            let outcome = self.driver.apply(&command, &mut events);
            outcome.map_err(|why| Refused {
                at_ms: self.driver.now().0,
                command: command.name(),
                why,
            })?;
            for event in events.drain(..) {
                self.see(&event);
            }
            next = self.answers.pop_front();
        }
        Ok(())
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
