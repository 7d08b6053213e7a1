//! What branches add: days on call, days of telework.

use crate::labour::{
    days,
    evaluate::{Case, Judged},
    finding::Findings,
    pack::OnCall,
    span::Span,
    work::Work,
};

/// Weeks and days on call.
pub(super) fn on_call(case: &Case<'_>, work: &Work, out: &mut Findings) {
    let Some(rule) = &case.pack.on_call else {
        return;
    };
    let OnCall { weeks, days: most } = rule.figures;
    let on_call = &work.on_call_days;
    let mut on_weeks: Vec<i32> = on_call.iter().map(|day| days::week(*day)).collect();
    on_weeks.dedup();
    for pair in on_weeks.windows(2) {
        if pair[1] - pair[0] < weeks {
            let first = case.days.week_span(pair[0]);
            let span = Span::new(first.start_ms, case.days.week_span(pair[1]).end_ms);
            out.count(
                &rule.basis,
                i64::from(pair[1] - pair[0]),
                i64::from(weeks),
                span,
            );
        }
    }
    for run in on_call.chunk_by(|a, b| a + 1 == *b) {
        let count = i64::try_from(run.len()).unwrap_or(i64::MAX);
        if count > most {
            let last = case.days.span(run[run.len() - 1]);
            let span = Span::new(case.days.span(run[0]).start_ms, last.end_ms);
            out.count(&rule.basis, count, most, span);
        }
    }
}

/// Days of telework in a week.
pub(super) fn telework(judged: &Judged<'_>, out: &mut Findings) {
    let Some(rule) = &judged.case.pack.telework else {
        return;
    };
    let same_week = |a: &i32, b: &i32| days::week(*a) == days::week(*b);
    for week in judged.work.telework_days.chunk_by(same_week) {
        let count = i64::try_from(week.len()).unwrap_or(i64::MAX);
        if count > rule.figures {
            let span = judged.case.days.week_span(days::week(week[0]));
            out.count(&rule.basis, count, rule.figures, span);
        }
    }
}
