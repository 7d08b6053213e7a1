//! The contract's part on detail records: added with a commit, in order of their calls' ends, purged when too old.

use std::sync::Arc;

use homeshore::{
    engine::ids::{PoolId, PoolTime},
    store::{DetailKey, Store, StoreError},
};

use super::{
    Place,
    contract::{owned, pool},
    detail, with_details,
};

async fn detail_texts(
    store: &dyn Store,
    pool: &str,
    from: (u64, u64),
    limit: usize,
) -> Vec<String> {
    let (ended_at, number) = (PoolTime(from.0), from.1);
    let from = DetailKey { ended_at, number };
    let found = store.details_from(&PoolId::new(pool), from, limit).await;
    let found = found.unwrap().into_iter();
    found.map(|detail| detail.json).collect()
}

pub(super) async fn detail_records_come_by_end_and_in_pages(place: &dyn Place) {
    let (store, lease) = owned(place).await;
    let all = |store| detail_texts(store, "north", (0, 0), 10);
    assert_eq!(all(&*store).await, [""; 0]);
    assert_eq!(detail_texts(&*store, "nowhere", (0, 0), 10).await, [""; 0]);
    let first = with_details(1, vec![detail(20, 1), detail(10, 2)]);
    for _again in 0..2 {
        store.commit(&lease, Arc::clone(&first)).await.unwrap();
    }
    let other = with_details(1, vec![detail(20, 3)]);
    let refused = store.commit(&lease, other).await;
    assert!(
        matches!(refused, Err(StoreError::Mismatch { .. })),
        "{refused:?}"
    );
    let second = with_details(2, vec![detail(20, 4), detail(u64::MAX, u64::MAX)]);
    store.commit(&lease, second).await.unwrap();
    let last = format!("{0}-{0}", u64::MAX);
    assert_eq!(all(&*store).await, ["10-2", "20-1", "20-4", &last]);
    assert_eq!(
        detail_texts(&*store, "north", (10, 3), 2).await,
        ["20-1", "20-4"]
    );
    assert_eq!(detail_texts(&*store, "north", (20, 5), 2).await, [last]);
    assert_eq!(detail_texts(&*store, "north", (0, 0), 0).await, [""; 0]);
}

pub(super) async fn old_detail_records_are_purged_in_steps(place: &dyn Place) {
    let (store, lease) = owned(place).await;
    let south = store.acquire(&PoolId::new("south")).await.unwrap();
    let details = || (10..15).map(|at| detail(at, 1)).collect();
    store
        .commit(&lease, with_details(1, details()))
        .await
        .unwrap();
    store
        .commit(&south, with_details(1, details()))
        .await
        .unwrap();
    for (limit, left) in [(0, 5), (2, 3), (2, 1), (2, 1)] {
        store
            .purge_details(&pool(), PoolTime(14), limit)
            .await
            .unwrap();
        assert_eq!(detail_texts(&*store, "north", (0, 0), 10).await.len(), left);
    }
    assert_eq!(detail_texts(&*store, "north", (0, 0), 10).await, ["14-1"]);
    assert_eq!(detail_texts(&*store, "south", (0, 0), 10).await.len(), 5);
    let nowhere = PoolId::new("nowhere");
    store
        .purge_details(&nowhere, PoolTime(14), 1)
        .await
        .unwrap();
    let next = with_details(2, vec![detail(1, 1)]);
    store.commit(&lease, next).await.unwrap();
    assert_eq!(
        detail_texts(&*store, "north", (0, 0), 10).await,
        ["1-1", "14-1"]
    );
}

pub(super) async fn detail_records_are_there_after_reopening(place: &dyn Place) {
    let (store, lease) = owned(place).await;
    let some = with_details(1, vec![detail(1, 1), detail(2, 2)]);
    store.commit(&lease, some).await.unwrap();
    store.purge_details(&pool(), PoolTime(2), 10).await.unwrap();
    drop(store);
    let store = place.open();
    assert_eq!(detail_texts(&*store, "north", (0, 0), 10).await, ["2-2"]);
}
