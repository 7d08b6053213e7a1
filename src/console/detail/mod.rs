//! A call, an agent, a queue, a site or a team by itself: what is known of it, why it waits, and the orders about it.

mod explained;
mod forms;
mod things;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use tonic::Code;

use self::forms::Form;
pub(super) use self::{
    explained::{ms, pool_time},
    things::{queue, site, team},
};
use super::{
    Console,
    calls::phase,
    figures::{clock, moment, span},
    frame::{Frame, page, path},
    orders::DONE,
    services::{refusal, to},
    visitor::Visitor,
    words::{Language, Words},
};
use crate::{
    engine::{
        agent::Hold,
        ids::{AgentId, CallId, PoolTime},
        numbers::AgentState,
        view::CallView,
    },
    pool::Pool,
    proto::v1,
};

/// What an order just did.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct After {
    done: String,
}

impl After {
    fn said(&self, w: &Words) -> Option<String> {
        let known = DONE.contains(&self.done.as_str());
        known.then(|| w.of("done", &self.done))
    }
}

struct Cell {
    text: String,
    href: Option<String>,
}

impl Cell {
    fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            href: None,
        }
    }

    fn link(text: impl Into<String>, href: String) -> Self {
        Self {
            text: text.into(),
            href: Some(href),
        }
    }
}

struct Table {
    title: String,
    none: String,
    columns: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

#[derive(Template)]
#[template(path = "console/pages/detail.html")]
struct DetailPage<'a> {
    frame: Frame<'a>,
    pool: &'a str,
    done: Option<String>,
    as_of: String,
    sentence: String,
    facts: Vec<(String, String)>,
    tables: Vec<Table>,
    about: &'a str,
    forms: Vec<Form>,
}

/// What a page of one thing is made of.
struct Thing<'a> {
    title: String,
    back: String,
    about: &'a str,
    now: PoolTime,
    /// What the service says of it, in its one language.
    sentence: String,
    facts: Vec<(String, String)>,
    tables: Vec<Table>,
    forms: Vec<Form>,
}

fn show(visitor: &Visitor, pool: &str, after: &After, thing: Thing<'_>) -> Response {
    let w = visitor.words();
    let rendered = DetailPage {
        frame: Frame::new(visitor, thing.title, Some(pool), &thing.back),
        pool,
        done: after.said(w),
        as_of: clock(thing.now),
        sentence: thing.sentence,
        facts: thing.facts,
        tables: thing.tables,
        about: thing.about,
        forms: thing.forms,
    };
    page(rendered.render())
}

/// The service's own sentence, for those who read its language; others have the facts in theirs.
fn sentence(visitor: &Visitor, told: String) -> String {
    match visitor.language {
        Language::English => told,
        Language::French => String::new(),
    }
}

fn unknown(console: &Console, visitor: &Visitor, status: &tonic::Status, key: &str) -> Response {
    if status.code() == Code::NotFound {
        return console.missing(visitor, key);
    }
    let text = refusal(status).join("\n");
    (StatusCode::SERVICE_UNAVAILABLE, text + "\n").into_response()
}

/// A call: why it waits, or where it is.
pub(super) async fn call(
    State(console): State<Console>,
    visitor: Visitor,
    Path((pool, call)): Path<(String, String)>,
    Query(after): Query<After>,
) -> Response {
    let known = match console.pool(&visitor, &pool) {
        Ok(known) => known,
        Err(missing) => return missing,
    };
    let asked = to(
        &pool,
        v1::ExplainCallRequest {
            call_id: call.clone(),
        },
    );
    let told = match console.services.supervision().explain_call(asked).await {
        Ok(told) => told.into_inner(),
        Err(status) => return unknown(&console, &visitor, &status, "missing-call"),
    };
    let w = visitor.words();
    let (facts, now, may_move, queues) = facts_of_call(&known, &call, w);
    let tables = told
        .waiting
        .as_ref()
        .map(|waiting| explained::of_call(waiting, &pool, w));
    let mut facts = facts;
    if let Some(waiting) = &told.waiting {
        facts.extend(explained::facts_of_call(waiting, now, w));
    }
    let forms = if may_move {
        forms::of_call(queues, w)
    } else {
        Vec::new()
    };
    show(
        &visitor,
        &pool,
        &after,
        Thing {
            title: w.name("call-title", &call),
            back: format!("/pools/{pool}/calls/{}", path(&call)),
            about: &call,
            now,
            sentence: sentence(&visitor, told.sentence),
            facts,
            tables: tables.unwrap_or_default(),
            forms,
        },
    )
}

type Facts = Vec<(String, String)>;

/// Facts, the time, whether it may be moved, and the queues it may be moved to.
fn facts_of_call(pool: &Pool, id: &str, w: &Words) -> (Facts, PoolTime, bool, Vec<String>) {
    let view = pool.view().read();
    let now = view.now();
    let mut facts = Vec::new();
    let mut fact = |key: &str, value: String| facts.push((w.say(key).into_owned(), value));
    let row = view.call(&CallId::new(id));
    let Some(call) = row.map(|row| &*row.value) else {
        return (Vec::new(), now, false, Vec::new());
    };
    let live = match call {
        CallView::Live(live) => live,
        CallView::Over(over) => {
            fact("queue", over.queue.to_string());
            fact("outcome", w.of("outcome", over.outcome.label()));
            fact("wait", span(over.waited_ms, w.language()));
            fact("ended", moment(over.ended_at, now));
            if let Some(agent) = &over.agent {
                fact("agent", agent.to_string());
            }
            return (facts, now, false, Vec::new());
        }
    };
    fact("queue", live.queue.to_string());
    fact("state", w.of("call", phase(&live.phase)));
    fact("wait", span(live.waited_ms(now), w.language()));
    if let Some(place) = view.place(live, now) {
        fact("place", (place.ahead + 1).to_string());
        let likely = place
            .wait_ms
            .map_or_else(|| "–".to_owned(), |ms| span(ms, w.language()));
        fact("estimate", likely);
    }
    if let Some(offer) = live.offer() {
        fact("agent", offer.agent.to_string());
    }
    if let Some(preference) = &live.preference {
        fact("kept-for", preference.agent.to_string());
    }
    let others = view.queues().map(|row| row.queue.id.to_string());
    let others = others.filter(|id| **id != *live.queue.as_str()).collect();
    (facts, now, live.is_waiting(), others)
}

/// An agent: the state, and why no call comes.
pub(super) async fn agent(
    State(console): State<Console>,
    visitor: Visitor,
    Path((pool, agent)): Path<(String, String)>,
    Query(after): Query<After>,
) -> Response {
    let known = match console.pool(&visitor, &pool) {
        Ok(known) => known,
        Err(missing) => return missing,
    };
    let asked = to(
        &pool,
        v1::ExplainAgentRequest {
            agent_id: agent.clone(),
        },
    );
    let told = match console.services.supervision().explain_agent(asked).await {
        Ok(told) => told.into_inner(),
        Err(status) => return unknown(&console, &visitor, &status, "missing-agent"),
    };
    let w = visitor.words();
    let (title, facts, now, is_held, reasons) = facts_of_agent(&known, &agent, w);
    show(
        &visitor,
        &pool,
        &after,
        Thing {
            title,
            back: format!("/pools/{pool}/agents/{}", path(&agent)),
            about: &agent,
            now,
            sentence: sentence(&visitor, told.sentence.clone()),
            facts,
            tables: explained::of_agent(&told, &pool, now, w),
            forms: forms::of_agent(is_held, reasons, w),
        },
    )
}

/// The name, facts, the time, whether a supervisor holds the agent, and the reasons for being not ready.
fn facts_of_agent(
    pool: &Pool,
    id: &str,
    w: &Words,
) -> (String, Facts, PoolTime, bool, Vec<String>) {
    let view = pool.view().read();
    let now = view.now();
    let reasons = view.spec().map(|spec| {
        spec.not_ready_reasons
            .iter()
            .map(ToString::to_string)
            .collect()
    });
    let Some(row) = view.agent(&AgentId::new(id)) else {
        return (id.to_owned(), Vec::new(), now, false, Vec::new());
    };
    let agent = &row.value;
    let profile = &agent.profile;
    let mut facts = Vec::new();
    let mut fact = |key: &str, value: String| {
        if !value.is_empty() {
            facts.push((w.say(key).into_owned(), value));
        }
    };
    let state = AgentState::of(agent);
    fact("agent-id", profile.id.to_string());
    fact("state", w.of("state", state.label()));
    fact("intent", super::board::intent(&agent.intent, w));
    if let Some(next) = &agent.next_intent {
        fact("next-state", super::board::intent(next, w));
    }
    fact("line", w.of("line", agent.line.label()));
    fact(
        "queue",
        agent
            .queue
            .as_ref()
            .map_or_else(String::new, ToString::to_string),
    );
    fact("team", profile.team.to_string());
    fact("employer", profile.employer.to_string());
    fact(
        "site",
        format!(
            "{} ({})",
            profile.site.id,
            w.of("kind", profile.site.kind.label())
        ),
    );
    fact("region", profile.site.region.to_string());
    fact("provider", profile.site.provider.to_string());
    let skills = profile
        .skills
        .iter()
        .map(|held| format!("{} {}", held.skill, held.level));
    fact("skills", skills.collect::<Vec<_>>().join(", "));
    if let Some(hold) = &agent.hold {
        fact("held", held(hold, now, w));
    }
    let title = w.name("agent-title", &profile.display_name);
    (
        title,
        facts,
        now,
        agent.hold.is_some(),
        reasons.unwrap_or_default(),
    )
}

fn held(hold: &Hold, now: PoolTime, w: &Words) -> String {
    let until = moment(hold.until, now);
    let facts = [
        ("reason", &*hold.reason),
        ("who", &*hold.supervisor),
        ("until", until.as_str()),
    ];
    w.with("held-fact", &facts)
}
