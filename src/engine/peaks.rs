//! Peaks of a queue: spans in which demand outruns the capacity that normally serves it.
//!
//! Three causes may hold a peak, each until a time of its own: arrivals above the baseline, as judged interval by interval;
//! the platform's report of how many wait on site; and a supervisor's word. A peak lasts as long as one of them holds it, and
//! at least the queue's least time on; after its end none begins by itself for the least time off.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    absent::is_default,
    ids::{PoolTime, WallTime},
};

/// What peaks of a queue ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeaksSpec {
    /// Whether the platform reports all arrivals, as it does not ask for every call.
    #[serde(default, skip_serializing_if = "is_default")]
    pub are_arrivals_reported: bool,
    /// A peak lasts at least this long, ms.
    pub least_on_ms: u64,
    /// After its end none begins by itself for this long, ms.
    pub least_off_ms: u64,
    /// Arrivals make a peak only where the baseline has at least so many calls in an interval.
    pub least_baseline: u32,
    /// So many callers waiting on site begin a peak; zero never.
    #[serde(default, skip_serializing_if = "is_default")]
    pub site_waiting_on: u32,
    /// So few of them let it end.
    #[serde(default, skip_serializing_if = "is_default")]
    pub site_waiting_off: u32,
}

impl Default for PeaksSpec {
    fn default() -> Self {
        Self {
            are_arrivals_reported: false,
            least_on_ms: 10 * 60_000,
            least_off_ms: 5 * 60_000,
            least_baseline: 20,
            site_waiting_on: 0,
            site_waiting_off: 0,
        }
    }
}

/// What begins a peak and holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeakCause {
    /// Arrivals are significantly above the baseline.
    Arrivals,
    /// The platform reports many callers who wait on site.
    SiteLoad,
    /// A supervisor's word.
    Declared,
}

impl PeakCause {
    /// Every cause.
    pub const ALL: [Self; 3] = [Self::Arrivals, Self::SiteLoad, Self::Declared];

    /// The cause as a label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Arrivals => "arrivals",
            Self::SiteLoad => "site_load",
            Self::Declared => "declared",
        }
    }
}

/// A peak that is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peak {
    /// What began it.
    pub cause: PeakCause,
    /// When it began.
    pub since: PoolTime,
    /// When it ends unless it is held for longer.
    pub ends_at: PoolTime,
    /// Until when each cause holds it, in the order of [`PeakCause::ALL`].
    pub holds: [Option<PoolTime>; 3],
    /// How many agents were short at most; `None` while handle time or staffing are not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short: Option<u32>,
    /// Who declared it, if somebody did, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Declared>,
}

impl Peak {
    /// Until when a cause holds it.
    pub(super) fn held_by(&self, cause: PeakCause) -> Option<PoolTime> {
        let mut holds = PeakCause::ALL.into_iter().zip(self.holds);
        holds.find(|(of, _)| *of == cause)?.1
    }
}

/// A supervisor's word that a peak is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declared {
    /// Who says so.
    pub supervisor: Arc<str>,
    /// Why.
    pub reason: Arc<str>,
}

/// Where a baseline comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BaselineSource {
    /// A forecast.
    Forecast,
    /// The past.
    Learned,
}

impl BaselineSource {
    /// The source as a label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Forecast => "forecast",
            Self::Learned => "learned",
        }
    }
}

/// What came of an interval's arrivals, held against the baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judgement {
    /// The interval's beginning.
    pub interval: WallTime,
    /// Its length, minutes.
    pub minutes: u32,
    /// What arrived.
    pub count: u32,
    /// The baseline, thousandths of a call.
    pub baseline_milli: u64,
    /// Where that comes from.
    pub source: BaselineSource,
    /// Until when the past was known of which it was learned, or when the forecast was imported.
    pub known_until: WallTime,
    /// How far the arrivals are above what was expected, thousandths of a standard deviation.
    pub score_milli: i64,
    /// Whether that is significant.
    pub is_high: bool,
    /// Agents that the live rate asks for, by Erlang A; `None` where handle time or staffing are not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<u32>,
    /// Agents who are there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staffed: Option<u32>,
}

impl Judgement {
    /// How many agents are short, where that is known.
    pub fn short(&self) -> Option<u32> {
        Some(self.required?.saturating_sub(self.staffed?))
    }

    /// Whether it makes a peak: significant, and not refuted by the staffing.
    pub fn is_peak(&self) -> bool {
        self.is_high && self.short() != Some(0)
    }

    /// How long a peak is held by it if no other comes: two intervals, and 5 min for the next one's late word.
    pub(super) fn holds_ms(&self) -> u64 {
        (2 * u64::from(self.minutes) + 5) * 60_000
    }
}

/// What a platform says of its site at the end of a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteLoad {
    /// The minute's beginning.
    pub minute: WallTime,
    /// Calls of the queue that arrived in it, all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrivals: Option<u32>,
    /// Callers who wait on site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<u32>,
    /// Agents who serve the queue on site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agents: Option<u32>,
    /// How long a call takes an agent there, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handle_ms: Option<u64>,
}

impl SiteLoad {
    /// Whether it is of no earlier minute than what was said before.
    pub(super) fn is_newest(&self, before: Option<&Self>) -> bool {
        before.is_none_or(|before| before.minute <= self.minute)
    }
}

/// What is known of a queue's demand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demand {
    /// The peak that is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak: Option<Peak>,
    /// Until when none begins by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rests_until: Option<PoolTime>,
    /// The newest judged interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<Judgement>,
    /// The newest word of the site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteLoad>,
}
