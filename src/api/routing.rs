//! `RoutingService`: what telephony platforms call.

use tokio::time::Instant;
use tonic::{Request, Response, Status, Streaming};

use super::{
    calls::{self, Order},
    convert,
    desk::{Desk, within},
    paging, platform_stream,
    status::Problem,
    streams::{self, Outgoing},
};
use crate::{
    clock,
    engine::{
        ids::{CallId, PlatformKey, PoolTime, QueueId},
        rejection::Rejection,
    },
    pool::{Pool, Reply, presence},
    proto::v1::{self, routing_service_server::RoutingService},
};

/// The service.
pub struct Routing {
    desk: Desk,
}

impl Routing {
    /// At this desk.
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }
}

#[tonic::async_trait]
impl RoutingService for Routing {
    type ConnectStream = Outgoing<v1::RoutingServiceConnectResponse>;

    async fn connect(
        &self,
        request: Request<Streaming<v1::RoutingServiceConnectRequest>>,
    ) -> Result<Response<Self::ConnectStream>, Status> {
        let pool = self.desk.pool(request.metadata())?;
        let (out, outgoing) = streams::stream("platform");
        let stream = platform_stream::serve(self.desk.clone(), pool, request.into_inner(), out);
        self.desk.streams.spawn(stream);
        Ok(Response::new(outgoing))
    }

    async fn route_call(
        &self,
        request: Request<v1::RouteCallRequest>,
    ) -> Result<Response<v1::RouteCallResponse>, Status> {
        within(self.desk.times.routing, async {
            let pool = self.desk.pool(request.metadata())?;
            let request = request.into_inner();
            let key = convert::platform_key(&request.platform, &request.instance)?;
            let Order { call, command } = calls::route(&self.desk, &pool, request, key.clone())?;
            let reply = pool.submit(command).await?;
            pool.presence().platform_heard(&key);
            calls::routed(&self.desk, &pool, &call, &reply)
        })
        .await
    }

    async fn report_call(
        &self,
        request: Request<v1::ReportCallRequest>,
    ) -> Result<Response<v1::ReportCallResponse>, Status> {
        within(self.desk.times.routing, async {
            let pool = self.desk.pool(request.metadata())?;
            let (call, _) = carry_out(&pool, calls::report(request.get_ref())?).await?;
            let call = Some(calls::now(&self.desk, &pool, &call)?);
            Ok(v1::ReportCallResponse { call })
        })
        .await
    }

    async fn cancel_call(
        &self,
        request: Request<v1::CancelCallRequest>,
    ) -> Result<Response<v1::CancelCallResponse>, Status> {
        within(self.desk.times.routing, async {
            let pool = self.desk.pool(request.metadata())?;
            let (call, _) = carry_out(&pool, calls::cancel(request.get_ref())?).await?;
            let call = Some(calls::now(&self.desk, &pool, &call)?);
            Ok(v1::CancelCallResponse { call })
        })
        .await
    }

    async fn request_callback(
        &self,
        request: Request<v1::RequestCallbackRequest>,
    ) -> Result<Response<v1::RequestCallbackResponse>, Status> {
        within(self.desk.times.routing, async {
            let pool = self.desk.pool(request.metadata())?;
            let (call, _) = carry_out(&pool, calls::callback(request.get_ref())?).await?;
            let call = Some(calls::now(&self.desk, &pool, &call)?);
            Ok(v1::RequestCallbackResponse { call })
        })
        .await
    }

    async fn transfer_call(
        &self,
        request: Request<v1::TransferCallRequest>,
    ) -> Result<Response<v1::TransferCallResponse>, Status> {
        within(self.desk.times.routing, async {
            let pool = self.desk.pool(request.metadata())?;
            let (call, _) = carry_out(&pool, calls::transfer(request.get_ref())?).await?;
            let call = Some(calls::now(&self.desk, &pool, &call)?);
            Ok(v1::TransferCallResponse { call })
        })
        .await
    }

    async fn report_registration(
        &self,
        request: Request<v1::ReportRegistrationRequest>,
    ) -> Result<Response<v1::ReportRegistrationResponse>, Status> {
        within(self.desk.times.routing, async {
            let pool = self.desk.pool(request.metadata())?;
            let request = request.get_ref();
            let key = convert::platform_key(&request.platform, &request.instance)?;
            let (agent, command) = calls::registration(request, key.clone())?;
            pool.submit(command).await?;
            pool.presence().platform_heard(&key);
            calls::registered(&pool, &agent)
        })
        .await
    }

    async fn report_site_load(
        &self,
        request: Request<v1::ReportSiteLoadRequest>,
    ) -> Result<Response<v1::ReportSiteLoadResponse>, Status> {
        within(self.desk.times.routing, async {
            let pool = self.desk.pool(request.metadata())?;
            let request = request.get_ref();
            pool.submit(convert::peaks::site_load(request)?).await?;
            let view = pool.view().read();
            let row = view.queue(&QueueId::new(&request.queue));
            let in_peak = row.is_some_and(|row| row.queue.state.peak().is_some());
            Ok(v1::ReportSiteLoadResponse { in_peak })
        })
        .await
    }

    async fn get_call(
        &self,
        request: Request<v1::GetCallRequest>,
    ) -> Result<Response<v1::GetCallResponse>, Status> {
        let pool = self.desk.pool(request.metadata())?;
        let request = request.into_inner();
        let id = convert::call_id(&request.call_id)?;
        let until = clock::instant() + self.desk.times.poll;
        if request.wait_for_change {
            self.wait_for_change(&pool, &id, request.known_change_number, until)
                .await?;
        } else {
            pool.presence().platform_heard(&platform_of(&pool, &id)?);
        }
        let call = Some(calls::now(&self.desk, &pool, &id)?);
        Ok(Response::new(v1::GetCallResponse { call }))
    }

    async fn estimate_wait(
        &self,
        request: Request<v1::EstimateWaitRequest>,
    ) -> Result<Response<v1::EstimateWaitResponse>, Status> {
        within(self.desk.times.routing, async {
            let pool = self.desk.pool(request.metadata())?;
            let asked = convert::estimates::asked_wait(request.into_inner())?;
            let now = pool.view().read().now();
            let estimate = pool
                .read(move |engine| {
                    engine.estimate_wait(now, &asked.queue, &asked.priority, &asked.skills)
                })
                .await??;
            Ok(convert::estimates::estimate(estimate))
        })
        .await
    }

    async fn list_calls(
        &self,
        request: Request<v1::ListCallsRequest>,
    ) -> Result<Response<v1::ListCallsResponse>, Status> {
        let pool = self.desk.pool(request.metadata())?;
        Ok(Response::new(list(&pool, request.get_ref())?))
    }
}

impl Routing {
    /// Waits until the call's change number is above `known`, the time is over, or the end has begun.
    async fn wait_for_change(
        &self,
        pool: &Pool,
        id: &CallId,
        known: u64,
        until: Instant,
    ) -> Result<(), Problem> {
        let key = platform_of(pool, id)?;
        let _a_sign_of_life = presence::Poll::of_platform(pool.shared(), &key);
        let mut changes = pool
            .view()
            .watch_call(id)
            .ok_or_else(|| Rejection::UnknownCall(id.clone()))?;
        tokio::select! {
            _changed_or_forgotten = changes.wait_for(|number| *number > known) => {}
            () = tokio::time::sleep_until(until) => {}
            () = self.desk.stopping.cancelled() => {}
        }
        Ok(())
    }
}

/// Carries an order out; its platform has shown a sign of life.
async fn carry_out(pool: &Pool, order: Order) -> Result<(CallId, Reply), Problem> {
    let reply = pool.submit(order.command).await?;
    if let Ok(key) = platform_of(pool, &order.call) {
        pool.presence().platform_heard(&key);
    }
    Ok((order.call, reply))
}

fn platform_of(pool: &Pool, call: &CallId) -> Result<PlatformKey, Problem> {
    let state = pool.view().read();
    let row = state
        .call(call)
        .ok_or_else(|| Rejection::UnknownCall(call.clone()))?;
    Ok(row.value.key().clone())
}

fn list(pool: &Pool, request: &v1::ListCallsRequest) -> Result<v1::ListCallsResponse, Problem> {
    let size = paging::size(request.page_size)?;
    let after: Option<(PoolTime, String)> = paging::place(&request.queue, &request.page_token)?;
    let after = after.map(|(at, id)| (at, CallId::new(id)));
    let state = pool.view().read();
    let queue = queue_filter(&state, &request.queue)?;
    let rows = state.live_calls(queue.as_ref(), after).take(size + 1);
    let now = state.now();
    let calls = rows.map(|row| (row.clone(), state.place_of(row, now)));
    let mut rows: Vec<_> = calls.collect();
    drop(state);
    let next = paging::cut(&mut rows, size, |(row, _)| match &*row.value {
        crate::engine::view::CallView::Live(call) => call.record.accepted_at,
        crate::engine::view::CallView::Over(call) => call.ended_at,
    });
    let last = rows.last().map(|(row, _)| row.value.id().to_string());
    Ok(v1::ListCallsResponse {
        calls: rows
            .iter()
            .map(|(row, place)| convert::estimates::call_in_line(row, *place, now))
            .collect(),
        next_page_token: next
            .zip(last)
            .map_or_else(String::new, |place| paging::token(&request.queue, &place)),
    })
}

fn queue_filter(
    state: &crate::pool::view::PoolView,
    queue: &str,
) -> Result<Option<QueueId>, Problem> {
    if queue.is_empty() {
        return Ok(None);
    }
    let queue = QueueId::new(queue);
    if state.has_queue(&queue) {
        return Ok(Some(queue));
    }
    let known = state
        .queues()
        .take(8)
        .map(|row| format!("`{}`", row.queue.id));
    let known = known.collect::<Vec<_>>().join(", ");
    Err(Rejection::UnknownQueue { queue, known }.into())
}
