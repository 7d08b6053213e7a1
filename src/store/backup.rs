//! A backup: everything that a store holds, as one moment had it, as lines of JSON that end with their own digest.
//!
//! ```text
//! {"homeshore":"backup","format":1}
//! {"pool":["default","<head of the pool>"]}
//! {"state":["default","agent/ann","<entity>"]}
//! {"event":["default",1048576,"<event>"]}
//! {"detail":["default",1763800000000,1048577,"<detail record>"]}
//! {"end":{"rows":4,"sha256":"<of all bytes before this line>"}}
//! ```

use std::{
    collections::BTreeMap,
    io::{self, BufRead},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::{
    FORMAT, StoreError,
    meta::{Meta, hex},
};
use crate::engine::ids::{PoolId, PoolTime};

/// So much is gathered before it is handed on.
const CHUNK: usize = 256 << 10;
/// Longest line: the largest entity is a pool's configuration.
const LINE_MAX: u64 = 64 << 20;

/// One stored thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Row {
    /// A pool and its head, as JSON.
    Pool(String, String),
    /// A pool, an entity's key and its bytes, which are text.
    State(String, String, String),
    /// A pool, an entity's key and its bytes in Base64, as they are no text.
    Bytes(String, String, String),
    /// A pool, an event's number and its JSON.
    Event(String, u64, String),
    /// A pool, a detail record's place and its JSON.
    Detail(String, u64, u64, String),
}

#[derive(Debug, Serialize, Deserialize)]
struct Head {
    homeshore: String,
    format: u32,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct End {
    rows: u64,
    sha256: String,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Line {
    Row(Row),
    End { end: End },
}

impl Row {
    /// The pool that it is of.
    pub(super) fn pool(&self) -> &str {
        match self {
            Self::Pool(pool, _)
            | Self::State(pool, ..)
            | Self::Bytes(pool, ..)
            | Self::Event(pool, ..)
            | Self::Detail(pool, ..) => pool,
        }
    }

    /// The row of an entity.
    pub(super) fn entity(pool: &str, key: &str, value: &[u8]) -> Self {
        let (pool, key) = (pool.to_owned(), key.to_owned());
        match str::from_utf8(value) {
            Ok(text) => Self::State(pool, key, text.to_owned()),
            Err(_) => Self::Bytes(pool, key, BASE64_STANDARD.encode(value)),
        }
    }
}

/// Takes a backup's bytes; false means that nobody wants more.
pub(super) type Sink<'a> = dyn FnMut(Vec<u8>) -> bool + 'a;

/// Writes a backup, a row at a time.
pub(super) struct Writer<'a> {
    sink: &'a mut Sink<'a>,
    gathered: Vec<u8>,
    hash: Sha256,
    rows: u64,
}

impl<'a> Writer<'a> {
    pub(super) fn new(sink: &'a mut Sink<'a>) -> Self {
        let mut writer = Self {
            sink,
            gathered: Vec::new(),
            hash: Sha256::new(),
            rows: 0,
        };
        writer.line(&Head {
            homeshore: "backup".to_owned(),
            format: FORMAT,
        });
        writer
    }

    /// Writes a row; an error if nobody wants more.
    pub(super) fn row(&mut self, row: &Row) -> Result<(), StoreError> {
        self.line(row);
        self.rows += 1;
        if self.gathered.len() >= CHUNK {
            self.hand_on()?;
        }
        Ok(())
    }

    /// Writes the end.
    pub(super) fn end(mut self) -> Result<(), StoreError> {
        let sha256 = hex(&self.hash.clone().finalize());
        let end = End {
            rows: self.rows,
            sha256,
        };
        self.line(&serde_json::json!({ "end": end }));
        self.hand_on()
    }

    fn line(&mut self, line: &impl Serialize) {
        let from = self.gathered.len();
        serde_json::to_writer(&mut self.gathered, line).expect("texts and numbers are always JSON");
        self.gathered.push(b'\n');
        self.hash.update(&self.gathered[from..]);
    }

    fn hand_on(&mut self) -> Result<(), StoreError> {
        let wanted = (self.sink)(std::mem::take(&mut self.gathered));
        let unwanted = || StoreError::NotApplied("nobody takes the backup any more".into());
        wanted.then_some(()).ok_or_else(unwanted)
    }
}

/// Why a backup cannot be used.
#[derive(Debug, Error)]
pub enum BackupError {
    /// It cannot be read.
    #[error("it cannot be read")]
    Io(#[from] io::Error),
    /// It is something else.
    #[error("it is no backup of homeshore")]
    Foreign,
    /// A newer release wrote it.
    #[error("its format is {0}, and this program reads up to {FORMAT}: use a newer release")]
    TooNew(u32),
    /// It ends too early.
    #[error("it ends after {rows} rows, before its end: it was cut off")]
    Cut {
        /// Rows that are there.
        rows: u64,
    },
    /// A line is damaged.
    #[error("line {line} is damaged: {why}")]
    Damaged {
        /// Number of the line, from 1.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// It does not fit in the store.
    #[error("{}", plain(.0))]
    Store(StoreError),
}

impl From<StoreError> for BackupError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What happened, without the advice for those who may try again.
fn plain(error: &StoreError) -> String {
    match error {
        StoreError::NotApplied(why) | StoreError::Unknown(why) => why.clone(),
        other @ (StoreError::Fenced(_)
        | StoreError::Held { .. }
        | StoreError::Behind { .. }
        | StoreError::Mismatch { .. }
        | StoreError::Corrupt(_)
        | StoreError::TooNew { .. }) => other.to_string(),
    }
}

/// What a backup holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// Each pool with the pool's time of its last commit, by id.
    pub pools: BTreeMap<PoolId, PoolTime>,
    /// Entities of all pools.
    pub entities: u64,
    /// Events of all pools.
    pub events: u64,
    /// Detail records of all pools.
    pub details: u64,
}

impl Contents {
    fn rows(&self) -> u64 {
        self.pools.len() as u64 + self.entities + self.events + self.details
    }

    /// Counts a row; says what is wrong with it.
    fn count(&mut self, row: &Row) -> Result<(), StoreError> {
        let pool = match row {
            Row::Pool(pool, head) => {
                let id = PoolId::new(pool);
                let meta = Meta::from_json(&id, head.as_bytes())?;
                self.pools.insert(id, meta.pool_time);
                return Ok(());
            }
            Row::State(pool, ..) | Row::Bytes(pool, ..) => {
                self.entities += 1;
                pool
            }
            Row::Event(pool, ..) => {
                self.events += 1;
                pool
            }
            Row::Detail(pool, ..) => {
                self.details += 1;
                pool
            }
        };
        if self.pools.contains_key(pool.as_str()) {
            return Ok(());
        }
        let why = format!("pool `{pool}` has rows, and no head before them");
        Err(StoreError::Corrupt(why))
    }
}

/// Reads a whole backup; answers what it holds, if all of it is there as it was written.
///
/// # Errors
/// If it is damaged, cut off, or something else.
pub fn examine(backup: impl BufRead) -> Result<Contents, BackupError> {
    let mut reader = Reader::new(backup)?;
    while reader.next()?.is_some() {}
    Ok(reader.contents)
}

/// Reads a backup, a row at a time; its end shows that all of it is there.
pub(super) struct Reader<R> {
    from: R,
    hash: Sha256,
    line: u64,
    contents: Contents,
}

impl<R: BufRead> Reader<R> {
    /// Begins to read.
    pub(super) fn new(from: R) -> Result<Self, BackupError> {
        let mut reader = Self {
            from,
            hash: Sha256::new(),
            line: 0,
            contents: Contents::default(),
        };
        let line = reader.next_line()?.ok_or(BackupError::Foreign)?;
        let head: Head = serde_json::from_slice(&line).map_err(|_| BackupError::Foreign)?;
        if head.homeshore != "backup" {
            return Err(BackupError::Foreign);
        }
        if head.format > FORMAT {
            return Err(BackupError::TooNew(head.format));
        }
        reader.hash.update(&line);
        Ok(reader)
    }

    /// The next row; none at the end, if all rows are there as they were written.
    pub(super) fn next(&mut self) -> Result<Option<Row>, BackupError> {
        let Some(line) = self.next_line()? else {
            return Err(self.cut());
        };
        if !line.ends_with(b"\n") {
            return Err(self.cut());
        }
        match serde_json::from_slice(&line) {
            Ok(Line::Row(row)) => {
                self.hash.update(&line);
                self.contents.count(&row)?;
                Ok(Some(row))
            }
            Ok(Line::End { end }) => self.finish(&end).map(|()| None),
            Err(_) => Err(self.damaged("it is no row of a backup")),
        }
    }

    fn finish(&mut self, said: &End) -> Result<(), BackupError> {
        let seen = End {
            rows: self.contents.rows(),
            sha256: hex(&self.hash.clone().finalize()),
        };
        if *said != seen {
            return Err(self.damaged("the rows before it are not those that were written"));
        }
        match self.next_line()? {
            None => Ok(()),
            Some(_) => Err(self.damaged("the backup ended before it")),
        }
    }

    fn next_line(&mut self) -> Result<Option<Vec<u8>>, BackupError> {
        let mut line = Vec::new();
        let mut from = io::Read::take(&mut self.from, LINE_MAX);
        let read = from.read_until(b'\n', &mut line)?;
        self.line += 1;
        Ok((read > 0).then_some(line))
    }

    /// What was read so far.
    pub(super) fn contents(&self) -> &Contents {
        &self.contents
    }

    fn cut(&self) -> BackupError {
        BackupError::Cut {
            rows: self.contents.rows(),
        }
    }

    fn damaged(&self, why: &str) -> BackupError {
        BackupError::Damaged {
            line: self.line,
            why: why.to_owned(),
        }
    }
}
