//! Everything that is stored about an agent, as a file for the agent: the record, the state, messages, and the calls that the
//! agent had the last conversation of.

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tonic::Status;

use crate::{
    console::{
        Console,
        detail::{ms, pool_time},
        services::to,
        visitor::Visitor,
    },
    engine::{ids::AgentId, view::AgentView},
    proto::v1,
};

/// The file, for the agent alone.
pub(in crate::console) async fn mine(
    State(console): State<Console>,
    visitor: Visitor,
    Path((pool, agent)): Path<(String, String)>,
) -> Response {
    let known = match console.pool(&visitor, &pool) {
        Ok(known) => known,
        Err(missing) => return missing,
    };
    if !visitor.is_agent(&pool, &agent) {
        return (StatusCode::FORBIDDEN, "this desk is another agent's\n").into_response();
    }
    let view = known
        .view()
        .read()
        .agent(&AgentId::new(&agent))
        .map(|row| (*row.value).clone());
    let Some(view) = view else {
        return console.missing(&visitor, "missing-agent");
    };
    let calls = match calls(&console, &pool, &agent).await {
        Ok(calls) => calls,
        Err(status) => {
            let text = format!("{}\n", status.message());
            return (StatusCode::SERVICE_UNAVAILABLE, text).into_response();
        }
    };
    let mut file = of_view(&view);
    file["calls"] = json!(calls);
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"stored-about-me.json\"",
        ),
    ];
    (headers, format!("{file:#}\n")).into_response()
}

fn of_view(agent: &AgentView) -> Value {
    let profile = &agent.profile;
    let time = |at: crate::engine::ids::PoolTime| json!(at.0);
    let skills = profile
        .skills
        .iter()
        .map(|held| json!({ "skill": held.skill.as_str(), "level": held.level }));
    let messages = agent.messages.iter().map(|message| {
        json!({
            "text": &*message.text,
            "from": &*message.supervisor,
            "team": message.team.as_deref(),
            "sent_at_ms": time(message.sent_at),
            "kept_until_ms": time(message.until),
        })
    });
    json!({
        "times": "milliseconds since 1970, UTC",
        "record": {
            "id": profile.id.as_str(),
            "display_name": &*profile.display_name,
            "skills": skills.collect::<Vec<_>>(),
            "site": {
                "id": &*profile.site.id,
                "kind": profile.site.kind.label(),
                "region": &*profile.site.region,
                "provider": &*profile.site.provider,
            },
            "address": &*profile.address,
            "team": &*profile.team,
            "employer": &*profile.employer,
        },
        "state": {
            "intent": agent.intent,
            "next_intent": agent.next_intent,
            "work": agent.work,
            "line": agent.line,
            "session": agent.session,
            "in_this_state_since_ms": time(agent.since),
            "idle_since_ms": time(agent.idle_since),
            "busy_ms_of_the_last_hour": agent.busy_ms,
            "held": agent.hold,
            "absence": agent.absence,
            "registration": agent.registration,
            "is_leaving": agent.draining,
        },
        "messages": messages.collect::<Vec<_>>(),
    })
}

/// The detail records of the agent's calls, as the service exports them.
async fn calls(console: &Console, pool: &str, agent: &str) -> Result<Vec<Value>, Status> {
    let mut supervision = console.services.supervision();
    // All that is kept: a year and a day more than any record is old.
    let request = v1::ExportCallRecordsRequest {
        from: Some(prost_types::Timestamp::default()),
        ..v1::ExportCallRecordsRequest::default()
    };
    let answer = supervision.export_call_records(to(pool, request)).await?;
    let mut stream = answer.into_inner();
    let mut calls = Vec::new();
    while let Some(part) = stream.message().await? {
        let own = part
            .records
            .iter()
            .filter(|record| record.agent_id == agent);
        calls.extend(own.map(of_call));
    }
    Ok(calls)
}

fn of_call(record: &v1::CallRecord) -> Value {
    let time = |time: Option<&prost_types::Timestamp>| pool_time(time).map(|at| at.0);
    let length = |length: Option<&prost_types::Duration>| length.map(ms);
    json!({
        "call": record.call_id,
        "queue": record.last_queue,
        "accepted_at_ms": time(record.accept_time.as_ref()),
        "answered_at_ms": time(record.answer_time.as_ref()),
        "ended_at_ms": time(record.end_time.as_ref()),
        "wait_ms": length(record.wait.as_ref()),
        "talk_ms": length(record.talk.as_ref()),
        "outcome": record.outcome().as_str_name().trim_start_matches("OUTCOME_").to_lowercase(),
        "employer": record.employer,
        "team": record.team,
    })
}
