//! A store in memory, with faults to order: for tests and the simulator. What it holds lives as long as a handle.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::mpsc;

use super::{
    BACKUP_PARTS, Backup, Batch, DetailKey, Lease, Loaded, Store, StoreError, StoredDetail,
    StoredEvent,
    backup::{Row, Writer},
    event_number,
    meta::{Meta, Verdict},
};
use crate::engine::{
    ids::{PoolId, PoolTime},
    record::{Delta, Record},
};

/// How a commit goes, for [`Memory::script`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// As it should.
    None,
    /// Refused before anything was applied.
    Before,
    /// Applied, but the answer is lost: the caller sees [`StoreError::Unknown`].
    After,
    /// Half of the batch is written and then taken back, as a store does that restarts in the middle.
    Torn,
    /// As it should, but this much later.
    Delay(Duration),
}

/// A handle; clones see the same pools, so that a pool can be opened again from what another handle stored.
#[derive(Clone, Debug)]
pub struct Memory {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug)]
struct Shared {
    pools: BTreeMap<PoolId, Pool>,
    faults: VecDeque<Fault>,
    down: bool,
    events_kept: u64,
    marked: BTreeMap<PoolId, Pool>,
}

#[derive(Clone, Debug)]
struct Pool {
    meta: Meta,
    state: BTreeMap<String, Vec<u8>>,
    events: BTreeMap<u64, String>,
    details: BTreeMap<DetailKey, String>,
    /// The revision that its owner left, if that was forgotten.
    lost_from: Option<u64>,
}

impl Memory {
    /// An empty store that keeps the newest `events_kept` events of each pool.
    pub fn new(events_kept: u64) -> Self {
        let shared = Shared {
            pools: BTreeMap::new(),
            faults: VecDeque::new(),
            down: false,
            events_kept,
            marked: BTreeMap::new(),
        };
        Self {
            shared: Arc::new(Mutex::new(shared)),
        }
    }

    /// Says how the next commits go, one fault each, after those ordered before; then they go as they should.
    pub fn script(&self, faults: impl IntoIterator<Item = Fault>) {
        self.lock().faults.extend(faults);
    }

    /// Notes what is stored, for [`Memory::come_back_with_less`].
    pub fn mark(&self) {
        let mut shared = self.lock();
        shared.marked = shared.pools.clone();
    }

    /// Forgets what was stored since [`Memory::mark`], but for the leases: as Redis does that was not saved.
    pub fn come_back_with_less(&self) {
        let mut shared = self.lock();
        let marked = shared.marked.clone();
        for (id, pool) in &mut shared.pools {
            let (lease, known) = (pool.meta.lease.take(), pool.meta.revision);
            *pool = marked.get(id).cloned().unwrap_or_else(Pool::new);
            pool.meta.lease = lease;
            pool.lost_from = (known > pool.meta.revision).then_some(known);
        }
    }

    /// While a store is down, every call is refused.
    pub fn set_down(&self, down: bool) {
        self.lock().down = down;
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        // Changes are made whole under the lock, so a panic elsewhere leaves nothing half done.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn up(&self) -> Result<MutexGuard<'_, Shared>, StoreError> {
        let shared = self.lock();
        if shared.down {
            return Err(StoreError::NotApplied("the store is down".into()));
        }
        Ok(shared)
    }
}

impl Default for Memory {
    /// Keeps 100,000 events of each pool.
    fn default() -> Self {
        Self::new(100_000)
    }
}

#[async_trait::async_trait]
impl Store for Memory {
    async fn acquire(&self, pool: &PoolId) -> Result<Lease, StoreError> {
        let lease = Lease::new(pool);
        let mut shared = self.up()?;
        let entry = shared.pools.entry(pool.clone());
        entry.or_insert_with(Pool::new).meta.grant(&lease);
        Ok(lease)
    }

    async fn load(&self, lease: &Lease) -> Result<Loaded, StoreError> {
        let mut shared = self.up()?;
        let pool = shared.pool(lease)?;
        pool.meta.check_lease(lease)?;
        Ok(pool.loaded())
    }

    async fn commit(&self, lease: &Lease, batch: Arc<Batch>) -> Result<(), StoreError> {
        let fault = self.lock().faults.pop_front().unwrap_or(Fault::None);
        if let Fault::Delay(time) = fault {
            tokio::time::sleep(time).await;
        }
        self.up()?.commit(lease, &batch, fault)
    }

    async fn renew(&self, lease: &Lease) -> Result<(), StoreError> {
        let mut shared = self.up()?;
        let pool = shared.pool(lease)?;
        pool.meta.check_lease(lease)?;
        match pool.lost_from {
            Some(batch) => Err(StoreError::Behind {
                stored: pool.meta.revision,
                batch,
            }),
            None => Ok(()),
        }
    }

    async fn rewrite(
        &self,
        lease: &Lease,
        batch: Arc<Batch>,
        records: Vec<Record>,
    ) -> Result<(), StoreError> {
        let mut shared = self.up()?;
        let keep = shared.events_kept;
        let pool = shared.pool(lease)?;
        if let Verdict::Apply(digest) = pool.meta.judge_rewrite(lease, &batch)? {
            pool.apply(&batch, digest, keep);
            let records = records.into_iter();
            pool.state = records.map(|record| (record.key, record.value)).collect();
            pool.lost_from = None;
        }
        Ok(())
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        self.up()?.pool(lease)?.meta.end(lease)
    }

    async fn events_after(
        &self,
        pool: &PoolId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let shared = self.up()?;
        let Some(pool) = shared.pools.get(pool) else {
            return Ok(Vec::new());
        };
        let newer = (std::ops::Bound::Excluded(after), std::ops::Bound::Unbounded);
        let found = pool.events.range(newer).take(limit);
        Ok(found
            .map(|(number, json)| StoredEvent {
                number: *number,
                json: json.clone(),
            })
            .collect())
    }

    async fn details_from(
        &self,
        pool: &PoolId,
        from: DetailKey,
        limit: usize,
    ) -> Result<Vec<StoredDetail>, StoreError> {
        let shared = self.up()?;
        let details = shared.pools.get(pool).map(|pool| &pool.details);
        let found = details
            .into_iter()
            .flat_map(|details| details.range(from..));
        Ok(found
            .take(limit)
            .map(|(key, json)| StoredDetail {
                key: *key,
                json: json.clone(),
            })
            .collect())
    }

    async fn purge_details(
        &self,
        pool: &PoolId,
        before: PoolTime,
        limit: usize,
    ) -> Result<(), StoreError> {
        if let Some(pool) = self.up()?.pools.get_mut(pool) {
            for _ in 0..limit {
                let oldest = pool.details.first_entry();
                match oldest.filter(|oldest| oldest.key().ended_at < before) {
                    Some(oldest) => drop(oldest.remove()),
                    None => break,
                }
            }
        }
        Ok(())
    }

    async fn backup(&self) -> Result<Backup, StoreError> {
        let pools = self.up()?.pools.clone();
        let (parts, backup) = mpsc::channel(BACKUP_PARTS);
        tokio::task::spawn_blocking(move || {
            let mut hand_on = |part| parts.blocking_send(Ok(part)).is_ok();
            let mut writer = Writer::new(&mut hand_on);
            if let Err(problem) = back_up(&pools, &mut writer).and_then(|()| writer.end()) {
                let _reader_gone = parts.blocking_send(Err(problem));
            }
        });
        Ok(backup)
    }

    async fn pools(&self) -> Result<Vec<PoolId>, StoreError> {
        let shared = self.up()?;
        let stored = shared
            .pools
            .iter()
            .filter(|(_, pool)| pool.meta.revision > 0);
        Ok(stored.map(|(id, _)| id.clone()).collect())
    }
}

impl Shared {
    fn pool(&mut self, lease: &Lease) -> Result<&mut Pool, StoreError> {
        let fenced = || StoreError::Fenced(lease.pool.clone());
        self.pools.get_mut(&lease.pool).ok_or_else(fenced)
    }

    fn commit(&mut self, lease: &Lease, batch: &Batch, fault: Fault) -> Result<(), StoreError> {
        if fault == Fault::Before {
            return Err(StoreError::NotApplied("a fault before the commit".into()));
        }
        let keep = self.events_kept;
        let pool = self.pool(lease)?;
        let verdict = pool.judge(lease, batch)?;
        if fault == Fault::Torn {
            let whole = pool.clone();
            pool.write(&batch.deltas[..batch.deltas.len() / 2]);
            *pool = whole;
            return Err(StoreError::NotApplied("a torn batch, taken back".into()));
        }
        if let Verdict::Apply(digest) = verdict {
            pool.apply(batch, digest, keep);
        }
        if fault == Fault::After {
            return Err(StoreError::Unknown("a fault after the commit".into()));
        }
        Ok(())
    }
}

/// Writes everything, pools first.
fn back_up(pools: &BTreeMap<PoolId, Pool>, writer: &mut Writer<'_>) -> Result<(), StoreError> {
    for (id, pool) in pools {
        let head = String::from_utf8_lossy(&pool.meta.to_json()).into_owned();
        writer.row(&Row::Pool(id.to_string(), head))?;
    }
    for (id, pool) in pools {
        for (key, value) in &pool.state {
            writer.row(&Row::entity(id.as_str(), key, value))?;
        }
        for (number, json) in &pool.events {
            writer.row(&Row::Event(id.to_string(), *number, json.clone()))?;
        }
        for (at, json) in &pool.details {
            let (ended_at, number) = (at.ended_at.0, at.number);
            writer.row(&Row::Detail(id.to_string(), ended_at, number, json.clone()))?;
        }
    }
    Ok(())
}

impl Pool {
    fn new() -> Self {
        Self {
            meta: Meta::new(),
            state: BTreeMap::new(),
            events: BTreeMap::new(),
            details: BTreeMap::new(),
            lost_from: None,
        }
    }

    fn judge(&self, lease: &Lease, batch: &Batch) -> Result<Verdict, StoreError> {
        match (self.meta.judge(lease, batch), self.lost_from) {
            (Err(StoreError::Mismatch { stored, batch }), Some(_)) if batch > stored => {
                Err(StoreError::Behind { stored, batch })
            }
            (verdict, _) => verdict,
        }
    }

    fn loaded(&self) -> Loaded {
        let record = |(key, value): (&String, &Vec<u8>)| Record {
            key: key.clone(),
            value: value.clone(),
        };
        Loaded {
            revision: self.meta.revision,
            pool_time: self.meta.pool_time,
            records: self.state.iter().map(record).collect(),
            undone_after: self.meta.undone_after,
        }
    }

    fn apply(&mut self, batch: &Batch, digest: String, keep: u64) {
        self.write(&batch.deltas);
        for (index, json) in batch.events.iter().enumerate() {
            let number = event_number(batch.revision, index);
            self.events.insert(number, json.clone());
        }
        for detail in &batch.details {
            self.details.insert(detail.key, detail.json.clone());
        }
        self.meta.advance(batch, digest);
        for _ in 0..self.meta.trim(keep) {
            self.events.pop_first();
        }
    }

    fn write(&mut self, deltas: &[Delta]) {
        for delta in deltas {
            match delta {
                Delta::Put(Record { key, value }) => self.state.insert(key.clone(), value.clone()),
                Delta::Delete(key) => self.state.remove(key),
            };
        }
    }
}
