//! What is read without a lease: events, detail records, the list of pools. Each pool has a second connection for it, so that
//! no reader waits behind a commit that waits for replicas.

use redis::Value;

use super::{
    failure::Failure,
    keys::{HEADS, Keys, detail_of, detail_place, event_id, event_number_of, pool_of},
    lane::{Common, Ready, connect},
    link::Link,
    reply::{number, text, texts},
    watch::look,
};
use crate::{
    engine::ids::{PoolId, PoolTime},
    store::{DetailKey, StoreError, StoredDetail, StoredEvent, shared::Head},
};

/// Keys of one answer, about.
const SCAN: u32 = 1_000;

/// A pool's connection for reading.
#[derive(Debug, Default)]
pub(super) struct ReadLane(Option<Ready>);

impl ReadLane {
    async fn call(
        &mut self,
        common: &Common,
        keys: &Keys,
        command: &redis::Cmd,
    ) -> Result<Value, Failure> {
        let mut ready = match self.0.take() {
            Some(ready) => ready,
            None => connect(&common.door, keys).await?,
        };
        let answer = ready.link.call(command).await?;
        self.0 = Some(ready);
        Ok(answer)
    }

    /// The pool's head, if there is one.
    pub(super) async fn head(
        &mut self,
        common: &Common,
        pool: &PoolId,
    ) -> Result<Option<Head>, StoreError> {
        let mut ready = match self.0.take() {
            Some(ready) => ready,
            None => connect(&common.door, &Keys::of(pool)).await?,
        };
        let heads = look(&mut ready.link, common, std::iter::once(pool)).await?;
        self.0 = Some(ready);
        Ok(heads.into_iter().next())
    }

    /// Newer events.
    pub(super) async fn events_after(
        &mut self,
        common: &Common,
        pool: &PoolId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let keys = Keys::of(pool);
        let mut range = redis::cmd("XRANGE");
        range.arg(keys.events());
        range.arg(format!("({}", event_id(after))).arg("+");
        range.arg("COUNT").arg(limit);
        let answer = self.call(common, &keys, &range).await?;
        let events = list(answer).map(|entries| entries.into_iter().map(event).collect());
        events
            .flatten()
            .ok_or_else(|| foreign(&keys.events(), "an event"))
    }

    /// Detail records in order.
    pub(super) async fn details_from(
        &mut self,
        common: &Common,
        pool: &PoolId,
        from: DetailKey,
        limit: usize,
    ) -> Result<Vec<StoredDetail>, StoreError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let keys = Keys::of(pool);
        let range = lexical(&keys, &format!("[{}", detail_place(from)), "+", limit);
        let answer = self.call(common, &keys, &range).await?;
        let members =
            texts(answer).map(|members| members.iter().map(|member| detail_of(member)).collect());
        members
            .flatten()
            .ok_or_else(|| foreign(&keys.details(), "a detail record"))
    }

    /// Removes the oldest detail records.
    pub(super) async fn purge_details(
        &mut self,
        common: &Common,
        pool: &PoolId,
        before: PoolTime,
        limit: usize,
    ) -> Result<(), StoreError> {
        let keys = Keys::of(pool);
        let until = DetailKey {
            ended_at: before,
            number: 0,
        };
        let range = lexical(&keys, "-", &format!("({}", detail_place(until)), limit);
        let answer = self.call(common, &keys, &range).await?;
        let members = texts(answer).ok_or_else(|| foreign(&keys.details(), "a detail record"))?;
        if members.is_empty() {
            return Ok(());
        }
        let mut remove = redis::cmd("ZREM");
        remove.arg(keys.details()).arg(members);
        self.call(common, &keys, &remove).await?;
        Ok(())
    }
}

fn lexical(keys: &Keys, from: &str, to: &str, limit: usize) -> redis::Cmd {
    let mut range = redis::cmd("ZRANGEBYLEX");
    range.arg(keys.details()).arg(from).arg(to);
    range.arg("LIMIT").arg(0).arg(limit);
    range
}

/// Every pool of which a master has the head, with the revision, by id.
pub(super) async fn pools(common: &Common) -> Result<Vec<(PoolId, u64)>, StoreError> {
    let mut found = Vec::new();
    for node in common.door.masters().await? {
        let mut link = common.door.connect(&node).await?;
        found.extend(pools_of(&mut link).await?);
    }
    found.sort();
    found.dedup();
    Ok(found)
}

async fn pools_of(link: &mut Link) -> Result<Vec<(PoolId, u64)>, Failure> {
    let mut found = Vec::new();
    for pool in heads_of(link).await? {
        let mut get = redis::cmd("HGET");
        get.arg(Keys::of(&pool).head()).arg("rev");
        let revision = number(link.call(&get).await?);
        found.push((pool, revision.unwrap_or(0)));
    }
    Ok(found)
}

/// The pools of which a master has the head.
pub(super) async fn heads_of(link: &mut Link) -> Result<Vec<PoolId>, Failure> {
    let mut found = Vec::new();
    let mut cursor = "0".to_owned();
    loop {
        let mut scan = redis::cmd("SCAN");
        scan.arg(&cursor)
            .arg("MATCH")
            .arg(HEADS)
            .arg("COUNT")
            .arg(SCAN);
        let answer = link.call(&scan).await?;
        let strange = || Failure::strange(link.name());
        let parts = list(answer).and_then(|parts| <[Value; 2]>::try_from(parts).ok());
        let [next, heads] = parts.ok_or_else(strange)?;
        let next = text(next).ok_or_else(strange)?;
        let heads = texts(heads).ok_or_else(strange)?;
        found.extend(heads.iter().filter_map(|head| pool_of(head)));
        if next == "0" {
            return Ok(found);
        }
        cursor = next;
    }
}

fn list(value: Value) -> Option<Vec<Value>> {
    let Value::Array(values) = value else {
        return None;
    };
    Some(values)
}

/// An entry of the stream.
pub(super) fn event(entry: Value) -> Option<StoredEvent> {
    let [id, fields] = <[Value; 2]>::try_from(list(entry)?).ok()?;
    let [_, json] = <[String; 2]>::try_from(texts(fields)?).ok()?;
    Some(StoredEvent {
        number: event_number_of(&text(id)?)?,
        json,
    })
}

fn foreign(key: &str, what: &str) -> StoreError {
    StoreError::Corrupt(format!(
        "the key `{key}` in Redis has an entry that is not {what} of ours: something else wrote it; remove it"
    ))
}
