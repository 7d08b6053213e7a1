//! Callers who hang up and are called back.

use homeshore::proto::v1::{
    self, CallEventKind as Kind, CallReport, CallState, Outcome, routing_answer::Result as Answer,
    routing_service_connect_request::Message as Say,
};

use crate::support::{Desktop, Platform, World, pool};

/// A pool whose callers may be called back, tried `attempts` times.
async fn with_callbacks(attempts: i32) -> World {
    let world = World::with_agents().await;
    let mut pool = pool();
    pool.queues[0].callback = Some(v1::CallbackPolicy {
        attempts,
        ..v1::CallbackPolicy::default()
    });
    let applied = world.apply_pool(pool).await.unwrap().pool.unwrap();
    let policy = applied.queues[0].callback.unwrap();
    assert_eq!(policy.ring.unwrap().seconds, 45, "defaults are filled in");
    world
}

fn request(id: &str) -> v1::RequestCallbackRequest {
    v1::RequestCallbackRequest {
        call_id: id.to_owned(),
        not_before: None,
    }
}

/// Answers the offer of a callback that its agent has accepted.
async fn reserve(platform: &mut Platform, ann: &mut Desktop) -> String {
    let offered = platform.event(Kind::Offered).await.call.unwrap();
    let offer = offered.offer.unwrap().id;
    assert_eq!(ann.accept(&offer).await, None);
    let connect = platform.event(Kind::Connect).await.call.unwrap();
    assert!(connect.callback.is_some(), "the customer is to be dialled");
    offer
}

#[tokio::test]
async fn a_caller_is_called_back_by_the_stream() {
    let world = with_callbacks(0).await;
    let mut platform = Platform::connect(&world, 0).await;
    platform.route("c1").await;
    let number = platform.say(Say::RequestCallback(request("c1"))).await;
    let Answer::Callback(answer) = platform.answer(number).await else {
        panic!("the request is answered");
    };
    let waits = answer.call.unwrap();
    assert_eq!(waits.state(), CallState::CallbackWaiting);
    assert_eq!(waits.callback.unwrap().attempts_left, 3);
    platform.event(Kind::Callback).await;

    let mut ann = Desktop::ready(&world, "ann").await;
    let offer = reserve(&mut platform, &mut ann).await;
    platform.report("c1", &offer, CallReport::Answered).await;
    platform.event(Kind::Connected).await;
    platform.report("c1", "", CallReport::Ended).await;
    let ended = platform.event(Kind::Ended).await.call.unwrap();
    assert_eq!(ended.outcome(), Outcome::Handled);
    let watch = v1::WatchPoolRequest::default();
    let mut board = world.supervision().watch_pool(watch).await.unwrap();
    let board = board.get_mut().message().await.unwrap().unwrap();
    let row = &board.queues[0];
    let counts = (row.callbacks_requested_total, row.callbacks_answered_total);
    assert_eq!((counts, row.answered_total), ((1, 1), 0), "counted apart");
}

#[tokio::test]
async fn a_customer_who_is_not_reached_is_tried_as_often_as_configured() {
    let world = with_callbacks(1).await;
    let mut ann = Desktop::connect(&world, "ann").await;
    let mut platform = Platform::connect(&world, 0).await;
    platform.route("c1").await;
    for _again in 0..2 {
        let answer = world.routing().request_callback(request("c1")).await;
        let waits = answer.unwrap().into_inner().call.unwrap();
        assert_eq!(waits.state(), CallState::CallbackWaiting);
    }
    assert_eq!(ann.intent(v1::Intent::Ready, "").await, None);
    let offer = reserve(&mut platform, &mut ann).await;
    platform
        .report("c1", &offer, CallReport::CustomerUnreached)
        .await;
    let ended = platform.event(Kind::Ended).await.call.unwrap();
    assert_eq!(ended.outcome(), Outcome::Unreached);
    ann.until(v1::Work::Idle).await;
}

#[tokio::test]
async fn a_callback_is_not_due_before_it_is_asked_for() {
    let world = with_callbacks(3).await;
    let _ann = Desktop::ready(&world, "ann").await;
    let _bob = Desktop::ready(&world, "bob").await;
    let mut platform = Platform::connect(&world, 0).await;
    for id in ["a", "b", "c1"] {
        platform.route(id).await;
    }
    let mut routing = world.routing();
    let before = routing.get_call(v1::GetCallRequest {
        call_id: "c1".to_owned(),
        ..v1::GetCallRequest::default()
    });
    let accepted = before.await.unwrap().into_inner().call.unwrap();
    let mut not_before = accepted.accept_time.unwrap();
    not_before.seconds += 3_600;
    let asked = v1::RequestCallbackRequest {
        not_before: Some(not_before),
        ..request("c1")
    };
    let answer = world.routing().request_callback(asked).await.unwrap();
    let callback = answer.into_inner().call.unwrap().callback.unwrap();
    let late = callback.due_time.unwrap().seconds - not_before.seconds;
    assert!((-1..=1).contains(&late), "due when asked for: {late} s");
    let gone = v1::CancelCallRequest {
        call_id: "c1".to_owned(),
    };
    let gone = world.routing().cancel_call(gone).await.unwrap();
    let gone = gone.into_inner().call.unwrap();
    assert_eq!(gone.outcome(), Outcome::Cancelled);
}
