//! What people see over HTTP: supervisors' boards and agents' desks, and metrics and health for those who watch the service.
//!
//! No rule lives here. Numbers come from the view that everybody reads, and orders go to the services that everybody calls.

mod assets;
mod board;
mod calls;
mod desk;
mod detail;
mod figures;
mod frame;
mod guard;
mod orders;
mod planning;
mod services;
mod start;
mod visitor;
mod words;

use std::sync::Arc;

use askama::Template;
use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::{StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::service::Routes;

use self::{
    board::live::Boards,
    frame::{Frame, page},
    guard::Names,
    planning::Kept,
    services::Services,
    visitor::Visitor,
};
use crate::{
    engine::{alarm::Thresholds, ids::PoolId},
    metrics::Page,
    pool::{Pool, registry::Registry},
};

/// Content type of the metrics page.
const METRICS_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";
/// Largest form that is read.
const FORM_BYTES_MAX: usize = 16 * 1024;

/// What the console is made with.
pub struct Setup {
    /// The pools.
    pub registry: Arc<Registry>,
    /// The services that it calls.
    pub services: Routes,
    /// From where on numbers raise an alarm.
    pub thresholds: Thresholds,
    /// Names of this server, separated by commas, beside its addresses.
    pub names: String,
    /// Cancelled when the end has begun.
    pub stopping: CancellationToken,
    /// Streams under way.
    pub streams: TaskTracker,
}

/// What every page shares.
#[derive(Clone)]
struct Console {
    registry: Arc<Registry>,
    services: Services,
    boards: Boards,
    kept: Kept,
    streams: TaskTracker,
}

/// The routes.
pub fn router(setup: Setup) -> Router {
    let boards = Boards::new(
        Arc::clone(&setup.registry),
        setup.thresholds,
        setup.stopping,
    );
    let console = Console {
        registry: Arc::clone(&setup.registry),
        services: Services::new(setup.services),
        boards,
        kept: Kept::default(),
        streams: setup.streams,
    };
    let watched = Router::new()
        .route("/healthz", get(health))
        .route("/readyz", get(readiness))
        .route("/metrics", get(metrics_page))
        .with_state(setup.registry);
    let guarded = middleware::from_fn_with_state(Names::new(&setup.names), guard::guard);
    watched.merge(pages().with_state(console).layer(guarded))
}

/// The pages for people.
fn pages() -> Router<Console> {
    Router::new()
        .route("/", get(start::start))
        .route("/who", post(start::supervisor))
        .route("/desk", post(start::agent))
        .route("/settings", post(start::settings))
        .route("/assets/{digest}/{name}", get(assets::file))
        .route("/pools/{pool}", get(board::board))
        .route("/pools/{pool}/live", get(board::live))
        .route("/pools/{pool}/tables/{table}", get(board::table))
        .route("/pools/{pool}/calls", get(calls::list))
        .route("/pools/{pool}/calls/{call}", get(detail::call))
        .route("/pools/{pool}/agents/{agent}", get(detail::agent))
        .route("/pools/{pool}/queues/{queue}", get(detail::queue))
        .route("/pools/{pool}/sites/{site}", get(detail::site))
        .route("/pools/{pool}/teams/{team}", get(detail::team))
        .route("/pools/{pool}/orders", get(orders::recent))
        .route("/pools/{pool}/orders/{order}", post(orders::give))
        .merge(planning::routes())
        .route("/pools/{pool}/desk/{agent}", get(desk::desk))
        .route("/pools/{pool}/desk/{agent}/socket", get(desk::socket))
        .route("/pools/{pool}/desk/{agent}/mine", get(desk::mine))
        .fallback(nowhere)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
}

#[derive(Template)]
#[template(path = "console/pages/missing.html")]
struct MissingPage<'a> {
    frame: Frame<'a>,
    text: String,
}

impl Console {
    /// The pool of this id, if it has a configuration; else the page that says that there is none.
    #[expect(
        clippy::result_large_err,
        reason = "the error is the answer itself, once a request"
    )]
    fn pool(&self, visitor: &Visitor, id: &str) -> Result<Pool, Response> {
        let pool = self.registry.get(&PoolId::new(id));
        let pool = pool.filter(|pool| pool.view().read().spec().is_some());
        pool.ok_or_else(|| self.missing(visitor, "missing-pool"))
    }

    /// The page of what is not there.
    #[expect(clippy::unused_self, reason = "pages are asked of the console")]
    fn missing(&self, visitor: &Visitor, key: &str) -> Response {
        let w = visitor.words();
        let text = w.say(key).into_owned();
        let frame = Frame::new(visitor, w.say("missing").into_owned(), None, "/");
        let shown = page(MissingPage { frame, text }.render());
        (StatusCode::NOT_FOUND, shown).into_response()
    }
}

/// Whatever is no page.
async fn nowhere(State(console): State<Console>, visitor: Visitor) -> Response {
    console.missing(&visitor, "missing-page")
}

/// The process lives.
async fn health() -> &'static str {
    "ok\n"
}

/// The process does its work: every pool is open, its store takes commits, and the end has not begun.
async fn readiness(State(registry): State<Arc<Registry>>) -> (StatusCode, String) {
    let faults = registry.not_ready();
    if faults.is_empty() {
        return (StatusCode::OK, "ready\n".to_owned());
    }
    (StatusCode::SERVICE_UNAVAILABLE, faults.join("\n") + "\n")
}

/// Counters as they stand, and each pool's numbers as they are now.
async fn metrics_page(State(registry): State<Arc<Registry>>) -> impl IntoResponse {
    let mut page = Page::default();
    registry.measure(&mut page);
    ([(header::CONTENT_TYPE, METRICS_TYPE)], page.text())
}
