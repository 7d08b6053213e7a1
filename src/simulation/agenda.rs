//! What is to happen, in its order.

use std::{cmp::Reverse, collections::BinaryHeap};

/// Happenings to come: those of one millisecond in the order that their type gives them.
#[derive(Debug)]
pub(super) struct Agenda<T>(BinaryHeap<Reverse<(u64, T)>>);

impl<T: Ord> Default for Agenda<T> {
    fn default() -> Self {
        Self(BinaryHeap::new())
    }
}

impl<T: Ord + Copy> Agenda<T> {
    /// Notes what is to happen at `at_ms`.
    pub(super) fn note(&mut self, at_ms: u64, happening: T) {
        self.0.push(Reverse((at_ms, happening)));
    }

    /// The next one and when it is.
    pub(super) fn first(&self) -> Option<(u64, T)> {
        self.0.peek().map(|Reverse(next)| *next)
    }

    /// Takes the next one and when it is.
    pub(super) fn pop(&mut self) -> Option<(u64, T)> {
        self.0.pop().map(|Reverse(next)| next)
    }
}
