//! What playing a log and playing a scenario have in common: the next thing happens, by the engine's deadlines or by the
//! agenda, and what people make of it happens at once.

use std::collections::VecDeque;

use thiserror::Error;

use super::{EventLines, agenda::Agenda, driver::Driver};
use crate::engine::{
    Limits,
    command::Command,
    event::Event,
    ids::{PoolId, PoolTime},
    profile::{AgentProfile, ProfileFields},
    rejection::Rejection,
    spec::PoolSpec,
};

/// Agents are applied so many at a time.
const AGENTS_AT_ONCE: usize = 1_000;

/// The engine refused what somebody was made to do.
#[derive(Debug, Error)]
#[error("at {at_ms} ms of virtual time the engine refused `{command}`: {why}")]
pub struct Refused {
    at_ms: u64,
    command: &'static str,
    /// Why.
    #[source]
    pub why: Rejection,
}

/// The engine in its virtual time, and what is to come.
pub(super) struct Course<'a, T> {
    driver: Driver<'a>,
    agenda: Agenda<T>,
    answers: VecDeque<Command>,
    /// Room for the events of a command.
    events: Vec<Event>,
}

impl<'a, T: Ord + Copy> Course<'a, T> {
    /// An empty pool at time zero with nothing to come; `lines` is shown every event.
    pub(super) fn new(pool: PoolId, limits: Limits, lines: Option<EventLines<'a>>) -> Self {
        Self {
            driver: Driver::new(pool, limits, lines),
            agenda: Agenda::default(),
            answers: VecDeque::new(),
            events: Vec::new(),
        }
    }

    /// The virtual time, ms.
    pub(super) fn now_ms(&self) -> u64 {
        self.driver.now().0
    }

    /// Notes what is to happen at `at_ms`.
    pub(super) fn note(&mut self, at_ms: u64, happening: T) {
        self.agenda.note(at_ms, happening);
    }

    /// Notes what somebody does at once.
    pub(super) fn answer(&mut self, command: Command) {
        self.answers.push_back(command);
    }

    /// Moves time to `at_ms`, up to which nothing is left to happen.
    pub(super) fn move_to(&mut self, at_ms: u64) {
        self.driver.move_to(PoolTime(at_ms));
    }
}

/// Whoever lives in virtual time.
pub(super) trait World<'a> {
    /// What happens on its agenda.
    type Happening: Ord + Copy;

    /// Its course.
    fn course(&mut self) -> &mut Course<'a, Self::Happening>;

    /// Whether it can no longer happen, as calls and agents went on.
    fn is_void(&self, happening: Self::Happening) -> bool;

    /// Lets it happen.
    fn happen(&mut self, happening: Self::Happening) -> Result<(), Refused>;

    /// What people make of an event.
    fn see(&mut self, event: &Event);

    /// Configures the pool and its agents.
    fn set_up(
        &mut self,
        pool: &PoolSpec,
        agents: impl IntoIterator<Item = AgentProfile>,
    ) -> Result<(), Refused> {
        self.carry_out(Command::ApplyPool(Box::new(pool.clone())))?;
        let mut agents = agents.into_iter().peekable();
        while agents.peek().is_some() {
            self.carry_out(Command::ApplyAgents {
                agents: agents.by_ref().take(AGENTS_AT_ONCE).collect(),
                fields: ProfileFields::ALL,
            })?;
        }
        Ok(())
    }

    /// When the next thing on the agenda happens, and what. What can no longer happen is dropped.
    fn next(&mut self) -> Option<(u64, Self::Happening)> {
        loop {
            let (at_ms, happening) = self.course().agenda.first()?;
            if !self.is_void(happening) {
                return Some((at_ms, happening));
            }
            self.course().agenda.pop();
        }
    }

    /// Lets the next thing happen if that is at `limit_ms` at the latest: what is due in the engine comes first, as it may
    /// put something before the rest of the agenda. False if there is none.
    fn advance(&mut self, limit_ms: u64) -> Result<bool, Refused> {
        let next = self.next().filter(|(at_ms, _)| *at_ms <= limit_ms);
        let last_ms = next.map_or(limit_ms, |(at_ms, _)| at_ms);
        if self.course().driver.move_to_deadline(PoolTime(last_ms)) {
            self.carry_out(Command::Tick)?;
            return Ok(true);
        }
        let Some((at_ms, happening)) = next else {
            return Ok(false);
        };
        self.course().agenda.pop();
        self.course().move_to(at_ms);
        self.happen(happening)?;
        Ok(true)
    }

    /// Carries a command out, and what somebody does at once about what comes of it.
    fn carry_out(&mut self, command: Command) -> Result<(), Refused> {
        let mut events = std::mem::take(&mut self.course().events);
        let mut next = Some(command);
        while let Some(command) = next {
            let course = self.course();
            let at_ms = course.now_ms();
            let outcome = course.driver.apply(&command, &mut events);
            outcome.map_err(|why| Refused {
                at_ms,
                command: command.name(),
                why,
            })?;
            for event in events.drain(..) {
                self.see(&event);
            }
            next = self.course().answers.pop_front();
        }
        self.course().events = events;
        Ok(())
    }
}
