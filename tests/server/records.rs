//! Detail records: made with the end of a call, exported by filters, purged by themselves.

use std::{sync::Arc, time::Duration};

use homeshore::{
    engine::{
        Limits,
        ids::{PoolId, PoolTime},
    },
    pool::registry::{PoolLimits, Registry},
    proto::v1::{self, CallEventKind as Kind, Outcome},
    store::{Batch, DetailKey, Store, StoredDetail, memory::Memory},
};

use crate::support::{Desktop, Platform, World, agent, call, in_time, pool, queue};

/// A pool with a second queue, and agents of two employers; only ann speaks French well enough for `sales`.
async fn two_employers() -> World {
    let world = World::with_agents().await;
    let mut wider = pool();
    wider.queues.push(queue("support"));
    world.apply_pool(wider).await.unwrap();
    let employed = |id: &str, employer: &str| v1::Agent {
        employer: employer.to_owned(),
        ..agent(id)
    };
    let agents = vec![employed("ann", "own"), employed("bob", "partner")];
    world.apply_agents(agents).await.unwrap();
    world
}

async fn export(world: &World, request: v1::ExportCallRecordsRequest) -> Vec<v1::CallRecord> {
    let answer = world.supervision().export_call_records(request).await;
    let mut parts = answer.unwrap().into_inner();
    let mut records = Vec::new();
    while let Some(part) = in_time("a part", parts.message()).await.unwrap() {
        records.extend(part.records);
    }
    records
}

fn ids(records: &[v1::CallRecord]) -> Vec<&str> {
    records.iter().map(|record| &*record.call_id).collect()
}

#[tokio::test]
async fn a_record_says_how_a_call_came_to_its_end_and_belongs_to_one_employer() {
    let world = two_employers().await;
    let mut platform = Platform::connect(&world, 0).await;
    platform.route("gone").await;
    let left = v1::CallReport::CallerGone;
    platform.report("gone", "", left).await;
    platform.event(Kind::Ended).await;

    let mut ann = Desktop::ready(&world, "ann").await;
    platform.route("passed").await;
    let offer_id = platform.talk(&mut ann, "passed").await;
    let pass = v1::TransferCallRequest {
        call_id: "passed".to_owned(),
        offer_id,
        queue: "support".to_owned(),
        agent_id: String::new(),
    };
    world.routing().transfer_call(pass).await.unwrap();
    let mut bob = Desktop::ready(&world, "bob").await;
    let offer = platform.talk(&mut bob, "passed").await;
    let over = v1::CallReport::Ended;
    platform.report("passed", &offer, over).await;
    platform.event(Kind::Ended).await;

    let all = export(&world, v1::ExportCallRecordsRequest::default()).await;
    assert_eq!(ids(&all), ["gone", "passed"]);
    let [gone, passed] = &all[..] else { panic!() };
    assert_eq!(gone.outcome(), Outcome::Abandoned);
    assert_eq!((gone.offers, &*gone.agent_id, &*gone.employer), (0, "", ""));
    assert_eq!((&gone.answer_time, &gone.assignment), (&None, &None));
    assert_eq!(passed.outcome(), Outcome::Handled);
    assert_eq!(
        (&*passed.first_queue, &*passed.last_queue),
        ("sales", "support")
    );
    assert_eq!((passed.offers, passed.transfers), (2, 1));
    assert_eq!(
        (&*passed.agent_id, &*passed.employer, &*passed.team),
        ("bob", "partner", "north")
    );
    assert_eq!(passed.site_kind(), v1::SiteKind::Home);
    assert!(passed.answer_time.is_some());
    assert_eq!(passed.assignment.as_ref().unwrap().policy, "longest_idle");
    let text = format!("{all:?}");
    for private in ["sip:", "a new contract", "Agent "] {
        assert!(!text.contains(private), "{private} in {text}");
    }

    let of = |employer: &str| v1::ExportCallRecordsRequest {
        employer: employer.to_owned(),
        ..v1::ExportCallRecordsRequest::default()
    };
    assert_eq!(ids(&export(&world, of("partner")).await), ["passed"]);
    assert!(
        export(&world, of("own")).await.is_empty(),
        "ann's talk is not bob's"
    );
    let of = |queue: &str| v1::ExportCallRecordsRequest {
        queue: queue.to_owned(),
        ..v1::ExportCallRecordsRequest::default()
    };
    assert_eq!(ids(&export(&world, of("support")).await), ["passed"]);
    assert_eq!(ids(&export(&world, of("sales")).await).len(), 2);
    let until = v1::ExportCallRecordsRequest {
        to: passed.end_time,
        ..v1::ExportCallRecordsRequest::default()
    };
    assert_eq!(ids(&export(&world, until).await), ["gone"]);
    let since = v1::ExportCallRecordsRequest {
        from: passed.end_time,
        ..v1::ExportCallRecordsRequest::default()
    };
    assert_eq!(ids(&export(&world, since).await), ["passed"]);
}

#[tokio::test]
async fn an_export_has_every_record_once_over_many_pages() {
    let world = World::with_agents().await;
    let mut names = Vec::new();
    for number in 0..450 {
        let id = format!("c{number:03}");
        world.routing().route_call(call(&id)).await.unwrap();
        names.push(id);
    }
    let close = v1::CloseQueueRequest {
        request_id: String::new(),
        queue: "sales".into(),
        supervisor: "sue".into(),
        reason: "evacuation".into(),
        until: None,
        waiting: v1::WaitingCalls::End.into(),
    };
    world.supervision().close_queue(close).await.unwrap();
    let all = export(&world, v1::ExportCallRecordsRequest::default()).await;
    let mut found = ids(&all);
    found.sort_unstable();
    assert_eq!(found, names);
}

#[tokio::test(start_paused = true)]
async fn old_records_are_removed_by_themselves() {
    let store = Memory::default();
    let id = PoolId::new("default");
    let lease = store.acquire(&id).await.unwrap();
    let detail = |ended_at, number| StoredDetail {
        key: DetailKey {
            ended_at: PoolTime(ended_at),
            number,
        },
        json: String::new(),
    };
    let mut details: Vec<_> = (0..2_500).map(|number| detail(1, number)).collect();
    details.push(detail(u64::MAX, 0));
    let batch = Batch {
        revision: 1,
        details,
        ..Batch::default()
    };
    store.commit(&lease, Arc::new(batch)).await.unwrap();
    let limits = PoolLimits {
        engine: Limits::default(),
        waiting_commands: 10,
        pools: 1,
        details_kept_ms: 86_400_000,
    };
    let registry = Registry::new(Arc::new(store.clone()), limits);
    registry.open_stored().await.unwrap();
    // The clock stands still but for this: whatever is due by then has been done.
    tokio::time::sleep(Duration::from_secs(61)).await;
    let left = store
        .details_from(&id, DetailKey::default(), 10)
        .await
        .unwrap();
    assert_eq!(left, [detail(u64::MAX, 0)]);
    registry.close().await;
}
