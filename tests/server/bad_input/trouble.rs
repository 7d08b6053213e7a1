//! What an agent cannot say of being in trouble.

use homeshore::proto::v1::{self, Trouble};
use prost_types::Timestamp;
use tonic::Code::{FailedPrecondition, NotFound};

use super::{check, expect, invalid};
use crate::{
    server::{supervision::ahead, trouble::trouble},
    support::{Desktop, World},
};

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table, a row each")]
async fn troubles_are_refused_by_field() {
    let world = World::with_agents().await;
    let older = Desktop::connect(&world, "ann").await.session;
    let ann = Desktop::connect(&world, "ann").await;
    let with = |kind, change: &dyn Fn(&mut v1::ReportTroubleRequest)| {
        let mut request = v1::ReportTroubleRequest {
            agent_id: "ann".into(),
            session: ann.session,
            ..trouble(kind)
        };
        change(&mut request);
        request
    };
    let at = |seconds, nanos| Some(Timestamp { seconds, nanos });
    let unknown = expect("unknown agent", NotFound, "AGENT_NOT_FOUND", "agent_id");
    let superseded = expect(
        "superseded",
        FailedPrecondition,
        "SESSION_SUPERSEDED",
        "session",
    );
    let rows = [
        (unknown, with(Trouble::Line, &|r| r.agent_id = "zoe".into())),
        (superseded, with(Trouble::Line, &|r| r.session = older)),
        (
            invalid("no agent", "agent_id"),
            with(Trouble::Line, &|r| r.agent_id.clear()),
        ),
        (
            invalid("no session", "session"),
            with(Trouble::Line, &|r| r.session = 0),
        ),
        (
            invalid("no trouble", "trouble"),
            with(Trouble::Unspecified, &|_| ()),
        ),
        (
            invalid("trouble 99", "trouble"),
            with(Trouble::Line, &|r| r.trouble = 99),
        ),
        (
            invalid("a line with an end", "until"),
            with(Trouble::Line, &|r| r.until = ahead(60)),
        ),
        (
            invalid("late without an end", "until"),
            with(Trouble::Late, &|_| ()),
        ),
        (
            invalid("late no more until", "until"),
            with(Trouble::Late, &|r| {
                (r.until, r.over) = (ahead(60), true);
            }),
        ),
        (
            invalid("late until it is over", "until"),
            with(Trouble::Late, &|r| r.until = at(1, 0)),
        ),
        (
            invalid("before 1970", "until"),
            with(Trouble::Unwell, &|r| r.until = at(-1, 0)),
        ),
        (
            invalid("no time at all", "until"),
            with(Trouble::Unwell, &|r| r.until = at(1, -1)),
        ),
        (
            invalid("over 31 days", "until"),
            with(Trouble::Unwell, &|r| r.until = ahead(32 * 86_400)),
        ),
    ];
    for (expected, request) in rows {
        check(&expected, world.sessions().report_trouble(request).await);
    }
    let month = with(Trouble::Unwell, &|r| r.until = ahead(30 * 86_400));
    world
        .sessions()
        .report_trouble(month)
        .await
        .expect("30 days are taken");
}
