//! A backup made a data folder again.

use std::{fs, io::BufRead, path::Path};

use redb::{Database, Durability};

use super::{Check, Options, builder, disk::Trouble, folder::Folder, tables, tables::Tables};
use crate::{
    engine::ids::PoolId,
    store::{
        StoreError,
        backup::{BackupError, Contents, Reader, Row},
        meta::Meta,
    },
};

/// Makes a data folder of a backup: all of it, or nothing. The folder must have no data file, and is made if it is not there.
///
/// No lease is in force in it, and its revisions go on far above those of the pools that were backed up, so that no number
/// of an event is given twice.
///
/// # Errors
/// If the backup is damaged or cut off, or the folder has a data file, is in use, or cannot be written.
pub fn restore(dir: &Path, backup: impl BufRead) -> Result<Contents, BackupError> {
    let mut rows = Reader::new(backup)?;
    let folder = Folder::take(dir)?;
    let unfinished = folder.begin_data_file()?;
    let filled = fill(&unfinished, &mut rows);
    let done = filled.and_then(|contents| {
        folder.finish_data_file(&unfinished)?;
        Ok(contents)
    });
    if done.is_err() {
        // What is left of it is written over by the next attempt.
        let _not_in_the_way = fs::remove_file(&unfinished);
    }
    done
}

fn fill(file: &Path, rows: &mut Reader<impl BufRead>) -> Result<Contents, BackupError> {
    let trouble = |trouble: Trouble| BackupError::Store(trouble.before_commit(file));
    let options = Options::default();
    let database = builder(options, Check::Repair).create(file);
    let database = database.map_err(|error| trouble(error.into()))?;
    tables::prepare(&database).map_err(trouble)?;
    write(&database, rows, &trouble)?;
    database.close().map_err(|error| trouble(error.into()))?;
    fs::File::open(file)?.sync_all()?;
    Ok(rows.contents().clone())
}

fn write(
    database: &Database,
    rows: &mut Reader<impl BufRead>,
    trouble: &impl Fn(Trouble) -> BackupError,
) -> Result<(), BackupError> {
    let mut txn = database.begin_write().map_err(|e| trouble(e.into()))?;
    txn.set_durability(Durability::Immediate)
        .map_err(|e| trouble(e.into()))?;
    let mut tables = Tables::open(&txn).map_err(|e| trouble(e.into()))?;
    while let Some(row) = rows.next()? {
        tables.put_row(&renewed(row)?).map_err(trouble)?;
    }
    drop(tables);
    txn.commit().map_err(|e| trouble(e.into()))?;
    Ok(())
}

/// The row as it is to be stored: a pool's head begins anew.
fn renewed(row: Row) -> Result<Row, StoreError> {
    let Row::Pool(pool, head) = row else {
        return Ok(row);
    };
    let meta = Meta::from_json(&PoolId::new(&pool), head.as_bytes())?.restored();
    let json = String::from_utf8(meta.to_json()).expect("JSON is text");
    Ok(Row::Pool(pool, json))
}
