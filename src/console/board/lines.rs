//! The lines of a board's tables as plain values: pages and CSV files are made of the same.

use std::sync::Arc;

use super::picture::{Picture, StateCounts, Workplace};
use crate::{
    engine::{
        alarm::{Alarm, Thresholds},
        ids::{PoolTime, QueueId},
        numbers::{AgentState, CallCounts},
        profile::SiteKind,
        queue::Halt,
        serve::Opening,
        service::{Counts, Permille},
    },
    pool::rows::QueueRow,
};

/// A queue at one moment.
#[derive(Clone, Debug)]
pub(super) struct QueueLine {
    pub(super) id: QueueId,
    pub(super) calls: CallCounts,
    /// Wait of the longest waiting caller, ms; zero if nobody waits.
    pub(super) longest_ms: u64,
    /// How long a call that came now is likely to wait, ms, if that is known.
    pub(super) estimate_ms: Option<u64>,
    pub(super) target_ms: u64,
    /// What became of the calls of this day of UTC.
    pub(super) today: Counts,
    /// `sl_offered` of this day, and of the last 30 min.
    pub(super) level_today: Option<Permille>,
    pub(super) level_recent: Option<Permille>,
    pub(super) goal_permille: u16,
    pub(super) halt: Option<Arc<Halt>>,
    /// Whether its windows are open; none if it has none.
    pub(super) opening: Option<Opening>,
    /// When its peak ends, if one is on.
    pub(super) peak_until: Option<PoolTime>,
    pub(super) wait_alarm: Alarm,
    pub(super) today_alarm: Alarm,
    pub(super) recent_alarm: Alarm,
    /// The worst of the queue.
    pub(super) alarm: Alarm,
}

impl QueueLine {
    /// Of a queue at `now`.
    pub(super) fn of(
        row: &QueueRow,
        estimate_ms: Option<u64>,
        now: PoolTime,
        thresholds: &Thresholds,
    ) -> Self {
        let queue = &row.queue;
        let numbers = queue.numbers(now);
        let longest_ms = numbers.calls.longest_wait_ms(now);
        let [(_, level_today), _, _, (_, level_recent)] = numbers.levels;
        let goal = queue.goal_permille;
        Self {
            id: queue.id.clone(),
            calls: numbers.calls,
            longest_ms,
            estimate_ms,
            target_ms: queue.target_ms,
            today: numbers.today,
            level_today,
            level_recent,
            goal_permille: goal,
            halt: queue.state.halt.clone(),
            opening: queue.state.opening,
            peak_until: queue.state.peak().map(|peak| peak.ends_at),
            wait_alarm: thresholds.wait(longest_ms, queue.target_ms),
            today_alarm: thresholds.level(level_today, goal),
            recent_alarm: thresholds.level(level_recent, goal),
            alarm: thresholds.queue(&numbers, longest_ms, queue.target_ms, goal),
        }
    }

    /// Every queue, by id.
    pub(super) fn all(picture: &Picture, thresholds: &Thresholds) -> Vec<Self> {
        let line = |row: &QueueRow| {
            let estimate = picture.estimates.get(&row.queue.id).copied();
            Self::of(row, estimate, picture.now, thresholds)
        };
        picture.queues.iter().map(line).collect()
    }
}

/// A place of work, or all homes of a region together.
#[derive(Clone, Debug)]
pub(super) struct SiteLine {
    pub(super) workplace: Workplace,
    pub(super) is_drained: bool,
    pub(super) counts: StateCounts,
}

impl SiteLine {
    /// Every workplace; sites that are drained and have nobody are left out, as are homes by themselves.
    pub(super) fn all(picture: &Picture) -> Vec<Self> {
        let line = |(workplace, counts): (&Workplace, &StateCounts)| Self {
            is_drained: picture.drained.iter().any(|site| site.id == workplace.site),
            workplace: workplace.clone(),
            counts: *counts,
        };
        picture.workplaces.iter().map(line).collect()
    }
}

/// How many agents of each kind of site are in each state.
pub(super) fn states(picture: &Picture) -> Vec<(SiteKind, StateCounts)> {
    let agents = &picture.numbers.agents;
    let counts = |kind: SiteKind| AgentState::ALL.map(|state| agents.at(kind, state));
    SiteKind::ALL
        .into_iter()
        .map(|kind| (kind, counts(kind)))
        .collect()
}
