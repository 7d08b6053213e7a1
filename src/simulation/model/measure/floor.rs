//! How the agents of a staff group spend a span.

use std::ops::AddAssign;

/// What an agent who is signed in does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulation::model) enum Work {
    /// Could be offered a call.
    Idle,
    /// Is offered one.
    Offered,
    /// Talks.
    Connected,
    /// Works after a call.
    WrapUp,
    /// Takes no calls.
    NotReady,
    /// Has no line, and nothing in hand.
    LineLost,
}

impl Work {
    /// How many there are.
    pub(in crate::simulation::model) const COUNT: usize = 6;
}

/// Agents x ms in each kind of work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::simulation::model) struct Floor {
    pub(in crate::simulation::model) ms: [u64; Work::COUNT],
}

impl Floor {
    /// Agents x ms in a kind of work.
    pub(in crate::simulation::model) fn of(&self, work: Work) -> u64 {
        self.ms[work as usize]
    }
}

impl AddAssign<&Self> for Floor {
    fn add_assign(&mut self, other: &Self) {
        for (sum, ms) in self.ms.iter_mut().zip(other.ms) {
            *sum += ms;
        }
    }
}
