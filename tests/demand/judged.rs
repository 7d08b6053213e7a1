//! What is judged of an interval, and from what.

use std::sync::Arc;

use homeshore::engine::{
    command::Command,
    ids::WallTime,
    peaks::{BaselineSource, PeaksSpec, SiteLoad},
    volumes::{VolumeKind, Volumes},
};

use super::morning::{
    Chance, DAY_MS, Floor, QUARTER_MS, begun, local, past_days, pool, queue_id, usual,
};

const EIGHT: &str = "2026-11-30T08:00:00";

/// A Monday at eight, with so many weeks of a past.
fn monday(weeks: i64, peaks: PeaksSpec) -> (Floor, Chance) {
    let mut chance = Chance::new(7);
    let mut floor = begun(pool(peaks), 30);
    let days = past_days(local(EIGHT), weeks, &mut chance);
    floor.import(VolumeKind::History, days);
    (floor, chance)
}

#[test]
fn without_a_past_nothing_is_judged() {
    let mut chance = Chance::new(1);
    let mut floor = begun(pool(PeaksSpec::default()), 3);
    for _ in 0..8 {
        assert_eq!(floor.quarter(3.0, &mut chance), None);
    }
}

#[test]
fn a_usual_interval_is_held_against_what_is_usual() {
    let (mut floor, mut chance) = monday(9, PeaksSpec::default());
    let begin = floor.now;
    let judged = floor
        .quarter(1.0, &mut chance)
        .expect("nine weeks are a past");
    assert_eq!((judged.interval, judged.minutes), (WallTime(begin), 15));
    #[expect(clippy::cast_precision_loss, reason = "thousandths of calls")]
    let baseline = judged.baseline_milli as f64 / 1_000.0;
    assert!(
        (baseline / usual(begin) - 1.0).abs() < 0.15,
        "{baseline} for {}",
        usual(begin)
    );
    assert_eq!(judged.source, BaselineSource::Learned);
    // Sunday has no calls, which is known.
    assert_eq!(judged.known_until, WallTime(local("2026-11-30T00:00:00")));
    assert!(!judged.is_high && judged.short().is_none());
}

#[test]
fn half_hours_of_the_past_are_judged_by_half_hours() {
    let (mut floor, mut chance) = monday(0, PeaksSpec::default());
    let halves = past_days(local(EIGHT), 9, &mut Chance::new(3)).into_iter();
    let halves = halves.map(|(day, quarters)| {
        let pairs = quarters.milli.chunks(2);
        let half = |pair: &[Option<u32>]| pair[0].zip(pair[1]).map(|(a, b)| u32::midpoint(a, b));
        let milli = pairs.flat_map(|pair| [half(pair); 2]).collect();
        (day, Arc::new(Volumes { minutes: 30, milli }))
    });
    floor.import(VolumeKind::History, halves.collect());
    assert_eq!(
        floor.quarter(1.0, &mut chance),
        None,
        "the half hour goes on"
    );
    let judged = floor.quarter(1.0, &mut chance).expect("it is over");
    assert_eq!(
        (judged.interval, judged.minutes),
        (WallTime(local(EIGHT)), 30)
    );
    assert!(
        (100..=190).contains(&judged.count),
        "{} of two quarters",
        judged.count
    );
}

#[test]
fn a_forecast_is_the_baseline_of_its_day() {
    let (mut floor, mut chance) = monday(9, PeaksSpec::default());
    let today = local(EIGHT).div_euclid(DAY_MS);
    let volumes = Volumes {
        minutes: 15,
        milli: vec![Some(200_000); 96],
    };
    floor.import(VolumeKind::Forecast, vec![(today, Arc::new(volumes))]);
    let judged = floor.quarter(1.0, &mut chance).unwrap();
    assert_eq!(
        (judged.baseline_milli, judged.source),
        (200_000, BaselineSource::Forecast)
    );
    assert!(!judged.is_high, "half of what was expected");
}

#[test]
fn reported_arrivals_count_only_when_all_minutes_were_reported() {
    let peaks = PeaksSpec {
        are_arrivals_reported: true,
        ..PeaksSpec::default()
    };
    let (mut floor, _) = monday(9, peaks);
    let begin = floor.now;
    for minute in 0..15 {
        floor.advance(begin + (minute + 1) * 60_000 + 500);
        if minute != 4 {
            report(&mut floor, begin + minute * 60_000, Some(10), None);
        }
    }
    floor.advance(begin + QUARTER_MS + 1_000);
    assert_eq!(
        floor.judge(),
        None,
        "a minute is missing, which is not zero"
    );
    report(&mut floor, begin + 4 * 60_000, Some(10), None);
    let judged = floor.judge().expect("all are there");
    assert_eq!((judged.count, judged.is_high), (150, true));
}

#[test]
fn where_the_staffing_is_known_it_confirms_a_peak_or_does_not() {
    for (agents, is_short) in [(25, true), (200, false)] {
        let (mut floor, mut chance) = monday(9, PeaksSpec::default());
        floor.quarter(1.0, &mut chance);
        let minute = floor.now - floor.now.rem_euclid(60_000) - 60_000;
        report(&mut floor, minute, None, Some(agents));
        let judged = floor.quarter(2.2, &mut chance).unwrap();
        assert!(judged.is_high, "{judged:?}");
        assert_eq!(judged.staffed, Some(agents));
        let short = judged.short().expect("handle time and staffing are known");
        assert_eq!(
            (short > 0, judged.is_peak()),
            (is_short, is_short),
            "{judged:?}"
        );
        let view = floor.engine.queue_view(&queue_id()).unwrap();
        assert_eq!(
            view.state.peak().map(|peak| peak.short),
            is_short.then_some(Some(short))
        );
    }
}

fn report(floor: &mut Floor, minute: i64, arrivals: Option<u32>, agents: Option<u32>) {
    floor.order(&Command::ReportSiteLoad {
        queue: queue_id(),
        load: SiteLoad {
            minute: WallTime(minute),
            arrivals,
            waiting: None,
            agents,
            handle_ms: agents.map(|_| 240_000),
        },
    });
}
