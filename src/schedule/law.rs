//! What labour law says of a schedule: the house's one evaluator, asked once for each agent.

use std::sync::Arc;

use super::{SegmentKind, Shift};
use crate::{
    calendar::zone::Zone,
    labour::{
        Case, Finding, Part, PartKind, Past, Person, Shift as Worked, Span, days::Days, evaluate,
        pack::Pack,
    },
};

/// A finding about an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabourFinding {
    /// The agent.
    pub agent: Arc<str>,
    /// The row of the agent's shift in which the breach begins, or of the last one before it.
    pub row: u32,
    /// Rule, article, measured figure and limit.
    pub finding: Finding,
}

/// Every rule of a pack that shifts do not keep, by agent and time. Of the agents nothing more is known than the shifts: they
/// count as adults in full time who did not work before.
pub fn labour(
    shifts: &[Shift],
    zone: &Zone,
    pack: &Pack,
    watch: &mut dyn FnMut(usize, usize),
) -> Vec<LabourFinding> {
    let Some(span) = whole(shifts) else {
        return Vec::new();
    };
    let days = Days::around(zone, span);
    let mut order: Vec<&Shift> = shifts.iter().collect();
    order.sort_by(|a, b| (&a.agent, a.start).cmp(&(&b.agent, b.start)));
    let (person, past) = (Person::default(), Past::default());
    let (mut found, mut worked, mut done) = (Vec::new(), Vec::new(), 0);
    for own in order.chunk_by(|a, b| a.agent == b.agent) {
        worked.clear();
        for shift in own.iter().map(|shift| as_worked(shift)) {
            // What lies over another is an error of the file, and told as such.
            let last = worked.last().map(|last: &Worked| last.span.end_ms);
            if last.is_none_or(|end_ms| end_ms <= shift.span.start_ms) {
                worked.push(shift);
            }
        }
        let case = Case {
            pack,
            person: &person,
            days: &days,
            shifts: &worked,
            past: &past,
        };
        found.extend(evaluate(&case).into_iter().map(|finding| LabourFinding {
            agent: Arc::clone(&own[0].agent),
            row: row(own, finding.span.start_ms),
            finding,
        }));
        done += own.len();
        watch(done, shifts.len());
    }
    found
}

fn whole(shifts: &[Shift]) -> Option<Span> {
    let first = shifts
        .iter()
        .map(|shift| shift.start.as_millisecond())
        .min()?;
    let last = shifts
        .iter()
        .map(|shift| shift.end.as_millisecond())
        .max()?;
    Some(Span::new(first, last))
}

fn row(own: &[&Shift], start_ms: i64) -> u32 {
    let after = own.partition_point(|shift| shift.start.as_millisecond() <= start_ms);
    own[after.saturating_sub(1)].row
}

/// A shift as the law looks at it: breaks and waiting on call are no work, all else is.
fn as_worked(shift: &Shift) -> Worked {
    let parts = shift.segments.iter().filter_map(|part| {
        let kind = match part.kind {
            SegmentKind::Break => PartKind::Break,
            SegmentKind::OnCall => PartKind::OnCall,
            SegmentKind::Phone | SegmentKind::Training | SegmentKind::Meeting => return None,
        };
        let span = Span::new(part.start.as_millisecond(), part.end.as_millisecond());
        Some(Part { span, kind })
    });
    Worked {
        parts: parts.collect(),
        ..Worked::work(Span::new(
            shift.start.as_millisecond(),
            shift.end.as_millisecond(),
        ))
    }
}
