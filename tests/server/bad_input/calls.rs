//! Calls that cannot be taken, and reports that do not fit.

use std::collections::BTreeMap;

use homeshore::{
    api::receipts::Receipt,
    clock,
    engine::{
        call::{CallOrigin, OverflowTarget},
        ids::{CallId, PoolId, PoolTime, QueueId},
    },
    proto::v1::{self, CallReport},
};
use tonic::Code::{AlreadyExists, FailedPrecondition, NotFound};

use super::{Expected, LONG, check, expect, invalid};
use crate::support::{World, call, french, receipts};

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table, a row each")]
async fn calls_are_refused_by_field() {
    let world = World::with_agents().await;
    let with = |change: &dyn Fn(&mut v1::RouteCallRequest)| {
        let mut request = call("c1");
        change(&mut request);
        request
    };
    let origin = |pool: &str, call_id: &str| {
        Some(v1::CallOrigin {
            pool: pool.into(),
            call_id: call_id.into(),
        })
    };
    let receipt = |age_s: u64, queue: &str| {
        let left_at = PoolTime(u64::try_from(clock::wall().0).unwrap() - age_s * 1_000);
        receipts().give(&Receipt {
            origin: CallOrigin {
                pool: PoolId::new("north"),
                call: CallId::new("c1"),
            },
            target: OverflowTarget {
                pool: PoolId::new("default"),
                queue: QueueId::new(queue),
            },
            wait_from: left_at.minus(60_000),
            left_at,
        })
    };
    let at = |seconds, nanos| Some(prost_types::Timestamp { seconds, nanos });
    let rows: Vec<(Expected, v1::RouteCallRequest)> = vec![
        (
            expect("unknown queue", NotFound, "QUEUE_NOT_FOUND", "queue"),
            with(&|c| c.queue = "nowhere".into()),
        ),
        (invalid("empty id", "call_id"), with(&|c| c.call_id.clear())),
        (
            invalid("long id", "call_id"),
            with(&|c| c.call_id = "x".repeat(129)),
        ),
        (
            invalid("1 MB id", "call_id"),
            with(&|c| c.call_id = "x".repeat(LONG)),
        ),
        (
            invalid("NUL in an id", "call_id"),
            with(&|c| c.call_id = "a\0b".into()),
        ),
        (
            invalid("bidi in an id", "call_id"),
            with(&|c| c.call_id = "a\u{202E}b".into()),
        ),
        (invalid("empty queue", "queue"), with(&|c| c.queue.clear())),
        (
            invalid("1 MB queue", "queue"),
            with(&|c| c.queue = "q".repeat(LONG)),
        ),
        (
            invalid("no platform", "platform"),
            with(&|c| c.platform.clear()),
        ),
        (
            invalid("bidi instance", "instance"),
            with(&|c| c.instance = "\u{2066}".into()),
        ),
        (
            invalid("1 MB preferred agent", "preferred_agent_id"),
            with(&|c| c.preferred_agent_id = "a".repeat(LONG)),
        ),
        (
            invalid("unknown priority", "priority"),
            with(&|c| c.priority = "vip".into()),
        ),
        (
            invalid("1 MB priority", "priority"),
            with(&|c| c.priority = "p".repeat(LONG)),
        ),
        (
            invalid("level 0", "skills[0].level"),
            with(&|c| c.skills = vec![french(0)]),
        ),
        (
            invalid("level 6", "skills[0].level"),
            with(&|c| c.skills = vec![french(6)]),
        ),
        (
            invalid("level -1", "skills[0].level"),
            with(&|c| c.skills = vec![french(-1)]),
        ),
        (
            invalid("level 2^31-1", "skills[0].level"),
            with(&|c| c.skills = vec![french(i32::MAX)]),
        ),
        (
            invalid("a skill twice", "skills[1].skill"),
            with(&|c| c.skills = vec![french(1), french(2)]),
        ),
        (
            invalid("100,000 skills", "skills"),
            with(&|c| c.skills = vec![french(1); 100_000]),
        ),
        (
            invalid("5 KiB of attributes", "attributes"),
            with(&|c| c.attributes = BTreeMap::from([("a".into(), "b".repeat(5_000))])),
        ),
        (
            invalid("NUL in an attribute", "attributes[a]"),
            with(&|c| c.attributes = BTreeMap::from([("a".into(), "\0".into())])),
        ),
        (
            invalid("an origin without a call", "overflowed_from.call_id"),
            with(&|c| c.overflowed_from = origin("north", "")),
        ),
        (
            invalid("an origin in no pool", "overflowed_from.pool"),
            with(&|c| c.overflowed_from = origin("No Where", "c9")),
        ),
        (
            invalid("a receipt of nobody", "receipt"),
            with(&|c| c.receipt = "aGVsbG8".into()),
        ),
        (
            invalid("1 MB receipt", "receipt"),
            with(&|c| c.receipt = "A".repeat(LONG)),
        ),
        (
            invalid("a receipt of half an hour ago", "receipt"),
            with(&|c| c.receipt = receipt(1_800, "sales")),
        ),
        (
            invalid("a receipt for another queue", "receipt"),
            with(&|c| c.receipt = receipt(1, "support")),
        ),
        (
            invalid("an origin beside its receipt", "overflowed_from"),
            with(&|c| {
                c.receipt = receipt(1, "sales");
                c.overflowed_from = origin("north", "c2");
            }),
        ),
        (
            invalid("a time with 2^31-1 ns", "arrived_at"),
            with(&|c| c.arrived_at = at(0, i32::MAX)),
        ),
        (
            invalid("a time before the year 1", "arrived_at"),
            with(&|c| c.arrived_at = at(i64::MIN, 0)),
        ),
        (
            invalid("a time after the year 9999", "arrived_at"),
            with(&|c| c.arrived_at = at(i64::MAX, 0)),
        ),
    ];
    for (expected, request) in rows {
        check(&expected, world.routing().route_call(request).await);
    }
    let list = v1::ListCallsRequest::default();
    let calls = world
        .routing()
        .list_calls(list)
        .await
        .unwrap()
        .into_inner()
        .calls;
    assert!(calls.is_empty(), "nothing was half done");
    for (seconds, id) in [(-62_135_596_800, "year-1"), (253_402_300_799, "year-9999")] {
        let request = with(&|c| {
            c.call_id = id.into();
            c.arrived_at = at(seconds, 0);
        });
        world
            .routing()
            .route_call(request)
            .await
            .expect("any real time is taken");
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table, a row each")]
async fn calls_that_are_known_are_refused_by_content_and_state() {
    let world = World::with_agents().await;
    let mut routing = world.routing();
    routing.route_call(call("c1")).await.unwrap();
    routing
        .route_call(call("c1"))
        .await
        .expect("equal content is the same call");
    let other = v1::RouteCallRequest {
        priority: String::new(),
        skills: vec![french(2)],
        ..call("c1")
    };
    let reused = expect("other content", AlreadyExists, "CALL_ID_REUSED", "call_id");
    check(&reused, routing.route_call(other).await);
    let report = |call_id: &str, offer_id: &str, report: i32| v1::ReportCallRequest {
        call_id: call_id.into(),
        offer_id: offer_id.into(),
        report,
    };
    let ended = i32::from(CallReport::Ended);
    let answered = i32::from(CallReport::Answered);
    let rows = [
        (
            expect("unknown call", NotFound, "CALL_NOT_FOUND", "call_id"),
            report("zzz", "", ended),
        ),
        (
            expect("not connected", FailedPrecondition, "WRONG_STATE", ""),
            report("c1", "", ended),
        ),
        (invalid("no report", "report"), report("c1", "", 0)),
        (invalid("report 99", "report"), report("c1", "", 99)),
        (invalid("no offer", "offer_id"), report("c1", "", answered)),
        (
            invalid("an offer never made", "offer_id"),
            report("c1", "o99", answered),
        ),
        (
            invalid("no offer's id", "offer_id"),
            report("c1", "\u{202E}o1", answered),
        ),
        (
            invalid("1 MB offer", "offer_id"),
            report("c1", &"9".repeat(LONG), answered),
        ),
    ];
    for (expected, request) in rows {
        check(&expected, routing.report_call(request).await);
    }
    let cancel = v1::CancelCallRequest {
        call_id: "zzz".into(),
    };
    check(
        &expect("unknown call", NotFound, "CALL_NOT_FOUND", "call_id"),
        routing.cancel_call(cancel).await,
    );
    let get = v1::GetCallRequest {
        call_id: "zzz".into(),
        ..v1::GetCallRequest::default()
    };
    check(
        &expect("unknown call", NotFound, "CALL_NOT_FOUND", "call_id"),
        routing.get_call(get).await,
    );
    let list = |page_size, page_token: &str, queue: &str| v1::ListCallsRequest {
        queue: queue.into(),
        page_size,
        page_token: page_token.into(),
    };
    check(
        &invalid("negative page", "page_size"),
        routing.list_calls(list(-1, "", "")).await,
    );
    check(
        &invalid("made-up token", "page_token"),
        routing.list_calls(list(0, "é", "")).await,
    );
    check(
        &invalid("made-up token", "page_token"),
        routing.list_calls(list(0, "00", "")).await,
    );
    check(
        &expect("unknown queue", NotFound, "QUEUE_NOT_FOUND", "queue"),
        routing.list_calls(list(0, "", "x")).await,
    );
}
