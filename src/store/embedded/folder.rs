//! The data folder: made if missing, held by one process, with a data file that is either whole or not there.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use redb::Database;

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
            // A file of somebody else that we may write is used as it is.
            let _not_ours = keep_private(&file);
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
        Ok(self.unfinished())
    }

    /// Gives a filled data file its name.
    pub(super) fn finish_data_file(&self, unfinished: &Path) -> Result<(), StoreError> {
        fs::rename(unfinished, self.data_file())
            .and_then(|()| File::open(&self.dir)?.sync_all())
            .map_err(|error| refusal(&self.dir, "cannot be written", &error))
    }

    /// Removes a folder that was made for nothing.
    pub(super) fn leave(self, was_there: bool) {
        if !was_there {
            // Whatever else is in it by now stays.
            let _lock_file = fs::remove_file(self.dir.join(LOCK_FILE));
            let _others_are_in_it = fs::remove_dir(&self.dir);
        }
    }

    fn unfinished(&self) -> PathBuf {
        self.dir.join("homeshore.redb.new")
    }
}

fn make(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    builder.mode(0o700);
    builder.create(dir)
}

fn fill(path: &Path, options: Options) -> Result<(), Trouble> {
    let database = create(path, options)?;
    database.close()?;
    File::open(path)?.sync_all()?;
    Ok(())
}

/// Makes an empty data file, for its owner's eyes only, in the place of one that was not finished.
pub(super) fn create(path: &Path, options: Options) -> Result<Database, Trouble> {
    remove(path)?;
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    let database = builder(options, Check::Repair).create(path)?;
    tables::prepare(&database)?;
    Ok(database)
}

/// Lets nobody but its owner read a data file that an earlier release made.
fn keep_private(file: &Path) -> io::Result<()> {
    let mut rights = fs::metadata(file)?.permissions();
    if rights.mode() & 0o077 != 0 {
        rights.set_mode(rights.mode() & 0o700);
        fs::set_permissions(file, rights)?;
    }
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
