//! Orders to queues that cannot be.

use homeshore::proto::v1;
use tonic::Code::NotFound;

use super::{LONG, check, expect, invalid};
use crate::support::{World, french};

fn close() -> v1::CloseQueueRequest {
    v1::CloseQueueRequest {
        queue: "sales".into(),
        supervisor: "sue".into(),
        reason: "drill".into(),
        ..v1::CloseQueueRequest::default()
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table, a row each")]
async fn queues_are_not_halted_by_orders_that_are_wrong() {
    let world = World::with_agents().await;
    let at = |seconds, nanos| Some(prost_types::Timestamp { seconds, nanos });
    let with = |change: &dyn Fn(&mut v1::CloseQueueRequest)| {
        let mut changed = close();
        change(&mut changed);
        changed
    };
    let rows = vec![
        (invalid("no queue", "queue"), with(&|c| c.queue.clear())),
        (
            invalid("1 MB queue", "queue"),
            with(&|c| c.queue = "q".repeat(LONG)),
        ),
        (
            expect("unknown queue", NotFound, "QUEUE_NOT_FOUND", "queue"),
            with(&|c| c.queue = "nowhere".into()),
        ),
        (
            invalid("by nobody", "supervisor"),
            with(&|c| c.supervisor.clear()),
        ),
        (
            invalid("by a reordered name", "supervisor"),
            with(&|c| c.supervisor = "a\u{202E}b".into()),
        ),
        (invalid("no reason", "reason"), with(&|c| c.reason.clear())),
        (
            invalid("1 MB reason", "reason"),
            with(&|c| c.reason = "r".repeat(LONG)),
        ),
        (
            invalid("in the past", "until"),
            with(&|c| c.until = at(1, 0)),
        ),
        (
            invalid("no time", "until"),
            with(&|c| c.until = at(i64::MAX, 0)),
        ),
        (
            invalid("-1 ns", "until"),
            with(&|c| c.until = at(4_000_000_000, -1)),
        ),
        (
            invalid("in 100 years", "until"),
            with(&|c| c.until = at(4_900_000_000, 0)),
        ),
        (invalid("waiting 9", "waiting"), with(&|c| c.waiting = 9)),
    ];
    for (expected, request) in rows {
        let pause = v1::PauseQueueRequest {
            request_id: String::new(),
            queue: request.queue.clone(),
            supervisor: request.supervisor.clone(),
            reason: request.reason.clone(),
            until: request.until,
        };
        if request.waiting == 0 {
            check(&expected, world.supervision().pause_queue(pause).await);
        }
        check(&expected, world.supervision().close_queue(request).await);
    }
    let resume = v1::ResumeQueueRequest {
        queue: "sales".into(),
        ..v1::ResumeQueueRequest::default()
    };
    check(
        &invalid("resumed by nobody", "supervisor"),
        world.supervision().resume_queue(resume).await,
    );
    let list = v1::ListQueuesRequest {
        page_size: -1,
        ..v1::ListQueuesRequest::default()
    };
    check(
        &invalid("a negative page", "page_size"),
        world.supervision().list_queues(list).await,
    );
    let list = v1::ListQueuesRequest {
        page_token: "zz".into(),
        ..v1::ListQueuesRequest::default()
    };
    check(
        &invalid("a foreign token", "page_token"),
        world.supervision().list_queues(list).await,
    );
    let now = world
        .supervision()
        .list_queues(v1::ListQueuesRequest::default())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(now.queues[0].halt, None, "nothing was half done");
}

#[tokio::test]
async fn no_wait_is_estimated_for_a_call_that_cannot_be() {
    let world = World::with_agents().await;
    let ask = |queue: &str, priority: &str, level| v1::EstimateWaitRequest {
        queue: queue.into(),
        priority: priority.into(),
        skills: vec![french(level)],
    };
    let rows = [
        (invalid("no queue", "queue"), ask("", "", 1)),
        (
            expect("unknown queue", NotFound, "QUEUE_NOT_FOUND", "queue"),
            ask("nowhere", "", 1),
        ),
        (invalid("priority", "priority"), ask("sales", "gold", 1)),
        (
            invalid("a hidden priority", "priority"),
            ask("sales", "\u{202E}", 1),
        ),
        (invalid("level 0", "skills[0].level"), ask("sales", "", 0)),
    ];
    for (expected, request) in rows {
        check(&expected, world.routing().estimate_wait(request).await);
    }
}
