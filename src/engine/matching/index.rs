//! The index as the engine uses it: kept true by what changes, asked by what was freed.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

use super::{
    super::{
        agent::{Intent, Work},
        bits::{Bits, common},
        eligibility::blocked,
        guard::Guard,
        ids::{CallId, HandleClass, PlatformKey, PoolTime},
        service::Balance,
        slab::Slab,
        spec::Selection,
        state::{Agent, AgentIx, CallIx, DETACHED_NO_OFFERS_MS, SkillNeed, State},
        urgency::{Precedence, Rank},
    },
    line::Line,
    requirements::{NeedsIx, NeedsKey, Requirements},
    rows::{GroupPlace, SiteMask},
    selection::Ranking,
    waiting::{TreeKey, Waiting},
};

/// Look-ups of agents by what they have and how long they are idle, and of waiting calls by what they need.
#[derive(Debug, Default)]
pub(crate) struct Index {
    pub(super) requirements: Requirements,
    pub(super) line: Line,
    pub(super) waiting: Waiting,
    /// The calls that are kept for a preferred agent.
    pub(super) preferring: BTreeMap<AgentIx, BTreeSet<CallIx>>,
    everybody: Bits,
    signed_in: Bits,
    /// Platforms that are no longer heard, and when their calls stop being offered.
    unheard: Vec<(PoolTime, PlatformKey)>,
}

impl Index {
    /// Whether nobody at all may be offered a call.
    pub(in crate::engine) fn is_nobody_eligible(&self) -> bool {
        self.line.eligible.count() == 0
    }

    /// Keeps the agents' busy times, or no longer.
    pub(in crate::engine) fn keep_busy(&mut self, agents: &Slab<Agent>, keep: bool) {
        self.line.keep_busy(agents, keep);
    }

    /// Whether calls are kept for an agent.
    pub(in crate::engine) fn is_preferred(&self, ix: AgentIx) -> bool {
        self.preferring.contains_key(&ix)
    }

    /// How many waiting calls are found by what they need.
    pub(in crate::engine) fn seated(&self) -> usize {
        self.waiting.len()
    }

    /// Whether any agent has what is needed; of those signed in only, if asked.
    pub(in crate::engine) fn anybody_has(&self, needs: NeedsIx, signed_in: bool) -> bool {
        let mut sets = Vec::with_capacity(10);
        sets.push(if signed_in {
            &self.signed_in
        } else {
            &self.everybody
        });
        self.requirements.people(needs, &mut sets);
        let mut found = false;
        common(&sets, |_, _| {
            found = true;
            ControlFlow::Break(())
        });
        found
    }

    /// Whether anybody who has what is needed may be offered a call now.
    pub(in crate::engine) fn anybody_free(&self, needs: NeedsIx, class: HandleClass) -> bool {
        if self.is_nobody_eligible() {
            return false;
        }
        let mut sets = Vec::with_capacity(10);
        sets.push(&self.line.eligible);
        sets.extend(self.line.open(class));
        self.requirements.line(needs, &mut sets);
        let mut found = false;
        common(&sets, |_, _| {
            found = true;
            ControlFlow::Break(())
        });
        found
    }
}

impl State {
    /// The waiting call that an agent would be offered on becoming free now.
    pub(in crate::engine) fn call_for(&self, ix: AgentIx) -> Option<&CallId> {
        let (_, call) = self.first_waiting(ix, |_| true)?;
        Some(&self.calls[call].record.id)
    }

    /// The most urgent waiting call that an agent may take, if the agent is eligible.
    pub(super) fn first_call_for(&self, ix: AgentIx) -> Option<(Precedence, CallIx)> {
        let eligible = self.is_in_line(&self.agents[ix]);
        eligible.then(|| self.first_waiting(ix, |_| true)).flatten()
    }

    /// The most urgent call of the queues in `lanes` that has what an agent has, kept for the agent or for nobody.
    pub(super) fn first_waiting(
        &self,
        ix: AgentIx,
        lanes: impl Fn(u16) -> bool,
    ) -> Option<(Precedence, CallIx)> {
        let kept = self.first_kept(ix, &lanes);
        let of_lane = |lane: Option<u16>| match lane {
            Some(lane) => lanes(lane).then(|| self.balance_of_lane(lane)),
            None => Some(Balance::default()),
        };
        let agent = &self.agents[ix];
        let waiting = &self.index.waiting;
        let seated = waiting.first_for(agent, &self.calls, self.now, of_lane);
        kept.max(seated)
    }

    fn balance_of_lane(&self, lane: u16) -> Balance {
        if !self.is_balanced {
            return Balance::default();
        }
        let spec = self.spec.as_ref().expect("a lane is a queue of the pool");
        let queue = &spec.queues[usize::from(lane)].id;
        self.balance(&self.queues[queue])
    }

    /// Whether an agent may be offered a call now.
    pub(super) fn is_in_line(&self, agent: &Agent) -> bool {
        let slot = agent.slot.map(|slot| slot.number);
        slot.is_some_and(|slot| self.index.line.eligible.contains(slot))
    }

    /// The place of a requirement: a ring's skills and sites with a call's own skills.
    pub(in crate::engine) fn needs(
        &mut self,
        ring: &[SkillNeed],
        own: &[SkillNeed],
        sites: SiteMask,
    ) -> NeedsIx {
        let key = NeedsKey::new(ring, own, sites);
        self.index.requirements.intern(key, &self.agents)
    }

    /// Keeps a requirement for as long as a ring names it.
    pub(in crate::engine) fn keep_needs(&mut self, needs: NeedsIx) {
        self.index.requirements.acquire(needs);
    }

    /// Keeps the rows that put a ring's candidates in order.
    pub(in crate::engine) fn keep_ranking(
        &mut self,
        selection: Selection,
        groups: &[GroupPlace],
        skills: &[SkillNeed],
    ) -> Ranking {
        let requirements = &mut self.index.requirements;
        Ranking::acquire(requirements, &self.agents, selection, groups, skills)
    }

    /// Notes an agent's busy time that is new, or, before it changes, takes it back.
    pub(in crate::engine) fn index_busy(&mut self, ix: AgentIx, present: bool) {
        let agent = &self.agents[ix];
        if let Some(slot) = agent.slot {
            let busy_ms = agent.state.busy_ms();
            self.index.line.put_busy(slot.number, busy_ms, present);
        }
    }

    /// Lets go of the requirements of the present configuration and of all calls, before there is another.
    pub(in crate::engine) fn forget_needs(&mut self) {
        for queue in self.queues.iter() {
            for ring in &queue.rings {
                self.index.requirements.release(ring.needs);
                ring.ranking.release(&mut self.index.requirements);
            }
        }
        for ix in self.calls.iter().map(|(ix, _)| ix).collect::<Vec<_>>() {
            self.forget_call_needs(ix);
        }
        self.index.waiting.clear();
    }

    /// Takes a call out of the index.
    pub(in crate::engine) fn forget_call_needs(&mut self, ix: CallIx) {
        self.unseat(ix);
        if let Some((_, needs)) = self.calls[ix].needs.take() {
            self.index.requirements.release(needs);
        }
    }

    /// Brings what a call needs up to date with its ring, and takes it from its seat if it may not be offered there.
    pub(in crate::engine) fn reindex_call(&mut self, ix: CallIx, offerable: bool) {
        self.reindex_preference(ix);
        let offerable = offerable && self.calls[ix].state.preference.is_none();
        let call = &self.calls[ix];
        let ring = call.state.ring;
        if call.needs.is_some_and(|(of_ring, _)| of_ring == ring) {
            if !offerable {
                self.unseat(ix);
            }
            return;
        }
        self.forget_call_needs(ix);
        let needs = self.needs_of(ix);
        self.index.requirements.acquire(needs);
        self.calls[ix].needs = Some((ring, needs));
    }

    fn needs_of(&mut self, ix: CallIx) -> NeedsIx {
        let call = &self.calls[ix];
        let ring = self.ring_of(call);
        if call.skills.is_empty() {
            return ring.needs;
        }
        let key = NeedsKey::new(&ring.skills, &call.skills, ring.sites);
        self.index.requirements.intern(key, &self.agents)
    }

    fn unseat(&mut self, ix: CallIx) {
        if let Some(seat) = self.calls[ix].seat.take() {
            self.index.waiting.unseat(seat, ix);
        }
    }

    /// Seats the freed calls that still wait, so that agents find them.
    pub(super) fn seat_fresh_calls(&mut self) {
        for ix in self.fresh_calls.take() {
            let call = &self.calls[ix];
            let seatable = call.seat.is_none() && call.state.preference.is_none();
            if seatable && self.is_offerable(call) {
                self.seat(ix);
            }
        }
    }

    fn seat(&mut self, ix: CallIx) {
        let call = &self.calls[ix];
        let queue = self.queue_of(call);
        let (weight, class) = (queue.weight, queue.class);
        let lane = self.are_queues_apart.then_some(queue.lane);
        let number = call.state.number;
        let rank = Rank::of(call.record.head_start_ms, weight, call.wait_from(), number);
        let (_, needs) = call.needs.expect("a live call has its needs");
        let needs = &self.index.requirements[needs];
        let sites = needs.sites();
        let key = TreeKey {
            weight,
            sites,
            lane,
            class,
        };
        let waiting = &mut self.index.waiting;
        let seat = waiting.seat(key, &needs.path, rank, ix);
        self.calls[ix].seat = Some(seat);
    }

    /// Notes that a platform is heard, or since when it is not.
    pub(in crate::engine) fn reindex_platform(&mut self, key: &PlatformKey) {
        self.index.unheard.retain(|(_, unheard)| unheard != key);
        if let Some(since) = self.detached_at(key) {
            let due = since.plus(DETACHED_NO_OFFERS_MS);
            self.index.unheard.push((due, key.clone()));
        }
    }

    /// Takes the calls of platforms that have been silent for too long from their seats.
    pub(super) fn unseat_unheard(&mut self) {
        let now = self.now;
        while let Some(place) = self.index.unheard.iter().position(|(due, _)| *due <= now) {
            let (_, key) = self.index.unheard.swap_remove(place);
            for ix in self.calls_of(&key) {
                self.unseat(ix);
            }
        }
    }

    /// Notes what an agent has, once the record is new or changed; `before` takes back what the record said before.
    pub(in crate::engine) fn reindex_profile(&mut self, ix: AgentIx, before: bool) {
        let rows = &mut self.index.requirements.rows;
        let agent = &self.agents[ix];
        rows.put_person(ix, agent, !before);
        if let Some(slot) = agent.slot {
            rows.put_slot(slot.number, agent, !before);
        }
        self.index.everybody.put(ix.number(), !before);
    }

    /// Brings an agent's place in the line up to date, and says whether the agent may be offered a call.
    pub(in crate::engine) fn reindex_agent(&mut self, ix: AgentIx) -> bool {
        let agent = &self.agents[ix];
        let state = &agent.state;
        let stands = state.intent == Intent::Ready
            && matches!(state.work, Work::Idle | Work::Offered { .. });
        let eligible = is_eligible(agent, self.guards.get(ix));
        let index = &mut self.index;
        index.signed_in.put(
            ix.number(),
            state.intent != Intent::Offline && !state.draining,
        );
        let rows = &mut index.requirements.rows;
        index
            .line
            .update(rows, &mut self.agents, ix, stands, eligible);
        eligible
    }

    /// Notes for which handle classes an agent is open.
    pub(in crate::engine) fn reindex_open(&mut self, ix: AgentIx, open: u8) {
        let before = std::mem::replace(&mut self.agents[ix].open, open);
        if let Some(slot) = self.agents[ix].slot {
            self.index.line.put_open(slot.number, before, false);
            self.index.line.put_open(slot.number, open, true);
        }
    }

    /// Takes an agent out of the index.
    pub(in crate::engine) fn unindex_agent(&mut self, ix: AgentIx) {
        let index = &mut self.index;
        let rows = &mut index.requirements.rows;
        index.line.leave(rows, &mut self.agents, ix);
        index.signed_in.clear(ix.number());
        self.reindex_profile(ix, true);
    }

    /// Checks that the index agrees with the state; for tests.
    pub(in crate::engine) fn check_index(&self) {
        let requirements = &self.index.requirements;
        let rows = &requirements.rows;
        self.index.line.check(
            |slot, ix| rows.agree(slot, ix, &self.agents[ix]),
            &self.agents,
        );
        for (ix, agent) in self.agents.iter() {
            let slot = agent.slot.map(|slot| slot.number);
            let marked = slot.is_some_and(|slot| self.index.line.eligible.contains(slot));
            let guard = self.guards.get(ix);
            assert_eq!(marked, is_eligible(agent, guard), "{:?}", agent.profile.id);
            assert_eq!(agent.open, Guard::open_of(guard), "{:?}", agent.profile.id);
            assert!(self.index.everybody.contains(ix.number()));
        }
        let seated = self.calls.iter().filter(|(_, call)| call.seat.is_some());
        assert_eq!(seated.count(), self.index.waiting.len());
        for (ix, call) in self.calls.iter() {
            let kept = call.preferring.is_some_and(|agent| {
                let calls = self.index.preferring.get(&agent);
                calls.is_some_and(|calls| calls.contains(&ix))
            });
            assert_eq!(kept, call.state.preference.is_some());
            let found = kept || call.seat.is_some() || self.fresh_calls.contains(ix);
            assert!(found || !self.is_offerable(call), "{:?}", call.record.id);
        }
    }
}

/// Whether an agent may be offered a call of the shortest class. Who may be offered longer ones is told by the line's bits.
fn is_eligible(agent: &Agent, guard: Option<&Guard>) -> bool {
    let blocked = || blocked(agent, guard, HandleClass::SHORTEST);
    agent.state.is_available() && blocked().reasons.is_empty()
}
