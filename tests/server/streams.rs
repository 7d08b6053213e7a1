//! A call's way over the two streams, and what happens to streams.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use homeshore::{
    clock,
    proto::v1::{
        self, CallEventKind as Kind, CallReport, OfferStep, Outcome, Work,
        agent_session_service_connect_request::Message as AgentSays,
        agent_session_service_connect_response::Message as AgentHears,
        routing_answer::Result as Answer, routing_service_connect_request::Message as PlatformSays,
        routing_service_connect_response::Message as Heard,
    },
};
use tonic::Code;

use crate::support::{Desktop, Platform, World, told};

#[tokio::test]
async fn a_call_is_offered_accepted_connected_and_ended() {
    let world = World::with_agents().await;
    let mut ann = Desktop::ready(&world, "ann").await;
    let mut platform = Platform::connect(&world, 0).await;

    let Answer::Routed(routed) = platform.route("c1").await else {
        panic!("the call is taken");
    };
    let Some(v1::route_call_response::Result::Call(call)) = routed.result else {
        panic!("the call is not diverted");
    };
    assert_eq!((call.id.as_str(), call.queue.as_str()), ("c1", "sales"));

    let seen = ann.until(Work::Offered).await;
    let offer = seen.status.unwrap().offer.unwrap();
    assert_eq!(seen.queue, "sales");
    assert_eq!(seen.attributes["reason"], "a new contract");
    assert_eq!(offer.step(), OfferStep::Proposed);
    assert_eq!(ann.accept(&offer.id).await, None);

    let connect = platform.event(Kind::Connect).await.call.unwrap();
    let told = connect.offer.unwrap();
    assert_eq!(told.id, offer.id);
    assert_eq!(told.step(), OfferStep::Connect);
    assert_eq!(told.address, "sip:ann@example.com");

    let answered = platform.report("c1", &offer.id, CallReport::Answered).await;
    let Answer::Reported(answered) = answered else {
        panic!("the report is taken: {answered:?}");
    };
    assert_eq!(answered.call.unwrap().agent_id, "ann");
    assert_eq!(
        platform.event(Kind::Connected).await.call.unwrap().agent_id,
        "ann"
    );
    ann.until(Work::Connected).await;

    platform.report("c1", "", CallReport::Ended).await;
    let ended = platform.event(Kind::Ended).await.call.unwrap();
    assert_eq!(ended.outcome(), Outcome::Handled);
    let wrap_up = ann.until(Work::WrapUp).await.status.unwrap();
    let finish = v1::FinishWrapUpRequest {
        call_id: wrap_up.call_id,
        ..v1::FinishWrapUpRequest::default()
    };
    assert_eq!(ann.command(AgentSays::FinishWrapUp(finish)).await, None);
    ann.until(Work::Idle).await;
    assert!(world.server.shutdown().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_is_told_before_the_answer_that_came_of_it() {
    let world = World::with_agents().await;
    let mut platform = Platform::connect(&world, 0).await;
    let mut calls = BTreeMap::new();
    for number in 0..3_000 {
        let call_id = format!("c{number}");
        let route = v1::RouteCallRequest {
            call_id: call_id.clone(),
            queue: "sales".to_owned(),
            ..v1::RouteCallRequest::default()
        };
        platform.say(PlatformSays::RouteCall(route)).await;
        let gone = v1::ReportCallRequest {
            call_id: call_id.clone(),
            report: CallReport::CallerGone.into(),
            ..v1::ReportCallRequest::default()
        };
        let answer = platform.say(PlatformSays::ReportCall(gone)).await;
        calls.insert(answer, call_id);
    }
    let mut ended = BTreeSet::new();
    while !calls.is_empty() {
        match platform.next().await {
            Heard::Event(event) => {
                let call = event.call.clone().unwrap().id;
                assert!(
                    !ended.contains(&call),
                    "{call} moved after its end: {event:?}"
                );
                if event.kind() == Kind::Ended {
                    ended.insert(call);
                }
            }
            Heard::Answer(answer) => {
                if let Some(call) = calls.remove(&answer.command_number) {
                    assert!(
                        ended.contains(&call),
                        "the end of {call} was answered before told"
                    );
                }
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn events_that_were_missed_come_again_after_a_reconnect() {
    let world = World::with_agents().await;
    let mut platform = Platform::connect(&world, 0).await;
    platform.route("c1").await;
    let seen = platform.event(Kind::Queued).await.number;
    drop(platform);
    let mut ann = Desktop::ready(&world, "ann").await;
    ann.until(Work::Offered).await;

    let mut platform = Platform::connect(&world, seen).await;
    assert!(platform.resumed);
    let offered = platform.event(Kind::Offered).await.call.unwrap();
    assert_eq!(offered.offer.unwrap().agent_id, "ann");
}

#[tokio::test]
async fn a_stream_that_knows_no_number_gets_a_snapshot() {
    let world = World::with_agents().await;
    world
        .routing()
        .route_call(crate::support::call("c1"))
        .await
        .unwrap();
    let platform = Platform::connect(&world, 77).await;
    assert!(!platform.resumed);
    assert!(platform.last_event > 0);
}

#[tokio::test]
async fn a_newer_stream_of_an_instance_replaces_the_older() {
    let world = World::with_agents().await;
    let mut older = Platform::connect(&world, 0).await;
    let _newer = Platform::connect(&world, 0).await;
    let (code, reason, _) = told(&older.end().await.unwrap());
    assert_eq!((code, reason.as_str()), (Code::Aborted, "STREAM_REPLACED"));
}

#[tokio::test]
async fn a_newer_session_supersedes_the_older() {
    let world = World::with_agents().await;
    let mut older = Desktop::ready(&world, "ann").await;
    let newer = Desktop::connect(&world, "ann").await;
    let told = loop {
        match older.hear().await.unwrap() {
            Some(AgentHears::Superseded(superseded)) => break superseded,
            Some(_) => {}
            None => panic!("the stream ended without a word"),
        }
    };
    assert_eq!(told.session, newer.session);
    assert!(older.end().await.is_none());
}

#[tokio::test]
async fn a_line_is_silent_once_the_stream_closes() {
    let world = World::with_agents().await;
    let ann = Desktop::ready(&world, "ann").await;
    drop(ann);
    let mut directory = world.directory();
    let silent = async {
        loop {
            let request = v1::GetAgentRequest {
                agent_id: "ann".to_owned(),
            };
            let agent = directory
                .get_agent(request)
                .await
                .unwrap()
                .into_inner()
                .agent
                .unwrap();
            if agent.status.unwrap().line() == v1::LineState::Silent {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    crate::support::in_time("silence", silent).await;
}

#[tokio::test]
async fn a_stream_that_does_not_say_hello_first_is_refused() {
    let world = World::with_agents().await;
    let mut platform = Platform::open(&world).await;
    platform
        .say(PlatformSays::Heartbeat(v1::Heartbeat {}))
        .await;
    let (code, _, fields) = told(&platform.end().await.unwrap());
    assert_eq!(
        (code, fields),
        (Code::InvalidArgument, vec!["hello".to_owned()])
    );

    let mut desktop = Desktop::open(&world).await;
    desktop
        .send(
            0,
            AgentSays::Hello(v1::AgentHello {
                agent_id: "zoe".to_owned(),
            }),
        )
        .await;
    let (code, reason, _) = told(&desktop.end().await.unwrap());
    assert_eq!((code, reason.as_str()), (Code::NotFound, "AGENT_NOT_FOUND"));
}

#[tokio::test]
async fn streams_are_told_before_the_server_ends() {
    let world = World::with_agents().await;
    let mut ann = Desktop::ready(&world, "ann").await;
    let mut platform = Platform::connect(&world, 0).await;
    let ended = tokio::spawn(world.server.shutdown());
    let mut told = false;
    while let Ok(Some(message)) = ann.hear().await {
        told |= matches!(message, AgentHears::GoingAway(_));
    }
    assert!(told, "the agent is told");
    assert!(platform.end().await.is_none());
    assert!(ended.await.unwrap(), "the end is in order");
}

/// Routes calls by unary requests, many at once.
async fn route_many(world: &World, count: usize) {
    let mut tasks = tokio::task::JoinSet::new();
    for part in 0..40 {
        let mut routing = world.routing();
        tasks.spawn(async move {
            for number in (part..count).step_by(40) {
                routing
                    .route_call(crate::support::call(&format!("c{number}")))
                    .await
                    .unwrap();
            }
        });
    }
    tasks.join_all().await;
}

#[tokio::test]
async fn a_platform_that_does_not_read_is_closed_and_comes_back_to_a_snapshot() {
    let world = World::with_agents().await;
    let narrow = crate::support::connect_narrow(&world.server).await;
    let mut slow = Platform::connect_over(narrow, 0).await;
    route_many(&world, 5_000).await;
    let (code, reason, _) = told(&slow.end().await.unwrap());
    assert_eq!(
        (code, reason.as_str()),
        (Code::ResourceExhausted, "READER_TOO_SLOW")
    );
    let back = Platform::connect(&world, slow.last_event).await;
    assert!(!back.resumed, "the memory does not go back so far");
    assert_eq!(back.snapshot, 5_000);
}

#[tokio::test]
async fn a_store_that_is_down_is_told_in_time_and_nothing_is_taken_twice() {
    let world = World::with_agents().await;
    world.store.set_down(true);
    let late = world
        .routing()
        .route_call(crate::support::call("c1"))
        .await
        .unwrap_err();
    let (code, reason, _) = told(&late);
    assert_eq!(
        (code, reason.as_str()),
        (Code::DeadlineExceeded, "NO_OUTCOME_IN_TIME")
    );
    let (status, text) = world.http("/readyz").await;
    assert_eq!(
        (status, text.as_str()),
        (503, "pool `default` waits for its store\n")
    );
    assert_eq!(world.http("/healthz").await.0, 200);
    world.store.set_down(false);
    let again = world
        .routing()
        .route_call(crate::support::call("c1"))
        .await
        .unwrap();
    assert!(again.into_inner().result.is_some());
    let calls = world
        .routing()
        .list_calls(v1::ListCallsRequest::default())
        .await
        .unwrap();
    assert_eq!(calls.into_inner().calls.len(), 1);
    assert_eq!(world.http("/readyz").await.0, 200);
}

#[tokio::test]
async fn a_declaration_counts_once_its_last_part_is_there() {
    let world = World::with_agents().await;
    let mut first = Platform::connect(&world, 0).await;
    for call in ["c1", "c2", "c3"] {
        first.route(call).await;
    }
    // What was accepted in the very millisecond of a hello counts as accepted after it.
    let accepted = clock::instant();
    while clock::instant().duration_since(accepted) < Duration::from_millis(2) {
        tokio::task::yield_now().await;
    }
    let mut second = Platform::connect(&world, 0).await;
    let part = |call_ids: &[&str], complete| {
        PlatformSays::Declare(v1::DeclareCalls {
            call_ids: call_ids.iter().map(ToString::to_string).collect(),
            complete,
        })
    };
    second.say(part(&["c1"], false)).await;
    // Its answer comes after whatever the part did.
    second.route("c4").await;
    assert_eq!(withheld(&world, "c2").await, [""; 0], "more is to come");
    second.say(part(&["c3"], true)).await;
    second.route("c5").await;
    for (call, named) in [("c1", true), ("c2", false), ("c3", true), ("c4", true)] {
        let expected: &[&str] = if named { &[] } else { &["missed"] };
        assert_eq!(withheld(&world, call).await, expected, "{call}");
    }
}

/// Why a waiting call may not be offered to anyone.
async fn withheld(world: &World, call: &str) -> Vec<String> {
    let request = v1::ExplainCallRequest {
        call_id: call.to_owned(),
    };
    let told = world.supervision().explain_call(request).await.unwrap();
    let why = told.into_inner().waiting.expect("it waits");
    why.withheld_reasons
}
