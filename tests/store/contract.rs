//! What every store keeps to. A new kind of store adds one line at the end.

use std::sync::Arc;

use homeshore::{
    engine::ids::{PoolId, PoolTime},
    store::{Batch, Lease, Loaded, Store, StoreError, event_number},
};

use super::{
    EVENTS_KEPT, Place, acquire,
    answers::an_answer_is_there_if_its_change_is,
    backup::a_backup_restores_to_what_was_stored,
    batch, delete,
    detail_records::{
        detail_records_are_there_after_reopening, detail_records_come_by_end_and_in_pages,
        old_detail_records_are_purged_in_steps,
    },
    ownership::{
        a_renewal_is_for_the_lease_in_force, a_rewrite_replaces_everything_and_counts_as_its_batch,
    },
    put, with_events,
};

pub(super) fn pool() -> PoolId {
    PoolId::new("north")
}

pub(super) fn fenced(pool: &PoolId) -> StoreError {
    StoreError::Fenced(pool.clone())
}

/// A store, and a pool in it that this test may change.
pub(super) async fn owned(place: &dyn Place) -> (Arc<dyn Store>, Lease) {
    let store = place.open();
    let lease = acquire(&*store, &pool()).await;
    (store, lease)
}

/// The stored entities as `key=value`.
pub(super) async fn entities(store: &dyn Store, lease: &Lease) -> Vec<String> {
    let loaded = store.load(lease).await.unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let records = loaded.records.into_iter();
    records
        .map(|record| format!("{}={}", record.key, text(record.value)))
        .collect()
}

pub(super) async fn event_texts(store: &dyn Store, after: u64, limit: usize) -> Vec<String> {
    let events = store.events_after(&pool(), after, limit).await.unwrap();
    events.into_iter().map(|event| event.json).collect()
}

async fn a_new_pool_is_empty(place: &dyn Place) {
    let (store, lease) = owned(place).await;
    assert_eq!(store.load(&lease).await.unwrap(), Loaded::default());
    assert_eq!(event_texts(&*store, 0, 10).await, [""; 0]);
    assert_eq!(store.pools().await.unwrap(), []);
    let nowhere = store.events_after(&PoolId::new("nowhere"), 0, 10).await;
    assert_eq!(nowhere.unwrap(), []);
}

async fn a_commit_loads_as_it_was_given(place: &dyn Place) {
    let (store, lease) = owned(place).await;
    let deltas = vec![put("call/2", "b"), put("agent/1", ""), put("call/1", "a")];
    store.commit(&lease, batch(1, deltas)).await.unwrap();
    let loaded = store.load(&lease).await.unwrap();
    assert_eq!((loaded.revision, loaded.pool_time), (1, PoolTime(1_000)));
    assert_eq!(
        entities(&*store, &lease).await,
        ["agent/1=", "call/1=a", "call/2=b"]
    );
}

async fn puts_replace_and_deletes_remove(place: &dyn Place) {
    let (store, lease) = owned(place).await;
    let first = vec![put("a", "1"), put("b", "1"), put("c", "1")];
    store.commit(&lease, batch(1, first)).await.unwrap();
    let second = vec![put("a", "2"), delete("b"), delete("was never there")];
    store.commit(&lease, batch(2, second)).await.unwrap();
    assert_eq!(entities(&*store, &lease).await, ["a=2", "c=1"]);
}

async fn the_same_batch_again_changes_nothing(place: &dyn Place) {
    let (store, lease) = owned(place).await;
    let first = Arc::new(Batch {
        deltas: vec![put("a", "1")],
        ..(*with_events(1, &["x", "y"])).clone()
    });
    for _ in 0..3 {
        store.commit(&lease, Arc::clone(&first)).await.unwrap();
    }
    let second = with_events(2, &["z"]);
    for _ in 0..2 {
        store.commit(&lease, Arc::clone(&second)).await.unwrap();
    }
    assert_eq!(store.load(&lease).await.unwrap().revision, 2);
    assert_eq!(entities(&*store, &lease).await, ["a=1"]);
    assert_eq!(event_texts(&*store, 0, 10).await, ["x", "y", "z"]);
}

async fn another_batch_with_a_known_revision_is_a_mismatch(place: &dyn Place) {
    let (store, lease) = owned(place).await;
    store
        .commit(&lease, batch(1, vec![put("a", "1")]))
        .await
        .unwrap();
    let later = Batch {
        pool_time: PoolTime(7),
        ..(*batch(1, vec![put("a", "1")])).clone()
    };
    for other in [
        batch(1, vec![put("a", "2")]),
        with_events(1, &["x"]),
        Arc::new(later),
    ] {
        let answer = store.commit(&lease, other).await;
        assert_eq!(
            answer,
            Err(StoreError::Mismatch {
                stored: 1,
                batch: 1
            })
        );
    }
    assert_eq!(entities(&*store, &lease).await, ["a=1"]);
}

async fn a_gap_in_revisions_is_a_mismatch(place: &dyn Place) {
    let (store, lease) = owned(place).await;
    for wrong in [0, 2, u64::MAX] {
        let answer = store
            .commit(&lease, batch(wrong, vec![put("a", "1")]))
            .await;
        assert_eq!(
            answer,
            Err(StoreError::Mismatch {
                stored: 0,
                batch: wrong
            })
        );
    }
    store.commit(&lease, batch(1, vec![])).await.unwrap();
    store.commit(&lease, batch(2, vec![])).await.unwrap();
    let early = store.commit(&lease, batch(1, vec![])).await;
    assert_eq!(
        early,
        Err(StoreError::Mismatch {
            stored: 2,
            batch: 1
        })
    );
    assert_eq!(entities(&*store, &lease).await, [""; 0]);
}

async fn a_second_acquisition_fences_the_first(place: &dyn Place) {
    let (store, old) = owned(place).await;
    store
        .commit(&old, batch(1, vec![put("a", "1")]))
        .await
        .unwrap();
    let new = acquired_again(&*store).await;
    assert_ne!(old.id, new.id);
    let fence = fenced(&pool());
    assert_eq!(
        store.commit(&old, batch(2, vec![])).await,
        Err(fence.clone())
    );
    let repeated = store.commit(&old, batch(1, vec![put("a", "1")])).await;
    assert_eq!(repeated, Err(fence.clone()));
    assert_eq!(store.load(&old).await, Err(fence.clone()));
    assert_eq!(store.release(&old).await, Err(fence));
    store
        .commit(&new, batch(2, vec![put("b", "2")]))
        .await
        .unwrap();
    assert_eq!(entities(&*store, &new).await, ["a=1", "b=2"]);
}

pub(super) async fn acquired_again(store: &dyn Store) -> Lease {
    acquire(store, &pool()).await
}

async fn a_lease_of_an_unknown_pool_is_fenced(place: &dyn Place) {
    let (store, lease) = owned(place).await;
    let foreign = Lease {
        pool: PoolId::new("nowhere"),
        ..lease
    };
    let fence = fenced(&foreign.pool);
    assert_eq!(
        store.commit(&foreign, batch(1, vec![])).await,
        Err(fence.clone())
    );
    assert_eq!(store.load(&foreign).await, Err(fence.clone()));
    assert_eq!(store.release(&foreign).await, Err(fence));
}

async fn a_release_may_be_repeated_and_ends_the_lease(place: &dyn Place) {
    let (store, lease) = owned(place).await;
    store
        .commit(&lease, batch(1, vec![put("a", "1")]))
        .await
        .unwrap();
    store.release(&lease).await.unwrap();
    store.release(&lease).await.unwrap();
    let late = store.commit(&lease, batch(2, vec![])).await;
    assert_eq!(late, Err(fenced(&pool())));
    let next = acquired_again(&*store).await;
    store.commit(&next, batch(2, vec![])).await.unwrap();
    assert_eq!(entities(&*store, &next).await, ["a=1"]);
}

async fn events_come_in_order_and_in_pages(place: &dyn Place) {
    let (store, lease) = owned(place).await;
    store
        .commit(&lease, with_events(1, &["a", "b", "c"]))
        .await
        .unwrap();
    store.commit(&lease, batch(2, vec![])).await.unwrap();
    store
        .commit(&lease, with_events(3, &["d", "e"]))
        .await
        .unwrap();
    let mut after = 0;
    let mut pages = Vec::new();
    loop {
        let page = store.events_after(&pool(), after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.number;
        pages.push(page.into_iter().map(|event| event.json).collect::<String>());
    }
    assert_eq!(pages, ["ab", "cd", "e"]);
    assert_eq!(after, event_number(3, 1));
    assert_eq!(
        event_texts(&*store, event_number(1, 2), 9).await,
        ["d", "e"]
    );
    assert_eq!(event_texts(&*store, u64::MAX, 9).await, [""; 0]);
    assert_eq!(event_texts(&*store, 0, 0).await, [""; 0]);
}

async fn only_the_newest_events_are_kept(place: &dyn Place) {
    let (store, lease) = owned(place).await;
    for revision in 1..=EVENTS_KEPT {
        let texts = [format!("{revision}a"), format!("{revision}b")];
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        store
            .commit(&lease, with_events(revision, &texts))
            .await
            .unwrap();
    }
    let kept = event_texts(&*store, 0, 1_000).await;
    assert_eq!(kept.len() as u64, EVENTS_KEPT);
    let first = EVENTS_KEPT / 2 + 1;
    assert_eq!(kept.first().unwrap(), &format!("{first}a"));
    assert_eq!(kept.last().unwrap(), &format!("{EVENTS_KEPT}b"));

    let many: Vec<String> = (0..EVENTS_KEPT * 2).map(|n| n.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    store
        .commit(&lease, with_events(EVENTS_KEPT + 1, &many))
        .await
        .unwrap();
    let kept = event_texts(&*store, 0, 1_000).await;
    assert_eq!(kept, many[many.len() / 2..]);
}

async fn pools_with_a_commit_are_listed(place: &dyn Place) {
    let store = place.open();
    for (name, commits) in [
        ("south", true),
        ("empty", false),
        ("north-2", true),
        ("north", true),
    ] {
        let lease = store.acquire(&PoolId::new(name)).await.unwrap();
        if commits {
            store.commit(&lease, batch(1, vec![])).await.unwrap();
        }
    }
    let names = ["north", "north-2", "south"].map(PoolId::new);
    assert_eq!(store.pools().await.unwrap(), names);
}

async fn pools_do_not_mix(place: &dyn Place) {
    let store = place.open();
    let names = ["a", "a-", "a-1", "b"].map(PoolId::new);
    let mut leases = Vec::new();
    for name in &names {
        let lease = store.acquire(name).await.unwrap();
        let own = Batch {
            deltas: vec![
                put("who", name.as_str()),
                put("", "empty key"),
                put("\u{10ffff}", "last"),
            ],
            ..(*with_events(1, &[name.as_str()])).clone()
        };
        store.commit(&lease, Arc::new(own)).await.unwrap();
        leases.push(lease);
    }
    for lease in &leases {
        let expected = [
            "=empty key".to_owned(),
            format!("who={}", lease.pool),
            "\u{10ffff}=last".into(),
        ];
        assert_eq!(entities(&*store, lease).await, expected);
        let events = store.events_after(&lease.pool, 0, 10).await.unwrap();
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].json, lease.pool.as_str());
    }
    store
        .commit(&leases[0], batch(2, vec![delete("who")]))
        .await
        .unwrap();
    assert_eq!(entities(&*store, &leases[1]).await[1], "who=a-");
}

async fn a_batch_of_a_thousand_changes_is_one(place: &dyn Place) {
    let (store, lease) = owned(place).await;
    let deltas: Vec<_> = (0..1_000)
        .map(|n| put(&format!("call/{n:04}"), &"x".repeat(1_000)))
        .collect();
    store.commit(&lease, batch(1, deltas)).await.unwrap();
    let loaded = store.load(&lease).await.unwrap();
    assert_eq!(loaded.records.len(), 1_000);
    assert!(loaded.records.is_sorted_by(|a, b| a.key < b.key));
    let deltas: Vec<_> = (0..1_000)
        .map(|n| delete(&format!("call/{n:04}")))
        .collect();
    store.commit(&lease, batch(2, deltas)).await.unwrap();
    assert_eq!(entities(&*store, &lease).await, [""; 0]);
}

async fn any_text_can_be_a_key_and_any_bytes_a_value(place: &dyn Place) {
    let (store, lease) = owned(place).await;
    let keys = [
        "call/a/b",
        "call/é",
        "nul\0in",
        "nul",
        "スキル",
        "🙂",
        "\u{7f}",
    ];
    let long = "k".repeat(1_000);
    let mut deltas: Vec<_> = keys.iter().map(|key| put(key, key)).collect();
    deltas.push(put(&long, "long"));
    store.commit(&lease, batch(1, deltas)).await.unwrap();
    let mut expected: Vec<String> = keys.iter().map(|key| format!("{key}={key}")).collect();
    expected.push(format!("{long}=long"));
    expected.sort_by(|a, b| a.split('=').next().cmp(&b.split('=').next()));
    assert_eq!(entities(&*store, &lease).await, expected);
}

async fn what_was_committed_is_there_after_reopening(place: &dyn Place) {
    let (store, lease) = owned(place).await;
    let first = Batch {
        deltas: vec![put("a", "1"), put("b", "2")],
        ..(*with_events(1, &["x", "y"])).clone()
    };
    store.commit(&lease, Arc::new(first)).await.unwrap();
    let last = batch(2, vec![delete("b")]);
    store.commit(&lease, Arc::clone(&last)).await.unwrap();
    drop(store);

    let store = place.open();
    assert_eq!(store.pools().await.unwrap(), [pool()]);
    store.commit(&lease, last).await.unwrap();
    let new = acquired_again(&*store).await;
    let loaded = store.load(&new).await.unwrap();
    assert_eq!((loaded.revision, loaded.pool_time), (2, PoolTime(2_000)));
    assert_eq!(entities(&*store, &new).await, ["a=1"]);
    assert_eq!(event_texts(&*store, 0, 10).await, ["x", "y"]);
    let late = store.commit(&lease, batch(3, vec![])).await;
    assert_eq!(late, Err(fenced(&pool())));
}

async fn pools_commit_at_the_same_time(place: &dyn Place) {
    let store = place.open();
    let mut owners = tokio::task::JoinSet::new();
    for number in 0..50 {
        let store = Arc::clone(&store);
        owners.spawn(async move {
            let lease = store
                .acquire(&PoolId::new(format!("pool-{number:02}")))
                .await
                .unwrap();
            for revision in 1..=5 {
                let change = put("n", &format!("{number} {revision}"));
                store
                    .commit(&lease, batch(revision, vec![change]))
                    .await
                    .unwrap();
            }
            assert_eq!(entities(&*store, &lease).await, [format!("n={number} 5")]);
        });
    }
    while let Some(done) = owners.join_next().await {
        done.unwrap();
    }
    assert_eq!(store.pools().await.unwrap().len(), 50);
}

macro_rules! cases {
    ($($case:ident)*) => {
        /// A case of its own for each; the store is what `place` makes.
        macro_rules! contract {
            ($place:expr) => {$(
                #[tokio::test]
                async fn $case() {
                    $crate::store::contract::$case(&$place).await;
                }
            )*};
        }

        /// All cases one after another, in a place that is emptied before each.
        pub(super) async fn every_case(place: &dyn Place, empty: impl Fn()) {
            $(
                eprintln!("{}", stringify!($case));
                empty();
                $case(place).await;
            )*
        }
    };
}

cases! {
    a_new_pool_is_empty
    a_commit_loads_as_it_was_given
    puts_replace_and_deletes_remove
    the_same_batch_again_changes_nothing
    another_batch_with_a_known_revision_is_a_mismatch
    a_gap_in_revisions_is_a_mismatch
    a_second_acquisition_fences_the_first
    a_lease_of_an_unknown_pool_is_fenced
    a_release_may_be_repeated_and_ends_the_lease
    events_come_in_order_and_in_pages
    only_the_newest_events_are_kept
    pools_with_a_commit_are_listed
    pools_do_not_mix
    a_batch_of_a_thousand_changes_is_one
    any_text_can_be_a_key_and_any_bytes_a_value
    an_answer_is_there_if_its_change_is
    what_was_committed_is_there_after_reopening
    pools_commit_at_the_same_time
    detail_records_come_by_end_and_in_pages
    old_detail_records_are_purged_in_steps
    detail_records_are_there_after_reopening
    a_backup_restores_to_what_was_stored
    a_renewal_is_for_the_lease_in_force
    a_rewrite_replaces_everything_and_counts_as_its_batch
}

mod in_memory {
    contract! { crate::store::memory() }
}

mod on_disk {
    contract! { crate::store::data_folder() }
}

mod on_redis {
    contract! { crate::store::redis::Single::start() }
}
