//! Agents who are deleted: at once, or once they have finished.

use homeshore::proto::v1::{self, CallReport, Work};
use tonic::Code::{FailedPrecondition, NotFound};

use crate::support::{Desktop, Platform, World, told};

fn delete(agent: &str, drain: bool) -> v1::DeleteAgentRequest {
    v1::DeleteAgentRequest {
        agent_id: agent.into(),
        drain,
        ..v1::DeleteAgentRequest::default()
    }
}

#[tokio::test]
async fn an_agent_in_conversation_is_refused_or_drains() {
    let world = World::with_agents().await;
    let mut platform = Platform::connect(&world, 0).await;
    let mut ann = Desktop::ready(&world, "ann").await;
    platform.route("c1").await;
    platform.talk(&mut ann, "c1").await;
    let mut directory = world.directory();
    let refused = directory.delete_agent(delete("ann", false)).await;
    assert_eq!(told(&refused.unwrap_err()).0, FailedPrecondition);
    let answer = directory.delete_agent(delete("ann", true)).await.unwrap();
    assert!(answer.into_inner().draining, "a conversation goes on");
    let get = v1::GetAgentRequest {
        agent_id: "ann".into(),
    };
    let shown = directory.get_agent(get.clone()).await.unwrap().into_inner();
    let status = shown.agent.unwrap().status.unwrap();
    assert_eq!((status.work(), status.draining), (Work::Connected, true));
    platform.report("c1", "", CallReport::Ended).await;
    platform.route("c2").await;
    let wrap_up = ann.until(Work::WrapUp).await.status.unwrap();
    let finish = v1::FinishWrapUpRequest {
        agent_id: "ann".into(),
        session: ann.session,
        call_id: wrap_up.call_id,
        ..v1::FinishWrapUpRequest::default()
    };
    let finished = world.sessions().finish_wrap_up(finish).await;
    assert_eq!(finished.unwrap().into_inner().snapshot, None);
    let gone = directory.get_agent(get).await.unwrap_err();
    assert_eq!(told(&gone).0, NotFound);
    let ended = ann.end().await.expect("the stream is told");
    assert_eq!(told(&ended).1, "AGENT_NOT_FOUND");
}

#[tokio::test]
async fn an_agent_with_nothing_in_hand_is_gone_at_once() {
    let world = World::with_agents().await;
    let _ann = Desktop::ready(&world, "ann").await;
    let answer = world.directory().delete_agent(delete("ann", true)).await;
    assert!(!answer.unwrap().into_inner().draining);
    let again = world.directory().delete_agent(delete("ann", true)).await;
    assert_eq!(told(&again.unwrap_err()).0, NotFound);
}
