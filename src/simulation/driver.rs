//! One engine in virtual time: commands at a moment of the caller's, and a tick at each deadline on the way.

use super::EventLines;
use crate::{
    engine::{
        Engine, Limits,
        command::Command,
        event::Event,
        ids::{Moment, PoolId, PoolTime, WallTime},
        rejection::Rejection,
    },
    pool::journal,
};

/// Ids of calls are used once, so calls that are over need not be known for long. Who is shown the events sees them as of
/// a live pool, which remembers calls for a while.
const TOMBSTONES: usize = 8;
/// Nothing is stored here: what the engine notes for a store is forgotten after so many commands.
const COMMANDS_UNTIL_FORGOTTEN: u32 = 64;

/// An engine and its virtual time, which also is its calendar's, in ms.
pub(super) struct Driver<'a> {
    engine: Engine,
    now: PoolTime,
    commands: u32,
    /// Who is shown every event.
    lines: Option<EventLines<'a>>,
    /// A command with events counts as one commit.
    revision: u64,
}

impl<'a> Driver<'a> {
    /// An empty pool at time zero; `lines` is shown every event.
    pub(super) fn new(pool: PoolId, mut limits: Limits, lines: Option<EventLines<'a>>) -> Self {
        if lines.is_none() {
            limits.tombstones = limits.tombstones.min(TOMBSTONES);
        }
        Self {
            engine: Engine::new(pool, limits),
            now: PoolTime(0),
            commands: 0,
            lines,
            revision: 0,
        }
    }

    /// The virtual time.
    pub(super) fn now(&self) -> PoolTime {
        self.now
    }

    /// Carries a command out now and adds its events to `out`.
    pub(super) fn apply(
        &mut self,
        command: &Command,
        out: &mut Vec<Event>,
    ) -> Result<(), Rejection> {
        self.commands += 1;
        if self.commands == COMMANDS_UNTIL_FORGOTTEN {
            self.commands = 0;
            self.engine.forget_changes();
        }
        let wall = WallTime(i64::try_from(self.now.0).unwrap_or(i64::MAX));
        let at = Moment {
            now: self.now,
            wall,
        };
        let before = out.len();
        self.engine.apply(at, command, out)?;
        self.show(&out[before..]);
        Ok(())
    }

    fn show(&mut self, events: &[Event]) {
        let Some(lines) = self.lines.as_mut().filter(|_| !events.is_empty()) else {
            return;
        };
        self.revision += 1;
        for line in journal::lines(self.revision, self.now, events) {
            lines(&line);
        }
    }

    /// Moves time to the engine's next deadline, which is for a tick then, unless that is after `last`.
    pub(super) fn move_to_deadline(&mut self, last: PoolTime) -> bool {
        let due = self.engine.next_deadline().filter(|due| *due <= last);
        self.now = due.map_or(self.now, |due| self.now.max(due));
        due.is_some()
    }

    /// Moves time to `at`, up to which no deadline is left.
    pub(super) fn move_to(&mut self, at: PoolTime) {
        self.now = self.now.max(at);
    }
}
