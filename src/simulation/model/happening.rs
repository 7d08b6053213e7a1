//! What happens in a scenario.

/// Something that happens; the order of its variants is that of one millisecond. Agents, demands and calls are numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Happening {
    /// A caller's patience ends.
    HangUp { call: u64 },
    /// A conversation ends.
    End { call: u64 },
    /// An agent's work after a call ends.
    Wrapped { agent: usize, call: u64 },
    /// An agent's line is lost.
    Lose { agent: usize },
    /// It is back.
    Regain { agent: usize },
    /// An agent is ready again after calls that were not answered.
    Return { agent: usize },
    /// A shift begins.
    LogIn { agent: usize },
    /// An agent answers an offer, which still stands.
    Answer { agent: usize, offer: u64 },
    /// The next call of a demand arrives.
    Arrive { demand: usize },
    /// A shift ends.
    LogOut { agent: usize },
}
