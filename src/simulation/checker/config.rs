//! What the operator configured, as the line of `pool_applied` tells it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::readiness::Asked;

/// Skills with their levels, by name.
pub(super) type Skills = BTreeMap<String, u8>;

/// The pool.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Config {
    pub(super) order: String,
    /// Head starts in ms, by name.
    pub(super) priorities: BTreeMap<String, i64>,
    pub(super) groups: Vec<Group>,
    /// Not told by an older release, nor where nothing is asked.
    #[serde(default)]
    pub(super) readiness: Option<Asked>,
    #[serde(rename = "queues")]
    listed: Vec<Queue>,
    #[serde(skip)]
    queues: BTreeMap<String, Queue>,
}

/// A group of agents.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Group {
    pub(super) name: String,
    skills: Skills,
    site_kinds: Vec<String>,
    pub(super) queues: Vec<String>,
}

/// A queue.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Queue {
    id: String,
    pub(super) target_ms: u64,
    pub(super) goal_permille: i64,
    pub(super) rings: Vec<Ring>,
    pub(super) offer_mode: String,
    pub(super) ring_for_ms: u64,
    pub(super) selection: String,
    pub(super) groups: Vec<String>,
    pub(super) preferred_hold_ms: u64,
    pub(super) wrap_up_limit_ms: u64,
    pub(super) wrap_up_extension_ms: u64,
    pub(super) longest_call_ms: u64,
    /// Not told by an older release.
    #[serde(default)]
    pub(super) expected_handle_ms: u64,
    pub(super) time_out_ms: u64,
    pub(super) max_waiting: u64,
    pub(super) max_estimated_wait_ms: u64,
    pub(super) when_unstaffed: String,
    #[serde(default = "always")]
    pub(super) serve: String,
    #[serde(default = "all")]
    pub(super) share_percent: u8,
    #[serde(default)]
    pub(super) shadow: bool,
    #[serde(default)]
    pub(super) when_closing: String,
    pub(super) overflow: Option<Overflow>,
    pub(super) callback: Option<Callback>,
}

/// Histories from before there were windows say nothing of them.
fn always() -> String {
    "always".to_owned()
}

fn all() -> u8 {
    100
}

/// A step of a queue's requirement.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Ring {
    pub(super) after_ms: u64,
    pub(super) skills: Skills,
    pub(super) site_kinds: Vec<String>,
}

/// Where calls go that wait for long.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Overflow {
    pub(super) after_ms: u64,
    pub(super) to_pool: Option<String>,
    pub(super) to_queue: String,
}

/// How callers are called back.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Callback {
    pub(super) ring_ms: u64,
    pub(super) retry_after_ms: u64,
    pub(super) attempts: u64,
    pub(super) until_after_ms: u64,
}

impl Config {
    /// Finds queues by their ids from now on.
    pub(super) fn indexed(mut self) -> Self {
        let listed = std::mem::take(&mut self.listed).into_iter();
        self.queues = listed.map(|queue| (queue.id.clone(), queue)).collect();
        self
    }

    pub(super) fn queue(&self, id: &str) -> Option<&Queue> {
        self.queues.get(id)
    }

    pub(super) fn is_balanced(&self) -> bool {
        self.order == "balanced"
    }

    /// Whether busy times are kept.
    pub(super) fn asks_for_occupancy(&self) -> bool {
        let mut queues = self.queues.values();
        queues.any(|queue| queue.selection == "least_occupied")
    }

    /// The first group that takes an agent.
    pub(super) fn group(&self, skills: &Skills, site_kind: &str) -> Option<&Group> {
        let takes =
            |group: &&Group| takes_kind(&group.site_kinds, site_kind) && has(skills, &group.skills);
        self.groups.iter().find(takes)
    }
}

impl Queue {
    /// `w` of the order: a call that has waited its whole target counts the same in every queue.
    pub(super) fn weight(&self) -> i128 {
        (20_000_000 / i128::from(self.target_ms.max(1))).clamp(1, 1_000_000)
    }

    /// A ring by its place; a queue has at least one.
    pub(super) fn ring(&self, place: usize) -> &Ring {
        let last = self.rings.len() - 1;
        &self.rings[place.min(last)]
    }

    pub(super) fn last_ring(&self) -> &Ring {
        self.ring(self.rings.len())
    }
}

impl Ring {
    /// Whether somebody has what it asks for.
    pub(super) fn takes(&self, skills: &Skills, site_kind: &str) -> bool {
        takes_kind(&self.site_kinds, site_kind) && has(skills, &self.skills)
    }
}

fn takes_kind(kinds: &[String], kind: &str) -> bool {
    kinds.is_empty() || kinds.iter().any(|known| known == kind)
}

/// Whether each skill that is asked for is held at its level at least.
pub(super) fn has(held: &Skills, asked: &Skills) -> bool {
    let mut asked = asked.iter();
    asked.all(|(skill, level)| held.get(skill).is_some_and(|held| held >= level))
}
