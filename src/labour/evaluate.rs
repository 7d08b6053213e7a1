//! The one evaluator: every rule of a pack, on shifts that are planned or were worked.

use super::{
    days::Days,
    finding::{Finding, Findings},
    pack::Pack,
    person::{Past, Person},
    rules,
    span::Shift,
    work::{Weeks, Work},
};

/// The longest span of weeks over which a rule averages.
const WEEKS_BEFORE: i32 = 52;

/// What is to be judged.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The rules.
    pub pack: &'a Pack,
    /// Whose.
    pub person: &'a Person,
    /// The days of the agent's zone, around the shifts.
    pub days: &'a Days,
    /// The shifts, in order of their start, none over another. Where none is, is rest.
    pub shifts: &'a [Shift],
    /// What was worked before them, by day; no time of the shifts is in it.
    pub past: &'a Past,
}

/// What rules look at.
pub(super) struct Judged<'a> {
    pub(super) case: Case<'a>,
    pub(super) work: Work,
    pub(super) weeks: Weeks,
}

/// Every rule that the shifts do not keep, in order of time. A rule may be found several times, each with its own span.
pub fn evaluate(case: &Case<'_>) -> Vec<Finding> {
    let night = case.pack.night.as_ref().map(|rule| &rule.figures);
    let work = Work::of(case.shifts, case.days, night);
    let before = if case.past.days().is_empty() {
        0
    } else {
        WEEKS_BEFORE
    };
    let mut findings = Findings::default();
    match Weeks::of(&work, case.past, before) {
        Some(weeks) => {
            let judged = Judged {
                case: *case,
                work,
                weeks,
            };
            rules::all(&judged, &mut findings);
        }
        // Nothing is worked, but waiting to be called may still be too much.
        None => rules::on_call(case, &work, &mut findings),
    }
    findings
        .0
        .sort_by_key(|finding| (finding.span, finding.rule));
    findings.0
}

/// What one shift more would break, or break further: for proposals, and for agents who claim a shift. It overlaps none.
pub fn added(case: &Case<'_>, shift: Shift) -> Vec<Finding> {
    let before = evaluate(case);
    let mut shifts = case.shifts.to_vec();
    let place = shifts.partition_point(|other| other.span < shift.span);
    shifts.insert(place, shift);
    let mut findings = evaluate(&Case {
        shifts: &shifts,
        ..*case
    });
    findings.retain(|finding| !before.iter().any(|known| known.is_same(finding)));
    findings
}
