//! What is to happen by the log, in its order.

use std::{cmp::Reverse, collections::BinaryHeap};

/// Something that happens by the log; the order of its variants is that of one millisecond. Agents and calls are places in
/// the trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Happening {
    /// A caller's patience ends.
    HangUp { call: usize },
    /// A conversation ends.
    End { call: usize },
    /// An agent's work after a call ends.
    Wrapped { agent: usize, call: usize },
    /// An agent signs in.
    LogIn { agent: usize },
    /// A call arrives.
    Arrive { call: usize },
    /// An agent signs out.
    LogOut { agent: usize },
}

/// Happenings to come.
#[derive(Debug, Default)]
pub(super) struct Agenda(BinaryHeap<Reverse<(u64, Happening)>>);

impl Agenda {
    /// Notes what is to happen at `at_ms`.
    pub(super) fn note(&mut self, at_ms: u64, happening: Happening) {
        self.0.push(Reverse((at_ms, happening)));
    }

    /// The next one and when it is.
    pub(super) fn first(&self) -> Option<(u64, Happening)> {
        self.0.peek().map(|Reverse(next)| *next)
    }

    /// Takes the next one and when it is.
    pub(super) fn pop(&mut self) -> Option<(u64, Happening)> {
        self.0.pop().map(|Reverse(next)| next)
    }
}

#[cfg(test)]
mod tests {
    use super::{Agenda, Happening};

    #[test]
    fn a_millisecond_has_its_order() {
        let ordered = [
            (3, Happening::LogOut { agent: 9 }),
            (4, Happening::HangUp { call: 1 }),
            (4, Happening::End { call: 0 }),
            (4, Happening::Wrapped { agent: 0, call: 7 }),
            (4, Happening::Wrapped { agent: 1, call: 5 }),
            (4, Happening::LogIn { agent: 2 }),
            (4, Happening::Arrive { call: 8 }),
            (4, Happening::LogOut { agent: 0 }),
        ];
        let mut agenda = Agenda::default();
        for (at_ms, happening) in ordered.iter().rev() {
            agenda.note(*at_ms, *happening);
        }
        let taken: Vec<_> = std::iter::from_fn(|| agenda.pop()).collect();
        assert_eq!(taken, ordered);
    }
}
