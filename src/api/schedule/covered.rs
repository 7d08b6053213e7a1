//! How many agents a file leaves on the phone, beside how many there are without it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{ToSpan, civil};

use super::super::convert;
use crate::{
    calendar::zone::Zone,
    engine::{
        ids::{AgentId, WallTime},
        plan::Shifts,
    },
    proto::v1,
    schedule::{Coverage, Shift, coverage},
};

const MINUTES: i64 = 30;
/// Days that are told.
const DAYS: i64 = 14;

/// The coverage of the days of a file, without and with what it changes.
pub(super) fn covered(
    file: &[Shift],
    present: &BTreeMap<AgentId, Shifts>,
    plans: &[(AgentId, Shifts)],
    zone: &Zone,
) -> Vec<v1::CoverageInterval> {
    let Some(days) = days(file, zone) else {
        return Vec::new();
    };
    let changed: BTreeSet<&AgentId> = plans.iter().map(|(agent, _)| agent).collect();
    let others = present.iter().filter(|(agent, _)| !changed.contains(agent));
    let after = others.chain(plans.iter().map(|(agent, shifts)| (agent, shifts)));
    let before = Coverage::of(filed(present.iter(), days, zone), zone, days, MINUTES);
    let after = Coverage::of(filed(after, days, zone), zone, days, MINUTES);
    let both = before
        .intervals(None)
        .into_iter()
        .zip(after.intervals(None));
    both.map(|(before, after)| v1::CoverageInterval {
        start_time: Some(convert::wall_timestamp(WallTime(
            before.start.as_millisecond(),
        ))),
        before: before.agents,
        after: after.agents,
    })
    .collect()
}

/// The days of a file, or the first of them.
fn days(file: &[Shift], zone: &Zone) -> Option<(civil::Date, civil::Date)> {
    let (first, last) = coverage::days(file, zone)?;
    let most = first.checked_add((DAYS - 1).days()).unwrap_or(last);
    Some((first, last.min(most)))
}

/// The shifts that touch these days, one after the other: all at once would be much memory.
fn filed<'a>(
    all: impl Iterator<Item = (&'a AgentId, &'a Shifts)>,
    (first, last): (civil::Date, civil::Date),
    zone: &Zone,
) -> impl Iterator<Item = Shift> {
    let from = zone.day_start(first).as_millisecond();
    let next = last.tomorrow().unwrap_or(last);
    let to = zone.day_start(next).as_millisecond();
    let each = all.flat_map(|(agent, shifts)| shifts.iter().map(move |shift| (agent, shift)));
    each.filter(move |(_, shift)| shift.start.0 < to && from < shift.end.0)
        .map(|(agent, shift)| convert::schedule::filed(agent, shift))
}
