//! Who has what: for each skill at a least level, and each choice of site kinds, that some requirement names, the set
//! of agents who have it, by record and by place in the idle line.

use std::collections::HashMap;

use super::{
    super::{
        profile::SiteKind,
        slab::{Ix, Slab},
        state::{Agent, AgentIx, SkillIx, SkillNeed},
    },
    bits::Bits,
};

/// Place of a row.
pub(super) type RowIx = Ix<Row>;

/// Rows that no requirement names now are kept up to this many: filling one takes time.
const UNUSED_KEPT: usize = 1_024;

/// Kinds of site as bits; never empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SiteMask(u8);

impl SiteMask {
    /// Any kind.
    pub(crate) const ALL: Self = Self(0b111);

    /// These kinds; all if none is named.
    pub(crate) fn of(kinds: &[SiteKind]) -> Self {
        let mask = kinds.iter().fold(0, |mask, kind| mask | bit(*kind));
        if mask == 0 { Self::ALL } else { Self(mask) }
    }

    /// Whether a kind is among them.
    pub(crate) fn takes(self, kind: SiteKind) -> bool {
        self.0 & bit(kind) != 0
    }
}

fn bit(kind: SiteKind) -> u8 {
    match kind {
        SiteKind::Home => 1,
        SiteKind::Telecentre => 2,
        SiteKind::OnSite => 4,
    }
}

/// What the agents of a row have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Trait {
    Skill(SkillNeed),
    Sites(SiteMask),
}

/// The agents who have a trait.
#[derive(Debug)]
pub(super) struct Row {
    key: Trait,
    /// How many requirements name it.
    users: usize,
    /// All agents, by the place of their record.
    pub(super) people: Bits,
    /// Those in the idle line, by slot.
    pub(super) line: Bits,
}

/// All rows.
#[derive(Debug, Default)]
pub(super) struct Rows {
    all: Slab<Row>,
    known: HashMap<Trait, RowIx>,
    /// For each skill, the levels that have a row.
    of_skill: Vec<Vec<(u8, RowIx)>>,
    of_sites: Vec<(SiteMask, RowIx)>,
    /// For each skill, who holds it at which level.
    holders: Vec<Vec<(AgentIx, u8)>>,
    unused: usize,
}

impl std::ops::Index<RowIx> for Rows {
    type Output = Row;

    fn index(&self, ix: RowIx) -> &Row {
        &self.all[ix]
    }
}

impl Rows {
    /// The row of a trait with one user more; a new one looks once at every agent who holds the skill.
    pub(super) fn acquire(&mut self, key: Trait, agents: &Slab<Agent>) -> RowIx {
        let ix = match self.known.get(&key) {
            Some(ix) => *ix,
            None => self.create(key, agents),
        };
        let row = &mut self.all[ix];
        self.unused -= usize::from(row.users == 0);
        row.users += 1;
        ix
    }

    /// One user less; the row stays for the next.
    pub(super) fn release(&mut self, ix: RowIx) {
        let row = &mut self.all[ix];
        row.users -= 1;
        self.unused += usize::from(row.users == 0);
    }

    fn drop_unused(&mut self) {
        let unused = self.all.iter().filter(|(_, row)| row.users == 0);
        for ix in unused.map(|(ix, _)| ix).collect::<Vec<_>>() {
            let key = self.all[ix].key;
            match key {
                Trait::Skill(need) => {
                    self.of_skill[need.skill.number()].retain(|(_, row)| *row != ix);
                }
                Trait::Sites(_) => self.of_sites.retain(|(_, row)| *row != ix),
            }
            self.known.remove(&key);
            self.all.remove(ix);
        }
        self.unused = 0;
    }

    fn create(&mut self, key: Trait, agents: &Slab<Agent>) -> RowIx {
        if self.unused >= UNUSED_KEPT {
            self.drop_unused();
        }
        let row = self.filled(key, agents);
        let ix = self.all.insert(row);
        self.unused += 1;
        self.known.insert(key, ix);
        match key {
            Trait::Skill(need) => of(&mut self.of_skill, need.skill).push((need.level, ix)),
            Trait::Sites(sites) => self.of_sites.push((sites, ix)),
        }
        ix
    }

    fn filled(&mut self, key: Trait, agents: &Slab<Agent>) -> Row {
        let mut row = Row {
            key,
            users: 0,
            people: Bits::default(),
            line: Bits::default(),
        };
        let mut put = |ix: AgentIx| {
            row.people.set(ix.number());
            if let Some(slot) = agents[ix].slot {
                row.line.set(slot.number);
            }
        };
        match key {
            Trait::Skill(need) => {
                let holders = of(&mut self.holders, need.skill).iter();
                let able = holders.filter(|(_, level)| *level >= need.level);
                able.for_each(|(ix, _)| put(*ix));
            }
            Trait::Sites(_) => {
                let all = agents.iter().filter(|(_, agent)| has(agent, key));
                all.for_each(|(ix, _)| put(ix));
            }
        }
        row
    }

    /// Notes what an agent has, or, before it changes, takes it back.
    pub(super) fn put_person(&mut self, ix: AgentIx, agent: &Agent, present: bool) {
        for held in &agent.skills {
            let holders = of(&mut self.holders, held.skill);
            if present {
                holders.push((ix, held.level));
            } else if let Some(place) = holders.iter().position(|(holder, _)| *holder == ix) {
                holders.swap_remove(place);
            }
        }
        self.each(agent, |row| row.people.put(ix.number(), present));
    }

    /// Puts an agent into a slot of the idle line, or takes it out.
    pub(super) fn put_slot(&mut self, slot: usize, agent: &Agent, present: bool) {
        self.each(agent, |row| row.line.put(slot, present));
    }

    /// Whether every row has an agent in this slot exactly if the agent has its trait.
    pub(super) fn agree(&self, slot: usize, ix: AgentIx, agent: &Agent) -> bool {
        self.all.iter().all(|(_, row)| {
            let expected = has(agent, row.key);
            row.line.contains(slot) == expected && row.people.contains(ix.number()) == expected
        })
    }

    fn each(&mut self, agent: &Agent, mut change: impl FnMut(&mut Row)) {
        for held in &agent.skills {
            let levels = self.of_skill.get(held.skill.number());
            for (_, row) in levels
                .into_iter()
                .flatten()
                .filter(|(level, _)| *level <= held.level)
            {
                change(&mut self.all[*row]);
            }
        }
        for (_, row) in self
            .of_sites
            .iter()
            .filter(|(sites, _)| sites.takes(agent.profile.site.kind))
        {
            change(&mut self.all[*row]);
        }
    }
}

/// What is kept of a skill.
fn of<T: Clone>(table: &mut Vec<Vec<T>>, skill: SkillIx) -> &mut Vec<T> {
    let skill = skill.number();
    if skill >= table.len() {
        table.resize(skill + 1, Vec::new());
    }
    &mut table[skill]
}

fn has(agent: &Agent, key: Trait) -> bool {
    match key {
        Trait::Skill(need) => holds(&agent.skills, need),
        Trait::Sites(sites) => sites.takes(agent.profile.site.kind),
    }
}

/// Whether a need is met by skills sorted by their number.
pub(super) fn holds(skills: &[SkillNeed], need: SkillNeed) -> bool {
    skills
        .binary_search_by_key(&need.skill, |held| held.skill)
        .is_ok_and(|place| skills[place].level >= need.level)
}
