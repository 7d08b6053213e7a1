//! Who has what: for each skill at a least level, and each choice of site kinds, that some requirement names, the set
//! of agents who have it, by record and by place in the idle line.

use rustc_hash::FxHashMap;

use super::super::{
    bits::Bits,
    profile::SiteKind,
    slab::{Ix, Slab},
    state::{Agent, AgentIx, SkillIx, SkillNeed},
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

/// The place of a group of agents in the pool's list.
pub(crate) type GroupPlace = u8;

/// Bits of a level, which is at most 5.
pub(super) const LEVEL_BITS: u8 = 3;
/// Bits of the number of skills that an agent holds, which is at most 256.
pub(super) const COUNT_BITS: u8 = 9;

/// What the agents of a row have. Rows of one bit of a number are read together, to compare many agents at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Trait {
    Skill(SkillNeed),
    Sites(SiteMask),
    Group(GroupPlace),
    /// A bit of the level held of a skill.
    LevelBit(SkillIx, u8),
    /// A bit of the number of skills held.
    CountBit(u8),
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
    known: FxHashMap<Trait, RowIx>,
    /// For each skill, the levels that have a row.
    of_skill: Vec<Vec<(u8, RowIx)>>,
    of_sites: Vec<(SiteMask, RowIx)>,
    of_groups: Vec<(GroupPlace, RowIx)>,
    /// For each skill, the bits of its level that have a row.
    level_bits: Vec<Vec<(u8, RowIx)>>,
    count_bits: Vec<(u8, RowIx)>,
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
                Trait::Group(_) => self.of_groups.retain(|(_, row)| *row != ix),
                Trait::LevelBit(skill, _) => {
                    self.level_bits[skill.number()].retain(|(_, row)| *row != ix);
                }
                Trait::CountBit(_) => self.count_bits.retain(|(_, row)| *row != ix),
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
            Trait::Group(group) => self.of_groups.push((group, ix)),
            Trait::LevelBit(skill, bit) => of(&mut self.level_bits, skill).push((bit, ix)),
            Trait::CountBit(bit) => self.count_bits.push((bit, ix)),
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
            Trait::LevelBit(skill, bit) => {
                let holders = of(&mut self.holders, skill).iter();
                let able = holders.filter(|(_, level)| level >> bit & 1 == 1);
                able.for_each(|(ix, _)| put(*ix));
            }
            Trait::Sites(_) | Trait::Group(_) | Trait::CountBit(_) => {
                let all = agents.iter().filter(|(_, agent)| has(agent, key));
                all.for_each(|(ix, _)| put(ix));
            }
        }
        row
    }

    /// Notes what an agent has, or, before it changes, takes it back.
    pub(super) fn put_person(&mut self, ix: AgentIx, agent: &Agent, present: bool) {
        for held in &*agent.skills {
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
        let all = &mut self.all;
        let mut change = |row: RowIx| change(&mut all[row]);
        for held in &*agent.skills {
            let skill = held.skill.number();
            let levels = self.of_skill.get(skill).into_iter().flatten();
            let met = levels.filter(|(level, _)| *level <= held.level);
            met.for_each(|(_, row)| change(*row));
            let bits = self.level_bits.get(skill).into_iter().flatten();
            let set = bits.filter(|(bit, _)| held.level >> bit & 1 == 1);
            set.for_each(|(_, row)| change(*row));
        }
        let kind = agent.profile.site.kind;
        let sites = self.of_sites.iter();
        let taken = sites.filter(|(sites, _)| sites.takes(kind));
        taken.for_each(|(_, row)| change(*row));
        let groups = self.of_groups.iter();
        let own = groups.filter(|(group, _)| agent.group == Some(*group));
        own.for_each(|(_, row)| change(*row));
        let count = agent.skills.len();
        let bits = self.count_bits.iter();
        let set = bits.filter(|(bit, _)| count >> bit & 1 == 1);
        set.for_each(|(_, row)| change(*row));
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
        Trait::Group(group) => agent.group == Some(group),
        Trait::LevelBit(skill, bit) => level(&agent.skills, skill) >> bit & 1 == 1,
        Trait::CountBit(bit) => agent.skills.len() >> bit & 1 == 1,
    }
}

/// Whether a need is met by skills sorted by their number.
pub(super) fn holds(skills: &[SkillNeed], need: SkillNeed) -> bool {
    skills
        .binary_search_by_key(&need.skill, |held| held.skill)
        .is_ok_and(|place| skills[place].level >= need.level)
}

/// The level held of a skill; zero if it is not held.
fn level(skills: &[SkillNeed], skill: SkillIx) -> u8 {
    let place = skills.binary_search_by_key(&skill, |held| held.skill);
    place.map_or(0, |place| skills[place].level)
}
