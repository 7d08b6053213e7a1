//! The data folder of the embedded store: who may use it, and what a damaged file leads to.

use std::{fs, path::Path};

use homeshore::{
    engine::ids::PoolId,
    store::{Loaded, Store, StoreError, embedded::Embedded},
};
use redb::{Builder, Database, TableDefinition};

use super::{DataFolder, Place, batch, data_folder, options, put};

fn refusal(folder: &DataFolder) -> StoreError {
    Embedded::open(&folder.path(), options()).expect_err("it must not open")
}

/// A folder with a pool of 200 entities in it, and what loads from it.
async fn filled() -> (DataFolder, Loaded) {
    let folder = data_folder();
    let store = folder.open();
    let lease = store.acquire(&PoolId::new("north")).await.unwrap();
    for revision in 1..=4 {
        let deltas = (0..50).map(|n| put(&format!("call/{revision}-{n}"), "some bytes of a call"));
        store
            .commit(&lease, batch(revision, deltas.collect()))
            .await
            .unwrap();
    }
    let loaded = store.load(&lease).await.unwrap();
    (folder, loaded)
}

#[tokio::test]
async fn a_folder_serves_one_process_at_a_time() {
    let folder = data_folder();
    let first = folder.open();
    let StoreError::NotApplied(text) = refusal(&folder) else {
        panic!("a second opening is refused for now")
    };
    assert!(text.contains("in use by another homeshore"), "{text}");
    assert!(
        text.contains(&folder.path().display().to_string()),
        "{text}"
    );
    drop(first);
    drop(folder.open());
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_is_made_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = data_folder();
    drop(folder.open());
    let mode = fs::metadata(folder.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
}

#[test]
fn a_file_in_the_place_of_the_folder_is_named() {
    let folder = data_folder();
    fs::write(folder.path(), "a file").unwrap();
    let text = refusal(&folder).to_string();
    assert!(
        text.contains(&folder.path().display().to_string()),
        "{text}"
    );
}

#[test]
fn a_folder_in_the_place_of_the_file_is_named() {
    let folder = data_folder();
    fs::create_dir_all(folder.file()).unwrap();
    let text = refusal(&folder).to_string();
    assert!(
        text.contains(&folder.file().display().to_string()),
        "{text}"
    );
}

#[test]
fn a_creation_that_was_cut_short_is_begun_again() {
    let folder = data_folder();
    fs::create_dir(folder.path()).unwrap();
    fs::write(folder.path().join("homeshore.redb.new"), "half a fi").unwrap();
    drop(folder.open());
    assert!(!folder.path().join("homeshore.redb.new").exists());
}

fn assert_corrupt(what: &str, folder: &DataFolder) {
    let error = refusal(folder);
    let StoreError::Corrupt(text) = error else {
        panic!("{what}: {error:?}")
    };
    assert!(
        text.contains(&folder.file().display().to_string()),
        "{what}: {text}"
    );
    assert!(
        text.contains("put back a copy of it, or move it away"),
        "{what}: {text}"
    );
}

#[tokio::test]
async fn a_damaged_or_foreign_file_is_refused_by_name_and_left_alone() {
    let (folder, _) = filled().await;
    let whole = fs::read(folder.file()).unwrap();
    let mut garbage = vec![0; whole.len()];
    fastrand::Rng::with_seed(7).fill(&mut garbage);
    let mut headless = whole.clone();
    headless[..4_096].fill(0);
    let damaged: [(&str, &[u8]); 8] = [
        ("nothing", b""),
        ("a text", b"hello, this is no database"),
        ("garbage", &garbage),
        ("zeros", &vec![0; whole.len()]),
        ("no header", &headless),
        ("the first half", &whole[..whole.len() / 2]),
        ("the first page", &whole[..4_096]),
        ("all but the last byte", &whole[..whole.len() - 1]),
    ];
    for (what, bytes) in damaged {
        fs::write(folder.file(), bytes).unwrap();
        assert_corrupt(what, &folder);
        assert!(
            fs::read(folder.file()).unwrap() == bytes,
            "{what}: the file was changed"
        );
    }
}

#[test]
fn the_file_of_another_program_is_refused() {
    let folder = data_folder();
    fs::create_dir(folder.path()).unwrap();
    let foreign = Database::create(folder.file()).unwrap();
    let txn = foreign.begin_write().unwrap();
    txn.open_table(TableDefinition::<u64, u64>::new("theirs"))
        .unwrap();
    txn.commit().unwrap();
    drop(foreign);
    assert_corrupt("theirs", &folder);
    assert!(
        refusal(&folder)
            .to_string()
            .contains("not a data file of homeshore")
    );
}

#[tokio::test]
async fn a_flipped_bit_is_harmless_or_told() {
    let (folder, expected) = filled().await;
    let whole = fs::read(folder.file()).unwrap();
    let header = 0..320;
    let rest = (320..whole.len()).step_by(whole.len() / 100);
    let (mut told, mut harmless) = (0, 0);
    for at in header.chain(rest) {
        let mut flipped = whole.clone();
        flipped[at] ^= 1 << (at % 8);
        fs::write(folder.file(), &flipped).unwrap();
        match Embedded::open(&folder.path(), options()) {
            Ok(store) => {
                harmless += 1;
                let lease = store.acquire(&PoolId::new("north")).await.unwrap();
                let loaded = store.load(&lease).await.unwrap();
                assert!(
                    loaded == expected,
                    "byte {at}: other data, and no word of it"
                );
            }
            Err(StoreError::Corrupt(_)) => told += 1,
            Err(other) => panic!("byte {at}: {other:?}"),
        }
    }
    assert!(told > 0 && harmless > 0, "{told} told, {harmless} harmless");
}

fn edit(file: &Path, table: &str, key: &str, value: &str) {
    let database = Builder::new().open(file).unwrap();
    let txn = database.begin_write().unwrap();
    if table == "about" {
        let about = TableDefinition::<&str, &str>::new("about");
        txn.open_table(about).unwrap().insert(key, value).unwrap();
    } else {
        let pools = TableDefinition::<&str, &[u8]>::new("pools");
        txn.open_table(pools)
            .unwrap()
            .insert(key, value.as_bytes())
            .unwrap();
    }
    txn.commit().unwrap();
}

#[tokio::test]
async fn a_newer_file_is_refused() {
    let (folder, _) = filled().await;
    edit(&folder.file(), "about", "format", "2");
    assert_eq!(refusal(&folder), StoreError::TooNew { stored: 2 });
}

#[tokio::test]
async fn a_newer_pool_is_refused_and_the_others_served() {
    let (folder, _) = filled().await;
    edit(&folder.file(), "pools", "newer", r#"{"format":7}"#);
    let store = folder.open();
    let newer = store.acquire(&PoolId::new("newer")).await;
    assert_eq!(newer, Err(StoreError::TooNew { stored: 7 }));
    store.acquire(&PoolId::new("north")).await.unwrap();
}
