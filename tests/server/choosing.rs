//! Whom a call is offered to, when the platform or the pool has a say in it.

use homeshore::proto::v1::{self, CallEventKind as Kind, Intent, Selection, Work};

use crate::support::{Desktop, Platform, World, agent, call, french, pool};

#[tokio::test]
async fn a_call_is_kept_for_its_preferred_agent() {
    let world = World::with_agents().await;
    let mut keeping = pool();
    let seconds = 60;
    keeping.queues[0].preferred_hold = Some(prost_types::Duration { seconds, nanos: 0 });
    world.apply_pool(keeping).await.unwrap();
    let mut platform = Platform::connect(&world, 0).await;
    let mut wanted = Desktop::connect(&world, "bob").await;
    wanted.intent(Intent::NotReady, "break").await;
    let _free = Desktop::ready(&world, "ann").await;
    let mut request = call("c1");
    request.preferred_agent_id = "bob".into();
    let answer = world.routing().route_call(request).await.unwrap();
    let Some(v1::route_call_response::Result::Call(taken)) = answer.into_inner().result else {
        panic!("it is taken");
    };
    assert_eq!(taken.preferred_agent_id, "bob");
    assert_eq!(taken.state(), v1::CallState::Queued);
    wanted.intent(Intent::Ready, "").await;
    let offered = wanted.until(Work::Offered).await.status.unwrap();
    assert_eq!(offered.call_id, "c1");
    let queued = platform.event(Kind::Queued).await.call.unwrap();
    assert_eq!(queued.id, "c1");
    let offer = platform.event(Kind::Offered).await.call.unwrap();
    assert_eq!(offer.preferred_agent_id, "bob");
    let offer = offer.offer.unwrap().id;
    wanted.accept(&offer).await;
    platform.event(Kind::Connect).await;
    platform
        .report("c1", &offer, v1::CallReport::Answered)
        .await;
    let connected = platform.event(Kind::Connected).await.call.unwrap();
    assert_eq!(connected.preferred_agent_id, "", "kept no more");
}

#[tokio::test]
async fn the_most_skilled_is_offered_the_call_where_the_queue_says_so() {
    let world = World::with_agents().await;
    let mut choosy = pool();
    choosy.queues[0].selection = Selection::MostSkilled.into();
    let applied = world.apply_pool(choosy.clone()).await.unwrap();
    let told = applied.changes.join("\n");
    assert!(
        told.contains("selection from longest_idle to most_skilled"),
        "{told}"
    );
    let mut expert = agent("bob");
    expert.skills = vec![french(5)];
    world.apply_agents(vec![expert]).await.unwrap();
    let _longest_idle = Desktop::ready(&world, "ann").await;
    let mut expert = Desktop::ready(&world, "bob").await;
    world.routing().route_call(call("c1")).await.unwrap();
    assert_eq!(
        expert.until(Work::Offered).await.status.unwrap().call_id,
        "c1"
    );
    let request = v1::GetCallRequest {
        call_id: "c1".into(),
        ..v1::GetCallRequest::default()
    };
    let seen = world
        .routing()
        .get_call(request)
        .await
        .unwrap()
        .into_inner();
    let record = seen.call.unwrap().assignment.unwrap();
    assert_eq!(
        (&*record.policy, &*record.runner_up_id),
        ("most_skilled", "ann")
    );
}
