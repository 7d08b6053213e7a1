//! `SupervisionService`: what supervisors' boards call.

use std::time::Duration;

use tonic::{Request, Response, Status};

use super::{
    calls::{self, Order},
    convert,
    desk::{Desk, within},
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

    async fn move_call(
        &self,
        request: Request<v1::MoveCallRequest>,
    ) -> Result<Response<v1::MoveCallResponse>, Status> {
        within(self.desk.times.routing, async {
            let pool = self.desk.pool(request.metadata())?;
            let Order { call, command } = calls::move_to(request.get_ref())?;
            pool.submit(command).await?;
            let call = Some(calls::now(&pool, &call)?);
            Ok(v1::MoveCallResponse { call })
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
