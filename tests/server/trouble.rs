//! What agents say of their line and of being late or unwell, over stream and unary calls, and who sees it.

use homeshore::proto::v1::{
    self, AbsenceKind, AgentStatus, Intent, Trouble, Work,
    agent_session_service_connect_request::Message as Say,
};

use super::supervision::ahead;
use crate::support::{Desktop, World, call};

pub(crate) fn trouble(trouble: Trouble) -> v1::ReportTroubleRequest {
    v1::ReportTroubleRequest {
        trouble: trouble.into(),
        ..v1::ReportTroubleRequest::default()
    }
}

/// The agent as a board sees it.
async fn on_board(world: &World, id: &str) -> AgentStatus {
    let watch = v1::WatchPoolRequest::default();
    let board = world.supervision().watch_pool(watch).await.unwrap();
    let first = board.into_inner().message().await.unwrap().unwrap();
    let mut agents = first.agents.into_iter();
    let agent = agents.find(|agent| agent.id == id).unwrap();
    agent.status.unwrap()
}

#[tokio::test]
async fn a_bad_line_takes_the_offer_away_and_shows_why() {
    let world = World::with_agents().await;
    let mut ann = Desktop::ready(&world, "ann").await;
    world.routing().route_call(call("c1")).await.unwrap();
    ann.until(Work::Offered).await;
    let bad = Say::ReportTrouble(trouble(Trouble::Line));
    assert_eq!(ann.command(bad).await, None);
    let status = on_board(&world, "ann").await;
    assert_eq!(
        (status.work(), status.intent()),
        (Work::Idle, Intent::Ready)
    );
    let blocked = &status.blocked_reasons[0];
    assert_eq!(
        (blocked.name.as_str(), blocked.until.is_some()),
        ("line_quality", true)
    );
    let explain = v1::ExplainAgentRequest {
        agent_id: "ann".into(),
    };
    let told = world.supervision().explain_agent(explain).await.unwrap();
    let told = told.into_inner();
    assert_eq!(told.keeping[0].reason, "line_quality");
    assert!(told.keeping[0].end_time.is_some(), "{told:?}");
    assert!(told.sentence.contains("line_quality"), "{}", told.sentence);

    let good = v1::ReportTroubleRequest {
        agent_id: "ann".into(),
        session: ann.session,
        over: true,
        ..trouble(Trouble::Line)
    };
    let answer = world.sessions().report_trouble(good).await.unwrap();
    let snapshot = answer.into_inner().snapshot.unwrap();
    assert_eq!(snapshot.status.unwrap().blocked_reasons, []);
    let again = ann.until(Work::Offered).await;
    assert_eq!(again.status.unwrap().call_id, "c1");
}

#[tokio::test]
async fn supervisors_see_who_is_late_or_unwell_until_then() {
    let world = World::with_agents().await;
    let mut ann = Desktop::connect(&world, "ann").await;
    let until = ahead(3_600);
    let late = v1::ReportTroubleRequest {
        until,
        ..trouble(Trouble::Late)
    };
    assert_eq!(ann.command(Say::ReportTrouble(late)).await, None);
    let absence = on_board(&world, "ann").await.absence.unwrap();
    assert_eq!(absence.kind(), AbsenceKind::Late);
    assert_eq!(absence.until, until);
    let unwell = v1::ReportTroubleRequest {
        until: ahead(86_400),
        ..trouble(Trouble::Unwell)
    };
    assert_eq!(ann.command(Say::ReportTrouble(unwell)).await, None);
    let get = v1::GetAgentRequest {
        agent_id: "ann".into(),
    };
    let agent = world.directory().get_agent(get).await.unwrap().into_inner();
    let status = agent.agent.unwrap().status.unwrap();
    assert_eq!(status.absence.unwrap().kind(), AbsenceKind::Unwell);
    assert_eq!(status.blocked_reasons, [], "it blocks nothing");
    assert_eq!(ann.intent(Intent::Ready, "").await, None);
    assert_eq!(on_board(&world, "ann").await.absence, None);
}
