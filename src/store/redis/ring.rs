//! The last batches of a pool: what a Redis that comes back with less may have forgotten.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use crate::{engine::record::Delta, store::Batch};

/// So long batches are kept: Redis loses about a second at most, if its disk is written each second.
const KEPT: Duration = Duration::from_secs(10);
/// At most so many bytes.
const BYTES: usize = 64 << 20;

/// A batch that was confirmed.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) batch: Arc<Batch>,
    /// The digest before it.
    pub(super) before: String,
    at: Duration,
    bytes: usize,
}

/// The last batches, oldest first, without a gap.
#[derive(Debug, Default)]
pub(super) struct Ring {
    kept: VecDeque<Kept>,
    bytes: usize,
}

impl Ring {
    /// Adds a batch that was confirmed now, and forgets old ones.
    pub(super) fn push(&mut self, batch: Arc<Batch>, before: String, now: Duration) {
        let bytes = size(&batch);
        self.bytes += bytes;
        self.kept.push_back(Kept {
            batch,
            before,
            at: now,
            bytes,
        });
        while let Some(oldest) = self.kept.front() {
            let is_old = now.saturating_sub(oldest.at) > KEPT;
            if !is_old && self.bytes <= BYTES {
                break;
            }
            self.bytes -= oldest.bytes;
            self.kept.pop_front();
        }
    }

    /// The batches that follow a revision and its digest; none if they are not all there.
    pub(super) fn after(&self, revision: u64, digest: &str) -> Option<Vec<Kept>> {
        let first = self
            .kept
            .iter()
            .position(|kept| kept.batch.revision == revision + 1 && kept.before == digest)?;
        Some(self.kept.iter().skip(first).cloned().collect())
    }

    /// Every batch.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Batch>> {
        self.kept.iter().map(|kept| &kept.batch)
    }
}

fn size(batch: &Batch) -> usize {
    let deltas = batch.deltas.iter().map(|delta| match delta {
        Delta::Put(record) => record.key.len() + record.value.len(),
        Delta::Delete(key) => key.len(),
    });
    let details = batch.details.iter().map(|detail| detail.json.len());
    let texts = batch.events.iter().map(String::len).chain(details);
    deltas.chain(texts).sum::<usize>() + 256
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(revision: u64, bytes: usize) -> Arc<Batch> {
        Arc::new(Batch {
            revision,
            events: vec!["x".repeat(bytes)],
            ..Batch::default()
        })
    }

    #[test]
    fn what_follows_a_known_state_is_given_and_nothing_else() {
        let mut ring = Ring::default();
        for revision in 3..=6 {
            let before = format!("d{}", revision - 1);
            ring.push(batch(revision, 1), before, Duration::from_secs(revision));
        }
        let after = |revision, digest: &str| {
            let kept = ring.after(revision, digest)?;
            Some(kept.iter().map(|kept| kept.batch.revision).collect())
        };
        assert_eq!(after(2, "d2"), Some(vec![3, 4, 5, 6]));
        assert_eq!(after(5, "d5"), Some(vec![6]));
        assert_eq!(after(5, "other"), None::<Vec<u64>>);
        assert_eq!(after(1, "d1"), None);
        assert_eq!(after(6, "d6"), None);
    }

    #[test]
    fn old_and_many_batches_are_forgotten() {
        let mut ring = Ring::default();
        ring.push(batch(1, 1), String::new(), Duration::ZERO);
        ring.push(batch(2, 1), String::new(), KEPT + Duration::from_millis(1));
        assert_eq!(ring.all().count(), 1);
        for revision in 3..=12 {
            ring.push(batch(revision, 10 << 20), String::new(), KEPT * 2);
        }
        assert_eq!(ring.all().count(), 6);
        assert!(ring.bytes <= BYTES);
    }
}
