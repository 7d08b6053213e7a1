//! What is seen of queues: whether they are halted, and whether they are served.

use homeshore::engine::event::Event;

use super::Witness;

impl Witness {
    pub(super) fn see_queue(&mut self, now: u64, event: &Event) {
        match event {
            Event::QueueHalted { queue, halt } => {
                let until = halt.until.map(|at| at.0);
                self.halted.insert(queue.to_string(), until);
            }
            Event::QueueResumed {
                queue, supervisor, ..
            } => {
                let until = self.halted.remove(queue.as_str()).expect("it was halted");
                let over = until.is_some_and(|until| until <= now);
                assert!(supervisor.is_some() || over, "resumed at its time");
            }
            Event::QueueOpened { queue, opening, .. } | Event::QueueShut { queue, opening, .. } => {
                let before = self.open.insert(queue.to_string(), opening.is_open);
                assert_ne!(before, Some(opening.is_open), "it opens and closes in turn");
            }
            Event::QueueTurnMoved { queue, opening } => {
                assert_eq!(self.open.get(queue.as_str()), Some(&opening.is_open));
            }
            Event::PeakStarted { queue, peak } => {
                let before = self.peaks.insert(queue.to_string(), peak.ends_at.0);
                assert_eq!(before, None, "one peak at a time");
            }
            Event::PeakChanged { queue, peak, .. } => {
                let before = self.peaks.insert(queue.to_string(), peak.ends_at.0);
                assert!(before.is_some(), "it is on");
            }
            Event::PeakEnded { queue, .. } => {
                assert!(self.peaks.remove(queue.as_str()).is_some(), "it was on");
            }
            _ => {}
        }
    }

    /// Whether a queue is not served now, as its windows are closed and no peak is on.
    pub(crate) fn is_shut(&self, queue: &str) -> bool {
        self.open.get(queue) == Some(&false) && !self.peaks.contains_key(queue)
    }
}
