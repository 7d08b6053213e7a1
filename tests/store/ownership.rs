//! The contract's part on owners: a lease is renewed, and a pool that the store lost is written anew.

use std::sync::Arc;

use homeshore::{
    engine::{ids::PoolId, record::Record},
    store::{Batch, Lease, StoreError},
};

use super::{
    Place, batch,
    contract::{acquired_again, entities, event_texts, fenced, owned, pool},
    delete, put, with_events,
};

pub(super) async fn a_renewal_is_for_the_lease_in_force(place: &dyn Place) {
    let (store, old) = owned(place).await;
    store.renew(&old).await.unwrap();
    store
        .commit(&old, batch(1, vec![put("a", "1")]))
        .await
        .unwrap();
    store.renew(&old).await.unwrap();
    let new = acquired_again(&*store).await;
    assert_eq!(store.renew(&old).await, Err(fenced(&pool())));
    store.renew(&new).await.unwrap();
    let foreign = Lease {
        pool: PoolId::new("nowhere"),
        ..new
    };
    let fence = fenced(&foreign.pool);
    assert_eq!(store.renew(&foreign).await, Err(fence));
}

pub(super) async fn a_rewrite_replaces_everything_and_counts_as_its_batch(place: &dyn Place) {
    let (store, lease) = owned(place).await;
    let first = Arc::new(Batch {
        deltas: vec![put("a", "1"), put("b", "1")],
        ..(*with_events(1, &["x"])).clone()
    });
    store.commit(&lease, first).await.unwrap();
    let second = Arc::new(Batch {
        deltas: vec![put("a", "2")],
        ..(*with_events(2, &["y"])).clone()
    });
    let whole = || {
        [("a", "2"), ("c", "3")].map(|(key, value)| Record {
            key: key.into(),
            value: value.into(),
        })
    };
    for _again in 0..2 {
        let rewritten = store.rewrite(&lease, Arc::clone(&second), whole().into());
        rewritten.await.unwrap();
    }
    assert_eq!(entities(&*store, &lease).await, ["a=2", "c=3"]);
    assert_eq!(event_texts(&*store, 0, 10).await, ["x", "y"]);
    store.commit(&lease, second).await.unwrap();
    let early = store.rewrite(&lease, batch(1, vec![]), Vec::new()).await;
    assert!(
        matches!(early, Err(StoreError::Mismatch { .. })),
        "{early:?}"
    );
    let third = batch(3, vec![put("d", "4"), delete("a")]);
    store.commit(&lease, third).await.unwrap();
    assert_eq!(entities(&*store, &lease).await, ["c=3", "d=4"]);
    let new = acquired_again(&*store).await;
    let late = store.rewrite(&lease, batch(4, vec![]), Vec::new()).await;
    assert_eq!(late, Err(fenced(&pool())));
    assert_eq!(store.load(&new).await.unwrap().revision, 3);
}
