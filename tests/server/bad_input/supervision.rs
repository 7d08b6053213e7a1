//! Supervisors' orders that cannot be carried out.

use homeshore::proto::v1;
use prost_types::Timestamp;
use tonic::Code::{FailedPrecondition, NotFound};

use super::{Expected, LONG, check, expect, invalid};
use crate::{
    server::supervision::{ahead, hold},
    support::World,
};

fn unknown_agent() -> Expected {
    expect("unknown agent", NotFound, "AGENT_NOT_FOUND", "agent_id")
}

#[tokio::test]
async fn holds_are_refused_by_field() {
    let world = World::with_agents().await;
    let mut supervision = world.supervision();
    let with = |change: &dyn Fn(&mut v1::HoldAgentRequest)| {
        let mut request = hold("ann");
        change(&mut request);
        request
    };
    let at = |seconds, nanos| Some(Timestamp { seconds, nanos });
    let rows = [
        (invalid("no agent", "agent_id"), hold("")),
        (unknown_agent(), hold("zoe")),
        (invalid("no end", "until"), with(&|r| r.until = None)),
        (invalid("over", "until"), with(&|r| r.until = at(1, 0))),
        (
            invalid("before 1970", "until"),
            with(&|r| r.until = at(-1, 0)),
        ),
        (
            invalid("no time at all", "until"),
            with(&|r| r.until = at(i64::MAX, 0)),
        ),
        (
            invalid("nanos over a second", "until"),
            with(&|r| r.until = at(4_000_000_000, i32::MAX)),
        ),
        (
            invalid("over a year", "until"),
            with(&|r| r.until = ahead(400 * 86_400)),
        ),
        (invalid("no reason", "reason"), with(&|r| r.reason.clear())),
        (
            invalid("1 MB reason", "reason"),
            with(&|r| r.reason = "r".repeat(LONG)),
        ),
        (
            invalid("bidi reason", "reason"),
            with(&|r| r.reason = "\u{202E}".into()),
        ),
        (
            invalid("nobody orders", "supervisor"),
            with(&|r| r.supervisor.clear()),
        ),
        (
            invalid("NUL in a name", "supervisor"),
            with(&|r| r.supervisor = "s\0".into()),
        ),
    ];
    for (expected, request) in rows {
        check(&expected, supervision.hold_agent(request).await);
    }
    let release = |agent_id: &str, supervisor: &str| v1::ReleaseAgentRequest {
        request_id: String::new(),
        agent_id: agent_id.into(),
        supervisor: supervisor.into(),
    };
    let rows = [
        (unknown_agent(), release("zoe", "sue")),
        (invalid("no agent", "agent_id"), release("", "sue")),
        (invalid("nobody orders", "supervisor"), release("ann", "")),
    ];
    for (expected, request) in rows {
        check(&expected, supervision.release_agent(request).await);
    }
}

#[tokio::test]
async fn intents_of_supervisors_are_refused_by_field() {
    let world = World::with_agents().await;
    let order =
        |agent_id: &str, intent: i32, reason: &str, supervisor: &str| v1::SetAgentIntentRequest {
            request_id: String::new(),
            agent_id: agent_id.into(),
            intent,
            reason: reason.into(),
            supervisor: supervisor.into(),
        };
    let [offline, ready, not_ready] =
        [v1::Intent::Offline, v1::Intent::Ready, v1::Intent::NotReady].map(i32::from);
    let lost = expect("nobody there", FailedPrecondition, "WRONG_STATE", "");
    let rows = [
        (unknown_agent(), order("zoe", offline, "", "sue")),
        (invalid("no intent", "intent"), order("ann", 0, "", "sue")),
        (invalid("intent 99", "intent"), order("ann", 99, "", "sue")),
        (
            invalid("no reason", "reason"),
            order("ann", not_ready, "", "sue"),
        ),
        (
            invalid("a built-in reason", "reason"),
            order("ann", not_ready, "rona", "sue"),
        ),
        (
            invalid("ready with a reason", "reason"),
            order("ann", ready, "lunch", "sue"),
        ),
        (
            invalid("nobody orders", "supervisor"),
            order("ann", offline, "", ""),
        ),
        (lost, order("ann", ready, "", "sue")),
    ];
    for (expected, request) in rows {
        let answer = world.supervision().set_agent_intent(request).await;
        check(&expected, answer);
    }
}

#[tokio::test]
async fn drains_are_refused_by_field() {
    let world = World::with_agents().await;
    let mut supervision = world.supervision();
    let drain = |site: &str, reason: &str, supervisor: &str| v1::DrainSiteRequest {
        request_id: String::new(),
        site: site.into(),
        reason: reason.into(),
        supervisor: supervisor.into(),
    };
    let unknown = || expect("unknown site", NotFound, "SITE_NOT_FOUND", "site");
    let rows = [
        (unknown(), drain("home-zoe", "storm", "sue")),
        (invalid("no site", "site"), drain("", "storm", "sue")),
        (
            invalid("1 MB site", "site"),
            drain(&"s".repeat(LONG), "storm", "sue"),
        ),
        (invalid("no reason", "reason"), drain("home-ann", "", "sue")),
        (
            invalid("nobody orders", "supervisor"),
            drain("home-ann", "storm", ""),
        ),
    ];
    for (expected, request) in rows {
        check(&expected, supervision.drain_site(request).await);
    }
    let undrain = |site: &str, supervisor: &str| v1::UndrainSiteRequest {
        request_id: String::new(),
        site: site.into(),
        supervisor: supervisor.into(),
    };
    let rows = [
        (unknown(), undrain("home-zoe", "sue")),
        (
            invalid("nobody orders", "supervisor"),
            undrain("home-ann", ""),
        ),
    ];
    for (expected, request) in rows {
        check(&expected, supervision.undrain_site(request).await);
    }
    let list = |page_size, page_token: &str| v1::ListSitesRequest {
        page_size,
        page_token: page_token.into(),
        drained_only: false,
    };
    let rows = [
        (invalid("size -1", "page_size"), list(-1, "")),
        (invalid("no token", "page_token"), list(0, "x")),
    ];
    for (expected, request) in rows {
        check(&expected, supervision.list_sites(request).await);
    }
}
