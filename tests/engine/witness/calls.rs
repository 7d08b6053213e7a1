//! How calls come, and change their queue.

use std::collections::BTreeSet;

use homeshore::engine::{
    call::CallRecord,
    event::{Event, Outcome},
    ids::AgentId,
    serve::ServeMode,
    spec::PoolSpec,
};

use super::{SeenCall, SeenCallback, Witness};

impl Witness {
    /// Calls stay in rings that their queues have.
    pub(super) fn see_spec(&mut self, spec: &PoolSpec) {
        for call in self.calls.values_mut() {
            let queue = spec
                .queues
                .iter()
                .find(|queue| queue.id.as_str() == call.queue);
            call.ring = call
                .ring
                .min(queue.expect("a live call's queue stays").rings.len() - 1);
        }
        let stays = |id: &str| spec.queues.iter().any(|queue| queue.id.as_str() == id);
        self.halted.retain(|id, _| stays(id));
        self.open.retain(|id, _| {
            let mut queues = spec.queues.iter();
            let queue = queues.find(|queue| queue.id.as_str() == id);
            queue.is_some_and(|queue| queue.serve.mode != ServeMode::Always)
        });
        self.spec = Some(spec.clone());
    }

    pub(super) fn see_queued(&mut self, call: &CallRecord, number: u64) {
        self.accepted += 1;
        let seen = SeenCall {
            queue: call.queue.to_string(),
            key: call.key.clone(),
            skills: call
                .skills
                .iter()
                .map(|s| (s.skill.to_string(), s.level))
                .collect(),
            number,
            head_start_ms: i128::from(call.head_start_ms),
            wait_from: call.wait_from.0,
            in_queue_from: call.wait_from.0,
            ring: 0,
            refused: BTreeSet::new(),
            kept: None,
            offer: None,
            connected: None,
            confirmed: 0,
            asked_until: None,
            excluded: None,
            callback: None,
            held: None,
            missed: false,
        };
        assert!(
            self.calls.insert(call.id.clone(), seen).is_none(),
            "accepted once"
        );
    }

    /// A conversation is asked about when it has lasted as long as its queue says, since it began or was last confirmed.
    pub(super) fn see_talk(&mut self, now: u64, event: &Event) {
        let limit_ms = |witness: &Self, queue: &str| {
            let queues = &witness.spec.as_ref().expect("a pool").queues;
            let queue = queues.iter().find(|spec| spec.id.as_str() == queue);
            queue.expect("a queue").longest_call_ms
        };
        let id = event.call().expect("it is about a call");
        let seen = &self.calls[id];
        let began = seen.connected.expect("a conversation");
        let due = began.max(seen.confirmed) + limit_ms(self, &seen.queue);
        let call = self.calls.get_mut(id).unwrap();
        match event {
            Event::TalkNoted { .. } => (call.confirmed, call.asked_until) = (now, None),
            Event::TalkQuestioned { until, .. } => {
                assert!(now >= due, "{id} is asked about too early");
                call.asked_until = Some(until.0);
            }
            other => panic!("{other:?} is nothing of a conversation"),
        }
    }

    /// A conversation that is given up leaves nobody ready who did not ask for it.
    pub(super) fn see_end_of_talk(
        &self,
        seen: &SeenCall,
        now: u64,
        outcome: Outcome,
        agent: Option<&AgentId>,
    ) {
        let overdue = seen.asked_until.is_some_and(|until| until <= now) && !seen.missed;
        if let Some(agent) = agent.filter(|_| overdue && outcome == Outcome::Lost) {
            assert!(!self.agents[agent].ready, "{agent} is to be checked");
        }
    }

    /// A callback gives up its line, is tried again later, and at last not any more.
    pub(super) fn see_callback(&mut self, now: u64, event: &Event) {
        let Some(call) = event.call().and_then(|id| self.calls.get_mut(id)) else {
            panic!("{event:?} is about a live call");
        };
        let waits = call.connected.is_none() && call.offer.is_none();
        assert!(waits, "a callback waits");
        match event {
            Event::CallbackRequested { due, callback, .. } => {
                assert!(call.callback.is_none(), "asked for once");
                call.callback = Some(SeenCallback {
                    due: due.is_none(),
                    not_before: due.map_or(now, |due| due.0),
                    attempts_left: callback.attempts_left,
                    until: callback.until.0,
                });
            }
            Event::CallbackPostponed {
                due, attempts_left, ..
            } => {
                let callback = call.callback.as_mut().expect("it is a callback");
                assert!(due.0 > now && *attempts_left > 0, "there is a next try");
                assert_eq!(*attempts_left + 1, callback.attempts_left);
                (callback.not_before, callback.attempts_left) = (due.0, *attempts_left);
                callback.due = false;
            }
            Event::CallbackDeferred { due, .. } => {
                let callback = call.callback.as_mut().expect("it is a callback");
                assert!(due.0 > now && due.0 <= callback.until, "at the opening");
                (callback.not_before, callback.due) = (due.0, false);
            }
            Event::CallbackDue { .. } => {
                let callback = call.callback.as_mut().expect("it is a callback");
                assert!(callback.not_before <= now, "when it is due");
                callback.due = true;
            }
            other => panic!("{other:?} is not of a callback"),
        }
    }

    /// A callback ends by itself only when it was not reached, and no other call does so.
    pub(super) fn see_end_of_callback(call: &SeenCall, now: u64, outcome: Outcome) {
        let Some(callback) = &call.callback else {
            return assert_ne!(outcome, Outcome::Unreached);
        };
        match outcome {
            Outcome::Abandoned | Outcome::Overflowed | Outcome::TimedOut => {
                panic!("a callback has no line: {outcome:?}")
            }
            Outcome::Unreached => {
                assert!(callback.attempts_left == 1 || callback.until <= now);
            }
            Outcome::Handled | Outcome::Lost | Outcome::Cancelled => {}
        }
    }

    /// A move keeps the wait, and begins the queue's rings and its service-level clock.
    pub(super) fn see_move(&mut self, now: u64, event: &Event) {
        let Event::CallMoved {
            call,
            from,
            to,
            wait_from,
            waited_ms,
            in_queue_ms,
            transfer,
            ..
        } = event
        else {
            return;
        };
        let call = self.calls.get_mut(call).unwrap();
        assert!(call.offer.is_none(), "an offered call is not moved");
        assert_eq!(call.connected.is_some(), transfer.is_some());
        // The wait stands still in conversation, and goes on where it was.
        let until = call.connected.take().unwrap_or(now);
        assert_eq!(call.queue, from.as_str());
        assert_eq!(*waited_ms, until - call.wait_from);
        assert_eq!(wait_from.0, call.wait_from + (now - until));
        assert_eq!(*in_queue_ms, until - call.in_queue_from);
        call.wait_from = wait_from.0;
        if transfer.is_some() {
            call.callback = None;
        }
        let passed_on = transfer.as_ref().map(|transfer| transfer.agent.clone());
        call.excluded = passed_on.or_else(|| call.excluded.take());
        (call.queue, call.kept) = (to.to_string(), None);
        (call.ring, call.refused, call.in_queue_from) = (0, BTreeSet::new(), now);
        let spec = self.spec.as_ref().unwrap();
        assert!(spec.queues.iter().any(|queue| queue.id == *to));
    }

    pub(super) fn see_offer_end(&mut self, event: &Event) {
        let Event::OfferEnded {
            offer,
            call,
            agent,
            at,
            cause,
            rescind,
            ..
        } = event
        else {
            return;
        };
        let seen = self.calls.get_mut(call).unwrap();
        assert_eq!(
            seen.offer.take(),
            Some((*offer, agent.clone())),
            "the open offer ends"
        );
        let refusal = matches!(cause.label(), "declined" | "no_answer");
        if refusal {
            seen.refused.insert(agent.clone());
        }
        seen.held = rescind.then_some(*offer);
        let seen = self.agents.get_mut(agent).unwrap();
        (seen.busy, seen.held) = (false, rescind.then_some(*offer));
        if refusal {
            seen.idle_since = at.0;
            seen.times.fix(self.spec.as_ref(), at.0);
        }
    }

    pub(super) fn see_preference(&mut self, event: &Event) {
        if let Event::PreferenceStarted {
            call, agent, until, ..
        } = event
        {
            assert!(self.agents[agent].signed_in, "{agent} may come");
            self.calls.get_mut(call).unwrap().kept = Some((agent.clone(), until.0));
        } else if let Event::PreferenceEnded { call, .. } = event {
            let kept = self.calls.get_mut(call).unwrap().kept.take();
            assert!(kept.is_some(), "{call} was kept");
        }
    }

    pub(super) fn see_release(&mut self, event: &Event) {
        let Event::RescindReleased { offer, call, agent } = event else {
            return;
        };
        if let Some(call) = self.calls.get_mut(call).filter(|c| c.held == Some(*offer)) {
            call.held = None;
        }
        let held = self.agents.get_mut(agent).unwrap().held.take();
        assert_eq!(held, Some(*offer), "released once");
    }
}
