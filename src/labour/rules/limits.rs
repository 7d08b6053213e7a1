//! The most work in a day and in a week, on average, and from start to end.

use crate::labour::{
    days,
    evaluate::Judged,
    finding::Findings,
    pack::{Day, Rule},
    person::{AgeBand, DayWork},
};

/// The most work in a day, 00:00 to 24:00.
pub(super) fn days(judged: &Judged<'_>, out: &mut Findings) {
    let pack = judged.case.pack;
    for (place, day) in judged.work.days.iter().enumerate() {
        let span = judged.case.days.span(day.day);
        if let Some(rule) = &pack.day {
            let limit_ms = day_limit_ms(judged, rule, place);
            if day.work_ms > limit_ms {
                out.time(&rule.basis, day.work_ms, limit_ms, span);
            }
        }
        if let Some(rule) = &pack.minor_day
            && is_minor(judged, day.day)
            && day.work_ms > rule.figures
        {
            out.time(&rule.basis, day.work_ms, rule.figures, span);
        }
    }
}

fn is_minor(judged: &Judged<'_>, day: i32) -> bool {
    judged.case.person.age.band(day) != AgeBand::Adult
}

/// The limit of a day: the longer one while days of that length are left in the month.
fn day_limit_ms(judged: &Judged<'_>, rule: &Rule<Day>, place: usize) -> i64 {
    let day = judged.work.days[place];
    let maximum_ms = rule.figures.maximum_ms;
    let Some((extended_ms, most)) = rule.figures.extended else {
        return maximum_ms;
    };
    if day.work_ms <= maximum_ms {
        return maximum_ms;
    }
    let first = days::number(days::date(day.day).first_of_month());
    let is_long = |day: &&DayWork| day.day >= first && day.work_ms > maximum_ms;
    let planned = judged.work.days[..place].iter().filter(is_long).count();
    let past = judged.case.past.between(first, day.day);
    let used = planned + past.iter().filter(is_long).count();
    if u32::try_from(used).is_ok_and(|used| used < most) {
        extended_ms
    } else {
        maximum_ms
    }
}

/// The most work in a week.
pub(super) fn weeks(judged: &Judged<'_>, out: &mut Findings) {
    let pack = judged.case.pack;
    for week in judged.weeks.of_shifts() {
        let work_ms = judged.weeks.sum_ms(week, 1);
        let span = judged.case.days.week_span(week);
        if let Some(rule) = &pack.week
            && work_ms > rule.figures
        {
            out.time(&rule.basis, work_ms, rule.figures, span);
        }
        if let Some(rule) = &pack.minor_week
            && is_minor(judged, days::monday(week))
            && work_ms > rule.figures
        {
            out.time(&rule.basis, work_ms, rule.figures, span);
        }
    }
}

/// The most work in a week on average, over any so many weeks in a row. Weeks of which nothing is known were not worked.
pub(super) fn averages(judged: &Judged<'_>, out: &mut Findings) {
    let Some(rule) = &judged.case.pack.average else {
        return;
    };
    let weeks = rule.figures.weeks;
    for week in judged.weeks.of_shifts() {
        let sum_ms = judged.weeks.sum_ms(week, weeks);
        if sum_ms > rule.figures.maximum_ms * i64::from(weeks) {
            let first = judged.case.days.week_span(week - weeks + 1);
            let mut span = judged.case.days.week_span(week);
            span.start_ms = first.start_ms;
            let average_ms = sum_ms / i64::from(weeks);
            out.time(&rule.basis, average_ms, rule.figures.maximum_ms, span);
        }
    }
}

/// The most from the start of a working day to its end, breaks included.
pub(super) fn spans(judged: &Judged<'_>, out: &mut Findings) {
    let Some(rule) = &judged.case.pack.day_span else {
        return;
    };
    for day in &judged.work.working_days {
        let length_ms = day.span.length_ms();
        if length_ms > rule.figures.maximum_ms {
            out.time(&rule.basis, length_ms, rule.figures.maximum_ms, day.span);
        }
    }
}
