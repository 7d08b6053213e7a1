//! The live calls of a pool, the oldest first.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use serde::Deserialize;

use super::{
    Console,
    board::Csv,
    figures::{clock, span},
    frame::{Frame, page, path},
    visitor::Visitor,
};
use crate::{
    engine::{
        call::Phase,
        ids::{CallId, PoolTime, QueueId},
        view::{CallView, LiveCall},
    },
    pool::{
        Pool,
        view::{Place, PoolView},
    },
};

/// Calls of one page.
const PAGE: usize = 200;

/// Which calls are asked for.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Asked {
    queue: String,
    /// When the last call of the page before was accepted, ms, a dot, and its id.
    after: String,
}

/// A call as a list has it.
struct Line {
    id: String,
    queue: String,
    state: &'static str,
    waited_ms: u64,
    place: Option<u32>,
    likely_ms: Option<u64>,
    agent: String,
    priority: String,
    at: PoolTime,
}

struct Shown<'a> {
    id: &'a str,
    queue: &'a str,
    state: &'static str,
    wait: String,
    place: String,
    likely: String,
    agent: &'a str,
    priority: &'a str,
}

#[derive(Template)]
#[template(path = "console/pages/calls.html")]
struct CallsPage<'a> {
    frame: Frame<'a>,
    pool: &'a str,
    as_of: String,
    shown: String,
    queues: Vec<String>,
    chosen: Option<&'a str>,
    lines: Vec<Shown<'a>>,
    next: Option<String>,
}

/// The page of a pool's live calls.
pub(super) async fn list(
    State(console): State<Console>,
    visitor: Visitor,
    Path(pool): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let known = match console.pool(&visitor, &pool) {
        Ok(known) => known,
        Err(missing) => return missing,
    };
    let queue = (!asked.queue.is_empty()).then(|| QueueId::new(&asked.queue));
    let (lines, now, queues) = {
        let view = known.view().read();
        let lines = lines(&view, queue.as_ref(), place(&asked.after), PAGE + 1);
        let queues = view.queues().map(|row| row.queue.id.to_string()).collect();
        (lines, view.now(), queues)
    };
    let more = lines.len() > PAGE;
    let lines = &lines[..lines.len().min(PAGE)];
    let w = visitor.words();
    let here = format!("/pools/{pool}/calls");
    let next = lines.last().filter(|_| more).map(|last| {
        let after = path(&format!("{}.{}", last.at.0, last.id));
        format!("{here}?queue={}&after={after}", path(&asked.queue))
    });
    let mut frame = Frame::new(&visitor, w.name("calls-title", &pool), Some(&pool), &here);
    frame.here = "calls";
    let dash = || "–".to_owned();
    let language = visitor.language;
    let rendered = CallsPage {
        frame,
        pool: &pool,
        as_of: clock(now),
        shown: w.count("calls-shown", lines.len()),
        queues,
        chosen: queue.as_ref().map(QueueId::as_str),
        lines: lines
            .iter()
            .map(|line| Shown {
                id: &line.id,
                queue: &line.queue,
                state: line.state,
                wait: span(line.waited_ms, language),
                place: line.place.map_or_else(dash, |place| place.to_string()),
                likely: line.likely_ms.map_or_else(dash, |ms| span(ms, language)),
                agent: &line.agent,
                priority: &line.priority,
            })
            .collect(),
        next,
    };
    page(rendered.render())
}

fn place(after: &str) -> Option<Place> {
    let (at, id) = after.split_once('.')?;
    Some((PoolTime(at.parse().ok()?), CallId::new(id)))
}

fn lines(
    view: &PoolView,
    queue: Option<&QueueId>,
    after: Option<Place>,
    limit: usize,
) -> Vec<Line> {
    let now = view.now();
    let calls = view.live_calls(queue, after).take(limit);
    calls
        .filter_map(|row| match &*row.value {
            CallView::Live(call) => Some(line(view, call, now)),
            CallView::Over(_) => None,
        })
        .collect()
}

fn line(view: &PoolView, call: &LiveCall, now: PoolTime) -> Line {
    let estimate = view.place(call, now);
    let agent = match &call.phase {
        Phase::Offered(offer) | Phase::Connecting(offer) => offer.agent.to_string(),
        Phase::Connected { agent, .. } => agent.to_string(),
        Phase::Queued { .. } | Phase::CallbackWaiting { .. } => String::new(),
    };
    Line {
        id: call.record.id.to_string(),
        queue: call.queue.to_string(),
        state: phase(&call.phase),
        waited_ms: call.waited_ms(now),
        place: estimate.map(|estimate| estimate.ahead + 1),
        likely_ms: estimate.and_then(|estimate| estimate.wait_ms),
        agent,
        priority: call.record.priority.to_string(),
        at: call.record.accepted_at,
    }
}

/// The state of a call as a label.
pub(super) fn phase(phase: &Phase) -> &'static str {
    match phase {
        Phase::Queued { .. } => "queued",
        Phase::CallbackWaiting { .. } => "callback_waiting",
        Phase::Offered(_) => "offered",
        Phase::Connecting(_) => "connecting",
        Phase::Connected { .. } => "connected",
    }
}

/// All live calls as a file.
pub(super) fn csv(pool: &Pool) -> Csv {
    let mut file = Csv::new(&[
        "call",
        "queue",
        "state",
        "waited_ms",
        "place",
        "likely_wait_ms",
        "agent",
        "priority",
    ]);
    let mut after = None;
    loop {
        // A part at a time, so that no commit waits for it.
        let part = lines(&pool.view().read(), None, after, PAGE);
        let Some(last) = part.last() else { return file };
        after = Some((last.at, CallId::new(&last.id)));
        for line in part {
            file.add([
                line.id,
                line.queue,
                line.state.to_owned(),
                line.waited_ms.to_string(),
                line.place
                    .map_or_else(String::new, |place| place.to_string()),
                line.likely_ms.map_or_else(String::new, |ms| ms.to_string()),
                line.agent,
                line.priority,
            ]);
        }
    }
}
