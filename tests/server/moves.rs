//! Calls that change their queue.

use homeshore::proto::v1::{self, CallEventKind as Kind, Outcome};

use crate::support::{Platform, World, call, pool, queue};

/// A pool with a second queue, `support`.
async fn two_queues() -> World {
    let world = World::with_agents().await;
    let mut wider = pool();
    wider.queues.push(queue("support"));
    world.apply_pool(wider).await.unwrap();
    world
}

async fn list(world: &World, queue: &str) -> Vec<String> {
    let request = v1::ListCallsRequest {
        queue: queue.to_owned(),
        ..v1::ListCallsRequest::default()
    };
    let calls = world.routing().list_calls(request).await.unwrap();
    let calls = calls.into_inner().calls.into_iter();
    calls.map(|call| call.id).collect()
}

#[tokio::test]
async fn a_supervisor_moves_a_waiting_call() {
    let world = two_queues().await;
    let mut platform = Platform::connect(&world, 0).await;
    platform.route("c1").await;
    let request = v1::MoveCallRequest {
        call_id: "c1".to_owned(),
        queue: "support".to_owned(),
    };
    for _again in 0..2 {
        let answer = world.supervision().move_call(request.clone()).await;
        let moved = answer.unwrap().into_inner().call.unwrap();
        assert_eq!((&*moved.queue, &*moved.first_queue), ("support", "sales"));
    }
    let event = platform.event(Kind::Moved).await;
    assert_eq!(event.cause, "supervisor");
    assert_eq!(event.call.unwrap().queue, "support");
    assert_eq!(list(&world, "support").await, ["c1"]);
    assert!(list(&world, "sales").await.is_empty());

    platform.report("c1", "", v1::CallReport::CallerGone).await;
    let ended = platform.event(Kind::Ended).await.call.unwrap();
    assert_eq!(ended.outcome(), Outcome::Abandoned);
    assert_eq!((&*ended.queue, &*ended.first_queue), ("support", "sales"));
    let (_, page) = world.http("/metrics").await;
    let line = "homeshore_calls_moved_total{pool=\"default\",queue=\"sales\",cause=\"supervisor\"}";
    assert!(page.contains(line), "{page}");
}

#[tokio::test]
async fn a_board_counts_what_was_moved() {
    let world = two_queues().await;
    world.routing().route_call(call("c1")).await.unwrap();
    let request = v1::MoveCallRequest {
        call_id: "c1".to_owned(),
        queue: "support".to_owned(),
    };
    world.supervision().move_call(request).await.unwrap();
    let watch = v1::WatchPoolRequest::default();
    let mut board = world.supervision().watch_pool(watch).await.unwrap();
    let board = board.get_mut().message().await.unwrap().unwrap();
    let counts = |id: &str| {
        let mut rows = board.queues.iter();
        let row = rows.find(|row| row.id == id).unwrap();
        (row.waiting, row.moved_in_total, row.moved_out_total)
    };
    assert_eq!(counts("sales"), (0, 0, 1));
    assert_eq!(counts("support"), (1, 1, 0));
}
