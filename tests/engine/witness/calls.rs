//! How calls come, and change their queue.

use std::collections::BTreeSet;

use homeshore::engine::{call::CallRecord, event::Event, spec::PoolSpec};

use super::{SeenCall, Witness};

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
            excluded: None,
            held: None,
            missed: false,
        };
        assert!(
            self.calls.insert(call.id.clone(), seen).is_none(),
            "accepted once"
        );
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
        call.excluded = transfer.as_ref().map(|transfer| transfer.agent.clone());
        (call.queue, call.kept) = (to.to_string(), None);
        (call.ring, call.refused, call.in_queue_from) = (0, BTreeSet::new(), now);
        let spec = self.spec.as_ref().unwrap();
        assert!(spec.queues.iter().any(|queue| queue.id == *to));
    }
}
