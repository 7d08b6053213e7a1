//! HTTP beside the API: health for whoever starts processes, metrics for whoever watches them.

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
    routing::get,
};

use crate::{metrics::Page, pool::registry::Registry};

/// Content type of the metrics page.
const METRICS_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The routes.
pub fn router(registry: Arc<Registry>) -> Router {
    Router::new()
        .route("/healthz", get(health))
        .route("/readyz", get(readiness))
        .route("/metrics", get(metrics_page))
        .with_state(registry)
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
