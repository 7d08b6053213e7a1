//! Breaks: after so much work, between sequences, and for lunch.

use crate::labour::{
    evaluate::Judged,
    finding::Findings,
    pack::{Break, Lunch, Rule, Sequence},
    person::AgeBand,
    span::Span,
    work::{Stretch, WorkingDay},
};

/// All rules about breaks, for each working day.
pub(super) fn all(judged: &Judged<'_>, out: &mut Findings) {
    let pack = judged.case.pack;
    for day in &judged.work.working_days {
        let stretches = judged.work.stretches_of(day);
        if let Some(rule) = &pack.break_ {
            once(rule, day, stretches, out);
        }
        if let Some(rule) = &pack.minor_break
            && judged.case.person.age.band(day.day) != AgeBand::Adult
        {
            each(rule, stretches, out);
        }
        if let Some(rule) = &pack.sequence {
            sequence(rule, stretches, out);
        }
        if let Some(rule) = &pack.lunch {
            lunch(judged, rule, day, out);
        }
    }
}

/// The gap after each stretch but the last, with the stretch before it.
fn gaps(stretches: &[Stretch]) -> impl Iterator<Item = (Span, Span)> {
    stretches.windows(2).map(|pair| {
        let (before, after) = (pair[0].span, pair[1].span);
        (before, Span::new(before.end_ms, after.start_ms))
    })
}

/// A break once in the working day, begun before its work reaches the figure, or right then. What is left between two shifts
/// of the day is a break too, and so is one with which the day ends.
fn once(rule: &Rule<Break>, day: &WorkingDay, stretches: &[Stretch], out: &mut Findings) {
    let figures = &rule.figures;
    let last = stretches[stretches.len() - 1].span;
    let tail = (last, Span::new(last.end_ms, day.span.end_ms));
    let mut worked_ms = 0;
    for (stretch, gap) in gaps(stretches).chain([tail]) {
        worked_ms += stretch.length_ms();
        if worked_ms > figures.after_ms {
            break;
        }
        if gap.length_ms() >= figures.minimum_ms {
            return;
        }
    }
    let is_due = worked_ms > figures.after_ms
        || (figures.is_due_when_reached && worked_ms == figures.after_ms);
    if !is_due {
        return;
    }
    // The measured figure is the work until the first break that is long enough.
    let until = gaps(stretches).find(|(_, gap)| gap.length_ms() >= figures.minimum_ms);
    let end_ms = until.map_or(last.end_ms, |(stretch, _)| stretch.end_ms);
    let span = Span::new(stretches[0].span.start_ms, end_ms);
    let work = stretches
        .iter()
        .map(|stretch| stretch.span.overlap_ms(span));
    out.time(&rule.basis, work.sum(), figures.after_ms, span);
}

/// A break each time that work since the last one goes beyond the figure.
fn each(rule: &Rule<Break>, stretches: &[Stretch], out: &mut Findings) {
    for (span, worked_ms, _) in sequences(stretches, rule.figures.minimum_ms) {
        if worked_ms > rule.figures.after_ms {
            out.time(&rule.basis, worked_ms, rule.figures.after_ms, span);
        }
    }
}

/// Work in a row, and the break that ends it: as long as the work before it asks for.
fn sequence(rule: &Rule<Sequence>, stretches: &[Stretch], out: &mut Findings) {
    let figures = &rule.figures;
    for (span, worked_ms, gap) in sequences(stretches, figures.short_break_ms) {
        if worked_ms > figures.maximum_ms {
            out.time(&rule.basis, worked_ms, figures.maximum_ms, span);
        }
        if let Some(gap) = gap
            && worked_ms > figures.short_ms
            && gap.length_ms() < figures.long_break_ms
        {
            out.time(&rule.basis, gap.length_ms(), figures.long_break_ms, gap);
        }
    }
}

/// Runs of work between gaps of at least so much: from start to end, the work in it, and the gap after it.
fn sequences(
    stretches: &[Stretch],
    least_gap_ms: i64,
) -> impl Iterator<Item = (Span, i64, Option<Span>)> {
    let joined = move |a: &Stretch, b: &Stretch| b.span.start_ms - a.span.end_ms < least_gap_ms;
    let mut rest = stretches;
    stretches.chunk_by(joined).map(move |run| {
        rest = &rest[run.len()..];
        let span = Span::new(run[0].span.start_ms, run[run.len() - 1].span.end_ms);
        let worked_ms = run.iter().map(|stretch| stretch.span.length_ms()).sum();
        let gap = rest
            .first()
            .map(|next| Span::new(span.end_ms, next.span.start_ms));
        (span, worked_ms, gap)
    })
}

/// Lunch, for who works on both sides of its hours, or goes on within them after the hours of work at which it is due.
fn lunch(judged: &Judged<'_>, rule: &Rule<Lunch>, day: &WorkingDay, out: &mut Findings) {
    let (figures, days) = (&rule.figures, judged.case.days);
    let hours = Span::new(
        days.clock_ms(day.day, figures.from),
        days.clock_ms(day.day, figures.to),
    );
    let worked = judged.work.worked_span(day);
    let stretches = judged.work.stretches_of(day);
    let spans_it = worked.start_ms < hours.start_ms && worked.end_ms > hours.end_ms;
    let due_ms = reached_at_ms(stretches, figures.after_ms);
    let is_due_in_it = due_ms.is_some_and(|at_ms| (hours.start_ms..hours.end_ms).contains(&at_ms));
    if !spans_it && !is_due_in_it {
        return;
    }
    let (mut worked_ms, mut longest_ms) = (0, 0);
    for (stretch, gap) in gaps(stretches) {
        worked_ms += stretch.length_ms();
        if worked_ms <= figures.after_ms {
            longest_ms = longest_ms.max(gap.overlap_ms(hours));
        }
    }
    if longest_ms < figures.minimum_ms {
        out.time(&rule.basis, longest_ms, figures.minimum_ms, hours);
    }
}

/// When so much has been worked, if work goes on after it.
fn reached_at_ms(stretches: &[Stretch], work_ms: i64) -> Option<i64> {
    let mut left_ms = work_ms;
    for stretch in stretches {
        if left_ms < stretch.span.length_ms() {
            return Some(stretch.span.start_ms + left_ms);
        }
        left_ms -= stretch.span.length_ms();
    }
    None
}
