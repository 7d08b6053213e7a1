//! An agent who works as long as nobody objects, and the judge of that work.

use std::collections::{BTreeMap, BTreeSet};

use homeshore::engine::{
    eligibility::BlockedReason,
    ids::{AgentId, CallId, OfferId},
};

use super::{DAY, WEEK};
use crate::labour::naive::{Plan, Who, broken};

/// Who comes back within this goes on with the same shift.
const SAME_SHIFT: i64 = 120;
/// The judge looks back so far: at the week, and at the rest before it.
const LOOKED_BACK: i64 = 9 * DAY;
/// More than 44 h on average of 12 weeks.
const TWELVE_WEEKS: i64 = 12 * 44 * 60;

/// The break at the sixth hour.
const BREAK: &str = "L3121-16";

const WHO: Who = Who {
    regime: "fr-2098",
    age: 30,
    is_part_time: false,
    contract_hours: 35,
};

/// What an agent does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Doing {
    Away { until: i64 },
    Pausing { until: i64 },
    Ready,
    Talking { until: i64 },
}

/// An agent, in minutes since 1970.
pub(super) struct Worker {
    pub(super) id: AgentId,
    pub(super) doing: Doing,
    /// The day's end, as the agent would have it.
    pub(super) leaves: i64,
    pub(super) offer: Option<(CallId, OfferId)>,
    pub(super) blocked: BTreeSet<BlockedReason>,
    /// What was worked, and since when the agent is at work.
    pub(super) plans: Vec<Plan>,
    pub(super) since: Option<i64>,
    pub(super) by_week: BTreeMap<i64, i64>,
    pub(super) session: u64,
}

/// The number of a week; the first of 1970 began on a Thursday. In UTC, which is near enough for an average.
fn week(minute: i64) -> i64 {
    (minute + 3 * DAY).div_euclid(WEEK)
}

fn add(plans: &mut Vec<Plan>, from: i64, to: i64) {
    match plans.last_mut() {
        Some(last) if from - last.end < SAME_SHIFT => {
            if from > last.end {
                last.breaks.push((last.end, from));
            }
            last.end = to;
        }
        _ => plans.push(Plan {
            start: from,
            end: to,
            breaks: Vec::new(),
        }),
    }
}

/// The rules that plans break. Work that reaches the sixth hour may be followed by the break, or by the way home.
fn broken_of(mut plans: Vec<Plan>) -> BTreeSet<&'static str> {
    if plans.is_empty() {
        return BTreeSet::new();
    }
    let mut found = broken(&WHO, &plans);
    if found.contains(BREAK) {
        for plan in &mut plans {
            plan.breaks.push((plan.end, plan.end + 20));
            plan.end += 20;
        }
        if !broken(&WHO, &plans).contains(BREAK) {
            found.remove(BREAK);
        }
    }
    found
}

impl Worker {
    /// The rules that work breaks which goes on, or begins at `from`, and lasts to `to`.
    pub(super) fn breaks(&self, from: i64, to: i64) -> BTreeSet<&'static str> {
        let mut plans: Vec<Plan> = self.plans.clone();
        plans.retain(|plan| plan.end > to - LOOKED_BACK);
        add(&mut plans, self.since.unwrap_or(from), to);
        let mut found = broken_of(plans);
        let now = to - self.since.unwrap_or(from);
        let week = week(to);
        let before: i64 = self
            .by_week
            .range(week - 11..=week)
            .map(|(_, worked)| worked)
            .sum();
        if before + now > TWELVE_WEEKS {
            found.insert("L3121-22");
        }
        found
    }

    /// The rules that were broken in the last two weeks.
    pub(super) fn broke(&self, now: i64) -> BTreeSet<&'static str> {
        let mut plans: Vec<Plan> = self.plans.clone();
        plans.retain(|plan| plan.end > now - LOOKED_BACK);
        broken_of(plans)
    }

    pub(super) fn begin(&mut self, now: i64) {
        self.doing = Doing::Ready;
        self.since = Some(now);
    }

    pub(super) fn end(&mut self, now: i64) {
        if let Some(since) = self.since.take().filter(|since| *since < now) {
            add(&mut self.plans, since, now);
            *self.by_week.entry(week(since)).or_default() += now - since;
        }
    }
}
