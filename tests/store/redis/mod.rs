//! The store on real Redis servers: the contract on each topology, then what only Redis does.

mod faults;
mod figures;
mod messages;
mod owner;

use std::{sync::Arc, time::Duration};

use homeshore::{
    clock,
    engine::ids::PoolId,
    store::{
        Store,
        redis::{Address, Options, Redis as RedisStore},
    },
};

use super::{EVENTS_KEPT, Place, contract::every_case};
use crate::support::{
    mimic::{Line, Mimic, Rules},
    redis::{Cluster, Redis, Watched},
};

/// A store as these tests use it: its leases are short, so that a new owner need not wait.
pub(super) fn options() -> Options {
    Options {
        events_kept: EVENTS_KEPT,
        lease: Duration::from_millis(300),
        renew: Duration::from_millis(60),
        // The machine may be busy with other tests.
        call: Duration::from_secs(5),
        label: "a test".to_owned(),
        ..Options::new(clock::boot, || clock::wall().0)
    }
}

pub(super) fn open(url: &str, options: Options) -> RedisStore {
    RedisStore::new(Address::parse(url).unwrap(), options)
}

/// One server.
pub(super) struct Single(pub(super) Redis);

impl Single {
    pub(super) fn start() -> Self {
        Self(Redis::start(&[]))
    }
}

impl Place for Single {
    fn open(&self) -> Arc<dyn Store> {
        Arc::new(open(&self.0.url(), options()))
    }
}

impl Place for Watched {
    fn open(&self) -> Arc<dyn Store> {
        Arc::new(open(&self.url(), options()))
    }
}

impl Place for Cluster {
    fn open(&self) -> Arc<dyn Store> {
        Arc::new(open(&self.url(), options()))
    }
}

/// What simulations run on is held to the same.
impl Place for Mimic {
    fn open(&self) -> Arc<dyn Store> {
        let options = Options {
            dial: Some(self.dial(&Line::new(0))),
            ..options()
        };
        Arc::new(open("redis://127.0.0.1:1", options))
    }
}

#[tokio::test]
async fn the_contract_holds_on_the_model_of_a_server() {
    let mimic = Mimic::new(Rules::All);
    every_case(&mimic, || mimic.empty()).await;
}

fn empty<'a>(servers: impl IntoIterator<Item = &'a Redis>) {
    for server in servers {
        assert_eq!(server.ask(&["FLUSHALL"]), "OK");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_holds_behind_sentinels() {
    let watched = Watched::start();
    every_case(&watched, || empty(&watched.servers[..1])).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_holds_on_a_cluster() {
    let cluster = Cluster::start();
    every_case(&cluster, || empty(&cluster.nodes)).await;
}

pub(super) fn north() -> PoolId {
    PoolId::new("north")
}
