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
    let rows: [(&str, &dyn Fn(&mut v1::CallbackPolicy)); 5] = [
        ("ring", &|policy| policy.ring = span(1)),
        ("retry_after", &|policy| policy.retry_after = span(-1)),
        ("attempts", &|policy| policy.attempts = -1),
        ("attempts", &|policy| policy.attempts = 21),
        ("until_after", &|policy| policy.until_after = span(i64::MAX)),
    ];
    for (field, change) in rows {
        let mut policy = v1::CallbackPolicy::default();
        change(&mut policy);
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
