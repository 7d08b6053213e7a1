//! What one owner meets: Redis dies, forgets, is slow, full, or another. Nothing acknowledged is lost. Each test prints the
//! longest time without an acknowledgement.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use homeshore::{
    clock,
    store::{Store, StoreError, redis::Durability},
};

use super::{
    super::acquire,
    north, open, options,
    owner::{CALL, Counts, Owner, read},
};
use crate::support::redis::{Fault, Proxy, Redis, Watched, until};

/// Lets an owner commit while something happens beside it, and 10 batches after.
async fn meanwhile<T: Send + 'static>(
    owner: &mut Owner,
    happens: impl FnOnce() -> T + Send + 'static,
) -> T {
    let over = Arc::new(AtomicBool::new(false));
    let is_over = Arc::clone(&over);
    let happening = tokio::task::spawn_blocking(move || {
        let done = happens();
        is_over.store(true, Ordering::Release);
        done
    });
    owner.begin_to_measure();
    owner.commit_until(|| over.load(Ordering::Acquire)).await;
    happening.await.unwrap()
}

fn say(what: &str, owner: &Owner) {
    let counts = &owner.counts;
    eprintln!(
        "{what}: {} ms without an acknowledgement; {} duplicates, healed {} times by batches and {} times whole",
        owner.gap.as_millis(),
        read(&counts.duplicates),
        read(&counts.batches),
        read(&counts.wholes),
    );
}

/// Waits until the owner has failed so often from now on.
fn failed(counts: &Counts, times: u64) {
    let before = read(&counts.failed);
    until("the owner notices", || {
        read(&counts.failed) >= before + times
    });
}

/// Kills the server and starts it again; how long after it answers again the next batch was acknowledged.
async fn killed_and_restarted(settings: &[&str], what: &str) {
    let redis = Redis::start(settings);
    let url = redis.url();
    let mut owner = Owner::start(&url).await;
    owner.commit(200).await;
    let counts = Arc::clone(&owner.counts);
    let (redis, up) = meanwhile(&mut owner, move || {
        let mut redis = redis;
        redis.kill();
        failed(&counts, 25);
        redis.start_again();
        (redis, clock::instant())
    })
    .await;
    let back = owner.acknowledged.saturating_duration_since(up);
    say(
        &format!("{what}, {} ms after it was back", back.as_millis()),
        &owner,
    );
    assert!(owner.gap > Duration::from_millis(400), "it did not bite");
    assert!(back < Duration::from_secs(5), "{back:?}");
    owner.end(&url).await;
    drop(redis);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_killed_and_writes_its_disk_each_second() {
    killed_and_restarted(
        &["appendonly yes", "appendfsync everysec"],
        "killed, AOF everysec",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_killed_and_writes_its_disk_always() {
    killed_and_restarted(
        &["appendonly yes", "appendfsync always"],
        "killed, AOF always",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_killed_and_comes_back_empty() {
    killed_and_restarted(&[], "killed, without a disk").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropped_answers_are_settled_by_the_same_batch() {
    let redis = Redis::start(&[]);
    let proxy = Proxy::start(redis.address(), 7);
    let mut owner = Owner::start(&proxy.url()).await;
    proxy.set(Fault::DropAnswers(10));
    owner.begin_to_measure();
    owner.commit(300).await;
    proxy.set(Fault::None);
    say("one answer in ten dropped", &owner);
    assert!(proxy.bites() > 10, "{} bites", proxy.bites());
    assert!(
        read(&owner.counts.duplicates) > 0,
        "no batch was there when it was sent again"
    );
    owner.end(&redis.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forgotten_scripts_are_given_again() {
    let redis = Redis::start(&[]);
    let mut owner = Owner::start(&redis.url()).await;
    owner.begin_to_measure();
    for _ in 0..10 {
        redis.ask(&["SCRIPT", "FLUSH"]);
        owner.commit(3).await;
    }
    say("scripts forgotten", &owner);
    assert_eq!(owner.failures, [""; 0], "nobody need notice");
    owner.end(&redis.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emptied_redis_gets_the_last_batches_again() {
    let redis = Redis::start(&[]);
    let mut owner = Owner::start(&redis.url()).await;
    owner.commit(100).await;
    redis.ask(&["FLUSHALL"]);
    owner.begin_to_measure();
    owner.commit(10).await;
    say("emptied, batches known", &owner);
    assert_eq!(read(&owner.counts.batches), 1);
    assert!(owner.gap < Duration::from_secs(2), "{:?}", owner.gap);
    owner.end(&redis.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emptied_redis_gets_the_whole_pool_again() {
    let redis = Redis::start(&[]);
    let mut owner = Owner::start(&redis.url()).await;
    owner.commit(100).await;
    // A new lease knows no batches before it.
    owner.lease = acquire(&*owner.store, &north()).await;
    owner.commit(10).await;
    for _ in 0..2 {
        redis.ask(&["FLUSHALL"]);
        owner.begin_to_measure();
        owner.commit(10).await;
        say("emptied, batches not known", &owner);
        assert!(owner.gap < Duration::from_secs(2), "{:?}", owner.gap);
        owner.lease = acquire(&*owner.store, &north()).await;
    }
    assert_eq!(read(&owner.counts.wholes), 2);
    let keys = redis.ask(&["KEYS", "*"]);
    assert_eq!(
        keys.matches(":s:").count(),
        1,
        "only one state is left: {keys}"
    );
    // What came before the first loss is known to nobody but the owner's memory: its events are gone from the stream.
    let loaded = owner.store.load(&owner.lease).await.unwrap();
    assert_eq!(loaded.records, owner.whole());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_owner_notices_a_loss_at_its_next_renewal() {
    let redis = Redis::start(&[]);
    let mut owner = Owner::start(&redis.url()).await;
    owner.commit(20).await;
    redis.ask(&["FLUSHALL"]);
    owner.store.renew(&owner.lease).await.unwrap();
    assert_eq!(
        read(&owner.counts.batches),
        1,
        "batches that are known are applied by the renewal"
    );
    owner.lease = acquire(&*owner.store, &north()).await;
    redis.ask(&["FLUSHALL"]);
    let told = owner.store.renew(&owner.lease).await;
    assert_eq!(
        told,
        Err(StoreError::Behind {
            stored: 0,
            batch: 20
        })
    );
    owner.commit(1).await;
    assert_eq!(read(&owner.counts.wholes), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failover_loses_nothing() {
    let watched = Watched::start();
    let url = watched.url();
    let before = watched.master();
    let mut owner = Owner::start(&url).await;
    owner.commit(200).await;
    let watched = meanwhile(&mut owner, move || {
        let mut watched = watched;
        watched.servers[0].kill();
        until("the replica is the master", || watched.master() != before);
        watched
    })
    .await;
    say("failover by sentinels", &owner);
    assert!(
        read(&owner.counts.degraded) > 0,
        "the new master has no replica"
    );
    owner.end(&url).await;
    drop(watched);
}

/// A replica that is connected and says nothing is waited for, longer than a lease lasts: nobody takes the pool meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lease_is_kept_while_a_replica_is_waited_for() {
    let watched = Watched::start();
    let url = watched.url();
    let lease = Duration::from_secs(1);
    let mut owner = Owner::start_with(&url, |options| {
        (options.lease, options.renew) = (lease, lease / 5);
    })
    .await;
    owner.commit(5).await;
    watched.servers[1].freeze(true);
    let batch = owner.next();
    let (store, own) = (Arc::clone(&owner.store), owner.lease.clone());
    let sent = Arc::clone(&batch);
    let begun = clock::instant();
    let committing = tokio::spawn(async move { store.commit(&own, sent).await });
    let rival = open(&url, options());
    while !committing.is_finished() {
        let taken = rival.acquire(&north()).await;
        let held = matches!(taken, Err(StoreError::Held { .. }));
        assert!(held, "{:?} after it was sent: {taken:?}", begun.elapsed());
    }
    committing.await.unwrap().unwrap();
    assert!(begun.elapsed() > lease, "{:?}", begun.elapsed());
    assert_eq!(
        read(&owner.counts.degraded),
        1,
        "it is not waited for again"
    );
    owner.settle(&batch).await;
    owner.commit(5).await;
    watched.servers[1].freeze(false);
    owner.end(&url).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failover_that_lost_writes_is_healed() {
    let watched = Watched::start();
    let url = watched.url();
    let before = watched.master();
    let mut owner =
        Owner::start_with(&url, |options| options.durability = Durability::Primary).await;
    owner.commit(50).await;
    // The replica hears nothing of what follows.
    watched.servers[1].freeze(true);
    watched.servers[0].ask(&["CLIENT", "KILL", "TYPE", "replica"]);
    owner.commit(200).await;
    let watched = meanwhile(&mut owner, move || {
        let mut watched = watched;
        watched.servers[0].kill();
        watched.servers[1].freeze(false);
        until("the replica is the master", || watched.master() != before);
        watched
    })
    .await;
    say("failover that lost writes", &owner);
    let healed = read(&owner.counts.batches) + read(&owner.counts.wholes);
    assert!(healed > 0, "nothing was lost, so nothing was tested");
    owner.end(&url).await;
    drop(watched);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_memory_refuses_and_goes_on_when_there_is_room() {
    let redis = Redis::start(&["maxmemory-policy noeviction"]);
    let mut owner = Owner::start(&redis.url()).await;
    owner.commit(20).await;
    redis.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    let batch = owner.next();
    let refused = owner.store.commit(&owner.lease, Arc::clone(&batch)).await;
    assert!(
        matches!(&refused, Err(StoreError::NotApplied(text)) if text.contains("(OOM)")),
        "{refused:?}"
    );
    redis.ask(&["CONFIG", "SET", "maxmemory", "0"]);
    owner.begin_to_measure();
    owner.settle(&batch).await;
    owner.commit(10).await;
    say("room again after a full memory", &owner);
    owner.end(&redis.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_link_is_given_up_and_a_cut_one_made_anew() {
    let redis = Redis::start(&[]);
    let proxy = Arc::new(Proxy::start(redis.address(), 11));
    let mut owner = Owner::start(&proxy.url()).await;
    for (fault, what) in [
        (Fault::HalfOpen, "half open"),
        (Fault::Cut, "cut"),
        (Fault::Delay(Duration::from_millis(100)), "100 ms slower"),
        (Fault::Delay(Duration::from_millis(400)), "400 ms slower"),
    ] {
        owner.commit(50).await;
        let (passing, before) = (Arc::clone(&proxy), proxy.bites());
        let counts = Arc::clone(&owner.counts);
        meanwhile(&mut owner, move || {
            passing.set(fault);
            if matches!(fault, Fault::Delay(time) if time < CALL) {
                until("answers are late", || passing.bites() >= before + 10);
            } else {
                failed(&counts, 3);
            }
            passing.set(Fault::None);
        })
        .await;
        say(what, &owner);
        assert!(proxy.bites() > before, "{what}: it did not bite");
    }
    owner.end(&redis.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_redis_is_waited_for() {
    let redis = Arc::new(Redis::start(&[]));
    let mut owner = Owner::start(&redis.url()).await;
    owner.commit(50).await;
    let (frozen, counts) = (Arc::clone(&redis), Arc::clone(&owner.counts));
    meanwhile(&mut owner, move || {
        frozen.freeze(true);
        failed(&counts, 4);
        frozen.freeze(false);
    })
    .await;
    say("frozen", &owner);
    assert!(owner.gap > Duration::from_millis(900), "it did not bite");
    owner.end(&redis.url()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_owner_waits_for_the_lease_and_fences_the_first() {
    let redis = Redis::start(&[]);
    let mut owner = Owner::start(&redis.url()).await;
    owner.commit(5).await;
    let second = open(&redis.url(), options());
    let held = second.acquire(&north()).await;
    let Err(StoreError::Held {
        owner: name,
        for_ms,
        ..
    }) = &held
    else {
        panic!("{held:?}");
    };
    assert_eq!(name, "a test");
    assert!((1..=300).contains(for_ms), "{for_ms}");
    let begun = clock::instant();
    let lease = acquire(&second, &north()).await;
    eprintln!(
        "a pool of a silent owner: free after {} ms",
        begun.elapsed().as_millis()
    );
    // The first one comes back from wherever it was: nothing that it sends has an effect.
    let batch = owner.next();
    let fenced = Err(StoreError::Fenced(north()));
    assert_eq!(
        owner.store.commit(&owner.lease, Arc::clone(&batch)).await,
        fenced
    );
    assert_eq!(owner.store.renew(&owner.lease).await, fenced);
    assert_eq!(
        owner.store.rewrite(&owner.lease, batch, Vec::new()).await,
        fenced
    );
    assert_eq!(owner.store.release(&owner.lease).await, fenced);
    assert_eq!(second.load(&lease).await.unwrap().revision, 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emptied_redis_is_not_healed_over_a_new_owner() {
    let redis = Redis::start(&[]);
    let mut owner = Owner::start(&redis.url()).await;
    owner.commit(5).await;
    redis.ask(&["FLUSHALL"]);
    let second = open(&redis.url(), options());
    let lease = acquire(&second, &north()).await;
    let batch = owner.next();
    let answer = owner.store.commit(&owner.lease, batch).await;
    assert!(
        matches!(answer, Err(StoreError::Fenced(_) | StoreError::Held { .. })),
        "{answer:?}"
    );
    assert_eq!(second.load(&lease).await.unwrap().revision, 0);
}
