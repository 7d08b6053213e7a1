//! `homeshore serve`: runs the server until it is told to end.

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context;
use clap::Args;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{info, warn};

use super::{config::say_problems, keys, manager::Manager, server::Server, storage};
use crate::{
    clock,
    config::{Config, Sources},
    engine::ids::WallTime,
    telemetry,
};

/// Runs the server.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  homeshore serve
  homeshore serve --data /var/lib/homeshore --grpc 127.0.0.1:0 --http 127.0.0.1:0
  homeshore serve --redis redis-sentinel://10.0.0.1:26379,10.0.0.2:26379,10.0.0.3:26379/main
  homeshore serve --redis redis://10.0.0.5:6379 --peers 10.0.0.7:50052
  HOMESHORE_LOGS_FORMAT=json homeshore serve --config homeshore.toml

Prints the addresses and `ready` on stdout, everything else on stderr. SIGTERM and SIGINT end it in order.")]
pub(super) struct ServeArgs {
    /// Settings that override the defaults; `homeshore config check` shows all of them.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Folder of the embedded store; overrides `storage.data`.
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// Redis to keep pools on instead of the folder; overrides `storage.redis`. Give the password as the variable
    /// `HOMESHORE_STORAGE_REDIS_PASSWORD`: others see what is given here.
    #[arg(long, value_name = "URL")]
    pub(super) redis: Option<String>,
    /// Address of the port for other servers on the same Redis; overrides `peers.listen`. Give the secret as the variable
    /// `HOMESHORE_PEERS_SECRET`.
    #[arg(long, value_name = "ADDR")]
    pub(super) peers: Option<String>,
    /// Address of the gRPC API; overrides `server.grpc`. Port 0 picks a free one.
    #[arg(long, value_name = "ADDR")]
    pub(super) grpc: Option<String>,
    /// Address of metrics and health; overrides `server.http`. Port 0 picks a free one.
    #[arg(long, value_name = "ADDR")]
    pub(super) http: Option<String>,
}

/// Runs the server until a signal, and answers the exit code.
///
/// # Errors
/// If it cannot start; the text names the setting.
pub(super) async fn run(args: ServeArgs) -> anyhow::Result<ExitCode> {
    let data = args.data.map(|data| data.display().to_string());
    let sources = Sources::of_process(args.config.as_deref())
        .with("--data", "storage.data", data)
        .with("--redis", "storage.redis", args.redis)
        .with("--peers", "peers.listen", args.peers)
        .with("--grpc", "server.grpc", args.grpc)
        .with("--http", "server.http", args.http);
    let config = match Config::load(&sources) {
        Ok(config) => config,
        Err(problems) => {
            say_problems(&problems);
            return Ok(ExitCode::from(2));
        }
    };
    telemetry::start(&config.logs);
    if let Some(start) = config.clock.start {
        clock::start_at(WallTime(start.as_millisecond()));
        warn!("the calendar began at {start}, by the setting `clock.start`");
    }
    let store = storage::open(&config).await?;
    let receipts = keys::load(&config)?;
    let server = Server::start(&config, store, receipts).await?;
    // Before anybody is told that it runs: who was told may end it.
    let signals = Signals::listen()?;
    announce(server.grpc(), server.http()).context("the addresses cannot be printed")?;
    let manager = Manager::of(&sources);
    manager.ready();
    let pulse = server.pulse();
    tokio::select! {
        () = signals.next() => {}
        () = manager.keep_watch(&pulse) => {}
    }
    info!("the server ends");
    manager.stopping();
    tokio::spawn(end_at_once_on_second_signal());
    server.shutdown().await;
    Ok(ExitCode::SUCCESS)
}

/// Says where the server listens, on stdout, for whoever started it.
fn announce(grpc: SocketAddr, http: SocketAddr) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "grpc listening on http://{grpc}")?;
    writeln!(out, "http listening on http://{http}")?;
    writeln!(out, "ready")?;
    out.flush()
}

/// SIGTERM and SIGINT, heard from the moment it is made.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

async fn end_at_once_on_second_signal() {
    if let Ok(signals) = Signals::listen() {
        signals.next().await;
        warn!("a second signal: the server ends at once");
        std::process::exit(1);
    }
}
