//! `SupervisionService`: what supervisors' boards call.

use std::time::Duration;

use prost::Message;
use tonic::{Request, Response, Status};

use super::{
    calls,
    changes::{self, Change},
    convert,
    desk::{Desk, within},
    events, explain, paging, queues, records,
    status::Problem,
    streams::{self, Outgoing},
    watch,
};
use crate::{
    engine::{command::Command, ids::AgentId},
    pool::{Pool, change::After},
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

    /// Carries a supervisor's order out, and answers.
    async fn order<C: Change + 'static, A: Message + Default>(
        &self,
        limit: Duration,
        request: Request<C>,
        command: impl FnOnce(&C) -> Result<Command, Problem>,
        answer: impl FnOnce(&C, &After<'_>) -> A + Send + 'static,
    ) -> Result<Response<A>, Status> {
        within(limit, async {
            let (metadata, _, mut request) = request.into_parts();
            let pool = self.desk.pool(&metadata)?;
            let once = changes::once(&metadata, &mut request)?;
            let command = command(&request)?;
            let answer = move |after: &After<'_>| answer(&request, after);
            changes::carry_out(&pool, once, command, answer).await
        })
        .await
    }
}

#[tonic::async_trait]
impl SupervisionService for Supervision {
    type WatchPoolStream = Outgoing<v1::WatchPoolResponse>;
    type FollowEventsStream = Outgoing<v1::FollowEventsResponse>;
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

    async fn follow_events(
        &self,
        request: Request<v1::FollowEventsRequest>,
    ) -> Result<Response<Self::FollowEventsStream>, Status> {
        let pool = self.desk.pool(request.metadata())?;
        let filter = convert::events::Filter::new(request.into_inner())?;
        let journal = self.desk.registry.journal(pool);
        events::start(&journal, &filter)?;
        let (out, outgoing) = streams::stream("events");
        let stopping = self.desk.stopping.clone();
        let follow = events::follow(journal, filter, out, stopping);
        self.desk.streams.spawn(follow);
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
        self.order(
            self.desk.times.admin,
            request,
            convert::supervision::pause,
            |request, after| v1::PauseQueueResponse {
                queue: queues::status(after, &request.queue),
            },
        )
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
        self.order(
            self.desk.times.admin,
            request,
            convert::supervision::close,
            |request, after| v1::CloseQueueResponse {
                queue: queues::status(after, &request.queue),
            },
        )
        .await
    }

    async fn resume_queue(
        &self,
        request: Request<v1::ResumeQueueRequest>,
    ) -> Result<Response<v1::ResumeQueueResponse>, Status> {
        self.order(
            self.desk.times.admin,
            request,
            convert::supervision::resume,
            |request, after| v1::ResumeQueueResponse {
                queue: queues::status(after, &request.queue),
            },
        )
        .await
    }

    async fn declare_peak(
        &self,
        request: Request<v1::DeclarePeakRequest>,
    ) -> Result<Response<v1::DeclarePeakResponse>, Status> {
        self.order(
            self.desk.times.admin,
            request,
            convert::peaks::declare,
            |request, after| v1::DeclarePeakResponse {
                queue: queues::status(after, &request.queue),
            },
        )
        .await
    }

    async fn end_peak(
        &self,
        request: Request<v1::EndPeakRequest>,
    ) -> Result<Response<v1::EndPeakResponse>, Status> {
        self.order(
            self.desk.times.admin,
            request,
            convert::peaks::end,
            |request, after| v1::EndPeakResponse {
                queue: queues::status(after, &request.queue),
            },
        )
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
        self.order(
            self.desk.times.admin,
            request,
            convert::orders::hold,
            |request, after| v1::HoldAgentResponse {
                status: agent_status(after, &request.agent_id),
            },
        )
        .await
    }

    async fn release_agent(
        &self,
        request: Request<v1::ReleaseAgentRequest>,
    ) -> Result<Response<v1::ReleaseAgentResponse>, Status> {
        self.order(
            self.desk.times.admin,
            request,
            convert::orders::release,
            |request, after| v1::ReleaseAgentResponse {
                status: agent_status(after, &request.agent_id),
            },
        )
        .await
    }

    async fn set_agent_intent(
        &self,
        request: Request<v1::SetAgentIntentRequest>,
    ) -> Result<Response<v1::SetAgentIntentResponse>, Status> {
        self.order(
            self.desk.times.admin,
            request,
            convert::orders::set_intent,
            |request, after| v1::SetAgentIntentResponse {
                status: agent_status(after, &request.agent_id),
            },
        )
        .await
    }

    async fn send_message(
        &self,
        request: Request<v1::SendMessageRequest>,
    ) -> Result<Response<v1::SendMessageResponse>, Status> {
        self.order(
            self.desk.times.admin,
            request,
            convert::orders::message,
            |_, after| convert::orders::sent(after.events()),
        )
        .await
    }

    async fn drain_site(
        &self,
        request: Request<v1::DrainSiteRequest>,
    ) -> Result<Response<v1::DrainSiteResponse>, Status> {
        self.order(
            self.desk.times.admin,
            request,
            convert::orders::drain,
            |_, _| v1::DrainSiteResponse {},
        )
        .await
    }

    async fn undrain_site(
        &self,
        request: Request<v1::UndrainSiteRequest>,
    ) -> Result<Response<v1::UndrainSiteResponse>, Status> {
        self.order(
            self.desk.times.admin,
            request,
            convert::orders::undrain,
            |_, _| v1::UndrainSiteResponse {},
        )
        .await
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
        self.order(
            self.desk.times.routing,
            request,
            |request| Ok(calls::move_to(request)?.command),
            |request, after| v1::MoveCallResponse {
                call: calls::after(after, &request.call_id),
            },
        )
        .await
    }
}

/// The agent's state right after an order.
fn agent_status(after: &After<'_>, agent: &str) -> Option<v1::AgentStatus> {
    let row = after.agent(&AgentId::new(agent));
    row.as_ref().map(convert::agents::status)
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
