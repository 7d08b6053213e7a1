//! The server as a whole: both listeners, the pools behind them, and an orderly end with a deadline of its own.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use thiserror::Error;
use tokio::{net::TcpListener, task::JoinHandle, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{
    server::NamedService,
    service::Routes,
    transport::{Server as Transport, server::TcpIncoming},
};
use tonic_health::{ServingStatus, server::HealthReporter};
use tracing::{info, warn};

use super::pulse::Pulse;
use crate::{
    api::{
        Desk, Finish, Others, Times, agent_session::AgentSession, directory::Directory,
        planning::Planning, pool::Pools, receipts::Receipts, routing::Routing, schedule::Schedules,
        supervision::Supervision,
    },
    config::{Config, Unauthenticated},
    console, demand,
    engine::{self, alarm::Thresholds, ids::PoolId},
    metrics,
    peers::{Forward, Guard, OtherPools, Peers},
    pool::registry::{OpenError, PoolLimits, Registry},
    proto::{
        DESCRIPTORS,
        v1::{
            agent_session_service_server::AgentSessionServiceServer,
            directory_service_server::DirectoryServiceServer,
            planning_service_server::PlanningServiceServer, pool_service_server::PoolServiceServer,
            routing_service_server::RoutingServiceServer,
            schedule_service_server::ScheduleServiceServer,
            supervision_service_server::SupervisionServiceServer,
        },
    },
    store::{Store, shared::Shared},
};

/// The server pings idle connections this often: paths through home routers close without.
const KEEPALIVE: Duration = Duration::from_secs(20);
/// Largest headers of a request.
const HEADERS_MAX: u32 = 16 * 1024;

/// Why a server did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// An address cannot be listened on.
    #[error(
        "`{setting}` is {address}, which cannot be listened on: {problem}; give a free port, or 0 for any"
    )]
    Address {
        setting: &'static str,
        address: SocketAddr,
        problem: std::io::Error,
    },
    /// A pool cannot be opened.
    #[error("pool `{pool}` cannot be opened from the store: {problem}")]
    Pool { pool: PoolId, problem: OpenError },
    /// The store cannot be read.
    #[error("the store cannot be read: {0}")]
    Store(OpenError),
    /// Metrics or reflection cannot be set up.
    #[error("{0}")]
    SetUp(String),
}

/// A running server.
pub struct Server {
    grpc: SocketAddr,
    http: SocketAddr,
    desk: Desk,
    health: HealthReporter,
    deadline: Duration,
    /// Ends the listeners: connections finish what is under way.
    drain: CancellationToken,
    /// Whether other processes take over what this one gives up.
    is_shared: bool,
    tasks: Vec<JoinHandle<()>>,
}

impl Server {
    /// Opens the pools, then listens.
    ///
    /// # Errors
    /// If an address cannot be listened on, or a stored pool cannot be opened.
    pub async fn start(
        config: &Config,
        store: Arc<dyn Store>,
        receipts: Receipts,
    ) -> Result<Self, StartError> {
        Self::start_with(config, store, receipts, Times::default()).await
    }

    /// The same with other limits of time.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub async fn start_with(
        config: &Config,
        store: Arc<dyn Store>,
        receipts: Receipts,
        times: Times,
    ) -> Result<Self, StartError> {
        metrics::install().map_err(|error| StartError::SetUp(error.to_string()))?;
        let grpc = listen("server.grpc", config.server.grpc).await?;
        let http = listen("server.http", config.server.http).await?;
        let (grpc_address, http_address) = (address_of(&grpc)?, address_of(&http)?);
        let drain = CancellationToken::new();
        let stopping = CancellationToken::new();
        let sharing = share(config, &store).await?;
        let registry = Arc::new(match &sharing {
            Some((shared, _)) => Registry::sharing(Arc::clone(shared), limits(config)),
            None => Registry::new(store, limits(config)),
        });
        let peers = sharing
            .is_some()
            .then(|| peers(config, &registry, &stopping, &drain));
        let others = peers.as_ref();
        let others = others.map(|peers| Arc::new(OtherPools(Arc::clone(peers))) as Arc<dyn Others>);
        if config.security.unauthenticated == Unauthenticated::PrivateTestNetwork {
            warn!(
                "`security.unauthenticated` is \"private-test-network\": whoever reaches the ports may do anything"
            );
        }
        let desk = Desk {
            registry: Arc::clone(&registry),
            others,
            receipts,
            times,
            stopping,
            streams: TaskTracker::new(),
        };
        let (health, routes) = routes(&desk, config).await?;
        let console = console::router(console_setup(&desk, routes.clone(), config));
        let is_shared = sharing.is_some();
        let mut tasks = Vec::new();
        if let (Some((_, port)), Some(peers)) = (sharing, &peers) {
            let guard = Guard::new(Arc::clone(peers));
            let port = serve_peers(port, routes.clone(), guard, drain.clone());
            tasks.push(tokio::spawn(port));
            tasks.push(tokio::spawn(Arc::clone(peers).keep()));
        }
        open(&registry, is_shared).await?;
        tasks.extend([
            tokio::spawn(serve_grpc(
                grpc,
                routes,
                (Finish::default(), Forward::new(peers)),
                config.limits.streams_per_connection,
                drain.clone(),
            )),
            tokio::spawn(serve_http(http, console, drain.clone())),
            tokio::spawn(keep_metrics(drain.clone())),
            tokio::spawn(demand::watch(Arc::clone(&registry), drain.clone())),
        ]);
        info!(grpc = %grpc_address, http = %http_address, "the server is ready");
        Ok(Self {
            grpc: grpc_address,
            http: http_address,
            desk,
            health,
            deadline: Duration::from_millis(config.server.shutdown_ms),
            drain,
            is_shared,
            tasks,
        })
    }

    /// Where the gRPC API listens.
    pub fn grpc(&self) -> SocketAddr {
        self.grpc
    }

    /// Where the console, metrics and health listen.
    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// What tells whether it really works.
    pub fn pulse(&self) -> Pulse {
        Pulse::new(self.grpc, Arc::clone(&self.desk.registry))
    }

    /// Ends in order: nothing new, streams told and closed, what waits stored, pools given back. The transport's own
    /// orderly end can hang, so all of it has one deadline. Answers whether it was met.
    pub async fn shutdown(self) -> bool {
        let deadline = self.deadline;
        let tasks: Vec<_> = self.tasks.iter().map(JoinHandle::abort_handle).collect();
        let registry = Arc::clone(&self.desk.registry);
        let met = timeout(deadline, self.end()).await.is_ok();
        for task in tasks {
            task.abort();
        }
        if !met {
            warn!("the end took too long: connections were cut");
            // Whatever was accepted is stored even then, unless the store itself is in the way.
            return timeout(deadline, registry.close()).await.is_ok();
        }
        met
    }

    async fn end(self) {
        self.desk.registry.begin_end();
        for service in SERVICES {
            self.health
                .set_service_status(*service, ServingStatus::NotServing)
                .await;
        }
        self.desk.stopping.cancel();
        if self.is_shared {
            // Others go on at once; what still comes here is passed on to them.
            self.desk.registry.close().await;
        }
        self.desk.streams.close();
        // A client that does not read must not use up the time of all others.
        let _some_do_not_read = timeout(self.deadline / 2, self.desk.streams.wait()).await;
        self.drain.cancel();
        for task in self.tasks {
            let _ended = task.await;
        }
        self.desk.registry.close().await;
        info!("the server ended in order");
    }
}

/// The store as processes share it, and the port for them, if the settings say so.
async fn share(
    config: &Config,
    store: &Arc<dyn Store>,
) -> Result<Option<(Arc<dyn Shared>, TcpListener)>, StartError> {
    let Some(address) = config.peers.listen else {
        return Ok(None);
    };
    let Some(shared) = Arc::clone(store).shared() else {
        return Ok(None);
    };
    let port = listen("peers.listen", address).await?;
    let own = address_of(&port)?.to_string();
    let advertised = &config.peers.advertise;
    shared.join(if advertised.is_empty() {
        &own
    } else {
        advertised
    });
    Ok(Some((shared, port)))
}

/// The other processes on the same store.
fn peers(
    config: &Config,
    registry: &Arc<Registry>,
    stopping: &CancellationToken,
    drain: &CancellationToken,
) -> Arc<Peers> {
    Arc::new(Peers::new(
        Arc::clone(registry),
        config.peers.secret.reveal(),
        config.limits.message_bytes,
        stopping.clone(),
        drain.clone(),
    ))
}

/// Opens what is stored: all of it, or what nobody else has.
async fn open(registry: &Arc<Registry>, is_shared: bool) -> Result<(), StartError> {
    if is_shared {
        return registry.share().await.map_err(StartError::Store);
    }
    let opened = registry.open_stored().await;
    opened.map_err(|(pool, problem)| match pool {
        Some(pool) => StartError::Pool { pool, problem },
        None => StartError::Store(problem),
    })
}

const SERVICES: &[&str] = &[
    "",
    RoutingServiceServer::<Routing>::NAME,
    AgentSessionServiceServer::<AgentSession>::NAME,
    DirectoryServiceServer::<Directory>::NAME,
    PoolServiceServer::<Pools>::NAME,
    SupervisionServiceServer::<Supervision>::NAME,
    PlanningServiceServer::<Planning>::NAME,
    ScheduleServiceServer::<Schedules>::NAME,
];

fn limits(config: &Config) -> PoolLimits {
    let limits = &config.limits;
    PoolLimits {
        engine: engine::Limits {
            agents: limits.agents,
            live_calls: limits.live_calls,
            tombstones: limits.tombstones,
            skills: limits.skills,
            platforms: limits.platforms,
            arrival_days: config.records.arrival_days,
        },
        waiting_commands: limits.waiting_commands,
        pools: limits.pools,
        details_kept_ms: config.records.keep_days * 86_400_000,
    }
}

async fn listen(setting: &'static str, address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|problem| StartError::Address {
            setting,
            address,
            problem,
        })
}

fn address_of(listener: &TcpListener) -> Result<SocketAddr, StartError> {
    let address = listener.local_addr();
    address.map_err(|error| StartError::SetUp(error.to_string()))
}

async fn routes(desk: &Desk, config: &Config) -> Result<(HealthReporter, Routes), StartError> {
    let (health, health_service) = tonic_health::server::health_reporter();
    for service in SERVICES {
        health
            .set_service_status(*service, ServingStatus::Serving)
            .await;
    }
    let reflection = || {
        tonic_reflection::server::Builder::configure()
            .register_encoded_file_descriptor_set(DESCRIPTORS)
            .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
            .register_encoded_file_descriptor_set(tonic_types::pb::FILE_DESCRIPTOR_SET)
    };
    let failed = |error: tonic_reflection::server::Error| StartError::SetUp(error.to_string());
    let bytes = config.limits.message_bytes;
    let desk = || desk.clone();
    let routes = Routes::new(health_service)
        .add_service(reflection().build_v1().map_err(failed)?)
        .add_service(reflection().build_v1alpha().map_err(failed)?)
        .add_service(
            RoutingServiceServer::new(Routing::new(desk())).max_decoding_message_size(bytes),
        )
        .add_service(
            AgentSessionServiceServer::new(AgentSession::new(desk()))
                .max_decoding_message_size(bytes),
        )
        .add_service(
            DirectoryServiceServer::new(Directory::new(desk())).max_decoding_message_size(bytes),
        )
        .add_service(PoolServiceServer::new(Pools::new(desk())).max_decoding_message_size(bytes))
        .add_service(
            SupervisionServiceServer::new(Supervision::new(desk()))
                .max_decoding_message_size(bytes),
        )
        .add_service(
            PlanningServiceServer::new(Planning::new(desk())).max_decoding_message_size(bytes),
        )
        .add_service(
            ScheduleServiceServer::new(Schedules::new(desk())).max_decoding_message_size(bytes),
        );
    Ok((health, routes))
}

/// What both gRPC ports keep to.
fn transport() -> Transport {
    Transport::builder()
        .http2_keepalive_interval(Some(KEEPALIVE))
        .http2_keepalive_timeout(Some(KEEPALIVE))
        .http2_max_header_list_size(HEADERS_MAX)
}

async fn serve_grpc(
    listener: TcpListener,
    routes: Routes,
    (finish, forward): (Finish, Forward),
    streams: u32,
    drain: CancellationToken,
) {
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let ended = transport()
        .max_concurrent_streams(streams)
        .layer(finish)
        .layer(forward)
        .add_routes(routes)
        .serve_with_incoming_shutdown(incoming, drain.cancelled_owned())
        .await;
    if let Err(problem) = ended {
        warn!(%problem, "the gRPC listener ended");
    }
}

/// Serves the other processes.
async fn serve_peers(
    listener: TcpListener,
    routes: Routes,
    guard: Guard,
    drain: CancellationToken,
) {
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    let ended = transport()
        .layer(guard)
        .add_routes(routes)
        .serve_with_incoming_shutdown(incoming, drain.cancelled_owned())
        .await;
    if let Err(problem) = ended {
        warn!(%problem, "the port for other processes ended");
    }
}

fn console_setup(desk: &Desk, services: Routes, config: &Config) -> console::Setup {
    let board = &config.board;
    console::Setup {
        registry: Arc::clone(&desk.registry),
        services,
        thresholds: Thresholds {
            wait_warning_percent: board.wait_warning_percent,
            wait_critical_percent: board.wait_critical_percent,
            level_critical_points: board.level_critical_points,
        },
        names: config.server.http_names.clone(),
        stopping: desk.stopping.clone(),
        streams: desk.streams.clone(),
    }
}

async fn serve_http(listener: TcpListener, console: Router, drain: CancellationToken) {
    let served = axum::serve(listener, console)
        .with_graceful_shutdown(drain.cancelled_owned())
        .await;
    if let Err(problem) = served {
        warn!(%problem, "the HTTP listener ended");
    }
}

async fn keep_metrics(drain: CancellationToken) {
    let mut period = tokio::time::interval(metrics::UPKEEP_EVERY);
    loop {
        tokio::select! {
            _ = period.tick() => metrics::upkeep(),
            () = drain.cancelled() => return,
        }
    }
}
