//! Things to do at their times, from one list: one sleeper instead of thousands.

use std::{cmp::Reverse, collections::BinaryHeap};

use tokio::time::Instant;

/// A list of items by time; of one moment the smaller item first, of equal items the earlier noted first.
#[derive(Debug)]
pub(in crate::cli) struct Agenda<T> {
    items: BinaryHeap<Reverse<(Instant, T, u64)>>,
    noted: u64,
}

impl<T: Ord> Agenda<T> {
    /// An empty list.
    pub(in crate::cli) fn new() -> Self {
        Self {
            items: BinaryHeap::new(),
            noted: 0,
        }
    }

    /// Notes an item.
    pub(in crate::cli) fn note(&mut self, at: Instant, item: T) {
        self.noted += 1;
        self.items.push(Reverse((at, item, self.noted)));
    }

    /// When the next item is due.
    pub(in crate::cli) fn next_due(&self) -> Option<Instant> {
        self.items.peek().map(|Reverse((at, _, _))| *at)
    }

    /// Takes the next item that is due at `now`.
    pub(in crate::cli) fn take_due(&mut self, now: Instant) -> Option<(Instant, T)> {
        if self.next_due()? > now {
            return None;
        }
        self.items.pop().map(|Reverse((at, item, _))| (at, item))
    }

    /// Waits until the next item is due; for ever if there is none.
    pub(in crate::cli) async fn wait(&self) {
        match self.next_due() {
            Some(at) => tokio::time::sleep_until(at).await,
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Agenda;
    use crate::clock;

    #[test]
    fn items_come_by_time_then_kind() {
        let start = clock::instant();
        let later = start + Duration::from_secs(1);
        let mut agenda = Agenda::new();
        for (at, item) in [(later, 1), (start, 3), (start, 2), (later, 0)] {
            agenda.note(at, item);
        }
        let take = |agenda: &mut Agenda<i32>, now| agenda.take_due(now).map(|(_, item)| item);
        assert_eq!(take(&mut agenda, start), Some(2));
        assert_eq!(take(&mut agenda, start), Some(3));
        assert_eq!(take(&mut agenda, start), None);
        assert_eq!(agenda.next_due(), Some(later));
        assert_eq!(take(&mut agenda, later), Some(0));
        assert_eq!(take(&mut agenda, later), Some(1));
    }
}
