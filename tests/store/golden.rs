//! Data files of every released format must load for ever.
//!
//! `golden/format-N.redb.golden` is such a file, and `golden/format-N.json` says what is in it. Both are committed with
//! the release and never changed.

use std::{fs, path::PathBuf, sync::Arc};

use homeshore::{
    engine::ids::{PoolId, PoolTime},
    store::{Batch, FORMAT, Store, embedded::Embedded},
};
use serde_json::{Value, json};

use super::{DataFolder, Place, data_folder, delete, options, put};

fn golden(format: u32, kind: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/store/golden");
    folder.join(format!("format-{format}.{kind}"))
}

/// Everything that a store holds.
async fn contents(store: &dyn Store) -> Value {
    let mut pools = serde_json::Map::new();
    for pool in store.pools().await.unwrap() {
        let lease = store.acquire(&pool).await.unwrap();
        let loaded = store.load(&lease).await.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let records = loaded.records.into_iter();
        let events = store.events_after(&pool, 0, 1_000).await.unwrap();
        let whole = json!({
            "revision": loaded.revision,
            "pool_time": loaded.pool_time.0,
            "records": records.map(|record| json!([record.key, text(record.value)])).collect::<Value>(),
            "events": events.into_iter().map(|event| json!([event.number, event.json])).collect::<Value>(),
        });
        pools.insert(pool.as_str().into(), whole);
    }
    Value::Object(pools)
}

async fn fill(store: &dyn Store) {
    for (pool, revisions) in [("north", 3), ("south", 1)] {
        let lease = store.acquire(&PoolId::new(pool)).await.unwrap();
        for revision in 1..=revisions {
            let batch = Batch {
                revision,
                pool_time: PoolTime(1_800_000_000_000 + revision),
                deltas: vec![
                    put("pool", &format!(r#"{{"v":1,"name":"{pool}"}}"#)),
                    put(&format!("call/{revision}/é"), r#"{"v":1}"#),
                    delete(&format!("call/{}/é", revision - 1)),
                ],
                events: vec![format!(r#"{{"n":{revision}}}"#), r#"{"text":"🙂"}"#.into()],
                ..Batch::default()
            };
            store.commit(&lease, Arc::new(batch)).await.unwrap();
        }
    }
}

/// Makes what could become this format's golden files, for the text of a failure.
async fn candidate(folder: &DataFolder) -> (Vec<u8>, String) {
    let store = folder.open();
    fill(&*store).await;
    let contents = serde_json::to_string_pretty(&contents(&*store).await).unwrap();
    drop(store);
    (fs::read(folder.file()).unwrap(), contents + "\n")
}

#[tokio::test]
async fn the_format_of_this_release_has_golden_files() {
    let (file, contents) = candidate(&data_folder()).await;
    if golden(FORMAT, "redb.golden").exists() && golden(FORMAT, "json").exists() {
        return;
    }
    let made = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    fs::write(made.join(format!("format-{FORMAT}.redb.golden")), file).unwrap();
    fs::write(made.join(format!("format-{FORMAT}.json")), contents).unwrap();
    panic!(
        "format {FORMAT} has no golden files; look at those in `target/tmp`, and add them to `tests/store/golden`"
    );
}

#[tokio::test]
async fn every_released_format_loads() {
    for format in 1..=FORMAT {
        let folder = data_folder();
        fs::create_dir(folder.path()).unwrap();
        fs::copy(golden(format, "redb.golden"), folder.file()).unwrap();
        let expected: Value =
            serde_json::from_str(&fs::read_to_string(golden(format, "json")).unwrap()).unwrap();

        let store = Embedded::open(&folder.path(), options()).unwrap();
        assert_eq!(contents(&store).await, expected, "format {format}");
        fill_more(&store).await;
    }
}

/// A pool of an old file goes on as any other.
async fn fill_more(store: &dyn Store) {
    let lease = store.acquire(&PoolId::new("north")).await.unwrap();
    let revision = store.load(&lease).await.unwrap().revision + 1;
    let batch = Batch {
        revision,
        deltas: vec![put("more", "{}")],
        ..Batch::default()
    };
    store.commit(&lease, Arc::new(batch)).await.unwrap();
}
