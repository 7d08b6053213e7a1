//! Who of several candidates is offered a call: the queue's order of groups first, then its selection policy, then the
//! place in line.
//!
//! A policy compares one number of each candidate. The numbers are kept bit by bit over the slots of the idle line, so
//! the candidates with the least or the greatest are found for 64 slots at a time: from the highest bit down, those
//! that have the wrong bit are left out unless nobody would remain. It costs some words for each bit, whatever the
//! agents hold; longest idle, which needs none of this, has a shorter way of its own.

use std::ops::ControlFlow;

use super::{
    super::{
        bits::{Bits, common, places},
        spec::Selection,
    },
    line::Line,
    requirements::Requirements,
    rows::{COUNT_BITS, LEVEL_BITS, RowIx, Trait},
};
use crate::engine::{
    matching::GroupPlace,
    slab::Slab,
    state::{Agent, SkillNeed},
};

/// Bits of a sum of levels: at most 8 skills of level 5.
const SUM_BITS: usize = 6;

/// How the agents who may take a call are put in order, beside the line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ranking {
    selection: Selection,
    /// Groups in the order in which they are asked; agents of no such group come last.
    groups: Vec<RowIx>,
    /// The bits of the number that the policy compares, lowest first; of each skill for the sum of levels.
    numbers: Vec<Vec<RowIx>>,
}

impl Ranking {
    /// The order of a ring's candidates, with its rows in use until [`Self::release`].
    pub(super) fn acquire(
        requirements: &mut Requirements,
        agents: &Slab<Agent>,
        selection: Selection,
        groups: &[GroupPlace],
        skills: &[SkillNeed],
    ) -> Self {
        let mut rows = |traits: Vec<Trait>| -> Vec<RowIx> {
            let rows = traits.into_iter();
            rows.map(|key| requirements.rows.acquire(key, agents))
                .collect()
        };
        let groups = rows(groups.iter().copied().map(Trait::Group).collect());
        let numbers = match selection {
            Selection::LongestIdle | Selection::LeastOccupied => Vec::new(),
            Selection::LeastSkilled => vec![rows((0..COUNT_BITS).map(Trait::CountBit).collect())],
            Selection::MostSkilled => {
                let level = |skill| (0..LEVEL_BITS).map(move |bit| Trait::LevelBit(skill, bit));
                let skills = skills.iter().map(|need| need.skill);
                skills.map(|skill| rows(level(skill).collect())).collect()
            }
        };
        Self {
            selection,
            groups,
            numbers,
        }
    }

    /// Lets go of the rows.
    pub(super) fn release(&self, requirements: &mut Requirements) {
        let rows = self.groups.iter().chain(self.numbers.iter().flatten());
        rows.for_each(|row| requirements.rows.release(*row));
    }

    /// Whether the place in line alone decides.
    pub(super) fn is_line(&self) -> bool {
        self.selection == Selection::LongestIdle && self.groups.is_empty()
    }

    /// The slot that is asked first; `None` if there is no candidate.
    pub(super) fn first(
        &self,
        candidates: &Candidates,
        requirements: &Requirements,
        line: &Line,
        agents: &Slab<Agent>,
    ) -> Option<usize> {
        let mut rest = candidates.clone();
        for group in &self.groups {
            let row = &requirements.rows[*group].line;
            let (of_group, others) = rest.split(row);
            if !of_group.words.is_empty() {
                rest = of_group;
                break;
            }
            rest = others;
        }
        self.narrow(&mut rest, requirements, line);
        rest.first_in(line, agents)
    }

    /// Leaves out whom the policy puts behind others.
    fn narrow(&self, candidates: &mut Candidates, requirements: &Requirements, line: &Line) {
        let row = |ix: &RowIx| &requirements.rows[*ix].line;
        match self.selection {
            Selection::LongestIdle => {}
            Selection::LeastOccupied => {
                for bits in line.busy_bits().iter().rev() {
                    candidates.prefer(|word| !bits.word(word));
                }
            }
            Selection::LeastSkilled => {
                for ix in self.numbers.iter().flatten().rev() {
                    candidates.prefer(|word| !row(ix).word(word));
                }
            }
            Selection::MostSkilled => {
                let sum = |word: &(usize, u64)| {
                    let levels = self.numbers.iter();
                    levels.fold([0; SUM_BITS], |sum, bits| {
                        add(sum, bits.iter().map(|ix| row(ix).word(word.0)))
                    })
                };
                let sums: Vec<[u64; SUM_BITS]> = candidates.words.iter().map(sum).collect();
                candidates.prefer_greatest(sums);
            }
        }
    }
}

/// Adds a number to each of 64, bit by bit, lowest first.
fn add(mut sum: [u64; SUM_BITS], number: impl Iterator<Item = u64>) -> [u64; SUM_BITS] {
    let mut carry = 0;
    let mut number = number.fuse();
    for bit in &mut sum {
        let added = number.next().unwrap_or(0);
        let before = *bit;
        *bit = before ^ added ^ carry;
        carry = (before & added) | (carry & (before ^ added));
    }
    sum
}

/// Slots that a call may be offered to: words of bits that are not zero, in rising order.
#[derive(Clone, Debug, Default)]
pub(super) struct Candidates {
    words: Vec<(usize, u64)>,
}

impl Candidates {
    /// The slots that all sets have in common, less some.
    pub(super) fn of(sets: &[&Bits], less: &[usize]) -> Self {
        let mut words = Vec::new();
        common(sets, |word, bits| {
            let out = less.iter().filter(|slot| *slot / 64 == word);
            let bits = out.fold(bits, |bits, slot| bits & !(1 << (slot % 64)));
            words.extend((bits != 0).then_some((word, bits)));
            ControlFlow::Continue(())
        });
        Self { words }
    }

    /// How many there are.
    pub(super) fn count(&self) -> u32 {
        self.words.iter().map(|(_, bits)| bits.count_ones()).sum()
    }

    /// Takes a slot out.
    pub(super) fn remove(&mut self, slot: usize) {
        if let Ok(place) = self.words.binary_search_by_key(&(slot / 64), |word| word.0) {
            self.words[place].1 &= !(1 << (slot % 64));
            if self.words[place].1 == 0 {
                self.words.remove(place);
            }
        }
    }

    /// Those in a set, and the others.
    fn split(&self, set: &Bits) -> (Self, Self) {
        let part = |of: &dyn Fn(usize) -> u64| {
            let words = self
                .words
                .iter()
                .map(|(word, bits)| (*word, bits & of(*word)));
            Self {
                words: words.filter(|(_, bits)| *bits != 0).collect(),
            }
        };
        (part(&|word| set.word(word)), part(&|word| !set.word(word)))
    }

    /// Keeps only those in a set, if there are any.
    fn prefer(&mut self, set: impl Fn(usize) -> u64) {
        if self.words.iter().any(|(word, bits)| bits & set(*word) != 0) {
            for (word, bits) in &mut self.words {
                *bits &= set(*word);
            }
            self.words.retain(|(_, bits)| *bits != 0);
        }
    }

    /// Keeps only those with the greatest number; `numbers` has the bits for each word, lowest first.
    fn prefer_greatest(&mut self, numbers: Vec<[u64; SUM_BITS]>) {
        let mut rows: Vec<((usize, u64), [u64; SUM_BITS])> = std::mem::take(&mut self.words)
            .into_iter()
            .zip(numbers)
            .collect();
        for bit in (0..SUM_BITS).rev() {
            if rows
                .iter()
                .any(|((_, bits), number)| bits & number[bit] != 0)
            {
                for ((_, bits), number) in &mut rows {
                    *bits &= number[bit];
                }
                rows.retain(|((_, bits), _)| *bits != 0);
            }
        }
        self.words = rows.into_iter().map(|(word, _)| word).collect();
    }

    /// The first of them in line.
    fn first_in(&self, line: &Line, agents: &Slab<Agent>) -> Option<usize> {
        let mut first = None;
        for (word, bits) in &self.words {
            if first.is_some_and(|first| line.is_sorted_to(first)) {
                break;
            }
            for slot in places(*word, *bits) {
                if first.is_none_or(|first| line.is_before(agents, slot, first)) {
                    first = Some(slot);
                }
            }
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_added_64_at_a_time() {
        let bits = |number: u64| (0..3).map(move |bit| if number >> bit & 1 == 1 { !0 } else { 0 });
        let levels = [5, 5, 5, 5, 5, 5, 5, 5, 3, 1];
        for count in 0..=levels.len().min(8) {
            let sum = levels[..count]
                .iter()
                .fold([0; SUM_BITS], |sum, level| add(sum, bits(*level)));
            let read: u64 = (0..SUM_BITS).map(|bit| (sum[bit] & 1) << bit).sum();
            assert_eq!(read, levels[..count].iter().sum::<u64>());
        }
    }
}
