//! Volumes, reports of sites and words about peaks that are refused.

use homeshore::proto::v1;
use prost_types::{Duration, Timestamp};
use tonic::Code::NotFound;

use super::{LONG, check, expect, invalid};
use crate::{
    server::supervision::ahead,
    support::{World, pool, queue},
};

/// A pool with a queue that is served in peaks.
async fn world() -> World {
    let world = World::start().await;
    let peaks = v1::Queue {
        serve: v1::ServeMode::WindowsAndPeaks.into(),
        zone: "Europe/Paris".into(),
        ..queue("billing")
    };
    let with = v1::Pool {
        queues: vec![queue("sales"), peaks],
        ..pool()
    };
    world.apply_pool(with).await.unwrap();
    world
}

fn volume(seconds: i64, calls: f64) -> v1::IntervalVolume {
    v1::IntervalVolume {
        start_time: Some(Timestamp { seconds, nanos: 0 }),
        calls,
    }
}

fn length(seconds: i64) -> Option<Duration> {
    Some(Duration { seconds, nanos: 0 })
}

/// Three calls in a quarter of an hour.
fn volumes_of(quarter: i64) -> v1::ImportVolumesRequest {
    v1::ImportVolumesRequest {
        queue: "billing".into(),
        kind: v1::VolumeKind::History.into(),
        interval: length(900),
        volumes: vec![volume(quarter, 3.0)],
        request_id: String::new(),
    }
}

/// Hours of which one begins within the other.
fn overlapping(quarter: i64) -> v1::ImportVolumesRequest {
    v1::ImportVolumesRequest {
        interval: length(3_600),
        volumes: vec![volume(quarter, 3.0), volume(quarter + 900, 4.0)],
        ..volumes_of(quarter)
    }
}

/// No time at all.
#[expect(clippy::unnecessary_wraps, reason = "fields of messages are optional")]
fn before_any_second() -> Option<Timestamp> {
    Some(Timestamp {
        seconds: 1,
        nanos: -1,
    })
}

#[tokio::test]
async fn volumes_are_refused_by_field() {
    let world = world().await;
    let now = ahead(0).unwrap().seconds;
    let quarter = now - now % 900;
    let with = |change: &dyn Fn(&mut v1::ImportVolumesRequest)| {
        let mut request = volumes_of(quarter);
        change(&mut request);
        request
    };
    let unknown = expect("unknown queue", NotFound, "QUEUE_NOT_FOUND", "queue");
    let rows = [
        (unknown, with(&|r| r.queue = "nowhere".into())),
        (invalid("no queue", "queue"), with(&|r| r.queue.clear())),
        (
            invalid("1 MB queue", "queue"),
            with(&|r| r.queue = "q".repeat(LONG)),
        ),
        (invalid("no kind", "kind"), with(&|r| r.kind = 0)),
        (invalid("kind 9", "kind"), with(&|r| r.kind = 9)),
        (
            invalid("no length", "interval"),
            with(&|r| r.interval = None),
        ),
        (
            invalid("7 min", "interval"),
            with(&|r| r.interval = length(420)),
        ),
        (
            invalid("below zero", "interval"),
            with(&|r| r.interval = length(-900)),
        ),
        (
            invalid("between", "volumes[0].start_time"),
            with(&|r| r.volumes[0] = volume(quarter + 60, 3.0)),
        ),
        (
            invalid("no time", "volumes[0].start_time"),
            with(&|r| r.volumes[0].start_time = before_any_second()),
        ),
        (
            invalid("overlapping", "volumes"),
            with(&|r| *r = overlapping(quarter)),
        ),
        (
            invalid("twice", "volumes[1].start_time"),
            with(&|r| r.volumes.push(volume(quarter, 4.0))),
        ),
        (
            invalid("-1 call", "volumes[0].calls"),
            with(&|r| r.volumes[0].calls = -1.0),
        ),
        (
            invalid("no number", "volumes[0].calls"),
            with(&|r| r.volumes[0].calls = f64::NAN),
        ),
        (
            invalid("too many", "volumes"),
            with(&|r| r.volumes = vec![volume(quarter, 1.0); 40_001]),
        ),
        (
            invalid("two years ahead", "days[0]"),
            with(&|r| r.volumes[0] = volume(quarter + 730 * 86_400, 1.0)),
        ),
    ];
    for (expected, request) in rows {
        check(&expected, world.planning().import_volumes(request).await);
    }
}

#[tokio::test]
async fn lists_of_arrivals_are_refused_by_field() {
    let world = world().await;
    let with = |change: &dyn Fn(&mut v1::ListArrivalsRequest)| {
        let mut request = v1::ListArrivalsRequest {
            queue: "billing".into(),
            ..v1::ListArrivalsRequest::default()
        };
        change(&mut request);
        request
    };
    let unknown = expect("unknown queue", NotFound, "QUEUE_NOT_FOUND", "queue");
    let rows = [
        (unknown, with(&|r| r.queue = "nowhere".into())),
        (invalid("no queue", "queue"), with(&|r| r.queue.clear())),
        (
            invalid("2 min", "interval"),
            with(&|r| r.interval = length(120)),
        ),
        (
            invalid("backwards", "start_time"),
            with(&|r| r.start_time = ahead(3_600)),
        ),
        (
            invalid("since 1970", "start_time"),
            with(&|r| {
                r.start_time = Some(Timestamp {
                    seconds: 0,
                    nanos: 0,
                });
            }),
        ),
        (
            invalid("no time", "end_time"),
            with(&|r| {
                r.end_time = Some(Timestamp {
                    seconds: 0,
                    nanos: -1,
                });
            }),
        ),
        (invalid("size -1", "page_size"), with(&|r| r.page_size = -1)),
        (
            invalid("no token", "page_token"),
            with(&|r| r.page_token = "x".into()),
        ),
    ];
    for (expected, request) in rows {
        check(&expected, world.planning().list_arrivals(request).await);
    }
}

#[tokio::test]
async fn reports_of_sites_are_refused_by_field() {
    let world = world().await;
    let minute = |ahead_s: i64| {
        let at = ahead(0).unwrap().seconds + ahead_s;
        let seconds = at - at % 60;
        Some(Timestamp { seconds, nanos: 0 })
    };
    let with = |change: &dyn Fn(&mut v1::ReportSiteLoadRequest)| {
        let mut request = v1::ReportSiteLoadRequest {
            queue: "billing".into(),
            minute: minute(-60),
            waiting: Some(3),
            ..v1::ReportSiteLoadRequest::default()
        };
        change(&mut request);
        request
    };
    let unknown = expect("unknown queue", NotFound, "QUEUE_NOT_FOUND", "queue");
    let rows = [
        (unknown, with(&|r| r.queue = "nowhere".into())),
        (invalid("no queue", "queue"), with(&|r| r.queue.clear())),
        (invalid("no minute", "minute"), with(&|r| r.minute = None)),
        (
            invalid("to come", "minute"),
            with(&|r| r.minute = minute(600)),
        ),
        (
            invalid("long ago", "minute"),
            with(&|r| r.minute = minute(-7_200)),
        ),
        (
            invalid("between", "minute"),
            with(&|r| r.minute.as_mut().unwrap().seconds += 7),
        ),
        (
            invalid("-1 arrival", "arrivals"),
            with(&|r| r.arrivals = Some(-1)),
        ),
        (
            invalid("-1 waits", "waiting"),
            with(&|r| r.waiting = Some(-1)),
        ),
        (
            invalid("-1 agent", "agents"),
            with(&|r| r.agents = Some(-1)),
        ),
        (
            invalid("no time at all", "handle_time"),
            with(&|r| r.handle_time = length(-1)),
        ),
    ];
    for (expected, request) in rows {
        check(&expected, world.routing().report_site_load(request).await);
    }
}

#[tokio::test]
async fn words_about_peaks_are_refused_by_field() {
    let world = world().await;
    let mut supervision = world.supervision();
    let declare = |queue: &str, supervisor: &str, reason: &str, until: Option<Timestamp>| {
        v1::DeclarePeakRequest {
            queue: queue.into(),
            supervisor: supervisor.into(),
            reason: reason.into(),
            until,
            request_id: String::new(),
        }
    };
    let unknown = || expect("unknown queue", NotFound, "QUEUE_NOT_FOUND", "queue");
    let hour = ahead(3_600);
    let rows = [
        (unknown(), declare("nowhere", "sue", "storm", hour)),
        (
            invalid("no peaks there", "queue"),
            declare("sales", "sue", "storm", hour),
        ),
        (
            invalid("nobody says so", "supervisor"),
            declare("billing", "", "storm", hour),
        ),
        (
            invalid("no reason", "reason"),
            declare("billing", "sue", "", hour),
        ),
        (
            invalid("no end", "until"),
            declare("billing", "sue", "storm", None),
        ),
        (
            invalid("two days", "until"),
            declare("billing", "sue", "storm", ahead(172_800)),
        ),
    ];
    for (expected, request) in rows {
        check(&expected, supervision.declare_peak(request).await);
    }
    let end = |queue: &str, supervisor: &str, rest: Option<Duration>| v1::EndPeakRequest {
        queue: queue.into(),
        supervisor: supervisor.into(),
        rest,
        request_id: String::new(),
    };
    let rows = [
        (unknown(), end("nowhere", "sue", None)),
        (
            invalid("no peaks there", "queue"),
            end("sales", "sue", None),
        ),
        (
            invalid("nobody orders", "supervisor"),
            end("billing", "", None),
        ),
        (
            invalid("two days", "rest"),
            end("billing", "sue", length(172_800)),
        ),
        (
            invalid("below zero", "rest"),
            end("billing", "sue", length(-1)),
        ),
    ];
    for (expected, request) in rows {
        check(&expected, supervision.end_peak(request).await);
    }
}

#[tokio::test]
async fn settings_of_peaks_are_refused_by_field() {
    let world = world().await;
    let with = |mode: v1::ServeMode, policy: v1::PeakPolicy| {
        let mut pool = pool();
        pool.queues = vec![v1::Queue {
            serve: mode.into(),
            zone: if mode == v1::ServeMode::WindowsAndPeaks {
                "Europe/Paris".into()
            } else {
                String::new()
            },
            peaks: Some(policy),
            ..queue("billing")
        }];
        pool
    };
    let on = |on, off| v1::PeakPolicy {
        site_waiting_on: on,
        site_waiting_off: off,
        ..v1::PeakPolicy::default()
    };
    let lasting = |least_on, least_off| v1::PeakPolicy {
        least_on,
        least_off,
        ..v1::PeakPolicy::default()
    };
    let least = v1::PeakPolicy {
        least_baseline: Some(0),
        ..v1::PeakPolicy::default()
    };
    let peaks = v1::ServeMode::WindowsAndPeaks;
    let rows = [
        (
            "peaks of a queue that is always served",
            "pool.queues[0].peaks",
            with(v1::ServeMode::Always, on(8, 3)),
        ),
        (
            "off above on",
            "pool.queues[0].peaks.site_waiting_off",
            with(peaks, on(8, 8)),
        ),
        (
            "below zero",
            "pool.queues[0].peaks.site_waiting_on",
            with(peaks, on(-8, 0)),
        ),
        (
            "a second",
            "pool.queues[0].peaks.least_on",
            with(peaks, lasting(length(1), None)),
        ),
        (
            "a day",
            "pool.queues[0].peaks.least_off",
            with(peaks, lasting(None, length(86_400))),
        ),
        (
            "no calls",
            "pool.queues[0].peaks.least_baseline",
            with(peaks, least),
        ),
    ];
    for (row, field, pool) in rows {
        check(&invalid(row, field), world.apply_pool(pool).await);
    }
}
