//! `DirectoryService`: what administrators and HR feeds call.

use tonic::{Request, Response, Status};

use super::{
    changes, convert,
    desk::{Desk, within},
    paging,
    status::Problem,
};
use crate::{
    engine::{AgentCounts, command::Command, event::Event, ids::AgentId, rejection::Rejection},
    pool::{Pool, PoolError, change::After},
    proto::v1::{self, directory_service_server::DirectoryService},
};

/// The service.
pub struct Directory {
    desk: Desk,
}

impl Directory {
    /// At this desk.
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }
}

#[tonic::async_trait]
impl DirectoryService for Directory {
    async fn apply_agents(
        &self,
        request: Request<v1::ApplyAgentsRequest>,
    ) -> Result<Response<v1::ApplyAgentsResponse>, Status> {
        within(self.desk.times.admin, async {
            let pool = self.desk.pool(request.metadata())?;
            let (metadata, _, mut request) = request.into_parts();
            let once = changes::once(&metadata, &mut request)?;
            let (agents, fields) = convert::agents::profiles(&request)?;
            if request.validate_only {
                let check = pool.read(move |engine| engine.check_agents(&agents, fields));
                let counts = check.await?.map_err(PoolError::Rejected)?;
                return Ok(response(counts));
            }
            let total = agents.len();
            let command = Command::ApplyAgents { agents, fields };
            let answer = move |after: &After<'_>| response(applied(after.events(), total));
            changes::carry_out(&pool, once, command, answer).await
        })
        .await
    }

    async fn get_agent(
        &self,
        request: Request<v1::GetAgentRequest>,
    ) -> Result<Response<v1::GetAgentResponse>, Status> {
        let pool = self.desk.pool(request.metadata())?;
        let id = convert::agent_id(&request.get_ref().agent_id)?;
        let row = pool.view().read().agent(&id).cloned();
        let row = row.ok_or_else(|| Problem::from(Rejection::UnknownAgent(id)))?;
        let agent = Some(convert::agents::agent(&row));
        Ok(Response::new(v1::GetAgentResponse { agent }))
    }

    async fn list_agents(
        &self,
        request: Request<v1::ListAgentsRequest>,
    ) -> Result<Response<v1::ListAgentsResponse>, Status> {
        let pool = self.desk.pool(request.metadata())?;
        Ok(Response::new(list(&pool, request.get_ref())?))
    }

    async fn delete_agent(
        &self,
        request: Request<v1::DeleteAgentRequest>,
    ) -> Result<Response<v1::DeleteAgentResponse>, Status> {
        within(self.desk.times.admin, async {
            let pool = self.desk.pool(request.metadata())?;
            let (metadata, _, mut request) = request.into_parts();
            let once = changes::once(&metadata, &mut request)?;
            let agent = convert::agent_id(&request.agent_id)?;
            let drain = request.drain;
            let command = Command::DeleteAgent {
                agent: agent.clone(),
                drain,
            };
            changes::carry_out(&pool, once, command, move |after| v1::DeleteAgentResponse {
                draining: drain && !is_deleted(after.events(), &agent),
            })
            .await
        })
        .await
    }
}

/// How many of `total` agents a command created and changed.
fn applied(events: &[Event], total: usize) -> AgentCounts {
    let of = |wanted: bool| {
        let events = events.iter();
        let hits = events.filter(
            |event| matches!(event, Event::AgentApplied { created, .. } if *created == wanted),
        );
        hits.count()
    };
    let (created, updated) = (of(true), of(false));
    AgentCounts {
        created,
        updated,
        unchanged: total.saturating_sub(created + updated),
    }
}

fn response(counts: AgentCounts) -> v1::ApplyAgentsResponse {
    v1::ApplyAgentsResponse {
        created_count: count(counts.created),
        updated_count: count(counts.updated),
        unchanged_count: count(counts.unchanged),
    }
}

fn is_deleted(events: &[Event], id: &AgentId) -> bool {
    let is_it = |event: &Event| matches!(event, Event::AgentDeleted { agent } if agent == id);
    events.iter().any(is_it)
}

fn list(pool: &Pool, request: &v1::ListAgentsRequest) -> Result<v1::ListAgentsResponse, Problem> {
    let size = paging::size(request.page_size)?;
    let after: Option<String> = paging::place(&request.team, &request.page_token)?;
    let after = after.map(AgentId::new);
    let team = convert::agents::team(&request.team);
    let state = pool.view().read();
    let agents = state.agents_after(after.as_ref());
    let agents = agents.filter(|(_, row)| {
        team.as_ref()
            .is_none_or(|team| row.value.profile.team == *team)
    });
    let mut rows: Vec<_> = agents.map(|(_, row)| row.clone()).take(size + 1).collect();
    drop(state);
    let next = paging::cut(&mut rows, size, |row| row.value.profile.id.to_string());
    Ok(v1::ListAgentsResponse {
        agents: rows.iter().map(convert::agents::agent).collect(),
        next_page_token: next
            .map(|place| paging::token(&request.team, &place))
            .unwrap_or_default(),
    })
}

fn count(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}
