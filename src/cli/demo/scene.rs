//! What the demo plays: an evening, or the rush of a Monday morning.

use clap::ValueEnum;

/// What is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Scene {
    /// A Monday at 17:25: agents at home serve four queues, and a provider fails.
    Evening,
    /// A Monday at 9:00: agents on site serve, until more callers come than they can take.
    Monday,
}

/// A queue, and the mean time between two of its calls.
pub(super) type Arrivals = (&'static str, f64);

/// When the rush of the Monday begins and ends.
const RUSH_S: std::ops::Range<f64> = 4.0..50.0;
/// The mean time between two calls then.
const RUSH_GAP_S: f64 = 0.5;

impl Scene {
    /// The pool, and its file.
    pub(super) fn pool(self) -> (&'static str, &'static str) {
        match self {
            Self::Evening => (
                "deploy/pools/demo.toml",
                include_str!("../../../deploy/pools/demo.toml"),
            ),
            Self::Monday => (
                "deploy/pools/monday.toml",
                include_str!("../../../deploy/pools/monday.toml"),
            ),
        }
    }

    /// The hour and minute at which it begins, on a Monday.
    pub(super) fn opens(self) -> (i8, i8) {
        match self {
            Self::Evening => (17, 25),
            Self::Monday => (9, 0),
        }
    }

    /// What calls come.
    pub(super) fn arrivals(self) -> &'static [Arrivals] {
        match self {
            Self::Evening => &[
                ("billing", 2.2),
                ("technical", 3.6),
                ("spanish-line", 9.0),
                ("retention", 12.0),
            ],
            Self::Monday => &[("billing", 3.5)],
        }
    }

    /// The mean time between two calls of a queue, so many seconds after the beginning.
    pub(super) fn gap_s(self, index: usize, elapsed_s: f64) -> f64 {
        match self {
            Self::Monday if RUSH_S.contains(&elapsed_s) => RUSH_GAP_S,
            Self::Evening | Self::Monday => self.arrivals()[index].1,
        }
    }
}
