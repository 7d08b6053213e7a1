//! What happens to the owner of a pool while calls arrive through the others. Each run prints its longest time without an
//! acknowledgement; `HOMESHORE_FAULT_RUNS` sets how many runs there are.

use std::{net::SocketAddr, time::Duration};

use homeshore::clock;

use super::caller::{Caller, Heard};
use crate::support::{program::Server, redis::until, replicas::Replicas};

/// Sets the number of runs.
const RUNS_VARIABLE: &str = "HOMESHORE_FAULT_RUNS";

fn runs() -> usize {
    let given = std::env::var_os(RUNS_VARIABLE);
    given.map_or(1, |given| given.to_str().unwrap().parse().unwrap())
}

/// The servers but one.
fn others(replicas: &Replicas, but: usize) -> Vec<String> {
    let all = replicas.servers.iter().enumerate();
    let others = all.filter(|(place, _)| *place != but);
    others.map(|(_, server)| server.url.clone()).collect()
}

fn say(what: &str, gaps: &mut [Duration]) {
    gaps.sort();
    let ms: Vec<u128> = gaps.iter().map(Duration::as_millis).collect();
    eprintln!("{what}: longest times without an acknowledgement, in ms: {ms:?}");
}

/// Lets calls arrive through the others while something happens to the owner; what was heard, and who was the owner.
async fn meanwhile(
    replicas: &mut Replicas,
    mut happens: impl FnMut(&mut Server, &Caller),
) -> (Heard, usize) {
    let owner = replicas.owner();
    let caller = Caller::start(&others(replicas, owner));
    let server = &mut replicas.servers[owner];
    tokio::task::block_in_place(|| {
        caller.wait_for(50);
        happens(server, &caller);
        caller.wait_for(50);
    });
    (caller.end().await, owner)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_that_is_killed_is_replaced_at_once() {
    let mut gaps = Vec::new();
    for _ in 0..runs() {
        let mut replicas = Replicas::start(3);
        let (heard, owner) = meanwhile(&mut replicas, |server, _| server.kill()).await;
        gaps.push(heard.gap);
        heard.check(&replicas, (owner + 1) % 3).await;
        assert!(heard.gap < Duration::from_secs(3), "{:?}", heard.gap);
    }
    say("owner killed", &mut gaps);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_that_hangs_is_replaced_when_its_lease_is_over_and_changes_nothing_after() {
    let mut gaps = Vec::new();
    for _ in 0..runs() {
        let mut replicas = Replicas::start(3);
        let (heard, owner) = meanwhile(&mut replicas, |server, caller| {
            server.freeze(true);
            caller.wait_for(20);
            server.freeze(false);
        })
        .await;
        gaps.push(heard.gap);
        assert!(heard.gap > Duration::from_secs(1), "it did not bite");
        assert!(heard.gap < Duration::from_secs(6), "{:?}", heard.gap);
        // It takes requests again, and passes them on.
        let is_here = || {
            let told = replicas.servers[owner].told(&["pool", "owners"]);
            told["owners"][0]["is_here"] == true
        };
        until("it knows that it is the owner no more", || !is_here());
        heard.check(&replicas, owner).await;
    }
    say("owner frozen", &mut gaps);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_that_ends_hands_its_pool_over() {
    let mut gaps = Vec::new();
    for _ in 0..runs() {
        let mut replicas = Replicas::start(3);
        let begun = clock::instant();
        let (heard, owner) = meanwhile(&mut replicas, |server, _| {
            let ended = server.terminate();
            assert!(ended.success(), "{ended}");
        })
        .await;
        gaps.push(heard.gap);
        assert!(begun.elapsed() < Duration::from_secs(30));
        assert_eq!(heard.refused, 0, "nobody need notice: {heard:?}");
        heard.check(&replicas, (owner + 1) % 3).await;
        assert!(heard.gap < Duration::from_secs(2), "{:?}", heard.gap);
    }
    say("owner ended by SIGTERM", &mut gaps);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_are_ended_and_started_one_after_the_other_lose_nothing() {
    let mut replicas = Replicas::start(3);
    let urls: Vec<String> = replicas.servers.iter().map(|one| one.url.clone()).collect();
    let caller = Caller::start(&urls);
    tokio::task::block_in_place(|| {
        for place in 0..3 {
            caller.wait_for(30);
            replicas.servers[place].terminate();
            caller.wait_for(30);
            replicas.servers[place].start_again();
            replicas.settle();
        }
        caller.wait_for(30);
    });
    let heard = caller.end().await;
    heard.check(&replicas, 0).await;
    say("all servers ended and started again", &mut [heard.gap]);
    assert!(heard.gap < Duration::from_secs(4), "{:?}", heard.gap);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_is_not_let_in_at_the_port_of_the_others() {
    let replicas = Replicas::start(2);
    let told = replicas.servers[0].told(&["pool", "owners"]);
    let address: SocketAddr = told["owners"][0]["address"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let url = format!("http://{address}");
    let (code, _, error) = crate::support::program::run(&["--server", &url, "pool", "list"]);
    assert_ne!(code, 0);
    assert!(error.contains("peers.secret"), "{error}");
}
