//! Reads the events of a pool as other programs may read them, and says where they break a rule of the service.
//!
//! It shares no code with the engine: what it knows is what `proto/EVENTS.md` tells, from the first event on. Rules of an
//! instant are held at the end of each commit. It remembers live calls, agents, and calls that ended in the last 15 min,
//! so its memory does not grow with a history. What lines do not tell is not judged: why a platform acted, the lines of
//! an outage, messages, and, of a call that was diverted, its own skills.

mod agents;
mod busy;
mod calls;
mod choice;
mod config;
mod due;
mod ends;
mod levels;
mod line;
mod offers;
mod peaks;
mod places;
mod readiness;
mod rules;
mod settled;
mod state;
mod talk;
mod waiting;
mod waits;
mod work;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap},
};

use serde::Deserialize;
use serde_json::Value;

pub use self::rules::Rule;
use self::{
    config::Config,
    due::Due,
    levels::Levels,
    line::{Fault, Key, Line, Seen},
    places::Platform,
    state::{Agent, Call},
};

/// A number that is a multiple of this begins a commit.
const NUMBERS_OF_A_COMMIT: u64 = 1 << 20;
/// So many broken rules are told, and the first of each rule; more are counted.
const TOLD: usize = 100;

/// A rule that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The line, from 1.
    pub line: u64,
    /// Number of its event.
    pub number: u64,
    /// The rule.
    pub rule: Rule,
    /// What was seen.
    pub seen: String,
}

/// What came of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Lines that were read.
    pub lines: u64,
    /// Calls that were accepted.
    pub accepted: u64,
    /// Calls that are not over.
    pub live: usize,
    /// Whether it begins with the pool's first commit. If not, what depends on what was before is not judged: who is
    /// chosen, which call goes first, and whoever came before.
    pub is_whole: bool,
    /// The first broken rules.
    pub violations: Vec<Violation>,
    /// How many rules were broken in all.
    pub broken: u64,
}

/// Follows a history line by line.
#[derive(Debug, Default)]
pub struct Checker {
    faults: Faults,
    /// Number of the last event.
    number: Option<u64>,
    now: u64,
    is_whole: bool,
    config: Option<Config>,
    agents: BTreeMap<String, Agent>,
    calls: BTreeMap<String, Call>,
    accepted: u64,
    last_offer: u64,
    drained: BTreeSet<String>,
    /// Queues that take no calls, and until when.
    halted: BTreeMap<String, Option<u64>>,
    /// Queues whose windows are open, or closed.
    opened: BTreeMap<String, bool>,
    /// Queues in a peak: since when, and when it ends unless it is held for longer.
    peaks: BTreeMap<String, peaks::Peak>,
    platforms: BTreeMap<Key, Platform>,
    /// Calls that are over, and until when they are remembered.
    tombstones: BTreeMap<String, u64>,
    served: BTreeMap<String, waits::Served>,
    levels: Levels,
    outages: u64,
    /// Number of the last event of the commit before.
    told_before: u64,
    /// Who works at a site that was drained in this commit.
    leaving: BTreeSet<String>,
    /// Calls that may be offered, and agents who may be offered one, but for platforms and sites.
    open: BTreeSet<String>,
    free: BTreeSet<String>,
    /// Who changed in this commit.
    fresh: settled::Fresh,
    deadlines: BinaryHeap<Reverse<(u64, Due)>>,
}

#[derive(Debug, Default)]
struct Faults {
    told: Vec<Violation>,
    broken: u64,
    line: u64,
    number: u64,
}

impl Faults {
    fn add(&mut self, rule: Rule, seen: String) {
        self.broken += 1;
        let is_first = || self.told.iter().all(|told| told.rule != rule);
        if self.told.len() < TOLD || is_first() {
            self.told.push(Violation {
                line: self.line,
                number: self.number,
                rule,
                seen,
            });
        }
    }

    /// Notes a broken rule unless it is kept.
    fn hold(&mut self, kept: bool, rule: Rule, seen: impl FnOnce() -> String) {
        if !kept {
            self.add(rule, seen());
        }
    }
}

impl Checker {
    /// A checker that knows nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, which knows a pool's configuration from elsewhere: the object that `pool_applied` tells.
    ///
    /// # Errors
    /// If it is no such object.
    pub fn configured(configuration: &Value) -> Result<Self, serde_json::Error> {
        let config = Config::deserialize(configuration)?.indexed();
        Ok(Self {
            config: Some(config),
            ..Self::default()
        })
    }

    /// Reads the next line.
    pub fn line(&mut self, text: &str) {
        self.faults.line += 1;
        match Line::read(text) {
            Ok(line) => self.follow(&line),
            Err(Fault(rule, seen)) => self.faults.add(rule, seen),
        }
    }

    /// The broken rules so far; those of the end of a commit are known with the next one.
    pub fn violations(&self) -> &[Violation] {
        &self.faults.told
    }

    /// Ends the history; with `is_over` nothing may be left to do.
    #[must_use]
    pub fn end(mut self, is_over: bool) -> Report {
        self.settle();
        if is_over && let Some(id) = self.calls.keys().next() {
            let seen = format!("`{id}` and {} others live", self.calls.len() - 1);
            self.faults.add(Rule::Left, seen);
        }
        Report {
            lines: self.faults.line,
            accepted: self.accepted,
            live: self.calls.len(),
            is_whole: self.is_whole,
            violations: self.faults.told,
            broken: self.faults.broken,
        }
    }

    fn follow(&mut self, line: &Line) {
        let commit = line.number / NUMBERS_OF_A_COMMIT;
        let before = self.number.map(|number| number / NUMBERS_OF_A_COMMIT);
        if before != Some(commit) {
            self.settle();
            self.told_before = self.number.unwrap_or(0);
        }
        self.faults.number = line.number;
        self.check_number(line, before == Some(commit));
        (self.number, self.now) = (Some(line.number), line.at.max(self.now));
        if let Err(Fault(rule, seen)) = self.see(line) {
            self.faults.add(rule, seen);
        }
        self.touch_named(line);
    }

    /// From here on the pool is another one, of which nothing is known but its configuration.
    fn forget(&mut self) {
        let known = std::mem::take(self);
        *self = Self {
            faults: known.faults,
            number: known.number,
            now: known.now,
            config: known.config,
            accepted: known.accepted,
            last_offer: known.last_offer,
            ..Self::default()
        };
    }

    fn check_number(&mut self, line: &Line, is_inside: bool) {
        let Some(last) = self.number else {
            self.is_whole = line.number == NUMBERS_OF_A_COMMIT;
            return;
        };
        let begins = line.number.is_multiple_of(NUMBERS_OF_A_COMMIT);
        let follows = if is_inside {
            line.number == last + 1
        } else {
            line.number > last && begins
        };
        let number = line.number;
        self.faults.hold(follows, Rule::Numbers, || {
            format!("{number} comes after {last}")
        });
        let in_time = if is_inside {
            line.at == self.now
        } else {
            line.at >= self.now
        };
        let (at, now) = (line.at, self.now);
        self.faults.hold(in_time, Rule::Time, || {
            format!("{at} ms comes after {now} ms")
        });
    }

    fn see(&mut self, line: &Line) -> Seen {
        match line.event.as_str() {
            "call_queued" | "call_diverted" | "call_moved" | "preference_started"
            | "preference_ended" | "callback_requested" | "callback_due" | "callback_deferred"
            | "callback_postponed" | "ring_entered" | "refusals_forgotten" | "call_missed"
            | "call_found" | "call_connected" | "talk_noted" | "talk_questioned" => {
                self.see_call(line)
            }
            "call_ended" | "tombstone_dropped" => self.see_end(line),
            "offer_made" | "offer_accepted" | "offer_ended" | "offer_extended"
            | "rescind_released" => self.see_offer(line),
            "wrap_up_started" | "wrap_up_extended" | "wrap_up_ended" | "external_started"
            | "external_ended" | "occupancy_fixed" => self.see_work(line),
            "agent_applied"
            | "agent_draining"
            | "agent_deleted"
            | "session_opened"
            | "registration_changed"
            | "line_changed"
            | "line_quality_changed"
            | "absence_changed"
            | "intent_changed"
            | "next_intent_changed"
            | "agent_held"
            | "guard_changed"
            | "readiness_reported"
            | "agent_released"
            | "misses_forgiven" => self.see_agent(line),
            "peak_started" | "peak_changed" | "peak_ended" => self.see_peak(line),
            "pool_applied" | "pool_restored" | "queue_halted" | "queue_resumed"
            | "queue_opened" | "queue_shut" | "platform_attached" | "platform_detached"
            | "platform_forgotten" | "site_drained" | "site_undrained" | "outage_started"
            | "outage_ended" => self.see_place(line),
            // What is left says nothing of a rule that is held here.
            _ => Ok(()),
        }
    }

    /// The live call that a line names. One that was never seen may be from before a history's beginning.
    fn live(&mut self, line: &Line) -> Seen<Option<String>> {
        let id = line.text("call_id")?;
        if self.calls.contains_key(id) {
            return Ok(Some(id.to_owned()));
        }
        if self.is_whole || self.tombstones.contains_key(id) {
            let seen = format!("{} of `{id}`, which does not live", line.event);
            return Err(Fault(Rule::Lives, seen));
        }
        Ok(None)
    }

    /// The agent whom a line names; unknown only if a history has no beginning.
    fn known(&mut self, line: &Line) -> Seen<Option<String>> {
        let id = line.text("agent_id")?;
        if self.agents.contains_key(id) {
            return Ok(Some(id.to_owned()));
        }
        if self.is_whole {
            let seen = format!("{} of `{id}`, who has no record", line.event);
            return Err(Fault(Rule::Deleted, seen));
        }
        Ok(None)
    }
}
