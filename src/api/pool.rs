//! `PoolService`: what administrators call to configure pools.

use tonic::{Request, Response, Status};

use super::{
    backup, changes, convert,
    desk::{Desk, PassedOn, within},
    paging,
    status::Problem,
    streams::{self, Outgoing},
};
use crate::{
    engine::{Engine, Limits, command::Command, ids::PoolId, spec::PoolSpec},
    pool::{
        change::{After, Once},
        registry::{CreateError, Owner},
    },
    proto::v1::{self, pool_service_server::PoolService},
};

/// A configuration as the engine takes it, checked as that of a new pool is by `ApplyPool`.
///
/// # Errors
/// If it is wrong; every field at fault is named.
pub fn checked(pool: &v1::Pool) -> Result<PoolSpec, Status> {
    let spec = convert::pools::spec(Some(pool))?;
    Engine::new(spec.id.clone(), Limits::default())
        .check_pool(&spec)
        .map_err(|refused| Problem::from(refused).below("pool"))?;
    Ok(spec)
}

/// The service.
pub struct Pools {
    desk: Desk,
}

impl Pools {
    /// At this desk.
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }

    /// What a configuration would change, a line each; a pool that is not here is compared with nothing.
    async fn check(&self, spec: &PoolSpec) -> Result<Vec<String>, Problem> {
        let checked = match self.desk.registry.get(&spec.id) {
            Some(pool) => {
                let spec = spec.clone();
                pool.read(move |engine| engine.check_pool(&spec)).await?
            }
            None => Engine::new(spec.id.clone(), Limits::default()).check_pool(spec),
        };
        checked.map_err(|refused| Problem::from(refused).below("pool"))
    }

    /// The answer that the request was given before, if it was carried out.
    async fn answered(
        &self,
        spec: &PoolSpec,
        once: Option<&Once>,
    ) -> Result<Option<v1::ApplyPoolResponse>, Problem> {
        match self.desk.registry.get(&spec.id) {
            Some(pool) => changes::answered(&pool, once).await,
            None => Ok(None),
        }
    }

    async fn apply(
        &self,
        spec: PoolSpec,
        once: Option<Once>,
        changes: Vec<String>,
    ) -> Result<v1::ApplyPoolResponse, Problem> {
        let created = self.desk.registry.get_or_create(&spec.id).await;
        let pool = created.map_err(|error| match error {
            CreateError::TooMany(_) => Problem::TooManyPools(error.to_string()),
            CreateError::Unavailable(error) => Problem::Pool(error),
        })?;
        let command = Command::ApplyPool(Box::new(spec));
        let answer = |after: &After<'_>| v1::ApplyPoolResponse {
            pool: after.spec().map(|spec| convert::pools::pool(spec)),
            changes,
        };
        let applied = changes::carry_out(&pool, once, command, answer).await;
        applied.map_err(|refused| refused.below("pool"))
    }
}

#[tonic::async_trait]
impl PoolService for Pools {
    type ExportBackupStream = Outgoing<v1::ExportBackupResponse>;

    async fn export_backup(
        &self,
        _request: Request<v1::ExportBackupRequest>,
    ) -> Result<Response<Self::ExportBackupStream>, Status> {
        let backup = self.desk.registry.backup().await;
        let backup = backup.map_err(Problem::Pool)?;
        let (out, outgoing) = streams::stream("backup");
        let stopping = self.desk.stopping.clone();
        self.desk
            .streams
            .spawn(backup::export(backup, out, stopping));
        Ok(Response::new(outgoing))
    }

    async fn apply_pool(
        &self,
        request: Request<v1::ApplyPoolRequest>,
    ) -> Result<Response<v1::ApplyPoolResponse>, Status> {
        within(self.desk.times.admin, async {
            let (metadata, _, mut request) = request.into_parts();
            let once = changes::once(&metadata, &mut request)?;
            let spec = convert::pools::spec(request.pool.as_ref())?;
            if request.validate_only {
                let changes = self.check(&spec).await?;
                let pool = Some(convert::pools::pool(&spec));
                return Ok(v1::ApplyPoolResponse { pool, changes });
            }
            // What it would change is asked of the pool as it is now: a repeat must not be refused for that.
            if let Some(answer) = self.answered(&spec, once.as_ref()).await? {
                return Ok(answer);
            }
            let changes = self.check(&spec).await?;
            self.apply(spec, once, changes).await
        })
        .await
    }

    async fn get_pool(
        &self,
        request: Request<v1::GetPoolRequest>,
    ) -> Result<Response<v1::GetPoolResponse>, Status> {
        let id = convert::pools::pool_id("pool_id", &request.get_ref().pool_id)?;
        let pool = self.desk.known(&id)?;
        let spec = pool.view().read().spec().cloned();
        let pool = spec.map(|spec| convert::pools::pool(&spec));
        Ok(Response::new(v1::GetPoolResponse { pool }))
    }

    async fn list_pools(
        &self,
        request: Request<v1::ListPoolsRequest>,
    ) -> Result<Response<v1::ListPoolsResponse>, Status> {
        let is_passed_on = request.extensions().get::<PassedOn>().is_some();
        let request = request.get_ref();
        let mut size = paging::size(request.page_size)?;
        let others = self.desk.others.as_ref().filter(|_| !is_passed_on);
        if others.is_some() {
            // One more is asked of each: it must fit their pages.
            size = size.min(paging::SIZE_MAX - 1);
        }
        let after: Option<String> = paging::place("", &request.page_token)?;
        let after = after.map(PoolId::new);
        let own = self.desk.registry.all();
        let own = own
            .iter()
            .filter(|pool| after.as_ref().is_none_or(|id| pool.id() > id));
        let specs = own.filter_map(|pool| pool.view().read().spec().cloned());
        let mut pools: Vec<v1::Pool> = specs
            .take(size + 1)
            .map(|spec| convert::pools::pool(&spec))
            .collect();
        if let Some(others) = others {
            let page = v1::ListPoolsRequest {
                page_size: i32::try_from(size + 1).unwrap_or(i32::MAX),
                page_token: request.page_token.clone(),
            };
            pools.extend(others.pools(&page).await);
            pools.sort_by(|one, other| one.id.cmp(&other.id));
            pools.dedup_by(|one, other| one.id == other.id);
            pools.truncate(size + 1);
        }
        let next = paging::cut(&mut pools, size, |pool| pool.id.clone());
        let token = next.map(|place| paging::token("", &place));
        Ok(Response::new(v1::ListPoolsResponse {
            pools,
            next_page_token: token.unwrap_or_default(),
        }))
    }

    async fn list_pool_owners(
        &self,
        _request: Request<v1::ListPoolOwnersRequest>,
    ) -> Result<Response<v1::ListPoolOwnersResponse>, Status> {
        let owners = self.desk.registry.owners().into_iter();
        let owner = |owner: Owner| v1::PoolOwner {
            pool_id: owner.pool.to_string(),
            address: owner.address,
            is_here: owner.is_here,
            epoch: owner.epoch,
            lease: owner.lasts.map(|lasts| {
                convert::duration(u64::try_from(lasts.as_millis()).unwrap_or(u64::MAX))
            }),
        };
        Ok(Response::new(v1::ListPoolOwnersResponse {
            owners: owners.map(owner).collect(),
        }))
    }
}
