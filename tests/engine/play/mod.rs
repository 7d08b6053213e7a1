//! Random orders that mostly make sense, played on a pool under the eyes of the witness.

mod commands;
mod demand;
mod orders;
mod plans;
mod pools;

use std::collections::BTreeSet;

use homeshore::{
    engine::{Engine, Limits, agent::AbsenceKind, command::Command, event::Event, ids::PoolTime},
    pool::journal::lines,
    simulation::checker::Checker,
};
use serde_json::Value;

pub(crate) use self::orders::{Order, histories};
use self::{
    commands::agent_command,
    orders::{AGENTS, Supervised},
    pools::pool_spec,
};
use super::{
    explained, journal,
    reference::follow,
    shown,
    speech::say,
    witness::Witness,
    world::{World, text, wall},
};

/// A world, its witness, and what was said and reached.
pub(crate) struct Play {
    pub(crate) world: World,
    witness: Witness,
    checker: Checker,
    /// Commits that had events.
    revision: u64,
    /// Nobody looks: what is told is kept for later.
    is_unseen: bool,
    told: Vec<String>,
    pub(crate) log: Vec<String>,
    pub(crate) kinds: BTreeSet<String>,
}

impl Play {
    pub(crate) fn new() -> Self {
        Self::seen_or_not(false)
    }

    /// A player at whom nobody looks.
    pub(crate) fn unseen() -> Self {
        Self::seen_or_not(true)
    }

    /// What other programs are told of a history, which nobody looks at meanwhile.
    pub(crate) fn told(history: &[(u64, Order)]) -> Vec<String> {
        let mut play = Self::unseen();
        for (wait, order) in history {
            play.step(*wait, order);
        }
        play.told
    }

    fn seen_or_not(is_unseen: bool) -> Self {
        let world = World::new(Limits {
            tombstones: 8,
            ..Limits::default()
        });
        let mut play = Self {
            world,
            witness: Witness::default(),
            checker: Checker::new(),
            revision: 0,
            is_unseen,
            told: Vec::new(),
            log: Vec::new(),
            kinds: BTreeSet::new(),
        };
        for command in Self::beginning() {
            play.carry_out(&command);
        }
        play
    }

    /// What every history begins with.
    pub(crate) fn beginning() -> Vec<Command> {
        let mut commands = vec![Command::ApplyPool(Box::new(pool_spec(0)))];
        commands.extend((0..AGENTS).map(|agent| agent_command(agent, agent)));
        commands
    }

    /// What an order comes to in a pool that somebody else keeps, and that looks like `engine` now.
    pub(crate) fn commands(&mut self, engine: Engine, order: &Order) -> Vec<Command> {
        self.world.now = engine.now().0;
        self.world.engine = engine;
        match order {
            Order::Blackout => self.everybody(),
            // A pool that is kept by somebody is restarted by them.
            Order::Restart => Vec::new(),
            _ => self.command(order).into_iter().collect(),
        }
    }

    pub(crate) fn step(&mut self, wait: u64, order: &Order) {
        self.advance(wait);
        match order {
            Order::Restart => self.restart(),
            Order::Blackout => self.black_out(),
            Order::Stall { ms } => self.stall(u64::from(*ms)),
            Order::Clock { ahead_s } => {
                self.world.wall_ahead = wall(0).0 + i64::from(*ahead_s) * 1_000;
            }
            Order::Supervise { agent, what } => self.repeat(*agent, what),
            _ => {}
        }
        if let Some(command) = self.command(order) {
            self.carry_out(&command);
        }
    }

    /// What is said several times, but for the last.
    fn repeat(&mut self, agent: u8, what: &Supervised) {
        let Supervised::Tell { times, .. } = what else {
            return;
        };
        let command = self.supervise(agent, what);
        (1..*times).for_each(|_| self.carry_out(&command));
    }

    fn restart(&mut self) {
        self.world.engine = self.world.reloaded();
        self.world.view = shown::whole(&self.world.engine, 1);
    }

    fn advance(&mut self, wait: u64) {
        for (at, events) in self.world.advance(self.world.now + wait) {
            for event in &events {
                self.log.push(format!("{at} {}", say(event)));
                self.kinds.extend(kinds(event));
            }
            self.follow(at, None, &events);
        }
    }

    /// The store hangs for a while: what came due meanwhile is worked off at once.
    fn stall(&mut self, ms: u64) {
        let events = self.world.stall(self.world.now + ms);
        let now = self.world.now;
        for event in &events {
            self.log.push(format!("{now} late {}", say(event)));
            self.kinds.extend(kinds(event));
        }
        self.follow(now, None, &events);
    }

    /// What signs everybody in.
    fn everybody(&self) -> Vec<Command> {
        let there = (0..AGENTS).flat_map(|agent| self.sign_in(agent));
        there.flatten().collect()
    }

    /// Everybody is there, and a while later nobody.
    fn black_out(&mut self) {
        for command in self.everybody() {
            self.carry_out(&command);
        }
        self.advance(19_000);
        for command in self.silence() {
            self.carry_out(&command);
        }
        self.advance(11_000);
    }

    fn carry_out(&mut self, command: &Command) {
        let now = self.world.now;
        self.log.push(format!("{now} > {}", command.name()));
        let Ok(events) = self.world.apply(command) else {
            assert_eq!(
                text(&self.world.engine.dump()),
                text(&self.world.records()),
                "a refused command changes nothing"
            );
            return;
        };
        for event in &events {
            self.log.push(format!("{now} {}", say(event)));
            self.kinds.extend(kinds(event));
        }
        self.follow(now, Some(command), &events);
        if self.is_unseen {
            return;
        }
        self.witness.check_none_lost();
        self.world.engine.check_all();
        let told = explained::check(&self.world.engine, &self.witness, now);
        self.kinds.extend(told);
    }

    /// The events of a commit are told to other programs, to the checker as well, and seen by the witness.
    fn follow(&mut self, now: u64, command: Option<&Command>, events: &[Event]) {
        self.revision += u64::from(!events.is_empty());
        let told = lines(self.revision, PoolTime(now), events);
        if self.is_unseen {
            return self.told.extend(told);
        }
        for line in told {
            self.checker.line(&line);
            assert_eq!(self.checker.violations(), [], "{line}");
        }
        follow(&mut self.witness, now, command, events);
        self.witness.check_settled(now);
    }

    pub(crate) fn check_store(&self) {
        let reloaded = self.world.reloaded();
        assert_eq!(
            text(&reloaded.dump()),
            text(&self.world.engine.dump()),
            "the store holds the pool"
        );
        shown::check(&self.world.view, &reloaded, self.world.now);
        assert_eq!(reloaded.next_deadline(), self.world.engine.next_deadline());
        assert_eq!(
            text(&self.world.records()),
            text(&self.world.engine.dump()),
            "deltas are the dump"
        );
    }
}

/// The kinds that an event counts for, with its cause where it has one, and what the journal tells of it.
fn kinds(event: &Event) -> Vec<String> {
    let line = journal::checked(event);
    let name = line["event"].as_str().expect("an event has a name");
    let text = |key: &&str| line.get(*key).and_then(Value::as_str);
    let flag = |key: &str| line.get(key).and_then(Value::as_bool) == Some(true);
    let cause = ["cause", "outcome", "by", "line", "kind", "reason"];
    let cause = cause.iter().find_map(text);
    let mut kinds = vec![name.to_owned()];
    kinds.extend(cause.map(|cause| format!("{name}:{cause}")));
    kinds.extend(flag("rescind").then(|| format!("{name}:rescind")));
    kinds.extend(flag("by_registration").then(|| format!("{name}:registration")));
    kinds.extend(absence(event).map(|kind| format!("{name}:{kind}")));
    kinds.extend(line.keys().map(|key| journal::kind(name, key)));
    kinds
}

/// Why an agent will not be there, which the journal does not tell.
fn absence(event: &Event) -> Option<&'static str> {
    let Event::AbsenceChanged { absence, .. } = event else {
        return None;
    };
    absence.map(|absence| match absence.kind {
        AbsenceKind::Late => "late",
        AbsenceKind::Unwell => "unwell",
    })
}
