//! The rules, each a function from what is measured to findings.

mod branch;
mod breaks;
mod limits;
mod night;
mod part_time;
mod rest;

use super::{
    evaluate::{Case, Judged},
    finding::Findings,
    work::Work,
};

/// Every rule.
pub(super) fn all(judged: &Judged<'_>, out: &mut Findings) {
    rest::daily(judged, out);
    rest::weekly(judged, out);
    rest::working_days(judged, out);
    rest::days_off(judged, out);
    limits::days(judged, out);
    limits::weeks(judged, out);
    limits::averages(judged, out);
    limits::spans(judged, out);
    breaks::all(judged, out);
    night::all(judged, out);
    part_time::all(judged, out);
    branch::telework(judged, out);
    on_call(&judged.case, &judged.work, out);
}

/// The rules about waiting to be called.
pub(super) fn on_call(case: &Case<'_>, work: &Work, out: &mut Findings) {
    branch::on_call(case, work, out);
}
