//! The other processes on the same store: who they are, whether they live, and requests on their way to the one that has the pool.
//!
//! Each process holds a link to each other one. Over it flow the requests that are passed on, unread, and one stream of news of which
//! pools the other has; its end is how a killed process is noticed at once.

mod body;
mod forward;
mod link;
mod news;
mod port;
mod secret;
mod subject;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio_util::sync::CancellationToken;
use tonic::Request;

pub use self::{
    forward::{Forward, Forwarding},
    port::{Guard, Guarded},
};
use self::{link::Link, secret::Secret};
use crate::{
    api::Others,
    pool::registry::Registry,
    proto::v1::{self, pool_service_client::PoolServiceClient},
    store::shared::Replica,
};

/// Time between two looks at who is there.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How long another process may take to list its pools.
const LIST: Duration = Duration::from_secs(1);

/// The other processes.
pub struct Peers {
    registry: Arc<Registry>,
    secret: Secret,
    /// Largest message of a request.
    message_bytes: usize,
    /// By boot id.
    links: Mutex<BTreeMap<String, Arc<Link>>>,
    /// Held by the request that asks the store for all that wait.
    looking: tokio::sync::Mutex<()>,
    /// Cancelled when the end has begun: what is passed on here is to go elsewhere.
    stopping: CancellationToken,
    /// Cancelled when nothing is to be said any more.
    ended: CancellationToken,
}

impl Peers {
    /// Nobody is known yet.
    pub fn new(
        registry: Arc<Registry>,
        secret: &str,
        message_bytes: usize,
        stopping: CancellationToken,
        ended: CancellationToken,
    ) -> Self {
        Self {
            registry,
            secret: Secret::new(secret),
            message_bytes,
            links: Mutex::default(),
            looking: tokio::sync::Mutex::default(),
            stopping,
            ended,
        }
    }

    /// Keeps a link to each process that is there, until the end.
    pub async fn keep(self: Arc<Self>) {
        let mut period = tokio::time::interval(LOOK_EVERY);
        period.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = period.tick() => {}
                () = self.ended.cancelled() => return,
            }
            let there = self.registry.replicas();
            for replica in &there {
                if replica.boot != self.me().boot {
                    self.link(replica);
                }
            }
            let is_there = |boot: &str| there.iter().any(|one| one.boot == boot);
            self.links().retain(|boot, link| {
                let keep = is_there(boot) || !link.is_over();
                if !keep {
                    link.close();
                }
                keep
            });
        }
    }

    fn me(&self) -> Replica {
        self.registry.me()
    }

    /// The link to a process, made if there is none.
    fn link(self: &Arc<Self>, replica: &Replica) -> Arc<Link> {
        let mut links = self.links();
        if let Some(link) = links.get(&replica.boot) {
            return Arc::clone(link);
        }
        let link = Arc::new(Link::new(replica.clone()));
        links.insert(replica.boot.clone(), Arc::clone(&link));
        let (peers, listening) = (Arc::clone(self), Arc::clone(&link));
        tokio::spawn(async move {
            tokio::select! {
                () = listening.listen(&peers) => {}
                () = listening.closed() => {}
                () = peers.ended.cancelled() => {}
            }
        });
        link
    }

    fn links(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Link>>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The others' pools, for lists of all.
pub struct OtherPools(pub Arc<Peers>);

#[tonic::async_trait]
impl Others for OtherPools {
    async fn pools(&self, request: &v1::ListPoolsRequest) -> Vec<v1::Pool> {
        let mut pools = Vec::new();
        let links: Vec<Arc<Link>> = self.0.links().values().cloned().collect();
        for link in links.iter().filter(|link| !link.is_over()) {
            let mut client = PoolServiceClient::new(link.channel());
            let mut request = Request::new(request.clone());
            self.0.secret.show(request.metadata_mut());
            // Who is away has no pools for long.
            if let Ok(Ok(page)) = tokio::time::timeout(LIST, client.list_pools(request)).await {
                pools.extend(page.into_inner().pools);
            }
        }
        pools
    }
}
