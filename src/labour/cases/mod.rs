//! Cases: persons with shifts as JSON, each judged by a pack. Made for checking the evaluator against cases that others wrote.
//!
//! ```json
//! {"zone": "Europe/Paris", "cases": [{"id": "A1",
//!   "employee": {"age": 30, "part_time": false, "regime": "code"},
//!   "shifts": [{"start": "2026-03-03 08:00", "end": "2026-03-03 19:00",
//!               "breaks": [["2026-03-03 12:00", "2026-03-03 13:00"]]}],
//!   "expected": []}]}
//! ```
//! The regime is `code` (the pack `fr`), the number of a branch (`2148`, `2098`) or the name of a pack.

mod fields;
mod read;

use std::{collections::BTreeSet, sync::Arc};

pub use read::read;

use super::{
    calls::{Complexity, check_gaps},
    days::Days,
    evaluate::{Case, evaluate},
    finding::{Finding, Severity},
    pack::Pack,
    person::{Past, Person},
    span::{Shift, Span},
};
use crate::calendar::zone::Zone;

/// One case.
#[derive(Clone, Debug)]
pub struct Written {
    /// Its name.
    pub id: String,
    /// Its zone.
    pub zone: Zone,
    /// Its rules.
    pub pack: Arc<Pack>,
    /// The person.
    pub person: Person,
    /// The shifts, in order.
    pub shifts: Vec<Shift>,
    /// Work before the shifts.
    pub past: Past,
    /// Received calls, each to the end of its wrap-up, in order.
    pub calls: Vec<Span>,
    /// What kind of calls these are.
    pub complexity: Complexity,
    /// The articles that its author expects, if any are written.
    pub expected: Option<Vec<String>>,
}

impl Written {
    /// Every rule that is not kept.
    pub fn findings(&self) -> Vec<Finding> {
        let spans = || self.shifts.iter().map(|shift| shift.span);
        let start_ms = spans().map(|span| span.start_ms).min().unwrap_or(0);
        let end_ms = spans().map(|span| span.end_ms).max().unwrap_or(0);
        let mut findings = evaluate(&Case {
            pack: &self.pack,
            person: &self.person,
            days: &Days::around(&self.zone, Span::new(start_ms, end_ms)),
            shifts: &self.shifts,
            past: &self.past,
        });
        findings.extend(check_gaps(&self.pack, self.complexity, &self.calls));
        findings
    }
}

/// The articles that findings break: sorted, each once. Warnings break nothing.
pub fn articles(findings: &[Finding]) -> Vec<String> {
    let broken = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Blocking);
    let articles: BTreeSet<String> = broken.map(|finding| finding.article.to_string()).collect();
    articles.into_iter().collect()
}
