//! Exports of records and events that cannot be given.

use homeshore::proto::v1;
use prost_types::Timestamp;
use tonic::Code::NotFound;

use super::{LONG, check, expect, invalid};
use crate::support::{World, in_north};

#[tokio::test]
async fn exports_are_refused_by_field() {
    let world = World::with_agents().await;
    let at = |seconds| Some(Timestamp { seconds, nanos: 0 });
    let all = v1::ExportCallRecordsRequest::default;
    let rows = [
        (
            invalid("no time at all", "from"),
            v1::ExportCallRecordsRequest {
                from: at(i64::MAX),
                ..all()
            },
        ),
        (
            invalid("nanos over a second", "to"),
            v1::ExportCallRecordsRequest {
                to: Some(Timestamp {
                    seconds: 1,
                    nanos: i32::MAX,
                }),
                ..all()
            },
        ),
        (
            invalid("an end before the start", "to"),
            v1::ExportCallRecordsRequest {
                from: at(2),
                to: at(1),
                ..all()
            },
        ),
        (
            invalid("an end at the start", "to"),
            v1::ExportCallRecordsRequest {
                from: at(1),
                to: at(1),
                ..all()
            },
        ),
        (
            invalid("1 MB queue", "queue"),
            v1::ExportCallRecordsRequest {
                queue: "q".repeat(LONG),
                ..all()
            },
        ),
        (
            invalid("bidi employer", "employer"),
            v1::ExportCallRecordsRequest {
                employer: "\u{202E}".into(),
                ..all()
            },
        ),
    ];
    let mut supervision = world.supervision();
    for (expected, request) in rows {
        check(&expected, supervision.export_call_records(request).await);
    }
    let unknown = expect("unknown pool", NotFound, "POOL_NOT_FOUND", "homeshore-pool");
    check(
        &unknown,
        supervision.export_call_records(in_north(all())).await,
    );
}

#[tokio::test]
async fn followers_are_refused_by_field() {
    let world = World::with_agents().await;
    let all = v1::FollowEventsRequest::default;
    let rows = [
        (
            invalid("an event of no name here", "events[1]"),
            v1::FollowEventsRequest {
                events: vec!["call_ended".into(), "call_lost".into()],
                ..all()
            },
        ),
        (
            invalid("too many names", "events"),
            v1::FollowEventsRequest {
                events: vec!["call_ended".into(); 65],
                ..all()
            },
        ),
        (
            invalid("1 MB call", "call_id"),
            v1::FollowEventsRequest {
                call_id: "c".repeat(LONG),
                ..all()
            },
        ),
        (
            invalid("bidi agent", "agent_id"),
            v1::FollowEventsRequest {
                agent_id: "\u{202E}".into(),
                ..all()
            },
        ),
        (
            invalid("1 MB queue", "queue"),
            v1::FollowEventsRequest {
                queue: "q".repeat(LONG),
                ..all()
            },
        ),
    ];
    let mut supervision = world.supervision();
    for (expected, request) in rows {
        check(&expected, supervision.follow_events(request).await);
    }
    let unknown = expect("unknown pool", NotFound, "POOL_NOT_FOUND", "homeshore-pool");
    check(&unknown, supervision.follow_events(in_north(all())).await);
}
