//! The planners' pages: a file of shifts is looked at, published and undone; the shifts of one agent are changed.
//!
//! Whatever is decided is decided by the services: a file that was looked at goes to them again to be published.

mod checked;
mod heat;
mod kept;
mod shifts;
mod upload;

use askama::Template;
use axum::{
    Form, Router,
    extract::{DefaultBodyLimit, Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;

pub(super) use self::kept::Kept;
use super::{
    Console,
    frame::{Frame, page},
    orders::ConfirmPage,
    services::{refusal, to},
    visitor::Visitor,
};
use crate::{calendar::zone::Zone, pool::Pool, proto::v1};

/// Largest file that a page takes; a larger one goes by the command line.
const FILE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The pages.
pub(super) fn routes() -> Router<Console> {
    let file = DefaultBodyLimit::max(FILE_BYTES_MAX);
    Router::new()
        .route("/pools/{pool}/schedule", get(schedule))
        .route(
            "/pools/{pool}/schedule/check",
            post(upload::check).layer(file),
        )
        .route("/pools/{pool}/schedule/publish", post(upload::publish))
        .route("/pools/{pool}/schedule/restore", post(restore))
        .route("/pools/{pool}/schedule/agents", get(shifts::find))
        .route("/pools/{pool}/schedule/agents/{agent}", get(shifts::show))
        .route(
            "/pools/{pool}/schedule/agents/{agent}/{change}",
            post(shifts::change),
        )
}

struct Line {
    version: i64,
    time: String,
    planner: String,
    title: String,
    agents: i32,
    is_current: bool,
}

#[derive(Template)]
#[template(path = "console/pages/schedule.html")]
struct SchedulePage<'a> {
    frame: Frame<'a>,
    pool: &'a str,
    problems: Vec<String>,
    done: Option<String>,
    zone: String,
    current: i64,
    /// The version before the current one.
    before: Option<i64>,
    lines: Vec<Line>,
}

/// What was done on the way here.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Done {
    published: Option<i64>,
    restored: Option<i64>,
}

async fn schedule(
    State(console): State<Console>,
    visitor: Visitor,
    Path(pool): Path<String>,
    Query(done): Query<Done>,
) -> Response {
    match console.pool(&visitor, &pool) {
        Ok(known) => overview(&console, &visitor, &known, &done, Vec::new()).await,
        Err(missing) => missing,
    }
}

/// The page of versions, with what went wrong.
async fn overview(
    console: &Console,
    visitor: &Visitor,
    known: &Pool,
    done: &Done,
    problems: Vec<String>,
) -> Response {
    let w = visitor.words();
    let pool = known.id().to_string();
    let mut service = console.services.schedules();
    let listed = match service
        .list_versions(to(&pool, v1::ListVersionsRequest {}))
        .await
    {
        Ok(listed) => listed.into_inner(),
        Err(status) => return unavailable(&status),
    };
    let zone = zone_of(known);
    let is_current = |version: &v1::ScheduleVersion| version.version == listed.version;
    let before = listed.versions.iter().find(|version| is_current(version));
    let before = before.map(|version| version.base);
    let lines = listed.versions.iter().map(|version| Line {
        version: version.version,
        time: version
            .publish_time
            .map_or_else(String::new, |at| moment(&zone, at)),
        planner: version.planner.clone(),
        title: version.title.clone(),
        agents: version.agent_count,
        is_current: is_current(version),
    });
    let number = |version: i64| version.to_string();
    let done = match (done.published, done.restored) {
        (Some(version), _) => Some(w.name("published", &number(version))),
        (None, Some(version)) => Some(w.name("restored", &number(version))),
        (None, None) => None,
    };
    let back = format!("/pools/{pool}/schedule");
    let mut frame = Frame::new(visitor, w.name("schedule-title", &pool), Some(&pool), &back);
    frame.here = "schedule";
    let refused = !problems.is_empty();
    let rendered = SchedulePage {
        frame,
        pool: &pool,
        problems,
        done,
        zone: zone.name().to_owned(),
        current: listed.version,
        before,
        lines: lines.collect(),
    };
    answer(rendered.render(), refused)
}

/// A page, as the answer to what was refused or to what was not.
fn answer(rendered: askama::Result<String>, refused: bool) -> Response {
    let shown = page(rendered);
    if refused {
        return (StatusCode::UNPROCESSABLE_ENTITY, shown).into_response();
    }
    shown
}

fn unavailable(status: &tonic::Status) -> Response {
    let text = format!("{}\n", status.message());
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}

/// The zone in which a pool's planners think: that of its labour rules.
fn zone_of(pool: &Pool) -> Zone {
    let state = pool.view().read();
    let labour = state.spec().and_then(|spec| spec.labour.as_ref());
    let zone = labour.and_then(|labour| Zone::named(&labour.zone).ok());
    zone.unwrap_or_else(Zone::utc)
}

/// A time of the wire as a clock of the zone shows it.
fn moment(zone: &Zone, at: prost_types::Timestamp) -> String {
    let at = jiff::Timestamp::from_second(at.seconds).unwrap_or(jiff::Timestamp::MAX);
    zone.local(at).strftime("%Y-%m-%d %H:%M").to_string()
}

/// A version that is to hold again.
#[derive(Deserialize)]
struct Restore {
    version: i64,
    current: i64,
    #[serde(default)]
    sure: String,
}

async fn restore(
    State(console): State<Console>,
    visitor: Visitor,
    Path(pool): Path<String>,
    Form(asked): Form<Restore>,
) -> Response {
    let known = match console.pool(&visitor, &pool) {
        Ok(known) => known,
        Err(missing) => return missing,
    };
    if asked.sure != "yes" {
        return sure(&visitor, &pool, &asked);
    }
    let request = v1::RevertScheduleRequest {
        to_version: asked.version,
        version: asked.current,
        planner: visitor.name.clone(),
    };
    let mut service = console.services.schedules();
    match service.revert_schedule(to(&pool, request)).await {
        Ok(_) => Redirect::to(&format!(
            "/pools/{pool}/schedule?restored={}",
            asked.version
        ))
        .into_response(),
        Err(status) => {
            overview(
                &console,
                &visitor,
                &known,
                &Done::default(),
                refusal(&status),
            )
            .await
        }
    }
}

fn sure(visitor: &Visitor, pool: &str, asked: &Restore) -> Response {
    let w = visitor.words();
    let back = format!("/pools/{pool}/schedule");
    let version = asked.version.to_string();
    let rendered = ConfirmPage {
        frame: Frame::new(visitor, w.say("restore").into_owned(), Some(pool), &back),
        problems: Vec::new(),
        back: &back,
        question: w.name("sure-restore", &version),
        facts: Vec::new(),
        supervisor: &visitor.name,
        action: format!("/pools/{pool}/schedule/restore"),
        hidden: vec![("version", version), ("current", asked.current.to_string())],
    };
    page(rendered.render())
}
