//! Supervisors' messages to agents and teams: who gets them, when, and until when.

use homeshore::proto::v1::{
    self, AgentMessage, agent_session_service_connect_request::Message as Say,
    agent_session_service_connect_response::Message as Heard, send_message_request::Recipient,
};

use crate::support::{Desktop, World, agent};

pub(crate) fn to_agent(id: &str, text: &str) -> v1::SendMessageRequest {
    v1::SendMessageRequest {
        request_id: String::new(),
        recipient: Some(Recipient::AgentId(id.into())),
        text: text.into(),
        supervisor: "sue".into(),
    }
}

fn to_team(team: &str, text: &str) -> v1::SendMessageRequest {
    v1::SendMessageRequest {
        recipient: Some(Recipient::Team(team.into())),
        ..to_agent("", text)
    }
}

async fn send(world: &World, request: v1::SendMessageRequest) -> v1::SendMessageResponse {
    let answer = world.supervision().send_message(request).await;
    answer.unwrap().into_inner()
}

/// The messages of the next snapshot that has so many.
async fn messages(desktop: &mut Desktop, count: usize) -> Vec<AgentMessage> {
    loop {
        if let Heard::Snapshot(snapshot) = desktop.next().await
            && snapshot.messages.len() == count
        {
            return snapshot.messages;
        }
    }
}

#[tokio::test]
async fn a_message_is_shown_at_once_until_it_is_acknowledged() {
    let world = World::with_agents().await;
    let mut ann = Desktop::ready(&world, "ann").await;
    let sent = send(&world, to_agent("ann", "call me back")).await;
    assert_eq!((sent.message_id.as_str(), sent.agents), ("m1", 1));
    let shown = messages(&mut ann, 1).await.remove(0);
    assert_eq!(
        (shown.id.as_str(), shown.text.as_str()),
        ("m1", "call me back")
    );
    assert_eq!(
        (shown.supervisor.as_str(), shown.team.as_str()),
        ("sue", "")
    );
    let (sent, until) = (shown.send_time.unwrap(), shown.expire_time.unwrap());
    assert_eq!(until.seconds - sent.seconds, 86_400);
    let read = v1::AcknowledgeMessageRequest {
        message_id: "m1".into(),
        ..v1::AcknowledgeMessageRequest::default()
    };
    assert_eq!(ann.command(Say::AcknowledgeMessage(read)).await, None);
    let poll = v1::GetSessionRequest {
        agent_id: "ann".into(),
        session: ann.session,
        ..v1::GetSessionRequest::default()
    };
    let answer = world.sessions().get_session(poll).await.unwrap();
    assert_eq!(answer.into_inner().snapshot.unwrap().messages, []);
}

#[tokio::test]
async fn a_message_to_a_team_reaches_those_who_sign_in_later() {
    let world = World::with_agents().await;
    let other = v1::Agent {
        team: "south".into(),
        ..agent("cid")
    };
    world.apply_agents(vec![other]).await.unwrap();
    let sent = send(&world, to_team("north", "meeting at ten")).await;
    assert_eq!(sent.agents, 2);
    send(&world, to_agent("bob", "and bring the file")).await;
    let mut bob = Desktop::connect(&world, "bob").await;
    let shown = messages(&mut bob, 2).await;
    assert_eq!(
        (shown[0].team.as_str(), shown[1].team.as_str()),
        ("north", "")
    );
    let read = v1::AcknowledgeMessageRequest {
        agent_id: "bob".into(),
        session: bob.session,
        sequence: 1,
        message_id: shown[0].id.clone(),
    };
    let answer = world.sessions().acknowledge_message(read).await.unwrap();
    let left = answer.into_inner().snapshot.unwrap().messages;
    assert_eq!(left[0].text, "and bring the file");
    let mut cid = Desktop::connect(&world, "cid").await;
    assert_eq!(messages(&mut cid, 0).await, []);
}
