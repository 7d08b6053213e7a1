//! The tables of the data file, and every read and write of them.

use base64::{Engine, prelude::BASE64_STANDARD};
use redb::{
    Database, ReadTransaction, ReadableTable, Table, TableDefinition, TableError, TableHandle,
    WriteTransaction,
};

use super::disk::Trouble;
use crate::{
    engine::{
        ids::{PoolId, PoolTime},
        record::{Delta, Record},
    },
    store::{
        Batch, DetailKey, FORMAT, Lease, Loaded, StoreError, StoredDetail, StoredEvent,
        backup::{Row, Writer},
        event_number,
        meta::{Meta, Verdict, check_format},
    },
};

/// What the file is, for whoever opens it: `program` and `format`.
pub(super) const ABOUT: TableDefinition<'_, &str, &str> = TableDefinition::new("about");
/// Pool to [`Meta`] as JSON.
const POOLS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("pools");
/// Pool and entity key to the entity's bytes.
const STATE: TableDefinition<'_, (&str, &str), &[u8]> = TableDefinition::new("state");
/// Pool and event number to the event's JSON.
const EVENTS: TableDefinition<'_, (&str, u64), &str> = TableDefinition::new("events");
/// Pool, end of the call and number of the event that ended it to the detail record's JSON.
const DETAILS: TableDefinition<'_, (&str, u64, u64), &str> = TableDefinition::new("details");

/// Makes sure that a database is ours and not newer than this program; an empty one becomes ours.
pub(super) fn prepare(database: &Database) -> Result<(), Trouble> {
    let txn = database.begin_write()?;
    if txn.list_tables()?.next().is_none() {
        let mut about = txn.open_table(ABOUT)?;
        about.insert("program", "homeshore")?;
        about.insert("format", FORMAT.to_string().as_str())?;
        drop(about);
        drop(Tables::open(&txn)?);
        txn.commit()?;
        return Ok(());
    }
    let known = txn.list_tables()?.any(|table| table.name() == ABOUT.name());
    let format = if known { read_about(&txn)? } else { None };
    let foreign = || StoreError::Corrupt("it is not a data file of homeshore".into());
    check_format(format.ok_or_else(foreign)?)?;
    if !txn
        .list_tables()?
        .any(|table| table.name() == DETAILS.name())
    {
        // Written before there were detail records.
        drop(Tables::open(&txn)?);
        txn.commit()?;
    }
    Ok(())
}

fn read_about(txn: &WriteTransaction) -> Result<Option<u32>, Trouble> {
    let about = txn.open_table(ABOUT)?;
    let program = about.get("program")?;
    if program.is_none_or(|program| program.value() != "homeshore") {
        return Ok(None);
    }
    let format = about.get("format")?;
    Ok(format.and_then(|format| format.value().parse().ok()))
}

/// The tables of one write transaction.
pub(super) struct Tables<'txn> {
    pools: Table<'txn, &'static str, &'static [u8]>,
    state: Table<'txn, (&'static str, &'static str), &'static [u8]>,
    events: Table<'txn, (&'static str, u64), &'static str>,
    details: Table<'txn, (&'static str, u64, u64), &'static str>,
}

impl<'txn> Tables<'txn> {
    pub(super) fn open(txn: &'txn WriteTransaction) -> Result<Self, TableError> {
        Ok(Self {
            pools: txn.open_table(POOLS)?,
            state: txn.open_table(STATE)?,
            events: txn.open_table(EVENTS)?,
            details: txn.open_table(DETAILS)?,
        })
    }

    /// Puts a lease in force.
    pub(super) fn acquire(&mut self, lease: &Lease) -> Result<(), Trouble> {
        let mut meta = meta(&self.pools, &lease.pool)?.unwrap_or_else(Meta::new);
        meta.grant(lease);
        self.put(&lease.pool, &meta)
    }

    /// Ends a lease.
    pub(super) fn release(&mut self, lease: &Lease) -> Result<(), Trouble> {
        let mut meta = self.meta_for(lease)?;
        meta.end(lease)?;
        self.put(&lease.pool, &meta)
    }

    /// Applies a batch; false if it is stored already. A refusal comes before the first write.
    pub(super) fn commit(
        &mut self,
        lease: &Lease,
        batch: &Batch,
        events_kept: u64,
    ) -> Result<bool, Trouble> {
        let meta = self.meta_for(lease)?;
        let Verdict::Apply(digest) = meta.judge(lease, batch)? else {
            return Ok(false);
        };
        let pool = lease.pool.as_str();
        for delta in &batch.deltas {
            match delta {
                Delta::Put(Record { key, value }) => {
                    self.state.insert((pool, key.as_str()), value.as_slice())?;
                }
                Delta::Delete(key) => {
                    self.state.remove((pool, key.as_str()))?;
                }
            }
        }
        self.append(lease, meta, batch, digest, events_kept)?;
        Ok(true)
    }

    /// Replaces a whole pool by what it is with the effect of a batch; false if that is stored already.
    pub(super) fn rewrite(
        &mut self,
        lease: &Lease,
        batch: &Batch,
        records: &[Record],
        events_kept: u64,
    ) -> Result<bool, Trouble> {
        let meta = self.meta_for(lease)?;
        let Verdict::Apply(digest) = meta.judge_rewrite(lease, batch)? else {
            return Ok(false);
        };
        let pool = lease.pool.as_str();
        let mut old = Vec::new();
        for entry in self.state.range((pool, "")..)? {
            let (key, _) = entry?;
            let (owner, key) = key.value();
            if owner != pool {
                break;
            }
            old.push(key.to_owned());
        }
        for key in &old {
            self.state.remove((pool, key.as_str()))?;
        }
        for Record { key, value } in records {
            self.state.insert((pool, key.as_str()), value.as_slice())?;
        }
        self.append(lease, meta, batch, digest, events_kept)?;
        Ok(true)
    }

    /// Stores what a batch adds, and the new head.
    fn append(
        &mut self,
        lease: &Lease,
        mut meta: Meta,
        batch: &Batch,
        digest: String,
        events_kept: u64,
    ) -> Result<(), Trouble> {
        let pool = lease.pool.as_str();
        for (index, json) in batch.events.iter().enumerate() {
            let number = event_number(batch.revision, index);
            self.events.insert((pool, number), json.as_str())?;
        }
        for StoredDetail { key, json } in &batch.details {
            let place = (pool, key.ended_at.0, key.number);
            self.details.insert(place, json.as_str())?;
        }
        meta.advance(batch, digest);
        self.forget_events(pool, meta.trim(events_kept))?;
        self.put(&lease.pool, &meta)
    }

    /// Removes old detail records; false if there are none.
    pub(super) fn purge_details(
        &mut self,
        pool: &PoolId,
        before: PoolTime,
        limit: usize,
    ) -> Result<bool, Trouble> {
        let pool = pool.as_str();
        let mut old = Vec::new();
        let range = self.details.range((pool, 0, 0)..(pool, before.0, 0))?;
        for entry in range.take(limit) {
            let (_, ended_at, number) = entry?.0.value();
            old.push((ended_at, number));
        }
        for (ended_at, number) in &old {
            self.details.remove((pool, *ended_at, *number))?;
        }
        Ok(!old.is_empty())
    }

    /// Puts back what a backup holds.
    pub(super) fn put_row(&mut self, row: &Row) -> Result<(), Trouble> {
        match row {
            Row::Pool(pool, head) => {
                self.pools.insert(pool.as_str(), head.as_bytes())?;
            }
            Row::State(pool, key, value) => {
                let place = (pool.as_str(), key.as_str());
                self.state.insert(place, value.as_bytes())?;
            }
            Row::Bytes(pool, key, value) => {
                let value = BASE64_STANDARD.decode(value);
                let corrupt = |_| StoreError::Corrupt(format!("`{key}` is no Base64"));
                let place = (pool.as_str(), key.as_str());
                self.state.insert(place, &*value.map_err(corrupt)?)?;
            }
            Row::Event(pool, number, json) => {
                self.events
                    .insert((pool.as_str(), *number), json.as_str())?;
            }
            Row::Detail(pool, ended_at, number, json) => {
                let place = (pool.as_str(), *ended_at, *number);
                self.details.insert(place, json.as_str())?;
            }
        }
        Ok(())
    }

    fn meta_for(&self, lease: &Lease) -> Result<Meta, Trouble> {
        let fenced = || StoreError::Fenced(lease.pool.clone());
        Ok(meta(&self.pools, &lease.pool)?.ok_or_else(fenced)?)
    }

    fn put(&mut self, pool: &PoolId, meta: &Meta) -> Result<(), Trouble> {
        self.pools
            .insert(pool.as_str(), meta.to_json().as_slice())?;
        Ok(())
    }

    fn forget_events(&mut self, pool: &str, oldest: u64) -> Result<(), Trouble> {
        let oldest = usize::try_from(oldest).unwrap_or(usize::MAX);
        let mut numbers = Vec::new();
        for entry in self
            .events
            .range((pool, 0)..=(pool, u64::MAX))?
            .take(oldest)
        {
            numbers.push(entry?.0.value().1);
        }
        for number in numbers {
            self.events.remove((pool, number))?;
        }
        Ok(())
    }
}

/// Refuses every lease but the one in force.
pub(super) fn check_lease(snapshot: &ReadTransaction, lease: &Lease) -> Result<(), Trouble> {
    let fenced = || StoreError::Fenced(lease.pool.clone());
    let pools = snapshot.open_table(POOLS)?;
    let meta = meta(&pools, &lease.pool)?.ok_or_else(fenced)?;
    Ok(meta.check_lease(lease)?)
}

/// Reads a whole pool.
pub(super) fn load(snapshot: &ReadTransaction, lease: &Lease) -> Result<Loaded, Trouble> {
    let fenced = || StoreError::Fenced(lease.pool.clone());
    let pools = snapshot.open_table(POOLS)?;
    let meta = meta(&pools, &lease.pool)?.ok_or_else(fenced)?;
    meta.check_lease(lease)?;
    let pool = lease.pool.as_str();
    let mut records = Vec::new();
    for entry in snapshot.open_table(STATE)?.range((pool, "")..)? {
        let (key, value) = entry?;
        let (owner, key) = key.value();
        if owner != pool {
            break;
        }
        records.push(Record {
            key: key.to_owned(),
            value: value.value().to_vec(),
        });
    }
    Ok(Loaded {
        revision: meta.revision,
        pool_time: meta.pool_time,
        records,
        undone_after: meta.undone_after,
    })
}

/// Reads a pool's newer events.
pub(super) fn events_after(
    snapshot: &ReadTransaction,
    pool: &PoolId,
    after: u64,
    limit: usize,
) -> Result<Vec<StoredEvent>, Trouble> {
    let Some(first) = after.checked_add(1) else {
        return Ok(Vec::new());
    };
    let pool = pool.as_str();
    let table = snapshot.open_table(EVENTS)?;
    let newer = table.range((pool, first)..=(pool, u64::MAX))?;
    newer
        .take(limit)
        .map(|entry| {
            let (key, json) = entry?;
            Ok(StoredEvent {
                number: key.value().1,
                json: json.value().to_owned(),
            })
        })
        .collect()
}

/// Reads a pool's detail records.
pub(super) fn details_from(
    snapshot: &ReadTransaction,
    pool: &PoolId,
    from: DetailKey,
    limit: usize,
) -> Result<Vec<StoredDetail>, Trouble> {
    let pool = pool.as_str();
    let table = snapshot.open_table(DETAILS)?;
    let first = (pool, from.ended_at.0, from.number);
    let found = table.range(first..=(pool, u64::MAX, u64::MAX))?;
    found
        .take(limit)
        .map(|entry| {
            let (key, json) = entry?;
            let (_, ended_at, number) = key.value();
            Ok(StoredDetail {
                key: DetailKey {
                    ended_at: PoolTime(ended_at),
                    number,
                },
                json: json.value().to_owned(),
            })
        })
        .collect()
}

/// Reads everything, pools first.
pub(super) fn back_up(snapshot: &ReadTransaction, writer: &mut Writer<'_>) -> Result<(), Trouble> {
    for entry in snapshot.open_table(POOLS)?.iter()? {
        let (pool, head) = entry?;
        let head = String::from_utf8_lossy(head.value()).into_owned();
        writer.row(&Row::Pool(pool.value().to_owned(), head))?;
    }
    for entry in snapshot.open_table(STATE)?.iter()? {
        let (key, value) = entry?;
        let (pool, key) = key.value();
        writer.row(&Row::entity(pool, key, value.value()))?;
    }
    for entry in snapshot.open_table(EVENTS)?.iter()? {
        let (key, json) = entry?;
        let (pool, number) = key.value();
        let json = json.value().to_owned();
        writer.row(&Row::Event(pool.to_owned(), number, json))?;
    }
    for entry in snapshot.open_table(DETAILS)?.iter()? {
        let (key, json) = entry?;
        let (pool, ended_at, number) = key.value();
        let json = json.value().to_owned();
        writer.row(&Row::Detail(pool.to_owned(), ended_at, number, json))?;
    }
    Ok(())
}

/// Reads which pools have a commit.
pub(super) fn pools(snapshot: &ReadTransaction) -> Result<Vec<PoolId>, Trouble> {
    let mut found = Vec::new();
    for entry in snapshot.open_table(POOLS)?.iter()? {
        let (pool, json) = entry?;
        let pool = PoolId::new(pool.value());
        if Meta::from_json(&pool, json.value())?.revision > 0 {
            found.push(pool);
        }
    }
    Ok(found)
}

fn meta(
    pools: &impl ReadableTable<&'static str, &'static [u8]>,
    pool: &PoolId,
) -> Result<Option<Meta>, Trouble> {
    let Some(json) = pools.get(pool.as_str())? else {
        return Ok(None);
    };
    Ok(Some(Meta::from_json(pool, json.value())?))
}
