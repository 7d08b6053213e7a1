//! A backup under load: what is restored is a state that the pool was in.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

use homeshore::{
    engine::{Engine, Limits, agent::Intent, ids::PoolId, view::Touched},
    store::{
        Loaded, Store, StoredEvent,
        embedded::{Embedded, Options},
    },
};
use serde_json::Value;

use super::{logs, process::Replay};
use crate::support::program::{Server, json, run};

/// What the folder of a server that is gone holds of its pool.
async fn read(data: &Path, pool: &PoolId) -> (Loaded, Vec<StoredEvent>) {
    let store = Embedded::open(data, Options::default()).unwrap();
    let lease = store.acquire(pool).await.unwrap();
    let loaded = store.load(&lease).await.unwrap();
    let events = store.events_after(pool, 0, usize::MAX).await.unwrap();
    (loaded, events)
}

/// The calls that are not over and the agents' intents, as events tell them.
fn told(events: &[StoredEvent]) -> (BTreeSet<String>, BTreeMap<String, String>) {
    let (mut live, mut intents) = (BTreeSet::new(), BTreeMap::new());
    for event in events {
        let event: Value = json(&event.json);
        let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
        match &*text("event") {
            "call_queued" => drop(live.insert(text("call_id"))),
            "call_ended" => drop(live.remove(&text("call_id"))),
            "agent_applied" => {
                let new = intents.entry(text("agent_id"));
                new.or_insert_with(|| "offline".to_owned());
            }
            "intent_changed" => drop(intents.insert(text("agent_id"), text("intent"))),
            _ => {}
        }
    }
    (live, intents)
}

/// The same, as the restored state has it.
fn held(engine: &Engine) -> (BTreeSet<String>, BTreeMap<String, String>) {
    let (mut live, mut intents) = (BTreeSet::new(), BTreeMap::new());
    for view in engine.views() {
        match view {
            Touched::Call(id, Some(view)) if view.clone().into_live().is_some() => {
                live.insert(id.to_string());
            }
            Touched::Agent(id, Some(view)) => {
                let intent = match view.intent {
                    Intent::Offline => "offline",
                    Intent::NotReady(_) => "not_ready",
                    Intent::Ready => "ready",
                };
                intents.insert(id.to_string(), intent.to_owned());
            }
            _ => {}
        }
    }
    (live, intents)
}

#[test]
fn a_backup_under_load_is_a_state_that_existed_and_serves_again_after_a_kill() {
    let log = &logs()[0];
    let mut server = Server::start();
    let (from, to, _) = log.busiest_hour();
    let mut replay = Replay::start(&server.url, log, 120, from, to);
    assert!(
        replay.goes_on_for(Duration::from_secs(4)),
        "it is under load"
    );
    let file = server.folder().join("backup.jsonl");
    let path = file.to_str().unwrap();
    let (code, out, err) = server.run(&["--json", "backup", path]);
    assert_eq!(code, 0, "{err}");
    let pool = PoolId::new(json(&out)["pools"][0]["id"].as_str().unwrap());
    assert!(replay.goes_on_for(Duration::from_secs(1)), "it still is");
    server.kill();
    drop(replay);

    let data = server.folder().join("restored");
    let restored = run(&["restore", path, "--data", data.to_str().unwrap()]);
    assert_eq!(restored.0, 0, "{}", restored.2);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (state, events) = runtime.block_on(read(&data, &pool));
    let (_, all) = runtime.block_on(read(&server.data(), &pool));
    assert!(events.len() < all.len(), "calls went on after the backup");
    assert_eq!(
        events,
        all[..events.len()],
        "it holds the beginning of what happened"
    );

    let engine = Engine::load(pool, Limits::default(), &state.records, state.pool_time).unwrap();
    engine.check_all();
    assert_eq!(held(&engine), told(&events));
    assert!(!told(&events).0.is_empty(), "calls were under way");

    let again = Server::on(&data);
    let calls = json(&again.run(&["call", "list", "--json"]).1);
    assert!(!calls["calls"].as_array().unwrap().is_empty(), "{calls}");
}
