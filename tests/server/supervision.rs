//! Supervisors' orders over gRPC: what they answer, what agents and lists show.

use homeshore::{
    clock,
    proto::v1::{self, AgentStatus, Intent, Work},
};

use crate::support::{Desktop, World, call};

/// A time this far ahead.
pub(crate) fn ahead(seconds: i64) -> Option<prost_types::Timestamp> {
    let seconds = clock::wall().0 / 1_000 + seconds;
    Some(prost_types::Timestamp { seconds, nanos: 0 })
}

pub(crate) fn hold(agent: &str) -> v1::HoldAgentRequest {
    v1::HoldAgentRequest {
        request_id: String::new(),
        agent_id: agent.into(),
        until: ahead(600),
        reason: "first talk".into(),
        supervisor: "sue".into(),
    }
}

fn blocked(status: &AgentStatus) -> Vec<(&str, bool)> {
    let reasons = status.blocked_reasons.iter();
    reasons
        .map(|reason| (reason.name.as_str(), reason.until.is_some()))
        .collect()
}

#[tokio::test]
async fn a_held_agent_shows_why_and_until_when() {
    let world = World::with_agents().await;
    let mut supervision = world.supervision();
    let mut ann = Desktop::ready(&world, "ann").await;
    let order = hold("ann");
    let held = supervision.hold_agent(order.clone()).await.unwrap();
    let status = held.into_inner().status.unwrap();
    assert_eq!(blocked(&status), [("supervisor_hold", true)]);
    let shown = status.hold.unwrap();
    assert_eq!(
        (shown.reason.as_str(), shown.supervisor.as_str()),
        ("first talk", "sue")
    );
    assert_eq!(
        shown.until.unwrap().seconds,
        order.until.unwrap().seconds,
        "the hold ends when it was said"
    );
    assert_eq!(status.intent, i32::from(Intent::Ready), "intent stays");
    world.routing().route_call(call("c1")).await.unwrap();
    let release = v1::ReleaseAgentRequest {
        request_id: String::new(),
        agent_id: "ann".into(),
        supervisor: "sue".into(),
    };
    let released = supervision.release_agent(release).await.unwrap();
    let status = released.into_inner().status.unwrap();
    assert_eq!((status.hold.as_ref(), blocked(&status)), (None, vec![]));
    let offered = ann.until(Work::Offered).await;
    assert_eq!(offered.status.unwrap().call_id, "c1");
}

#[tokio::test]
async fn a_supervisor_moves_an_intent() {
    let world = World::with_agents().await;
    let _ann = Desktop::ready(&world, "ann").await;
    let request = v1::SetAgentIntentRequest {
        request_id: String::new(),
        agent_id: "ann".into(),
        intent: Intent::NotReady.into(),
        reason: "coaching".into(),
        supervisor: "sue".into(),
    };
    let answer = world.supervision().set_agent_intent(request).await.unwrap();
    let status = answer.into_inner().status.unwrap();
    assert_eq!(
        (status.intent(), status.reason.as_str()),
        (Intent::NotReady, "coaching")
    );
}

#[tokio::test]
async fn a_drained_site_is_listed_and_its_offers_are_rescinded() {
    let world = World::with_agents().await;
    let mut supervision = world.supervision();
    let mut ann = Desktop::ready(&world, "ann").await;
    world.routing().route_call(call("c1")).await.unwrap();
    ann.until(Work::Offered).await;
    let drain = v1::DrainSiteRequest {
        request_id: String::new(),
        site: "home-ann".into(),
        reason: "storm".into(),
        supervisor: "sue".into(),
    };
    supervision.drain_site(drain).await.unwrap();
    let idle = ann.until(Work::Idle).await.status.unwrap();
    assert_eq!(blocked(&idle), [("site_drained", false)]);

    let all = sites(&world, false).await;
    let ids: Vec<(&str, i32, i32)> = all
        .iter()
        .map(|site| (site.id.as_str(), site.agents, site.signed_in))
        .collect();
    assert_eq!(ids, [("home-ann", 1, 1), ("home-bob", 1, 0)]);
    let drained = sites(&world, true).await;
    assert_eq!(drained.len(), 1, "{drained:?}");
    let drain = drained[0].drain.as_ref().unwrap();
    assert_eq!(
        (drain.reason.as_str(), drain.supervisor.as_str()),
        ("storm", "sue")
    );
    assert!(drain.since.is_some());

    let undrain = v1::UndrainSiteRequest {
        request_id: String::new(),
        site: "home-ann".into(),
        supervisor: "sue".into(),
    };
    supervision.undrain_site(undrain).await.unwrap();
    ann.until(Work::Offered).await;
    assert_eq!(sites(&world, true).await, []);
}

/// The sites, page by page.
async fn sites(world: &World, drained_only: bool) -> Vec<v1::SiteStatus> {
    let mut sites = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = v1::ListSitesRequest {
            page_size: 1,
            page_token,
            drained_only,
        };
        let page = world.supervision().list_sites(request).await.unwrap();
        let page = page.into_inner();
        sites.extend(page.sites);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return sites;
        }
    }
}
