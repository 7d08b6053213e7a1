//! `SupervisionService`: what supervisors' boards call.

use std::time::Duration;

use tonic::{Request, Response, Status, metadata::MetadataMap};

use super::{
    calls::{self, Order},
    convert,
    desk::{Desk, within},
    explain, paging, queues, records,
    status::Problem,
    streams::{self, Outgoing},
    watch,
};
use crate::{
    engine::{command::Command, ids::QueueId},
    pool::Pool,
    proto::v1::{self, supervision_service_server::SupervisionService},
};

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

    /// Carries a supervisor's order out; answers the state of the agent that it is about, if it is about one.
    async fn order(
        &self,
        metadata: &MetadataMap,
        command: Result<Command, Problem>,
    ) -> Result<Response<Option<v1::AgentStatus>>, Status> {
        within(self.desk.times.admin, async {
            let pool = self.desk.pool(metadata)?;
            let command = command?;
            let agent = command.agent().cloned();
            pool.submit(command).await?;
            let state = pool.view().read();
            let row = agent.and_then(|id| state.agent(&id));
            Ok(row.map(convert::agents::status))
        })
        .await
    }
}

#[tonic::async_trait]
impl SupervisionService for Supervision {
    type WatchPoolStream = Outgoing<v1::WatchPoolResponse>;
    type ExportCallRecordsStream = Outgoing<v1::ExportCallRecordsResponse>;

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

    async fn export_call_records(
        &self,
        request: Request<v1::ExportCallRecordsRequest>,
    ) -> Result<Response<Self::ExportCallRecordsStream>, Status> {
        let pool = self.desk.pool(request.metadata())?;
        let now = pool.view().read().now();
        let filter = convert::records::Filter::new(request.into_inner(), now)?;
        let (out, outgoing) = streams::stream("export");
        let details = self.desk.registry.details(pool);
        let stopping = self.desk.stopping.clone();
        let export = records::export(details, filter, out, stopping);
        self.desk.streams.spawn(export);
        Ok(Response::new(outgoing))
    }

    async fn get_pool_numbers(
        &self,
        request: Request<v1::GetPoolNumbersRequest>,
    ) -> Result<Response<v1::GetPoolNumbersResponse>, Status> {
        let pool = self.desk.pool(request.metadata())?;
        Ok(Response::new(watch::numbers(&pool)))
    }

    async fn list_queues(
        &self,
        request: Request<v1::ListQueuesRequest>,
    ) -> Result<Response<v1::ListQueuesResponse>, Status> {
        let pool = self.desk.pool(request.metadata())?;
        Ok(Response::new(queues::list(&pool, request.get_ref())?))
    }

    async fn pause_queue(
        &self,
        request: Request<v1::PauseQueueRequest>,
    ) -> Result<Response<v1::PauseQueueResponse>, Status> {
        let command = convert::supervision::pause(request.get_ref())?;
        let queue = QueueId::new(&request.get_ref().queue);
        let (times, pool) = (self.desk.times, self.desk.pool(request.metadata())?);
        within(times.admin, async {
            let queue = Some(queues::change(&pool, command, &queue).await?);
            Ok(v1::PauseQueueResponse { queue })
        })
        .await
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

    async fn close_queue(
        &self,
        request: Request<v1::CloseQueueRequest>,
    ) -> Result<Response<v1::CloseQueueResponse>, Status> {
        let command = convert::supervision::close(request.get_ref())?;
        let queue = QueueId::new(&request.get_ref().queue);
        let (times, pool) = (self.desk.times, self.desk.pool(request.metadata())?);
        within(times.admin, async {
            let queue = Some(queues::change(&pool, command, &queue).await?);
            Ok(v1::CloseQueueResponse { queue })
        })
        .await
    }

    async fn resume_queue(
        &self,
        request: Request<v1::ResumeQueueRequest>,
    ) -> Result<Response<v1::ResumeQueueResponse>, Status> {
        let command = convert::supervision::resume(request.get_ref())?;
        let queue = QueueId::new(&request.get_ref().queue);
        let (times, pool) = (self.desk.times, self.desk.pool(request.metadata())?);
        within(times.admin, async {
            let queue = Some(queues::change(&pool, command, &queue).await?);
            Ok(v1::ResumeQueueResponse { queue })
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

    async fn hold_agent(
        &self,
        request: Request<v1::HoldAgentRequest>,
    ) -> Result<Response<v1::HoldAgentResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        let answer = self
            .order(&metadata, convert::orders::hold(request))
            .await?;
        Ok(answer.map(|status| v1::HoldAgentResponse { status }))
    }

    async fn release_agent(
        &self,
        request: Request<v1::ReleaseAgentRequest>,
    ) -> Result<Response<v1::ReleaseAgentResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        let command = convert::orders::release(request);
        let answer = self.order(&metadata, command).await?;
        Ok(answer.map(|status| v1::ReleaseAgentResponse { status }))
    }

    async fn set_agent_intent(
        &self,
        request: Request<v1::SetAgentIntentRequest>,
    ) -> Result<Response<v1::SetAgentIntentResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        let command = convert::orders::set_intent(request);
        let answer = self.order(&metadata, command).await?;
        Ok(answer.map(|status| v1::SetAgentIntentResponse { status }))
    }

    async fn send_message(
        &self,
        request: Request<v1::SendMessageRequest>,
    ) -> Result<Response<v1::SendMessageResponse>, Status> {
        within(self.desk.times.admin, async {
            let pool = self.desk.pool(request.metadata())?;
            let command = convert::orders::message(request.into_inner())?;
            Ok(convert::orders::sent(&pool.submit(command).await?))
        })
        .await
    }

    async fn drain_site(
        &self,
        request: Request<v1::DrainSiteRequest>,
    ) -> Result<Response<v1::DrainSiteResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        let command = Ok(convert::orders::drain(request));
        let answer = self.order(&metadata, command).await?;
        Ok(answer.map(|_| v1::DrainSiteResponse {}))
    }

    async fn undrain_site(
        &self,
        request: Request<v1::UndrainSiteRequest>,
    ) -> Result<Response<v1::UndrainSiteResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        let command = Ok(convert::orders::undrain(request));
        let answer = self.order(&metadata, command).await?;
        Ok(answer.map(|_| v1::UndrainSiteResponse {}))
    }

    async fn list_sites(
        &self,
        request: Request<v1::ListSitesRequest>,
    ) -> Result<Response<v1::ListSitesResponse>, Status> {
        let pool = self.desk.pool(request.metadata())?;
        Ok(Response::new(list_sites(&pool, request.get_ref())?))
    }

    async fn move_call(
        &self,
        request: Request<v1::MoveCallRequest>,
    ) -> Result<Response<v1::MoveCallResponse>, Status> {
        within(self.desk.times.routing, async {
            let pool = self.desk.pool(request.metadata())?;
            let Order { call, command } = calls::move_to(request.get_ref())?;
            pool.submit(command).await?;
            let call = Some(calls::now(&self.desk, &pool, &call)?);
            Ok(v1::MoveCallResponse { call })
        })
        .await
    }
}

fn list_sites(
    pool: &Pool,
    request: &v1::ListSitesRequest,
) -> Result<v1::ListSitesResponse, Problem> {
    let size = paging::size(request.page_size)?;
    let kind = if request.drained_only { "drained" } else { "" };
    let after: Option<String> = paging::place(kind, &request.page_token)?;
    let state = pool.view().read();
    let sites = state.sites_after(after.as_deref());
    let sites = sites.filter(|(_, row)| !request.drained_only || row.drained.is_some());
    let sites = sites.map(convert::orders::site_status);
    let mut sites: Vec<v1::SiteStatus> = sites.take(size + 1).collect();
    drop(state);
    let next = paging::cut(&mut sites, size, |site| site.id.clone());
    Ok(v1::ListSitesResponse {
        sites,
        next_page_token: next
            .map(|place| paging::token(kind, &place))
            .unwrap_or_default(),
    })
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
