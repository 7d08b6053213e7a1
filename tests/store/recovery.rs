//! The embedded store on a disk that fails: nothing acknowledged is lost, and it goes on when the disk does.

use std::{path::Path, sync::Arc};

use homeshore::{
    engine::ids::PoolId,
    store::{Lease, Store, StoreError, embedded::Embedded},
};
use proptest::prelude::*;

use super::{batch, faulty_disk::FaultyDisk, options, put};

fn open(disk: &FaultyDisk) -> Result<Embedded, StoreError> {
    let disk = disk.clone();
    Embedded::open_on(Path::new("a disk in memory"), options(), move |_| {
        disk.database()
    })
}

async fn acquire(store: &dyn Store, pool: &str) -> Lease {
    store.acquire(&PoolId::new(pool)).await.unwrap()
}

/// The stored `value` of each entity.
async fn values(store: &dyn Store, lease: &Lease) -> Vec<String> {
    let records = store.load(lease).await.unwrap().records.into_iter();
    records
        .map(|record| String::from_utf8(record.value).unwrap())
        .collect()
}

fn large(revision: u64) -> Arc<homeshore::store::Batch> {
    batch(
        revision,
        (0..40)
            .map(|n| {
                put(
                    &format!("call/{n}"),
                    &format!("{revision} {}", "x".repeat(4_000)),
                )
            })
            .collect(),
    )
}

#[tokio::test]
async fn a_full_disk_refuses_and_goes_on_when_there_is_room() {
    let disk = FaultyDisk::new();
    let store = open(&disk).unwrap();
    let lease = acquire(&store, "north").await;
    store
        .commit(&lease, batch(1, vec![put("a", "kept")]))
        .await
        .unwrap();

    disk.leave_blocks(3);
    for _ in 0..3 {
        let refused = store.commit(&lease, large(2)).await.unwrap_err();
        let (StoreError::NotApplied(text) | StoreError::Unknown(text)) = &refused else {
            panic!("{refused:?}");
        };
        assert!(
            text.contains("no space is left for `a disk in memory`"),
            "{text}"
        );
    }

    disk.make_room();
    assert_eq!(values(&store, &lease).await, ["kept"]);
    store.commit(&lease, large(2)).await.unwrap();
    assert_eq!(values(&store, &lease).await.len(), 41);
    drop(store);
    let store = open(&disk).unwrap();
    let lease = acquire(&store, "north").await;
    assert_eq!(values(&store, &lease).await.len(), 41);
}

#[tokio::test]
async fn a_full_disk_still_serves_other_readers_of_what_is_stored() {
    let disk = FaultyDisk::new();
    let store = open(&disk).unwrap();
    let lease = acquire(&store, "north").await;
    store.commit(&lease, large(1)).await.unwrap();
    disk.leave_blocks(0);
    store.commit(&lease, large(2)).await.unwrap_err();
    disk.make_room();
    assert_eq!(store.pools().await.unwrap(), [PoolId::new("north")]);
    assert!(values(&store, &lease).await[0].starts_with("1 "));
}

#[tokio::test]
async fn a_failed_sync_leaves_the_outcome_open_and_the_same_batch_settles_it() {
    let disk = FaultyDisk::new();
    let store = open(&disk).unwrap();
    let lease = acquire(&store, "north").await;
    disk.set_sync_fails(true);
    let unknown = store.commit(&lease, batch(1, vec![put("a", "1")])).await;
    assert!(
        matches!(unknown, Err(StoreError::Unknown(_))),
        "{unknown:?}"
    );
    let again = store.commit(&lease, batch(1, vec![put("a", "1")])).await;
    assert!(
        matches!(
            again,
            Err(StoreError::NotApplied(_) | StoreError::Unknown(_))
        ),
        "{again:?}"
    );
    disk.set_sync_fails(false);
    store
        .commit(&lease, batch(1, vec![put("a", "1")]))
        .await
        .unwrap();
    assert_eq!(values(&store, &lease).await, ["1"]);
}

#[tokio::test]
async fn pools_that_commit_together_share_a_flush() {
    let disk = FaultyDisk::new();
    let store = Arc::new(open(&disk).unwrap());
    let before = disk.syncs();
    let mut owners = tokio::task::JoinSet::new();
    for number in 0..64 {
        let store = Arc::clone(&store);
        owners.spawn(async move {
            let lease = acquire(&*store, &format!("pool-{number}")).await;
            for revision in 1..=10 {
                store
                    .commit(&lease, batch(revision, vec![put("a", "1")]))
                    .await
                    .unwrap();
            }
        });
    }
    owners.join_all().await;
    let syncs = disk.syncs() - before;
    assert!(
        syncs < 64 * 11 / 2,
        "{syncs} flushes for {} commits",
        64 * 11
    );
}

/// Commits until the power goes; the last acknowledged revision, and the last one that was asked for.
async fn commit_until_the_power_goes(disk: &FaultyDisk) -> (u64, u64) {
    let Ok(store) = open(disk) else { return (0, 0) };
    let Ok(lease) = store.acquire(&PoolId::new("north")).await else {
        return (0, 0);
    };
    let first = store.load(&lease).await.map_or(0, |loaded| loaded.revision);
    for revision in first + 1.. {
        let change = vec![
            put("now", &revision.to_string()),
            put(&format!("{revision}"), "x"),
        ];
        if store.commit(&lease, batch(revision, change)).await.is_err() {
            return (revision - 1, revision);
        }
    }
    unreachable!("the power goes some day")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_power_cut_loses_nothing_acknowledged(
        cuts in prop::collection::vec((0_u64..60, any::<u64>()), 1..5),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let disk = FaultyDisk::new();
        drop(open(&disk).unwrap());
        let mut acknowledged = 0;
        for (changes, seed) in cuts {
            disk.cut_power_after(changes);
            let (done, asked) = runtime.block_on(commit_until_the_power_goes(&disk));
            acknowledged = acknowledged.max(done);
            let mut random = fastrand::Rng::with_seed(seed);
            disk.restart(|| random.bool());

            let store = open(&disk).unwrap();
            let loaded = runtime.block_on(async {
                let lease = acquire(&store, "north").await;
                store.load(&lease).await.unwrap()
            });
            prop_assert!(
                loaded.revision == acknowledged || loaded.revision == asked,
                "stored {}, acknowledged {acknowledged}, asked for {asked}", loaded.revision
            );
            acknowledged = loaded.revision;
            let expected = if acknowledged == 0 { 0 } else { acknowledged + 1 };
            prop_assert_eq!(loaded.records.len() as u64, expected);
        }
    }
}
