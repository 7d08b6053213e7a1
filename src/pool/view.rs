//! The view of a pool that readers share: as of the last commit, kept from what each batch touched.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use tokio::sync::watch;

use super::{
    rows::{QueueRow, Row},
    sites::{SiteRow, Sites},
};
use crate::{
    clock::PoolClock,
    engine::{
        estimate::{Estimate, WaitingLine},
        ids::{AgentId, CallId, PlatformKey, PoolId, PoolTime, QueueId},
        numbers::{AgentStates, PoolNumbers},
        outage::{Domain, Outage},
        spec::PoolSpec,
        view::{AgentView, CallView, LiveCall, Touched},
    },
    store::{EVENTS_PER_REVISION, event_number},
};

/// Most removed entities that are remembered for readers who resume.
const REMOVED_MAX: usize = 10_000;

/// A live call's place in lists: when it was accepted, and its id.
pub type Place = (PoolTime, CallId);

/// What readers see of a pool.
#[derive(Debug)]
pub struct SharedView {
    pool: PoolId,
    state: RwLock<PoolView>,
    revision: watch::Sender<u64>,
}

/// An entity that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removed {
    /// An agent.
    Agent(AgentId),
    /// A queue.
    Queue(QueueId),
}

/// Everything as of one revision.
#[derive(Debug)]
pub struct PoolView {
    pub(super) revision: u64,
    pub(super) event_number: u64,
    pub(super) clock: PoolClock,
    pub(super) spec: Option<Arc<PoolSpec>>,
    pub(super) calls: BTreeMap<CallId, Row<CallView>>,
    pub(super) agents: BTreeMap<AgentId, Row<AgentView>>,
    pub(super) queues: BTreeMap<QueueId, QueueRow>,
    live: BTreeSet<Place>,
    live_of_queue: BTreeMap<QueueId, BTreeSet<Place>>,
    live_of_platform: BTreeMap<PlatformKey, BTreeSet<Place>>,
    /// The calls that wait on a line in each queue, in its order.
    lines: BTreeMap<QueueId, WaitingLine>,
    agents_by_change: BTreeSet<(u64, AgentId)>,
    states: AgentStates,
    sites: Sites,
    outages: BTreeMap<Domain, Outage>,
    removed: VecDeque<(u64, Removed)>,
    /// Changes after this revision are all known.
    known_since: u64,
}

/// The revision that an event number belongs to.
pub fn revision_of(event_number: u64) -> u64 {
    event_number / EVENTS_PER_REVISION
}

/// The event number that lies so many commits before another.
pub fn commits_before(event_number: u64, commits: u64) -> u64 {
    event_number.saturating_sub(commits.saturating_mul(EVENTS_PER_REVISION))
}

impl SharedView {
    pub(super) fn new(pool: PoolId) -> Self {
        Self {
            pool,
            state: RwLock::new(PoolView::new(
                PoolClock::start(PoolTime::default(), None),
                0,
            )),
            revision: watch::Sender::new(0),
        }
    }

    /// The pool's id.
    pub fn pool(&self) -> &PoolId {
        &self.pool
    }

    /// Everything, for a short, synchronous look.
    pub fn read(&self) -> RwLockReadGuard<'_, PoolView> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, PoolView> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes with each new revision.
    pub fn revisions(&self) -> watch::Receiver<u64> {
        self.revision.subscribe()
    }

    pub(super) fn announce(&self, revision: u64) {
        self.revision.send_replace(revision);
    }

    /// Wakes with each change of a call.
    pub fn watch_call(&self, id: &CallId) -> Option<watch::Receiver<u64>> {
        self.write().calls.get_mut(id).map(Row::subscribe)
    }

    /// Wakes with each change of an agent.
    pub fn watch_agent(&self, id: &AgentId) -> Option<watch::Receiver<u64>> {
        self.write().agents.get_mut(id).map(Row::subscribe)
    }
}

impl PoolView {
    /// Of a pool that has nothing yet.
    pub fn new(clock: PoolClock, revision: u64) -> Self {
        Self {
            revision,
            event_number: event_number(revision, 0),
            clock,
            spec: None,
            calls: BTreeMap::new(),
            agents: BTreeMap::new(),
            queues: BTreeMap::new(),
            live: BTreeSet::new(),
            live_of_queue: BTreeMap::new(),
            live_of_platform: BTreeMap::new(),
            lines: BTreeMap::new(),
            agents_by_change: BTreeSet::new(),
            states: AgentStates::default(),
            sites: Sites::default(),
            outages: BTreeMap::new(),
            removed: VecDeque::new(),
            known_since: revision,
        }
    }

    /// Replaces everything with what was loaded; those who wait for an entity go on waiting for it.
    pub(super) fn reset(
        &mut self,
        clock: PoolClock,
        revision: u64,
        spec: Option<&Arc<PoolSpec>>,
        views: Vec<Touched>,
    ) {
        let mut before = std::mem::replace(self, Self::new(clock, revision));
        self.spec = spec.cloned();
        for view in views {
            self.touch(view, revision);
        }
        for (id, row) in &mut self.calls {
            if let Some(old) = before.calls.remove(id) {
                row.inherit(old);
            }
        }
        for (id, row) in &mut self.agents {
            if let Some(old) = before.agents.remove(id) {
                row.inherit(old);
            }
        }
    }

    /// Takes over one entity as of `revision`.
    pub fn touch(&mut self, touched: Touched, revision: u64) {
        match touched {
            Touched::Call(id, view) => self.touch_call(id, view.map(|view| *view), revision),
            Touched::Agent(id, view) => self.touch_agent(id, view.map(|view| *view), revision),
            Touched::Outage(domain, outage) => self.touch_outage(domain, outage),
            Touched::Site(id, drained) => self.sites.drain(&id, drained),
            Touched::Queue(id, Some(queue)) => {
                let changed = revision;
                self.queues.insert(id, QueueRow { queue, changed });
            }
            Touched::Queue(id, None) => {
                self.lines.remove(&id);
                if self.queues.remove(&id).is_some() {
                    self.remember_removed(revision, Removed::Queue(id));
                }
            }
        }
    }

    fn touch_outage(&mut self, domain: Domain, outage: Option<Outage>) {
        match outage {
            Some(outage) => drop(self.outages.insert(domain, outage)),
            None => drop(self.outages.remove(&domain)),
        }
    }

    fn touch_call(&mut self, id: CallId, view: Option<CallView>, revision: u64) {
        if let Some(row) = self.calls.get(&id)
            && let CallView::Live(old) = &*Arc::clone(&row.value)
        {
            self.unlist(old);
        }
        let Some(view) = view else {
            self.calls.remove(&id);
            return;
        };
        if let CallView::Live(call) = &view {
            self.list(call);
        }
        set_row(&mut self.calls, id, view, revision);
    }

    fn list(&mut self, call: &LiveCall) {
        let record = &call.record;
        let place = (record.accepted_at, record.id.clone());
        let of_queue = self.live_of_queue.entry(call.queue.clone()).or_default();
        of_queue.insert(place.clone());
        let of_platform = self.live_of_platform.entry(record.key.clone()).or_default();
        of_platform.insert(place.clone());
        self.live.insert(place);
        if let Some(standing) = &call.standing {
            let line = self.lines.entry(call.queue.clone()).or_default();
            line.join(**standing);
        }
    }

    fn unlist(&mut self, call: &LiveCall) {
        let record = &call.record;
        let place = (record.accepted_at, record.id.clone());
        self.live.remove(&place);
        remove_from(&mut self.live_of_queue, &call.queue, &place);
        remove_from(&mut self.live_of_platform, &record.key, &place);
        if let Some(standing) = &call.standing
            && let Some(line) = self.lines.get_mut(&call.queue)
        {
            line.leave(standing);
        }
    }

    fn touch_agent(&mut self, id: AgentId, view: Option<AgentView>, revision: u64) {
        let old = self.agents.get(&id).map(|row| &*row.value);
        self.sites.recount(old, view.as_ref());
        if let Some(old) = self.agents.get(&id) {
            self.agents_by_change.remove(&(old.changed, id.clone()));
            self.states.remove(&old.value);
        }
        let Some(view) = view else {
            if self.agents.remove(&id).is_some() {
                self.remember_removed(revision, Removed::Agent(id));
            }
            return;
        };
        self.states.add(&view);
        self.agents_by_change.insert((revision, id.clone()));
        set_row(&mut self.agents, id, view, revision);
    }

    fn remember_removed(&mut self, revision: u64, removed: Removed) {
        if self.removed.len() == REMOVED_MAX
            && let Some((forgotten, _)) = self.removed.pop_front()
        {
            self.known_since = forgotten;
        }
        self.removed.push_back((revision, removed));
    }

    /// Revision of the last commit.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Number of the last event.
    pub fn event_number(&self) -> u64 {
        self.event_number
    }

    /// The pool's time now.
    pub fn now(&self) -> PoolTime {
        self.clock.now()
    }

    /// The configuration, if there is one.
    pub fn spec(&self) -> Option<&Arc<PoolSpec>> {
        self.spec.as_ref()
    }

    /// A call and its change number.
    pub fn call(&self, id: &CallId) -> Option<&Row<CallView>> {
        self.calls.get(id)
    }

    /// An agent and the change number.
    pub fn agent(&self, id: &AgentId) -> Option<&Row<AgentView>> {
        self.agents.get(id)
    }

    /// The numbers of the pool at `now`.
    pub fn numbers(&self, now: PoolTime) -> PoolNumbers {
        let queues = self.queues().map(|row| &row.queue);
        let drained = self.sites.drained();
        PoolNumbers::new(queues, self.states, drained, self.outages(), now)
    }

    /// How many agents are in each state.
    pub fn agent_states(&self) -> &AgentStates {
        &self.states
    }

    /// How many agents there are.
    pub fn count_agents(&self) -> usize {
        self.agents.len()
    }

    /// How many calls live, and how many that ended are remembered.
    pub fn count_calls(&self) -> (usize, usize) {
        (self.live.len(), self.calls.len() - self.live.len())
    }

    /// The outages that are not over, by domain.
    pub fn outages(&self) -> impl Iterator<Item = &Outage> {
        self.outages.values()
    }

    /// The sites after the id `after`, by id.
    pub fn sites_after(&self, after: Option<&str>) -> impl Iterator<Item = (&Arc<str>, &SiteRow)> {
        self.sites.after(after)
    }

    /// Whether all that changed after `revision` is known.
    pub fn knows_since(&self, revision: u64) -> bool {
        (self.known_since..=self.revision).contains(&revision)
    }

    /// A queue.
    pub fn queue(&self, id: &QueueId) -> Option<&QueueRow> {
        self.queues.get(id)
    }

    /// The queues, by id.
    pub fn queues(&self) -> impl Iterator<Item = &QueueRow> {
        self.queues.values()
    }

    /// Up to `limit` agents after the id `after`, by id.
    pub fn agents_after<'a>(
        &'a self,
        after: Option<&AgentId>,
    ) -> impl Iterator<Item = (&'a AgentId, &'a Row<AgentView>)> + use<'a> {
        use std::ops::Bound::{Excluded, Unbounded};
        let from = after.map_or(Unbounded, |id| Excluded(id.clone()));
        self.agents.range((from, Unbounded))
    }

    /// The agents that changed after `revision`, oldest change first.
    pub fn agents_changed_after(
        &self,
        revision: u64,
    ) -> impl Iterator<Item = (&AgentId, &Row<AgentView>)> {
        self.agents_by_change
            .range((revision + 1, AgentId::new(""))..)
            .filter_map(|(_, id)| self.agents.get_key_value(id))
    }

    /// What was removed after `revision`, and has not come back.
    pub fn removed_after(&self, revision: u64) -> impl Iterator<Item = &Removed> {
        self.removed
            .iter()
            .filter(move |(at, _)| *at > revision)
            .map(|(_, removed)| removed)
            .filter(|removed| match removed {
                Removed::Agent(id) => !self.agents.contains_key(id),
                Removed::Queue(id) => !self.queues.contains_key(id),
            })
    }

    /// Live calls after the place `after`, oldest first; only those of `queue`, if given.
    pub fn live_calls<'a>(
        &'a self,
        queue: Option<&QueueId>,
        after: Option<Place>,
    ) -> impl Iterator<Item = &'a Row<CallView>> + use<'a> {
        use std::ops::Bound::{Excluded, Unbounded};
        let from = after.map_or(Unbounded, Excluded);
        let places = match queue {
            Some(queue) => self.live_of_queue.get(queue),
            None => Some(&self.live),
        };
        places
            .into_iter()
            .flat_map(move |places| places.range((from.clone(), Unbounded)))
            .filter_map(|(_, id)| self.calls.get(id))
    }

    /// Live calls of a platform's instance after the place `after`, oldest first.
    pub fn calls_of(
        &self,
        key: &PlatformKey,
        after: Option<Place>,
    ) -> impl Iterator<Item = &Row<CallView>> {
        use std::ops::Bound::{Excluded, Unbounded};
        let from = after.map_or(Unbounded, Excluded);
        let places = self.live_of_platform.get(key).into_iter();
        places
            .flat_map(move |places| places.range((from.clone(), Unbounded)))
            .filter_map(|(_, id)| self.calls.get(id))
    }

    /// As [`Self::place`], of a row.
    pub fn place_of(&self, row: &Row<CallView>, now: PoolTime) -> Option<Estimate> {
        match &*row.value {
            CallView::Live(call) => self.place(call, now),
            CallView::Over(_) => None,
        }
    }

    /// How many calls of its queue come before a call that waits on a line, and how long it is likely to wait from now
    /// on; none of a call that does not.
    pub fn place(&self, call: &LiveCall, now: PoolTime) -> Option<Estimate> {
        let queue = &self.queues.get(&call.queue)?.queue;
        let line = self.lines.get(&call.queue)?;
        let last = queue.state.service.last.as_ref();
        Some(line.estimate(call.standing.as_deref()?, last, now))
    }

    /// Whether the pool has a queue of this id.
    pub fn has_queue(&self, queue: &QueueId) -> bool {
        self.queues.contains_key(queue)
    }
}

/// Empty sets go: names of platforms come from outside and must not pile up.
fn remove_from<K: Ord>(lists: &mut BTreeMap<K, BTreeSet<Place>>, key: &K, place: &Place) {
    if let Some(list) = lists.get_mut(key) {
        list.remove(place);
        if list.is_empty() {
            lists.remove(key);
        }
    }
}

fn set_row<K: Ord, V>(rows: &mut BTreeMap<K, Row<V>>, id: K, value: V, revision: u64) {
    match rows.get_mut(&id) {
        Some(row) => row.set(value, revision),
        None => {
            rows.insert(id, Row::new(value, revision));
        }
    }
}
