//! Events of calls and the memory of those that are over.

use std::sync::Arc;

use super::super::{
    agent::Work,
    call::{CallRecord, CallState, Phase, Preference, Stay, Tombstone},
    event::Event,
    ids::{AgentId, CallId, OfferId, PoolTime},
    state::{Call, CallIx, EntityKey, State},
    talk::Talk,
};

impl State {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "evolve lists every event and its topic"
    )]
    pub(super) fn evolve_call(&mut self, event: &Event) {
        match event {
            Event::CallQueued {
                call,
                number,
                ahead,
                estimate_ms,
            } => self.put_call(call, *number, *ahead, *estimate_ms),
            Event::CallMissed { call, lost_at } => {
                self.with_call(call, |call| call.lost_at = Some(*lost_at));
            }
            Event::CallFound { call } => self.with_call(call, |call| call.lost_at = None),
            Event::CallMoved { .. } => self.move_call(event),
            Event::PreferenceStarted {
                call,
                agent,
                until,
                held_ms,
            } => self.with_call(call, |call| {
                call.held_ms = *held_ms;
                call.preference = Some(Preference {
                    agent: agent.clone(),
                    until: *until,
                });
            }),
            Event::PreferenceEnded { call, held_ms } => self.with_call(call, |call| {
                (call.preference, call.held_ms) = (None, *held_ms);
            }),
            Event::CallbackRequested { .. }
            | Event::CallbackDue { .. }
            | Event::CallbackDeferred { .. }
            | Event::CallbackPostponed { .. } => self.evolve_callback(event),
            Event::RingEntered { call, ring } => self.with_call(call, |call| {
                call.ring = *ring;
                call.refused.clear();
            }),
            Event::RefusalsForgotten { call } => self.with_call(call, |call| call.refused.clear()),
            Event::CallConnected {
                offer,
                call,
                agent,
                at,
                waited_ms,
                ..
            } => {
                self.connect(*offer, call, agent, *at, *waited_ms);
            }
            Event::TalkNoted { .. } | Event::TalkQuestioned { .. } => self.evolve_talk(event),
            Event::CallEnded { .. } => self.end_call(event),
            other => unreachable!("{other:?} is no event of a call"),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "evolve lists every event and its topic"
    )]
    fn evolve_callback(&mut self, event: &Event) {
        match event {
            Event::CallbackRequested {
                call,
                at,
                due,
                callback,
            } => self.with_call(call, |call| {
                call.callback = Some(*callback);
                call.phase = call.waiting(*at, *due);
            }),
            Event::CallbackDue { call } => self.with_call(call, |call| {
                if let Phase::CallbackWaiting { due, .. } = &mut call.phase {
                    *due = None;
                }
            }),
            Event::CallbackDeferred { call, due: opens } => self.with_call(call, |call| {
                if let Phase::CallbackWaiting { due, .. } = &mut call.phase {
                    *due = Some(*opens);
                }
            }),
            Event::CallbackPostponed {
                call,
                at,
                due,
                attempts_left,
            } => self.with_call(call, |call| {
                if let Some(callback) = &mut call.callback {
                    callback.attempts_left = *attempts_left;
                }
                call.phase = call.waiting(*at, Some(*due));
            }),
            other => unreachable!("{other:?} is no event of a callback"),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "evolve lists every event and its topic"
    )]
    fn evolve_talk(&mut self, event: &Event) {
        match event {
            Event::TalkNoted {
                call,
                agent,
                talk,
                at,
            } => {
                let talk = Talk {
                    kind: *talk,
                    confirmed_at: Some(*at),
                    asked_until: None,
                };
                self.with_call(call, |call| call.talk = talk);
                self.with_agent(agent, |_| ());
            }
            Event::TalkQuestioned {
                call, agent, until, ..
            } => {
                self.with_call(call, |call| call.talk.asked_until = Some(*until));
                self.with_agent(agent, |_| ());
            }
            other => unreachable!("{other:?} is no event of a conversation"),
        }
    }

    fn put_call(
        &mut self,
        record: &Arc<CallRecord>,
        number: u64,
        ahead: u32,
        estimate_ms: Option<u64>,
    ) {
        let state = CallState {
            number,
            phase: Phase::Queued {
                since: record.accepted_at,
            },
            ring: 0,
            ring_from: record.accepted_at,
            refused: Vec::new(),
            rescind: None,
            last_offer: None,
            lost_at: None,
            stay: None,
            ahead,
            estimate_ms,
            preference: None,
            held_ms: 0,
            callback: None,
            assignment: None,
            talk: Talk::default(),
            offers: 0,
            transfers: 0,
        };
        self.counters.next_call = number + 1;
        self.touched.note_counters();
        let ix = self.insert_call(record, state);
        self.touched.note_new_call(ix);
    }

    /// Puts a call with its state into every look-up.
    pub(in crate::engine) fn insert_call(
        &mut self,
        record: &Arc<CallRecord>,
        state: CallState,
    ) -> CallIx {
        let skills = self.intern_all(&record.skills);
        let stay = state.stay.as_ref();
        let at = self.queue_place(stay.map_or(&record.queue, |stay| &stay.queue));
        let ix = self.calls.insert(Call {
            record: Arc::clone(record),
            skills,
            state,
            at,
            timer: None,
            place: None,
            needs: None,
            seat: None,
            preferring: None,
        });
        self.index_call(&record.key, ix);
        self.call_changed(ix);
        ix
    }

    /// Takes a call out of its queue's counts and places before it is counted in another.
    fn move_call(&mut self, event: &Event) {
        let Event::CallMoved {
            call,
            to,
            at,
            ahead,
            wait_from,
            transfer,
            ..
        } = event
        else {
            unreachable!("called for a call moved");
        };
        let ix = self.call(call).expect("a moved call lives");
        self.forget_call_needs(ix);
        self.uncount_call(ix);
        self.calls[ix].at = self.queue_place(to);
        let call = &mut self.calls[ix].state;
        let before = call.stay.take();
        let (before, kept_off) =
            before.map_or((None, None), |stay| (stay.transferred, stay.excluded));
        let transferred = transfer.as_ref().map(|transfer| transfer.offer);
        let passed_on = transfer.as_ref().map(|transfer| transfer.agent.clone());
        call.stay = Some(Box::new(Stay {
            queue: to.clone(),
            wait_from: *wait_from,
            excluded: passed_on.or(kept_off),
            transferred: transferred.or(before),
        }));
        if transfer.is_some() {
            (call.callback, call.assignment) = (None, None);
            call.talk = Talk::default();
            call.phase = call.waiting(*at, None);
            call.transfers = call.transfers.saturating_add(1);
        }
        (call.ring, call.ring_from) = (0, *at);
        (call.ahead, call.estimate_ms) = (*ahead, None);
        (call.preference, call.held_ms) = (None, 0);
        call.refused.clear();
        self.call_changed(ix);
    }

    fn connect(
        &mut self,
        offer: OfferId,
        call: &CallId,
        agent: &AgentId,
        at: PoolTime,
        waited_ms: u64,
    ) {
        self.offers.remove(&offer);
        self.with_call(call, |call| {
            call.preference = None;
            call.phase = Phase::Connected {
                agent: agent.clone(),
                since: at,
                waited_ms,
            };
        });
        let kept = self.is_occupancy_kept;
        let ix = self.named(agent);
        let state = &mut self.agents[ix].state;
        if kept {
            state.begin_busy(at);
        }
        state.work = Work::Connected { call: call.clone() };
        (state.misses, state.failures) = (0, 0);
        self.agent_changed(ix);
        self.agents[ix].no_answers.clear();
    }

    fn end_call(&mut self, event: &Event) {
        let Event::CallEnded {
            call,
            queue,
            first_queue,
            overflow,
            key,
            digest,
            outcome,
            at,
            waited_ms,
            agent,
            forget_at,
            ..
        } = event
        else {
            unreachable!("called for a call ended");
        };
        let ix = self.unindex_call(call, key);
        self.forget_call(ix);
        self.calls.remove(ix);
        self.touched.note_call_ended(ix, call.clone());
        self.put_tombstone(Tombstone {
            id: call.clone(),
            digest: Arc::clone(digest),
            outcome: *outcome,
            queue: queue.clone(),
            first_queue: first_queue.clone(),
            overflow: overflow.clone(),
            key: key.clone(),
            ended_at: *at,
            waited_ms: *waited_ms,
            agent: agent.clone(),
            forget_at: *forget_at,
        });
    }

    /// Keeps the memory of a call that is over.
    pub(in crate::engine) fn put_tombstone(&mut self, tombstone: Tombstone) {
        let (id, due) = (tombstone.id.clone(), tombstone.forget_at);
        self.tombstone_order.insert((due, id.clone()));
        self.tombstones.insert(id, tombstone);
    }

    pub(super) fn remove_tombstone(&mut self, call: &CallId) {
        let tombstone = self
            .tombstones
            .remove(call)
            .expect("a dropped tombstone exists");
        self.tombstone_order
            .remove(&(tombstone.forget_at, call.clone()));
        self.touched.insert(EntityKey::Tombstone(call.clone()));
    }
}
