//! What happens by a log.

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

#[cfg(test)]
mod tests {
    use super::Happening;
    use crate::simulation::agenda::Agenda;

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
