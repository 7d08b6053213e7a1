//! Rest: between working days, in a week, on Sundays and holidays.

use crate::labour::{
    days,
    evaluate::Judged,
    finding::Findings,
    pack::{Rule, WeeklyRest},
    person::AgeBand,
    span::Span,
};

/// Rest between two working days, in elapsed time.
pub(super) fn daily(judged: &Judged<'_>, out: &mut Findings) {
    let (pack, work) = (judged.case.pack, &judged.work);
    for pair in work.working_days.windows(2) {
        let (before, after) = (work.worked_span(&pair[0]), work.worked_span(&pair[1]));
        let rest = Span::new(before.end_ms, after.start_ms);
        if let Some(rule) = &pack.daily_rest
            && rest.length_ms() < rule.figures
        {
            out.time(&rule.basis, rest.length_ms(), rule.figures, rest);
        }
        let band = judged.case.person.age.band(pair[1].day);
        if let Some(rule) = &pack.minor_rest
            && let Some(minimum_ms) = match band {
                AgeBand::Adult => None,
                AgeBand::Under18 => Some(rule.figures.minimum_ms),
                AgeBand::Under16 => Some(rule.figures.minimum_under_16_ms),
            }
            && rest.length_ms() < minimum_ms
        {
            out.time(&rule.basis, rest.length_ms(), minimum_ms, rest);
        }
    }
}

/// Rest in each week with work. Before the first work known and after the last is rest.
pub(super) fn weekly(judged: &Judged<'_>, out: &mut Findings) {
    let Some(rule) = &judged.case.pack.weekly_rest else {
        return;
    };
    for week in judged.weeks.of_shifts() {
        let longest_ms = longest_rest_ms(judged, rule, week);
        if longest_ms < rule.figures.minimum_ms {
            let span = judged.case.days.week_span(week);
            out.time(&rule.basis, longest_ms, rule.figures.minimum_ms, span);
        }
    }
}

/// The longest rest of a week. A rest may begin before Monday or end after Sunday, but its day off lies in the week: what it
/// has less than that in the week does not count. A day is as long as the clock makes it.
fn longest_rest_ms(judged: &Judged<'_>, rule: &Rule<WeeklyRest>, week: i32) -> i64 {
    let days = judged.case.days;
    let span = days.week_span(week);
    let stretches = &judged.work.stretches;
    let outside_ms = rule.figures.minimum_ms - rule.figures.day_ms.min(days.shortest_day_ms(week));
    let counted = |rest: Span| rest.length_ms().min(rest.overlap_ms(span) + outside_ms);
    let first = stretches.partition_point(|stretch| stretch.span.end_ms <= span.start_ms);
    let mut from = first
        .checked_sub(1)
        .map_or(span.start_ms - rule.figures.minimum_ms, |last| {
            stretches[last].span.end_ms
        });
    let mut longest_ms = 0;
    for stretch in &stretches[first..] {
        longest_ms = longest_ms.max(counted(Span::new(from, stretch.span.start_ms)));
        from = stretch.span.end_ms;
        if from >= span.end_ms {
            return longest_ms;
        }
    }
    let end_ms = span.end_ms + rule.figures.minimum_ms;
    longest_ms.max(counted(Span::new(from, end_ms)))
}

/// Days with work in a week, each from 00:00 to 24:00.
pub(super) fn working_days(judged: &Judged<'_>, out: &mut Findings) {
    let Some(rule) = &judged.case.pack.working_days else {
        return;
    };
    for days in judged
        .work
        .days
        .chunk_by(|a, b| days::week(a.day) == days::week(b.day))
    {
        let week = days::week(days[0].day);
        let monday = days::monday(week);
        let before = judged.case.past.between(monday, days[0].day);
        let before = before.iter().filter(|day| day.work_ms > 0).count();
        let count = i64::try_from(days.len() + before).unwrap_or(i64::MAX);
        if count > rule.figures {
            let span = judged.case.days.week_span(week);
            out.count(&rule.basis, count, rule.figures, span);
        }
    }
}

/// Work on Sundays, and on days that are compulsory off.
pub(super) fn days_off(judged: &Judged<'_>, out: &mut Findings) {
    let pack = judged.case.pack;
    for day in &judged.work.days {
        let span = judged.case.days.span(day.day);
        if let Some(rule) = &pack.sunday
            && !rule.figures.is_allowed
            && days::is_sunday(day.day)
        {
            out.time(&rule.basis, day.work_ms, 0, span);
        }
        let Some(rule) = &pack.compulsory_holiday else {
            continue;
        };
        let date = days::date(day.day);
        if rule.figures.contains(&(date.month(), date.day())) {
            out.time(&rule.basis, day.work_ms, 0, span);
        }
    }
}
