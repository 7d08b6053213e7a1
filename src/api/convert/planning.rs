//! Arrivals and volumes, between wire and engine.

use std::{collections::BTreeMap, sync::Arc};

use super::{Faults, duration, duration_ms, time, wall_timestamp, wire_site_kind};
use crate::{
    api::status::Problem,
    engine::{
        arrivals::{INTERVAL_MS, INTERVALS_A_DAY, MINUTES, Tally},
        command::Command,
        ids::{QueueId, WallTime},
        past::Past,
        profile::SiteKind,
        volumes::{VolumeKind, Volumes},
    },
    proto::v1,
};

const MINUTE_MS: i64 = 60_000;
/// Lengths of intervals, minutes.
const LENGTHS: [i64; 6] = [1, 3, 5, 15, 30, 60];
const VOLUMES_MAX: usize = 40_000;
/// The most calls of an interval.
const CALLS_MAX: f64 = 1_000_000.0;
/// Lists go back so far at most, from their end.
const SPAN_MAX_MS: i64 = 400 * 86_400_000;

/// What is asked of arrivals.
pub(in crate::api) struct Asked {
    pub(in crate::api) queue: QueueId,
    pub(in crate::api) from: WallTime,
    pub(in crate::api) until: WallTime,
    pub(in crate::api) step_ms: i64,
}

/// What a request asks of arrivals.
pub(in crate::api) fn asked(
    request: &v1::ListArrivalsRequest,
    now: WallTime,
) -> Result<Asked, Problem> {
    let mut faults = Faults::default();
    faults.id("queue", &request.queue);
    let default_ms = INTERVAL_MS.unsigned_abs();
    let step_ms = duration_ms(&mut faults, "interval", request.interval, default_ms);
    let step_ms = i64::try_from(step_ms).unwrap_or(i64::MAX);
    if ![MINUTE_MS, INTERVAL_MS].contains(&step_ms) {
        faults.add("interval", "is neither 1 min nor 15 min; give one of them");
    }
    let until = request.end_time;
    let until = until.and_then(|at| time(&mut faults, "end_time", at));
    let until = until.unwrap_or(now.0);
    let from = request.start_time;
    let from = from.and_then(|at| time(&mut faults, "start_time", at));
    let from = from.unwrap_or(until - 86_400_000);
    if from > until || until - from > SPAN_MAX_MS {
        let right = "is after `end_time`, or over 400 days before it; give a time between";
        faults.add("start_time", right);
    }
    faults.finish(Asked {
        queue: QueueId::new(&request.queue),
        from: WallTime(from - from.rem_euclid(step_ms.max(1))),
        until: WallTime(until),
        step_ms,
    })
}

/// An interval with what was counted in it.
pub(in crate::api) fn interval(
    past: &Past,
    at: WallTime,
    counts: Option<Tally>,
    step_ms: i64,
) -> v1::ArrivalInterval {
    let quarter = |volumes: &BTreeMap<i64, Arc<Volumes>>| {
        let is_quarter = step_ms == INTERVAL_MS;
        is_quarter.then(|| calls(volumes, at)).flatten()
    };
    v1::ArrivalInterval {
        start_time: Some(wall_timestamp(at)),
        counts: counts.map(|tally| arrival_counts(&tally, step_ms)),
        imported: quarter(&past.history),
        forecast: quarter(&past.forecast),
    }
}

fn calls(volumes: &BTreeMap<i64, Arc<Volumes>>, at: WallTime) -> Option<f64> {
    let place = at.0.div_euclid(INTERVAL_MS);
    let day = volumes.get(&place.div_euclid(INTERVALS_A_DAY))?;
    let place = usize::try_from(place.rem_euclid(INTERVALS_A_DAY)).ok()?;
    let milli = (*day.milli.get(place)?)?;
    Some(f64::from(milli) / 1_000.0)
}

fn arrival_counts(tally: &Tally, step_ms: i64) -> v1::ArrivalCounts {
    let kinds = SiteKind::ALL.into_iter().enumerate();
    let of_kind = |(place, kind): (usize, SiteKind)| v1::SiteKindArrivals {
        site_kind: wire_site_kind(kind).into(),
        answered: tally.answered[place],
        handled: tally.handled[place],
        handle_time: Some(duration(tally.handle_ms[place])),
    };
    let is_reported = i64::from(tally.reports) == step_ms / MINUTE_MS;
    v1::ArrivalCounts {
        arrived: tally.arrived,
        offered: tally.offered,
        abandoned: tally.abandoned,
        wait_time: Some(duration(tally.waited_ms)),
        reported: is_reported.then_some(tally.reported),
        by_site_kind: kinds.map(of_kind).collect(),
    }
}

/// The order to keep volumes, and how many days they are of.
pub(in crate::api) fn import(
    request: &v1::ImportVolumesRequest,
) -> Result<(Command, i32), Problem> {
    let mut faults = Faults::default();
    faults.id("queue", &request.queue);
    let kind = match v1::VolumeKind::try_from(request.kind) {
        Ok(v1::VolumeKind::History) => VolumeKind::History,
        Ok(v1::VolumeKind::Forecast) => VolumeKind::Forecast,
        Ok(v1::VolumeKind::Unspecified) | Err(_) => {
            let right = "give VOLUME_KIND_HISTORY or VOLUME_KIND_FORECAST";
            faults.add("kind", format!("is {}; {right}", request.kind));
            VolumeKind::History
        }
    };
    let length_ms = duration_ms(&mut faults, "interval", request.interval, 0);
    let length = i64::try_from(length_ms).unwrap_or(i64::MAX) / MINUTE_MS;
    if length.saturating_mul(MINUTE_MS).unsigned_abs() != length_ms || !LENGTHS.contains(&length) {
        faults.add(
            "interval",
            "is no such length; give 1, 3, 5, 15, 30 or 60 min",
        );
        return faults.finish((Command::Tick, 0));
    }
    let volumes = &request.volumes;
    if faults.too_many("volumes", volumes.len(), VOLUMES_MAX, "volumes") {
        return faults.finish((Command::Tick, 0));
    }
    let days = days(&mut faults, volumes, length);
    let count = i32::try_from(days.len()).unwrap_or(i32::MAX);
    let command = Command::ImportVolumes {
        queue: QueueId::new(&request.queue),
        kind,
        days,
    };
    faults.finish((command, count))
}

/// Volumes in quarters of an hour, by day of UTC.
fn days(
    faults: &mut Faults,
    volumes: &[v1::IntervalVolume],
    length: i64,
) -> Vec<(i64, Arc<Volumes>)> {
    let mut by_minute: BTreeMap<i64, u32> = BTreeMap::new();
    for (place, volume) in volumes.iter().enumerate() {
        let field = |name: &str| format!("volumes[{place}].{name}");
        let at = volume.start_time.unwrap_or_default();
        let Some(at) = time(faults, &field("start_time"), at) else {
            continue;
        };
        let minute = at.div_euclid(MINUTE_MS);
        if at % MINUTE_MS != 0 || minute % length.min(MINUTES) != 0 {
            let right = "begins no interval of this length; give the beginning of one";
            faults.add(field("start_time"), right);
        } else if by_minute
            .insert(minute, milli(faults, &field("calls"), volume.calls))
            .is_some()
        {
            faults.add(
                field("start_time"),
                "is there twice; give each interval once",
            );
        }
    }
    let minutes = by_minute.keys();
    let overlap = minutes
        .clone()
        .zip(minutes.skip(1))
        .find(|(one, next)| *next - *one < length);
    if let Some((one, next)) = overlap {
        let problem = format!(
            "has two intervals that overlap, {} min apart; give intervals of {length} min that do not",
            next - one
        );
        faults.add("volumes".to_owned(), problem);
    }
    let mut days: BTreeMap<i64, Vec<Option<u32>>> = BTreeMap::new();
    for (quarter, milli) in quarters(&by_minute, length) {
        let day = days.entry(quarter.div_euclid(INTERVALS_A_DAY));
        let day = day.or_insert_with(|| vec![None; usize::try_from(INTERVALS_A_DAY).unwrap_or(0)]);
        if let Ok(place) = usize::try_from(quarter.rem_euclid(INTERVALS_A_DAY)) {
            day[place] = Some(milli);
        }
    }
    let minutes = u16::try_from(length).unwrap_or(u16::MAX);
    let day = |(day, milli)| (day, Arc::new(Volumes { minutes, milli }));
    days.into_iter().map(day).collect()
}

/// Longer intervals in even parts, shorter ones together where all of them are there.
fn quarters(by_minute: &BTreeMap<i64, u32>, length: i64) -> Vec<(i64, u32)> {
    if length >= MINUTES {
        let parts = u32::try_from(length / MINUTES).unwrap_or(1);
        let split = |(minute, milli): (&i64, &u32)| {
            let first = minute.div_euclid(MINUTES);
            let (part, rest) = (milli / parts, milli % parts);
            (0..parts).map(move |at| (first + i64::from(at), part + u32::from(at < rest)))
        };
        return by_minute.iter().flat_map(split).collect();
    }
    let mut sums: BTreeMap<i64, (i64, u32)> = BTreeMap::new();
    for (minute, milli) in by_minute {
        let sum = sums.entry(minute.div_euclid(MINUTES)).or_default();
        *sum = (sum.0 + 1, sum.1.saturating_add(*milli));
    }
    let whole = sums
        .into_iter()
        .filter(|(_, (parts, _))| *parts == MINUTES / length);
    whole
        .map(|(quarter, (_, milli))| (quarter, milli))
        .collect()
}

fn milli(faults: &mut Faults, field: &str, calls: f64) -> u32 {
    if !(0.0..=CALLS_MAX).contains(&calls) {
        faults.add(field, format!("is {calls}; give 0 to {CALLS_MAX}"));
        return 0;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it was just held to be from 0 to a million"
    )]
    let milli = (calls * 1_000.0).round() as u32;
    milli
}
