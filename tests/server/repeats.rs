//! Changes that are said again: with a request's id a repeat gets the first answer and changes nothing.

use homeshore::proto::v1;
use tonic::{Code, Request};

use crate::support::{World, agent, call, pool, queue, told};

fn agents(request_id: &str, ids: &[&str]) -> v1::ApplyAgentsRequest {
    v1::ApplyAgentsRequest {
        agents: ids.iter().map(|id| agent(id)).collect(),
        request_id: request_id.to_owned(),
        ..v1::ApplyAgentsRequest::default()
    }
}

/// A request of a client with a name.
fn from<T>(client: &'static str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let client = client.parse().unwrap();
    request.metadata_mut().insert("homeshore-client", client);
    request
}

/// How many agents were created, and how many were so already.
fn counts(answer: tonic::Response<v1::ApplyAgentsResponse>) -> (i32, i32) {
    let answer = answer.into_inner();
    (answer.created_count, answer.unchanged_count)
}

#[tokio::test]
async fn a_repeat_gets_the_first_answer_and_other_content_is_refused() {
    let world = World::with_agents().await;
    let mut directory = world.directory();
    let request = agents("r1", &["cid"]);
    for _ in 0..2 {
        let answer = directory.apply_agents(request.clone()).await.unwrap();
        assert_eq!(counts(answer), (1, 0));
    }
    let plain = directory.apply_agents(agents("", &["cid"])).await.unwrap();
    assert_eq!(counts(plain), (0, 1), "without an id it is asked anew");
    let other = directory.apply_agents(agents("r1", &["dan"])).await;
    let (code, reason, fields) = told(&other.unwrap_err());
    assert_eq!((code, &*reason), (Code::AlreadyExists, "REQUEST_ID_REUSED"));
    assert_eq!(fields, ["request_id"]);
    let same_id = v1::DeleteAgentRequest {
        agent_id: "cid".into(),
        drain: false,
        request_id: "r1".into(),
    };
    let method = directory.delete_agent(same_id).await.unwrap_err();
    assert_eq!(
        method.code(),
        Code::AlreadyExists,
        "a method is content too"
    );
    let named = from("hr", request.clone());
    let named = directory.apply_agents(named).await.unwrap();
    assert_eq!(counts(named), (0, 1), "another client has ids of its own");
}

#[tokio::test]
async fn what_was_refused_or_only_checked_is_not_remembered() {
    let world = World::with_agents().await;
    let mut directory = world.directory();
    let nobody = v1::DeleteAgentRequest {
        agent_id: "cid".into(),
        drain: false,
        request_id: "r1".into(),
    };
    let refused = directory.delete_agent(nobody.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    let checked = v1::ApplyAgentsRequest {
        validate_only: true,
        ..agents("r2", &["cid"])
    };
    directory.apply_agents(checked).await.unwrap();
    let created = directory
        .apply_agents(agents("r2", &["cid"]))
        .await
        .unwrap();
    assert_eq!(counts(created), (1, 0));
    for _ in 0..2 {
        directory.delete_agent(nobody.clone()).await.unwrap();
    }
}

#[tokio::test]
async fn a_repeated_order_is_not_given_twice() {
    let world = World::with_agents().await;
    let mut supervision = world.supervision();
    let pause = v1::PauseQueueRequest {
        queue: "sales".into(),
        supervisor: "sue".into(),
        reason: "drill".into(),
        request_id: "r1".into(),
        ..v1::PauseQueueRequest::default()
    };
    let paused = supervision.pause_queue(pause.clone()).await.unwrap();
    let paused = paused.into_inner();
    assert!(paused.queue.as_ref().unwrap().halt.is_some());
    let resume = v1::ResumeQueueRequest {
        queue: "sales".into(),
        supervisor: "sue".into(),
        ..v1::ResumeQueueRequest::default()
    };
    supervision.resume_queue(resume).await.unwrap();
    let again = supervision.pause_queue(pause).await.unwrap();
    assert_eq!(again.into_inner(), paused);
    let list = v1::ListQueuesRequest::default();
    let queues = supervision.list_queues(list).await.unwrap().into_inner();
    assert_eq!(queues.queues[0].halt, None, "it is open");

    let drain = v1::DrainSiteRequest {
        site: "home-ann".into(),
        reason: "storm".into(),
        supervisor: "sue".into(),
        request_id: "r2".into(),
    };
    supervision.drain_site(drain.clone()).await.unwrap();
    let undrain = v1::UndrainSiteRequest {
        site: "home-ann".into(),
        supervisor: "sue".into(),
        ..v1::UndrainSiteRequest::default()
    };
    supervision.undrain_site(undrain).await.unwrap();
    supervision.drain_site(drain).await.unwrap();
    let numbers = v1::GetPoolNumbersRequest {};
    let numbers = supervision.get_pool_numbers(numbers).await.unwrap();
    assert_eq!(numbers.into_inner().numbers.unwrap().sites_drained, 0);
}

#[tokio::test]
async fn an_answer_shows_what_a_change_made_of_an_agent_or_a_call() {
    let world = World::with_agents().await;
    let mut two = pool();
    two.queues.push(queue("support"));
    world.apply_pool(two).await.unwrap();
    for id in ["c1", "c2"] {
        world.routing().route_call(call(id)).await.unwrap();
    }
    let mut supervision = world.supervision();
    let move_call = v1::MoveCallRequest {
        call_id: "c2".into(),
        queue: "support".into(),
        request_id: "r1".into(),
    };
    let moved = supervision.move_call(move_call.clone()).await.unwrap();
    let moved = moved.into_inner().call.unwrap();
    assert_eq!((&*moved.queue, moved.position), ("support", 1));
    let get = v1::GetCallRequest {
        call_id: "c2".into(),
        ..v1::GetCallRequest::default()
    };
    let seen = world.routing().get_call(get).await.unwrap().into_inner();
    assert_eq!(seen.call.unwrap().change_number, moved.change_number);
    let again = supervision.move_call(move_call).await.unwrap();
    assert_eq!(again.into_inner().call, Some(moved));

    let set = v1::SetAgentIntentRequest {
        agent_id: "ann".into(),
        intent: v1::Intent::Offline.into(),
        supervisor: "sue".into(),
        request_id: "r2".into(),
        ..v1::SetAgentIntentRequest::default()
    };
    let first = supervision.set_agent_intent(set.clone()).await.unwrap();
    let status = first.get_ref().status.clone().unwrap();
    assert_eq!(status.intent(), v1::Intent::Offline);
    let get = v1::GetAgentRequest {
        agent_id: "ann".into(),
    };
    let seen = world.directory().get_agent(get).await.unwrap().into_inner();
    assert_eq!(seen.agent.unwrap().status, Some(status));
    let again = supervision.set_agent_intent(set).await.unwrap();
    assert_eq!(again.get_ref(), first.get_ref());
}

#[tokio::test]
async fn a_repeated_configuration_is_not_applied_over_a_newer_one() {
    let world = World::start().await;
    let mut wider = pool();
    wider.queues.push(queue("support"));
    let request = v1::ApplyPoolRequest {
        pool: Some(wider),
        validate_only: false,
        request_id: "r1".into(),
    };
    let first = world.pools().apply_pool(request.clone()).await.unwrap();
    assert!(!first.get_ref().changes.is_empty());
    world.apply_pool(pool()).await.unwrap();
    let again = world.pools().apply_pool(request).await.unwrap();
    assert_eq!(again.get_ref(), first.get_ref());
    let get = v1::GetPoolRequest::default();
    let now = world.pools().get_pool(get).await.unwrap().into_inner();
    assert_eq!(now.pool.unwrap().queues.len(), 1);
}
