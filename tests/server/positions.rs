//! Platforms that ask are told where their waiting calls stand, and a unary look says the same.

use homeshore::proto::v1::{
    self, routing_service_connect_request::Message as Say,
    routing_service_connect_response::Message as Heard,
};

use crate::support::{Desktop, Platform, World, call};

fn whole(seconds: i64) -> Option<prost_types::Duration> {
    Some(prost_types::Duration { seconds, nanos: 0 })
}

/// A stream of an instance that asks for positions each second.
async fn asking(world: &World, instance: &str) -> Platform {
    let mut platform = Platform::open(world).await;
    let hello = v1::RoutingHello {
        platform: "pbx".into(),
        instance: instance.into(),
        last_event_number: 0,
        position_interval: whole(1),
    };
    platform.say(Say::Hello(hello)).await;
    platform
}

async fn positions(platform: &mut Platform) -> Vec<v1::QueuePosition> {
    loop {
        if let Heard::Positions(told) = platform.next().await {
            return told.positions;
        }
    }
}

/// Each call with its position.
fn places(told: &[v1::QueuePosition]) -> Vec<(&str, i32)> {
    let places = told.iter();
    places
        .map(|told| (told.call_id.as_str(), told.position))
        .collect()
}

async fn route(world: &World, id: &str, instance: &str) {
    let call = v1::RouteCallRequest {
        instance: instance.into(),
        ..call(id)
    };
    world.routing().route_call(call).await.unwrap();
}

async fn get(world: &World, id: &str) -> v1::Call {
    let get = v1::GetCallRequest {
        call_id: id.into(),
        ..v1::GetCallRequest::default()
    };
    let answer = world.routing().get_call(get).await.unwrap();
    answer.into_inner().call.unwrap()
}

#[tokio::test]
async fn a_platform_that_asks_is_told_places_of_its_own_calls_when_they_change() {
    let world = World::with_agents().await;
    for (id, instance) in [("c1", "one"), ("c2", "two"), ("c3", "one")] {
        route(&world, id, instance).await;
    }
    let mut one = asking(&world, "one").await;
    let mut two = asking(&world, "two").await;
    let first = positions(&mut one).await;
    assert_eq!(places(&first), [("c1", 1), ("c3", 3)]);
    assert_eq!(first[0].queue, "sales");
    assert_eq!(first[0].estimated_wait_now, None, "nothing is known yet");
    assert_eq!(places(&positions(&mut two).await), [("c2", 2)]);
    assert_eq!(get(&world, "c3").await.position, 3);

    let mut ann = Desktop::ready(&world, "ann").await;
    let offer = ann.until(v1::Work::Offered).await.status.unwrap();
    let offer = offer.offer.unwrap();
    assert_eq!(offer.call_id, "c1");
    assert_eq!(
        places(&positions(&mut one).await),
        [("c3", 2)],
        "c1 is offered"
    );
    assert_eq!(places(&positions(&mut two).await), [("c2", 1)]);
    assert_eq!(get(&world, "c1").await.position, 0);

    assert_eq!(ann.accept(&offer.id).await, None);
    one.report("c1", &offer.id, v1::CallReport::Answered).await;
    let told = positions(&mut one).await;
    assert_eq!(places(&told), [("c3", 2)]);
    let estimate = told[0].estimated_wait_now.expect("a call was answered");
    let shown = get(&world, "c3").await;
    let shown = (shown.position, shown.estimated_wait_now.unwrap());
    assert_eq!(shown.0, 2);
    let ms = |duration: prost_types::Duration| {
        duration.seconds * 1_000 + i64::from(duration.nanos) / 1_000_000
    };
    assert!(
        (0..20_000).contains(&(ms(shown.1) - ms(estimate))),
        "{shown:?}, {estimate:?}"
    );

    let list = v1::ListCallsRequest::default();
    let calls = world.routing().list_calls(list).await.unwrap();
    let listed: Vec<(String, i32)> = calls
        .into_inner()
        .calls
        .into_iter()
        .map(|call| (call.id, call.position))
        .collect();
    let expected = [("c1", 0), ("c2", 1), ("c3", 2)];
    assert_eq!(listed, expected.map(|(id, place)| (id.to_owned(), place)));
}

#[tokio::test]
async fn a_platform_that_does_not_ask_is_told_nothing() {
    let world = World::with_agents().await;
    route(&world, "c1", "one").await;
    let mut silent = Platform::connect(&world, 0).await;
    let mut asking = asking(&world, "two").await;
    route(&world, "c2", "two").await;
    assert_eq!(places(&positions(&mut asking).await), [("c2", 2)]);
    let number = silent
        .say(Say::CancelCall(v1::CancelCallRequest {
            call_id: "c1".into(),
        }))
        .await;
    loop {
        match silent.next().await {
            Heard::Answer(answer) if answer.command_number == number => return,
            Heard::Positions(told) => panic!("nobody asked: {told:?}"),
            _ => {}
        }
    }
}
