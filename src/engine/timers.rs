//! What is due when.

use std::collections::BTreeSet;

use super::{
    ids::PoolTime,
    state::{AgentIx, CallIx, Timer},
};

/// What nearly all deadlines are of. They stand in a set of their own: with numbers alone a node of it holds many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Numbered {
    Agent(AgentIx),
    Call(CallIx),
}

impl Numbered {
    fn of(timer: &Timer) -> Option<Self> {
        match timer {
            Timer::Agent(ix) => Some(Self::Agent(*ix)),
            Timer::Call(ix) => Some(Self::Call(*ix)),
            Timer::Platform(_)
            | Timer::Tombstone(_)
            | Timer::Outage(_)
            | Timer::Queue(_)
            | Timer::Peak(_)
            | Timer::Answer(_)
            | Timer::Message(_)
            | Timer::Guard(_)
            | Timer::Draft(_) => None,
        }
    }

    fn timer(self) -> Timer {
        match self {
            Self::Agent(ix) => Timer::Agent(ix),
            Self::Call(ix) => Timer::Call(ix),
        }
    }
}

/// All deadlines, but for when calls that are over are forgotten.
#[derive(Debug, Default)]
pub(super) struct Timers {
    numbered: BTreeSet<(PoolTime, Numbered)>,
    others: BTreeSet<(PoolTime, Timer)>,
}

impl Timers {
    /// Puts a deadline in.
    pub(super) fn insert(&mut self, due: PoolTime, timer: Timer) {
        match Numbered::of(&timer) {
            Some(timer) => self.numbered.insert((due, timer)),
            None => self.others.insert((due, timer)),
        };
    }

    /// Takes a deadline out.
    pub(super) fn remove(&mut self, due: PoolTime, timer: &Timer) {
        match Numbered::of(timer) {
            Some(timer) => self.numbered.remove(&(due, timer)),
            None => self.others.remove(&(due, timer.clone())),
        };
    }

    /// The earliest deadline.
    pub(super) fn next(&self) -> Option<PoolTime> {
        let numbered = self.numbered.first().map(|(due, _)| *due);
        let other = self.others.first().map(|(due, _)| *due);
        [numbered, other].into_iter().flatten().min()
    }

    /// The first deadline of those due by `now`, in order of time, then of [`Timer`].
    pub(super) fn due(&self, now: PoolTime) -> Option<(PoolTime, Timer)> {
        let numbered = self.numbered.first().filter(|(due, _)| *due <= now);
        let numbered = numbered.map(|(due, timer)| (*due, timer.timer()));
        let other = self.others.first().filter(|(due, _)| *due <= now);
        [numbered, other.cloned()].into_iter().flatten().min()
    }
}
