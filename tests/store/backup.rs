//! Backups: what they hold existed at one moment, also while commits go on, and a damaged one changes nothing.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use homeshore::{
    engine::{
        ids::{PoolId, PoolTime},
        record::{Delta, Record},
    },
    store::{
        Batch, DetailKey, Lease, Loaded, Store, StoreError,
        backup::{BackupError, Contents, examine},
        embedded::{Embedded, restore},
    },
};

use super::{
    Place, batch,
    contract::{owned, pool},
    data_folder, delete, detail, memory, options, put,
};

/// The bytes of a backup.
async fn back_up(store: &dyn Store) -> Vec<u8> {
    let mut parts = store.backup().await.unwrap();
    let mut bytes = Vec::new();
    while let Some(part) = parts.recv().await {
        bytes.extend(part.unwrap());
    }
    bytes
}

/// A pool as it is stored, by a lease of its own.
async fn loaded(store: &dyn Store, pool: &PoolId) -> Loaded {
    let lease = store.acquire(pool).await.unwrap();
    let loaded = store.load(&lease).await.unwrap();
    store.release(&lease).await.unwrap();
    loaded
}

/// A pool with entities, events and detail records, some of them gone again.
async fn fill(store: &dyn Store, lease: &Lease) {
    let first = Batch {
        events: vec!["{\"event\":\"é\\n\"}".to_owned(), "b".to_owned()],
        details: vec![detail(1, 7), detail(2, 9)],
        ..(*batch(
            1,
            vec![put("agent/ann", "{\"a\":\"\\u0000\"}"), put("b", "")],
        ))
        .clone()
    };
    store.commit(lease, Arc::new(first)).await.unwrap();
    let second = batch(2, vec![delete("b"), put("c", "3")]);
    store.commit(lease, second).await.unwrap();
}

pub(super) async fn a_backup_restores_to_what_was_stored(place: &dyn Place) {
    let (store, lease) = owned(place).await;
    fill(&*store, &lease).await;
    let other = PoolId::new("south");
    let of_other = store.acquire(&other).await.unwrap();
    let no_text = Delta::Put(Record {
        key: "a".into(),
        value: vec![0, 0xFF, b'"'],
    });
    store
        .commit(&of_other, batch(1, vec![no_text]))
        .await
        .unwrap();
    let bytes = back_up(&*store).await;
    let expected = Contents {
        pools: BTreeMap::from([(pool(), PoolTime(2_000)), (other.clone(), PoolTime(1_000))]),
        entities: 3,
        events: 2,
        details: 2,
    };
    assert_eq!(examine(&*bytes).unwrap(), expected);

    let folder = data_folder();
    assert_eq!(restore(&folder.path(), &*bytes).unwrap(), expected);
    let restored = folder.open();
    for id in [&pool(), &other] {
        let before = store
            .load(if *id == other { &of_other } else { &lease })
            .await;
        let (before, after) = (before.unwrap(), loaded(&*restored, id).await);
        assert_eq!(after.records, before.records);
        assert_eq!(after.pool_time, before.pool_time);
        assert!(after.revision > before.revision, "no number is given twice");
        let events = restored.events_after(id, 0, 100).await;
        assert_eq!(events, store.events_after(id, 0, 100).await);
        let details = restored.details_from(id, DetailKey::default(), 100).await;
        assert_eq!(
            details,
            store.details_from(id, DetailKey::default(), 100).await
        );
    }
    let lease = restored.acquire(&pool()).await.unwrap();
    let revision = restored.load(&lease).await.unwrap().revision + 1;
    let next = batch(revision, vec![put("d", "4")]);
    restored.commit(&lease, next).await.unwrap();
}

#[tokio::test]
async fn an_empty_store_has_a_backup_too() {
    let bytes = back_up(&*memory().open()).await;
    let folder = data_folder();
    assert_eq!(
        restore(&folder.path(), &*bytes).unwrap(),
        Contents::default()
    );
    assert_eq!(folder.open().pools().await.unwrap(), []);
}

#[tokio::test]
async fn a_backup_that_was_cut_or_changed_is_refused_and_leaves_nothing() {
    let (store, lease) = owned(&memory()).await;
    fill(&*store, &lease).await;
    let whole = back_up(&*store).await;
    let folder = data_folder();
    for length in 0..whole.len() {
        let problem = examine(&whole[..length]).unwrap_err();
        assert!(
            matches!(problem, BackupError::Cut { .. } | BackupError::Foreign),
            "{length} bytes: {problem}"
        );
    }
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        let refused = examine(&*changed);
        assert!(refused.is_err(), "byte {at}: {refused:?}");
    }
    let cut = restore(&folder.path(), &whole[..whole.len() / 2]).unwrap_err();
    assert!(matches!(cut, BackupError::Cut { .. }), "{cut}");
    let twice = [&whole[..], b"\n"].concat();
    let problem = restore(&folder.path(), &*twice).unwrap_err();
    assert!(matches!(problem, BackupError::Damaged { .. }), "{problem}");
    assert!(!folder.path().exists(), "it was made for nothing");
    restore(&folder.path(), &*whole).unwrap();
}

#[test]
fn a_backup_of_a_newer_release_is_told_so() {
    let newer = b"{\"homeshore\":\"backup\",\"format\":2}\n{\"star\":[]}\n";
    let problem = examine(&newer[..]).unwrap_err();
    assert!(matches!(problem, BackupError::TooNew(2)), "{problem}");
    assert!(problem.to_string().contains("newer release"), "{problem}");
}

#[tokio::test]
async fn a_folder_that_has_data_or_is_in_use_is_left_alone() {
    let (store, lease) = owned(&memory()).await;
    fill(&*store, &lease).await;
    let bytes = back_up(&*store).await;
    let folder = data_folder();
    let open = folder.open();
    let problem = restore(&folder.path(), &*bytes).unwrap_err().to_string();
    assert!(
        problem.contains("is in use by another homeshore"),
        "{problem}"
    );
    drop(open);
    let problem = restore(&folder.path(), &*bytes).unwrap_err().to_string();
    assert!(
        problem.contains("homeshore.redb` is there already"),
        "{problem}"
    );
    assert_eq!(folder.open().pools().await.unwrap(), [], "as it was");
}

/// Every state that a pool went through: its entities after each revision.
type History = Arc<Mutex<BTreeMap<u64, BTreeMap<String, Vec<u8>>>>>;

/// Commits until it is told to stop, and notes what is stored after each.
async fn commit_on(store: Arc<Embedded>, lease: Lease, history: History, stop: Arc<AtomicBool>) {
    let mut random = fastrand::Rng::with_seed(4);
    let mut state = BTreeMap::new();
    let mut revision = 0;
    while !stop.load(Ordering::Relaxed) {
        revision += 1;
        let mut deltas = BTreeMap::new();
        for _ in 0..random.usize(1..40) {
            let key = format!("call/{}", random.u8(..));
            let value = format!("{revision} {}", "x".repeat(random.usize(..600)));
            let gone = random.u8(..4) == 0;
            let delta = if gone {
                delete(&key)
            } else {
                put(&key, &value)
            };
            deltas.insert(key, delta);
        }
        for delta in deltas.values() {
            match delta {
                Delta::Put(record) => state.insert(record.key.clone(), record.value.clone()),
                Delta::Delete(key) => state.remove(key),
            };
        }
        // Noted before: a backup may see the commit before its answer is here.
        history.lock().unwrap().insert(revision, state.clone());
        let deltas = deltas.into_values().collect();
        store.commit(&lease, batch(revision, deltas)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_backup_under_commits_is_a_state_that_existed() {
    let folder = data_folder();
    let store = Arc::new(Embedded::open(&folder.path(), options()).unwrap());
    let lease = store.acquire(&pool()).await.unwrap();
    let (history, stop) = (History::default(), Arc::new(AtomicBool::new(false)));
    let commits = commit_on(
        Arc::clone(&store),
        lease,
        Arc::clone(&history),
        Arc::clone(&stop),
    );
    let commits = tokio::spawn(commits);
    let mut revisions = Vec::new();
    while revisions.len() < 20 {
        let bytes = back_up(&*store).await;
        let into = data_folder();
        restore(&into.path(), &*bytes).unwrap();
        let restored = loaded(&*into.open(), &pool()).await;
        let revision = restored.pool_time.0 / 1_000;
        if revision > 0 && revisions.last() != Some(&revision) {
            let records = restored.records.into_iter();
            let found = records.map(|record| (record.key, record.value)).collect();
            let states = history.lock().unwrap();
            assert_eq!(states.get(&revision), Some(&found), "revision {revision}");
            revisions.push(revision);
        }
    }
    stop.store(true, Ordering::Relaxed);
    commits.await.unwrap();
    assert!(revisions.is_sorted(), "{revisions:?}");
}

#[tokio::test]
async fn a_reader_who_goes_away_ends_a_backup_and_the_store_goes_on() {
    let folder = data_folder();
    let store = folder.open();
    let lease = store.acquire(&pool()).await.unwrap();
    let large = (0..400).map(|n| put(&format!("k/{n}"), &"x".repeat(20_000)));
    store
        .commit(&lease, batch(1, large.collect()))
        .await
        .unwrap();
    let mut parts = store.backup().await.unwrap();
    let _first = parts.recv().await.unwrap().unwrap();
    drop(parts);
    store
        .commit(&lease, batch(2, vec![put("a", "1")]))
        .await
        .unwrap();
    store.release(&lease).await.unwrap();
    drop(store);
    assert!(folder.file().exists());
    let again = folder.open();
    assert_eq!(loaded(&*again, &pool()).await.revision, 2);
}

#[tokio::test]
async fn a_store_that_is_down_gives_no_backup() {
    let place = memory();
    place.set_down(true);
    let refused = place.open().backup().await.unwrap_err();
    assert!(matches!(refused, StoreError::NotApplied(_)), "{refused:?}");
}
