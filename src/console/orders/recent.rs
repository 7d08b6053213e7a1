//! The orders of a short while ago, from the events that the service stores with each change.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::Value;

use crate::{
    console::{
        Console,
        frame::{Frame, page, path},
        services::to,
        visitor::Visitor,
        words::Words,
    },
    pool::view::commits_before,
    proto::v1::{self, follow_events_request::Start},
};

/// So many commits are looked at.
const COMMITS: u64 = 20_000;
/// So many orders are shown.
const SHOWN_MAX: usize = 200;
/// The events of orders, each with the key that is about whom, and the pages of those.
const EVENTS: [(&str, &str, &str); 9] = [
    ("agent_held", "agent_id", "agents"),
    ("agent_released", "agent_id", "agents"),
    ("intent_changed", "agent_id", "agents"),
    ("call_moved", "call_id", "calls"),
    ("site_drained", "site", "sites"),
    ("site_undrained", "site", "sites"),
    ("queue_halted", "queue", "queues"),
    ("queue_resumed", "queue", "queues"),
    ("message_sent", "team", "teams"),
];

struct Line {
    time: String,
    what: String,
    about: String,
    href: Option<String>,
}

#[derive(Template)]
#[template(path = "console/pages/orders.html")]
struct OrdersPage<'a> {
    frame: Frame<'a>,
    lines: Vec<Line>,
}

/// The page of the newest orders.
pub(in crate::console) async fn recent(
    State(console): State<Console>,
    visitor: Visitor,
    Path(pool): Path<String>,
) -> Response {
    let known = match console.pool(&visitor, &pool) {
        Ok(known) => known,
        Err(missing) => return missing,
    };
    let newest = known.view().read().event_number();
    let events = match events(&console, &pool, newest).await {
        Ok(events) => events,
        Err(status) => {
            let text = format!("{}\n", status.message());
            return (StatusCode::SERVICE_UNAVAILABLE, text).into_response();
        }
    };
    let w = visitor.words();
    let newest_first = events.iter().rev().filter(|event| is_order(event));
    let lines = newest_first
        .take(SHOWN_MAX)
        .map(|event| line(event, &pool, w));
    let back = format!("/pools/{pool}/orders");
    let mut frame = Frame::new(&visitor, w.name("orders-title", &pool), Some(&pool), &back);
    frame.here = "orders";
    page(
        OrdersPage {
            frame,
            lines: lines.collect(),
        }
        .render(),
    )
}

async fn events(console: &Console, pool: &str, newest: u64) -> Result<Vec<Value>, tonic::Status> {
    let request = v1::FollowEventsRequest {
        start: Some(Start::AfterEventNumber(commits_before(newest, COMMITS))),
        events: EVENTS.map(|(name, _, _)| name.to_owned()).to_vec(),
        until_now: true,
        ..v1::FollowEventsRequest::default()
    };
    let mut supervision = console.services.supervision();
    let mut stream = supervision
        .follow_events(to(pool, request))
        .await?
        .into_inner();
    let mut events = Vec::new();
    while let Some(answer) = stream.message().await? {
        let read = answer
            .events
            .iter()
            .filter_map(|event| serde_json::from_str(&event.json).ok());
        events.extend(read);
    }
    Ok(events)
}

/// Whether a supervisor gave the word, and no rule, agent or end of time.
fn is_order(event: &Value) -> bool {
    match event["event"].as_str().unwrap_or_default() {
        "intent_changed" => event["by"] == "supervisor",
        "call_moved" => event["cause"] == "supervisor",
        "agent_released" | "queue_resumed" => event["by_supervisor"] == true,
        _ => true,
    }
}

fn line(event: &Value, pool: &str, w: &Words) -> Line {
    let name = event["event"].as_str().unwrap_or_default();
    let (_, key, pages) = EVENTS
        .into_iter()
        .find(|(of, _, _)| *of == name)
        .unwrap_or(("", "", ""));
    let about = event[key].as_str().unwrap_or_default();
    let detail = ["intent", "kind", "queue"].map(|key| event[key].as_str().unwrap_or_default());
    let word = w.of("event", name);
    let what = match name {
        "intent_changed" => format!("{word}: {}", w.of("intent", detail[0])),
        "queue_halted" => format!("{word}: {}", w.of("halt", detail[1])),
        "call_moved" => format!("{word}: {}", detail[2]),
        "message_sent" => format!(
            "{word}: {}",
            w.count("to-agents", event["agents"].as_u64().unwrap_or(0))
        ),
        _ => word,
    };
    let time = event["time"].as_str().unwrap_or_default();
    let seconds = time.split('.').next().unwrap_or(time).trim_end_matches('Z');
    Line {
        time: format!("{} UTC", seconds.replace('T', " ")),
        what,
        about: about.to_owned(),
        href: (!about.is_empty()).then(|| format!("/pools/{pool}/{pages}/{}", path(about))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_order;

    #[test]
    fn only_words_of_supervisors_are_orders() {
        for (event, expected) in [
            (json!({"event": "intent_changed", "by": "supervisor"}), true),
            (json!({"event": "intent_changed", "by": "agent"}), false),
            (json!({"event": "call_moved", "cause": "overflow"}), false),
            (
                json!({"event": "queue_resumed", "by_supervisor": false}),
                false,
            ),
            (
                json!({"event": "agent_released", "by_supervisor": true}),
                true,
            ),
            (json!({"event": "site_drained"}), true),
        ] {
            assert_eq!(is_order(&event), expected, "{event}");
        }
    }
}
