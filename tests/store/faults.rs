//! The faults that can be ordered from the store in memory.

use std::time::Duration;

use homeshore::{
    clock,
    engine::ids::PoolId,
    store::{
        Store, StoreError,
        memory::{Fault, Memory},
    },
};

use super::{batch, memory, put};

/// Whether the next commit is answered well, and which revision is stored afterwards.
async fn outcome(store: &Memory, fault: Fault) -> (Result<(), StoreError>, u64) {
    let lease = store.acquire(&PoolId::new("north")).await.unwrap();
    store.script([fault]);
    let deltas = vec![put("a", "1"), put("b", "2")];
    let answer = store.commit(&lease, batch(1, deltas)).await;
    let loaded = store.load(&lease).await.unwrap();
    let count = if loaded.revision == 1 { 2 } else { 0 };
    assert_eq!(loaded.records.len(), count);
    (answer, loaded.revision)
}

#[tokio::test]
async fn each_fault_is_answered_and_stored_as_it_says() {
    let refused = |text: &str| Err(StoreError::NotApplied(text.into()));
    let unknown = Err(StoreError::Unknown("a fault after the commit".into()));
    let table = [
        (Fault::None, (Ok(()), 1)),
        (Fault::Before, (refused("a fault before the commit"), 0)),
        (Fault::Torn, (refused("a torn batch, taken back"), 0)),
        (Fault::After, (unknown, 1)),
    ];
    for (fault, expected) in table {
        assert_eq!(outcome(&memory(), fault).await, expected, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_delayed_commit_comes_later_and_whole() {
    let before = clock::instant();
    let delay = Duration::from_secs(7);
    assert_eq!(outcome(&memory(), Fault::Delay(delay)).await, (Ok(()), 1));
    assert_eq!(clock::instant() - before, delay);
}

#[tokio::test]
async fn faults_come_in_order_one_for_each_commit() {
    let store = memory();
    let lease = store.acquire(&PoolId::new("north")).await.unwrap();
    store.script([Fault::None, Fault::Before]);
    store.script([Fault::None]);
    let mut answers = Vec::new();
    for revision in [1, 2, 2, 3] {
        answers.push(store.commit(&lease, batch(revision, vec![])).await.is_ok());
    }
    assert_eq!(answers, [true, false, true, true]);
}

#[tokio::test]
async fn a_store_that_is_down_refuses_everything_until_it_is_up() {
    let store = memory();
    let pool = PoolId::new("north");
    let lease = store.acquire(&pool).await.unwrap();
    store.set_down(true);
    let down = StoreError::NotApplied("the store is down".into());
    assert_eq!(store.acquire(&pool).await, Err(down.clone()));
    assert_eq!(store.load(&lease).await, Err(down.clone()));
    assert_eq!(
        store.commit(&lease, batch(1, vec![])).await,
        Err(down.clone())
    );
    assert_eq!(store.release(&lease).await, Err(down.clone()));
    assert_eq!(store.events_after(&pool, 0, 1).await, Err(down.clone()));
    assert_eq!(store.pools().await, Err(down));
    store.set_down(false);
    store.commit(&lease, batch(1, vec![])).await.unwrap();
}
