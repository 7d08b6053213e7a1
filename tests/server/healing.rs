//! A store that comes back with less, one that is away for long, and one with entities that cannot be read: the pool goes on.

use std::{sync::Arc, time::Duration};

use homeshore::{
    engine::{
        command::{Command, SessionRef},
        ids::OfferId,
        record::{Delta, Record},
    },
    pool::{Condition, Outage, PoolError, registry::Registry},
    store::{Batch, Store, memory::Memory},
};

use super::actor::{ann, has_call, id, limits, pool_on, route, sign_in, until};

#[tokio::test(start_paused = true)]
async fn a_store_that_comes_back_with_less_is_written_anew() {
    let store = Memory::default();
    let (registry, pool) = pool_on(&store, limits()).await;
    pool.submit(route("c1")).await.unwrap();
    store.mark();
    pool.submit(route("c2")).await.unwrap();
    store.come_back_with_less();
    pool.submit(route("c3")).await.unwrap();
    assert_eq!(pool.condition(), Condition::Open, "nobody need notice");
    registry.close().await;
    let registry = Registry::new(Arc::new(store.clone()), limits());
    let pool = registry.get_or_create(&id()).await.unwrap();
    for call in ["c1", "c2", "c3"] {
        assert!(has_call(&pool, call), "{call} was acknowledged");
    }
}

#[tokio::test(start_paused = true)]
async fn what_frees_agents_waits_for_the_store_and_so_do_offers() {
    let store = Memory::default();
    let (_registry, pool) = pool_on(&store, limits()).await;
    let session = sign_in(&pool).await;
    pool.submit(route("c1")).await.unwrap();
    store.set_down(true);
    let mut held = pool.send(route("c2")).unwrap();
    assert_eq!(
        held.outcome().await,
        Err(PoolError::Unavailable(Outage::StoreDown))
    );
    tokio::time::sleep(Duration::from_secs(20)).await;
    pool.presence().session_heard(&ann(), session);
    // The offer is 30 s old by now, and would be over.
    let accept = Command::AcceptOffer {
        by: SessionRef {
            agent: ann(),
            session,
            sequence: 2,
        },
        offer: OfferId(1),
    };
    let mut accepted = pool.send(accept).unwrap();
    let refused = pool.submit(route("c3")).await;
    assert_eq!(refused, Err(PoolError::Unavailable(Outage::StoreDown)));
    store.set_down(false);
    accepted
        .outcome()
        .await
        .expect("it waited, and the offer did");
    until("the pool", || pool.condition() == Condition::Open).await;
    assert!(has_call(&pool, "c2") && !has_call(&pool, "c3"));
}

#[tokio::test(start_paused = true)]
async fn an_entity_that_cannot_be_read_is_set_aside_and_nothing_else() {
    let store = Memory::default();
    let (registry, pool) = pool_on(&store, limits()).await;
    pool.submit(route("c1")).await.unwrap();
    registry.close().await;
    let lease = store.acquire(&id()).await.unwrap();
    let loaded = store.load(&lease).await.unwrap();
    let damaged = Record {
        key: "tombstone/old".to_owned(),
        value: b"\xff no JSON".to_vec(),
    };
    let batch = Batch {
        revision: loaded.revision + 1,
        pool_time: loaded.pool_time,
        deltas: vec![Delta::Put(damaged.clone())],
        ..Batch::default()
    };
    store.commit(&lease, Arc::new(batch)).await.unwrap();

    for _again in 0..2 {
        let registry = Registry::new(Arc::new(store.clone()), limits());
        let pool = registry.get_or_create(&id()).await.unwrap();
        pool.answers().await;
        assert!(has_call(&pool, "c1"));
        registry.close().await;
        let lease = store.acquire(&id()).await.unwrap();
        let records = store.load(&lease).await.unwrap().records;
        let of_it = records
            .iter()
            .filter(|record| record.key.contains("tombstone/old"));
        let of_it: Vec<_> = of_it.collect();
        assert_eq!(of_it.len(), 1, "{of_it:?}");
        assert_eq!(of_it[0].key, "quarantine/tombstone/old");
        assert_eq!(of_it[0].value, damaged.value, "nothing is thrown away");
    }
}
