//! `call explain` and `agent explain`: why a call waits, and why an agent gets none.

use clap::Args;
use serde_json::{Value, json};

use super::{
    Common,
    client::Clients,
    error::CliError,
    json, out,
    text::{self, Word, api_duration, api_ms},
};
use crate::proto::v1::{
    ExplainAgentRequest, ExplainAgentResponse, ExplainCallRequest, ExplainCallResponse,
    FittingCall, KeepingReason, ReasonCount, WaitingExplanation,
};

/// Help of `call explain`.
pub(super) const CALL_HELP: &str = "\
Prints one sentence, then how many agents each reason keeps from the call, each agent by the first that holds, and what \
those are doing who fit and are signed in. Of a call that does not wait, where it is and how it came to its agent.

Examples:
  homeshore call explain k-17
  homeshore call explain k-17 --json

With --json: {\"sentence\", \"as_of\", \"call\": as in `call show --json`, \"waiting\": {\"ahead_in_queue\", \"ahead_in_pool\", \
\"ring\", \"next_ring_time\", \"withheld_reasons\", \"agents\", \"excluded\": [{\"reason\", \"count\", \"not_ready_reason\", \
\"skill\": {\"skill\", \"level\"}, \"site_kind\"}], \"able_agents\", \"next_agent_id\", \"fitting\": as \"excluded\"}}; \
\"waiting\" is null if the call does not wait.";

/// Help of `agent explain`.
pub(super) const AGENT_HELP: &str = "\
Prints one sentence, then all that keeps calls away from the agent, with its end if that is known, and which waiting calls \
the agent could take.

Examples:
  homeshore agent explain ann
  homeshore agent explain ann --json

With --json: {\"sentence\", \"as_of\", \"agent\": as in `agent show --json`, without address, \"keeping\": [{\"reason\", \
\"not_ready_reason\", \"end_time\"}], \"waiting_calls\", \"unfit\": as \"excluded\" of `call explain`, \"fitting_calls\", \
\"first_calls\": [{\"call_id\", \"queue\", \"wait_ms\", \"withheld_reasons\"}]}.";

/// Arguments of `call explain` and `agent explain`.
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// What is to be explained.
    id: String,
}

/// Runs `call explain`.
pub(super) async fn call(common: &Common, args: ExplainArgs) -> anyhow::Result<()> {
    let mut client = Clients::connect(common).await?.supervision();
    let request = ExplainCallRequest { call_id: args.id };
    let answer = client.explain_call(request).await.map_err(CliError::from)?;
    let told = answer.into_inner();
    if common.json {
        return out::json(&call_json(&told));
    }
    let mut parts = vec![told.sentence];
    if let Some(waiting) = &told.waiting {
        parts.extend(table("agents kept from it by", &waiting.excluded));
        parts.extend(table("agents who fit, signed in", &waiting.fitting));
    }
    out::data(&parts.join("\n\n"))
}

/// Runs `agent explain`.
pub(super) async fn agent(common: &Common, args: ExplainArgs) -> anyhow::Result<()> {
    let mut client = Clients::connect(common).await?.supervision();
    let request = ExplainAgentRequest { agent_id: args.id };
    let answer = client.explain_agent(request).await;
    let told = answer.map_err(CliError::from)?.into_inner();
    if common.json {
        return out::json(&agent_json(&told));
    }
    let mut parts = vec![told.sentence.clone()];
    let rows = |rows: Vec<Vec<String>>, headers: &[&'static str]| {
        (!rows.is_empty()).then(|| out::table(headers, &rows))
    };
    let keeping = told.keeping.iter().map(keeping_row).collect();
    parts.extend(rows(keeping, &["kept from calls by", "until"]));
    parts.extend(table("waiting calls that do not fit", &told.unfit));
    let first = told.first_calls.iter().map(fitting_row).collect();
    parts.extend(rows(first, &["fitting call", "queue", "wait", "withheld"]));
    out::data(&parts.join("\n\n"))
}

/// Reasons with their numbers, if there are any.
fn table(header: &'static str, counts: &[ReasonCount]) -> Option<String> {
    let row = |counted: &ReasonCount| vec![reason(counted), counted.count.to_string()];
    let rows: Vec<Vec<String>> = counts.iter().map(row).collect();
    (!rows.is_empty()).then(|| out::table(&[header, "number"], &rows))
}

/// A reason such as `lacks_skill fr:3` or `not_ready (break)`.
fn reason(counted: &ReasonCount) -> String {
    let name = &counted.reason;
    if let Some(skill) = &counted.skill {
        return format!("{name} {}", text::skills(std::slice::from_ref(skill)));
    }
    match (
        counted.not_ready_reason.as_str(),
        counted.site_kind().word(),
    ) {
        ("", "-") => name.clone(),
        ("", kind) => format!("{name} {kind}"),
        (reason, _) => format!("{name} ({reason})"),
    }
}

fn keeping_row(keeping: &KeepingReason) -> Vec<String> {
    let reason = match keeping.not_ready_reason.as_str() {
        "" => keeping.reason.clone(),
        reason => format!("{} ({reason})", keeping.reason),
    };
    let until = keeping.end_time.map(|end| end.to_string());
    vec![reason, until.unwrap_or_else(|| "-".to_owned())]
}

fn fitting_row(call: &FittingCall) -> Vec<String> {
    vec![
        call.call_id.clone(),
        call.queue.clone(),
        api_duration(call.wait.as_ref()),
        call.withheld_reasons.join(" "),
    ]
}

fn call_json(told: &ExplainCallResponse) -> Value {
    json!({
        "sentence": told.sentence,
        "as_of": json::time(told.as_of.as_ref()),
        "call": told.call.as_ref().map(json::call),
        "waiting": told.waiting.as_ref().map(waiting_json),
    })
}

fn waiting_json(waiting: &WaitingExplanation) -> Value {
    json!({
        "ahead_in_queue": waiting.ahead_in_queue,
        "ahead_in_pool": waiting.ahead_in_pool,
        "ring": waiting.ring,
        "next_ring_time": json::time(waiting.next_ring_time.as_ref()),
        "withheld_reasons": waiting.withheld_reasons,
        "agents": waiting.agents,
        "excluded": counts_json(&waiting.excluded),
        "able_agents": waiting.able_agents,
        "next_agent_id": waiting.next_agent_id,
        "fitting": counts_json(&waiting.fitting),
    })
}

fn agent_json(told: &ExplainAgentResponse) -> Value {
    let keeping = |keeping: &KeepingReason| {
        json!({
            "reason": keeping.reason,
            "not_ready_reason": keeping.not_ready_reason,
            "end_time": json::time(keeping.end_time.as_ref()),
        })
    };
    let first = |call: &FittingCall| {
        json!({
            "call_id": call.call_id,
            "queue": call.queue,
            "wait_ms": api_ms(call.wait.as_ref()),
            "withheld_reasons": call.withheld_reasons,
        })
    };
    json!({
        "sentence": told.sentence,
        "as_of": json::time(told.as_of.as_ref()),
        "agent": told.agent.as_ref().map(json::agent),
        "keeping": told.keeping.iter().map(keeping).collect::<Vec<_>>(),
        "waiting_calls": told.waiting_calls,
        "unfit": counts_json(&told.unfit),
        "fitting_calls": told.fitting_calls,
        "first_calls": told.first_calls.iter().map(first).collect::<Vec<_>>(),
    })
}

fn counts_json(counts: &[ReasonCount]) -> Vec<Value> {
    let count = |counted: &ReasonCount| {
        let skill = counted.skill.as_ref();
        json!({
            "reason": counted.reason,
            "count": counted.count,
            "not_ready_reason": counted.not_ready_reason,
            "skill": skill.map(|need| json!({"skill": need.skill, "level": need.level})),
            "site_kind": json::word(counted.site_kind()),
        })
    };
    counts.iter().map(count).collect()
}
