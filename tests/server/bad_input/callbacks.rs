//! Callbacks that cannot be.

use homeshore::proto::v1;
use tonic::Code::{FailedPrecondition, NotFound};

use super::{check, expect, invalid};
use crate::support::{World, call, pool, queue};

#[tokio::test]
async fn callbacks_are_refused_by_field_and_state() {
    let world = World::with_agents().await;
    let mut wider = pool();
    wider.queues[0].callback = Some(v1::CallbackPolicy::default());
    wider.queues.push(queue("plain"));
    world.apply_pool(wider).await.unwrap();
    let mut routing = world.routing();
    routing.route_call(call("c1")).await.unwrap();
    let plain = v1::RouteCallRequest {
        queue: "plain".into(),
        ..call("c2")
    };
    routing.route_call(plain).await.unwrap();
    let at = |seconds, nanos| Some(prost_types::Timestamp { seconds, nanos });
    let rows = [
        (invalid("empty id", "call_id"), "", None),
        (invalid("bidi id", "call_id"), "a\u{202E}b", None),
        (
            invalid("a time with 2^31-1 ns", "not_before"),
            "c1",
            at(0, i32::MAX),
        ),
        (
            invalid("after the year 9999", "not_before"),
            "c1",
            at(i64::MAX, 0),
        ),
        (
            invalid("in the year 9999", "not_before"),
            "c1",
            at(253_402_300_799, 0),
        ),
        (
            expect("unknown call", NotFound, "CALL_NOT_FOUND", "call_id"),
            "zzz",
            None,
        ),
        (
            expect("no callbacks", FailedPrecondition, "WRONG_STATE", ""),
            "c2",
            None,
        ),
    ];
    for (expected, id, not_before) in rows {
        let request = v1::RequestCallbackRequest {
            call_id: id.into(),
            not_before,
        };
        check(&expected, routing.request_callback(request).await);
    }
    let report = v1::ReportCallRequest {
        call_id: "c1".into(),
        offer_id: "o1".into(),
        report: v1::CallReport::CustomerUnreached.into(),
    };
    let on_a_line = expect("on a line", FailedPrecondition, "WRONG_STATE", "");
    check(&on_a_line, routing.report_call(report).await);
}

#[tokio::test]
async fn callback_policies_are_refused_by_field() {
    let world = World::with_agents().await;
    let span = |seconds| Some(prost_types::Duration { seconds, nanos: 0 });
    let policy = |ring, retry_after, attempts, until_after| v1::CallbackPolicy {
        ring,
        retry_after,
        attempts,
        until_after,
    };
    let rows = [
        ("ring", policy(span(1), None, 0, None)),
        ("retry_after", policy(None, span(-1), 0, None)),
        ("attempts", policy(None, None, -1, None)),
        ("attempts", policy(None, None, 21, None)),
        ("until_after", policy(None, None, 0, span(i64::MAX))),
    ];
    for (field, policy) in rows {
        let mut wrong = pool();
        wrong.queues[0].callback = Some(policy);
        let status = world.apply_pool(wrong).await.unwrap_err();
        let (_, reason, fields) = crate::support::told(&status);
        assert_eq!(reason, "INVALID_FIELDS");
        assert_eq!(fields, [format!("pool.queues[0].callback.{field}")]);
    }
    let mut without = pool();
    without.queues[0].when_unstaffed = v1::WhenUnstaffed::Callback.into();
    let expected = invalid("no callbacks", "pool.queues[0].when_unstaffed");
    check(&expected, world.apply_pool(without).await);
}
