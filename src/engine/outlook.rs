//! What labour rules say of an agent at a time, for people who ask: from the records of work, and from the published shifts
//! where the time is still to come.

use super::{
    eligibility::BlockedReason,
    ids::{AgentId, WallTime},
    law::{HORIZON_MS, LawCase, Verdict, Worked},
    plan::{PlannedShift, SegmentKind},
    rejection::{Rejection, Violation},
    state::{AgentIx, State},
};
use crate::labour::{self, Span};

/// Records of single shifts go back so far, and a schedule is looked at so far ahead.
const ASKED_MS_MAX: i64 = 14 * 24 * 3_600_000;
/// What may begin must have time for the shortest call.
const SHORTEST_CALL_MS: i64 = 60_000;

/// What labour rules say of an agent at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabourOutlook {
    /// The pool's rule pack.
    pub pack: String,
    /// The zone of the agent's days.
    pub zone: String,
    /// Since when the agent is at work then, but for breaks; `None` at rest.
    pub since: Option<WallTime>,
    /// Worked on that day before, ms.
    pub day_ms: i64,
    /// Worked in that week before, ms.
    pub week_ms: i64,
    /// What work from then on would break within 20 h, the nearest first.
    pub verdicts: Vec<Verdict>,
    /// When work may begin again, if not then and within ten days.
    pub free_from: Option<WallTime>,
    /// Whether the employer may contact the agent then.
    pub is_contact_open: bool,
    /// When that changes.
    pub contact_change: Option<WallTime>,
}

impl LabourOutlook {
    /// What keeps calls away then, whatever their length, each reason once.
    pub fn reasons(&self, at: WallTime) -> Vec<BlockedReason> {
        let hours = (!self.is_contact_open).then_some(BlockedReason::Agreement);
        let broken = self.verdicts.iter().filter(|verdict| verdict.until <= at);
        let mut reasons: Vec<BlockedReason> =
            hours.into_iter().chain(broken.map(|v| v.reason)).collect();
        reasons.sort_unstable();
        reasons.dedup();
        reasons
    }
}

/// Looks at an agent at `at`, as of `now`.
pub(super) fn outlook(
    state: &State,
    agent: &AgentId,
    at: WallTime,
    now: WallTime,
) -> Result<LabourOutlook, Rejection> {
    let ix = state.agent(agent);
    let ix = ix.ok_or_else(|| Rejection::UnknownAgent(agent.clone()))?;
    let Some(rules) = &state.guards.rulebook else {
        return Err(Rejection::NoLabourRules);
    };
    if (at.0 - now.0).abs() > ASKED_MS_MAX {
        let problem = "is over 14 days away; give a nearer time";
        return Err(Rejection::Invalid(vec![Violation::new("at", problem)]));
    }
    let terms = state.agents[ix].profile.terms.as_deref();
    let case = rules.case(terms, at);
    let worked = worked_by(state, ix, at, now);
    let (day_ms, week_ms) = case.totals(&worked, at);
    let verdicts = case.verdicts(&worked, at, HORIZON_MS);
    let is_free = verdicts.first().is_none_or(|verdict| verdict.until > at);
    let free_from = free_from(&case, &worked, at).filter(|_| !is_free);
    let (is_contact_open, contact_change) =
        terms.map_or((true, None), |terms| case.contact(terms, at));
    let last = worked.shifts.last().map(|shift| shift.span);
    let since = last.filter(|span| span.end_ms == at.0 && span.start_ms < at.0);
    Ok(LabourOutlook {
        pack: rules.pack.name.to_string(),
        zone: case.zone().to_owned(),
        since: since.map(|span| WallTime(span.start_ms)),
        day_ms,
        week_ms,
        verdicts,
        free_from,
        is_contact_open,
        contact_change,
    })
}

fn free_from(case: &LawCase<'_>, worked: &Worked, at: WallTime) -> Option<WallTime> {
    case.free_from(worked, at, SHORTEST_CALL_MS)
}

/// What is worked before `at`: as recorded up to now, then as planned; without a schedule, as now.
fn worked_by(state: &State, ix: AgentIx, at: WallTime, now: WallTime) -> Worked {
    let mut worked = state.guards.worked(ix).cloned().unwrap_or_default();
    let recorded_to = now.min(at);
    if let Some(since) = worked.since.take() {
        let is_planned = state.guards.schedule.current != 0;
        let end = if is_planned { recorded_to } else { at };
        if since < end {
            labour::record(&mut worked.shifts, Span::new(since.0, end.0));
        }
    }
    worked.shifts.retain(|shift| shift.span.start_ms < at.0);
    if let Some(last) = worked.shifts.last_mut() {
        last.span.end_ms = last.span.end_ms.min(at.0);
        let is_inside =
            |part: &&labour::Part| (part.span.start_ms..part.span.end_ms).contains(&at.0);
        if let Some(rest) = last.parts.iter().find(is_inside) {
            last.span.end_ms = rest.span.start_ms;
        }
        let end_ms = last.span.end_ms;
        last.parts.retain(|part| part.span.end_ms <= end_ms);
    }
    for shift in state
        .guards
        .shifts(ix)
        .into_iter()
        .flat_map(|shifts| shifts.iter())
    {
        for work in planned_work(shift) {
            let (start, end) = (work.0.max(now), work.1.min(at));
            if start < end {
                labour::record(&mut worked.shifts, Span::new(start.0, end.0));
            }
        }
    }
    worked
}

/// The stretches of a planned shift that are work: all but breaks, and waiting to be called.
fn planned_work(shift: &PlannedShift) -> Vec<(WallTime, WallTime)> {
    let is_rest = |kind| matches!(kind, SegmentKind::Break | SegmentKind::OnCall);
    let mut stretches = Vec::new();
    let mut from = shift.start;
    for rest in shift.segments.iter().filter(|part| is_rest(part.kind)) {
        if from < rest.start {
            stretches.push((from, rest.start));
        }
        from = from.max(rest.end);
    }
    if from < shift.end {
        stretches.push((from, shift.end));
    }
    stretches
}
