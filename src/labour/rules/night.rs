//! Work at night: minors, night workers.

use crate::labour::{
    days::{self, Days},
    evaluate::Judged,
    finding::Findings,
    pack::{Night, NightWorker, Rule},
    person::{AgeBand, DayWork},
    span::Span,
    work::{self, WorkingDay},
};

/// All rules about work at night.
pub(super) fn all(judged: &Judged<'_>, out: &mut Findings) {
    minors(judged, out);
    let pack = judged.case.pack;
    if let (Some(night), Some(rule)) = (&pack.night, &pack.night_worker) {
        night_worker(judged, &night.figures, rule, out);
    }
}

/// Minors do not work at night, by their own hours.
fn minors(judged: &Judged<'_>, out: &mut Findings) {
    let Some(rule) = &judged.case.pack.minor_night else {
        return;
    };
    for day in &judged.work.days {
        let from = match judged.case.person.age.band(day.day) {
            AgeBand::Adult => continue,
            AgeBand::Under18 => rule.figures.from,
            AgeBand::Under16 => rule.figures.from_under_16,
        };
        let to = rule.figures.to;
        let span = judged.case.days.span(day.day);
        let night_ms = night_of_day(judged, day.day, &Night { from, to });
        if night_ms > 0 {
            out.time(&rule.basis, night_ms, 0, span);
        }
    }
}

fn night_of_day(judged: &Judged<'_>, day: i32, night: &Night) -> i64 {
    let (whole, days) = (judged.case.days.span(day), judged.case.days);
    let stretches = &judged.work.stretches;
    let first = stretches.partition_point(|stretch| stretch.span.end_ms <= whole.start_ms);
    let in_day = stretches[first..]
        .iter()
        .take_while(|stretch| stretch.span.start_ms < whole.end_ms);
    let night_ms = in_day.map(|stretch| {
        let piece = Span::new(
            stretch.span.start_ms.max(whole.start_ms),
            stretch.span.end_ms.min(whole.end_ms),
        );
        work::night_in_day(piece, day, night, days)
    });
    night_ms.sum()
}

/// Who works at night often is a night worker, with a shorter day and week.
fn night_worker(judged: &Judged<'_>, night: &Night, rule: &Rule<NightWorker>, out: &mut Findings) {
    let person = judged.case.person;
    let mut days = judged.work.days.iter().chain(judged.case.past.days());
    if !person.is_night_worker && days.all(|day| day.night_ms == 0) {
        return;
    }
    for week in judged.weeks.of_shifts() {
        let span = judged.case.days.week_span(week);
        let in_week = |day: &&WorkingDay| days::week(day.day) == week;
        let working_days = || judged.work.working_days.iter().filter(in_week);
        let counts = |day: &&WorkingDay| night_of(judged, day, night) >= rule.figures.hours_ms;
        let times = i64::try_from(working_days().filter(counts).count()).unwrap_or(i64::MAX);
        let year_ms = year_ms(judged, week);
        let is_often = times >= rule.figures.times;
        if !is_often && !person.is_night_worker && year_ms < rule.figures.year_ms {
            continue;
        }
        if is_often {
            out.count(&rule.basis, times, rule.figures.times, span);
        } else if year_ms >= rule.figures.year_ms {
            out.time(&rule.basis, year_ms, rule.figures.year_ms, span);
        }
        night_days(judged, working_days(), week, out);
        night_average(judged, week, out);
    }
}

/// Night hours of a working day, which may end after midnight.
fn night_of(judged: &Judged<'_>, day: &WorkingDay, night: &Night) -> i64 {
    let days: &Days = judged.case.days;
    let mut sum_ms = 0;
    for stretch in judged.work.stretches_of(day) {
        let (first, last) = (
            days.day(stretch.span.start_ms),
            days.day(stretch.span.end_ms - 1),
        );
        for number in first..=last {
            let whole = days.span(number);
            let piece = Span::new(
                stretch.span.start_ms.max(whole.start_ms),
                stretch.span.end_ms.min(whole.end_ms),
            );
            sum_ms += work::night_in_day(piece, number, night, days);
        }
    }
    sum_ms
}

/// Night hours in the 12 months that end with a week.
fn year_ms(judged: &Judged<'_>, week: i32) -> i64 {
    let end = days::monday(week + 1);
    let from = end - 365;
    let in_year = |day: &&DayWork| (from..end).contains(&day.day);
    let past = judged.case.past.between(from, end).iter();
    let planned = judged.work.days.iter().filter(in_year);
    past.chain(planned).map(|day| day.night_ms).sum()
}

/// A night worker's day is measured from 00:00 to 24:00 and also from the start of a working day to its end, as a night's work
/// lies in two days of the calendar.
fn night_days<'w>(
    judged: &Judged<'_>,
    working_days: impl Iterator<Item = &'w WorkingDay>,
    week: i32,
    out: &mut Findings,
) {
    let Some(rule) = &judged.case.pack.night_day else {
        return;
    };
    for day in working_days {
        let worked_ms = judged.work.worked_ms(day);
        if worked_ms > rule.figures {
            out.time(
                &rule.basis,
                worked_ms,
                rule.figures,
                judged.work.worked_span(day),
            );
        }
    }
    for day in &judged.work.days {
        if days::week(day.day) == week && day.work_ms > rule.figures {
            let span = judged.case.days.span(day.day);
            out.time(&rule.basis, day.work_ms, rule.figures, span);
        }
    }
}

fn night_average(judged: &Judged<'_>, week: i32, out: &mut Findings) {
    let Some(rule) = &judged.case.pack.night_average else {
        return;
    };
    let weeks = rule.figures.weeks;
    let sum_ms = judged.weeks.sum_ms(week, weeks);
    if sum_ms > rule.figures.maximum_ms * i64::from(weeks) {
        let span = Span::new(
            judged.case.days.week_span(week - weeks + 1).start_ms,
            judged.case.days.week_span(week).end_ms,
        );
        let average_ms = sum_ms / i64::from(weeks);
        out.time(&rule.basis, average_ms, rule.figures.maximum_ms, span);
    }
}
