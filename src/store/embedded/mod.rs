//! The default store: one redb file in a data folder, for one process.
//!
//! One writer thread takes all that waits, from all pools, into one transaction, and answers once it is on disk: a
//! commit costs a disk flush, so commits share it. Reads run beside the writer on a snapshot.

mod disk;
mod folder;
mod look;
mod restore;
mod tables;
mod writer;

use std::{
    path::Path,
    sync::Arc,
    thread::{self, JoinHandle},
};

use redb::{Builder, Database, DatabaseError, ReadTransaction};
use tokio::{
    sync::{mpsc, oneshot},
    task::spawn_blocking,
};

use self::{
    disk::{Disk, Trouble},
    folder::Folder,
    writer::{Request, Work},
};
pub use self::{
    look::{DATA_FILE, LOCK_FILE, Look, look},
    restore::{restore, take_over},
};
use super::{
    BACKUP_PARTS, Backup, Batch, DetailKey, EVENTS_PER_REVISION, Lease, Loaded, Store, StoreError,
    StoredDetail, StoredEvent, backup::Writer,
};
use crate::engine::{
    ids::{PoolId, PoolTime},
    record::Record,
};

/// Requests that may wait for the writer; more wait in their callers.
const QUEUE: usize = 256;

/// How the store is opened.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Newest events to keep of each pool.
    pub events_kept: u64,
    /// Memory for pages of the file.
    pub cache_bytes: usize,
}

impl Default for Options {
    /// 100,000 events of each pool, 64 MiB of pages.
    fn default() -> Self {
        Self {
            events_kept: 100_000,
            cache_bytes: 64 << 20,
        }
    }
}

/// How thoroughly to look at the file while opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// Read all of it and compare checksums, as when a process starts.
    Whole,
    /// Repair what an interrupted write left, as after an error of the disk.
    Repair,
}

/// An open data folder. Dropping it waits for the commits under way and gives the folder free.
#[derive(Debug)]
pub struct Embedded {
    disk: Arc<Disk>,
    requests: Option<mpsc::Sender<Request>>,
    writer: Option<JoinHandle<()>>,
}

impl Embedded {
    /// Opens a data folder, and makes it if it is not there. Blocks while the file is read and checked.
    ///
    /// # Errors
    /// [`StoreError::NotApplied`] if the folder cannot be used now (another process has it, rights, space),
    /// [`StoreError::Corrupt`] if its data file cannot be read, [`StoreError::TooNew`] if a newer release wrote it.
    pub fn open(dir: &Path, options: Options) -> Result<Self, StoreError> {
        let folder = Folder::take(dir)?;
        let file = folder.data_file();
        folder.create_data_file(options)?;
        let path = file.clone();
        let open = move |check| builder(options, check).open(&path);
        Self::start(Disk::open(&file, open)?, options, Some(folder))
    }

    /// Opens a database that lives elsewhere than in a folder, such as a test's failing disk. `open` is called again
    /// after an error of the disk; `name` stands for the file in messages.
    ///
    /// # Errors
    /// As [`Embedded::open`].
    pub fn open_on<F>(name: &Path, options: Options, open: F) -> Result<Self, StoreError>
    where
        F: Fn(Check) -> Result<Database, DatabaseError> + Send + Sync + 'static,
    {
        Self::start(Disk::open(name, open)?, options, None)
    }

    fn start(disk: Disk, options: Options, folder: Option<Folder>) -> Result<Self, StoreError> {
        let disk = Arc::new(disk);
        let (requests, waiting) = mpsc::channel(QUEUE);
        let of_writer = Arc::clone(&disk);
        let writer = thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || {
                writer::run(&of_writer, options.events_kept, waiting);
                drop(folder);
            })
            .map_err(|error| StoreError::NotApplied(format!("no thread to write: {error}")))?;
        Ok(Self {
            disk,
            requests: Some(requests),
            writer: Some(writer),
        })
    }

    async fn ask(&self, work: Work) -> Result<(), StoreError> {
        let stopped = || StoreError::Unknown("the store's writer has stopped".into());
        let (reply, answer) = oneshot::channel();
        let requests = self.requests.as_ref().ok_or_else(stopped)?;
        let sent = requests.send(Request { work, reply }).await;
        sent.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }

    async fn read<T, F>(&self, read: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&ReadTransaction) -> Result<T, Trouble> + Send + 'static,
    {
        if self.disk.is_broken() {
            self.ask(Work::Heal).await?;
        }
        let disk = Arc::clone(&self.disk);
        spawn_blocking(move || disk.read(read))
            .await
            .map_err(|error| StoreError::NotApplied(format!("the read was cut short: {error}")))?
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        drop(self.requests.take());
        if let Some(writer) = self.writer.take() {
            let _it_panicked_and_said_so = writer.join();
        }
    }
}

#[async_trait::async_trait]
impl Store for Embedded {
    async fn acquire(&self, pool: &PoolId) -> Result<Lease, StoreError> {
        let lease = Lease::new(pool);
        self.ask(Work::Acquire(lease.clone())).await?;
        Ok(lease)
    }

    async fn load(&self, lease: &Lease) -> Result<Loaded, StoreError> {
        let lease = lease.clone();
        self.read(move |snapshot| tables::load(snapshot, &lease))
            .await
    }

    async fn commit(&self, lease: &Lease, batch: Arc<Batch>) -> Result<(), StoreError> {
        assert!(
            (batch.events.len() as u64) < EVENTS_PER_REVISION,
            "a commit has fewer than {EVENTS_PER_REVISION} events"
        );
        self.ask(Work::Commit(lease.clone(), batch)).await
    }

    async fn renew(&self, lease: &Lease) -> Result<(), StoreError> {
        let lease = lease.clone();
        self.read(move |snapshot| tables::check_lease(snapshot, &lease))
            .await
    }

    async fn rewrite(
        &self,
        lease: &Lease,
        batch: Arc<Batch>,
        records: Vec<Record>,
    ) -> Result<(), StoreError> {
        self.ask(Work::Rewrite(lease.clone(), batch, records)).await
    }

    async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        self.ask(Work::Release(lease.clone())).await
    }

    async fn events_after(
        &self,
        pool: &PoolId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let pool = pool.clone();
        self.read(move |snapshot| tables::events_after(snapshot, &pool, after, limit))
            .await
    }

    async fn details_from(
        &self,
        pool: &PoolId,
        from: DetailKey,
        limit: usize,
    ) -> Result<Vec<StoredDetail>, StoreError> {
        let pool = pool.clone();
        self.read(move |snapshot| tables::details_from(snapshot, &pool, from, limit))
            .await
    }

    async fn purge_details(
        &self,
        pool: &PoolId,
        before: PoolTime,
        limit: usize,
    ) -> Result<(), StoreError> {
        self.ask(Work::Purge {
            pool: pool.clone(),
            before,
            limit,
        })
        .await
    }

    async fn backup(&self) -> Result<Backup, StoreError> {
        if self.disk.is_broken() {
            self.ask(Work::Heal).await?;
        }
        let (parts, backup) = mpsc::channel(BACKUP_PARTS);
        let disk = Arc::clone(&self.disk);
        spawn_blocking(move || {
            let mut hand_on = |part| parts.blocking_send(Ok(part)).is_ok();
            let mut writer = Writer::new(&mut hand_on);
            let read = disk.read(|snapshot| tables::back_up(snapshot, &mut writer));
            if let Err(problem) = read.and_then(|()| writer.end()) {
                let _reader_gone = parts.blocking_send(Err(problem));
            }
        });
        Ok(backup)
    }

    async fn pools(&self) -> Result<Vec<PoolId>, StoreError> {
        self.read(tables::pools).await
    }
}

fn builder(options: Options, check: Check) -> Builder {
    let mut builder = Builder::new();
    builder
        .set_cache_size(options.cache_bytes)
        .set_check_integrity_on_open(check == Check::Whole);
    builder
}
