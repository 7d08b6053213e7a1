//! One pool's connection for changes, and what its owner knows of it. One change at a time.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tracing::{info, warn};

use super::{
    Durability, Notice, Options,
    address::Node,
    failure::Failure,
    keys::Keys,
    link::{Door, Link},
    reply::{Reply, field},
    ring::Ring,
    scripts::{ACQUIRE, RENEW, Script, TRANSFER},
};
use crate::{
    engine::ids::{PoolId, PoolTime},
    store::{FORMAT, Lease, StoreError, meta::hex_id, shared::Replica},
};

/// What all lanes of a store share.
#[derive(Debug)]
pub(super) struct Common {
    pub(super) door: Door,
    pub(super) options: Options,
    /// Random, new for each process.
    pub(super) boot: String,
    /// Where other processes reach this one.
    pub(super) address: OnceLock<String>,
    /// Most replicas that a master was seen with: so many there should be.
    pub(super) replicas: AtomicU32,
}

impl Common {
    /// How many replicas must have a batch.
    pub(super) fn needed(&self) -> u32 {
        let seen = self.replicas.load(Ordering::Relaxed);
        match self.options.durability {
            Durability::Primary => 0,
            Durability::Replica => 1,
            Durability::Majority => seen.div_ceil(2).max(1),
            Durability::ByReplicas => seen.min(1),
        }
    }

    /// Who this is, for people and for other processes.
    pub(super) fn me(&self) -> Replica {
        let address = self.address.get().unwrap_or(&self.options.label);
        Replica {
            boot: self.boot.clone(),
            address: address.clone(),
        }
    }

    pub(super) fn lease_ms(&self) -> String {
        self.options.lease.as_millis().to_string()
    }

    pub(super) fn notice(&self, pool: &PoolId, notice: Notice) {
        (self.options.notices)(pool, notice);
    }
}

/// Where a pool stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) revision: u64,
    pub(super) digest: String,
    /// The digest before the last batch.
    pub(super) before: String,
    /// Which state is live.
    pub(super) generation: String,
}

impl Position {
    /// Reads it from an answer.
    pub(super) fn read(reply: &Reply) -> Self {
        Self {
            revision: reply.number(0),
            digest: reply.text(1).to_owned(),
            before: reply.text(2).to_owned(),
            generation: reply.text(3).to_owned(),
        }
    }
}

/// What the owner of a pool knows.
#[derive(Debug)]
pub(super) struct Owned {
    pub(super) lease: Lease,
    /// Which acquisition it is; zero if that is not known.
    pub(super) epoch: u64,
    pub(super) at: Position,
    pub(super) ring: Ring,
    /// The moment before the last call was sent that was answered well.
    pub(super) confirmed: Duration,
    /// Since when batches are acknowledged with fewer replicas than wanted.
    pub(super) degraded: Option<Duration>,
}

/// A connection to the pool's master.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) link: Link,
    pub(super) node: Node,
    pub(super) run_id: String,
    /// Replicas at the moment of connecting.
    pub(super) replicas: u32,
    /// Those of them that could confirm something then.
    pub(super) following: u32,
}

/// A pool's connection for changes.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) pool: PoolId,
    pub(super) keys: Keys,
    pub(super) common: Arc<Common>,
    pub(super) ready: Option<Ready>,
    pub(super) owned: Option<Owned>,
    connected_before: bool,
}

impl Lane {
    pub(super) fn new(pool: &PoolId, common: &Arc<Common>) -> Self {
        Self {
            pool: pool.clone(),
            keys: Keys::of(pool),
            common: Arc::clone(common),
            ready: None,
            owned: None,
            connected_before: false,
        }
    }

    pub(super) fn now(&self) -> Duration {
        (self.common.options.clock)()
    }

    /// The connection, made anew if there is none.
    pub(super) async fn ready(&mut self) -> Result<&mut Ready, Failure> {
        if self.ready.is_none() {
            let ready = connect(&self.common.door, &self.keys).await?;
            self.common
                .replicas
                .fetch_max(ready.replicas, Ordering::Relaxed);
            if let Some(owned) = &mut self.owned {
                // Of another master, or after a while, it is looked at anew.
                owned.degraded = None;
            }
            if self.connected_before {
                self.common.notice(&self.pool, Notice::Reconnected);
            }
            self.connected_before = true;
            self.ready = Some(ready);
        }
        self.ready
            .as_mut()
            .ok_or_else(|| Failure::not_applied("there is no connection"))
    }

    /// Gives the connection up after a failure: a late answer must not be taken for another.
    pub(super) fn settle<T>(&mut self, answer: Result<T, Failure>) -> Result<T, Failure> {
        if answer.is_err() {
            self.ready = None;
        }
        answer
    }

    /// Runs a script of the pool's head alone.
    pub(super) async fn run(
        &mut self,
        script: &Script,
        arguments: &[&[u8]],
    ) -> Result<Reply, Failure> {
        let keys = [self.keys.head()];
        let ready = self.ready().await?;
        let answer = ready.link.run(script, &keys, arguments).await;
        self.settle(answer)
    }

    /// Takes the pool under a new lease, also from an owner that is known to be gone.
    pub(super) async fn acquire(&mut self, gone: &str) -> Result<Lease, StoreError> {
        let mut lease = Lease::new(&self.pool);
        let sent = self.now();
        let (reply, left_over) = self.take(&lease, 0, gone).await?;
        lease.store_time = Some(PoolTime(reply.time_ms));
        lease.epoch = reply.number(4);
        let at = Position::read(&reply);
        self.unlink_left_over(&left_over, &at).await;
        self.owned = Some(Owned {
            lease: lease.clone(),
            epoch: lease.epoch,
            at,
            ring: Ring::default(),
            confirmed: sent,
            degraded: None,
        });
        Ok(lease)
    }

    /// Asks for the pool; `seen` is the greatest epoch that is known.
    async fn take(
        &mut self,
        lease: &Lease,
        seen: u64,
        gone: &str,
    ) -> Result<(Reply, String), StoreError> {
        let run_id = self.ready().await?.run_id.clone();
        let common = Arc::clone(&self.common);
        let (id, lease_ms, me) = (hex_id(lease), common.lease_ms(), common.me());
        let (seen, format) = (seen.to_string(), FORMAT.to_string());
        let arguments = [
            &*id,
            &me.boot,
            &me.address,
            &lease_ms,
            &seen,
            &format,
            &run_id,
            gone,
        ];
        let reply = self.run(&ACQUIRE, &arguments.map(str::as_bytes)).await?;
        match reply.word.as_str() {
            "OK" => {
                let left_over = reply.text(5).to_owned();
                Ok((reply, left_over))
            }
            "HELD" => Err(StoreError::Held {
                pool: self.pool.clone(),
                owner: reply.text(0).to_owned(),
                for_ms: reply.number(1),
            }),
            "TOO_NEW" => Err(StoreError::TooNew {
                stored: u32::try_from(reply.number(0)).unwrap_or(u32::MAX),
            }),
            _ => Err(self.strange()),
        }
    }

    /// Takes a pool again of which the head was lost, or is one from before this owner's time. A lease that came back with that
    /// head is waited for, unless somebody renews it: what this owner has in memory is nowhere else.
    pub(super) async fn retake(&mut self) -> Result<Position, StoreError> {
        let Some(owned) = &self.owned else {
            return Err(StoreError::Fenced(self.pool.clone()));
        };
        let (lease, epoch) = (owned.lease.clone(), owned.epoch);
        let mut taken = self.take(&lease, epoch, "").await;
        if let Err(StoreError::Held { for_ms, .. }) = taken {
            tokio::time::sleep(Duration::from_millis(for_ms + 1)).await;
            taken = self.take(&lease, epoch, "").await;
        }
        if let Err(StoreError::Held { .. }) = taken {
            return Err(StoreError::Fenced(self.pool.clone()));
        }
        let (reply, _) = taken?;
        warn!(pool = %self.pool, revision = reply.number(0), "Redis came back without this owner's lease: it is taken again");
        if let Some(owned) = &mut self.owned {
            owned.epoch = reply.number(4);
        }
        Ok(Position::read(&reply))
    }

    /// A snapshot that was not finished is of no use to anybody.
    async fn unlink_left_over(&mut self, left_over: &str, at: &Position) {
        if left_over.is_empty() || left_over == at.generation {
            return;
        }
        self.unlink(left_over).await;
    }

    /// Makes sure that what is known of the pool is of this lease; another process may have acquired it.
    pub(super) async fn know(&mut self, lease: &Lease) -> Result<(), StoreError> {
        if self
            .owned
            .as_ref()
            .is_some_and(|owned| owned.lease.id == lease.id)
        {
            return Ok(());
        }
        let sent = self.now();
        let at = match self.ask(lease).await? {
            Standing::At(at) => at,
            Standing::Fenced { .. } => return Err(StoreError::Fenced(self.pool.clone())),
        };
        self.owned = Some(Owned {
            lease: lease.clone(),
            epoch: 0,
            at,
            ring: Ring::default(),
            confirmed: sent,
            degraded: None,
        });
        Ok(())
    }

    /// Renews the lease; says where the pool stands.
    pub(super) async fn ask(&mut self, lease: &Lease) -> Result<Standing, StoreError> {
        let (id, lease_ms) = (hex_id(lease), self.common.lease_ms());
        let reply = self
            .run(&RENEW, &[id.as_bytes(), lease_ms.as_bytes()])
            .await?;
        Standing::read(&reply).ok_or_else(|| self.strange())
    }

    /// Whether a refusal of this lease is the word of a Redis that came back with less than it had: nobody acquired the pool
    /// after this owner did.
    pub(super) fn was_forgotten(&self, revision: &str, epoch: u64) -> bool {
        let own = self.owned.as_ref().map_or(0, |owned| owned.epoch);
        own > 0 && (revision.is_empty() || epoch < own)
    }

    /// Gives the pool to a successor, or back, without a gap for whoever comes next.
    pub(super) async fn release(
        &mut self,
        lease: &Lease,
        successor: Option<&Replica>,
    ) -> Result<(), StoreError> {
        let known = self
            .owned
            .as_ref()
            .filter(|owned| owned.lease.id == lease.id);
        let at = match known.map(|owned| owned.at.clone()) {
            Some(at) => at,
            None => match self.ask(lease).await? {
                Standing::At(at) => at,
                // The script tells a pool without a lease from one with another's.
                Standing::Fenced { .. } => Position::default(),
            },
        };
        let (id, revision) = (hex_id(lease), at.revision.to_string());
        let lease_ms = self.common.lease_ms();
        // The successor acquires it under a lease of its own, which nobody else can do before this one is over.
        let (theirs, boot, address) = match successor {
            Some(to) => (&*format!("{id}-given"), &*to.boot, &*to.address),
            None => ("", "", ""),
        };
        let arguments = [
            &*id, &revision, &at.digest, theirs, boot, address, &lease_ms,
        ];
        let reply = self.run(&TRANSFER, &arguments.map(str::as_bytes)).await?;
        match reply.word.as_str() {
            "OK" => {
                self.owned = None;
                Ok(())
            }
            "FENCED" => Err(StoreError::Fenced(self.pool.clone())),
            "MISMATCH" => Err(StoreError::Mismatch {
                stored: reply.number(0),
                batch: at.revision,
            }),
            _ => Err(self.strange()),
        }
    }

    /// Notes that a call was answered well that was sent then.
    pub(super) fn confirm(&mut self, sent: Duration) {
        if let Some(owned) = &mut self.owned {
            owned.confirmed = owned.confirmed.max(sent);
        }
    }

    /// Whether this owner must take its lease for over: by a clock that runs on while the machine sleeps.
    pub(super) fn is_overdue(&self) -> bool {
        let own = self.common.options.own_deadline();
        let confirmed = self.owned.as_ref().map(|owned| owned.confirmed);
        confirmed.is_some_and(|confirmed| self.now() > confirmed + own)
    }

    /// Begins or ends the time in which fewer replicas than wanted are enough.
    pub(super) fn set_degraded(&mut self, degraded: Option<Duration>) {
        let Some(owned) = &mut self.owned else { return };
        let before = std::mem::replace(&mut owned.degraded, degraded);
        match (before, degraded) {
            (None, Some(_)) => {
                warn!(pool = %self.pool, "no replica confirms: commits are safe on the master alone");
                self.common.notice(&self.pool, Notice::Degraded);
            }
            (Some(_), None) => info!(pool = %self.pool, "replicas confirm commits again"),
            (None, None) | (Some(_), Some(_)) => {}
        }
    }

    pub(super) fn strange(&self) -> StoreError {
        let node = self
            .ready
            .as_ref()
            .map_or("the master", |ready| ready.link.name());
        Failure::strange(node).into()
    }
}

/// Where a pool stands, or that another has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    At(Position),
    Fenced {
        /// Empty if there is no head.
        revision: String,
        epoch: u64,
    },
}

impl Standing {
    pub(super) fn read(reply: &Reply) -> Option<Self> {
        match reply.word.as_str() {
            "OK" | "MISMATCH" => Some(Self::At(Position::read(reply))),
            "FENCED" => Some(Self::Fenced {
                revision: reply.text(0).to_owned(),
                epoch: reply.number(2),
            }),
            _ => None,
        }
    }
}

/// Connects to the master of a pool.
pub(super) async fn connect(door: &Door, keys: &Keys) -> Result<Ready, Failure> {
    let node = door.master_of(keys).await?;
    let mut link = door.connect(&node).await?;
    let about = link.about().await?;
    if let Some(replica) = of_replica(&about.info) {
        return Err(Failure::not_applied(format!("Redis at {node} {replica}")));
    }
    Ok(Ready {
        link,
        node,
        run_id: about.run_id,
        replicas: about.replicas,
        following: about.following,
    })
}

/// That a server is a replica, and of which.
pub(super) fn of_replica(info: &str) -> Option<String> {
    if field(info, "role") == Some("master") {
        return None;
    }
    let host = field(info, "master_host").unwrap_or("?");
    let port = field(info, "master_port").unwrap_or("?");
    Some(format!(
        "is a replica of {host}:{port} and takes no writes: name that one, or its sentinels by redis-sentinel://"
    ))
}
