//! Pools that are opened again, with what was stored changed meanwhile.

use std::{collections::BTreeMap, sync::Arc};

use homeshore::{
    engine::{
        agent::{Line, Work},
        command::{Command, NewCall, Recipient},
        ids::CallId,
        record::{Delta, Record},
    },
    metrics::{Kind, Page, TABLE},
    pool::{Condition, Pool, PoolError, registry::Registry},
    store::{Batch, Store, memory::Memory},
};
use serde_json::{Value, json};

use super::actor::{ann, id, key, limits, line, pool_on, route, sign_in, until};

/// Closes a pool, changes one stored entity, and opens it again.
async fn changed(
    store: &Memory,
    (registry, pool): (Registry, Pool),
    entity: &str,
    change: impl Fn(&mut Value),
) -> (Registry, Pool) {
    let dump = pool.read(|engine| engine.dump()).await.unwrap();
    let revision = pool.view().read().revision();
    registry.close().await;
    let mut records = dump.iter();
    let record = records.find(|record| record.key == entity).unwrap();
    let mut body: Value = serde_json::from_slice(&record.value).unwrap();
    change(&mut body["body"]);
    let record = Record {
        key: record.key.clone(),
        value: serde_json::to_vec(&body).unwrap(),
    };
    let lease = store.acquire(&id()).await.unwrap();
    let batch = Batch {
        revision: revision + 1,
        deltas: vec![Delta::Put(record)],
        ..Batch::default()
    };
    store.commit(&lease, Arc::new(batch)).await.unwrap();
    let registry = Registry::new(Arc::new(store.clone()), limits());
    registry.open_stored().await.unwrap();
    let pool = registry.get(&id()).unwrap();
    (registry, pool)
}

#[tokio::test(start_paused = true)]
async fn a_command_that_breaks_the_engine_is_refused_from_then_on() {
    let store = Memory::default();
    let open = pool_on(&store, limits()).await;
    // Whatever touches an agent who holds a call that does not exist breaks the engine.
    let (_registry, pool) = changed(&store, open, "agent-state/ann", |agent| {
        agent["work"] = json!({ "connected": { "call": "ghost" } });
    })
    .await;
    let breaks = || Command::OpenSession {
        agent: ann(),
        stream: true,
    };
    assert_eq!(pool.submit(breaks()).await.unwrap_err(), PoolError::Broken);
    until("the pool", || pool.condition() == Condition::Open).await;
    assert_eq!(
        pool.submit(breaks()).await.unwrap_err(),
        PoolError::Poisoned
    );
    pool.submit(route("c1")).await.expect("the pool lives on");
}

#[tokio::test(start_paused = true)]
async fn nobody_is_blamed_for_what_came_due_while_the_service_was_away() {
    let store = Memory::default();
    let open = pool_on(&store, limits()).await;
    sign_in(&open.1).await;
    let attach = Command::AttachPlatform { key: key() };
    open.1.submit(attach).await.unwrap();
    open.1.submit(route("c1")).await.unwrap();
    // As if it had been away for long: the lease of the offer is over.
    let (_registry, pool) = changed(&store, open, "call-state/c1", |call| {
        call["phase"]["offered"]["lease_until"] = json!(1);
    })
    .await;
    until("recovery", || matches!(line(&pool), Line::Silent { .. })).await;
    let view = pool.view().read().agent(&ann()).unwrap().value.clone();
    assert!(matches!(view.work, Work::Offered { .. }), "{view:?}");
    until("the end of the offer", || {
        let agent = pool.view().read().agent(&ann()).unwrap().value.clone();
        agent.work == Work::Idle
    })
    .await;
    let dump = pool.read(|engine| engine.dump()).await.unwrap();
    let mut records = dump.iter();
    let agent = records.find(|record| record.key == "agent-state/ann");
    let agent: Value = serde_json::from_slice(&agent.unwrap().value).unwrap();
    assert_eq!(agent["body"]["misses"], json!(0), "no miss");
}

#[tokio::test(start_paused = true)]
async fn the_stream_of_events_keeps_no_facts_of_a_call() {
    let store = Memory::default();
    let (_registry, pool) = pool_on(&store, limits()).await;
    let facts = BTreeMap::from([("reference".to_owned(), "canary-1".to_owned())]);
    let Command::RouteCall(call) = route("c1") else {
        panic!("a call is routed");
    };
    let call = NewCall {
        attributes: Arc::new(facts),
        ..*call
    };
    pool.submit(Command::RouteCall(Box::new(call)))
        .await
        .unwrap();
    let send = Command::SendMessage {
        to: Recipient::Agent(ann()),
        text: "canary-2".into(),
        supervisor: "sue".into(),
    };
    pool.submit(send).await.unwrap();
    let live = pool.view().read().call(&CallId::new("c1")).is_some();
    assert!(live, "it was taken");
    let events = store.events_after(&id(), 0, 1_000).await.unwrap();
    let said = events.iter().map(|event| event.json.as_str());
    let said: String = said.collect::<Vec<_>>().join("\n");
    assert!(said.contains("call_queued") && said.contains("message_sent"));
    assert!(!said.contains("canary"), "{said}");
}

/// The gauges of the pool that are shown, without its label.
fn gauges(registry: &Registry) -> Vec<String> {
    let mut page = Page::default();
    registry.measure(&mut page);
    let text = page.text();
    let names = TABLE.iter().filter(|metric| metric.kind == Kind::Gauge);
    let labels = names.map(|gauge| format!("{}{{pool=\"{}\"", gauge.name, id()));
    let lines = labels.flat_map(|label| {
        let lines = text.lines().filter(move |line| line.starts_with(&label));
        lines.map(str::to_owned).collect::<Vec<_>>()
    });
    lines.collect()
}

#[tokio::test(start_paused = true)]
async fn gauges_of_a_pool_end_while_nobody_owns_it() {
    let store = Memory::default();
    let (registry, pool) = pool_on(&store, limits()).await;
    let owned = gauges(&registry);
    let open = |open| format!("homeshore_pool_open{{pool=\"{}\"}} {open}", id());
    assert!(owned.len() > 30 && owned.contains(&open(1)), "{owned:?}");
    store.acquire(&id()).await.unwrap();
    let fenced = pool.submit(route("c1")).await;
    assert!(
        matches!(fenced, Err(PoolError::Unavailable(_))),
        "{fenced:?}"
    );
    store.set_down(true);
    assert_eq!(gauges(&registry), [open(0)], "nothing is frozen");
    store.set_down(false);
    until("the pool", || pool.condition() == Condition::Open).await;
    assert_eq!(gauges(&registry).len(), owned.len());
    registry.close().await;
    assert_eq!(gauges(&registry), [open(0)]);
}
