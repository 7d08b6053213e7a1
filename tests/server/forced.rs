//! Ends that nobody asked for are counted by their reason: hours of the pool's time, in no time.

use std::{collections::BTreeMap, time::Duration};

use homeshore::{
    engine::{
        command::{CallReport, Command, SessionRef},
        ids::{CallId, PoolId},
    },
    metrics::{self, Page},
    pool::{Pool, registry::Registry},
    store::memory::Memory,
};

use super::actor::{ann, key, limits, pool_of, route, sign_in, spec};

/// A pool whose counters are its own, with short limits.
async fn open(name: &str) -> (Registry, Pool) {
    metrics::install().unwrap();
    let mut spec = spec();
    spec.id = PoolId::new(name);
    spec.queues[0].wrap_up_limit_ms = 60_000;
    spec.queues[0].longest_call_ms = 60_000;
    pool_of(&Memory::default(), limits(), spec).await
}

/// The forced ends of the pool by reason, without those that did not happen.
fn forced(pool: &Pool) -> BTreeMap<String, String> {
    let page = Page::default().text();
    let start = format!(
        "homeshore_forced_ends_total{{pool=\"{}\",reason=\"",
        pool.id()
    );
    let lines = page.lines().filter_map(|line| line.strip_prefix(&start));
    let counts = lines.filter_map(|line| line.split_once("\"} "));
    let counts = counts.filter(|(_, count)| *count != "0");
    counts
        .map(|(r, count)| (r.to_owned(), count.to_owned()))
        .collect()
}

fn once(reasons: &[&str]) -> BTreeMap<String, String> {
    let reasons = reasons.iter();
    reasons
        .map(|reason| ((*reason).to_owned(), "1".to_owned()))
        .collect()
}

async fn minutes(count: u64) {
    tokio::time::sleep(Duration::from_secs(60 * count)).await;
}

fn by_ann(pool: &Pool, sequence: u64) -> SessionRef {
    let session = pool.view().read().agent(&ann()).unwrap().value.session;
    SessionRef {
        agent: ann(),
        session,
        sequence,
    }
}

#[tokio::test(start_paused = true)]
async fn an_agent_and_a_platform_that_are_never_heard_again() {
    let (_registry, pool) = open("forced-away").await;
    sign_in(&pool).await;
    let external = Command::SetExternal {
        by: by_ann(&pool, 2),
        external: true,
    };
    pool.submit(external).await.unwrap();
    pool.presence().platform_heard(&key());
    pool.submit(route("c1")).await.unwrap();
    minutes(4).await;
    assert_eq!(forced(&pool), once(&[]));
    minutes(2).await;
    assert_eq!(forced(&pool), once(&["line_lost", "platform_gone"]));
    minutes(26).await;
    let lost = ["line_lost", "platform_gone", "signed_out"];
    assert_eq!(forced(&pool), once(&lost));
    minutes(210).await;
    assert_eq!(
        forced(&pool),
        once(&[&lost[..], &["external_limit"]].concat())
    );
}

#[tokio::test(start_paused = true)]
async fn a_conversation_and_a_wrap_up_without_an_end() {
    let (_registry, pool) = open("forced-long").await;
    sign_in(&pool).await;
    pool.presence().platform_heard(&key());
    pool.submit(route("c1")).await.unwrap();
    let offer = {
        let view = pool.view().read();
        let agent = view.agent(&ann()).unwrap();
        agent.value.offer.as_ref().expect("an offer").id
    };
    let by = by_ann(&pool, 2);
    pool.submit(Command::AcceptOffer { by, offer })
        .await
        .unwrap();
    let answered = Command::ReportCall {
        call: CallId::new("c1"),
        offer: Some(offer),
        report: CallReport::Answered,
    };
    pool.submit(answered).await.unwrap();
    tokio::time::sleep(Duration::from_secs(130)).await;
    assert_eq!(forced(&pool), once(&["longest_call"]));
    minutes(1).await;
    assert_eq!(forced(&pool), once(&["longest_call", "wrap_up_limit"]));
}

#[tokio::test(start_paused = true)]
async fn a_call_that_its_platform_does_not_name() {
    let (_registry, pool) = open("forced-unnamed").await;
    pool.presence().platform_heard(&key());
    pool.submit(route("c1")).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    pool.submit(Command::AttachPlatform { key: key() })
        .await
        .unwrap();
    let none = Command::DeclareCalls {
        key: key(),
        calls: Vec::new(),
    };
    pool.submit(none).await.unwrap();
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert_eq!(forced(&pool), once(&["not_named"]));
}
