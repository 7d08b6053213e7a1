//! Rows of the view: an entity as of its last change, and whoever waits for the next.

use std::sync::Arc;

use tokio::sync::watch;

use crate::engine::view::QueueView;

/// An entity and the revision of its last change.
#[derive(Debug)]
pub struct Row<T> {
    /// The entity.
    pub value: Arc<T>,
    /// Revision of its last change: its change number.
    pub changed: u64,
    watch: Option<watch::Sender<u64>>,
}

impl<T> Clone for Row<T> {
    fn clone(&self) -> Self {
        Self {
            value: Arc::clone(&self.value),
            changed: self.changed,
            watch: None,
        }
    }
}

impl<T> Row<T> {
    pub(super) fn new(value: T, changed: u64) -> Self {
        Self {
            value: Arc::new(value),
            changed,
            watch: None,
        }
    }

    /// Replaces the entity and wakes those who wait for it.
    pub(super) fn set(&mut self, value: T, changed: u64) {
        self.value = Arc::new(value);
        self.changed = changed;
        if let Some(watch) = &self.watch
            && watch.send(changed).is_err()
        {
            self.watch = None;
        }
    }

    /// Whoever holds this is woken by each change, and told by an error when the entity is gone.
    pub(super) fn subscribe(&mut self) -> watch::Receiver<u64> {
        self.watch
            .get_or_insert_with(|| watch::Sender::new(self.changed))
            .subscribe()
    }

    /// Keeps those who wait for `other`, the same entity before the pool was opened again.
    pub(super) fn inherit(&mut self, other: Self) {
        self.watch = other.watch;
        if let Some(watch) = &self.watch {
            watch.send_replace(self.changed);
        }
    }
}

/// A queue and the revision of its last change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueRow {
    /// How many calls stand where, whether it takes calls, and how it has served them.
    pub queue: QueueView,
    /// Revision of its last change.
    pub changed: u64,
}
