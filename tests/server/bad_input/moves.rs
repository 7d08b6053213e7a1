//! Calls that cannot change their queue.

use homeshore::proto::v1;
use tonic::Code::{FailedPrecondition, NotFound};

use super::{LONG, check, expect, invalid};
use crate::support::{Desktop, Platform, World, agent, call, pool, queue};

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
            request_id: String::new(),
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
            agent_id: String::new(),
        };
        check(&expected, world.routing().transfer_call(request).await);
    }
}

/// Passing a call on to an agent needs one who exists, and who can take it while the queue would keep it.
#[tokio::test]
async fn a_call_is_not_passed_on_to_an_agent_who_cannot_take_it() {
    let world = World::start().await;
    let mut pool = pool();
    pool.queues.push(v1::Queue {
        preferred_hold: Some(prost_types::Duration {
            seconds: 20,
            nanos: 0,
        }),
        ..queue("support")
    });
    world.apply_pool(pool).await.unwrap();
    world
        .apply_agents(vec![agent("ann"), agent("bob")])
        .await
        .unwrap();
    let mut ann = Desktop::ready(&world, "ann").await;
    let mut platform = Platform::connect(&world, 0).await;
    platform.route("c1").await;
    let offer_id = platform.talk(&mut ann, "c1").await;
    let rows = [
        (invalid("nobody named", "queue"), "", ""),
        (
            invalid("1 MB agent", "agent_id"),
            "support",
            &*"a".repeat(LONG),
        ),
        (invalid("the agent itself", "agent_id"), "support", "ann"),
        (
            invalid("a queue that keeps none", "agent_id"),
            "sales",
            "bob",
        ),
        (invalid("its own queue keeps none", "agent_id"), "", "bob"),
        (
            expect("unknown agent", NotFound, "AGENT_NOT_FOUND", "agent_id"),
            "support",
            "nobody",
        ),
        (
            expect("signed out", FailedPrecondition, "WRONG_STATE", ""),
            "support",
            "bob",
        ),
    ];
    for (expected, queue, agent_id) in rows {
        let request = v1::TransferCallRequest {
            call_id: "c1".into(),
            offer_id: offer_id.clone(),
            queue: queue.into(),
            agent_id: agent_id.into(),
        };
        check(&expected, world.routing().transfer_call(request).await);
    }
}
