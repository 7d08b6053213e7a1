//! Keeps the look-ups beside the state true: deadlines, counts, who is available and what may have gained a match.

use super::{
    agent::{Intent, Line, REASON_LINE_LOST, Rescind, Work},
    call::Phase,
    ids::{CallId, Moment, PlatformKey, PoolTime, QueueId},
    shown::shown,
    slab::IxSet,
    state::{AgentIx, CallIx, DETACHED_NO_OFFERS_MS, EntityKey, Place, State, Timer},
};

/// A line lost this long, outside conversation, makes its agent not ready.
pub(crate) const LINE_LOST_NOT_READY_MS: u64 = 5 * 60_000;
/// A line lost this long, outside conversation, signs its agent out.
pub(crate) const LINE_LOST_OFFLINE_MS: u64 = 30 * 60_000;
/// Refusals are forgotten after this much unbroken waiting.
pub(crate) const REFUSALS_FORGOTTEN_MS: u64 = 30_000;
/// Waiting calls of a platform detached this long are lost.
pub(crate) const DETACHED_LOST_MS: u64 = 5 * 60_000;
/// A call of another system that lasts this long is checked by a person.
pub(crate) const EXTERNAL_CHECK_MS: u64 = 4 * 3_600_000;
/// A platform that is heard and does not confirm a rescinded offer for this long is not waited for any longer.
pub(crate) const RESCIND_PATIENCE_MS: u64 = 60_000;
/// A detached platform without calls is forgotten after this long.
pub(crate) const PLATFORM_FORGOTTEN_MS: u64 = 15 * 60_000;

impl State {
    /// Marks an agent's moving state as changed and brings the look-ups up to date.
    pub(super) fn agent_changed(&mut self, ix: AgentIx) {
        let agent = &mut self.agents[ix];
        let shown = shown(&agent.state);
        if shown != agent.shown {
            (agent.shown, agent.state.since) = (shown, self.now);
        }
        if self.index.is_preferred(ix) {
            self.doubtful_agents.insert(ix);
        }
        self.touched.note_agent(ix);
        if agent.state.draining {
            self.draining.insert(ix);
        }
        if agent.state.registration.is_some() {
            self.registered.insert(ix);
        } else {
            self.registered.remove(ix);
        }
        self.recount_agent(ix);
        if self.reindex_agent(ix) {
            self.fresh_agents.insert(ix);
        } else {
            self.fresh_agents.remove(ix);
        }
        let due = self.agent_deadline(ix);
        let before = std::mem::replace(&mut self.agents[ix].timer, due);
        self.retime(before, due, Timer::Agent(ix));
    }

    /// Marks a call's moving state as changed and brings the look-ups up to date.
    pub(super) fn call_changed(&mut self, ix: CallIx) {
        self.touched.note_call(ix);
        let offerable = self.is_offerable(&self.calls[ix]);
        if offerable {
            self.fresh_calls.insert(ix);
        } else {
            self.fresh_calls.remove(ix);
        }
        self.reindex_call(ix, offerable);
        self.count_call(ix);
        let due = self.call_deadline(ix);
        let before = std::mem::replace(&mut self.calls[ix].timer, due);
        self.retime(before, due, Timer::Call(ix));
    }

    /// Marks a platform as changed, with the deadlines of all that wait for it.
    pub(super) fn platform_changed(&mut self, key: &PlatformKey) {
        self.touched.insert(EntityKey::Platform(key.clone()));
        self.retime_platform(key);
        self.reindex_platform(key);
        for ix in self.calls_of(key) {
            self.call_changed(ix);
        }
        let rescinding = self.offers.values().copied().filter(|ix| {
            self.agents[*ix]
                .state
                .rescind
                .as_ref()
                .is_some_and(|rescind| rescind.key == *key)
        });
        for ix in rescinding.collect::<Vec<_>>() {
            self.agent_changed(ix);
        }
    }

    /// Sets when a platform is forgotten: a while after it detached, while it has no calls.
    pub(super) fn retime_platform(&mut self, key: &PlatformKey) {
        let has_calls = self
            .platform_calls
            .get(key)
            .is_some_and(|calls| !calls.is_empty());
        let Some(platform) = self.platforms.get_mut(key) else {
            return;
        };
        let detached_at = platform.detached_at.filter(|_| !has_calls);
        let due = detached_at.map(|since| since.plus(PLATFORM_FORGOTTEN_MS));
        let before = std::mem::replace(&mut platform.timer, due);
        if before != due {
            self.retime(before, due, Timer::Platform(key.clone()));
        }
    }

    /// The live calls of a platform, in order of place.
    pub(crate) fn calls_of(&self, key: &PlatformKey) -> Vec<CallIx> {
        self.platform_calls
            .get(key)
            .map(IxSet::to_vec)
            .unwrap_or_default()
    }

    /// Takes an agent out of every look-up.
    pub(super) fn forget_agent(&mut self, ix: AgentIx) {
        self.unindex_agent(ix);
        if self.index.is_preferred(ix) {
            self.doubtful_agents.insert(ix);
        }
        self.fresh_agents.remove(ix);
        self.registered.remove(ix);
        self.draining.remove(ix);
        let before = self.agents[ix].timer.take();
        self.retime(before, None, Timer::Agent(ix));
    }

    /// Takes a call out of every look-up.
    pub(super) fn forget_call(&mut self, ix: CallIx) {
        self.fresh_calls.remove(ix);
        self.calls[ix].state.preference = None;
        self.reindex_preference(ix);
        self.forget_call_needs(ix);
        self.uncount_call(ix);
        let before = self.calls[ix].timer.take();
        self.retime(before, None, Timer::Call(ix));
    }

    /// Moves a deadline.
    pub(super) fn retime(&mut self, before: Option<PoolTime>, due: Option<PoolTime>, timer: Timer) {
        if before == due {
            return;
        }
        if let Some(before) = before {
            self.timers.remove(before, &timer);
        }
        if let Some(due) = due {
            self.timers.insert(due, timer);
        }
    }

    /// The earliest deadline.
    pub(crate) fn next_deadline(&self) -> Option<PoolTime> {
        let tombstone = self.tombstone_order.first().map(|(due, _)| *due);
        let turn = self.turns.first().map(|(due, _)| *due);
        [self.timers.next(), tombstone, turn]
            .into_iter()
            .flatten()
            .min()
    }

    /// A queue that opens or closes now, or whose time is to be looked at again.
    pub(super) fn next_turn(&self, at: Moment) -> Option<QueueId> {
        let by_calendar = self.wall_turns.first().filter(|(turn, _)| *turn <= at.wall);
        let by_clock = self.turns.first().filter(|(due, _)| *due <= at.now);
        let queue = by_calendar.map(|(_, queue)| queue);
        queue.or_else(|| by_clock.map(|(_, queue)| queue)).cloned()
    }

    /// What is due by now, the earliest first. The memories of calls that are over have an order of their own.
    pub(super) fn next_due(&self, now: PoolTime) -> Option<(PoolTime, Timer)> {
        if self.next_deadline().is_none_or(|due| due > now) {
            return None;
        }
        let tombstone = self.tombstone_order.first().filter(|(due, _)| *due <= now);
        let tombstone = tombstone.map(|(due, call)| (*due, Timer::Tombstone(call.clone())));
        [self.timers.due(now), tombstone]
            .into_iter()
            .flatten()
            .min()
    }

    fn count_call(&mut self, ix: CallIx) {
        let weight = self.queue_of(&self.calls[ix]).weight;
        let call = &self.calls[ix];
        let place = match call.state.phase {
            Phase::Queued { .. } => Place::Waiting(call.standing(weight)),
            Phase::CallbackWaiting { .. } => Place::Callback,
            Phase::Offered(_) | Phase::Connecting(_) => Place::Offered,
            Phase::Connected { .. } => Place::Connected,
        };
        self.touched.show_queue(call.at);
        if call.place == Some(place) {
            return;
        }
        self.uncount_call(ix);
        let call = &mut self.calls[ix];
        call.place = Some(place);
        let wait_from = call.wait_from();
        let counts = &mut self.queues[call.at];
        match place {
            Place::Waiting(standing) => {
                counts.waiting.insert((wait_from, ix));
                counts.line.join(standing);
            }
            Place::Callback => drop(counts.callbacks.insert(ix)),
            Place::Offered => counts.offered += 1,
            Place::Connected => counts.connected += 1,
        }
    }

    pub(super) fn uncount_call(&mut self, ix: CallIx) {
        let call = &mut self.calls[ix];
        let Some(place) = call.place.take() else {
            return;
        };
        let wait_from = call.wait_from();
        let counts = &mut self.queues[call.at];
        match place {
            Place::Waiting(standing) => {
                counts.waiting.remove(&(wait_from, ix));
                counts.line.leave(&standing);
            }
            Place::Callback => drop(counts.callbacks.remove(&ix)),
            Place::Offered => counts.offered -= 1,
            Place::Connected => counts.connected -= 1,
        }
        self.touched.show_queue(call.at);
    }

    fn agent_deadline(&self, ix: AgentIx) -> Option<PoolTime> {
        let state = &self.agents[ix].state;
        let work = match &state.work {
            Work::WrapUp { until, .. } => *until,
            Work::External { until } => Some(*until),
            Work::Idle | Work::Offered { .. } | Work::Connected { .. } => None,
        };
        let released = state
            .rescind
            .as_ref()
            .map(|rescind| self.rescind_deadline(rescind));
        let held = state.hold.as_ref().map(|hold| hold.until);
        let absent = state.absence.map(|absence| absence.until);
        let registered = state.registration.as_ref().map(|said| said.until);
        let said = [state.bad_line_until, absent, registered];
        [work, released, held, self.line_deadline(ix)]
            .into_iter()
            .chain(said)
            .flatten()
            .min()
    }

    /// When a dead offer's leg counts as gone: 5 s after its platform's stream was lost or replaced, or when its patience
    /// with a platform that says nothing is over.
    pub(crate) fn rescind_deadline(&self, rescind: &Rescind) -> PoolTime {
        match self.platforms.get(&rescind.key) {
            None => rescind.since,
            Some(platform) => match platform.detached_at {
                Some(lost_at) => lost_at.plus(DETACHED_NO_OFFERS_MS),
                None if rescind.since < platform.hello_at => {
                    platform.hello_at.plus(DETACHED_NO_OFFERS_MS)
                }
                None => rescind.since.plus(RESCIND_PATIENCE_MS),
            },
        }
    }

    fn line_deadline(&self, ix: AgentIx) -> Option<PoolTime> {
        let state = &self.agents[ix].state;
        let since = match state.line {
            Line::Up => return None,
            Line::Silent { lost_at, .. } => return Some(lost_at),
            Line::Lost { since } => since,
        };
        let in_hand = matches!(state.work, Work::Connected { .. } | Work::Offered { .. });
        if in_hand || state.intent == Intent::Offline {
            return None;
        }
        let told =
            matches!(&state.intent, Intent::NotReady(reason) if &**reason == REASON_LINE_LOST);
        let offline = since.plus(LINE_LOST_OFFLINE_MS);
        Some(if told {
            offline
        } else {
            since.plus(LINE_LOST_NOT_READY_MS)
        })
    }

    fn call_deadline(&self, ix: CallIx) -> Option<PoolTime> {
        let call = &self.calls[ix];
        let phase = match &call.state.phase {
            Phase::Queued { since } => self.queued_deadline(ix, *since),
            Phase::CallbackWaiting { since, due } => self.callback_deadline(ix, *since, *due),
            Phase::Offered(offer) | Phase::Connecting(offer) => Some(offer.lease_until),
            Phase::Connected { since, .. } => self.talk_deadline(ix, *since),
        };
        [phase, call.state.lost_at].into_iter().flatten().min()
    }

    /// When a conversation is to be asked about, or its platform has not answered.
    fn talk_deadline(&self, ix: CallIx, since: PoolTime) -> Option<PoolTime> {
        let call = &self.calls[ix];
        let talk = &call.state.talk;
        let limit_ms = self.queue_of(call).spec.longest_call_ms;
        let last = talk.confirmed_at.unwrap_or(since);
        let asked = (limit_ms > 0).then(|| last.plus(limit_ms));
        talk.asked_until.or(asked)
    }

    /// The next ring, or the end of refusals.
    fn waiting_deadline(&self, ix: CallIx, since: PoolTime) -> Option<PoolTime> {
        let call = &self.calls[ix];
        let queue = self.queue_of(call);
        let next_ring = queue.rings.get(usize::from(call.state.ring) + 1);
        let kept = call.state.preference.as_ref().map(|hold| hold.until);
        let ring = next_ring.map(|ring| call.state.ring_clock().plus(ring.after_ms));
        let forgotten = (!call.state.refused.is_empty()).then(|| since.plus(REFUSALS_FORGOTTEN_MS));
        [kept, ring, forgotten].into_iter().flatten().min()
    }

    fn queued_deadline(&self, ix: CallIx, since: PoolTime) -> Option<PoolTime> {
        let call = &self.calls[ix];
        let queue = self.queue_of(call);
        let limit = queue.spec.time_out_ms;
        let time_out = (limit > 0).then(|| call.state.ring_from.plus(limit));
        let overflow = self.overflows_after_ms(queue);
        let overflow = overflow.map(|after_ms| call.state.ring_from.plus(after_ms));
        let lost = self
            .detached_at(&call.record.key)
            .map(|since| since.plus(DETACHED_LOST_MS));
        let leaves = queue.ends_waiting() || self.leaves(queue).is_some();
        let closed = leaves.then_some(since);
        let waiting = self.waiting_deadline(ix, since);
        [waiting, overflow, time_out, lost, closed]
            .into_iter()
            .flatten()
            .min()
    }

    fn callback_deadline(
        &self,
        ix: CallIx,
        since: PoolTime,
        due: Option<PoolTime>,
    ) -> Option<PoolTime> {
        let call = &self.calls[ix];
        let until = call.state.callback.map(|callback| callback.until);
        let queue = self.queue_of(call);
        let out_of_hours = queue.is_shut() && due.is_none();
        let closed = (queue.ends_waiting() || out_of_hours).then_some(since);
        [self.waiting_deadline(ix, since), due, until, closed]
            .into_iter()
            .flatten()
            .min()
    }

    /// Registers a new agent under its id.
    pub(super) fn index_agent(&mut self, ix: AgentIx) {
        let agents = &self.agents;
        let name = |ix: AgentIx| agents[ix].profile.id.as_str();
        self.agent_index.insert(ix, name);
    }

    /// Registers a new call under its id and its platform.
    pub(super) fn index_call(&mut self, key: &PlatformKey, ix: CallIx) {
        let calls = &self.calls;
        let name = |ix: CallIx| calls[ix].record.id.as_str();
        self.call_index.insert(ix, name);
        if let Some(calls) = self.platform_calls.get_mut(key).filter(|it| !it.is_empty()) {
            calls.insert(ix);
            return;
        }
        let calls = self.platform_calls.entry(key.clone()).or_default();
        calls.insert(ix);
        self.retime_platform(key);
    }

    /// Takes a call that is over from its id and its platform.
    pub(super) fn unindex_call(&mut self, id: &CallId, key: &PlatformKey) -> CallIx {
        let calls = &self.calls;
        let name = |ix: CallIx| calls[ix].record.id.as_str();
        let ix = self.call_index.remove(id.as_str(), name);
        let ix = ix.expect("a call that ends lives");
        let calls = self.platform_calls.get_mut(key);
        let calls = calls.expect("the platform of a live call is known");
        calls.remove(ix);
        if calls.is_empty() {
            self.retime_platform(key);
        }
        ix
    }
}
