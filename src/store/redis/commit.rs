//! Commits, and what is done when Redis came back with less than it had.

use std::{sync::Arc, time::Duration};

use tracing::warn;

use super::{
    Notice,
    failure::Failure,
    keys::{detail_member, event_id},
    lane::{Lane, Position, Standing},
    reply::Reply,
    ring::Kept,
    scripts::COMMIT,
};
use crate::{
    engine::record::{Delta, Record},
    store::{
        Batch, FORMAT, Lease, StoreError, event_number,
        meta::{chain, hex_id},
    },
};

/// How long replicas may take to confirm before it is looked whether the master is still the master.
const REPLICAS: Duration = Duration::from_secs(2);
/// How long one question for replicas waits.
const WAIT: Duration = Duration::from_millis(200);
/// The same while fewer replicas than wanted are enough.
const WAIT_DEGRADED: Duration = Duration::from_millis(1);

impl Lane {
    /// Applies a batch. One that is confirmed already is confirmed again.
    pub(super) async fn commit(
        &mut self,
        lease: &Lease,
        batch: &Arc<Batch>,
    ) -> Result<(), StoreError> {
        self.know(lease).await?;
        if self.is_overdue() {
            // Someone may have the pool by now: find out before anything is sent.
            self.renew(lease).await?;
        }
        let Some(at) = self.owned.as_ref().map(|owned| owned.at.clone()) else {
            return Err(StoreError::Fenced(self.pool.clone()));
        };
        if batch.revision == at.revision && chain(&at.before, batch) == at.digest {
            return self.renew(lease).await;
        }
        if at.revision.checked_add(1) != Some(batch.revision) {
            return Err(StoreError::Mismatch {
                stored: at.revision,
                batch: batch.revision,
            });
        }
        let after = chain(&at.digest, batch);
        match self.send(lease, batch, &at, &after).await? {
            Sent::Applied => {}
            Sent::Otherwise(standing) => {
                let found = self.found(standing, &at)?;
                self.replay(lease, &at, found, batch.revision).await?;
                // All that was lost is back: now this batch.
                match self.send(lease, batch, &at, &after).await? {
                    Sent::Applied => {}
                    Sent::Otherwise(_) => return Err(lost_again()),
                }
            }
        }
        self.advance(Arc::clone(batch), after);
        Ok(())
    }

    /// Extends the lease.
    pub(super) async fn renew(&mut self, lease: &Lease) -> Result<(), StoreError> {
        self.know(lease).await?;
        let sent = self.now();
        let standing = self.ask(lease).await?;
        let Some(at) = self.owned.as_ref().map(|owned| owned.at.clone()) else {
            return Err(StoreError::Fenced(self.pool.clone()));
        };
        if standing == Standing::At(at.clone()) {
            self.confirm(sent);
            return Ok(());
        }
        // A batch of which the outcome is not known may be there: the same batch settles it.
        if let Standing::At(found) = &standing
            && found.revision == at.revision + 1
            && found.before == at.digest
        {
            self.confirm(sent);
            return Ok(());
        }
        let found = self.found(standing, &at)?;
        self.replay(lease, &at, found, at.revision).await
    }

    /// What is found instead of what this owner left; an error if it is not less.
    fn found(&mut self, standing: Standing, at: &Position) -> Result<Option<Position>, StoreError> {
        match standing {
            Standing::At(found) if found.revision > at.revision => {
                self.owned = None;
                Err(StoreError::Mismatch {
                    stored: found.revision,
                    batch: at.revision + 1,
                })
            }
            Standing::At(found) => Ok(Some(found)),
            Standing::Fenced { revision, epoch } if self.was_forgotten(&revision, epoch) => {
                Ok(None)
            }
            Standing::Fenced { .. } => {
                self.owned = None;
                Err(StoreError::Fenced(self.pool.clone()))
            }
        }
    }

    /// Applies again what was lost, from the last batches. Without all of them the pool must be written anew.
    async fn replay(
        &mut self,
        lease: &Lease,
        at: &Position,
        found: Option<Position>,
        batch: u64,
    ) -> Result<(), StoreError> {
        let mut found = match found {
            Some(found) => found,
            None => self.retake().await?,
        };
        let behind = StoreError::Behind {
            stored: found.revision,
            batch,
        };
        let ring = self.owned.as_ref().map(|owned| &owned.ring);
        let Some(lost) = ring.and_then(|ring| ring.after(found.revision, &found.digest)) else {
            // Also if only the live state's name differs: what is there is not what was left.
            let is_same = found == *at;
            return if is_same { Ok(()) } else { Err(behind) };
        };
        warn!(pool = %self.pool, stored = found.revision, known = at.revision, batches = lost.len(),
            "Redis came back with less: the last batches are applied again");
        for Kept { batch, before, .. } in lost {
            let after = chain(&before, &batch);
            match self.send(lease, &batch, &found, &after).await? {
                Sent::Applied => {}
                Sent::Otherwise(_) => return Err(lost_again()),
            }
            found = Position {
                revision: batch.revision,
                digest: after,
                before,
                generation: found.generation,
            };
        }
        if let Some(owned) = &mut self.owned {
            owned.at = found;
        }
        self.common
            .notice(&self.pool, Notice::Healed { whole: false });
        Ok(())
    }

    /// Sends one batch that follows `at`, and waits for replicas.
    async fn send(
        &mut self,
        lease: &Lease,
        batch: &Batch,
        at: &Position,
        after: &str,
    ) -> Result<Sent, StoreError> {
        let keys = [
            self.keys.head(),
            self.keys.state(&at.generation),
            self.keys.events(),
            self.keys.details(),
        ];
        let common = Arc::clone(&self.common);
        let run_id = self.ready().await?.run_id.clone();
        let head = [
            hex_id(lease),
            at.revision.to_string(),
            at.digest.clone(),
            batch.revision.to_string(),
            after.to_owned(),
            at.generation.clone(),
            common.lease_ms(),
            batch.pool_time.0.to_string(),
            FORMAT.to_string(),
            run_id,
            common.options.events_kept.to_string(),
        ];
        let body = Body::of(batch);
        let arguments: Vec<&[u8]> = head
            .iter()
            .map(String::as_bytes)
            .chain(body.arguments())
            .collect();
        let needed = common.needed();
        let wait = self.patience();
        let sent = self.now();
        let ready = self.ready().await?;
        let answer = if needed == 0 {
            let answer = ready.link.run(&COMMIT, &keys, &arguments).await;
            answer.map(|reply| (reply, 0))
        } else {
            ready
                .link
                .run_and_wait(&COMMIT, &keys, &arguments, needed, wait)
                .await
        };
        let (reply, replicas) = self.settle(answer)?;
        match reply.word.as_str() {
            "OK" | "DUP" => {
                if reply.word == "DUP" {
                    common.notice(&self.pool, Notice::Duplicate);
                }
                self.confirm(sent);
                self.wait_for_replicas(lease, needed, replicas).await?;
                Ok(Sent::Applied)
            }
            _ => self.otherwise(&reply),
        }
    }

    fn otherwise(&self, reply: &Reply) -> Result<Sent, StoreError> {
        let standing = Standing::read(reply);
        standing.map(Sent::Otherwise).ok_or_else(|| self.strange())
    }

    fn patience(&self) -> Duration {
        let degraded = self.owned.as_ref().and_then(|owned| owned.degraded);
        degraded.map_or(WAIT, |_| WAIT_DEGRADED)
    }

    /// Makes sure that enough replicas have what was written, or that the master is still the master, and its replicas away. The
    /// lease is kept meanwhile.
    pub(super) async fn wait_for_replicas(
        &mut self,
        lease: &Lease,
        needed: u32,
        have: u32,
    ) -> Result<(), StoreError> {
        if have >= needed {
            if needed > 0 {
                self.set_degraded(None);
            }
            return Ok(());
        }
        let begun = self.now();
        let degraded = self.owned.as_ref().and_then(|owned| owned.degraded);
        let looked = degraded.filter(|looked| begun < *looked + REPLICAS);
        if looked.is_some() {
            return Ok(());
        }
        let expects_none = self
            .ready
            .as_ref()
            .is_some_and(|ready| ready.following == 0);
        while degraded.is_none() && !expects_none && self.now() < begun + REPLICAS {
            let ready = self.ready().await?;
            let asked = ready.link.wait(needed, WAIT).await;
            if self.settle(asked)? >= needed {
                return Ok(());
            }
            self.keep_lease(lease).await?;
        }
        let common = Arc::clone(&self.common);
        let ready = self.ready().await?;
        let node = ready.node.clone();
        if common.door.is_still_master(&mut ready.link, &node).await {
            let now = self.now();
            self.set_degraded(Some(now));
            return Ok(());
        }
        self.ready = None;
        Err(StoreError::Unknown(format!(
            "Redis at {node} applied it, but no replica has it, and it is not known to be the master any more"
        )))
    }

    /// Notes a batch that is confirmed.
    pub(super) fn advance(&mut self, batch: Arc<Batch>, digest: String) {
        let now = self.now();
        if let Some(owned) = &mut self.owned {
            let before = std::mem::replace(&mut owned.at.digest, digest);
            owned.at.before.clone_from(&before);
            owned.at.revision = batch.revision;
            owned.ring.push(batch, before, now);
        }
    }
}

/// How a batch was answered.
enum Sent {
    Applied,
    /// The pool does not stand where the batch begins.
    Otherwise(Standing),
}

fn lost_again() -> StoreError {
    Failure::unknown("Redis lost something once more while it was healed").into()
}

/// What a batch changes, in the form of the script.
struct Body<'a> {
    counts: [String; 4],
    puts: Vec<&'a Record>,
    deletes: Vec<&'a str>,
    events: Vec<(String, &'a str)>,
    details: Vec<String>,
}

impl<'a> Body<'a> {
    fn of(batch: &'a Batch) -> Self {
        let (mut puts, mut deletes) = (Vec::new(), Vec::new());
        for delta in &batch.deltas {
            match delta {
                Delta::Put(record) => puts.push(record),
                Delta::Delete(key) => deletes.push(key.as_str()),
            }
        }
        let events = events(batch);
        let details: Vec<String> = batch.details.iter().map(detail_member).collect();
        let counts = [puts.len(), deletes.len(), events.len(), details.len()];
        Self {
            counts: counts.map(|count| count.to_string()),
            puts,
            deletes,
            events,
            details,
        }
    }

    fn arguments(&self) -> impl Iterator<Item = &[u8]> {
        let counts = self.counts.iter().map(String::as_bytes);
        let puts = self
            .puts
            .iter()
            .flat_map(|record| [record.key.as_bytes(), &record.value]);
        let deletes = self.deletes.iter().map(|key| key.as_bytes());
        let events = self
            .events
            .iter()
            .flat_map(|(id, json)| [id.as_bytes(), json.as_bytes()]);
        let details = self.details.iter().map(String::as_bytes);
        counts
            .chain(puts)
            .chain(deletes)
            .chain(events)
            .chain(details)
    }
}

/// The events of a batch with their ids.
pub(super) fn events(batch: &Batch) -> Vec<(String, &str)> {
    let events = batch.events.iter().enumerate();
    events
        .map(|(index, json)| (event_id(event_number(batch.revision, index)), json.as_str()))
        .collect()
}
