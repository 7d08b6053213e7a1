//! Published shifts: versions of the schedule, and each agent's shifts in them.
//!
//! A version is made as a draft, in chunks, and takes effect when one event moves the pointer. An agent's plan keeps what each
//! version that named the agent said; what holds is said by the last of them in the line of versions that leads to the present
//! one. To go back is to move the pointer, so any version that is kept can be restored.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{
    absent::is_default,
    ids::{PoolTime, WallTime},
};

/// So many versions are kept to be compared and restored.
pub const VERSIONS_KEPT: usize = 100;

/// What an agent does in a part of a shift. What no segment covers is on the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SegmentKind {
    /// Takes calls.
    Phone,
    /// Does not work.
    Break,
    /// Is trained.
    Training,
    /// Meets others.
    Meeting,
    /// May be called in a peak.
    OnCall,
}

/// A part of a shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PlannedSegment {
    /// What the agent does.
    pub kind: SegmentKind,
    /// Its beginning.
    pub start: WallTime,
    /// Its end.
    pub end: WallTime,
}

/// A planned working time of an agent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PlannedShift {
    /// Its beginning.
    pub start: WallTime,
    /// Its end, after the beginning.
    pub end: WallTime,
    /// Its parts that are not on the phone, in order, none over another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<PlannedSegment>,
    /// Skills that it is planned for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skills: Vec<Arc<str>>,
    /// The site; empty if none is named.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub site: Arc<str>,
}

/// An agent's shifts in one version, in order, none over another.
pub type Shifts = Arc<[PlannedShift]>;

/// What a version is, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Its number; later drafts have higher ones.
    pub number: u64,
    /// The version that it was made from; zero is none.
    pub base: u64,
    /// When it took effect first.
    pub at: WallTime,
    /// Who published it.
    pub by: Arc<str>,
    /// What it is, such as a file's name.
    pub title: Arc<str>,
    /// How many agents it says something of.
    pub agents: u32,
}

/// A version that is being made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The version that it is made from.
    pub base: u64,
    /// It is dropped then, unless it is published.
    pub until: PoolTime,
    /// How many agents it says something of so far.
    #[serde(default, skip_serializing_if = "is_default")]
    pub agents: u32,
}

/// Which version holds, and which others are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// The version that holds; zero is none.
    pub current: u64,
    /// The number of the last draft.
    pub last: u64,
    /// The versions that can be restored, the oldest first.
    pub kept: Vec<Version>,
    /// Versions that are not made from the one before them, with the one that they are made from.
    pub forks: BTreeMap<u64, u64>,
    /// Drafts that are being made.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub drafts: BTreeMap<u64, Draft>,
}

/// A line of versions, as spans of numbers, the highest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line(Vec<(u64, u64)>);

impl Line {
    fn holds(&self, version: u64) -> bool {
        let mut spans = self.0.iter();
        spans.any(|(first, last)| (*first..=*last).contains(&version))
    }
}

impl Schedule {
    /// Whether nothing of it need be stored.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The version of this number, if it can be restored.
    pub fn version(&self, number: u64) -> Option<&Version> {
        self.kept.iter().find(|version| version.number == number)
    }

    /// The versions that lead to one, itself among them.
    pub(super) fn line_to(&self, version: u64) -> Line {
        let mut spans = Vec::new();
        let mut last = version;
        while last > 0 {
            let fork = self.forks.range(..=last).next_back();
            let (first, base) = fork.map_or((1, 0), |(fork, base)| (*fork, *base));
            spans.push((first, last));
            last = base;
        }
        Line(spans)
    }

    /// Takes a version into effect.
    pub(super) fn publish(&mut self, version: Version) {
        self.drafts.remove(&version.number);
        if version.base + 1 != version.number {
            self.forks.insert(version.number, version.base);
        }
        self.current = version.number;
        self.kept.push(version);
        if self.kept.len() > VERSIONS_KEPT {
            self.kept.remove(0);
        }
    }
}

/// What the versions say of an agent, by version, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Plan(Vec<(u64, Shifts)>);

impl Plan {
    /// Whether no version says anything.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What holds in a line of versions; `None` if no version of it names the agent.
    pub(super) fn in_line(&self, line: &Line) -> Option<&Shifts> {
        let mut said = self.0.iter().rev();
        said.find(|(version, _)| line.holds(*version))
            .map(|(_, shifts)| shifts)
    }

    /// What a draft says, or no longer says.
    pub(super) fn put(&mut self, version: u64, shifts: Option<Shifts>) {
        self.0.retain(|(known, _)| *known != version);
        if let Some(shifts) = shifts {
            let place = self.0.partition_point(|(known, _)| *known < version);
            self.0.insert(place, (version, shifts));
        }
    }

    /// Whether a version says something.
    pub(super) fn names(&self, version: u64) -> bool {
        self.0.iter().any(|(known, _)| *known == version)
    }

    /// Forgets what holds in none of these lines and belongs to no draft.
    pub(super) fn prune(&mut self, lines: &[Line], drafts: &BTreeMap<u64, Draft>) {
        let used = |line| {
            let mut said = self.0.iter().rev();
            said.find(|(version, _)| Line::holds(line, *version))
                .map(|(version, _)| *version)
        };
        let used: Vec<u64> = lines.iter().filter_map(used).collect();
        self.0
            .retain(|(version, _)| used.contains(version) || drafts.contains_key(version));
    }
}
