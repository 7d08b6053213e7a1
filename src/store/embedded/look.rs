//! A look at a data file that no process has open: nothing of it is changed.

use std::path::Path;

use redb::{DatabaseError, ReadOnlyDatabase, ReadableDatabase};

use super::{
    disk::{Trouble, corrupt},
    tables,
};
use crate::store::{StoreError, meta::check_format};

/// Name of the data file in its folder.
pub const DATA_FILE: &str = "homeshore.redb";
/// Name of the file that the process locks that has the folder.
pub const LOCK_FILE: &str = "homeshore.lock";

/// What a data file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// It was closed in order.
    Closed {
        /// Its format.
        format: u32,
        /// How many pools it has.
        pools: usize,
    },
    /// The process that had it ended without closing it: the next that opens it repairs it.
    NotClosed,
}

/// Looks at the data file of a folder.
///
/// # Errors
/// [`StoreError::Corrupt`] if it cannot be read, [`StoreError::TooNew`] if a newer release wrote it,
/// [`StoreError::NotApplied`] if it cannot be looked at now.
pub fn look(dir: &Path) -> Result<Look, StoreError> {
    let file = dir.join(DATA_FILE);
    let database = match ReadOnlyDatabase::open(&file) {
        Ok(database) => database,
        Err(DatabaseError::RepairAborted) => return Ok(Look::NotClosed),
        Err(problem) => return Err(Trouble::from(problem).while_opening(&file)),
    };
    read(&database).map_err(|trouble| trouble.while_opening(&file))
}

fn read(database: &ReadOnlyDatabase) -> Result<Look, Trouble> {
    let snapshot = database.begin_read()?;
    let about = snapshot.open_table(tables::ABOUT)?;
    let program = about.get("program")?;
    let format = about.get("format")?;
    let format: Option<u32> = format.and_then(|format| format.value().parse().ok());
    let ours = program.is_some_and(|program| program.value() == "homeshore");
    let Some(format) = format.filter(|_| ours) else {
        return Err(StoreError::Corrupt("it is not a data file of homeshore".into()).into());
    };
    check_format(format)?;
    let pools = tables::pools(&snapshot)?.len();
    Ok(Look::Closed { format, pools })
}

impl Trouble {
    /// The error of a file that was opened only to be looked at.
    fn while_opening(self, file: &Path) -> StoreError {
        match self {
            Self::Refused(StoreError::Corrupt(text)) => corrupt(file, &text),
            Self::Redb(redb::Error::Io(problem)) if super::disk::is_damage(&problem) => {
                corrupt(file, &problem)
            }
            other @ (Self::Refused(_) | Self::Redb(_) | Self::Panic(_)) => {
                other.before_commit(file)
            }
        }
    }
}
