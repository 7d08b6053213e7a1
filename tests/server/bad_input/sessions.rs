//! Commands of sessions and offers that are not, or no longer, theirs.

use homeshore::proto::v1;
use tonic::Code::{FailedPrecondition, InvalidArgument, NotFound};

use super::{LONG, check, expect, invalid};
use crate::support::{Desktop, World, call};

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table, a row each")]
async fn sessions_are_refused_by_field() {
    let world = World::with_agents().await;
    let mut sessions = world.sessions();
    let older = open(&world, "ann").await;
    let newer = open(&world, "ann").await;
    let intent = |agent_id: &str, session, intent: i32, reason: &str| v1::SetIntentRequest {
        agent_id: agent_id.into(),
        session,
        sequence: 0,
        intent,
        reason: reason.into(),
    };
    let (ready, not_ready) = (
        i32::from(v1::Intent::Ready),
        i32::from(v1::Intent::NotReady),
    );
    let superseded = expect(
        "superseded",
        FailedPrecondition,
        "SESSION_SUPERSEDED",
        "session",
    );
    let rows = [
        (superseded, intent("ann", older, ready, "")),
        (
            invalid("no session", "session"),
            intent("ann", 0, ready, ""),
        ),
        (
            invalid("a session never opened", "session"),
            intent("ann", u64::MAX, ready, ""),
        ),
        (
            expect("unknown agent", NotFound, "AGENT_NOT_FOUND", "agent_id"),
            intent("zoe", 1, ready, ""),
        ),
        (invalid("empty agent", "agent_id"), intent("", 1, ready, "")),
        (
            invalid("1 MB agent", "agent_id"),
            intent(&"a".repeat(LONG), 1, ready, ""),
        ),
        (invalid("intent 99", "intent"), intent("ann", newer, 99, "")),
        (
            invalid("not ready, no reason", "reason"),
            intent("ann", newer, not_ready, ""),
        ),
        (
            invalid("ready with a reason", "reason"),
            intent("ann", newer, ready, "lunch"),
        ),
        (
            invalid("a built-in reason", "reason"),
            intent("ann", newer, not_ready, "rona"),
        ),
        (
            invalid("1 MB reason", "reason"),
            intent("ann", newer, not_ready, &"r".repeat(LONG)),
        ),
    ];
    for (expected, request) in rows {
        check(&expected, sessions.set_intent(request).await);
    }
    let request = v1::OpenSessionRequest {
        agent_id: "zoe".into(),
    };
    check(
        &expect("unknown agent", NotFound, "AGENT_NOT_FOUND", "agent_id"),
        sessions.open_session(request).await,
    );
    let poll = v1::GetSessionRequest {
        agent_id: "ann".into(),
        session: older,
        ..v1::GetSessionRequest::default()
    };
    check(
        &expect(
            "superseded",
            FailedPrecondition,
            "SESSION_SUPERSEDED",
            "session",
        ),
        sessions.get_session(poll).await,
    );
}

async fn open(world: &World, agent: &str) -> u64 {
    let request = v1::OpenSessionRequest {
        agent_id: agent.into(),
    };
    world
        .sessions()
        .open_session(request)
        .await
        .unwrap()
        .into_inner()
        .session
}

#[tokio::test]
async fn offers_that_are_over_or_foreign_are_refused() {
    let world = World::with_agents().await;
    let mut ann = Desktop::ready(&world, "ann").await;
    let mut bob = Desktop::connect(&world, "bob").await;
    world.routing().route_call(call("c1")).await.unwrap();
    let offered = ann.until(v1::Work::Offered).await.status.unwrap();
    let offer = offered.offer.unwrap().id;
    let foreign = bob.accept(&offer).await.expect("the offer is ann's");
    assert_eq!(
        (foreign.code, foreign.reason.as_str()),
        (i32::from(FailedPrecondition), "OFFER_NOT_OPEN")
    );
    let none = ann.accept("o99").await.expect("there is no such offer");
    assert_ne!(none.reason, "");
    let bad = ann.accept("o-1").await.expect("this is no offer's id");
    assert_eq!(
        (bad.code, bad.violations[0].field.as_str()),
        (i32::from(InvalidArgument), "offer_id")
    );
    let cancel = v1::CancelCallRequest {
        call_id: "c1".into(),
    };
    world.routing().cancel_call(cancel).await.unwrap();
    let over = ann.accept(&offer).await.expect("the offer is over");
    assert_eq!(over.code, i32::from(FailedPrecondition), "{over:?}");
}

#[tokio::test]
async fn wrap_up_is_refused_by_field() {
    let world = World::start().await;
    let mut pool = crate::support::pool();
    pool.dispositions = vec!["solved".into()];
    world.apply_pool(pool).await.unwrap();
    let agents = vec![crate::support::agent("ann")];
    world.apply_agents(agents).await.unwrap();
    let session = wrapping(&world).await;
    let mut sessions = world.sessions();
    let finish = |call_id: &str, disposition: &str| v1::FinishWrapUpRequest {
        agent_id: "ann".into(),
        session,
        call_id: call_id.into(),
        disposition: disposition.into(),
        ..v1::FinishWrapUpRequest::default()
    };
    let wrong = |row| expect(row, FailedPrecondition, "WRONG_STATE", "");
    let rows = [
        (invalid("no call", "call_id"), finish("", "")),
        (wrong("another call"), finish("c9", "")),
        (invalid("not in the list", "disposition"), finish("c1", "x")),
        (
            invalid("1 MB disposition", "disposition"),
            finish("c1", &"d".repeat(LONG)),
        ),
        (
            invalid("bidi disposition", "disposition"),
            finish("c1", "\u{202E}"),
        ),
    ];
    for (expected, request) in rows {
        check(&expected, sessions.finish_wrap_up(request).await);
    }
    let extend = |session, call_id: &str| v1::ExtendWrapUpRequest {
        agent_id: "ann".into(),
        session,
        call_id: call_id.into(),
        ..v1::ExtendWrapUpRequest::default()
    };
    let rows = [
        (invalid("no session", "session"), extend(0, "c1")),
        (invalid("no call", "call_id"), extend(session, "")),
        (wrong("another call"), extend(session, "c9")),
        (wrong("not extendable"), extend(session, "c1")),
    ];
    for (expected, request) in rows {
        check(&expected, sessions.extend_wrap_up(request).await);
    }
    let done = sessions.finish_wrap_up(finish("c1", "solved")).await;
    let status = done.unwrap().into_inner().snapshot.unwrap().status.unwrap();
    assert_eq!(status.work(), v1::Work::Idle);
}

/// Brings ann into wrap-up of the call c1; answers her session.
async fn wrapping(world: &World) -> u64 {
    let mut ann = Desktop::ready(world, "ann").await;
    world.routing().route_call(call("c1")).await.unwrap();
    let offer = ann.until(v1::Work::Offered).await.status.unwrap().offer;
    let offer_id = offer.unwrap().id;
    assert_eq!(ann.accept(&offer_id).await, None);
    for report in [v1::CallReport::Answered, v1::CallReport::Ended] {
        let request = v1::ReportCallRequest {
            call_id: "c1".into(),
            offer_id: offer_id.clone(),
            report: report.into(),
        };
        world.routing().report_call(request).await.unwrap();
    }
    ann.until(v1::Work::WrapUp).await;
    ann.session
}
