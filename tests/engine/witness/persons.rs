//! What agents say of themselves, and until when it holds.

use homeshore::engine::{agent::Absence, event::Event};

/// What an agent has said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Said {
    bad_line_until: Option<u64>,
    absence: Option<Absence>,
}

impl Said {
    /// Whether it keeps offers away.
    pub(super) fn blocks(&self) -> bool {
        self.bad_line_until.is_some()
    }

    /// Whether something of it should be over.
    pub(super) fn is_overdue(&self, now: u64) -> bool {
        let absent = self.absence.map(|absence| absence.until.0);
        [self.bad_line_until, absent]
            .into_iter()
            .flatten()
            .any(|until| until <= now)
    }

    pub(super) fn see(&mut self, now: u64, event: &Event) {
        match event {
            Event::LineQualityChanged { bad_until, at, .. } => {
                assert_eq!(at.0, now);
                let before = self.bad_line_until.is_some();
                assert!(before || bad_until.is_some(), "only a bad line gets good");
                self.bad_line_until = bad_until.map(|until| until.0);
                assert!(bad_until.is_none_or(|until| until.0 == now + 600_000));
            }
            Event::AbsenceChanged { absence, .. } => {
                assert_ne!(self.absence, *absence, "a change changes something");
                self.absence = *absence;
            }
            _ => {}
        }
    }

    /// The agent is ready: whoever is late or unwell is there after all.
    pub(super) fn is_there(&mut self) {
        self.absence = None;
    }
}
