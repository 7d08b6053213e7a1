//! The writer: takes all that waits into one transaction, and answers when it is on disk.

use std::sync::Arc;

use redb::{Database, Durability};
use tokio::sync::{mpsc, oneshot};

use super::{
    disk::{Disk, Trouble},
    tables::Tables,
};
use crate::{
    engine::{
        ids::{PoolId, PoolTime},
        record::Record,
    },
    store::{Batch, Lease, StoreError},
};

/// Most requests of one transaction: bounds its memory, at most a batch of each of as many pools.
const GROUP_MAX: usize = 64;

/// What the writer is asked to do.
#[derive(Debug)]
pub(super) enum Work {
    /// Put this lease in force.
    Acquire(Lease),
    /// Apply a batch.
    Commit(Lease, Arc<Batch>),
    /// Replace a whole pool, with a batch.
    Rewrite(Lease, Arc<Batch>, Vec<Record>),
    /// End this lease.
    Release(Lease),
    /// Remove old detail records, at most so many.
    Purge {
        pool: PoolId,
        before: PoolTime,
        limit: usize,
    },
    /// Open the file again if it is broken.
    Heal,
}

/// Something to do, and where to answer.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) work: Work,
    pub(super) reply: oneshot::Sender<Answer>,
}

type Answer = Result<(), StoreError>;

/// Serves requests until nobody can send any more, then closes the file.
pub(super) fn run(disk: &Disk, events_kept: u64, mut waiting: mpsc::Receiver<Request>) {
    let mut group = Vec::with_capacity(GROUP_MAX);
    while waiting.blocking_recv_many(&mut group, GROUP_MAX) > 0 {
        let answers = write(disk, &group, events_kept);
        for (request, answer) in group.drain(..).zip(answers) {
            let _caller_gone = request.reply.send(answer);
        }
    }
    disk.close();
}

/// One transaction for the whole group. If it fails, all get its error: an answer such as "fenced" may rest on
/// another request of the same group.
fn write(disk: &Disk, group: &[Request], events_kept: u64) -> Vec<Answer> {
    let mut committing = false;
    let written = match disk.heal() {
        Ok(()) => disk
            .with(|database| apply(database, group, events_kept, &mut committing))
            .map_err(|trouble| {
                if committing {
                    trouble.in_commit(disk.name())
                } else {
                    trouble.before_commit(disk.name())
                }
            }),
        Err(error) => Err(error),
    };
    written.unwrap_or_else(|error| vec![Err(error); group.len()])
}

fn apply(
    database: &Database,
    group: &[Request],
    events_kept: u64,
    committing: &mut bool,
) -> Result<Vec<Answer>, Trouble> {
    let mut txn = database.begin_write()?;
    txn.set_durability(Durability::Immediate)?;
    let mut tables = Tables::open(&txn)?;
    let mut changed = false;
    let mut answers = Vec::with_capacity(group.len());
    for request in group {
        answers.push(match one(&mut tables, &request.work, events_kept) {
            Ok(change) => {
                changed |= change;
                Ok(())
            }
            Err(Trouble::Refused(error)) => Err(error),
            Err(trouble @ (Trouble::Redb(_) | Trouble::Panic(_))) => return Err(trouble),
        });
    }
    drop(tables);
    if changed {
        *committing = true;
        txn.commit()?;
    } else {
        txn.abort()?;
    }
    Ok(answers)
}

/// Does one request; false if it changed nothing.
fn one(tables: &mut Tables<'_>, work: &Work, events_kept: u64) -> Result<bool, Trouble> {
    match work {
        Work::Acquire(lease) => tables.acquire(lease).map(|()| true),
        Work::Commit(lease, batch) => tables.commit(lease, batch, events_kept),
        Work::Rewrite(lease, batch, records) => tables.rewrite(lease, batch, records, events_kept),
        Work::Release(lease) => tables.release(lease).map(|()| true),
        Work::Purge {
            pool,
            before,
            limit,
        } => tables.purge_details(pool, *before, *limit),
        Work::Heal => Ok(false),
    }
}
