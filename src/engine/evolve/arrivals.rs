//! What events count of arrivals, and what is imported beside it.

use std::sync::Arc;

use super::super::{
    arrivals::{Tally, Turned, minute_of, place},
    event::{Event, Outcome, VolumeKind},
    ids::{AgentId, QueueId, WallTime},
    peaks::Demand,
    queues::QueueIx,
    state::{EntityKey, Queue, State},
    volumes::Volumes,
};

impl State {
    /// Counts what an event says of arrivals; before the event changes the call.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "most events say nothing of arrivals"
    )]
    pub(super) fn count_arrivals(&mut self, event: &Event) {
        match event {
            Event::CallQueued { call, .. } => self.tally(self.queue_place(&call.queue), |tally| {
                tally.arrived = tally.arrived.saturating_add(1);
                tally.offered = tally.offered.saturating_add(1);
            }),
            Event::CallDiverted {
                queue, first: true, ..
            } => self.tally(self.queue_place(queue), |tally| {
                tally.arrived = tally.arrived.saturating_add(1);
            }),
            Event::CallMoved {
                from, to, transfer, ..
            } => {
                if let Some(talk) = transfer {
                    self.tally_talk(from, &talk.agent, talk.talked_ms);
                }
                self.tally(self.queue_place(to), |tally| {
                    tally.offered = tally.offered.saturating_add(1);
                });
            }
            Event::CallConnected {
                call,
                agent,
                in_queue_ms,
                callback: false,
                ..
            } => {
                let queue = self.calls[self.call(call).expect("a connected call lives")].at;
                let kind = self.kind_of(agent);
                self.tally(queue, |tally| {
                    tally.answered[kind] = tally.answered[kind].saturating_add(1);
                    tally.waited_ms = tally.waited_ms.saturating_add(*in_queue_ms);
                });
            }
            Event::CallEnded { .. } => self.tally_end(event),
            Event::WrapUpEnded {
                agent,
                queue: Some(queue),
                lasted_ms: Some(ms),
                ..
            } => {
                let kind = self.kind_of(agent);
                if let Some(queue) = self.queues.place(queue) {
                    self.tally(queue, |tally| {
                        tally.handle_ms[kind] = tally.handle_ms[kind].saturating_add(*ms);
                    });
                }
            }
            _ => {}
        }
    }

    fn tally_end(&mut self, event: &Event) {
        let Event::CallEnded {
            queue,
            outcome,
            agent,
            talked_ms,
            in_queue_ms,
            callback,
            ..
        } = event
        else {
            return;
        };
        if let Some(agent) = agent {
            self.tally_talk(queue, agent, *talked_ms);
        }
        if *outcome == Outcome::Abandoned && !callback {
            self.tally(self.queue_place(queue), |tally| {
                tally.abandoned = tally.abandoned.saturating_add(1);
                tally.waited_ms = tally.waited_ms.saturating_add(*in_queue_ms);
            });
        }
    }

    fn tally_talk(&mut self, queue: &QueueId, agent: &AgentId, talked_ms: u64) {
        let kind = self.kind_of(agent);
        self.tally(self.queue_place(queue), |tally| {
            tally.handled[kind] = tally.handled[kind].saturating_add(1);
            tally.handle_ms[kind] = tally.handle_ms[kind].saturating_add(talked_ms);
        });
    }

    fn kind_of(&self, agent: &AgentId) -> usize {
        place(self.agents[self.named(agent)].profile.site.kind)
    }

    /// The calendar's time now, as far as events have told it.
    pub(in crate::engine) fn wall_now(&self) -> WallTime {
        let now = i64::try_from(self.now.0).unwrap_or(i64::MAX);
        WallTime(now.saturating_add(self.counters.wall_ahead_ms))
    }

    fn tally(&mut self, ix: QueueIx, count: impl FnOnce(&mut Tally)) {
        let minute = minute_of(self.wall_now());
        let Queue { spec, current, .. } = &mut self.queues[ix];
        let at = (minute, i64::from(self.limits.arrival_days));
        let turned = self.kept.tally(&spec.id, current, at, count);
        if let Some(turned) = turned {
            self.note_turned(turned);
        }
        self.touched.note_queue(ix);
    }

    fn note_turned(&mut self, turned: Turned) {
        for (day, queue) in turned.changed {
            self.touched.insert(EntityKey::Arrivals(day, queue));
        }
        for (day, queue) in turned.history {
            self.touched.insert(EntityKey::History(day, queue));
        }
        for (day, queue) in turned.forecast {
            self.touched.insert(EntityKey::Forecast(day, queue));
        }
        if turned.missed {
            self.touched.insert(EntityKey::Missed);
        }
    }

    /// The calendar is so far ahead of the pool's clock from now on; in between nothing is known.
    pub(super) fn set_calendar(&mut self, ahead_ms: i64, from: WallTime, until: WallTime) {
        self.counters.wall_ahead_ms = ahead_ms;
        self.touched.note_counters();
        self.miss(from, until);
        // What was foreseen by the calendar comes at another moment now.
        self.look_anew();
    }

    /// Nothing was counted in a span.
    pub(super) fn miss(&mut self, from: WallTime, until: WallTime) {
        self.kept.missed.add(from, until);
        self.touched.insert(EntityKey::Missed);
    }

    /// What a platform says of a minute's arrivals.
    pub(super) fn count_reported(&mut self, queue: &QueueId, minute: WallTime, arrivals: u32) {
        let ix = self.queue_place(queue);
        let minute = minute_of(minute);
        let now = minute_of(self.wall_now());
        if minute == now {
            return self.tally(ix, |tally| tally.report(arrivals));
        }
        if !self.queues[ix].current.report(minute, arrivals) {
            let at = (now, i64::from(self.limits.arrival_days));
            let turned = self.kept.report(queue, (minute, arrivals), at);
            self.note_turned(turned);
        }
        self.touched.note_queue(ix);
    }

    /// Keeps imported days in the place of those that are there.
    pub(super) fn put_volumes(
        &mut self,
        queue: &QueueId,
        kind: VolumeKind,
        days: &[(i64, Arc<Volumes>)],
    ) {
        for (day, volumes) in days {
            let place = (*day, queue.clone());
            let volumes = Arc::clone(volumes);
            let entity = match kind {
                VolumeKind::History => {
                    self.kept.history.insert(place.clone(), volumes);
                    EntityKey::History(place.0, place.1)
                }
                VolumeKind::Forecast => {
                    self.kept.forecast.insert(place.clone(), volumes);
                    EntityKey::Forecast(place.0, place.1)
                }
            };
            self.touched.insert(entity);
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "evolve lists every event and its topic"
    )]
    pub(super) fn evolve_demand(&mut self, event: &Event) {
        match event {
            Event::SiteLoadReported { queue, load, .. } => {
                if let Some(arrivals) = load.arrivals {
                    self.count_reported(queue, load.minute, arrivals);
                }
                self.with_demand(queue, |demand| {
                    if load.is_newest(demand.site.as_ref()) {
                        demand.site = Some(*load);
                    }
                });
            }
            Event::IntervalJudged {
                queue, judgement, ..
            } => {
                self.with_demand(queue, |demand| demand.judged = Some((**judgement).clone()));
            }
            Event::PeakStarted { queue, peak } => {
                self.with_demand(queue, |demand| demand.peak = Some((**peak).clone()));
                self.retime_waiting(queue);
            }
            Event::PeakChanged { queue, peak, .. } => {
                self.with_demand(queue, |demand| demand.peak = Some((**peak).clone()));
            }
            Event::PeakEnded {
                queue, rests_until, ..
            } => {
                self.with_demand(queue, |demand| {
                    demand.peak = None;
                    demand.rests_until = Some(*rests_until);
                });
                self.retime_waiting(queue);
            }
            other => unreachable!("{other:?} is no event of demand"),
        }
    }

    fn with_demand(&mut self, queue: &QueueId, change: impl FnOnce(&mut Demand)) {
        self.with_queue(self.queue_place(queue), |queue| {
            change(Arc::make_mut(queue.demand.get_or_insert_default()));
        });
    }
}
