//! Explanations of calls and agents that are not.

use homeshore::proto::v1;
use tonic::Code::NotFound;

use super::{LONG, check, expect, invalid};
use crate::support::World;

#[tokio::test]
async fn what_is_not_there_is_not_explained() {
    let world = World::with_agents().await;
    let mut board = world.supervision();
    let call = |call_id: &str| v1::ExplainCallRequest {
        call_id: call_id.into(),
    };
    let rows = [
        (
            expect("unknown call", NotFound, "CALL_NOT_FOUND", "call_id"),
            call("zzz"),
        ),
        (invalid("no call", "call_id"), call("")),
        (invalid("1 MB call", "call_id"), call(&"c".repeat(LONG))),
        (invalid("bidi in a call", "call_id"), call("\u{202E}")),
    ];
    for (expected, request) in rows {
        check(&expected, board.explain_call(request).await);
    }
    let agent = |agent_id: &str| v1::ExplainAgentRequest {
        agent_id: agent_id.into(),
    };
    let rows = [
        (
            expect("unknown agent", NotFound, "AGENT_NOT_FOUND", "agent_id"),
            agent("zoe"),
        ),
        (invalid("no agent", "agent_id"), agent("")),
        (invalid("1 MB agent", "agent_id"), agent(&"a".repeat(LONG))),
        (invalid("NUL in an agent", "agent_id"), agent("a\0")),
    ];
    for (expected, request) in rows {
        check(&expected, board.explain_agent(request).await);
    }
}
