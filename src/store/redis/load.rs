//! Reads a whole pool, a part at a time. Whoever held it before is fenced, so nothing moves meanwhile.

use std::collections::BTreeMap;

use redis::Value;

use super::{
    failure::Failure,
    lane::Lane,
    reply::{bytes, text, texts},
};
use crate::{
    engine::{ids::PoolTime, record::Record},
    store::{FORMAT, Lease, Loaded, StoreError, meta::hex_id},
};

/// Entities of one answer, about.
const CHUNK: u32 = 2_000;

/// What the head says of the pool.
struct Head {
    generation: String,
    entities: u64,
    revision: u64,
    pool_time: PoolTime,
    undone_after: Option<u64>,
}

impl Lane {
    /// Reads the pool of this lease.
    pub(super) async fn load(&mut self, lease: &Lease) -> Result<Loaded, StoreError> {
        self.know(lease).await?;
        let head = self.head(lease).await?;
        self.check_kinds(&head).await?;
        let records = self.entities(lease, &head.generation).await?;
        if records.len() as u64 != head.entities {
            return Err(StoreError::Corrupt(format!(
                "pool `{}` has {} entities in Redis, and its head counts {}: something else changed them; restore a backup",
                self.pool,
                records.len(),
                head.entities
            )));
        }
        Ok(Loaded {
            revision: head.revision,
            pool_time: head.pool_time,
            records,
            undone_after: head.undone_after,
        })
    }

    async fn head(&mut self, lease: &Lease) -> Result<Head, StoreError> {
        let mut get = redis::cmd("HMGET");
        get.arg(self.keys.head());
        get.arg(&["lid", "gen", "n", "rev", "pt", "und", "fmt"]);
        let ready = self.ready().await?;
        let answer = ready.link.call(&get).await;
        let fields = self.settle(answer)?;
        let fields = texts(fields).ok_or_else(|| self.strange())?;
        let [
            lease_id,
            generation,
            entities,
            revision,
            pool_time,
            undone_after,
            format,
        ] = <[String; 7]>::try_from(fields).map_err(|_| self.strange())?;
        if lease_id != hex_id(lease) {
            return Err(StoreError::Fenced(self.pool.clone()));
        }
        let number = |text: &str| {
            text.parse::<u64>().map_err(|_| {
                StoreError::Corrupt(format!(
                    "the head of pool `{}` in Redis has `{text}` where a number should be; restore a backup",
                    self.pool
                ))
            })
        };
        let stored = u32::try_from(number(&format)?).unwrap_or(u32::MAX);
        if stored > FORMAT {
            return Err(StoreError::TooNew { stored });
        }
        let undone_after = (!undone_after.is_empty()).then(|| number(&undone_after));
        Ok(Head {
            entities: number(&entities)?,
            revision: number(&revision)?,
            pool_time: PoolTime(number(&pool_time)?),
            undone_after: undone_after.transpose()?,
            generation,
        })
    }

    /// A key of ours that holds something else would break a commit in its middle.
    async fn check_kinds(&mut self, head: &Head) -> Result<(), StoreError> {
        let kinds = [
            (self.keys.state(&head.generation), "hash"),
            (self.keys.events(), "stream"),
            (self.keys.details(), "zset"),
        ];
        for (key, kind) in kinds {
            let mut ask = redis::cmd("TYPE");
            ask.arg(&key);
            let ready = self.ready().await?;
            let answer = ready.link.call(&ask).await;
            let found = text(self.settle(answer)?).unwrap_or_default();
            if found != kind && found != "none" {
                return Err(StoreError::Corrupt(format!(
                    "the key `{key}` in Redis is a {found}, and should be a {kind}: something else wrote it; move it away"
                )));
            }
        }
        Ok(())
    }

    async fn entities(
        &mut self,
        lease: &Lease,
        generation: &str,
    ) -> Result<Vec<Record>, StoreError> {
        let key = self.keys.state(generation);
        // A field may come twice while Redis makes room.
        let mut found = BTreeMap::new();
        let mut cursor = "0".to_owned();
        loop {
            let ready = self.ready().await?;
            let answer = scan(&mut ready.link, &key, &cursor).await;
            let (next, part) = self.settle(answer)?;
            for (field, value) in part {
                let name = String::from_utf8(field).map_err(|field| {
                    let field = String::from_utf8_lossy(field.as_bytes()).into_owned();
                    StoreError::Corrupt(format!(
                        "the key `{key}` in Redis has a field `{}` that is no text: something else wrote it; remove it",
                        field.escape_debug()
                    ))
                })?;
                found.insert(name, value);
            }
            if next == "0" {
                break;
            }
            cursor = next;
            self.keep_lease(lease).await?;
        }
        let records = found.into_iter();
        Ok(records.map(|(key, value)| Record { key, value }).collect())
    }
}

/// The next cursor, and fields with their values.
type Part = (String, Vec<(Vec<u8>, Vec<u8>)>);

/// Reads a part of a hash.
pub(super) async fn scan(
    link: &mut super::link::Link,
    key: &str,
    cursor: &str,
) -> Result<Part, Failure> {
    let mut command = redis::cmd("HSCAN");
    command.arg(key).arg(cursor).arg("COUNT").arg(CHUNK);
    let answer = link.call(&command).await?;
    let strange = || Failure::strange(link.name());
    let Value::Array(parts) = answer else {
        return Err(strange());
    };
    let [next, Value::Array(pairs)] = <[Value; 2]>::try_from(parts).map_err(|_| strange())? else {
        return Err(strange());
    };
    let mut pairs = pairs.into_iter();
    let mut found = Vec::with_capacity(pairs.len() / 2);
    while let (Some(field), Some(value)) = (pairs.next(), pairs.next()) {
        found.push((
            bytes(field).ok_or_else(strange)?,
            bytes(value).ok_or_else(strange)?,
        ));
    }
    Ok((text(next).ok_or_else(strange)?, found))
}
