//! Requests and streams through a server that does not have the pool.

use std::{sync::Arc, time::Duration};

use homeshore::{
    api::Times,
    cli::server::Server,
    clock,
    config::{Config, Sources},
    proto::v1::{self, routing_answer::Result as Answer},
    store::{
        Store,
        memory::Memory,
        redis::{Address, Options, Redis as RedisStore},
    },
};
use tonic::Code;

use crate::support::{
    Desktop, Platform, World, agent, connect, in_time, pool, receipts,
    redis::{Redis, until},
    replicas::settings,
    told,
};

/// A server of this process, one of several on a Redis.
async fn start(redis: &Redis) -> World {
    let (_folder, file) = settings();
    let sources = Sources {
        file: Some(file),
        ..Sources::default()
    };
    let sources = sources
        .with("--redis", "storage.redis", Some(redis.url()))
        .with("--grpc", "server.grpc", Some("127.0.0.1:0".to_owned()))
        .with("--http", "server.http", Some("127.0.0.1:0".to_owned()));
    let config = Config::load(&sources).unwrap();
    let options = Options::new(clock::boot, || clock::wall().0);
    let address = Address::parse(&redis.url()).unwrap();
    let store: Arc<dyn Store> = Arc::new(RedisStore::new(address, options));
    let server = Server::start_with(&config, store, receipts(), Times::default());
    let server = server.await.unwrap();
    let channel = connect(&server).await;
    World {
        server,
        store: Memory::default(),
        channel,
    }
}

/// Two servers, of which the first has the pool.
async fn two(redis: &Redis) -> (World, World) {
    let owner = start(redis).await;
    owner.apply_pool(pool()).await.unwrap();
    let edge = start(redis).await;
    edge.apply_agents(vec![agent("ann"), agent("bob")])
        .await
        .unwrap();
    (owner, edge)
}

/// Who has the pools, as soon as it is as it should be.
async fn owners(world: &World, right: impl Fn(&[v1::PoolOwner]) -> bool) -> Vec<v1::PoolOwner> {
    let mut client = world.pools();
    let seen = async {
        loop {
            let answer = client.list_pool_owners(v1::ListPoolOwnersRequest {}).await;
            let owners = answer.unwrap().into_inner().owners;
            if right(&owners) {
                return owners;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    in_time("the right owners", seen).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_server_takes_any_request() {
    let redis = Redis::start(&[]);
    let (owner, edge) = two(&redis).await;
    let by_owner = owners(&owner, |all| all.len() == 1 && all[0].is_here).await;
    let by_edge = owners(&edge, |all| all.len() == 1 && !all[0].is_here).await;
    assert_eq!(by_owner[0].address, by_edge[0].address);
    assert_eq!(by_edge[0].epoch, 1);
    // A pool that is made here is the other one's to pass on.
    let north = v1::Pool {
        id: "north".to_owned(),
        ..pool()
    };
    edge.apply_pool(north).await.unwrap();
    for world in [&owner, &edge] {
        let list = v1::ListPoolsRequest::default();
        let pools = world.pools().list_pools(list).await.unwrap().into_inner();
        let ids: Vec<&str> = pools.pools.iter().map(|pool| &*pool.id).collect();
        assert_eq!(ids, ["default", "north"]);
        for id in ["default", "north"] {
            let pool_id = id.to_owned();
            let request = v1::GetPoolRequest { pool_id };
            let got = world.pools().get_pool(request).await;
            assert_eq!(got.unwrap().into_inner().pool.unwrap().id, id);
        }
        let unknown = v1::GetPoolRequest {
            pool_id: "nowhere".to_owned(),
        };
        let refused = world.pools().get_pool(unknown).await.unwrap_err();
        assert_eq!(told(&refused).1, "POOL_NOT_FOUND");
    }
    edge.server.shutdown().await;
    owner.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_conversation_goes_on_when_its_owner_ends() {
    let redis = Redis::start(&[]);
    let (owner, edge) = two(&redis).await;
    let mut ann = Desktop::ready(&edge, "ann").await;
    let mut platform = Platform::connect(&edge, 0).await;
    assert!(matches!(platform.route("c1").await, Answer::Routed(_)));
    let offer = platform.talk(&mut ann, "c1").await;
    let seen = platform.last_event;
    assert!(owner.server.shutdown().await, "in its time");
    let ended = platform.end().await;
    assert!(
        ended
            .as_ref()
            .is_none_or(|status| status.code() == Code::Unavailable),
        "{ended:?}"
    );
    // The same server has the pool now.
    let mut platform = Platform::connect(&edge, seen).await;
    assert!(platform.last_event >= seen, "numbers go on");
    assert!(platform.resumed || platform.snapshot == 1);
    let mut ann = Desktop::connect(&edge, "ann").await;
    ann.until(v1::Work::Connected).await;
    platform.report("c1", &offer, v1::CallReport::Ended).await;
    ann.until(v1::Work::WrapUp).await;
    let now = owners(&edge, |all| all.len() == 1 && all[0].is_here).await;
    assert_eq!(now[0].epoch, 2);
    edge.server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_is_free_when_nobody_is_there_to_take_it() {
    let redis = Redis::start(&[]);
    let (owner, edge) = two(&redis).await;
    edge.server.shutdown().await;
    until("one server is left", || {
        redis.ask(&["HLEN", "hs:replicas"]) == "1"
    });
    owner.server.shutdown().await;
    assert_eq!(redis.ask(&["HGET", "hs:{default}:m", "lid"]), "");
    let begun = clock::instant();
    let again = start(&redis).await;
    assert!(begun.elapsed().as_millis() < 1_500, "no lease to wait for");
    owners(&again, |all| all.len() == 1 && all[0].is_here).await;
    again.server.shutdown().await;
}
