//! Events of queues, and what other events count in them.

use std::sync::Arc;

use super::super::{
    event::{Event, Outcome},
    ids::{CallId, PoolTime, QueueId},
    queue::QueueState,
    queues::QueueIx,
    serve::Opening,
    service::Service,
    state::{CallIx, Queue, State, Timer},
};

impl State {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "evolve lists every event and its topic"
    )]
    pub(super) fn evolve_queue(&mut self, event: &Event) {
        match event {
            Event::QueueHalted { queue, halt } => {
                self.with_queue(self.queue_place(queue), |queue| {
                    queue.halt = Some(Arc::clone(halt));
                });
                self.retime_waiting(queue);
            }
            Event::QueueResumed { queue, .. } => {
                self.with_queue(self.queue_place(queue), |queue| queue.halt = None);
                self.retime_waiting(queue);
            }
            Event::QueueOpened { queue, opening, .. } | Event::QueueShut { queue, opening, .. } => {
                self.with_queue(self.queue_place(queue), |queue| {
                    queue.opening = Some(*opening);
                });
                self.retime_waiting(queue);
            }
            Event::QueueTurnMoved { queue, opening } => {
                self.with_queue(self.queue_place(queue), |queue| {
                    queue.opening = Some(*opening);
                });
            }
            Event::CalendarSet {
                ahead_ms,
                from,
                until,
            } => self.set_calendar(*ahead_ms, *from, *until),
            Event::ArrivalsMissed { from, until } => self.miss(*from, *until),
            Event::VolumesImported { queue, kind, days } => self.put_volumes(queue, *kind, days),
            Event::SiteLoadReported { .. }
            | Event::IntervalJudged { .. }
            | Event::PeakStarted { .. }
            | Event::PeakChanged { .. }
            | Event::PeakEnded { .. } => self.evolve_demand(event),
            other => unreachable!("{other:?} is no event of a queue"),
        }
    }

    /// Changes what moves of a queue.
    pub(in crate::engine) fn with_queue(
        &mut self,
        ix: QueueIx,
        change: impl FnOnce(&mut QueueState),
    ) {
        let queue = &mut self.queues[ix];
        let until = |state: &QueueState| state.halt.as_ref().and_then(|halt| halt.until);
        let peak_end = |state: &QueueState| state.peak().map(|peak| peak.ends_at);
        let (before, opening) = (until(&queue.state), queue.state.opening);
        let peak_before = peak_end(&queue.state);
        change(&mut queue.state);
        let (due, opened) = (until(&queue.state), queue.state.opening);
        let peak_due = peak_end(&queue.state);
        let moves = before != due || opening != opened || peak_before != peak_due;
        let id = moves.then(|| queue.spec.id.clone());
        if let Some(id) = id {
            self.retime_turn(&id, opening, opened);
            self.retime(before, due, Timer::Queue(id.clone()));
            self.retime(peak_before, peak_due, Timer::Peak(id));
        }
        self.touched.note_queue(ix);
    }

    /// Moves the time at which a queue opens or closes.
    pub(super) fn retime_turn(
        &mut self,
        id: &QueueId,
        before: Option<Opening>,
        after: Option<Opening>,
    ) {
        if before == after {
            return;
        }
        let turn = |opening: Option<Opening>| {
            let opening = opening?;
            Some((opening.due?, opening.turns_at?))
        };
        if let Some((due, wall)) = turn(before) {
            self.turns.remove(&(due, id.clone()));
            self.wall_turns.remove(&(wall, id.clone()));
        }
        if let Some((due, wall)) = turn(after) {
            self.turns.insert((due, id.clone()));
            self.wall_turns.insert((wall, id.clone()));
        }
    }

    /// Takes a queue that left the configuration out of every look-up.
    pub(super) fn forget_queue(&mut self, gone: &Queue) {
        let id = gone.spec.id.clone();
        let due = gone.state.halt.as_ref().and_then(|halt| halt.until);
        self.retime(due, None, Timer::Queue(id.clone()));
        self.retime_turn(&id, gone.state.opening, None);
        let peak_due = gone.state.peak().map(|peak| peak.ends_at);
        self.retime(peak_due, None, Timer::Peak(id.clone()));
        self.touched.note_queue_gone(id);
    }

    /// Calls that wait may end now, or no more, because of the halt; those of other queues may overflow here, or not.
    pub(super) fn retime_waiting(&mut self, id: &QueueId) {
        let queues = self.queues.iter();
        let concerned = queues.filter(|queue| {
            let source = queue.spec.overflow_inside() == Some(id);
            source || queue.spec.id == *id
        });
        let waiting = concerned.flat_map(|queue| {
            let on_a_line = queue.waiting.iter().map(|(_, ix)| ix);
            on_a_line.chain(&queue.callbacks).copied()
        });
        for ix in waiting.collect::<Vec<CallIx>>() {
            self.call_changed(ix);
        }
    }

    /// Counts what an event says of a queue's service; before the event changes the call.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "most events say nothing of service"
    )]
    pub(super) fn count_service(&mut self, event: &Event) {
        match event {
            Event::CallQueued { call, .. } => {
                self.count(self.queue_place(&call.queue), Service::offer);
            }
            Event::CallDiverted {
                queue, first: true, ..
            } => self.count(self.queue_place(queue), Service::divert),
            Event::CallMoved {
                call,
                from,
                to,
                transfer,
                ..
            } => {
                let [from, to] = [from, to].map(|queue| self.queue_place(queue));
                self.count(from, Service::move_out);
                self.count(to, Service::move_in);
                if transfer.is_none() && self.is_callback(call) {
                    self.count(to, |service, now| service.request_callback(now, now));
                }
            }
            Event::CallbackRequested { call, .. } => {
                let (queue, offered, _) = self.offered(call);
                self.count(queue, |service, now| {
                    service.request_callback(offered, now);
                });
            }
            Event::CallConnected {
                call,
                callback: true,
                ..
            } => {
                let (queue, offered, _) = self.offered(call);
                self.count(queue, |service, now| service.answer_callback(offered, now));
            }
            Event::CallConnected {
                call, in_target, ..
            } => {
                let (queue, offered, ahead) = self.offered(call);
                self.count(queue, |service, now| {
                    service.answer(offered, ahead, now, *in_target);
                });
            }
            Event::CallEnded {
                call,
                outcome: Outcome::Abandoned,
                in_target,
                ..
            } => {
                let (queue, offered, _) = self.offered(call);
                self.count(queue, |service, now| {
                    service.abandon(offered, now, *in_target);
                });
            }
            _ => {}
        }
    }

    fn is_callback(&self, call: &CallId) -> bool {
        let ix = self.call(call).expect("a moved call lives");
        self.calls[ix].state.callback.is_some()
    }

    fn count(&mut self, queue: QueueIx, change: impl FnOnce(&mut Service, PoolTime)) {
        let now = self.now;
        self.with_queue(queue, |queue| {
            change(Arc::make_mut(&mut queue.service), now);
        });
    }

    /// The queue of a call, when it was offered there, and how many came before it.
    fn offered(&self, call: &CallId) -> (QueueIx, PoolTime, u32) {
        let ix = self.call(call).expect("an event names a call that lives");
        let call = &self.calls[ix];
        let state = &call.state;
        (call.at, state.ring_from, state.ahead)
    }
}
