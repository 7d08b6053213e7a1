//! Pools of a backup put on Redis: all of them, or nothing. Until the last step they have no revision, so that nobody takes
//! what is half written for a pool.

use std::{collections::BTreeMap, io::BufRead};

use base64::{Engine, prelude::BASE64_STANDARD};
use redis::Cmd;

use super::{
    Redis,
    keys::{detail_member, event_id},
    lane::{Lane, Position},
    read::pools,
    rewrite::Head,
};
use crate::{
    engine::{
        ids::{PoolId, PoolTime},
        record::Record,
    },
    store::{
        DetailKey, Lease, StoreError, StoredDetail,
        backup::{BackupError, Contents, Reader, Row},
        meta::Meta,
    },
};

/// Rows of one write.
const CHUNK: usize = 500;

/// A pool on its way.
struct Import {
    lane: Lane,
    lease: Lease,
    meta: Meta,
    generation: String,
    entities: usize,
    records: Vec<Record>,
    events: Vec<(u64, String)>,
    details: Vec<StoredDetail>,
}

impl Redis {
    /// Puts the pools of a backup on this Redis as they are; `wants` chooses.
    ///
    /// # Errors
    /// If the backup is damaged, a pool is there already or held by a server, or Redis fails; then nothing of it is left.
    pub async fn import(
        &self,
        backup: impl BufRead,
        wants: impl Fn(&PoolId) -> bool,
    ) -> Result<Contents, BackupError> {
        let there: Vec<String> = pools(&self.common)
            .await?
            .into_iter()
            .filter(|(pool, revision)| *revision > 0 && wants(pool))
            .map(|(pool, _)| format!("`{pool}`"))
            .collect();
        let mut imports = BTreeMap::new();
        let done = self.fill(backup, &wants, &there, &mut imports).await;
        let done = match done {
            Ok(contents) => finish(&mut imports).await.map(|()| contents),
            Err(problem) => Err(problem),
        };
        for import in imports.values_mut() {
            import.leave(done.is_err()).await;
        }
        done
    }

    async fn fill(
        &self,
        backup: impl BufRead,
        wants: &impl Fn(&PoolId) -> bool,
        there: &[String],
        imports: &mut BTreeMap<String, Import>,
    ) -> Result<Contents, BackupError> {
        let mut rows = Reader::new(backup)?;
        let mut contents = Contents::default();
        while let Some(row) = rows.next()? {
            if let Row::Pool(pool, head) = &row {
                let id = PoolId::new(pool);
                if !wants(&id) {
                    continue;
                }
                if there.contains(&format!("`{id}`")) {
                    return Err(StoreError::NotApplied(format!(
                        "{} of the pools are on this Redis already: {}; choose others, or another Redis",
                        there.len(),
                        there.join(", ")
                    ))
                    .into());
                }
                let meta = Meta::from_json(&id, head.as_bytes())?;
                contents.pools.insert(id.clone(), meta.pool_time);
                let lane = Lane::new(&id, &self.common);
                imports.insert(pool.clone(), Import::begin(lane, meta).await?);
            } else if let Some(import) = imports.get_mut(row.pool()) {
                import.take(row, &mut contents).await?;
            }
        }
        Ok(contents)
    }
}

async fn finish(imports: &mut BTreeMap<String, Import>) -> Result<(), BackupError> {
    for import in imports.values_mut() {
        import.flush(0).await?;
    }
    for import in imports.values_mut() {
        import.end().await?;
    }
    Ok(())
}

impl Import {
    async fn begin(mut lane: Lane, meta: Meta) -> Result<Self, StoreError> {
        let lease = lane.acquire("").await?;
        // What an attempt left that was cut short.
        for key in [lane.keys.events(), lane.keys.details()] {
            let mut unlink = redis::cmd("UNLINK");
            unlink.arg(key);
            lane.call(&unlink).await?;
        }
        let generation = format!("{:016x}", fastrand::u64(..));
        lane.begin_flip(&lease, &nowhere(), &generation).await?;
        Ok(Self {
            lane,
            lease,
            meta,
            generation,
            entities: 0,
            records: Vec::new(),
            events: Vec::new(),
            details: Vec::new(),
        })
    }

    async fn take(&mut self, row: Row, contents: &mut Contents) -> Result<(), StoreError> {
        match row {
            Row::Pool(..) => {}
            Row::State(_, key, value) => {
                contents.entities += 1;
                let value = value.into_bytes();
                self.records.push(Record { key, value });
            }
            Row::Bytes(_, key, value) => {
                contents.entities += 1;
                let value = BASE64_STANDARD.decode(value);
                let value =
                    value.map_err(|_| StoreError::Corrupt(format!("`{key}` is no Base64")))?;
                self.records.push(Record { key, value });
            }
            Row::Event(_, number, json) => {
                contents.events += 1;
                self.events.push((number, json));
            }
            Row::Detail(_, ended_at, number, json) => {
                contents.details += 1;
                let ended_at = PoolTime(ended_at);
                let key = DetailKey { ended_at, number };
                self.details.push(StoredDetail { key, json });
            }
        }
        self.flush(CHUNK).await
    }

    /// Writes what has gathered, if it is more than so much.
    async fn flush(&mut self, most: usize) -> Result<(), StoreError> {
        if self.records.len() > most {
            let records = std::mem::take(&mut self.records);
            self.entities += records.len();
            self.lane
                .write(&self.lease, &self.generation, &records)
                .await?;
        }
        if self.events.len() > most {
            let mut adds = redis::pipe();
            for (number, json) in std::mem::take(&mut self.events) {
                adds.cmd("XADD").arg(self.lane.keys.events());
                adds.arg(event_id(number)).arg("event").arg(json);
            }
            self.lane.transaction(&adds).await?;
        }
        if self.details.len() > most {
            let mut add = redis::cmd("ZADD");
            add.arg(self.lane.keys.details());
            for detail in std::mem::take(&mut self.details) {
                add.arg(0).arg(detail_member(&detail));
            }
            self.lane.call(&add).await?;
        }
        self.lane.keep_lease(&self.lease).await
    }

    /// Makes a pool of what is written.
    async fn end(&mut self) -> Result<(), StoreError> {
        let head = Head {
            revision: self.meta.revision,
            digest: &self.meta.digest,
            before: &self.meta.before,
            entities: self.entities,
            pool_time: self.meta.pool_time,
            undone_after: self.meta.undone_after,
        };
        let to = (&nowhere(), &*self.generation);
        self.lane
            .end_flip(&self.lease, to, &head, (&[], &[]))
            .await?;
        let needed = self.lane.common.needed();
        self.lane.wait_for_replicas(&self.lease, needed, 0).await
    }

    /// Gives the pool free, or removes what there is of it.
    async fn leave(&mut self, remove: bool) {
        if remove {
            let keys = &self.lane.keys;
            let mut unlink = redis::cmd("UNLINK");
            unlink.arg(keys.head()).arg(keys.state(&self.generation));
            unlink
                .arg(keys.state("0"))
                .arg(keys.events())
                .arg(keys.details());
            let _without_a_revision_it_is_no_pool = self.lane.call(&unlink).await;
            return;
        }
        self.lane.owned = None;
        let _the_lease_ends_by_itself = self.lane.release(&self.lease, None).await;
    }
}

/// Where a pool stands that has no commit.
fn nowhere() -> Position {
    Position {
        generation: "0".to_owned(),
        ..Position::default()
    }
}

impl Lane {
    async fn call(&mut self, command: &Cmd) -> Result<redis::Value, StoreError> {
        let ready = self.ready().await?;
        let answer = ready.link.call(command).await;
        Ok(self.settle(answer)?)
    }

    async fn transaction(&mut self, commands: &redis::Pipeline) -> Result<(), StoreError> {
        let limit = self.common.options.lease;
        let ready = self.ready().await?;
        let answer = ready.link.transaction(commands, limit).await;
        self.settle(answer)?;
        Ok(())
    }
}
