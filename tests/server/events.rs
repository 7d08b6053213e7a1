//! Followers of a pool's events: all of them, in order, and none twice, over restarts and after a pause.

use std::{sync::Arc, time::Duration};

use homeshore::{
    api::Times,
    engine::command::Command,
    pool::registry::Registry,
    proto::v1::{
        self, CallEventKind as Kind, FollowEventsRequest, FollowEventsResponse,
        follow_events_request::Start,
    },
    store::memory::Memory,
};
use serde_json::Value;
use tonic::{Code, Streaming};

use super::actor::{id, limits, spec};
use crate::support::{Desktop, Platform, World, in_time, settings, told};

async fn follow(world: &World, request: FollowEventsRequest) -> Streaming<FollowEventsResponse> {
    let answer = world.supervision().follow_events(request).await;
    answer.unwrap().into_inner()
}

/// Everything that is stored now, after this number.
fn stored(after: u64) -> FollowEventsRequest {
    FollowEventsRequest {
        start: Some(Start::AfterEventNumber(after)),
        until_now: true,
        ..FollowEventsRequest::default()
    }
}

async fn next(stream: &mut Streaming<FollowEventsResponse>) -> FollowEventsResponse {
    let answer = in_time("an answer", stream.message()).await.unwrap();
    answer.expect("the stream goes on")
}

/// All that a request gets until its end.
async fn all(world: &World, request: FollowEventsRequest) -> FollowEventsResponse {
    let mut stream = follow(world, request).await;
    let mut whole = FollowEventsResponse::default();
    while let Some(answer) = in_time("an answer", stream.message()).await.unwrap() {
        whole.events.extend(answer.events);
        whole.event_number = answer.event_number;
        whole.missed |= answer.missed;
    }
    whole
}

fn names(answer: &FollowEventsResponse) -> Vec<String> {
    let name = |event: &v1::PoolEvent| {
        let object: Value = serde_json::from_str(&event.json).unwrap();
        assert_eq!(object["number"], event.number, "{object}");
        object["event"].as_str().unwrap().to_owned()
    };
    answer.events.iter().map(name).collect()
}

/// A call that was talked to, and is over.
async fn one_call(platform: &mut Platform, ann: &mut Desktop, call: &str) {
    platform.route(call).await;
    let offer = platform.talk(ann, call).await;
    platform.report(call, &offer, v1::CallReport::Ended).await;
    platform.event(Kind::Ended).await;
}

#[tokio::test]
async fn a_call_is_told_from_its_acceptance_to_its_end() {
    let world = World::with_agents().await;
    let mut platform = Platform::connect(&world, 0).await;
    let mut ann = Desktop::ready(&world, "ann").await;
    one_call(&mut platform, &mut ann, "c1").await;

    let request = FollowEventsRequest {
        call_id: "c1".to_owned(),
        ..stored(0)
    };
    let told = all(&world, request).await;
    let way = [
        "call_queued",
        "offer_made",
        "offer_accepted",
        "call_connected",
        "call_ended",
        "wrap_up_started",
    ];
    assert_eq!(names(&told), way);
    let numbers = told.events.iter().map(|event| event.number);
    assert!(numbers.is_sorted_by(|before, after| before < after));

    let ends = FollowEventsRequest {
        events: vec!["call_ended".to_owned()],
        queue: "sales".to_owned(),
        agent_id: "ann".to_owned(),
        ..stored(0)
    };
    assert_eq!(names(&all(&world, ends).await), ["call_ended"]);
    let elsewhere = FollowEventsRequest {
        queue: "support".to_owned(),
        ..stored(0)
    };
    assert_eq!(names(&all(&world, elsewhere).await), [""; 0]);
}

#[tokio::test]
async fn a_follower_goes_on_where_it_was_and_nothing_is_told_twice() {
    let world = World::with_agents().await;
    let whole = all(&world, stored(0)).await;
    assert_eq!(
        names(&whole),
        ["pool_applied", "agent_applied", "agent_applied"]
    );
    for (at, event) in whole.events.iter().enumerate() {
        let rest = all(&world, stored(event.number)).await;
        assert_eq!(rest.events, whole.events[at + 1..]);
        assert!(!rest.missed);
        assert_eq!(rest.event_number, whole.event_number);
    }

    let new = FollowEventsRequest {
        start: Some(Start::NewOnly(true)),
        ..FollowEventsRequest::default()
    };
    let mut live = follow(&world, new).await;
    let first = next(&mut live).await;
    assert_eq!(
        (first.events.len(), first.event_number),
        (0, whole.event_number)
    );
    let mut platform = Platform::connect(&world, 0).await;
    platform.route("c1").await;
    let mut seen = Vec::new();
    while !seen.contains(&"call_queued".to_owned()) {
        seen.extend(names(&next(&mut live).await));
    }
    assert_eq!(seen, ["platform_attached", "call_queued"]);
}

#[tokio::test]
async fn events_go_on_over_a_restart() {
    let world = World::with_agents().await;
    let before = all(&world, stored(0)).await;
    let (store, server) = (world.store.clone(), world.server);
    assert!(server.shutdown().await);
    let world = World::start_with(store, &settings(), Times::default()).await;
    let _desk = Desktop::ready(&world, "ann").await;
    let after = all(&world, stored(before.event_number)).await;
    assert!(!after.missed);
    let told = names(&after);
    assert!(told.contains(&"session_opened".to_owned()), "{told:?}");
    assert!(!told.contains(&"pool_applied".to_owned()), "{told:?}");
}

#[tokio::test]
async fn a_follower_learns_that_events_are_no_longer_kept() {
    let store = Memory::new(4);
    let world = World::start_with(store, &settings(), Times::default()).await;
    world.apply_pool(crate::support::pool()).await.unwrap();
    let first = all(&world, stored(0)).await;
    let agents = ["ann", "bob", "cid", "dee", "eve"].map(crate::support::agent);
    world.apply_agents(agents.to_vec()).await.unwrap();

    let rest = all(&world, stored(first.events[0].number)).await;
    assert!(rest.missed, "one agent's record and the pool are gone");
    assert_eq!(rest.events.len(), 4);
    let from_the_oldest = all(&world, stored(0)).await;
    assert!(!from_the_oldest.missed, "nobody asked for more");
    assert_eq!(from_the_oldest.events, rest.events);
}

#[tokio::test]
async fn what_the_store_cannot_give_ends_an_export_with_an_error() {
    let world = World::with_agents().await;
    world.store.set_down(true);
    let mut stream = follow(&world, stored(0)).await;
    let problem = in_time("an end", stream.message()).await.unwrap_err();
    assert_eq!(problem.code(), Code::Unavailable, "{problem:?}");
    world.store.set_down(false);
    assert_eq!(all(&world, stored(0)).await.events.len(), 3);
}

#[tokio::test]
async fn a_follower_ends_in_order_with_the_server() {
    let store = Memory::default();
    let world = World::start_with(store, &settings(), Times::default()).await;
    world.apply_pool(crate::support::pool()).await.unwrap();
    let mut live = follow(&world, FollowEventsRequest::default()).await;
    next(&mut live).await;
    let ending = tokio::spawn(world.server.shutdown());
    let end = in_time("an end", live.message()).await;
    assert!(matches!(end, Ok(None)), "a follower ends in order: {end:?}");
    assert!(ending.await.unwrap());
}

#[tokio::test]
async fn events_that_the_pool_does_not_have_are_refused() {
    let world = World::with_agents().await;
    let newest = all(&world, stored(0)).await.event_number;
    let ahead = stored(newest + 1);
    let status = world.supervision().follow_events(ahead).await.unwrap_err();
    let field = vec!["after_event_number".to_owned()];
    let expected = (
        Code::FailedPrecondition,
        "EVENT_NUMBER_AHEAD".to_owned(),
        field,
    );
    assert_eq!(told(&status), expected, "{status:?}");
    assert!(status.message().contains(&newest.to_string()), "{status:?}");
}

#[tokio::test]
async fn a_quiet_pool_still_gives_signs_of_life() {
    let world = World::with_agents().await;
    let mut live = follow(&world, FollowEventsRequest::default()).await;
    let first = next(&mut live).await;
    assert_eq!(first.events.len(), 3);
    let sign = tokio::time::timeout(Duration::from_secs(15), live.message()).await;
    let sign = sign.expect("in time").unwrap().expect("it goes on");
    assert_eq!(
        (sign.events.len(), sign.event_number),
        (0, first.event_number)
    );
}

#[tokio::test]
async fn what_a_store_lacks_for_a_moment_is_not_taken_for_read() {
    let registry = Registry::new(Arc::new(Memory::default()), limits());
    let pool = registry.get_or_create(&id()).await.unwrap();
    let journal = registry.journal(pool.clone());
    pool.submit(Command::ApplyPool(Box::new(spec())))
        .await
        .unwrap();
    let newest = journal.newest();
    let page = journal.page(0, newest).await.unwrap();
    assert_eq!(page.read_to, newest);
    // The pool knows of an event that a store which came back with less does not have yet.
    let page = journal.page(newest, newest + 1).await.unwrap();
    assert_eq!((page.events.len(), page.read_to), (0, newest));
    assert!(!page.is_full, "there is nothing to read at once");
}
