//! The side of the calls: who of the eligible agents a call is offered to.

use std::ops::ControlFlow;

use super::{
    super::{
        bits::{Bits, common, places},
        ids::{HandleClass, QueueId},
        profile::SkillLevel,
        slab::Slab,
        state::{Agent, CallIx, SkillNeed, State},
    },
    CANDIDATES_COUNTED, Choice,
    index::Index,
    line::Line,
    requirements::{NeedsIx, NeedsKey},
    selection::{Candidates, Ranking},
};

impl Index {
    /// Those who may be offered a call of these needs, less those in the given slots.
    fn choose(
        &self,
        agents: &Slab<Agent>,
        needs: NeedsIx,
        class: HandleClass,
        ranking: &Ranking,
        refused: &[usize],
    ) -> Found {
        let mut sets = Vec::with_capacity(10);
        sets.push(&self.line.eligible);
        sets.extend(self.line.open(class));
        self.requirements.line(needs, &mut sets);
        if ranking.is_line() {
            self.choose_in_line(agents, &sets, refused)
        } else {
            self.choose_ranked(agents, &sets, ranking, refused)
        }
    }

    fn choose_ranked(
        &self,
        agents: &Slab<Agent>,
        sets: &[&Bits],
        ranking: &Ranking,
        refused: &[usize],
    ) -> Found {
        let mut candidates = Candidates::of(sets, refused);
        let count = candidates.count();
        let first = |candidates: &Candidates| {
            ranking.first(candidates, &self.requirements, &self.line, agents)
        };
        let best = first(&candidates);
        let next = best.and_then(|best| {
            candidates.remove(best);
            first(&candidates)
        });
        Found { best, next, count }
    }

    /// The first two in the order of the line.
    fn choose_in_line(&self, agents: &Slab<Agent>, sets: &[&Bits], refused: &[usize]) -> Found {
        let mut found = Found::default();
        common(sets, |word, bits| {
            let out = refused.iter().filter(|slot| *slot / 64 == word);
            let bits = out.fold(bits, |bits, slot| bits & !(1 << (slot % 64)));
            let settled = found.next.is_some_and(|next| self.line.is_sorted_to(next));
            if settled {
                found.count += bits.count_ones();
            } else {
                for slot in places(word, bits) {
                    found.add(&self.line, agents, slot);
                }
            }
            if settled && found.count > CANDIDATES_COUNTED {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        found
    }
}

/// What a look along the line found: the first two, and how many there are.
#[derive(Default)]
struct Found {
    best: Option<usize>,
    next: Option<usize>,
    count: u32,
}

impl Found {
    fn add(&mut self, line: &Line, agents: &Slab<Agent>, slot: usize) {
        self.count += 1;
        let before = |other: Option<usize>| other.is_none_or(|o| line.is_before(agents, slot, o));
        if before(self.best) {
            self.next = self.best.replace(slot);
        } else if before(self.next) {
            self.next = Some(slot);
        }
    }
}

impl State {
    /// The agent that a call would be offered to now.
    pub(in crate::engine) fn choose(&mut self, call: CallIx) -> Option<Choice> {
        if self.calls[call].state.preference.is_some() {
            return self.choose_preferred(call);
        }
        self.settle_line();
        let call = &self.calls[call];
        let (_, needs) = call.needs.expect("a live call has its needs");
        let slot = |id| self.agents[self.agent(id)?].slot.map(|slot| slot.number);
        let refused: Vec<usize> = call.state.kept_off().filter_map(slot).collect();
        let class = self.queue_of(call).class;
        self.choice(needs, class, &self.ring_of(call).ranking, &refused)
    }

    /// The agent that a call of a queue, with these skills of its own, would be offered to now.
    pub(in crate::engine) fn choose_for(
        &mut self,
        queue: &QueueId,
        own: &[SkillLevel],
    ) -> Option<Choice> {
        let ring = self.queues.get(queue)?.rings.first()?;
        let need = |own: &SkillLevel| {
            let skill = *self.skills.get(&own.skill)?;
            let level = own.level;
            Some(SkillNeed { skill, level })
        };
        let own: Vec<SkillNeed> = own.iter().map(need).collect::<Option<_>>()?;
        let needs = if own.is_empty() {
            ring.needs
        } else {
            let key = NeedsKey::new(&ring.skills, &own, ring.sites);
            self.index.requirements.intern(key, &self.agents)
        };
        self.settle_line();
        let queue = &self.queues[queue];
        self.choice(needs, queue.class, &queue.rings[0].ranking, &[])
    }

    fn settle_line(&mut self) {
        let index = &mut self.index;
        let rows = &mut index.requirements.rows;
        index.line.settle(rows, &mut self.agents, self.now);
    }

    fn choice(
        &self,
        needs: NeedsIx,
        class: HandleClass,
        ranking: &Ranking,
        refused: &[usize],
    ) -> Option<Choice> {
        let index = &self.index;
        let found = index.choose(&self.agents, needs, class, ranking, refused);
        let id = |slot| self.agents[self.index.line.agent(slot)].profile.id.clone();
        Some(Choice {
            agent: id(found.best?),
            candidates: found.count.min(CANDIDATES_COUNTED + 1),
            runner_up: found.next.map(id),
        })
    }
}
