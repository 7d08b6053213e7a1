//! `homeshore healthcheck`: asks a server whether it serves, for whoever starts processes.

use std::{process::ExitCode, time::Duration};

use anyhow::Context;
use clap::Args;
use tonic::transport::Endpoint;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};

use super::config::say_problems;
use crate::config::{Config, Sources};

/// How long the server may take to answer.
const LIMIT: Duration = Duration::from_secs(5);

/// Asks a server on this machine whether it serves.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  homeshore healthcheck
  homeshore healthcheck --grpc 127.0.0.1:50051

Exit codes: 0 it serves; 1 it does not, or cannot be reached.")]
pub(super) struct HealthcheckArgs {
    /// Address of the gRPC API; `server.grpc` of the settings if it is not given.
    #[arg(long, value_name = "ADDR")]
    pub(super) grpc: Option<String>,
}

/// Asks, and answers the exit code.
///
/// # Errors
/// If the server cannot be reached or does not serve.
pub(super) async fn run(args: HealthcheckArgs) -> anyhow::Result<ExitCode> {
    let address = match args.grpc {
        Some(address) => address,
        None => match Config::load(&Sources::of_process(None)) {
            Ok(config) => config.server.grpc.to_string(),
            Err(problems) => {
                say_problems(&problems);
                return Ok(ExitCode::from(2));
            }
        },
    };
    let status = tokio::time::timeout(LIMIT, ask(&format!("http://{address}"))).await;
    let status = status.with_context(|| format!("{address} does not answer within 5 s"))?;
    let status = status.with_context(|| format!("{address} cannot be asked"))?;
    anyhow::ensure!(status == ServingStatus::Serving, "{address} is not serving");
    Ok(ExitCode::SUCCESS)
}

/// What the server at this address says of itself.
pub(super) async fn ask(url: &str) -> anyhow::Result<ServingStatus> {
    let channel = Endpoint::from_shared(url.to_owned())?.connect().await?;
    let request = HealthCheckRequest {
        service: String::new(),
    };
    let answer = HealthClient::new(channel).check(request).await?;
    Ok(answer.into_inner().status())
}
