//! A server on a real Redis, with calls on their way while Redis goes away: what was acknowledged is there afterwards.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use homeshore::{
    api::Times,
    cli::server::Server,
    clock,
    proto::v1::{GetCallRequest, routing_service_client::RoutingServiceClient},
    store::{
        Store,
        memory::Memory,
        redis::{Address, Options, Redis as RedisStore},
    },
};
use tonic::{Code, transport::Channel};

use crate::support::{
    World, agent, call, connect, get, pool, receipts,
    redis::{Redis, until},
    settings,
};

fn store(url: &str) -> Arc<dyn Store> {
    let options = Options::new(clock::boot, || clock::wall().0);
    Arc::new(RedisStore::new(Address::parse(url).unwrap(), options))
}

/// A server with the pool `default`, two agents, and calls that all wait.
async fn served(url: &str) -> World {
    let config = settings();
    let server = Server::start_with(&config, store(url), receipts(), Times::default());
    let server = server.await.unwrap();
    let channel = connect(&server).await;
    let world = World {
        server,
        store: Memory::default(),
        channel,
    };
    world.apply_pool(pool()).await.unwrap();
    world
        .apply_agents(vec![agent("ann"), agent("bob")])
        .await
        .unwrap();
    world
}

/// Routes a call; whether that was acknowledged.
async fn route(client: &mut RoutingServiceClient<Channel>, id: &str) -> bool {
    let mut request = tonic::Request::new(call(id));
    request.set_timeout(Duration::from_secs(3));
    client.route_call(request).await.is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_were_acknowledged_outlive_a_redis_that_forgot_them() {
    let redis = Redis::start(&[]);
    let url = redis.url();
    let world = served(&url).await;
    let mut client = world.routing();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let http = world.server.http().to_string();
    let asked = tokio::runtime::Handle::current();
    let away = tokio::task::spawn_blocking(move || {
        let mut redis = redis;
        until("calls are acknowledged", || {
            counted.load(Ordering::Relaxed) >= 50
        });
        redis.kill();
        let gone = clock::instant();
        until("the server says that its store is away", || {
            asked.block_on(get(&http, "/readyz")).0 == 503
        });
        let away_for = gone.elapsed();
        redis.start_again();
        (redis, away_for)
    });
    let (mut acknowledged, mut refused) = (Vec::new(), 0);
    let (mut last, mut gap) = (clock::instant(), Duration::ZERO);
    let mut number = 0;
    while !away.is_finished() || number % 20 != 0 {
        number += 1;
        let id = format!("c{number}");
        if route(&mut client, &id).await {
            gap = gap.max(last.elapsed());
            last = clock::instant();
            acknowledged.push(id);
            count.fetch_add(1, Ordering::Relaxed);
        } else {
            refused += 1;
        }
    }
    let (redis, away_for) = away.await.unwrap();
    eprintln!(
        "Redis killed for {} ms, empty afterwards: {} calls acknowledged, {refused} not; {} ms without one",
        away_for.as_millis(),
        acknowledged.len(),
        gap.as_millis()
    );
    assert!(gap >= away_for, "it did not bite");
    world.server.shutdown().await;

    // Another server, which knows nothing but what Redis has.
    let world = served(&url).await;
    for id in acknowledged {
        let request = GetCallRequest {
            call_id: id.clone(),
            ..GetCallRequest::default()
        };
        let known = world.routing().get_call(request).await;
        assert!(known.is_ok(), "{id}: {known:?}");
    }
    let unknown = GetCallRequest {
        call_id: "c0".to_owned(),
        ..GetCallRequest::default()
    };
    let told = world.routing().get_call(unknown).await.unwrap_err();
    assert_eq!(told.code(), Code::NotFound);
    drop(redis);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_pool_is_back_on_a_redis_that_was_emptied() {
    let redis = Redis::start(&[]);
    let world = served(&redis.url()).await;
    assert!(route(&mut world.routing(), "c1").await);
    redis.ask(&["FLUSHALL"]);
    until("the pool is there again", || {
        !redis.ask(&["HGET", "hs:{default}:m", "n"]).is_empty()
            && redis.ask(&["HGET", "hs:{default}:m", "rev"]) != "0"
    });
    world.server.shutdown().await;
    let world = served(&redis.url()).await;
    let request = GetCallRequest {
        call_id: "c1".to_owned(),
        ..GetCallRequest::default()
    };
    world.routing().get_call(request).await.unwrap();
}
