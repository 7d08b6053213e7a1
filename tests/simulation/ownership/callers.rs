//! Those who call, and what they are told.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use fastrand::Rng;
use homeshore::{
    engine::command::Command,
    pool::{Pool, PoolError},
};
use tokio::time::{sleep, timeout};

use super::{
    agents::{QUEUE, next},
    world::{Plan, Server, lock},
};
use crate::engine::world::{call, pool as pool_id};

/// How long a caller waits for an answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// What callers were told.
#[derive(Default)]
pub(super) struct Ledger {
    next: u64,
    pub(super) acknowledged: BTreeSet<String>,
    pub(super) refused: BTreeSet<String>,
}

/// What callers see.
#[derive(Clone)]
pub(super) struct Street {
    pub(super) plan: Plan,
    pub(super) servers: Arc<Mutex<Vec<Server>>>,
    pub(super) ledger: Arc<Mutex<Ledger>>,
    pub(super) is_over: Arc<AtomicBool>,
}

impl Street {
    /// Routes one call after the other through any server, each until it is acknowledged, or refused.
    pub(super) async fn call(self, mut rng: Rng) {
        while !self.is_over.load(Ordering::Relaxed) {
            let id = {
                let mut ledger = lock(&self.ledger);
                ledger.next += 1;
                format!("c{}", ledger.next)
            };
            while !self.route(&id, &mut rng).await {
                sleep(Duration::from_millis(rng.u64(20..100))).await;
            }
            sleep(Duration::from_millis(rng.u64(20..400))).await;
        }
    }

    /// Agents and platforms do what comes next, through any server.
    pub(super) async fn work(self, mut rng: Rng) {
        while !self.is_over.load(Ordering::Relaxed) {
            sleep(Duration::from_millis(rng.u64(100..600))).await;
            let Some(pool) = self.pool(&mut rng) else {
                continue;
            };
            let Ok(Ok(commands)) = timeout(PATIENCE, pool.read(|engine| next(engine))).await else {
                continue;
            };
            for command in commands {
                // They look again at what became of it.
                drop(pool.send(command));
            }
        }
    }

    /// The pool, if the server that is asked has it.
    fn pool(&self, rng: &mut Rng) -> Option<Pool> {
        let server = rng.choice(lock(&self.servers).iter()).cloned()?;
        server.registry.get(&pool_id())
    }

    /// Asks once; whether the caller goes on to the next.
    async fn route(&self, id: &str, rng: &mut Rng) -> bool {
        let Some(pool) = self.pool(rng) else {
            return false;
        };
        let command = Command::RouteCall(Box::new(call(id, QUEUE)));
        let answer = timeout(PATIENCE, pool.submit(command)).await;
        let mut ledger = lock(&self.ledger);
        match answer {
            Ok(Ok(_)) => ledger.acknowledged.insert(id.to_owned()),
            Ok(Err(PoolError::Rejected(_) | PoolError::Overloaded)) => {
                ledger.refused.insert(id.to_owned())
            }
            Ok(Err(_)) | Err(_) if self.plan.forgets_the_unknown => {
                ledger.refused.insert(id.to_owned())
            }
            Ok(Err(_)) | Err(_) => false,
        }
    }
}
