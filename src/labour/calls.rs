//! The gap between two received calls, which the router itself keeps.

use serde::{Deserialize, Serialize};

use super::{
    finding::{Finding, Findings},
    pack::Pack,
    span::Span,
};

/// What kind of calls a queue has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Complexity {
    /// Simple.
    #[default]
    Simple,
    /// Complex.
    Complex,
}

/// The least time from the end of wrap-up to the next received call; zero where no rule asks for one.
pub fn gap_ms(pack: &Pack, complexity: Complexity) -> i64 {
    let figures = pack.call_gap.as_ref().map(|rule| rule.figures);
    match (figures, complexity) {
        (None, _) => 0,
        (Some((simple_ms, _)), Complexity::Simple) => simple_ms,
        (Some((_, complex_ms)), Complexity::Complex) => complex_ms,
    }
}

/// The gaps between calls that are too short. The calls, each to the end of its wrap-up, are in order.
pub fn check_gaps(pack: &Pack, complexity: Complexity, calls: &[Span]) -> Vec<Finding> {
    let mut out = Findings::default();
    if let Some(rule) = &pack.call_gap {
        let least_ms = gap_ms(pack, complexity);
        for pair in calls.windows(2) {
            let gap = Span::new(pair[0].end_ms, pair[1].start_ms);
            if gap.length_ms() < least_ms {
                out.time(&rule.basis, gap.length_ms(), least_ms, gap);
            }
        }
    }
    out.0
}
