//! The labour guard: how long the evaluator takes for a week of an agent, and for looking ahead at an offer. The target is
//! 10 µs an agent-week; `cargo bench --bench labour`.
#![expect(clippy::unwrap_used, reason = "a bench stops where it cannot go on")]

use std::hint::black_box;

use criterion::Criterion;
use homeshore::{
    calendar::zone::Zone,
    labour::{
        Case, DayWork, HOUR_MS, MINUTE_MS, Past, Person, Shift, Span, Worked,
        days::{Days, number},
        evaluate, pack,
    },
};
use jiff::civil::date;

/// Five days of 7 h with lunch and two breaks, from Monday 2 March 2026.
fn week(zone: &Zone) -> Vec<Shift> {
    let day = |day: i8| {
        let nine = zone.instant(date(2026, 3, day).at(9, 0, 0, 0));
        let at = |minutes: i64| nine.as_millisecond() + minutes * MINUTE_MS;
        let span = |from, to| Span::new(at(from), at(to));
        let breaks = [span(105, 115), span(180, 240), span(360, 375)];
        Shift::work(span(0, 505)).with_breaks(breaks)
    };
    (2..=6).map(day).collect()
}

/// A year of such weeks.
fn past() -> Past {
    let monday = number(date(2026, 3, 2));
    let days = (1..=52).flat_map(|weeks| (0..5).map(move |day| monday - 7 * weeks + day));
    Past::new(days.map(|day| DayWork {
        day,
        work_ms: 7 * HOUR_MS,
        night_ms: 0,
    }))
}

fn main() {
    let zone = Zone::named("Europe/Paris").unwrap();
    let (shifts, past, person) = (week(&zone), past(), Person::default());
    let whole = Span::new(shifts[0].span.start_ms, shifts[4].span.end_ms);
    let days = Days::around(&zone, whole);
    let mut criterion = Criterion::default().configure_from_args();
    for name in ["fr", "fr-2148", "fr-2098"] {
        let pack = pack::embedded().get(name).unwrap();
        let case = Case {
            pack,
            person: &person,
            days: &days,
            shifts: &shifts,
            past: &past,
        };
        criterion.bench_function(&format!("agent-week/{name}"), |timer| {
            timer.iter(|| evaluate(black_box(&case)));
        });
        let worked = Worked {
            pack,
            person: &person,
            days: &days,
            shifts: &shifts[..4],
            past: &past,
        };
        let now_ms = shifts[4].span.start_ms;
        criterion.bench_function(&format!("look ahead/{name}"), |timer| {
            timer.iter(|| worked.limits(black_box(now_ms), 4 * HOUR_MS));
        });
    }
    criterion.final_summary();
}
