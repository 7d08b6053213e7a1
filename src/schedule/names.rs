//! Names of a file, each kept once.

use std::{collections::BTreeSet, sync::Arc};

use rustc_hash::{FxHashMap, FxHashSet};

use super::problem::{Fault, Kind, fault};

/// Bytes of an id or a name.
const BYTES_MAX: usize = 128;

/// What a house knows: what is not in a list here is a mistake. Without a list nothing is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Ids of agents.
    pub agents: Option<BTreeSet<String>>,
    /// Names of skills.
    pub skills: Option<BTreeSet<String>>,
    /// Names of sites.
    pub sites: Option<BTreeSet<String>>,
}

impl Known {
    /// What is wrong with a name that is not in a list.
    pub(super) fn miss(list: Option<&BTreeSet<String>>, name: &str, kind: Kind) -> Option<Fault> {
        let list = list.filter(|list| !list.contains(name))?;
        let (what, place) = if kind == Kind::UnknownAgent {
            ("agent", "in the directory")
        } else if kind == Kind::UnknownSkill {
            ("skill", "among the skills")
        } else {
            ("site", "among the sites")
        };
        let near = list.iter().find(|known| likeness(known) == likeness(name));
        let near = near.or_else(|| list.iter().find(|known| super::words::is_near(known, name)));
        let right = near.map_or_else(
            || format!("a {what} that is known"),
            |near| format!("perhaps `{near}`"),
        );
        Some(fault(
            kind,
            format!("the {what} `{name}` is not {place}"),
            right.replace("a agent", "an agent"),
        ))
    }
}

/// Ids that are alike in this are often one and the same: without case, and without zeros that lead a number.
pub(super) fn likeness(id: &str) -> String {
    let id = super::words::folded(id);
    let mut like = String::with_capacity(id.len());
    let mut all = id.chars().peekable();
    let mut is_in_number = false;
    while let Some(c) = all.next() {
        let leads = c == '0' && !is_in_number && all.peek().is_some_and(char::is_ascii_digit);
        if !leads {
            like.push(c);
            is_in_number = c.is_ascii_digit();
        }
    }
    like
}

/// What is wrong with a name in itself.
pub(super) fn check(name: &str) -> Option<Fault> {
    if name.len() > BYTES_MAX {
        return Some(fault(
            Kind::Name,
            format!("has {} bytes", name.len()),
            "at most 128",
        ));
    }
    if name.chars().any(|c| c.is_control() || c == '\u{fffd}') {
        return Some(fault(
            Kind::Name,
            "holds a control character",
            "letters, digits and marks on one line",
        ));
    }
    None
}

/// What is wrong with a skill's name, which stands in lists.
pub(super) fn check_skill(name: &str) -> Option<Fault> {
    let mark = name.chars().find(|c| matches!(c, '|' | ';' | ','))?;
    Some(fault(
        Kind::Name,
        format!("holds `{mark}`, which separates skills"),
        "a name without | ; ,",
    ))
}

/// An agent of a file.
#[derive(Debug)]
pub(super) struct Agent {
    pub(super) id: Arc<str>,
    /// The first name that the file gave, and its row.
    pub(super) name: Arc<str>,
    pub(super) row: u32,
    /// The first row with this id.
    pub(super) first_row: u32,
    /// Whether the file gave another name too, and it was said.
    pub(super) is_renamed: bool,
    /// What is wrong with the id, told at each row.
    pub(super) fault: Option<Fault>,
}

/// Names that were seen.
#[derive(Debug, Default)]
pub(super) struct Names {
    agents: FxHashMap<Arc<str>, u32>,
    pub(super) list: Vec<Agent>,
    texts: FxHashSet<Arc<str>>,
    sets: FxHashMap<Box<str>, Arc<[Arc<str>]>>,
}

impl Names {
    /// The number of an agent by id.
    pub(super) fn agent(&mut self, id: &str, row: u32, known: &Known) -> u32 {
        if let Some(number) = self.agents.get(id) {
            return *number;
        }
        let number = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
        let shared: Arc<str> = id.into();
        let miss = || Known::miss(known.agents.as_ref(), id, Kind::UnknownAgent);
        self.agents.insert(Arc::clone(&shared), number);
        self.list.push(Agent {
            id: shared,
            name: Arc::from(""),
            row,
            first_row: row,
            is_renamed: false,
            fault: check(id).or_else(miss),
        });
        number
    }

    /// A text that many rows share.
    pub(super) fn text(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.texts.get(text) {
            return Arc::clone(known);
        }
        let shared: Arc<str> = text.into();
        self.texts.insert(Arc::clone(&shared));
        shared
    }

    /// The skills of a cell, each once: `assistance|facturation`.
    pub(super) fn skills(&mut self, cell: &str) -> Arc<[Arc<str>]> {
        if let Some(known) = self.sets.get(cell) {
            return Arc::clone(known);
        }
        let mut set: Vec<Arc<str>> = Vec::new();
        for skill in cell.split(['|', ';', ',', '\n', '\r']).map(str::trim) {
            if !skill.is_empty() && !set.iter().any(|other| other.as_ref() == skill) {
                let skill = self.text(skill);
                set.push(skill);
            }
        }
        let set: Arc<[Arc<str>]> = set.into();
        self.sets.insert(cell.into(), Arc::clone(&set));
        set
    }
}
