//! `SupervisionService`: what supervisors' boards call.

use std::time::Duration;

use tonic::{Request, Response, Status};

use super::{
    convert,
    desk::{Desk, within},
    explain,
    status::Problem,
    streams::{self, Outgoing},
    watch,
};
use crate::proto::v1::{self, supervision_service_server::SupervisionService};

const INTERVAL_DEFAULT_MS: u64 = 1_000;
const INTERVAL_MIN_MS: u64 = 100;
const INTERVAL_MAX_MS: u64 = 60_000;

/// The service.
pub struct Supervision {
    desk: Desk,
}

impl Supervision {
    /// At this desk.
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }
}

#[tonic::async_trait]
impl SupervisionService for Supervision {
    type WatchPoolStream = Outgoing<v1::WatchPoolResponse>;

    async fn watch_pool(
        &self,
        request: Request<v1::WatchPoolRequest>,
    ) -> Result<Response<Self::WatchPoolStream>, Status> {
        let pool = self.desk.pool(request.metadata())?;
        let request = request.into_inner();
        let interval = interval(request.interval)?;
        let (out, outgoing) = streams::stream("watch");
        let watch = watch::Watch::new(pool, interval, &request);
        let stopping = self.desk.stopping.clone();
        self.desk.streams.spawn(watch.serve(out, stopping));
        Ok(Response::new(outgoing))
    }

    async fn explain_call(
        &self,
        request: Request<v1::ExplainCallRequest>,
    ) -> Result<Response<v1::ExplainCallResponse>, Status> {
        within(self.desk.times.admin, async {
            let pool = self.desk.pool(request.metadata())?;
            let call = convert::call_id(&request.get_ref().call_id)?;
            explain::call(&pool, &call).await
        })
        .await
    }

    async fn explain_agent(
        &self,
        request: Request<v1::ExplainAgentRequest>,
    ) -> Result<Response<v1::ExplainAgentResponse>, Status> {
        within(self.desk.times.admin, async {
            let pool = self.desk.pool(request.metadata())?;
            let agent = convert::agent_id(&request.get_ref().agent_id)?;
            explain::agent(&pool, &agent).await
        })
        .await
    }
}

fn interval(given: Option<prost_types::Duration>) -> Result<Duration, Problem> {
    let ms = given.map_or(Some(INTERVAL_DEFAULT_MS), convert::to_ms);
    match ms {
        Some(ms) if (INTERVAL_MIN_MS..=INTERVAL_MAX_MS).contains(&ms) => {
            Ok(Duration::from_millis(ms))
        }
        _ => Err(convert::fault(
            "interval",
            format!("is out of range; give {INTERVAL_MIN_MS} ms to {INTERVAL_MAX_MS} ms"),
        )),
    }
}
