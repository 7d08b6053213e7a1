//! Connections to a server: one channel, and a client a service with the pool named in each request.

use std::time::Duration;

use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};

use super::{Common, error::CliError};
use crate::proto::v1::{
    agent_session_service_client::AgentSessionServiceClient,
    directory_service_client::DirectoryServiceClient,
    planning_service_client::PlanningServiceClient, pool_service_client::PoolServiceClient,
    routing_service_client::RoutingServiceClient, schedule_service_client::ScheduleServiceClient,
    supervision_service_client::SupervisionServiceClient,
};

/// The metadata that names the pool.
const POOL_KEY: &str = "homeshore-pool";
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
const KEEPALIVE: Duration = Duration::from_secs(10);
/// A server allows some 200 streams a connection; agents of synthetic crowds share connections below that.
const STREAMS_PER_CHANNEL: usize = 100;

/// A channel that names the pool in each request.
pub(super) type PoolChannel = InterceptedService<Channel, PoolTag>;

/// Adds the pool to each request.
#[derive(Clone, Debug)]
pub(super) struct PoolTag(MetadataValue<Ascii>);

impl Interceptor for PoolTag {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert(POOL_KEY, self.0.clone());
        Ok(request)
    }
}

/// Clients of one server and one pool.
#[derive(Clone, Debug)]
pub(super) struct Clients {
    endpoint: Endpoint,
    channel: Channel,
    tag: PoolTag,
    pool: String,
}

impl Clients {
    /// Connects, so that a server that is not there is known at once.
    pub(super) async fn connect(common: &Common) -> Result<Self, CliError> {
        Self::to(&common.server, &common.pool).await
    }

    /// Connects to `server` for `pool`.
    pub(super) async fn to(server: &str, pool: &str) -> Result<Self, CliError> {
        let endpoint = endpoint(server)?;
        let tag = MetadataValue::try_from(pool).map_err(|_| {
            CliError::Input(format!(
                "`--pool {pool}` is not a pool id: give letters, digits and hyphens"
            ))
        })?;
        let channel = endpoint
            .connect()
            .await
            .map_err(|problem| CliError::Unreachable {
                server: server.to_owned(),
                why: root_cause(&problem),
            })?;
        Ok(Self {
            endpoint,
            channel,
            tag: PoolTag(tag),
            pool: pool.to_owned(),
        })
    }

    /// The pool that is named in each request.
    pub(super) fn pool(&self) -> &str {
        &self.pool
    }

    /// Enough sets of clients on connections of their own for `streams` long streams.
    pub(super) fn spread(&self, streams: usize) -> Vec<Self> {
        let fresh = || Self {
            channel: self.endpoint.connect_lazy(),
            ..self.clone()
        };
        (0..streams.div_ceil(STREAMS_PER_CHANNEL))
            .map(|_| fresh())
            .collect()
    }

    fn tagged(&self) -> PoolChannel {
        InterceptedService::new(self.channel.clone(), self.tag.clone())
    }

    /// The client of platforms.
    pub(super) fn routing(&self) -> RoutingServiceClient<PoolChannel> {
        RoutingServiceClient::new(self.tagged())
    }

    /// The client of agents.
    pub(super) fn sessions(&self) -> AgentSessionServiceClient<PoolChannel> {
        AgentSessionServiceClient::new(self.tagged())
    }

    /// The client of administrators of agents.
    pub(super) fn directory(&self) -> DirectoryServiceClient<PoolChannel> {
        DirectoryServiceClient::new(self.tagged())
    }

    /// The client of administrators of pools.
    pub(super) fn pools(&self) -> PoolServiceClient<PoolChannel> {
        PoolServiceClient::new(self.tagged())
    }

    /// The client of planners.
    pub(super) fn schedules(&self) -> ScheduleServiceClient<PoolChannel> {
        ScheduleServiceClient::new(self.tagged())
    }

    /// The client of those who plan with arrivals.
    pub(super) fn planning(&self) -> PlanningServiceClient<PoolChannel> {
        PlanningServiceClient::new(self.tagged())
    }

    /// The client of boards.
    pub(super) fn supervision(&self) -> SupervisionServiceClient<PoolChannel> {
        SupervisionServiceClient::new(self.tagged())
    }
}

/// Refuses what is no server's address.
pub(super) fn check_address(server: &str) -> Result<(), CliError> {
    endpoint(server).map(|_| ())
}

fn endpoint(server: &str) -> Result<Endpoint, CliError> {
    let wrong = || {
        CliError::Input(format!(
            "`{server}` is not a server's address: write it like `http://127.0.0.1:50051`"
        ))
    };
    if !server.starts_with("http://") {
        return Err(wrong());
    }
    let endpoint = Endpoint::from_shared(server.to_owned()).map_err(|_| wrong())?;
    Ok(endpoint
        .connect_timeout(CONNECT_LIMIT)
        .tcp_nodelay(true)
        .http2_keep_alive_interval(KEEPALIVE)
        .keep_alive_timeout(KEEPALIVE))
}

/// The innermost source says what happened; the outer ones only say "transport error".
fn root_cause(problem: &dyn std::error::Error) -> String {
    let mut cause = problem;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::endpoint;

    #[test]
    fn an_address_must_be_a_plain_http_url() {
        for bad in [
            "",
            "127.0.0.1:50051",
            "https://host:1",
            "http://",
            "http://a b",
        ] {
            let problem = endpoint(bad).expect_err(bad).to_string();
            assert!(
                problem.contains("http://127.0.0.1:50051"),
                "{bad}: {problem}"
            );
        }
        assert!(endpoint("http://localhost:50051").is_ok());
    }
}
