//! Volumes that planners bring: past arrivals, and forecasts.

use serde::{Deserialize, Serialize};

/// Volumes of a queue on a day of UTC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volumes {
    /// Minutes of the intervals as they were brought: their volumes stand in even parts here.
    pub minutes: u16,
    /// By interval of 15 minutes, thousandths of a call; `None` is missing, not zero.
    pub milli: Vec<Option<u32>>,
}

impl Volumes {
    /// These, and what was known before where these say nothing.
    pub(super) fn over(&self, before: &Self) -> Self {
        let both = self.milli.iter().zip(&before.milli);
        let is_whole = self.milli.iter().all(Option::is_some);
        Self {
            minutes: if is_whole {
                self.minutes
            } else {
                self.minutes.max(before.minutes)
            },
            milli: both.map(|(new, old)| new.or(*old)).collect(),
        }
    }
}

/// What volumes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VolumeKind {
    /// Arrivals of the past.
    History,
    /// Arrivals that are expected.
    Forecast,
}

impl VolumeKind {
    /// The kind as a label.
    pub fn label(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::Forecast => "forecast",
        }
    }
}
