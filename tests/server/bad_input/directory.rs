//! Agents that cannot be.

use homeshore::proto::v1;
use tonic::Code::{InvalidArgument, NotFound};

use super::{Expected, LONG, check, expect, invalid};
use crate::support::{World, agent, french, told};

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table, a row each")]
async fn agents_are_refused_by_field_and_none_is_applied() {
    let world = World::with_agents().await;
    let with = |change: &dyn Fn(&mut v1::Agent)| {
        let mut changed = agent("cid");
        change(&mut changed);
        vec![agent("eve"), changed]
    };
    let rows: Vec<(Expected, Vec<v1::Agent>)> = vec![
        (invalid("empty id", "agents[1].id"), with(&|a| a.id.clear())),
        (
            invalid("1 MB id", "agents[1].id"),
            with(&|a| a.id = "x".repeat(LONG)),
        ),
        (
            invalid("an id twice", "agents[1].id"),
            with(&|a| a.id = "eve".into()),
        ),
        (
            invalid("NUL in a name", "agents[1].display_name"),
            with(&|a| a.display_name = "a\0".into()),
        ),
        (
            invalid("bidi in a name", "agents[1].display_name"),
            with(&|a| a.display_name = "\u{202E}".into()),
        ),
        (
            invalid("1 MB name", "agents[1].display_name"),
            with(&|a| a.display_name = "x".repeat(LONG)),
        ),
        (
            invalid("1 MB address", "agents[1].address"),
            with(&|a| a.address = "x".repeat(LONG)),
        ),
        (
            invalid("1 MB team", "agents[1].team"),
            with(&|a| a.team = "x".repeat(LONG)),
        ),
        (
            invalid("100,000 skills", "agents[1].skills"),
            with(&|a| a.skills = vec![french(1); 100_000]),
        ),
        (
            invalid("level 9", "agents[1].skills[0].level"),
            with(&|a| a.skills = vec![french(9)]),
        ),
        (
            invalid("level -2^31", "agents[1].skills[0].level"),
            with(&|a| a.skills = vec![french(i32::MIN)]),
        ),
        (
            invalid("1 MB skill", "agents[1].skills[0].skill"),
            with(&|a| a.skills[0].skill = "s".repeat(LONG)),
        ),
        (
            invalid("no site", "agents[1].site"),
            with(&|a| a.site = None),
        ),
        (
            invalid("no kind of site", "agents[1].site.kind"),
            with(&|a| a.site.as_mut().unwrap().kind = 0),
        ),
        (
            invalid("no site id", "agents[1].site.id"),
            with(&|a| a.site.as_mut().unwrap().id.clear()),
        ),
        (
            invalid("1,001 agents", "agents"),
            (0..1_001).map(|n| agent(&format!("a{n}"))).collect(),
        ),
    ];
    for (expected, agents) in rows {
        check(&expected, world.apply_agents(agents).await);
    }
    let mask = prost_types::FieldMask {
        paths: vec!["shoe_size".into()],
    };
    let request = v1::ApplyAgentsRequest {
        request_id: String::new(),
        agents: vec![agent("ann")],
        update_mask: Some(mask),
        validate_only: false,
    };
    check(
        &invalid("unknown field", "update_mask"),
        world.directory().apply_agents(request).await,
    );
    let list = v1::ListAgentsRequest::default();
    let agents = world
        .directory()
        .list_agents(list)
        .await
        .unwrap()
        .into_inner()
        .agents;
    assert_eq!(agents.len(), 2, "nothing was half done");
    let unknown = expect("unknown agent", NotFound, "AGENT_NOT_FOUND", "agent_id");
    let get = v1::GetAgentRequest {
        agent_id: "zoe".into(),
    };
    check(&unknown, world.directory().get_agent(get).await);
    let delete = v1::DeleteAgentRequest {
        request_id: String::new(),
        agent_id: "zoe".into(),
        drain: false,
    };
    let drained = v1::DeleteAgentRequest {
        drain: true,
        ..delete.clone()
    };
    check(&unknown, world.directory().delete_agent(delete).await);
    check(&unknown, world.directory().delete_agent(drained).await);
    let nobody = v1::DeleteAgentRequest {
        drain: true,
        ..v1::DeleteAgentRequest::default()
    };
    check(
        &invalid("no agent", "agent_id"),
        world.directory().delete_agent(nobody).await,
    );
}

#[tokio::test]
async fn every_fault_is_told_up_to_a_limit() {
    let world = World::with_agents().await;
    let agents = (0..1_000).map(|_| v1::Agent::default()).collect();
    let status = world.apply_agents(agents).await.unwrap_err();
    let (code, _, fields) = told(&status);
    assert_eq!(code, InvalidArgument);
    assert!(
        (20..=50).contains(&fields.len()),
        "{} are told",
        fields.len()
    );
}
