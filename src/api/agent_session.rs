//! `AgentSessionService`: what agents' desktops and softphones call.

use tonic::{Request, Response, Status, Streaming, metadata::MetadataMap};

use super::{
    agent_stream, convert,
    desk::{Desk, within},
    sessions,
    status::Problem,
    streams::{self, Outgoing},
};
use crate::{
    clock,
    engine::{
        command::{Command, SessionRef},
        ids::AgentId,
    },
    pool::{Pool, presence},
    proto::v1::{self, agent_session_service_server::AgentSessionService},
};

/// The service.
pub struct AgentSession {
    desk: Desk,
}

impl AgentSession {
    /// At this desk.
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }

    /// Carries out a session's command and answers the agent's state; none if the agent was deleted with it.
    async fn carry_out(
        &self,
        metadata: &MetadataMap,
        by: Result<SessionRef, Problem>,
        command: impl FnOnce(SessionRef) -> Result<Command, Problem>,
    ) -> Result<Response<Option<v1::AgentSnapshot>>, Status> {
        within(self.desk.times.routing, async {
            let pool = self.desk.pool(metadata)?;
            let by = by?;
            let (agent, session) = (by.agent.clone(), by.session);
            pool.submit(command(by)?).await?;
            pool.presence().session_heard(&agent, session);
            Ok(sessions::snapshot(&pool, &agent).ok())
        })
        .await
    }

    /// Waits until the agent's change number is above `known`, the time is over, or the end has begun.
    async fn wait_for_change(&self, pool: &Pool, agent: &AgentId, session: u64, known: u64) {
        let until = clock::instant() + self.desk.times.poll;
        let _a_sign_of_life = presence::Poll::of_session(pool.shared(), agent, session);
        let Some(mut changes) = pool.view().watch_agent(agent) else {
            return;
        };
        tokio::select! {
            _changed_or_deleted = changes.wait_for(|number| *number > known) => {}
            () = tokio::time::sleep_until(until) => {}
            () = self.desk.stopping.cancelled() => {}
        }
    }
}

/// Who commands, by the fields that every command has.
macro_rules! by {
    ($request:expr) => {
        convert::agents::session_ref(&$request.agent_id, $request.session, $request.sequence)
    };
}

#[tonic::async_trait]
impl AgentSessionService for AgentSession {
    type ConnectStream = Outgoing<v1::AgentSessionServiceConnectResponse>;

    async fn connect(
        &self,
        request: Request<Streaming<v1::AgentSessionServiceConnectRequest>>,
    ) -> Result<Response<Self::ConnectStream>, Status> {
        let pool = self.desk.pool(request.metadata())?;
        let (out, outgoing) = streams::stream("agent");
        let stream = agent_stream::serve(self.desk.clone(), pool, request.into_inner(), out);
        self.desk.streams.spawn(stream);
        Ok(Response::new(outgoing))
    }

    async fn open_session(
        &self,
        request: Request<v1::OpenSessionRequest>,
    ) -> Result<Response<v1::OpenSessionResponse>, Status> {
        within(self.desk.times.routing, async {
            let pool = self.desk.pool(request.metadata())?;
            let agent = convert::agent_id(&request.get_ref().agent_id)?;
            let session = sessions::open(&pool, &agent, false).await?;
            let snapshot = Some(sessions::snapshot(&pool, &agent)?);
            Ok(v1::OpenSessionResponse { session, snapshot })
        })
        .await
    }

    async fn get_session(
        &self,
        request: Request<v1::GetSessionRequest>,
    ) -> Result<Response<v1::GetSessionResponse>, Status> {
        let pool = self.desk.pool(request.metadata())?;
        let request = request.into_inner();
        let (agent, session) = (convert::agent_id(&request.agent_id)?, request.session);
        sessions::check_newest(&pool, &agent, session)?;
        if request.wait_for_change {
            let known = request.known_change_number;
            self.wait_for_change(&pool, &agent, session, known).await;
            sessions::check_newest(&pool, &agent, session)?;
        } else {
            pool.presence().session_heard(&agent, session);
        }
        let snapshot = Some(sessions::snapshot(&pool, &agent)?);
        Ok(Response::new(v1::GetSessionResponse { snapshot }))
    }

    async fn set_intent(
        &self,
        request: Request<v1::SetIntentRequest>,
    ) -> Result<Response<v1::SetIntentResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        let command = |by| sessions::set_intent(by, &request);
        let answer = self.carry_out(&metadata, by!(request), command).await?;
        Ok(answer.map(|snapshot| v1::SetIntentResponse { snapshot }))
    }

    async fn accept_offer(
        &self,
        request: Request<v1::AcceptOfferRequest>,
    ) -> Result<Response<v1::AcceptOfferResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        let command = |by| sessions::accept(by, &request);
        let answer = self.carry_out(&metadata, by!(request), command).await?;
        Ok(answer.map(|snapshot| v1::AcceptOfferResponse { snapshot }))
    }

    async fn decline_offer(
        &self,
        request: Request<v1::DeclineOfferRequest>,
    ) -> Result<Response<v1::DeclineOfferResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        let command = |by| sessions::decline(by, &request);
        let answer = self.carry_out(&metadata, by!(request), command).await?;
        Ok(answer.map(|snapshot| v1::DeclineOfferResponse { snapshot }))
    }

    async fn finish_wrap_up(
        &self,
        request: Request<v1::FinishWrapUpRequest>,
    ) -> Result<Response<v1::FinishWrapUpResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        let command = |by| sessions::finish(by, &request);
        let answer = self.carry_out(&metadata, by!(request), command).await?;
        Ok(answer.map(|snapshot| v1::FinishWrapUpResponse { snapshot }))
    }

    async fn extend_wrap_up(
        &self,
        request: Request<v1::ExtendWrapUpRequest>,
    ) -> Result<Response<v1::ExtendWrapUpResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        let command = |by| sessions::extend(by, &request);
        let answer = self.carry_out(&metadata, by!(request), command).await?;
        Ok(answer.map(|snapshot| v1::ExtendWrapUpResponse { snapshot }))
    }

    async fn set_external(
        &self,
        request: Request<v1::SetExternalRequest>,
    ) -> Result<Response<v1::SetExternalResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        let command = |by| Ok(sessions::external(by, &request));
        let answer = self.carry_out(&metadata, by!(request), command).await?;
        Ok(answer.map(|snapshot| v1::SetExternalResponse { snapshot }))
    }

    async fn report_trouble(
        &self,
        request: Request<v1::ReportTroubleRequest>,
    ) -> Result<Response<v1::ReportTroubleResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        let command = |by| sessions::trouble(by, &request);
        let answer = self.carry_out(&metadata, by!(request), command).await?;
        Ok(answer.map(|snapshot| v1::ReportTroubleResponse { snapshot }))
    }

    async fn report_readiness(
        &self,
        request: Request<v1::ReportReadinessRequest>,
    ) -> Result<Response<v1::ReportReadinessResponse>, Status> {
        within(self.desk.times.routing, async {
            let pool = self.desk.pool(request.metadata())?;
            let (agent, check) = convert::readiness::check(request.get_ref())?;
            let check = Box::new(check);
            let command = Command::ReportReadiness {
                agent: agent.clone(),
                check,
            };
            pool.submit(command).await?;
            let readiness = sessions::readiness(&pool, &agent)?;
            Ok(v1::ReportReadinessResponse { readiness })
        })
        .await
    }

    async fn acknowledge_message(
        &self,
        request: Request<v1::AcknowledgeMessageRequest>,
    ) -> Result<Response<v1::AcknowledgeMessageResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        let command = |by| sessions::acknowledge(by, &request);
        let answer = self.carry_out(&metadata, by!(request), command).await?;
        Ok(answer.map(|snapshot| v1::AcknowledgeMessageResponse { snapshot }))
    }

    async fn end_call(
        &self,
        request: Request<v1::EndCallRequest>,
    ) -> Result<Response<v1::EndCallResponse>, Status> {
        let (metadata, _, request) = request.into_parts();
        let command = |by| sessions::end(by, &request);
        let answer = self.carry_out(&metadata, by!(request), command).await?;
        Ok(answer.map(|snapshot| v1::EndCallResponse { snapshot }))
    }
}
