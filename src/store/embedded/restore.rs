//! A backup made a data folder again.

use std::{fs, io::BufRead, path::Path};

use redb::{Database, Durability};

use super::{
    Options,
    disk::Trouble,
    folder::{Folder, create},
    tables::Tables,
};
use crate::{
    engine::ids::PoolId,
    store::{
        StoreError,
        backup::{BackupError, Contents, Reader, Row},
        meta::Meta,
    },
};

/// More commits than a pool makes between a backup and the loss of what came after it: a month at 100 a second. Event numbers
/// stay below 2^53, where other languages count exactly, for 15 restores.
const AHEAD: u64 = 1 << 28;

/// Makes a data folder of a backup: all of it, or nothing. The folder must have no data file, and is made if it is not there.
///
/// No lease is in force in it. Its revisions go on far above those of the pools that were backed up, by a number that another
/// restore of the same backup will not hit, so that no number of an event is given twice; the pools learn of it when they are
/// opened.
///
/// # Errors
/// If the backup is damaged or cut off, or the folder has a data file, is in use, or cannot be written.
pub fn restore(dir: &Path, backup: impl BufRead) -> Result<Contents, BackupError> {
    let ahead = AHEAD + fastrand::u64(..AHEAD);
    make(dir, backup, &|row| renewed(row, ahead).map(Some))
}

/// Makes a data folder of pools that come from another store, as they are; `wants` chooses. All of it, or nothing, as
/// [`restore`] does.
///
/// # Errors
/// As [`restore`].
pub fn take_over(
    dir: &Path,
    backup: impl BufRead,
    wants: impl Fn(&PoolId) -> bool,
) -> Result<Contents, BackupError> {
    make(dir, backup, &|row| {
        Ok(wants(&PoolId::new(row.pool())).then_some(row))
    })
}

/// What becomes of a row; none leaves it out.
type Change<'a> = &'a dyn Fn(Row) -> Result<Option<Row>, StoreError>;

fn make(dir: &Path, backup: impl BufRead, change: Change<'_>) -> Result<Contents, BackupError> {
    let mut rows = Reader::new(backup)?;
    let was_there = dir.exists();
    let folder = Folder::take(dir)?;
    let unfinished = folder.begin_data_file()?;
    let filled = fill(&unfinished, &mut rows, change);
    let done = filled.and_then(|contents| {
        folder.finish_data_file(&unfinished)?;
        Ok(contents)
    });
    if done.is_err() {
        // What is left of it is written over by the next attempt.
        let _not_in_the_way = fs::remove_file(&unfinished);
        folder.leave(was_there);
    }
    done
}

fn fill(
    file: &Path,
    rows: &mut Reader<impl BufRead>,
    change: Change<'_>,
) -> Result<Contents, BackupError> {
    let trouble = |trouble: Trouble| BackupError::Store(trouble.before_commit(file));
    let database = create(file, Options::default()).map_err(trouble)?;
    write(&database, rows, change, &trouble)?;
    database.close().map_err(|error| trouble(error.into()))?;
    fs::File::open(file)?.sync_all()?;
    Ok(rows.contents().clone())
}

fn write(
    database: &Database,
    rows: &mut Reader<impl BufRead>,
    change: Change<'_>,
    trouble: &impl Fn(Trouble) -> BackupError,
) -> Result<(), BackupError> {
    let mut txn = database.begin_write().map_err(|e| trouble(e.into()))?;
    txn.set_durability(Durability::Immediate)
        .map_err(|e| trouble(e.into()))?;
    let mut tables = Tables::open(&txn).map_err(|e| trouble(e.into()))?;
    while let Some(row) = rows.next()? {
        if let Some(row) = change(row)? {
            tables.put_row(&row).map_err(trouble)?;
        }
    }
    drop(tables);
    txn.commit().map_err(|e| trouble(e.into()))?;
    Ok(())
}

/// The row as it is to be stored: a pool's head begins anew.
fn renewed(row: Row, ahead: u64) -> Result<Row, StoreError> {
    let Row::Pool(pool, head) = row else {
        return Ok(row);
    };
    let meta = Meta::from_json(&PoolId::new(&pool), head.as_bytes())?.restored(ahead);
    let json = String::from_utf8(meta.to_json()).expect("JSON is text");
    Ok(Row::Pool(pool, json))
}
