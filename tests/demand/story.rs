//! A Monday morning: a surge turns on a peak, remote agents receive the overflow within a minute, and it ends by itself.

use homeshore::{
    engine::{
        event::{DivertReason, Event},
        ids::PoolTime,
        peaks::{PeakCause, PeaksSpec},
        volumes::VolumeKind,
    },
    pool::journal,
    simulation::checker::Checker,
};

use super::morning::{Chance, Floor, begun, local, past_days, pool};

/// From eight to twelve; what arrives doubles from nine to a quarter to ten.
fn monday(seed: u64) -> Floor {
    let mut chance = Chance::new(seed);
    let eight = local("2026-11-30T08:00:00");
    let mut floor = begun(pool(PeaksSpec::default()), 30);
    floor.import(VolumeKind::History, past_days(eight, 10, &mut chance));
    for quarter in 0..16 {
        let rise = if (4..7).contains(&quarter) { 2.0 } else { 1.0 };
        floor.quarter(rise, &mut chance);
    }
    floor
}

fn at(floor: &Floor, is: impl Fn(&Event) -> bool) -> Vec<i64> {
    let found = floor.seen.iter().filter(|(_, event)| is(event));
    found.map(|(at, _)| *at).collect()
}

#[test]
fn a_surge_of_a_monday_morning_is_served_by_remote_agents_and_ends_by_itself() {
    for seed in [1, 2, 3] {
        let floor = monday(seed);
        let started = at(
            &floor,
            |event| matches!(event, Event::PeakStarted { peak, .. } if peak.cause == PeakCause::Arrivals),
        );
        let [started] = started[..] else {
            panic!("one peak: {started:?}");
        };
        let found = local("2026-11-30T09:15:00")..local("2026-11-30T09:31:00");
        assert!(found.contains(&started), "at {started}, seed {seed}");
        let offers = at(&floor, |event| matches!(event, Event::OfferMade { .. }));
        let first = offers[0];
        assert!(
            (started..=started + 60_000).contains(&first),
            "within a minute"
        );
        let ended = floor.seen.iter().find_map(|(at, event)| match event {
            Event::PeakEnded {
                supervisor,
                since,
                lasted_ms,
                ..
            } => Some((*at, supervisor.clone(), *since, *lasted_ms)),
            _ => None,
        });
        let (ended, supervisor, since, lasted_ms) = ended.expect("it ends");
        assert!(
            ended < local("2026-11-30T11:16:00"),
            "an hour and a half after the surge at most"
        );
        assert_eq!(
            (supervisor, since.0, lasted_ms),
            (
                None,
                started.unsigned_abs(),
                (ended - started).unsigned_abs()
            )
        );
        assert!(
            offers.iter().all(|at| *at <= ended),
            "nobody is offered a call afterwards"
        );
        let diverted = at(&floor, |event| {
            matches!(
                event,
                Event::CallDiverted {
                    reason: DivertReason::OnSite,
                    ..
                }
            )
        });
        assert!(diverted.iter().all(|at| *at <= started || *at >= ended));
        assert!(diverted.first() < Some(&started) && diverted.last() > Some(&ended));
    }
}

#[test]
fn mornings_as_usual_hardly_ever_have_a_peak() {
    let mut alarms = Vec::new();
    for seed in 1..9 {
        let mut chance = Chance::new(seed);
        let eight = local("2026-11-30T08:00:00");
        let mut floor = begun(pool(PeaksSpec::default()), 1);
        floor.import(VolumeKind::History, past_days(eight, 10, &mut chance));
        for _ in 0..20 {
            floor.quarter(1.0, &mut chance);
        }
        alarms.extend(at(&floor, |event| {
            matches!(event, Event::PeakStarted { .. })
        }));
    }
    assert!(alarms.len() <= 1, "in eight mornings: {alarms:?}");
}

#[test]
fn the_story_keeps_every_rule_and_is_told_to_other_programs() {
    let floor = monday(1);
    let mut checker = Checker::new();
    let mut told = Vec::new();
    for (revision, (at, event)) in (1..).zip(&floor.seen) {
        let at = PoolTime(at.unsigned_abs());
        let lines = journal::lines(revision, at, std::slice::from_ref(event));
        for line in &lines {
            checker.line(line);
        }
        told.extend(lines);
    }
    let broken = checker.violations().iter();
    let broken: Vec<_> = broken
        .filter(|broken| matches!(broken.rule.label(), "peak" | "windows"))
        .collect();
    assert!(broken.is_empty(), "{broken:?}");
    let peak: Vec<&String> = told
        .iter()
        .filter(|line| line.contains("\"event\":\"peak_"))
        .collect();
    assert!(
        peak[0].contains("\"event\":\"peak_started\",\"queue\":\"billing\",\"cause\":\"arrivals\""),
        "{peak:?}"
    );
    assert!(
        peak.last()
            .unwrap()
            .contains("\"event\":\"peak_ended\",\"queue\":\"billing\",\"cause\":\"arrivals\"")
    );
}
