//! What platforms say of conversations.

use homeshore::proto::v1::{
    self, CallEventKind as Kind, CallReport as Report, Intent, Outcome, TalkState,
    routing_answer::Result as Answer,
};

use crate::support::{Desktop, Platform, World};

/// What the call list and the agent's record say of a conversation.
async fn shown(world: &World) -> (TalkState, TalkState) {
    let mut routing = world.routing();
    let calls = routing.list_calls(v1::ListCallsRequest::default());
    let calls = calls.await.unwrap().into_inner().calls;
    let agent = v1::GetAgentRequest {
        agent_id: "ann".to_owned(),
    };
    let agent = world.directory().get_agent(agent).await.unwrap();
    let status = agent.into_inner().agent.unwrap().status.unwrap();
    (calls[0].talk_state(), status.talk_state())
}

#[tokio::test]
async fn hold_consultation_and_conference_are_shown() {
    let world = World::with_agents().await;
    let mut ann = Desktop::ready(&world, "ann").await;
    let mut platform = Platform::connect(&world, 0).await;
    platform.route("c1").await;
    assert_eq!(shown(&world).await.0, TalkState::Unspecified);
    let offer_id = platform.talk(&mut ann, "c1").await;
    assert_eq!(
        shown(&world).await,
        (TalkState::Talking, TalkState::Talking)
    );
    for (report, state) in [
        (Report::OnHold, TalkState::OnHold),
        (Report::Consulting, TalkState::Consulting),
        (Report::Conference, TalkState::Conference),
        (Report::Talking, TalkState::Talking),
    ] {
        // By stream, and the same again by the unary call.
        let Answer::Reported(streamed) = platform.report("c1", &offer_id, report).await else {
            panic!("the report is answered");
        };
        let streamed = streamed.call.unwrap();
        assert_eq!(streamed.talk_state(), state);
        let request = v1::ReportCallRequest {
            call_id: "c1".to_owned(),
            offer_id: offer_id.clone(),
            report: report.into(),
        };
        let unary = world.routing().report_call(request).await.unwrap();
        let unary = unary.into_inner().call.unwrap();
        assert_eq!(unary.change_number, streamed.change_number, "said already");
        assert_eq!(shown(&world).await, (state, state));
    }
}

#[tokio::test]
async fn a_conversation_that_is_none_ends_lost_and_its_agent_is_checked() {
    let world = World::with_agents().await;
    let mut ann = Desktop::ready(&world, "ann").await;
    let mut platform = Platform::connect(&world, 0).await;
    platform.route("c1").await;
    let offer_id = platform.talk(&mut ann, "c1").await;
    platform.report("c1", &offer_id, Report::NotConnected).await;
    let ended = platform.event(Kind::Ended).await.call.unwrap();
    assert_eq!(ended.outcome(), Outcome::Lost);
    let status = ann.until(v1::Work::WrapUp).await.status.unwrap();
    assert_eq!(
        (status.intent(), &*status.reason),
        (Intent::NotReady, "check")
    );
}
