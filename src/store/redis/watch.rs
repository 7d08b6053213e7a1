//! What processes that share a Redis see of each other: who is there, and every pool's head. Over connections of its own, so that
//! nobody waits behind a commit.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use redis::{Pipeline, Value};

use super::{
    address::Node,
    failure::Failure,
    keys::{Keys, REPLICAS},
    lane::Common,
    link::Link,
    read::heads_of,
    reply::{number, texts},
    scripts::PRESENT,
};
use crate::{
    engine::ids::PoolId,
    store::{
        StoreError,
        shared::{Head, Replica},
    },
};

/// Who shows no sign for this long is not there.
const THERE: Duration = Duration::from_secs(2);
/// Who shows no sign for this long is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(60);
/// How often it is asked anew which pools there are.
const SCAN_EVERY: Duration = Duration::from_secs(1);
/// How often it is asked anew who the masters are.
const RESOLVE_EVERY: Duration = Duration::from_secs(5);

/// The fields of a head that everybody looks at.
const FIELDS: [&str; 6] = ["rev", "lid", "own", "adr", "ep", "exp"];

/// The connections for watching.
#[derive(Debug, Default)]
pub(super) struct Watch {
    masters: BTreeMap<Node, Master>,
    /// The master that has the list of processes.
    listed_at: Option<Node>,
    resolved: Option<Duration>,
}

/// A master, and the pools that it was last seen with.
#[derive(Debug)]
struct Master {
    link: Link,
    pools: BTreeSet<PoolId>,
    scanned: Option<Duration>,
}

impl Watch {
    /// Says that this process is there, or that it ends; answers who is there.
    pub(super) async fn present(
        &mut self,
        common: &Common,
        is_ending: bool,
    ) -> Result<Vec<Replica>, StoreError> {
        let answer = self.try_present(common, is_ending).await;
        self.settle(answer)
    }

    /// Every pool's head.
    pub(super) async fn heads(&mut self, common: &Common) -> Result<Vec<Head>, StoreError> {
        let answer = self.try_heads(common).await;
        self.settle(answer)
    }

    /// A failure is looked into by asking anew who the masters are.
    fn settle<T>(&mut self, answer: Result<T, Failure>) -> Result<T, StoreError> {
        if answer.is_err() {
            *self = Self::default();
        }
        Ok(answer?)
    }

    async fn resolve(&mut self, common: &Common) -> Result<(), Failure> {
        let now = (common.options.clock)();
        if self.resolved.is_some_and(|at| now < at + RESOLVE_EVERY) {
            return Ok(());
        }
        let nodes = common.door.masters().await?;
        let mut before = std::mem::take(&mut self.masters);
        for node in nodes {
            let master = match before.remove(&node) {
                Some(master) => master,
                None => Master {
                    link: common.door.connect(&node).await?,
                    pools: BTreeSet::new(),
                    scanned: None,
                },
            };
            self.masters.insert(node, master);
        }
        self.listed_at = common.door.master_of_key(REPLICAS).await?;
        self.resolved = Some(now);
        Ok(())
    }

    async fn try_present(
        &mut self,
        common: &Common,
        is_ending: bool,
    ) -> Result<Vec<Replica>, Failure> {
        self.resolve(common).await?;
        let master = match &self.listed_at {
            Some(node) => self.masters.get_mut(node),
            None => self.masters.values_mut().next(),
        };
        let master = master.ok_or_else(|| Failure::not_applied("there is no master"))?;
        let me = common.me();
        let address = if is_ending { "" } else { &me.address };
        let (there, forgotten) = (ms(THERE), ms(FORGOTTEN));
        let arguments = [&*me.boot, address, &there, &forgotten].map(str::as_bytes);
        let keys = [REPLICAS.to_owned()];
        let reply = master.link.run(&PRESENT, &keys, &arguments).await?;
        Ok(reply
            .rest()
            .chunks_exact(2)
            .map(|pair| Replica {
                boot: pair[0].clone(),
                address: pair[1].clone(),
            })
            .collect())
    }

    async fn try_heads(&mut self, common: &Common) -> Result<Vec<Head>, Failure> {
        self.resolve(common).await?;
        let now = (common.options.clock)();
        let mut heads = Vec::new();
        for master in self.masters.values_mut() {
            if master.scanned.is_none_or(|at| now >= at + SCAN_EVERY) {
                master.pools = heads_of(&mut master.link).await?.into_iter().collect();
                master.scanned = Some(now);
            }
            heads.extend(look(&mut master.link, common, master.pools.iter()).await?);
        }
        Ok(heads)
    }
}

/// Reads the heads of these pools, which one master has.
pub(super) async fn look(
    link: &mut Link,
    common: &Common,
    pools: impl Iterator<Item = &PoolId> + Clone,
) -> Result<Vec<Head>, Failure> {
    let mut all = Pipeline::new();
    all.cmd("TIME");
    for pool in pools.clone() {
        all.cmd("HMGET").arg(Keys::of(pool).head()).arg(&FIELDS);
    }
    let answers = link.transaction(&all, common.options.call).await?;
    let strange = || Failure::strange(link.name());
    let mut answers = answers.into_iter();
    let time = answers.next().and_then(texts).ok_or_else(strange)?;
    let parts = time.iter().map(|part| part.parse::<u64>().ok());
    let parts: Option<Vec<u64>> = parts.collect();
    let [seconds, micros] = parts.as_deref().ok_or_else(strange)? else {
        return Err(strange());
    };
    let now = seconds * 1_000 + micros / 1_000;
    let heads = pools
        .zip(answers)
        .map(|(pool, value)| head(pool, now, value));
    let heads: Option<Vec<Vec<Head>>> = heads.collect();
    Ok(heads.ok_or_else(strange)?.concat())
}

/// Reads a head, or nothing if the pool is gone.
fn head(pool: &PoolId, now: u64, value: Value) -> Option<Vec<Head>> {
    let Value::Array(fields) = value else {
        return None;
    };
    let [revision, lease, boot, address, epoch, expires] = <[Value; 6]>::try_from(fields).ok()?;
    if revision == Value::Nil {
        return Some(Vec::new());
    }
    let [lease, boot, address]: [String; 3] = texts(Value::Array(vec![lease, boot, address]))?
        .try_into()
        .ok()?;
    let expires = number(expires).unwrap_or(0);
    Some(vec![Head {
        pool: pool.clone(),
        owner: (!lease.is_empty()).then_some(Replica { boot, address }),
        epoch: number(epoch).unwrap_or(0),
        lasts: Duration::from_millis(expires.saturating_sub(now)),
        over_for: Duration::from_millis(now.saturating_sub(expires)),
        revision: number(revision).unwrap_or(0),
    }])
}

fn ms(time: Duration) -> String {
    time.as_millis().to_string()
}
