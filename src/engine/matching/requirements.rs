//! What calls ask for, each distinct requirement once: the skills and site kinds of a ring with the call's own skills.

use rustc_hash::FxHashMap;

use super::{
    super::{
        bits::Bits,
        slab::{Ix, Slab},
        state::{Agent, SkillNeed},
    },
    rows::{RowIx, Rows, SiteMask, Trait},
};

/// Place of a requirement.
pub(crate) type NeedsIx = Ix<Needs>;

/// Requirements that no call and no ring asks for now are kept up to this many: the next call may ask the same.
const UNUSED_KEPT: usize = 1_024;

/// What identifies a requirement: each skill once with its least level, sorted, and the kinds of site.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct NeedsKey {
    pub(crate) skills: Vec<SkillNeed>,
    pub(crate) sites: SiteMask,
}

impl NeedsKey {
    /// The skills of a ring and a call's own, the higher level of each, and the ring's site kinds.
    pub(crate) fn new(ring: &[SkillNeed], own: &[SkillNeed], sites: SiteMask) -> Self {
        let mut skills: Vec<SkillNeed> = ring.iter().chain(own).copied().collect();
        skills.sort_unstable();
        // Sorted by skill, then level: the last of each skill asks for most.
        skills.dedup_by(|later, kept| {
            let same = later.skill == kept.skill;
            if same {
                *kept = *later;
            }
            same
        });
        Self { skills, sites }
    }
}

/// A distinct requirement.
#[derive(Debug)]
pub(crate) struct Needs {
    key: NeedsKey,
    /// The skills, those that fewest agents had when the requirement was new first.
    pub(super) path: Vec<SkillNeed>,
    rows: Vec<RowIx>,
    /// Live calls and rings that ask for it.
    users: usize,
}

impl Needs {
    /// The kinds of site that may serve.
    pub(super) fn sites(&self) -> SiteMask {
        self.key.sites
    }
}

/// All requirements, and the rows that they need.
#[derive(Debug, Default)]
pub(super) struct Requirements {
    all: Slab<Needs>,
    known: FxHashMap<NeedsKey, NeedsIx>,
    unused: usize,
    pub(super) rows: Rows,
}

impl std::ops::Index<NeedsIx> for Requirements {
    type Output = Needs;

    fn index(&self, ix: NeedsIx) -> &Needs {
        &self.all[ix]
    }
}

impl Requirements {
    /// The place of a requirement, made if it is new.
    pub(super) fn intern(&mut self, key: NeedsKey, agents: &Slab<Agent>) -> NeedsIx {
        if let Some(ix) = self.known.get(&key) {
            return *ix;
        }
        if self.unused >= UNUSED_KEPT {
            self.drop_unused();
        }
        let traits = key.skills.iter().copied().map(Trait::Skill);
        let sites = (key.sites != SiteMask::ALL).then_some(Trait::Sites(key.sites));
        let mut rows: Vec<RowIx> = traits
            .chain(sites)
            .map(|row| self.rows.acquire(row, agents))
            .collect();
        let mut path: Vec<(usize, SkillNeed)> = key
            .skills
            .iter()
            .zip(&rows)
            .map(|(need, row)| (self.rows[*row].people.count(), *need))
            .collect();
        path.sort_unstable();
        rows.sort_by_key(|row| self.rows[*row].people.count());
        self.unused += 1;
        let ix = self.all.insert(Needs {
            key: key.clone(),
            path: path.into_iter().map(|(_, need)| need).collect(),
            rows,
            users: 0,
        });
        self.known.insert(key, ix);
        ix
    }

    /// One call or ring more asks for it.
    pub(super) fn acquire(&mut self, ix: NeedsIx) {
        let needs = &mut self.all[ix];
        self.unused -= usize::from(needs.users == 0);
        needs.users += 1;
    }

    /// One call or ring less asks for it.
    pub(super) fn release(&mut self, ix: NeedsIx) {
        let needs = &mut self.all[ix];
        needs.users -= 1;
        self.unused += usize::from(needs.users == 0);
    }

    fn drop_unused(&mut self) {
        let unused: Vec<NeedsIx> = self
            .all
            .iter()
            .filter(|(_, needs)| needs.users == 0)
            .map(|(ix, _)| ix)
            .collect();
        for ix in unused {
            let Some(gone) = self.all.remove(ix) else {
                continue;
            };
            self.known.remove(&gone.key);
            gone.rows.into_iter().for_each(|row| self.rows.release(row));
        }
        self.unused = 0;
    }

    /// Adds to `sets` those of the agents who have what is needed, by record.
    pub(super) fn people<'a>(&'a self, ix: NeedsIx, sets: &mut Vec<&'a Bits>) {
        sets.extend(self.all[ix].rows.iter().map(|row| &self.rows[*row].people));
    }

    /// Adds to `sets` those of the agents who have what is needed, by slot of the idle line.
    pub(super) fn line<'a>(&'a self, ix: NeedsIx, sets: &mut Vec<&'a Bits>) {
        sets.extend(self.all[ix].rows.iter().map(|row| &self.rows[*row].line));
    }
}
