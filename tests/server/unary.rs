//! A call's way by unary calls alone.

use std::time::Duration;

use homeshore::{
    api::Times,
    proto::v1::{self, CallReport, CallState, Outcome, route_call_response::Result as Routed},
    store::memory::{Fault, Memory},
};
use tonic::Code;
use tonic_types::StatusExt;

use crate::support::{World, agent, call, in_time, pool, settings, told};

async fn ready(world: &World, agent: &str) -> u64 {
    let open = v1::OpenSessionRequest {
        agent_id: agent.to_owned(),
    };
    let session = world
        .sessions()
        .open_session(open)
        .await
        .unwrap()
        .into_inner()
        .session;
    let intent = v1::SetIntentRequest {
        agent_id: agent.to_owned(),
        session,
        intent: v1::Intent::Ready.into(),
        ..v1::SetIntentRequest::default()
    };
    world.sessions().set_intent(intent).await.unwrap();
    session
}

/// Long-polls the call until it is in this state.
async fn until(world: &World, id: &str, state: CallState) -> v1::Call {
    let mut known = 0;
    loop {
        let request = v1::GetCallRequest {
            call_id: id.to_owned(),
            wait_for_change: true,
            known_change_number: known,
        };
        let answer = in_time("a change", world.routing().get_call(request))
            .await
            .unwrap();
        let call = answer.into_inner().call.unwrap();
        if call.state() == state {
            return call;
        }
        known = call.change_number;
    }
}

#[tokio::test]
async fn a_call_needs_no_stream() {
    let world = World::with_agents().await;
    let session = ready(&world, "ann").await;
    let routed = world
        .routing()
        .route_call(call("c1"))
        .await
        .unwrap()
        .into_inner();
    assert!(matches!(routed.result, Some(Routed::Call(_))));
    let offered = until(&world, "c1", CallState::Offered).await;
    let made = offered.assignment.unwrap();
    assert_eq!((made.policy.as_str(), made.candidates), ("longest_idle", 1));
    assert_eq!(
        (made.runner_up_id.as_str(), made.more_candidates),
        ("", false)
    );
    let offer = offered.offer.unwrap();
    let accept = v1::AcceptOfferRequest {
        agent_id: "ann".to_owned(),
        session,
        sequence: 1,
        offer_id: offer.id.clone(),
    };
    world.sessions().accept_offer(accept).await.unwrap();
    until(&world, "c1", CallState::Connecting).await;
    for (report, offer_id) in [
        (CallReport::Answered, offer.id.as_str()),
        (CallReport::Ended, ""),
    ] {
        let report = v1::ReportCallRequest {
            call_id: "c1".to_owned(),
            offer_id: offer_id.to_owned(),
            report: report.into(),
        };
        world.routing().report_call(report).await.unwrap();
    }
    let ended = until(&world, "c1", CallState::Ended).await;
    assert_eq!(ended.outcome(), Outcome::Handled);
    let again = world
        .routing()
        .route_call(call("c1"))
        .await
        .unwrap()
        .into_inner();
    let Some(Routed::Call(again)) = again.result else {
        panic!("the id is known");
    };
    assert_eq!(again.state(), CallState::Ended);
}

#[tokio::test]
async fn a_long_poll_of_a_session_wakes_with_the_offer() {
    let world = World::with_agents().await;
    let session = ready(&world, "ann").await;
    let poll = move |known_change_number| v1::GetSessionRequest {
        agent_id: "ann".to_owned(),
        session,
        wait_for_change: true,
        known_change_number,
    };
    let now = world
        .sessions()
        .get_session(poll(0))
        .await
        .unwrap()
        .into_inner();
    let known = now.snapshot.unwrap().status.unwrap().change_number;
    let mut sessions = world.sessions();
    let waiting = tokio::spawn(async move { sessions.get_session(poll(known)).await });
    world.routing().route_call(call("c1")).await.unwrap();
    let woken = in_time("the offer", waiting)
        .await
        .unwrap()
        .unwrap()
        .into_inner();
    assert_eq!(woken.snapshot.unwrap().status.unwrap().call_id, "c1");
}

#[tokio::test]
async fn lists_come_in_pages() {
    let world = World::with_agents().await;
    for id in ["c1", "c2", "c3"] {
        world.routing().route_call(call(id)).await.unwrap();
    }
    let mut request = v1::ListCallsRequest {
        page_size: 2,
        queue: "sales".to_owned(),
        ..v1::ListCallsRequest::default()
    };
    let first = world
        .routing()
        .list_calls(request.clone())
        .await
        .unwrap()
        .into_inner();
    let ids: Vec<&str> = first.calls.iter().map(|call| call.id.as_str()).collect();
    assert_eq!(ids, ["c1", "c2"]);
    request.page_token = first.next_page_token;
    let second = world
        .routing()
        .list_calls(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(second.calls[0].id, "c3");
    assert_eq!(second.next_page_token, "");
    request.queue = String::new();
    let (code, _, fields) = told(&world.routing().list_calls(request).await.unwrap_err());
    assert_eq!(
        (code, fields),
        (Code::InvalidArgument, vec!["page_token".to_owned()])
    );

    let request = v1::ListAgentsRequest {
        page_size: 1,
        ..v1::ListAgentsRequest::default()
    };
    let page = world
        .directory()
        .list_agents(request.clone())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(page.agents[0].id, "ann");
    let request = v1::ListAgentsRequest {
        page_token: page.next_page_token,
        ..request
    };
    let page = world
        .directory()
        .list_agents(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (page.agents[0].id.as_str(), page.next_page_token.as_str()),
        ("bob", "")
    );
}

#[tokio::test]
async fn a_check_changes_nothing_and_says_what_would() {
    let world = World::with_agents().await;
    let mut wider = pool();
    wider.queues.push(crate::support::queue("support"));
    let request = v1::ApplyPoolRequest {
        request_id: String::new(),
        pool: Some(wider),
        validate_only: true,
    };
    let checked = world
        .pools()
        .apply_pool(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(checked.changes, ["queue `support` is new"]);
    let request = v1::GetPoolRequest::default();
    let pool = world
        .pools()
        .get_pool(request)
        .await
        .unwrap()
        .into_inner()
        .pool
        .unwrap();
    assert_eq!(pool.queues.len(), 1);
    let request = v1::ApplyAgentsRequest {
        agents: vec![agent("ann"), agent("cid")],
        validate_only: true,
        ..v1::ApplyAgentsRequest::default()
    };
    let counts = world
        .directory()
        .apply_agents(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!((counts.created_count, counts.unchanged_count), (1, 1));
    let request = v1::ListAgentsRequest::default();
    let agents = world
        .directory()
        .list_agents(request)
        .await
        .unwrap()
        .into_inner()
        .agents;
    assert_eq!(agents.len(), 2);
}

#[tokio::test]
async fn a_pool_with_too_much_to_do_says_so_at_once() {
    let mut few = settings();
    few.limits.waiting_commands = 2;
    let store = Memory::default();
    let world = World::start_with(store.clone(), &few, Times::default()).await;
    world.apply_pool(pool()).await.unwrap();
    world.apply_agents(vec![agent("ann")]).await.unwrap();
    store.script([Fault::Delay(Duration::from_millis(500))]);
    let asked = (0..20).map(|number| {
        let mut routing = world.routing();
        tokio::spawn(async move { routing.route_call(call(&format!("c{number}"))).await })
    });
    let mut refused = Vec::new();
    for answer in asked.collect::<Vec<_>>() {
        refused.extend(answer.await.unwrap().err());
    }
    assert!(!refused.is_empty(), "most find no room");
    for status in refused {
        assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
        assert!(status.get_details_retry_info().is_some(), "{status:?}");
    }
}
