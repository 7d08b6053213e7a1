//! Calls that cannot change their queue.

use homeshore::proto::v1;
use tonic::Code::{FailedPrecondition, NotFound};

use super::{LONG, check, expect, invalid};
use crate::support::{Desktop, World, call};

#[tokio::test]
async fn moves_are_refused_by_field_and_state() {
    let world = World::with_agents().await;
    let mut routing = world.routing();
    for id in ["c1", "over"] {
        routing.route_call(call(id)).await.unwrap();
    }
    let gone = v1::CancelCallRequest {
        call_id: "over".into(),
    };
    routing.cancel_call(gone).await.unwrap();
    let long = "x".repeat(LONG);
    let rows = [
        (invalid("empty id", "call_id"), "", "sales"),
        (invalid("bidi id", "call_id"), "a\u{202E}b", "sales"),
        (invalid("1 MB id", "call_id"), &*long, "sales"),
        (invalid("empty queue", "queue"), "c1", ""),
        (invalid("NUL in a queue", "queue"), "c1", "a\0b"),
        (invalid("1 MB queue", "queue"), "c1", &*long),
        (
            expect("unknown call", NotFound, "CALL_NOT_FOUND", "call_id"),
            "zzz",
            "sales",
        ),
        (
            expect("unknown queue", NotFound, "QUEUE_NOT_FOUND", "queue"),
            "c1",
            "nowhere",
        ),
        (
            expect("over", FailedPrecondition, "WRONG_STATE", ""),
            "over",
            "sales",
        ),
    ];
    for (expected, call_id, queue) in rows {
        let request = v1::MoveCallRequest {
            call_id: call_id.into(),
            queue: queue.into(),
        };
        check(&expected, world.supervision().move_call(request).await);
    }
}

#[tokio::test]
async fn transfers_are_refused_by_field_and_state() {
    let world = World::with_agents().await;
    let _ann = Desktop::ready(&world, "ann").await;
    world.routing().route_call(call("c1")).await.unwrap();
    let rows = [
        (invalid("empty id", "call_id"), "", "o1", "sales"),
        (invalid("bidi id", "call_id"), "a\u{202E}b", "o1", "sales"),
        (invalid("no offer", "offer_id"), "c1", "", "sales"),
        (invalid("no offer's id", "offer_id"), "c1", "x", "sales"),
        (
            invalid("an offer never made", "offer_id"),
            "c1",
            "o99",
            "sales",
        ),
        (invalid("empty queue", "queue"), "c1", "o1", ""),
        (invalid("NUL in a queue", "queue"), "c1", "o1", "a\0b"),
        (
            expect("unknown call", NotFound, "CALL_NOT_FOUND", "call_id"),
            "zzz",
            "o1",
            "sales",
        ),
        (
            expect("unknown queue", NotFound, "QUEUE_NOT_FOUND", "queue"),
            "c1",
            "o1",
            "nowhere",
        ),
        (
            expect("not connected", FailedPrecondition, "WRONG_STATE", ""),
            "c1",
            "o1",
            "sales",
        ),
    ];
    for (expected, call_id, offer_id, queue) in rows {
        let request = v1::TransferCallRequest {
            call_id: call_id.into(),
            offer_id: offer_id.into(),
            queue: queue.into(),
        };
        check(&expected, world.routing().transfer_call(request).await);
    }
}
