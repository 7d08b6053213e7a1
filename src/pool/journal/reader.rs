//! Reading the journal: page by page from the store, beside the pool.

use std::sync::Arc;

use tracing::warn;

use super::pool::RESTORED;
use crate::{
    pool::{Outage, Pool, PoolError},
    store::{Store, StoredEvent},
};

/// Lines of one page: bounds the memory of a reader.
const PAGE: usize = 500;
/// Bytes of one page, unless its first line alone has more: a client takes messages of 4 MiB.
const PAGE_BYTES: usize = 1 << 20;

/// The journal of a pool.
#[derive(Clone)]
pub struct Journal {
    pool: Pool,
    store: Arc<dyn Store>,
}

/// Some lines.
#[derive(Debug)]
pub struct Page {
    /// The lines, by number.
    pub events: Vec<StoredEvent>,
    /// Everything up to this number is read: the last line, never more. A store that comes back with less than it had may lack
    /// newer ones for a moment.
    pub read_to: u64,
    /// Whether there is more to read at once.
    pub is_full: bool,
    /// Whether lines before these may be missing, because they are no longer kept, or lines that were read are undone by a
    /// restore.
    pub missed: bool,
}

impl Journal {
    pub(in crate::pool) fn new(pool: Pool, store: Arc<dyn Store>) -> Self {
        Self { pool, store }
    }

    /// The pool.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// Number of the newest event that readers may see.
    pub fn newest(&self) -> u64 {
        self.pool.view().read().event_number()
    }

    /// The lines after number `after` and up to `to`, as many as fit; zero begins with the oldest that is kept.
    ///
    /// # Errors
    /// If the store cannot be read now.
    pub async fn page(&self, after: u64, to: u64) -> Result<Page, PoolError> {
        // The line that was read last shows, while it is kept, that nothing after it is gone.
        let mut events = self.read(after.saturating_sub(1), PAGE + 1).await?;
        let joined = events.first().is_some_and(|first| first.number == after);
        if joined {
            events.remove(0);
        }
        let missed = after > 0
            && !joined
            && (events.first().is_some_and(tells_of_a_restore)
                || self.oldest().await?.is_some_and(|at| at > after));
        let fitting = fitting(&events);
        let is_full = fitting == PAGE || fitting < events.len();
        events.truncate(fitting);
        events.retain(|event| event.number <= to);
        let read_to = events.last().map_or(after, |event| event.number);
        Ok(Page {
            // What is beyond `to` is not to be read yet.
            is_full: is_full && read_to < to,
            events,
            read_to,
            missed,
        })
    }

    async fn oldest(&self) -> Result<Option<u64>, PoolError> {
        let oldest = self.read(0, 1).await?;
        Ok(oldest.first().map(|event| event.number))
    }

    async fn read(&self, after: u64, limit: usize) -> Result<Vec<StoredEvent>, PoolError> {
        let found = self.store.events_after(self.pool.id(), after, limit).await;
        found.map_err(|problem| {
            warn!(pool = %self.pool.id(), %problem, "the events cannot be read");
            PoolError::Unavailable(Outage::StoreDown)
        })
    }
}

/// How many of the lines fit into a page.
fn fitting(events: &[StoredEvent]) -> usize {
    let mut bytes = 0;
    let fits = |event: &&StoredEvent| {
        bytes += event.json.len();
        bytes <= PAGE_BYTES
    };
    events.iter().take(PAGE).take_while(fits).count().max(1)
}

/// Whether the pool begins here after a restore: who has read a line before it that is not there has read what was undone.
fn tells_of_a_restore(event: &StoredEvent) -> bool {
    let about = serde_json::from_str::<super::About>(&event.json);
    about.is_ok_and(|about| about.event == RESTORED)
}
