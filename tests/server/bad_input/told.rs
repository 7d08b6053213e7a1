//! Messages to agents that cannot be sent or acknowledged.

use homeshore::proto::v1::{self, send_message_request::Recipient};
use tonic::Code::NotFound;

use super::{LONG, check, expect, invalid};
use crate::{
    server::messages::to_agent,
    support::{Desktop, World},
};

#[tokio::test]
async fn messages_are_refused_by_field() {
    let world = World::with_agents().await;
    let with = |change: &dyn Fn(&mut v1::SendMessageRequest)| {
        let mut request = to_agent("ann", "hello");
        change(&mut request);
        request
    };
    let to = |team: &str| Some(Recipient::Team(team.into()));
    let no_agent = expect("unknown agent", NotFound, "AGENT_NOT_FOUND", "agent_id");
    let no_team = expect("unknown team", NotFound, "TEAM_NOT_FOUND", "team");
    let rows = [
        (no_agent, to_agent("zoe", "hello")),
        (no_team, with(&|r| r.recipient = to("south"))),
        (
            invalid("nobody", "recipient"),
            with(&|r| r.recipient = None),
        ),
        (invalid("no agent", "agent_id"), to_agent("", "hello")),
        (invalid("no team", "team"), with(&|r| r.recipient = to(""))),
        (
            invalid("1 MB team", "team"),
            with(&|r| r.recipient = to(&"t".repeat(LONG))),
        ),
        (invalid("no text", "text"), to_agent("ann", "")),
        (
            invalid("501 characters", "text"),
            to_agent("ann", &"é".repeat(501)),
        ),
        (
            invalid("1 MB text", "text"),
            to_agent("ann", &"t".repeat(LONG)),
        ),
        (invalid("NUL in a text", "text"), to_agent("ann", "a\0b")),
        (invalid("bidi text", "text"), to_agent("ann", "\u{202E}")),
        (
            invalid("nobody sends", "supervisor"),
            with(&|r| r.supervisor.clear()),
        ),
    ];
    for (expected, request) in rows {
        check(&expected, world.supervision().send_message(request).await);
    }
    let longest = to_agent("ann", &"é".repeat(500));
    let sent = world.supervision().send_message(longest).await;
    assert_eq!(sent.unwrap().into_inner().agents, 1);
    let ann = Desktop::connect(&world, "ann").await;
    let read = |session, message_id: &str| v1::AcknowledgeMessageRequest {
        agent_id: "ann".into(),
        session,
        sequence: 0,
        message_id: message_id.into(),
    };
    let rows = [
        (invalid("no session", "session"), read(0, "m1")),
        (invalid("no message", "message_id"), read(ann.session, "")),
        (invalid("no id", "message_id"), read(ann.session, "m-1")),
        (invalid("never sent", "message_id"), read(ann.session, "m2")),
    ];
    for (expected, request) in rows {
        check(
            &expected,
            world.sessions().acknowledge_message(request).await,
        );
    }
}
