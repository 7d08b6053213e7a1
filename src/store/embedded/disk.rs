//! The open database, and what becomes of it when the disk or the file fails.
//!
//! After an error of the disk redb refuses all further work on a handle, so the handle is thrown away and the file is
//! opened again, which rolls an interrupted write back or, if it had reached the disk, forward.

use std::{
    any::Any,
    fmt, io,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use redb::{Database, DatabaseError, Error, ReadTransaction, ReadableDatabase};

use super::{Check, tables};
use crate::store::StoreError;

type Open = dyn Fn(Check) -> Result<Database, DatabaseError> + Send + Sync;

/// The database, shared by the writer and the readers. Only the writer heals it.
pub(super) struct Disk {
    name: PathBuf,
    open: Box<Open>,
    database: RwLock<Option<Database>>,
    broken: AtomicBool,
    /// Broken not by the disk but by what the file holds: look at all of it before using it again.
    suspect: AtomicBool,
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disk")
            .field("name", &self.name)
            .field("broken", &self.is_broken())
            .finish_non_exhaustive()
    }
}

/// Why something was not done: an answer to the caller, or an error that concerns the whole database.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The caller's own.
    Refused(StoreError),
    /// Everybody's.
    Redb(Error),
    /// Everybody's as well: redb gave up in the middle, as it may on a damaged file.
    Panic(String),
}

impl<E: Into<Error>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self::Redb(error.into())
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl Trouble {
    /// The error of a call whose transaction had not reached its commit: nothing was applied.
    pub(super) fn before_commit(self, name: &Path) -> StoreError {
        self.explain(name, StoreError::NotApplied)
    }

    /// The error of a call whose transaction was in its commit: it may have reached the disk.
    pub(super) fn in_commit(self, name: &Path) -> StoreError {
        self.explain(name, StoreError::Unknown)
    }

    fn explain(self, name: &Path, kind: fn(String) -> StoreError) -> StoreError {
        let file = name.display();
        match self {
            Self::Refused(error) => error,
            Self::Redb(error) if tells_of_damage(&error) => corrupt(name, &error),
            Self::Redb(Error::Io(error)) if error.kind() == io::ErrorKind::StorageFull => {
                kind(format!("no space is left for `{file}`"))
            }
            Self::Redb(Error::PreviousIo | Error::DatabaseClosed) => {
                kind(format!("`{file}` is closed after an error of the disk"))
            }
            Self::Redb(error) => kind(format!("`{file}`: {error}")),
            Self::Panic(text) => kind(format!("`{file}` could not be used: {text}")),
        }
    }
}

impl Disk {
    /// Opens the file for the first time, reads all of it, and makes sure that it is ours.
    pub(super) fn open<F>(name: &Path, open: F) -> Result<Self, StoreError>
    where
        F: Fn(Check) -> Result<Database, DatabaseError> + Send + Sync + 'static,
    {
        let disk = Self {
            name: name.to_owned(),
            open: Box::new(open),
            database: RwLock::new(None),
            broken: AtomicBool::new(true),
            suspect: AtomicBool::new(true),
        };
        disk.heal()?;
        Ok(disk)
    }

    /// What the file is called in messages.
    pub(super) fn name(&self) -> &Path {
        &self.name
    }

    /// Whether it must be opened again before use.
    pub(super) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Acquire)
    }

    /// Opens the file again if it was broken.
    pub(super) fn heal(&self) -> Result<(), StoreError> {
        if !self.is_broken() {
            return Ok(());
        }
        let suspect = self.suspect.load(Ordering::Acquire);
        self.reopen(if suspect { Check::Whole } else { Check::Repair })
    }

    /// Closes the file. Waits for readers.
    pub(super) fn close(&self) {
        let mut database = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        self.broken.store(true, Ordering::Release);
        let _panicked = catch_unwind(AssertUnwindSafe(|| drop(database.take())));
    }

    /// Reads from a snapshot.
    pub(super) fn read<T>(
        &self,
        read: impl FnOnce(&ReadTransaction) -> Result<T, Trouble>,
    ) -> Result<T, StoreError> {
        self.with(|database| read(&database.begin_read()?))
            .map_err(|trouble| trouble.before_commit(&self.name))
    }

    /// Works on the database. Any error but a refusal breaks it.
    pub(super) fn with<T>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let Some(database) = database.as_ref() else {
            return Err(Error::DatabaseClosed.into());
        };
        let done = caught(|| work(database));
        match &done {
            Ok(_) | Err(Trouble::Refused(_)) => {}
            Err(trouble) => self.note(trouble),
        }
        done
    }

    fn note(&self, trouble: &Trouble) {
        let of_the_disk = matches!(trouble, Trouble::Redb(error) if !tells_of_damage(error));
        if !of_the_disk {
            self.suspect.store(true, Ordering::Release);
        }
        self.broken.store(true, Ordering::Release);
    }

    fn reopen(&self, check: Check) -> Result<(), StoreError> {
        let mut database = self
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let old = database.take();
        // Closing writes too, and so may fail like anything else on a bad disk; opening again sorts it out.
        let _panicked = catch_unwind(AssertUnwindSafe(|| drop(old)));
        let opened = caught(|| {
            let opened = (self.open)(check)?;
            tables::prepare(&opened)?;
            Ok(opened)
        });
        *database = Some(opened.map_err(|trouble| self.cannot_open(trouble))?);
        self.suspect.store(false, Ordering::Release);
        self.broken.store(false, Ordering::Release);
        Ok(())
    }

    fn cannot_open(&self, trouble: Trouble) -> StoreError {
        match trouble {
            Trouble::Panic(text) | Trouble::Refused(StoreError::Corrupt(text)) => {
                corrupt(&self.name, &text)
            }
            Trouble::Redb(Error::Io(error)) if is_damage(&error) => corrupt(&self.name, &error),
            other @ (Trouble::Refused(_) | Trouble::Redb(_)) => other.before_commit(&self.name),
        }
    }
}

/// Text for a file that cannot be read, and the two ways out.
pub(super) fn corrupt(name: &Path, why: &dyn fmt::Display) -> StoreError {
    StoreError::Corrupt(format!(
        "the data file `{}` cannot be read: {why}; put back a copy of it, or move it away to begin empty",
        name.display()
    ))
}

fn caught<T>(work: impl FnOnce() -> Result<T, Trouble>) -> Result<T, Trouble> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| Err(Trouble::Panic(text(&*panic))))
}

fn text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("the database library stopped")
        .to_owned()
}

/// While a file is opened, these mean that it ends too early or holds something else.
pub(super) fn is_damage(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof)
}

fn tells_of_damage(error: &Error) -> bool {
    matches!(
        error,
        Error::Corrupted(_)
            | Error::UpgradeRequired(_)
            | Error::RepairAborted
            | Error::TableTypeMismatch { .. }
            | Error::TableIsMultimap(_)
            | Error::TableIsNotMultimap(_)
            | Error::TypeDefinitionChanged { .. }
            | Error::TableDoesNotExist(_)
    )
}
