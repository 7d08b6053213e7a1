//! Why a call waits and why an agent gets none: copies what is needed of the view, and computes beside the pool.

use std::sync::Arc;

use super::{convert::explain as wire, status::Problem};
use crate::{
    engine::{
        explain::{self, Balances, Scene},
        ids::{AgentId, CallId, PoolTime},
        rejection::Rejection,
        spec::PoolSpec,
        view::{CallView, LiveCall},
    },
    pool::{Pool, PoolError, copy, rows::Row, view::PoolView},
    proto::v1,
};

/// What an explanation needs beside the agents or the calls.
struct Ground<T> {
    row: Option<Row<T>>,
    spec: Option<Arc<PoolSpec>>,
    balances: Balances,
    now: PoolTime,
}

impl<T> Ground<T> {
    fn new(state: &PoolView, row: Option<&Row<T>>) -> Self {
        let queues = state.queues().map(|row| &row.queue);
        let spec = state.spec();
        let balances = spec.map(|spec| explain::balances(spec, queues, state.now()));
        Self {
            row: row.cloned(),
            spec: spec.cloned(),
            balances: balances.unwrap_or_default(),
            now: state.now(),
        }
    }
}

/// Explains a call.
pub(super) async fn call(pool: &Pool, id: &CallId) -> Result<v1::ExplainCallResponse, Problem> {
    let look = |state: &PoolView| Ground::new(state, state.call(id));
    let mut ground = look(&pool.view().read());
    let (mut calls, mut agents) = (Vec::new(), Vec::new());
    if ground
        .row
        .as_ref()
        .is_some_and(|row| is_waiting(&row.value))
    {
        calls = copy::live_calls(pool.view()).await;
        (agents, ground) = copy::agents(pool.view(), look).await;
    }
    let Some(row) = ground.row else {
        return Err(Rejection::UnknownCall(id.clone()).into());
    };
    beside(move || {
        let scene = ground.spec.as_deref().map(|spec| Scene {
            spec,
            now: ground.now,
            balances: &ground.balances,
        });
        let agents = agents.iter().map(|agent| &**agent);
        let calls = calls.iter().filter_map(|call| live(call));
        let told =
            scene.and_then(|scene| explain::waiting(scene, live(&row.value)?, calls, agents));
        wire::call(&row, told.as_ref(), ground.now)
    })
    .await
}

/// Explains an agent.
pub(super) async fn agent(pool: &Pool, id: &AgentId) -> Result<v1::ExplainAgentResponse, Problem> {
    let calls = copy::live_calls(pool.view()).await;
    let ground = {
        let state = pool.view().read();
        Ground::new(&state, state.agent(id))
    };
    let Some(row) = ground.row else {
        return Err(Rejection::UnknownAgent(id.clone()).into());
    };
    let spec = ground.spec.ok_or(Rejection::NoPool)?;
    beside(move || {
        let scene = Scene {
            spec: &spec,
            now: ground.now,
            balances: &ground.balances,
        };
        let calls = calls.iter().filter_map(|call| live(call));
        let told = explain::agent(scene, &row.value, calls);
        wire::agent(&row, &told, ground.now)
    })
    .await
}

/// Computes where it holds up no task.
async fn beside<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_panicked| Problem::Pool(PoolError::Broken))
}

fn is_waiting(call: &CallView) -> bool {
    live(call).is_some_and(LiveCall::is_waiting)
}

fn live(call: &CallView) -> Option<&LiveCall> {
    match call {
        CallView::Live(call) => Some(call),
        CallView::Over(_) => None,
    }
}
