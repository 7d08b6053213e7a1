//! A whole pool written anew by its living owner, and switched to at once: when Redis lost more than the last batches.

use std::{sync::Arc, time::Duration};

use tracing::warn;

use super::{
    Notice,
    commit::events,
    keys::detail_member,
    lane::{Lane, Position, Standing},
    scripts::FLIP,
};
use crate::{
    engine::{ids::PoolTime, record::Record},
    store::{
        Batch, FORMAT, Lease, StoreError,
        meta::{chain, hex_id},
    },
};

/// Entities of one write.
const CHUNK: usize = 1_000;
/// How long the switch may take, which brings the last batches' events.
const SWITCH: Duration = Duration::from_secs(2);

/// What the head says after the switch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head<'a> {
    pub(super) revision: u64,
    pub(super) digest: &'a str,
    pub(super) before: &'a str,
    pub(super) entities: usize,
    pub(super) pool_time: PoolTime,
    pub(super) undone_after: Option<u64>,
}

impl Lane {
    /// Writes `records`, which are the pool with the effect of `batch`, in the place of what is stored.
    pub(super) async fn rewrite(
        &mut self,
        lease: &Lease,
        batch: &Arc<Batch>,
        records: &[Record],
    ) -> Result<(), StoreError> {
        self.know(lease).await?;
        let Some(at) = self.owned.as_ref().map(|owned| owned.at.clone()) else {
            return Err(StoreError::Fenced(self.pool.clone()));
        };
        let after = chain(&at.digest, batch);
        let seen = self.seen(lease, batch, &at, &after).await?;
        let Some(seen) = seen else {
            return Ok(());
        };
        let generation = format!("{:016x}", fastrand::u64(..));
        self.begin_flip(lease, &seen, &generation).await?;
        self.write(lease, &generation, records).await?;
        let (from, to) = ((&seen, &*at.digest), (&*generation, &*after));
        self.switch(lease, batch, records.len(), from, to).await?;
        let needed = self.common.needed();
        self.wait_for_replicas(lease, needed, 0).await?;
        if let Some(owned) = &mut self.owned {
            owned.at.generation = generation;
        }
        self.advance(Arc::clone(batch), after);
        warn!(pool = %self.pool, revision = batch.revision, entities = records.len(), "the pool was written to Redis anew");
        self.common
            .notice(&self.pool, Notice::Healed { whole: true });
        Ok(())
    }

    /// What is stored now; nothing if it is this very batch.
    async fn seen(
        &mut self,
        lease: &Lease,
        batch: &Batch,
        at: &Position,
        after: &str,
    ) -> Result<Option<Position>, StoreError> {
        let seen = match self.ask(lease).await? {
            Standing::At(seen) => seen,
            Standing::Fenced { revision, epoch } if self.was_forgotten(&revision, epoch) => {
                self.retake().await?
            }
            Standing::Fenced { .. } => return Err(StoreError::Fenced(self.pool.clone())),
        };
        let is_done = |revision, before: &str, digest: &str| {
            revision == batch.revision && chain(before, batch) == digest
        };
        if is_done(seen.revision, &seen.before, &seen.digest) {
            let digest = after.to_owned();
            if let Some(owned) = &mut self.owned
                && !is_done(at.revision, &at.before, &at.digest)
            {
                owned.at.generation = seen.generation;
                self.advance(Arc::new(batch.clone()), digest);
            }
            return Ok(None);
        }
        if seen.revision >= batch.revision {
            return Err(StoreError::Mismatch {
                stored: seen.revision,
                batch: batch.revision,
            });
        }
        Ok(Some(seen))
    }

    pub(super) async fn write(
        &mut self,
        lease: &Lease,
        generation: &str,
        records: &[Record],
    ) -> Result<(), StoreError> {
        let key = self.keys.state(generation);
        for chunk in records.chunks(CHUNK) {
            let mut set = redis::cmd("HSET");
            set.arg(&key);
            for record in chunk {
                set.arg(&record.key).arg(&record.value);
            }
            let ready = self.ready().await?;
            let answer = ready.link.call(&set).await;
            self.settle(answer)?;
            self.keep_lease(lease).await?;
        }
        Ok(())
    }

    /// Renews the lease while something takes long.
    pub(super) async fn keep_lease(&mut self, lease: &Lease) -> Result<(), StoreError> {
        let confirmed = self.owned.as_ref().map(|owned| owned.confirmed);
        let sent = self.now();
        if confirmed.is_some_and(|confirmed| sent < confirmed + self.common.options.renew) {
            return Ok(());
        }
        match self.ask(lease).await? {
            Standing::At(_) => {
                self.confirm(sent);
                Ok(())
            }
            Standing::Fenced { .. } => Err(StoreError::Fenced(self.pool.clone())),
        }
    }

    /// Switches to what was written; with it come events and detail records that the stored pool lacks.
    async fn switch(
        &mut self,
        lease: &Lease,
        batch: &Arc<Batch>,
        entities: usize,
        (seen, before): (&Position, &str),
        (generation, after): (&str, &str),
    ) -> Result<(), StoreError> {
        let mut batches: Vec<Arc<Batch>> = Vec::new();
        if let Some(owned) = &self.owned {
            batches.extend(owned.ring.all().cloned());
        }
        batches.push(Arc::clone(batch));
        let events: Vec<_> = batches.iter().flat_map(|batch| events(batch)).collect();
        let details: Vec<String> = batches
            .iter()
            .flat_map(|batch| batch.details.iter().map(detail_member))
            .collect();
        let head = Head {
            revision: batch.revision,
            digest: after,
            before,
            entities,
            pool_time: batch.pool_time,
            undone_after: None,
        };
        self.end_flip(lease, (seen, generation), &head, (&events, &details))
            .await
    }

    /// Switches to the state of `generation`, which is written, with these events and detail records.
    pub(super) async fn end_flip(
        &mut self,
        lease: &Lease,
        (seen, generation): (&Position, &str),
        head: &Head<'_>,
        (events, details): (&[(String, &str)], &[String]),
    ) -> Result<(), StoreError> {
        let common = Arc::clone(&self.common);
        let run_id = self.ready().await?.run_id.clone();
        let undone_after = head.undone_after.map(|number| number.to_string());
        let words = [
            hex_id(lease),
            seen.revision.to_string(),
            seen.digest.clone(),
            "end".to_owned(),
            generation.to_owned(),
            head.revision.to_string(),
            head.digest.to_owned(),
            head.before.to_owned(),
            head.entities.to_string(),
            head.pool_time.0.to_string(),
            FORMAT.to_string(),
            run_id,
            common.lease_ms(),
            common.options.events_kept.to_string(),
            events.len().to_string(),
            details.len().to_string(),
            undone_after.unwrap_or_default(),
        ];
        let mut arguments: Vec<&[u8]> = words.iter().map(String::as_bytes).collect();
        arguments.extend(
            events
                .iter()
                .flat_map(|(id, json)| [id.as_bytes(), json.as_bytes()]),
        );
        arguments.extend(details.iter().map(String::as_bytes));
        let former = self.flip(generation, &arguments).await?;
        if !former.is_empty() && former != generation {
            self.unlink(&former).await;
        }
        Ok(())
    }

    /// Notes under which name a state is about to be written.
    pub(super) async fn begin_flip(
        &mut self,
        lease: &Lease,
        seen: &Position,
        generation: &str,
    ) -> Result<(), StoreError> {
        let (id, revision) = (hex_id(lease), seen.revision.to_string());
        let words = [&*id, &revision, &seen.digest, "begin", generation];
        let left_over = self.flip(generation, &words.map(str::as_bytes)).await?;
        if !left_over.is_empty() && left_over != generation {
            self.unlink(&left_over).await;
        }
        Ok(())
    }

    /// Runs FLIP; answers the key that is not needed any more.
    async fn flip(&mut self, generation: &str, arguments: &[&[u8]]) -> Result<String, StoreError> {
        let keys = [
            self.keys.head(),
            self.keys.state(generation),
            self.keys.events(),
            self.keys.details(),
        ];
        let ready = self.ready().await?;
        let answer = ready.link.run_within(&FLIP, &keys, arguments, SWITCH).await;
        let reply = self.settle(answer)?;
        match reply.word.as_str() {
            "OK" => Ok(reply.text(0).to_owned()),
            "FENCED" => Err(StoreError::Fenced(self.pool.clone())),
            // It changed while it was written: it is looked at again.
            "MISMATCH" | "SHORT" => Err(StoreError::Unknown(
                "Redis lost something once more while the pool was written anew".to_owned(),
            )),
            _ => Err(self.strange()),
        }
    }

    /// Removes a state that is of no use any more; if it fails, the next owner does it.
    pub(super) async fn unlink(&mut self, generation: &str) {
        let mut unlink = redis::cmd("UNLINK");
        unlink.arg(self.keys.state(generation));
        if let Ok(ready) = self.ready().await {
            let unlinked = ready.link.call(&unlink).await;
            let _left_for_the_next_time = self.settle(unlinked);
        }
    }
}
