//! Calls that change their queue.

use homeshore::proto::v1::{
    self, CallEventKind as Kind, CallState, Outcome, route_call_response::Result as Routed,
    routing_answer::Result as Answer, routing_service_connect_request::Message as Say,
};

use crate::support::{Desktop, Platform, World, agent, call, in_north, pool, queue};

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
        request_id: String::new(),
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
        request_id: String::new(),
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

/// A pool whose calls overflow after a second, inside it or to the pool `north`.
async fn overflowing(world: &World, to_pool: &str) {
    let mut wider = pool();
    wider.queues[0].overflow = Some(v1::Overflow {
        after: Some(prost_types::Duration {
            seconds: 1,
            nanos: 0,
        }),
        to_pool: to_pool.to_owned(),
        to_queue: "support".to_owned(),
    });
    wider.queues.push(queue("support"));
    let answer = world.apply_pool(wider.clone()).await.unwrap();
    let applied = answer.pool.unwrap();
    assert_eq!(applied.queues[0].overflow, wider.queues[0].overflow);
}

#[tokio::test]
async fn a_call_overflows_inside_the_pool() {
    let world = World::with_agents().await;
    overflowing(&world, "").await;
    let mut platform = Platform::connect(&world, 0).await;
    platform.route("c1").await;
    let event = platform.event(Kind::Moved).await;
    let call = event.call.unwrap();
    assert_eq!((&*event.cause, &*call.queue), ("overflow", "support"));
    assert!(call.wait.unwrap().seconds >= 1, "the wait goes on");
}

#[tokio::test]
async fn a_call_that_overflows_to_another_pool_is_routed_there() {
    let world = World::with_agents().await;
    overflowing(&world, "north").await;
    let mut platform = Platform::connect(&world, 0).await;
    platform.route("c1").await;
    let ended = platform.event(Kind::Ended).await.call.unwrap();
    assert_eq!(ended.outcome(), Outcome::Overflowed);
    let target = ended.overflowed_to.unwrap();
    assert_eq!((&*target.pool, &*target.queue), ("north", "support"));

    let north = v1::Pool {
        id: "north".to_owned(),
        queues: vec![queue("support")],
        ..v1::Pool::default()
    };
    world.apply_pool(north).await.unwrap();
    let agents = v1::ApplyAgentsRequest {
        agents: vec![agent("nia")],
        ..v1::ApplyAgentsRequest::default()
    };
    let mut directory = world.directory();
    directory.apply_agents(in_north(agents)).await.unwrap();
    let origin = v1::CallOrigin {
        pool: "default".to_owned(),
        call_id: "c1".to_owned(),
    };
    // On trust, and with the receipt alone.
    let told = v1::RouteCallRequest {
        queue: target.queue.clone(),
        arrived_at: target.arrived_at,
        overflowed_from: Some(origin.clone()),
        ..call("told")
    };
    let shown = v1::RouteCallRequest {
        queue: target.queue,
        receipt: target.receipt,
        ..call("shown")
    };
    for request in [told, shown] {
        let mut routing = world.routing();
        let answer = routing.route_call(in_north(request));
        let Some(Routed::Call(there)) = answer.await.unwrap().into_inner().result else {
            panic!("the other pool takes it");
        };
        assert_eq!(there.overflowed_from, Some(origin.clone()));
        assert!(there.wait.unwrap().seconds >= 1, "the wait goes on");
    }
}

#[tokio::test]
async fn a_conversation_is_passed_on_by_stream_and_by_unary_calls() {
    let world = two_queues().await;
    let mut ann = Desktop::ready(&world, "ann").await;
    let mut platform = Platform::connect(&world, 0).await;
    platform.route("c1").await;
    let offer_id = platform.event(Kind::Offered).await.call.unwrap();
    let offer_id = offer_id.offer.unwrap().id;
    ann.accept(&offer_id).await;
    platform.event(Kind::Connect).await;
    platform
        .report("c1", &offer_id, v1::CallReport::Answered)
        .await;
    let connected = platform.event(Kind::Connected).await.call.unwrap();
    assert_eq!(connected.assignment.unwrap().offer_id, offer_id);

    let request = v1::TransferCallRequest {
        call_id: "c1".to_owned(),
        offer_id,
        queue: "support".to_owned(),
        agent_id: String::new(),
    };
    let number = platform.say(Say::TransferCall(request.clone())).await;
    let Answer::Transferred(answer) = platform.answer(number).await else {
        panic!("the transfer is answered");
    };
    let waits = answer.call.unwrap();
    assert_eq!(
        (waits.state(), &*waits.queue),
        (CallState::Queued, "support")
    );
    assert_eq!(platform.event(Kind::Moved).await.cause, "transfer");
    let again = world.routing().transfer_call(request).await.unwrap();
    let again = again.into_inner().call.unwrap();
    assert_eq!(again.change_number, waits.change_number, "nothing changed");
    let snapshot = ann.until(v1::Work::WrapUp).await;
    assert_eq!(snapshot.status.unwrap().call_id, "c1");
}

#[tokio::test]
async fn a_conversation_is_passed_on_to_a_named_agent() {
    let world = World::with_agents().await;
    let mut keeping = pool();
    keeping.queues[0].preferred_hold = Some(prost_types::Duration {
        seconds: 60,
        nanos: 0,
    });
    world.apply_pool(keeping).await.unwrap();
    world.apply_agents(vec![agent("cat")]).await.unwrap();
    let mut ann = Desktop::ready(&world, "ann").await;
    let mut platform = Platform::connect(&world, 0).await;
    platform.route("c1").await;
    let offer_id = platform.talk(&mut ann, "c1").await;
    // Cat is free for longer, and bob is meant.
    let _cat = Desktop::ready(&world, "cat").await;
    let mut bob = Desktop::ready(&world, "bob").await;
    let request = v1::TransferCallRequest {
        call_id: "c1".to_owned(),
        offer_id,
        queue: String::new(),
        agent_id: "bob".to_owned(),
    };
    platform.say(Say::TransferCall(request)).await;
    assert_eq!(platform.event(Kind::Moved).await.cause, "transfer");
    platform.talk(&mut bob, "c1").await;
}
