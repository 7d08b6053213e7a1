//! Random schedules, judged by the evaluator and minute by minute.

use std::collections::BTreeSet;

use homeshore::labour::{
    Age, DayWork, HOUR_MS, MINUTE_MS, Past, Person, Severity, Shift, Span, Worked, days::Days, pack,
};
use proptest::prelude::*;

use super::{
    naive::{Plan, Who, broken},
    notation::{Week, findings, zone},
};

fn who() -> impl Strategy<Value = Who> {
    let regime = prop::sample::select(vec!["fr", "fr-2098", "fr-2148", "eu"]);
    let age = prop::sample::select(vec![15_u8, 16, 17, 18, 30, 30, 30]);
    (regime, age, any::<bool>(), 10..34_i64).prop_map(
        |(regime, age, is_part_time, contract_hours)| Who {
            regime,
            age,
            is_part_time,
            contract_hours,
        },
    )
}

/// Lengths around the figures of the rules, and others.
fn length() -> impl Strategy<Value = i64> {
    let near = prop::sample::select(vec![60_i64, 120, 180, 240, 270, 360, 480, 600]);
    prop_oneof![
        3 => (near, -1..=1_i64).prop_map(|(length, more)| length + more),
        1 => 1..720_i64,
    ]
}

/// Breaks and rests around the figures of the rules, and others.
fn gap() -> impl Strategy<Value = i64> {
    let near = prop::sample::select(vec![
        10_i64, 15, 20, 30, 45, 60, 120, 660, 720, 840, 1_440, 2_100,
    ]);
    prop_oneof![
        4 => (near, -1..=1_i64).prop_map(|(length, more)| length + more),
        2 => 1..1_500_i64,
        1 => Just(0),
    ]
}

/// Work and gaps one after the other; a gap is a break of a shift or lies between two.
fn plans() -> impl Strategy<Value = Vec<Plan>> {
    let week = prop::sample::select(vec![Week::Plain, Week::Spring, Week::Autumn]);
    let steps = prop::collection::vec((length(), gap(), prop::bool::weighted(0.6)), 1..24);
    (week, 0..10_080_i64, steps, prop::bool::weighted(0.1)).prop_map(|(week, from, steps, tail)| {
        let monday = zone().day_start(week.monday()).as_second() / 60;
        let mut at = monday + from;
        let mut plans: Vec<Plan> = Vec::new();
        let mut goes_on = false;
        for (length, gap, is_break) in steps {
            if goes_on {
                let last = plans.last_mut().unwrap();
                last.breaks.push((last.end, at));
                last.end = at + length;
            } else {
                plans.push(Plan {
                    start: at,
                    end: at + length,
                    breaks: Vec::new(),
                });
            }
            goes_on = is_break && (1..300).contains(&gap);
            at += length + gap;
        }
        if tail {
            let last = plans.last_mut().unwrap();
            last.breaks.push((last.end, last.end + 25));
            last.end += 25;
        }
        plans
    })
}

fn person(who: &Who) -> Person {
    Person {
        age: Age::Years(who.age),
        is_part_time: who.is_part_time,
        is_night_worker: false,
        contract_week_ms: Some(who.contract_hours * HOUR_MS),
    }
}

fn shifts(plans: &[Plan]) -> Vec<Shift> {
    let span = |start: i64, end: i64| Span::new(start * MINUTE_MS, end * MINUTE_MS);
    let shift = |plan: &Plan| {
        let breaks = plan.breaks.iter().map(|(start, end)| span(*start, *end));
        Shift::work(span(plan.start, plan.end)).with_breaks(breaks)
    };
    plans.iter().map(shift).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn the_evaluator_agrees_with_rules_said_minute_by_minute(who in who(), plans in plans()) {
        let found = findings(who.regime, &person(&who), &shifts(&plans), &Past::default());
        let blocking = found.iter().filter(|finding| finding.severity == Severity::Blocking);
        let articles: BTreeSet<String> = blocking.map(|finding| finding.article.to_string()).collect();
        let expected: BTreeSet<String> = broken(&who, &plans).into_iter().map(str::to_owned).collect();
        prop_assert_eq!(articles, expected, "{:#?}", found);
    }

    /// Averages of weeks, said again by adding up every window.
    #[test]
    fn averages_are_those_of_every_window(weeks in prop::collection::vec(2_300..2_900_i64, 1..30), last in 1..600_i64) {
        let monday = homeshore::labour::days::number(Week::Plain.monday());
        let count = i32::try_from(weeks.len()).unwrap();
        let day = |week: usize| monday - 7 * (count - i32::try_from(week).unwrap());
        let past = weeks.iter().enumerate().map(|(week, minutes)| DayWork {
            day: day(week),
            work_ms: minutes * MINUTE_MS,
            night_ms: 0,
        });
        let start = zone().day_start(Week::Plain.monday()).as_second() / 60 + 8 * 60;
        let plan = Plan { start, end: start + last, breaks: Vec::new() };
        let past = Past::new(past);
        for (pack, article, length, most) in [("fr", "L3121-22", 12, 44), ("fr-2148", "L3121-22", 10, 44), ("eu", "2003/88-6", 17, 48)] {
            let found = findings(pack, &Person::default(), &shifts(std::slice::from_ref(&plan)), &past);
            let is_found = found.iter().any(|finding| &*finding.article == article);
            let before: i64 = weeks.iter().rev().take(length - 1).sum();
            let is_expected = before + last > most * 60 * i64::try_from(length).unwrap();
            prop_assert_eq!(is_found, is_expected, "{}", pack);
        }
    }

    /// Work up to the limit that looking ahead tells breaks nothing more, and a ms beyond does, by the evaluator.
    #[test]
    fn looking_ahead_tells_exactly_what_work_would_break(who in who(), plans in plans(), wait in gap()) {
        let worked = shifts(&plans);
        let now_ms = worked[worked.len() - 1].span.end_ms + wait * MINUTE_MS;
        let (person, days) = (person(&who), Days::around(&zone(), Span::new(worked[0].span.start_ms, now_ms)));
        let asked = Worked {
            pack: pack::embedded().get(who.regime).unwrap(),
            person: &person,
            days: &days,
            shifts: &worked,
            past: &Past::default(),
        };
        let before: BTreeSet<_> = blocking(&who, &worked);
        let with = |length_ms: i64| {
            let mut shifts = worked.clone();
            homeshore::labour::record(&mut shifts, Span::new(now_ms, now_ms + length_ms));
            blocking(&who, &shifts).difference(&before).cloned().collect::<BTreeSet<_>>()
        };
        let horizon_ms = 4 * HOUR_MS;
        let limits = asked.limits(now_ms, horizon_ms);
        match limits.first() {
            None => prop_assert_eq!(with(horizon_ms), BTreeSet::new()),
            Some(limit) => {
                let left_ms = limit.until_ms - now_ms;
                if left_ms > 0 {
                    prop_assert_eq!(with(left_ms), BTreeSet::new(), "{:?}", limit);
                }
                prop_assert!(!with(left_ms + 1).is_empty(), "{:?}", limit);
            }
        }
    }
}

/// What is broken, with the figure that was measured; but for what says nothing of the next call.
fn blocking(who: &Who, shifts: &[Shift]) -> BTreeSet<(&'static str, i64, String)> {
    let found = findings(who.regime, &person(who), shifts, &Past::default());
    let kept = found.into_iter().filter(|finding| {
        let name = finding.rule.name();
        finding.severity == Severity::Blocking
            && !["part_time_sequence", "part_time_span"].contains(&name)
            && (name != "break" || finding.measured > finding.limit)
    });
    kept.map(|finding| {
        (
            finding.rule.name(),
            finding.span.start_ms,
            format!("{:?}", finding.measured),
        )
    })
    .collect()
}
