//! Agents without a desktop: a platform says that their phone is registered, and rings it.

use homeshore::proto::v1::{
    self, AgentStatus, CallEventKind as Kind, CallReport, Intent, LineState, OfferStep, Work,
    routing_answer::Result as Answer, routing_service_connect_request::Message as Say,
};

use super::supervision::ahead;
use crate::support::{Desktop, Platform, World, call};

pub(crate) fn registered(agent: &str) -> v1::ReportRegistrationRequest {
    v1::ReportRegistrationRequest {
        agent_id: agent.into(),
        until: ahead(600),
        platform: "pbx".into(),
        instance: "one".into(),
    }
}

async fn status(world: &World, agent: &str) -> AgentStatus {
    let get = v1::GetAgentRequest {
        agent_id: agent.into(),
    };
    let answer = world.directory().get_agent(get).await.unwrap();
    answer.into_inner().agent.unwrap().status.unwrap()
}

async fn report(world: &World, request: v1::ReportRegistrationRequest) -> LineState {
    let answer = world.routing().report_registration(request).await;
    answer.unwrap().into_inner().line()
}

#[tokio::test]
async fn a_registered_phone_takes_a_call_without_any_desktop() {
    let world = World::with_agents().await;
    let mut platform = Platform::connect(&world, 0).await;
    let request = v1::ReportRegistrationRequest {
        platform: String::new(),
        instance: String::new(),
        ..registered("ann")
    };
    let number = platform.say(Say::ReportRegistration(request)).await;
    let Answer::Registration(answer) = platform.answer(number).await else {
        panic!("the registration is taken");
    };
    assert_eq!(answer.line(), LineState::Up);
    let order = v1::SetAgentIntentRequest {
        request_id: String::new(),
        agent_id: "ann".into(),
        intent: Intent::Ready.into(),
        reason: String::new(),
        supervisor: "sue".into(),
    };
    world.supervision().set_agent_intent(order).await.unwrap();
    let said = status(&world, "ann").await.registration.unwrap();
    assert!(said.carries_line && said.until.is_some(), "{said:?}");
    platform.route("c1").await;
    let offered = platform.event(Kind::Offered).await.call.unwrap();
    let offer = offered.offer.unwrap();
    assert_eq!(
        offer.step(),
        OfferStep::Ring,
        "nobody could accept it on a desktop"
    );
    assert_eq!(offer.address, "sip:ann@example.com");
    platform.report("c1", &offer.id, CallReport::Answered).await;
    assert_eq!(status(&world, "ann").await.work(), Work::Connected);
    platform.report("c1", "", CallReport::Ended).await;
    let after = status(&world, "ann").await;
    assert_eq!((after.work(), after.intent()), (Work::Idle, Intent::Ready));
    platform.route("c2").await;
    let offered = platform.event(Kind::Offered).await.call.unwrap();
    assert_eq!(offered.offer.unwrap().agent_id, "ann");
}

#[tokio::test]
async fn a_platform_without_a_stream_says_when_a_phone_comes_and_goes() {
    let world = World::with_agents().await;
    assert_eq!(report(&world, registered("ann")).await, LineState::Up);
    let open = v1::OpenSessionRequest {
        agent_id: "ann".into(),
    };
    let session = world.sessions().open_session(open).await.unwrap();
    let ready = v1::SetIntentRequest {
        agent_id: "ann".into(),
        session: session.into_inner().session,
        intent: Intent::Ready.into(),
        ..v1::SetIntentRequest::default()
    };
    world.sessions().set_intent(ready).await.unwrap();
    let said = status(&world, "ann").await.registration.unwrap();
    assert_eq!((said.platform.as_str(), said.carries_line), ("pbx", false));
    let gone = |instance: &str| v1::ReportRegistrationRequest {
        until: None,
        instance: instance.into(),
        ..registered("bob")
    };
    assert_eq!(report(&world, registered("bob")).await, LineState::Up);
    assert_eq!(report(&world, gone("two")).await, LineState::Up);
    assert_eq!(report(&world, gone("one")).await, LineState::Silent);
    assert_eq!(status(&world, "bob").await.registration, None);
}

#[tokio::test]
async fn a_stream_rules_the_line_of_a_registered_agent() {
    let world = World::with_agents().await;
    report(&world, registered("ann")).await;
    let mut ann = Desktop::ready(&world, "ann").await;
    world.routing().route_call(call("c1")).await.unwrap();
    let offered = ann.until(Work::Offered).await.status.unwrap();
    assert_eq!(offered.offer.unwrap().step(), OfferStep::Proposed);
    drop(ann);
    let silent = async {
        while status(&world, "ann").await.line() != LineState::Silent {
            tokio::task::yield_now().await;
        }
    };
    crate::support::in_time("silence", silent).await;
    assert_eq!(report(&world, registered("ann")).await, LineState::Silent);
}
