//! What every service shares: the pools, the limits of time, and the sign that the end has begun.

use std::{sync::Arc, time::Duration};

use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Response, Status, metadata::MetadataMap};

use super::{
    convert::{self, pools::DEFAULT_POOL},
    receipts::Receipts,
    status::Problem,
};
use crate::{
    engine::ids::PoolId,
    pool::{Pool, registry::Registry},
    proto::v1,
};

/// Name of the metadata that names the pool.
pub const POOL_METADATA: &str = "homeshore-pool";
/// Most pools that an error names.
const NAMED_MAX: usize = 8;

/// How long requests and long polls may take.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// A request of a platform or an agent.
    pub routing: Duration,
    /// A request of an administrator or a supervisor.
    pub admin: Duration,
    /// A long poll.
    pub poll: Duration,
    /// The first message of a stream.
    pub hello: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            routing: Duration::from_secs(2),
            admin: Duration::from_secs(30),
            poll: Duration::from_secs(20),
            hello: Duration::from_secs(5),
        }
    }
}

/// Marks a request that another process passed on to this one.
#[derive(Clone, Copy, Debug)]
pub struct PassedOn;

/// The other processes on the same store.
#[tonic::async_trait]
pub trait Others: Send + Sync {
    /// A page of the pools that they have, in no order.
    async fn pools(&self, request: &v1::ListPoolsRequest) -> Vec<v1::Pool>;
}

/// What every service shares.
#[derive(Clone)]
pub struct Desk {
    /// The pools.
    pub registry: Arc<Registry>,
    /// The other processes on the same store, if there may be any.
    pub others: Option<Arc<dyn Others>>,
    /// Gives receipts of calls that leave a pool, and reads them.
    pub receipts: Receipts,
    /// How long things may take.
    pub times: Times,
    /// Cancelled when the end has begun: streams say so and close.
    pub stopping: CancellationToken,
    /// Streams under way.
    pub streams: TaskTracker,
}

impl Desk {
    /// The pool that the metadata names.
    pub(super) fn pool(&self, metadata: &MetadataMap) -> Result<Pool, Problem> {
        self.known(&named_pool(metadata)?)
    }

    /// The pool of this id, if it has a configuration.
    pub(super) fn known(&self, id: &PoolId) -> Result<Pool, Problem> {
        let pool = self.registry.get(id);
        pool.filter(|pool| pool.view().read().spec().is_some())
            .ok_or_else(|| Problem::UnknownPool {
                pool: id.to_string(),
                known: self.known_pools(),
            })
    }

    fn known_pools(&self) -> String {
        let pools = self.registry.all();
        let configured = pools
            .iter()
            .filter(|pool| pool.view().read().spec().is_some());
        let names: Vec<String> = configured.map(|pool| format!("`{}`", pool.id())).collect();
        match names.len() {
            0 => "this server has none yet, create one with `ApplyPool`".to_owned(),
            count if count > NAMED_MAX => {
                let some = names[..NAMED_MAX].join(", ");
                format!("this server has {some} and {} more", count - NAMED_MAX)
            }
            _ => format!("this server has {}", names.join(", ")),
        }
    }
}

fn named_pool(metadata: &MetadataMap) -> Result<PoolId, Problem> {
    match entry(metadata, POOL_METADATA, "give a pool's id")? {
        Some(text) => convert::pools::pool_id(POOL_METADATA, text),
        None => Ok(PoolId::new(DEFAULT_POOL)),
    }
}

/// What the metadata says under a name, if anything.
pub(super) fn entry<'a>(
    metadata: &'a MetadataMap,
    name: &'static str,
    right: &str,
) -> Result<Option<&'a str>, Problem> {
    let mut given = metadata.get_all(name).iter();
    let Some(first) = given.next() else {
        return Ok(None);
    };
    if given.next().is_some() {
        return Err(convert::fault(name, "is given twice; give it once"));
    }
    let text = first.to_str();
    text.map(Some)
        .map_err(|_| convert::fault(name, format!("is not ASCII text; {right}")))
}

/// Answers within a limit of our own: the transport's would answer `CANCELLED`.
pub(super) async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, Problem>>,
) -> Result<Response<T>, Status> {
    match tokio::time::timeout(limit, work).await {
        Ok(outcome) => Ok(Response::new(outcome?)),
        Err(_late) => Err(Problem::Late(limit).into()),
    }
}
