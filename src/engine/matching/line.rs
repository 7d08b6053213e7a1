//! The line of agents in the order in which they became idle: the slots that the rows' bits stand for.
//!
//! An agent who becomes ready and idle takes the slot after the last, so slots are in order of idle time. The slot is
//! kept while the agent is offered a call, silent or blocked. Those who became idle in the same millisecond stand at
//! the end of the line in any order until time goes on, and are then put in order of their ids. Empty slots are closed
//! by moving a few agents each time one joins, so that no command pays for all.

use super::{
    super::{
        bits::Bits,
        eligibility::HANDLE_CLASSES,
        ids::{AgentId, HandleClass, PoolTime},
        slab::Slab,
        state::{Agent, AgentIx},
    },
    rows::Rows,
};

/// So many slots are looked at, in closing gaps, for each agent who joins.
const SLOTS_LOOKED_AT: usize = 12;
/// Gaps are left alone while there are few, or fewer than agents: then about one agent is moved for each who joins.
const GAPS_LEFT: usize = 64;

/// Bits of the busy time of an hour in ms.
const BUSY_BITS: usize = 22;

/// An agent's place in the line, and when the agent became idle to have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(super) number: usize,
    since: PoolTime,
}

/// The closing of gaps: all before `to` are close, from `to` to `from` is empty.
#[derive(Clone, Copy, Debug)]
struct Sweep {
    to: usize,
    from: usize,
}

/// The line.
#[derive(Debug, Default)]
pub(super) struct Line {
    slots: Vec<Option<AgentIx>>,
    held: usize,
    /// Slots from here on are in any order, and later than those before.
    sorted_to: usize,
    /// When the last in line became idle.
    last_since: PoolTime,
    sweep: Option<Sweep>,
    /// Those who may be offered a call now.
    pub(super) eligible: Bits,
    /// The bits of each agent's busy time, lowest first; none while no queue asks for it.
    busy: Vec<Bits>,
    /// For each handle class, who may be offered calls of it as far as schedules and law say.
    open: [Bits; HANDLE_CLASSES],
    /// How many in line may be offered calls of some classes only.
    narrow: usize,
}

impl Line {
    /// Keeps the agents' busy times, or no longer.
    pub(super) fn keep_busy(&mut self, agents: &Slab<Agent>, keep: bool) {
        if keep == self.busy.is_empty() {
            self.busy = vec![Bits::default(); if keep { BUSY_BITS } else { 0 }];
            for slot in 0..self.slots.len() {
                if let Some(ix) = self.slots[slot] {
                    self.put_busy(slot, agents[ix].state.busy_ms(), true);
                }
            }
        }
    }

    /// The bits of the busy times, lowest first.
    pub(super) fn busy_bits(&self) -> &[Bits] {
        &self.busy
    }

    /// Notes a busy time that is new, or, before it changes, takes it back.
    pub(super) fn put_busy(&mut self, slot: usize, busy_ms: u32, present: bool) {
        for (bit, bits) in self.busy.iter_mut().enumerate() {
            if busy_ms >> bit & 1 == 1 {
                bits.put(slot, present);
            }
        }
    }

    /// Those whom nothing that depends on the handle class keeps from calls of this one; `None` if that is everybody.
    pub(super) fn open(&self, class: HandleClass) -> Option<&Bits> {
        (self.narrow > 0).then(|| &self.open[usize::from(class.0)])
    }

    /// Notes for which handle classes an agent is open, or, before that changes, takes it back.
    pub(super) fn put_open(&mut self, slot: usize, open: u8, present: bool) {
        let classes = usize::from(open);
        if present {
            self.narrow += usize::from(classes < HANDLE_CLASSES);
        } else {
            self.narrow -= usize::from(classes < HANDLE_CLASSES);
        }
        for bits in &mut self.open[..classes] {
            bits.put(slot, present);
        }
    }

    /// The agent in a slot that is not empty.
    pub(super) fn agent(&self, slot: usize) -> AgentIx {
        self.slots[slot].expect("a bit stands for an agent")
    }

    /// Whether the slots up to this one are in order.
    pub(super) fn is_sorted_to(&self, slot: usize) -> bool {
        slot < self.sorted_to
    }

    /// Whether the agent in slot `a` comes before the one in slot `b`.
    pub(super) fn is_before(&self, agents: &Slab<Agent>, a: usize, b: usize) -> bool {
        if self.is_sorted_to(a.min(b)) {
            return a < b;
        }
        self.key(agents, a) < self.key(agents, b)
    }

    fn key<'a>(&self, agents: &'a Slab<Agent>, slot: usize) -> (PoolTime, &'a AgentId) {
        let agent = &agents[self.agent(slot)];
        (agent.state.idle_since, &agent.profile.id)
    }

    /// Brings an agent's place up to date with the agent's state.
    pub(super) fn update(
        &mut self,
        rows: &mut Rows,
        agents: &mut Slab<Agent>,
        ix: AgentIx,
        stands: bool,
        eligible: bool,
    ) {
        let since = agents[ix].state.idle_since;
        if agents[ix]
            .slot
            .is_some_and(|slot| !stands || slot.since != since)
        {
            self.leave(rows, agents, ix);
        }
        if stands && agents[ix].slot.is_none() {
            self.join(rows, agents, ix, since);
        }
        if let Some(slot) = agents[ix].slot {
            self.eligible.put(slot.number, eligible);
        }
    }

    /// Takes an agent out of the line.
    pub(super) fn leave(&mut self, rows: &mut Rows, agents: &mut Slab<Agent>, ix: AgentIx) {
        let Some(slot) = agents[ix].slot.take() else {
            return;
        };
        rows.put_slot(slot.number, &agents[ix], false);
        self.put_busy(slot.number, agents[ix].state.busy_ms(), false);
        self.put_open(slot.number, agents[ix].open, false);
        self.eligible.clear(slot.number);
        self.slots[slot.number] = None;
        self.held -= 1;
    }

    fn join(&mut self, rows: &mut Rows, agents: &mut Slab<Agent>, ix: AgentIx, since: PoolTime) {
        if since > self.last_since {
            self.put_in_order(rows, agents);
            self.last_since = since;
        } else if since < self.last_since {
            // Time does not go back in a pool; a line that did not know better is put in order whole.
            self.sorted_to = 0;
        }
        self.close_gaps(rows, agents);
        let number = self.slots.len();
        self.slots.push(Some(ix));
        self.held += 1;
        agents[ix].slot = Some(Slot { number, since });
        rows.put_slot(number, &agents[ix], true);
        self.put_busy(number, agents[ix].state.busy_ms(), true);
        self.put_open(number, agents[ix].open, true);
    }

    /// Puts those in order who became idle in the same millisecond, once it is over.
    pub(super) fn settle(&mut self, rows: &mut Rows, agents: &mut Slab<Agent>, now: PoolTime) {
        if self.last_since < now {
            self.put_in_order(rows, agents);
        }
    }

    fn put_in_order(&mut self, rows: &mut Rows, agents: &mut Slab<Agent>) {
        let first = self.sorted_to;
        self.sorted_to = self.slots.len();
        if self.sorted_to - first < 2 {
            return;
        }
        let places: Vec<usize> = (first..self.slots.len())
            .filter(|slot| self.slots[*slot].is_some())
            .collect();
        if places.is_sorted_by(|a, b| self.key(agents, *a) < self.key(agents, *b)) {
            return;
        }
        let mut ordered: Vec<(AgentIx, bool)> = places
            .iter()
            .map(|slot| (self.agent(*slot), self.eligible.contains(*slot)))
            .collect();
        ordered.sort_by(|(a, _), (b, _)| {
            let key = |ix: AgentIx| (agents[ix].state.idle_since, &agents[ix].profile.id);
            key(*a).cmp(&key(*b))
        });
        for slot in &places {
            let agent = &agents[self.agent(*slot)];
            rows.put_slot(*slot, agent, false);
            self.put_busy(*slot, agent.state.busy_ms(), false);
            self.put_open(*slot, agent.open, false);
        }
        for (slot, (ix, eligible)) in places.into_iter().zip(ordered) {
            self.place(rows, agents, ix, slot, eligible);
        }
    }

    fn place(
        &mut self,
        rows: &mut Rows,
        agents: &mut Slab<Agent>,
        ix: AgentIx,
        number: usize,
        eligible: bool,
    ) {
        self.slots[number] = Some(ix);
        self.eligible.put(number, eligible);
        let since = agents[ix].state.idle_since;
        agents[ix].slot = Some(Slot { number, since });
        rows.put_slot(number, &agents[ix], true);
        self.put_busy(number, agents[ix].state.busy_ms(), true);
        self.put_open(number, agents[ix].open, true);
    }

    fn close_gaps(&mut self, rows: &mut Rows, agents: &mut Slab<Agent>) {
        let gaps = self.slots.len() - self.held;
        if self.sweep.is_none() && gaps >= GAPS_LEFT && gaps >= self.held {
            self.sweep = Some(Sweep { to: 0, from: 0 });
        }
        let Some(Sweep { mut to, mut from }) = self.sweep.take() else {
            return;
        };
        for _ in 0..SLOTS_LOOKED_AT {
            if from >= self.sorted_to {
                break;
            }
            if let Some(ix) = self.slots[from] {
                self.slide(rows, agents, ix, from, to);
                to += 1;
            }
            from += 1;
        }
        if from < self.slots.len() {
            self.sweep = Some(Sweep { to, from });
        } else {
            self.slots.truncate(to);
            self.sorted_to = to;
        }
    }

    /// Moves an agent down the line into an empty slot, past empty slots only.
    fn slide(
        &mut self,
        rows: &mut Rows,
        agents: &mut Slab<Agent>,
        ix: AgentIx,
        from: usize,
        to: usize,
    ) {
        if from == to {
            return;
        }
        let eligible = self.eligible.contains(from);
        rows.put_slot(from, &agents[ix], false);
        self.put_busy(from, agents[ix].state.busy_ms(), false);
        self.put_open(from, agents[ix].open, false);
        self.eligible.clear(from);
        self.slots[from] = None;
        self.place(rows, agents, ix, to, eligible);
    }

    /// Checks that the line and its bits agree; for tests.
    pub(super) fn check(&self, rows_agree: impl Fn(usize, AgentIx) -> bool, agents: &Slab<Agent>) {
        let taken = self.slots.iter().enumerate();
        let taken = taken.filter_map(|(slot, ix)| Some((slot, (*ix)?)));
        let mut last = None;
        for (slot, ix) in taken.clone() {
            assert_eq!(agents[ix].slot.map(|slot| slot.number), Some(slot));
            assert!(rows_agree(slot, ix), "slot {slot} has its agent's bits");
            let busy = self.busy.iter().enumerate();
            let busy = busy.map(|(bit, bits)| u32::from(bits.contains(slot)) << bit);
            let known = self.busy.is_empty() || busy.sum::<u32>() == agents[ix].state.busy_ms();
            assert!(known, "slot {slot} has its agent's busy time");
            let open = self.open.iter().filter(|bits| bits.contains(slot));
            assert_eq!(
                open.count(),
                usize::from(agents[ix].open),
                "slot {slot} is as open as its agent"
            );
            let key = Some(self.key(agents, slot));
            assert!(
                !self.is_sorted_to(slot) || last < key,
                "slot {slot} is in order"
            );
            last = key;
        }
        assert_eq!(taken.count(), self.held, "the line counts its agents");
    }
}
