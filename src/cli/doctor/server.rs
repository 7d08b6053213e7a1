//! The server, if one runs: whether it serves, is ready, has the pool, and goes by the same time.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::{Finding, fail, ok, warn};
use crate::{
    cli::{Common, board::ms, client::Clients, error::CliError},
    clock,
    config::Config,
    proto::v1::{GetPoolNumbersRequest, ListPoolsRequest},
};

/// How long anything of it may take.
const LIMIT: Duration = Duration::from_secs(3);
/// The clocks of client and server may be so far apart; more is an alarm of the server too.
const SKEW_GOOD_MS: u64 = 1_000;
const SKEW_MOST_MS: u64 = 5_000;

/// Looks at the server.
pub(super) async fn look(common: &Common, config: &Config) -> Vec<Finding> {
    let about = "server";
    let clients = match Clients::connect(common).await {
        Ok(clients) => clients,
        Err(problem @ CliError::Unreachable { .. }) => {
            let to_do = "start one with `homeshore serve`, or name another with --server, HOMESHORE_SERVER or a context";
            return vec![warn(about, problem.to_string(), to_do)];
        }
        Err(problem) => return vec![fail(about, problem.to_string(), "name it with --server")],
    };
    let mut findings = vec![pools(common, &clients).await];
    findings.extend(skew(&clients).await);
    if is_here(common, config) {
        findings.extend(ready(config.server.http).await);
    }
    findings
}

/// Whether the server is the one of these settings, whose HTTP port is then known.
fn is_here(common: &Common, config: &Config) -> bool {
    common.server.trim_start_matches("http://") == config.server.grpc.to_string()
}

async fn pools(common: &Common, clients: &Clients) -> Finding {
    let about = "server";
    let request = ListPoolsRequest {
        page_size: 1_000,
        page_token: String::new(),
    };
    let mut client = clients.pools();
    let answer = match timeout(LIMIT, client.list_pools(request)).await {
        Ok(Ok(answer)) => answer.into_inner(),
        Ok(Err(status)) => {
            let found = format!(
                "{} answers with an error: {}",
                common.server,
                status.message()
            );
            return fail(
                about,
                found,
                "its log says more; is it a homeshore of this version?",
            );
        }
        Err(_) => {
            let found = format!(
                "{} does not answer within {} s",
                common.server,
                LIMIT.as_secs()
            );
            return fail(
                about,
                found,
                "its log says more; is the machine overloaded?",
            );
        }
    };
    let names: Vec<&str> = answer.pools.iter().map(|pool| &*pool.id).collect();
    let pool = clients.pool();
    if names.contains(&pool) {
        let found = format!("{} answers, with pool {}", common.server, names.join(", "));
        return ok(about, found);
    }
    let has = match names[..] {
        [] => "no pool yet".to_owned(),
        _ => format!("the pools {}", names.join(", ")),
    };
    warn(
        about,
        format!("{} answers, and has {has}, not `{pool}`", common.server),
        "apply one with `homeshore pool apply FILE`, or name another with --pool",
    )
}

/// How far this machine's calendar is from the server's.
async fn skew(clients: &Clients) -> Option<Finding> {
    let about = "clock";
    let begun = clock::wall().0;
    let mut client = clients.supervision();
    let asked = client.get_pool_numbers(GetPoolNumbersRequest {});
    let numbers = timeout(LIMIT, asked).await.ok()?.ok()?.into_inner();
    let told = ms(&numbers.as_of?);
    // The answer was made some time between.
    let between = u64::try_from(begun.midpoint(clock::wall().0)).unwrap_or(0);
    let apart = told.abs_diff(between);
    let found = format!("{apart} ms from the server's pool");
    let to_do = "let a time server keep both machines; the server's pool never goes back, and catches up slowly";
    Some(if apart > SKEW_MOST_MS {
        fail(about, found, to_do)
    } else if apart > SKEW_GOOD_MS {
        warn(about, found, to_do)
    } else {
        ok(about, found)
    })
}

/// What `/readyz` says: every pool is open and recovered, and its store takes commits.
async fn ready(http: SocketAddr) -> Option<Finding> {
    let about = "ready";
    let (status, body) = match timeout(LIMIT, get(http, "/readyz")).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(problem)) => {
            let found = format!("http://{http}/readyz: {problem}");
            return Some(warn(
                about,
                found,
                "does `server.http` of these settings differ from the server's?",
            ));
        }
        Err(_) => {
            let found = format!("http://{http}/readyz does not answer");
            return Some(fail(
                about,
                found,
                "its log says more; is the machine overloaded?",
            ));
        }
    };
    Some(if status == 200 {
        ok(about, format!("http://{http}/readyz: {}", body.trim()))
    } else {
        let found = format!("http://{http}/readyz: {}", body.trim().replace('\n', "; "));
        fail(
            about,
            found,
            "the server's log says why; it mends itself once the store takes commits",
        )
    })
}

async fn get(address: SocketAddr, path: &str) -> anyhow::Result<(u16, String)> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.take(65_536).read_to_string(&mut answer).await?;
    let status = answer.split(' ').nth(1).and_then(|word| word.parse().ok());
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let status = status.ok_or_else(|| anyhow::anyhow!("no HTTP answer"))?;
    Ok((status, body.to_owned()))
}
