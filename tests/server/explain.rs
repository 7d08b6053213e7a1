//! Why a call waits and why an agent gets none, over the wire.

use homeshore::proto::v1::{self, ExplainAgentResponse, ExplainCallResponse, ReasonCount};

use crate::support::{Desktop, Platform, World, agent, call, french};

async fn explain_call(world: &World, id: &str) -> ExplainCallResponse {
    let request = v1::ExplainCallRequest { call_id: id.into() };
    let answer = world.supervision().explain_call(request).await;
    answer.unwrap().into_inner()
}

async fn explain_agent(world: &World, id: &str) -> ExplainAgentResponse {
    let request = v1::ExplainAgentRequest {
        agent_id: id.into(),
    };
    let answer = world.supervision().explain_agent(request).await;
    answer.unwrap().into_inner()
}

fn counts(counts: &[ReasonCount]) -> Vec<(&str, i32)> {
    let count = |count: &'_ ReasonCount| count.count;
    counts
        .iter()
        .map(|c| (c.reason.as_str(), count(c)))
        .collect()
}

#[tokio::test]
async fn a_waiting_call_and_an_agent_are_explained() {
    let world = World::with_agents().await;
    let mut site = agent("cid");
    site.skills = vec![v1::SkillLevel {
        skill: "german".to_owned(),
        level: 2,
    }];
    world.apply_agents(vec![site]).await.unwrap();
    let mut cid = Desktop::ready(&world, "cid").await;
    world.routing().route_call(call("c1")).await.unwrap();
    let mut second = call("c2");
    second.skills = vec![french(2)];
    world.routing().route_call(second).await.unwrap();

    let told = explain_call(&world, "c2").await;
    let why = told.waiting.unwrap();
    assert_eq!((why.ahead_in_queue, why.ahead_in_pool), (1, 1));
    assert_eq!((why.agents, why.able_agents), (3, 0));
    assert_eq!(counts(&why.excluded), [("offline", 2), ("lacks_skill", 1)]);
    let lacking = why.excluded[1].skill.clone().unwrap();
    assert_eq!((lacking.skill.as_str(), lacking.level), ("french", 1));
    assert!(why.fitting.is_empty() && why.withheld_reasons.is_empty());
    assert!(
        told.sentence.contains("behind 1 call of its queue"),
        "{}",
        told.sentence
    );
    assert!(told.sentence.contains("2 signed out"), "{}", told.sentence);

    let told = explain_agent(&world, "cid").await;
    assert!(told.keeping.is_empty());
    assert_eq!((told.waiting_calls, told.fitting_calls), (2, 0));
    assert_eq!(counts(&told.unfit), [("lacks_skill", 2)]);
    assert_eq!(
        told.agent.unwrap().address,
        "",
        "supervisors get no address"
    );
    assert!(told.sentence.contains("is free"), "{}", told.sentence);

    let mut ann = Desktop::ready(&world, "ann").await;
    ann.until(v1::Work::Offered).await;
    let told = explain_call(&world, "c1").await;
    assert!(told.waiting.is_none());
    assert_eq!(told.call.unwrap().assignment.unwrap().candidates, 1);
    assert!(
        told.sentence.contains("is offered to `ann`"),
        "{}",
        told.sentence
    );
    let why = explain_call(&world, "c2").await.waiting.unwrap();
    assert_eq!(counts(&why.fitting), [("offered", 1)]);
    let told = explain_agent(&world, "ann").await;
    assert_eq!(told.keeping[0].reason, "offered");
    assert!(told.keeping[0].end_time.is_some());
    assert_eq!(told.first_calls[0].call_id, "c2");
    cid.until(v1::Work::Idle).await;
}

#[tokio::test]
async fn everybody_counts_once_in_a_large_pool() {
    let world = World::with_agents().await;
    for part in 0..4 {
        let agents = (0..800).map(|n| agent(&format!("a{}", part * 800 + n)));
        world.apply_agents(agents.collect()).await.unwrap();
    }
    world.routing().route_call(call("c1")).await.unwrap();
    let why = explain_call(&world, "c1").await.waiting.unwrap();
    assert_eq!(
        (why.agents, counts(&why.excluded)),
        (3_202, vec![("offline", 3_202)])
    );
}

#[tokio::test]
async fn an_ended_call_is_told_in_a_sentence() {
    let world = World::with_agents().await;
    let _platform = Platform::connect(&world, 0).await;
    world.routing().route_call(call("c1")).await.unwrap();
    let cancel = v1::CancelCallRequest {
        call_id: "c1".to_owned(),
    };
    world.routing().cancel_call(cancel).await.unwrap();
    let told = explain_call(&world, "c1").await;
    assert!(
        told.sentence.contains("ended cancelled"),
        "{}",
        told.sentence
    );
    assert!(told.waiting.is_none());
}
