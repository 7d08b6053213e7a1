//! `labour explain`: what a pool's labour rules say of an agent at a time.

use std::process::ExitCode;

use clap::Args;
use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use crate::{
    cli::{Common, client::Clients, error::CliError, json::time, out, text::api_ms},
    proto::v1::{ExplainLabourRequest, ExplainLabourResponse},
};

/// The end of the help.
pub(super) const HELP: &str = "\
From the records of work up to now; of a time to come also from what is planned, or without a schedule as if the agent went on as \
now. Times are shown in the zone of the agent's days.

Examples:
  homeshore labour explain ann
  homeshore labour explain ann --at 2026-03-02T13:31:00+01:00 --json

With --json: {\"at\", \"pack\", \"zone\", \"working_since\", \"worked_in_day_ms\", \"worked_in_week_ms\", \"reasons\", \"limits\": \
[{\"reason\", \"rule\", \"article\", \"measured\", \"limit\", \"until\"}], \"free_from\", \"contact_open\", \"contact_change\"}; \
what there is not is null.";

/// Arguments of `labour explain`.
#[derive(Debug, Args)]
pub(in crate::cli) struct ExplainArgs {
    /// The agent.
    agent: String,
    /// When, up to 14 days away; without it now.
    #[arg(long, value_name = "TIME")]
    at: Option<Timestamp>,
}

/// Runs `labour explain` and answers the exit code.
pub(in crate::cli) async fn run(common: &Common, args: ExplainArgs) -> anyhow::Result<ExitCode> {
    let request = ExplainLabourRequest {
        agent_id: args.agent.clone(),
        at: args.at.map(|at| prost_types::Timestamp {
            seconds: at.as_second(),
            nanos: at.subsec_nanosecond(),
        }),
    };
    let mut client = Clients::connect(common).await?.schedules();
    let answer = client.explain_labour(request).await;
    let told = answer.map_err(CliError::from)?.into_inner();
    if common.json {
        out::json(&as_json(&told))?;
    } else {
        out::data(&words(&args.agent, &told))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn as_json(told: &ExplainLabourResponse) -> Value {
    let limits = told.limits.iter().map(|limit| {
        json!({
            "reason": limit.reason,
            "rule": limit.rule,
            "article": limit.article,
            "measured": limit.measured,
            "limit": limit.limit,
            "until": time(limit.until.as_ref()),
        })
    });
    json!({
        "at": time(told.at.as_ref()),
        "pack": told.pack,
        "zone": told.zone,
        "working_since": time(told.working_since.as_ref()),
        "worked_in_day_ms": api_ms(told.worked_in_day.as_ref()),
        "worked_in_week_ms": api_ms(told.worked_in_week.as_ref()),
        "reasons": told.reasons,
        "limits": limits.collect::<Vec<Value>>(),
        "free_from": time(told.free_from.as_ref()),
        "contact_open": told.contact_open,
        "contact_change": time(told.contact_change.as_ref()),
    })
}

fn words(agent: &str, told: &ExplainLabourResponse) -> String {
    let zone = TimeZone::get(&told.zone).unwrap_or(TimeZone::UTC);
    let clock = |at: Option<&prost_types::Timestamp>| {
        let at = at.and_then(|at| Timestamp::new(at.seconds, at.nanos).ok());
        let local = at.map(|at| zone.to_datetime(at));
        local.map(|at| at.strftime("%Y-%m-%d %H:%M:%S").to_string())
    };
    let at = clock(told.at.as_ref()).unwrap_or_default();
    let mut lines = vec![format!(
        "{agent} at {at} ({}), by `{}`",
        told.zone, told.pack
    )];
    lines.push(match clock(told.working_since.as_ref()) {
        Some(since) => format!("at work since {since}"),
        None => "at rest".to_owned(),
    });
    let worked = |length: Option<&prost_types::Duration>| {
        let ms = api_ms(length);
        crate::labour::words::time(i64::try_from(ms).unwrap_or(i64::MAX))
    };
    lines.push(format!(
        "worked before: {} on that day, {} in that week",
        worked(told.worked_in_day.as_ref()),
        worked(told.worked_in_week.as_ref())
    ));
    lines.push(if told.reasons.is_empty() {
        "may take calls".to_owned()
    } else {
        format!("gets no calls: {}", told.reasons.join(", "))
    });
    lines.extend(clock(told.free_from.as_ref()).map(|from| format!("may work again from {from}")));
    let change = clock(told.contact_change.as_ref());
    lines.extend(change.map(|change| {
        if told.contact_open {
            format!("contact hours up to {change}")
        } else {
            format!("no contact before {change}")
        }
    }));
    let rows = told.limits.iter().map(|limit| {
        vec![
            clock(limit.until.as_ref()).unwrap_or_default(),
            limit.reason.clone(),
            limit.rule.clone(),
            limit.article.clone(),
            format!("{} of {}", limit.measured, limit.limit),
        ]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if !rows.is_empty() {
        let columns = ["work up to", "reason", "rule", "article", "measured then"];
        lines.extend([String::new(), out::table(&columns, &rows)]);
    }
    lines.join("\n")
}
