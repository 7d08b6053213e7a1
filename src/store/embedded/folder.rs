//! The data folder: made if missing, held by one process, with a data file that is either whole or not there.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use super::{
    Check, Options, builder,
    disk::Trouble,
    look::{DATA_FILE, LOCK_FILE},
    tables,
};
use crate::store::StoreError;

/// A data folder that no other process uses; free again when this is dropped.
#[derive(Debug)]
pub(super) struct Folder {
    dir: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder if it is not there, for its owner's eyes only, and locks it.
    pub(super) fn take(dir: &Path) -> Result<Self, StoreError> {
        make(dir).map_err(|error| refusal(dir, "cannot be made", &error))?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(dir.join(LOCK_FILE))
            .map_err(|error| refusal(dir, "cannot be written", &error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                dir: dir.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(StoreError::NotApplied(format!(
                "the data folder `{}` is in use by another homeshore; stop that one, or give another folder",
                dir.display()
            ))),
            Err(TryLockError::Error(error)) => Err(refusal(dir, "cannot be locked", &error)),
        }
    }

    /// Where the data are.
    pub(super) fn data_file(&self) -> PathBuf {
        self.dir.join(DATA_FILE)
    }

    /// Makes an empty data file if there is none. It gets its name when it is whole, so that an empty or broken file
    /// under that name is always damage, and never mistaken for a new beginning.
    pub(super) fn create_data_file(&self, options: Options) -> Result<(), StoreError> {
        let file = self.data_file();
        if file.symlink_metadata().is_ok() {
            return Ok(());
        }
        let unfinished = self.unfinished();
        let made = fill(&unfinished, options).map_err(|trouble| trouble.before_commit(&unfinished));
        made?;
        self.finish_data_file(&unfinished)
    }

    /// Where a data file is to be filled, if the folder has none yet.
    pub(super) fn begin_data_file(&self) -> Result<PathBuf, StoreError> {
        let file = self.data_file();
        if file.symlink_metadata().is_ok() {
            return Err(StoreError::NotApplied(format!(
                "`{}` is there already; give another folder, or move that file away",
                file.display()
            )));
        }
        let unfinished = self.unfinished();
        remove(&unfinished).map_err(|error| refusal(&self.dir, "cannot be written", &error))?;
        Ok(unfinished)
    }

    /// Gives a filled data file its name.
    pub(super) fn finish_data_file(&self, unfinished: &Path) -> Result<(), StoreError> {
        fs::rename(unfinished, self.data_file())
            .and_then(|()| File::open(&self.dir)?.sync_all())
            .map_err(|error| refusal(&self.dir, "cannot be written", &error))
    }

    fn unfinished(&self) -> PathBuf {
        self.dir.join("homeshore.redb.new")
    }
}

fn make(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

fn fill(path: &Path, options: Options) -> Result<(), Trouble> {
    remove(path)?;
    let database = builder(options, Check::Repair).create(path)?;
    tables::prepare(&database)?;
    database.close()?;
    File::open(path)?.sync_all()?;
    Ok(())
}

/// Removes a file that may not be there.
fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn refusal(dir: &Path, what: &str, error: &io::Error) -> StoreError {
    StoreError::NotApplied(format!(
        "the data folder `{}` {what}: {error}",
        dir.display()
    ))
}
