//! Part-time: interruptions of the day, sequences, hours above contract.

use crate::labour::{
    evaluate::Judged,
    finding::Findings,
    pack::{Interruptions, PartTimeSequence, Rule},
    span::{MINUTE_MS, Span},
    work::{Stretch, WorkingDay},
};

/// All rules for part-timers.
pub(super) fn all(judged: &Judged<'_>, out: &mut Findings) {
    if !judged.case.person.is_part_time {
        return;
    }
    for day in &judged.work.working_days {
        days(judged, day, out);
    }
    for week in judged.weeks.of_shifts() {
        weeks(judged, week, out);
    }
}

fn days(judged: &Judged<'_>, day: &WorkingDay, out: &mut Findings) {
    let (pack, stretches) = (judged.case.pack, judged.work.stretches_of(day));
    let interruptions = pack.part_time_interruptions.as_ref();
    if let Some(rule) = interruptions {
        check_interruptions(rule, stretches, day.span, out);
    }
    let break_from_ms = interruptions.map_or(45 * MINUTE_MS, |rule| rule.figures.break_from_ms);
    if let Some(rule) = &pack.part_time_sequence {
        check_sequences(rule, stretches, break_from_ms, out);
    }
    if let Some(rule) = &pack.part_time_span {
        let limit_ms = judged.work.worked_ms(day) * rule.figures;
        let length_ms = day.span.length_ms();
        if length_ms > limit_ms {
            out.time(&rule.basis, length_ms, limit_ms, day.span);
        }
    }
}

/// Whether work is interrupted between two stretches: between two shifts, or by a break of some length.
fn is_interruption(before: &Stretch, after: &Stretch, break_from_ms: i64) -> bool {
    let gap_ms = after.span.start_ms - before.span.end_ms;
    before.shift != after.shift || gap_ms >= break_from_ms
}

fn check_interruptions(
    rule: &Rule<Interruptions>,
    stretches: &[Stretch],
    span: Span,
    out: &mut Findings,
) {
    let figures = &rule.figures;
    let mut count = 0;
    for pair in stretches.windows(2) {
        if !is_interruption(&pair[0], &pair[1], figures.break_from_ms) {
            continue;
        }
        count += 1;
        let gap = Span::new(pair[0].span.end_ms, pair[1].span.start_ms);
        if gap.length_ms() > figures.maximum_ms {
            out.time(&rule.basis, gap.length_ms(), figures.maximum_ms, gap);
        }
    }
    if count > figures.count {
        out.count(&rule.basis, count, figures.count, span);
    }
}

fn check_sequences(
    rule: &Rule<PartTimeSequence>,
    stretches: &[Stretch],
    break_from_ms: i64,
    out: &mut Findings,
) {
    let joined = |a: &Stretch, b: &Stretch| !is_interruption(a, b, break_from_ms);
    let runs: Vec<&[Stretch]> = stretches.chunk_by(joined).collect();
    let figures = &rule.figures;
    let least_ms = match (runs.len(), figures.several_ms) {
        (2.., Some(several_ms)) => several_ms,
        _ => figures.minimum_ms,
    };
    for run in runs {
        let span = Span::new(run[0].span.start_ms, run[run.len() - 1].span.end_ms);
        if span.length_ms() < least_ms {
            out.time(&rule.basis, span.length_ms(), least_ms, span);
        }
    }
}

fn weeks(judged: &Judged<'_>, week: i32, out: &mut Findings) {
    let pack = judged.case.pack;
    let work_ms = judged.weeks.sum_ms(week, 1);
    let span = judged.case.days.week_span(week);
    if let Some(rule) = &pack.part_time_full
        && work_ms >= rule.figures
    {
        out.time(&rule.basis, work_ms, rule.figures, span);
    }
    let Some(contract_ms) = judged.case.person.contract_week_ms else {
        return;
    };
    if let Some(rule) = &pack.part_time_extra {
        let limit_ms = contract_ms + contract_ms / rule.figures;
        if work_ms > limit_ms {
            out.time(&rule.basis, work_ms, limit_ms, span);
        }
    }
    let Some(rule) = &pack.part_time_drift else {
        return;
    };
    let weeks = rule.figures.weeks;
    let average_ms = judged.weeks.sum_ms(week, weeks) / i64::from(weeks);
    let limit_ms = contract_ms + rule.figures.above_ms;
    if average_ms >= limit_ms {
        let first = judged.case.days.week_span(week - weeks + 1);
        let span = Span::new(first.start_ms, span.end_ms);
        out.time(&rule.basis, average_ms, limit_ms, span);
    }
}
