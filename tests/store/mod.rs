//! Tests of the stores: one contract for all of them, then what is special to each.

mod answers;
mod backup;
mod contract;
mod detail_records;
mod embedded;
mod faults;
mod faulty_disk;
mod golden;
mod model;
mod ownership;
mod recovery;
mod redis;

use std::{path::PathBuf, sync::Arc, time::Duration};

use homeshore::{
    engine::{
        ids::{PoolId, PoolTime},
        record::{Delta, Record},
    },
    store::{
        Batch, DetailKey, Lease, Store, StoreError, StoredDetail,
        embedded::{Embedded, Options},
        memory::Memory,
    },
};
use tempfile::TempDir;

/// Events that the stores of these tests keep of each pool.
const EVENTS_KEPT: u64 = 20;

/// A pool of a store, as soon as nobody holds it.
async fn acquire(store: &dyn Store, pool: &PoolId) -> Lease {
    loop {
        match store.acquire(pool).await {
            Ok(lease) => return lease,
            Err(StoreError::Held { for_ms, .. }) => {
                tokio::time::sleep(Duration::from_millis(for_ms + 1)).await;
            }
            Err(problem) => panic!("{problem}"),
        }
    }
}

/// Where a store lives, to open it once or again.
trait Place {
    fn open(&self) -> Arc<dyn Store>;
}

impl Place for Memory {
    fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.clone())
    }
}

fn memory() -> Memory {
    Memory::new(EVENTS_KEPT)
}

/// A data folder that goes with the test.
struct DataFolder {
    holder: TempDir,
}

fn data_folder() -> DataFolder {
    DataFolder {
        holder: tempfile::tempdir().unwrap(),
    }
}

impl DataFolder {
    fn path(&self) -> PathBuf {
        self.holder.path().join("data")
    }

    fn file(&self) -> PathBuf {
        self.path().join("homeshore.redb")
    }
}

impl Place for DataFolder {
    fn open(&self) -> Arc<dyn Store> {
        Arc::new(Embedded::open(&self.path(), options()).unwrap())
    }
}

fn options() -> Options {
    Options {
        events_kept: EVENTS_KEPT,
        cache_bytes: 4 << 20,
    }
}

fn put(key: &str, value: &str) -> Delta {
    Delta::Put(Record {
        key: key.into(),
        value: value.into(),
    })
}

fn delete(key: &str) -> Delta {
    Delta::Delete(key.into())
}

fn batch(revision: u64, deltas: Vec<Delta>) -> Arc<Batch> {
    Arc::new(Batch {
        revision,
        pool_time: PoolTime(revision.saturating_mul(1_000)),
        deltas,
        ..Batch::default()
    })
}

fn detail(ended_at: u64, number: u64) -> StoredDetail {
    StoredDetail {
        key: DetailKey {
            ended_at: PoolTime(ended_at),
            number,
        },
        json: format!("{ended_at}-{number}"),
    }
}

fn with_details(revision: u64, details: Vec<StoredDetail>) -> Arc<Batch> {
    Arc::new(Batch {
        details,
        ..(*batch(revision, Vec::new())).clone()
    })
}

fn with_events(revision: u64, events: &[&str]) -> Arc<Batch> {
    Arc::new(Batch {
        revision,
        pool_time: PoolTime(revision.saturating_mul(1_000)),
        events: events.iter().map(ToString::to_string).collect(),
        ..Batch::default()
    })
}
