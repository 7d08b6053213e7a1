//! A backup while commits go on: Redis copies a pool's state in one step together with its head, and the copy is read.

use std::{collections::HashSet, sync::Arc, time::Duration};

use redis::Value;
use tokio::sync::mpsc;

use super::{
    failure::Failure,
    keys::Keys,
    lane::{Common, Ready, connect},
    load::scan,
    read::{ReadLane, pools},
    reply::texts,
};
use crate::{
    engine::ids::{PoolId, PoolTime},
    store::{
        DetailKey, EVENTS_PER_REVISION, StoreError,
        backup::{Row, Writer},
        meta::Meta,
    },
};

/// How long the copy of a large pool may take.
const COPY: Duration = Duration::from_secs(10);
/// The copy goes by itself if its reader does not remove it.
const COPY_KEPT_S: u32 = 3_600;
/// Events or detail records of one answer.
const PAGE: usize = 1_000;

/// A pool as it was when its state was copied.
struct Copy {
    pool: PoolId,
    ready: Ready,
    copy: String,
    entities: u64,
    meta: Meta,
}

/// Rows on their way to whoever writes them.
pub(super) type Rows = mpsc::Sender<Result<Page, StoreError>>;

/// Some rows, or that these were all.
#[derive(Debug)]
pub(super) enum Page {
    Rows(Vec<Row>),
    End,
}

/// Sends everything: first a copy of each pool is made, then they are read.
pub(super) async fn back_up(common: Arc<Common>, rows: Rows) {
    let mut copies = Vec::new();
    let done = send(&common, &mut copies, &rows).await;
    for mut copy in copies {
        let mut unlink = redis::cmd("UNLINK");
        unlink.arg(&copy.copy);
        let _goes_by_itself = copy.ready.link.call(&unlink).await;
    }
    let _reader_gone = rows.send(done.map(|()| Page::End)).await;
}

/// Writes the rows as they come. Blocks.
pub(super) fn write(mut rows: mpsc::Receiver<Result<Page, StoreError>>, parts: &super::Parts) {
    let mut hand_on = |part| parts.blocking_send(Ok(part)).is_ok();
    let mut writer = Writer::new(&mut hand_on);
    let written = loop {
        let cut = || Err(StoreError::NotApplied("the backup was cut short".into()));
        match rows.blocking_recv().unwrap_or_else(cut) {
            Ok(Page::End) => break writer.end(),
            Ok(Page::Rows(page)) => {
                if let Err(problem) = page.iter().try_for_each(|row| writer.row(row)) {
                    break Err(problem);
                }
            }
            Err(problem) => break Err(problem),
        }
    };
    if let Err(problem) = written {
        let _reader_gone = parts.blocking_send(Err(problem));
    }
}

async fn send(common: &Common, copies: &mut Vec<Copy>, rows: &Rows) -> Result<(), StoreError> {
    for (pool, revision) in pools(common).await? {
        if revision > 0 {
            copies.push(copy(common, pool).await?);
        }
    }
    let heads = copies.iter().map(|copy| {
        let head = String::from_utf8_lossy(&copy.meta.to_json()).into_owned();
        Row::Pool(copy.pool.to_string(), head)
    });
    hand_on(rows, heads.collect()).await?;
    for copy in copies {
        entities(copy, rows).await?;
        events(common, copy, rows).await?;
        details(common, copy, rows).await?;
    }
    Ok(())
}

async fn hand_on(rows: &Rows, page: Vec<Row>) -> Result<(), StoreError> {
    let gone = |_| StoreError::NotApplied("nobody takes the backup any more".into());
    rows.send(Ok(Page::Rows(page))).await.map_err(gone)
}

/// Copies the state and reads the head in one transaction.
async fn copy(common: &Common, pool: PoolId) -> Result<Copy, StoreError> {
    let keys = Keys::of(&pool);
    let mut ready = connect(&common.door, &keys).await?;
    let copy = keys.copy(fastrand::u64(..));
    loop {
        let mut ask = redis::cmd("HGET");
        ask.arg(keys.head()).arg("gen");
        let strange = || Failure::strange("the master");
        let generation = super::reply::text(ready.link.call(&ask).await?).ok_or_else(strange)?;
        let mut both = redis::pipe();
        both.atomic();
        both.cmd("HMGET").arg(keys.head());
        both.arg(&["gen", "rev", "dig", "bef", "pt", "und", "n"]);
        both.cmd("COPY").arg(keys.state(&generation)).arg(&copy);
        both.cmd("EXPIRE").arg(&copy).arg(COPY_KEPT_S);
        both.cmd("XLEN").arg(keys.events());
        let answers = ready.link.transaction(&both, COPY).await?;
        let [head, _, _, events] = <[Value; 4]>::try_from(answers).map_err(|_| strange())?;
        let head = texts(head);
        let head = head.and_then(|head| <[String; 7]>::try_from(head).ok());
        let [
            now,
            revision,
            digest,
            before,
            pool_time,
            undone_after,
            entities,
        ] = head.ok_or_else(strange)?;
        if now != generation {
            // It was written anew meanwhile: the copy is of what was before.
            let mut unlink = redis::cmd("UNLINK");
            unlink.arg(&copy);
            ready.link.call(&unlink).await?;
            continue;
        }
        let number = |text: &str| text.parse::<u64>().map_err(|_| strange());
        let mut meta = Meta::new();
        meta.revision = number(&revision)?;
        meta.digest = digest;
        meta.before = before;
        meta.pool_time = PoolTime(number(&pool_time)?);
        meta.undone_after = undone_after.parse().ok();
        meta.events = super::reply::number(events).ok_or_else(strange)?;
        return Ok(Copy {
            pool,
            ready,
            copy,
            entities: number(&entities)?,
            meta,
        });
    }
}

async fn entities(copy: &mut Copy, rows: &Rows) -> Result<(), StoreError> {
    let mut cursor = "0".to_owned();
    // A field may come twice while Redis makes room.
    let mut seen = HashSet::new();
    loop {
        let (next, part) = scan(&mut copy.ready.link, &copy.copy, &cursor).await?;
        let mut page = Vec::with_capacity(part.len());
        for (field, value) in part {
            let key = String::from_utf8_lossy(&field).into_owned();
            if seen.insert(field) {
                page.push(Row::entity(copy.pool.as_str(), &key, &value));
            }
        }
        hand_on(rows, page).await?;
        if next == "0" {
            break;
        }
        cursor = next;
    }
    if seen.len() as u64 == copy.entities {
        return Ok(());
    }
    Err(StoreError::Corrupt(format!(
        "the copy of pool `{}` in Redis lost entities while it was read: is `maxmemory-policy` noeviction?",
        copy.pool
    )))
}

/// The events up to the copy's revision; what the pool's owner trims meanwhile is not among them.
async fn events(common: &Common, copy: &Copy, rows: &Rows) -> Result<(), StoreError> {
    let end = copy
        .meta
        .revision
        .saturating_add(1)
        .saturating_mul(EVENTS_PER_REVISION);
    let mut lane = ReadLane::default();
    let mut after = 0;
    loop {
        let page = lane.events_after(common, &copy.pool, after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.number;
        let known = page.into_iter().filter(|event| event.number < end);
        let pool = copy.pool.as_str();
        let page = known.map(|event| Row::Event(pool.to_owned(), event.number, event.json));
        hand_on(rows, page.collect()).await?;
        if after >= end {
            return Ok(());
        }
    }
}

/// The detail records of events up to the copy's revision.
async fn details(common: &Common, copy: &Copy, rows: &Rows) -> Result<(), StoreError> {
    let end = copy
        .meta
        .revision
        .saturating_add(1)
        .saturating_mul(EVENTS_PER_REVISION);
    let mut lane = ReadLane::default();
    let mut from = DetailKey::default();
    loop {
        let page = lane.details_from(common, &copy.pool, from, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        let last = last.key;
        let known = page.into_iter().filter(|detail| detail.key.number < end);
        let pool = copy.pool.as_str();
        let page = known.map(|detail| {
            let (ended_at, number) = (detail.key.ended_at.0, detail.key.number);
            Row::Detail(pool.to_owned(), ended_at, number, detail.json)
        });
        hand_on(rows, page.collect()).await?;
        let Some(number) = last.number.checked_add(1) else {
            return Ok(());
        };
        from = DetailKey { number, ..last };
    }
}
