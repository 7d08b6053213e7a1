//! Whether a server really works: its port answers, and so does each pool.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::time::timeout;
use tonic_health::pb::health_check_response::ServingStatus;

use super::healthcheck;
use crate::pool::registry::Registry;

/// What feels a server's pulse.
#[derive(Clone)]
pub struct Pulse {
    grpc: SocketAddr,
    registry: Arc<Registry>,
}

impl Pulse {
    /// Of the server at this address, with these pools.
    pub fn new(grpc: SocketAddr, registry: Arc<Registry>) -> Self {
        Self { grpc, registry }
    }

    /// Asks the server over its own port, and the actor of each pool. A pool that waits for its store, or is being opened,
    /// is at work on that itself: starting the process again would not help it.
    ///
    /// # Errors
    /// If something does not answer within the limit; the text says what.
    pub async fn feel(&self, limit: Duration) -> Result<(), String> {
        let url = format!("http://{}", self.reached_at());
        let asked = timeout(limit, healthcheck::ask(&url)).await;
        let status = asked.map_err(|_late| "the gRPC port does not answer".to_owned())?;
        let status =
            status.map_err(|problem| format!("the gRPC port cannot be asked: {problem}"))?;
        if status != ServingStatus::Serving {
            return Err("the gRPC port says that it does not serve".to_owned());
        }
        let mut asked = None;
        let answers = async {
            for pool in self.registry.all() {
                asked = Some(pool.id().clone());
                pool.answers().await;
            }
        };
        let late = timeout(limit, answers).await.is_err();
        match asked {
            Some(pool) if late => Err(format!("pool `{pool}` does not answer")),
            Some(_) | None => Ok(()),
        }
    }

    /// Where this machine reaches the port, whatever address it is bound to.
    fn reached_at(&self) -> SocketAddr {
        let mut address = self.grpc;
        if address.ip().is_unspecified() {
            address.set_ip(match address.ip() {
                IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            });
        }
        address
    }
}
