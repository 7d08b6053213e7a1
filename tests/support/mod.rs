//! A real server in the test's own process or as a child, on free ports, and clients for it.

mod agents;
mod platforms;
pub(crate) mod program;
pub(crate) mod redis;
pub(crate) mod replicas;
pub(crate) mod tools;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use homeshore::{
    api::{
        Times,
        receipts::{KEY_BYTES, Key, Receipts},
    },
    cli::server::Server,
    config::{Config, Sources},
    proto::v1::{
        self, agent_session_service_client::AgentSessionServiceClient,
        directory_service_client::DirectoryServiceClient,
        planning_service_client::PlanningServiceClient, pool_service_client::PoolServiceClient,
        routing_service_client::RoutingServiceClient,
        supervision_service_client::SupervisionServiceClient,
    },
    store::{Store, memory::Memory},
};
use tonic::{
    Status,
    transport::{Channel, Endpoint},
};
use tonic_types::StatusExt;

pub(crate) use agents::Desktop;
pub(crate) use platforms::Platform;

/// Nothing in these tests takes longer.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// A server and a connection to it.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) store: Memory,
    pub(crate) channel: Channel,
}

/// Settings for a test: the defaults, on free ports.
pub(crate) fn settings() -> Config {
    let sources = Sources::default()
        .with("--grpc", "server.grpc", Some("127.0.0.1:0".to_owned()))
        .with("--http", "server.http", Some("127.0.0.1:0".to_owned()));
    Config::load(&sources).unwrap()
}

impl World {
    /// A server on an empty store.
    pub(crate) async fn start() -> Self {
        Self::start_with(Memory::default(), &settings(), Times::default()).await
    }

    /// A server on this store, with these settings and limits of time.
    pub(crate) async fn start_with(store: Memory, config: &Config, times: Times) -> Self {
        let shared: Arc<dyn Store> = Arc::new(store.clone());
        let server = Server::start_with(config, shared, receipts(), times);
        let server = server.await.unwrap();
        let channel = connect(&server).await;
        Self {
            server,
            store,
            channel,
        }
    }

    /// A server with one pool, `default`: a queue `sales` and the agents `ann` and `bob`.
    pub(crate) async fn with_agents() -> Self {
        let world = Self::start().await;
        world.apply_pool(pool()).await.unwrap();
        world
            .apply_agents(vec![agent("ann"), agent("bob")])
            .await
            .unwrap();
        world
    }

    pub(crate) fn routing(&self) -> RoutingServiceClient<Channel> {
        RoutingServiceClient::new(self.channel.clone())
    }

    pub(crate) fn sessions(&self) -> AgentSessionServiceClient<Channel> {
        AgentSessionServiceClient::new(self.channel.clone())
    }

    pub(crate) fn directory(&self) -> DirectoryServiceClient<Channel> {
        DirectoryServiceClient::new(self.channel.clone())
    }

    pub(crate) fn pools(&self) -> PoolServiceClient<Channel> {
        PoolServiceClient::new(self.channel.clone())
    }

    pub(crate) fn supervision(&self) -> SupervisionServiceClient<Channel> {
        SupervisionServiceClient::new(self.channel.clone())
    }

    pub(crate) fn planning(&self) -> PlanningServiceClient<Channel> {
        PlanningServiceClient::new(self.channel.clone())
    }

    pub(crate) async fn apply_pool(&self, pool: v1::Pool) -> Result<v1::ApplyPoolResponse, Status> {
        let request = v1::ApplyPoolRequest {
            request_id: String::new(),
            pool: Some(pool),
            validate_only: false,
        };
        Ok(self.pools().apply_pool(request).await?.into_inner())
    }

    pub(crate) async fn apply_agents(
        &self,
        agents: Vec<v1::Agent>,
    ) -> Result<v1::ApplyAgentsResponse, Status> {
        let request = v1::ApplyAgentsRequest {
            agents,
            ..v1::ApplyAgentsRequest::default()
        };
        Ok(self.directory().apply_agents(request).await?.into_inner())
    }

    /// A page of the HTTP port: its status and body.
    pub(crate) async fn http(&self, path: &str) -> (u16, String) {
        get(&self.server.http().to_string(), path).await
    }
}

/// A page of an HTTP server on this machine: its status and body.
pub(crate) async fn get(address: &str, path: &str) -> (u16, String) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let address = address.trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    // The old version has no chunks.
    let request = format!("GET {path} HTTP/1.0\r\nhost: localhost\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let status = answer[9..12].parse().unwrap();
    let body = answer.split_once("\r\n\r\n").unwrap().1;
    (status, body.to_owned())
}

/// What signs the receipts of a test's server.
pub(crate) fn receipts() -> Receipts {
    Receipts::new(Key::new([7; KEY_BYTES]), None)
}

/// A request to the pool `north`.
pub(crate) fn in_north<T>(message: T) -> tonic::Request<T> {
    to_pool("north", message)
}

/// A request to this pool.
pub(crate) fn to_pool<T>(pool: &str, message: T) -> tonic::Request<T> {
    let mut request = tonic::Request::new(message);
    let pool = pool.parse().unwrap();
    request.metadata_mut().insert("homeshore-pool", pool);
    request
}

/// A connection of its own.
pub(crate) async fn connect(server: &Server) -> Channel {
    let url = format!("http://{}", server.grpc());
    Endpoint::from_shared(url).unwrap().connect().await.unwrap()
}

/// A connection that takes little before it is read.
pub(crate) async fn connect_narrow(server: &Server) -> Channel {
    let url = format!("http://{}", server.grpc());
    let endpoint = Endpoint::from_shared(url).unwrap();
    let endpoint = endpoint.initial_stream_window_size(Some(16_384));
    endpoint.connect().await.unwrap()
}

/// The pool `default` with the queue `sales`, for anyone who speaks French.
pub(crate) fn pool() -> v1::Pool {
    v1::Pool {
        id: "default".to_owned(),
        queues: vec![queue("sales")],
        ..v1::Pool::default()
    }
}

/// A queue for anyone who speaks French.
pub(crate) fn queue(id: &str) -> v1::Queue {
    v1::Queue {
        id: id.to_owned(),
        target: Some(prost_types::Duration {
            seconds: 20,
            nanos: 0,
        }),
        rings: vec![v1::Ring {
            skills: vec![french(1)],
            ..v1::Ring::default()
        }],
        ..v1::Queue::default()
    }
}

/// The skill that everyone here has.
pub(crate) fn french(level: i32) -> v1::SkillLevel {
    v1::SkillLevel {
        skill: "french".to_owned(),
        level,
    }
}

/// An agent at home who speaks French.
pub(crate) fn agent(id: &str) -> v1::Agent {
    v1::Agent {
        id: id.to_owned(),
        display_name: format!("Agent {id}"),
        skills: vec![french(3)],
        site: Some(v1::Site {
            id: format!("home-{id}"),
            kind: v1::SiteKind::Home.into(),
            ..v1::Site::default()
        }),
        address: format!("sip:{id}@example.com"),
        team: "north".to_owned(),
        ..v1::Agent::default()
    }
}

/// A call for `sales` as a unary platform hands it over.
pub(crate) fn call(id: &str) -> v1::RouteCallRequest {
    v1::RouteCallRequest {
        call_id: id.to_owned(),
        queue: "sales".to_owned(),
        platform: "pbx".to_owned(),
        instance: "one".to_owned(),
        attributes: BTreeMap::from([("reason".to_owned(), "a new contract".to_owned())]),
        ..v1::RouteCallRequest::default()
    }
}

/// Code, reason and the fields at fault.
pub(crate) fn told(status: &Status) -> (tonic::Code, String, Vec<String>) {
    let details = status.get_error_details();
    let info = details.error_info();
    let info = info.unwrap_or_else(|| panic!("no ErrorInfo in {status:?}"));
    assert_eq!(info.domain, "homeshore.v1");
    let fields = details.bad_request().map_or_else(Vec::new, |bad| {
        bad.field_violations
            .iter()
            .map(|v| v.field.clone())
            .collect()
    });
    (status.code(), info.reason.clone(), fields)
}

/// Waits for what must come in time.
pub(crate) async fn in_time<T>(what: &str, work: impl Future<Output = T>) -> T {
    let outcome = tokio::time::timeout(LIMIT, work).await;
    outcome.unwrap_or_else(|_| panic!("{what} did not come in time"))
}
