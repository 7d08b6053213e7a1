//! A disk in memory that fills up, fails, or loses its power, for the embedded store.
//!
//! It knows what a sync has made durable. A power cut keeps that, and of everything written since then some sectors
//! and not others, as a real disk may.

use std::{
    collections::BTreeSet,
    io,
    sync::{Arc, Mutex, MutexGuard},
};

use redb::{Builder, Database, DatabaseError, StorageBackend};

const BLOCK: usize = 4_096;
const SECTOR: usize = 512;

/// A handle; clones are the same disk.
#[derive(Clone, Debug)]
pub(super) struct FaultyDisk {
    platter: Arc<Mutex<Platter>>,
}

#[derive(Debug)]
struct Platter {
    /// What a reader sees.
    seen: Vec<u8>,
    /// What would be left after a power cut, whatever else is.
    durable: Vec<u8>,
    /// Written since the last sync.
    unsynced: Vec<Write>,
    /// Blocks that take space; the rest of the file is a hole.
    blocks: BTreeSet<usize>,
    blocks_max: usize,
    /// Changes until the power goes.
    changes_left: Option<u64>,
    sync_fails: bool,
    syncs: u64,
}

#[derive(Debug)]
enum Write {
    Bytes(usize, Vec<u8>),
    Length(usize),
}

impl FaultyDisk {
    pub(super) fn new() -> Self {
        let platter = Platter {
            seen: Vec::new(),
            durable: Vec::new(),
            unsynced: Vec::new(),
            blocks: BTreeSet::new(),
            blocks_max: usize::MAX,
            changes_left: None,
            sync_fails: false,
            syncs: 0,
        };
        Self {
            platter: Arc::new(Mutex::new(platter)),
        }
    }

    /// Opens the database on it.
    pub(super) fn database(&self) -> Result<Database, DatabaseError> {
        let mut builder = Builder::new();
        builder.set_cache_size(1 << 20);
        builder.create_with_backend(self.clone())
    }

    /// Leaves room for this many more blocks of 4 KiB.
    pub(super) fn leave_blocks(&self, count: usize) {
        let mut platter = self.platter();
        platter.blocks_max = platter.blocks.len() + count;
    }

    /// Gives all the room it may want.
    pub(super) fn make_room(&self) {
        self.platter().blocks_max = usize::MAX;
    }

    /// Lets every sync fail, or none.
    pub(super) fn set_sync_fails(&self, fails: bool) {
        self.platter().sync_fails = fails;
    }

    /// Cuts the power after this many more changes.
    pub(super) fn cut_power_after(&self, changes: u64) {
        self.platter().changes_left = Some(changes);
    }

    /// Calls a power cut off that has not come yet.
    pub(super) fn keep_power(&self) {
        self.platter().changes_left = None;
    }

    pub(super) fn has_no_power(&self) -> bool {
        self.platter().changes_left == Some(0)
    }

    /// Starts again after a power cut: `survives` says which of the sectors written since the last sync are there.
    pub(super) fn restart(&self, mut survives: impl FnMut() -> bool) {
        let mut platter = self.platter();
        let unsynced = std::mem::take(&mut platter.unsynced);
        let mut left = std::mem::take(&mut platter.durable);
        for write in unsynced {
            match write {
                Write::Length(length) if survives() => left.resize(length, 0),
                Write::Length(_) => {}
                Write::Bytes(offset, bytes) => {
                    write_sectors(&mut left, offset, &bytes, &mut survives);
                }
            }
        }
        platter.durable.clone_from(&left);
        platter.seen = left;
        platter.changes_left = None;
    }

    /// How often a sync was asked for.
    pub(super) fn syncs(&self) -> u64 {
        self.platter().syncs
    }

    fn platter(&self) -> MutexGuard<'_, Platter> {
        self.platter.lock().unwrap()
    }
}

fn write_sectors(
    left: &mut Vec<u8>,
    offset: usize,
    bytes: &[u8],
    survives: &mut impl FnMut() -> bool,
) {
    let mut at = offset;
    for sector in bytes.chunks(SECTOR) {
        if survives() {
            let end = at + sector.len();
            if left.len() < end {
                left.resize(end, 0);
            }
            left[at..end].copy_from_slice(sector);
        }
        at += sector.len();
    }
}

impl Platter {
    fn change(&mut self) -> io::Result<()> {
        if self.changes_left == Some(0) {
            return Err(io::Error::other("the power is gone"));
        }
        self.changes_left = self.changes_left.map(|left| left - 1);
        Ok(())
    }

    fn take_blocks(&mut self, offset: usize, length: usize) -> io::Result<()> {
        for block in offset / BLOCK..(offset + length).div_ceil(BLOCK) {
            if !self.blocks.contains(&block) && self.blocks.len() >= self.blocks_max {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.blocks.insert(block);
        }
        Ok(())
    }
}

impl StorageBackend for FaultyDisk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.platter().seen.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let platter = self.platter();
        let start = usize::try_from(offset).unwrap();
        let found = platter.seen.get(start..start + out.len());
        out.copy_from_slice(found.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut platter = self.platter();
        platter.change()?;
        let length = usize::try_from(len).unwrap();
        platter.seen.resize(length, 0);
        platter.blocks.split_off(&length.div_ceil(BLOCK));
        platter.unsynced.push(Write::Length(length));
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut platter = self.platter();
        platter.change()?;
        platter.syncs += 1;
        if platter.sync_fails {
            return Err(io::Error::other("the sync failed"));
        }
        platter.unsynced.clear();
        let seen = platter.seen.clone();
        platter.durable = seen;
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut platter = self.platter();
        platter.change()?;
        let start = usize::try_from(offset).unwrap();
        platter.take_blocks(start, data.len())?;
        let end = start + data.len();
        if platter.seen.len() < end {
            platter.seen.resize(end, 0);
        }
        platter.seen[start..end].copy_from_slice(data);
        platter.unsynced.push(Write::Bytes(start, data.to_vec()));
        Ok(())
    }
}
