//! Each mistake of a deployment has a message of its own, from a real server, that names what to do; no secret is in any.

use homeshore::store::{
    Store, StoreError,
    redis::{Address, Grade, Redis as RedisStore},
};

use super::{north, open, options};
use crate::support::redis::{Proxy, Redis, until};

/// What a look at the deployment finds wrong, and what an attempt to take a pool is told.
async fn told(url: &str) -> (String, String) {
    let store = open(url, options());
    let findings = store.check().await;
    let failed = findings
        .iter()
        .filter(|finding| finding.grade == Grade::Fail);
    let failed: Vec<String> = failed
        .map(|finding| format!("{} {}", finding.found, finding.to_do))
        .collect();
    let taken = match store.acquire(&north()).await {
        Ok(_) => "taken".to_owned(),
        Err(StoreError::NotApplied(text)) => text,
        Err(other) => format!("{other:?}"),
    };
    (failed.join("\n"), taken)
}

/// Both are told the same thing.
async fn tells(url: &str, words: &[&str]) {
    let (found, taken) = told(url).await;
    for word in words {
        assert!(
            found.contains(word),
            "`{word}` is not in what is found: {found}"
        );
        assert!(
            taken.contains(word),
            "`{word}` is not in what is told: {taken}"
        );
    }
}

#[tokio::test]
async fn a_wrong_or_missing_password() {
    let redis = Redis::start(&["requirepass right-secret"]);
    let with = |who: &str| format!("redis://{who}@{}", redis.address());
    for url in [with(":canary-secret"), with("nobody:canary-secret")] {
        tells(
            &url,
            &["refuses the user or the password", "storage.redis_password"],
        )
        .await;
        let (found, taken) = told(&url).await;
        assert!(
            !format!("{found}{taken}").contains("canary-secret"),
            "{found}{taken}"
        );
    }
    tells(&redis.url(), &["asks for a password"]).await;
    let (found, taken) = told(&with(":right-secret")).await;
    assert_eq!((found.as_str(), taken.as_str()), ("", "taken"));
}

#[tokio::test]
async fn a_replica_given_as_the_master() {
    let master = Redis::start(&[]);
    let (ip, port) = (master.address().ip(), master.address().port());
    let replica = Redis::start(&[&format!("replicaof {ip} {port}")]);
    until("the replica follows", || {
        replica.info("master_link_status") == "up"
    });
    tells(
        &replica.url(),
        &["is a replica of", &port.to_string(), "takes no writes"],
    )
    .await;
}

#[tokio::test]
async fn a_server_that_becomes_a_replica() {
    let (master, other) = (Redis::start(&[]), Redis::start(&[]));
    let store = open(&master.url(), options());
    let lease = store.acquire(&north()).await.unwrap();
    let (ip, port) = (
        other.address().ip().to_string(),
        other.address().port().to_string(),
    );
    master.ask(&["REPLICAOF", &ip, &port]);
    let told = store.renew(&lease).await;
    assert!(
        matches!(&told, Err(StoreError::NotApplied(text)) if text.contains("(READONLY)")),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_server_that_is_still_loading() {
    let mut redis = Redis::start(&[
        "enable-debug-command local",
        "key-load-delay 3000",
        "loading-process-events-interval-bytes 1024",
    ]);
    redis.ask(&["DEBUG", "POPULATE", "3000", "k", "200"]);
    redis.ask(&["SAVE"]);
    redis.kill();
    redis.start_again();
    tells(&redis.url(), &["still loading its data (LOADING)"]).await;
}

#[tokio::test]
async fn a_server_without_memory() {
    let redis = Redis::start(&[]);
    redis.ask(&["CONFIG", "SET", "maxmemory", "1"]);
    tells(&redis.url(), &["no memory left (OOM)", "maxmemory"]).await;
}

#[tokio::test]
async fn a_server_that_cannot_save() {
    let redis = Redis::start(&["save 3600 1"]);
    std::fs::remove_dir_all(redis.folder()).unwrap();
    redis.ask(&["SET", "a", "b"]);
    redis.ask(&["BGSAVE"]);
    until("the save failed", || {
        redis.info("rdb_last_bgsave_status") == "err"
    });
    tells(&redis.url(), &["cannot save to its disk", "(MISCONF)"]).await;
}

#[tokio::test]
async fn a_host_that_is_not_there() {
    tells(
        "redis://no-such-host.invalid:6379",
        &["cannot be found: no such host"],
    )
    .await;
}

#[tokio::test]
async fn a_port_where_nobody_listens() {
    let url = Redis::start(&[]).url();
    tells(&url, &["refuses connections"]).await;
}

#[tokio::test]
async fn a_server_that_is_too_old() {
    let redis = Redis::start(&[]);
    let proxy = Proxy::start(redis.address(), 1);
    let version = redis.info("redis_version");
    let old = format!("6{}", &version[1..]);
    proxy.lie(
        &format!("redis_version:{version}"),
        &format!("redis_version:{old}"),
    );
    let (found, _) = told(&proxy.url()).await;
    assert!(
        found.contains(&format!("version {old}, which is too old")),
        "{found}"
    );
    assert!(found.contains("7.0 or newer"), "{found}");
}

#[tokio::test]
async fn a_server_that_throws_keys_away() {
    let redis = Redis::start(&["maxmemory 100mb", "maxmemory-policy allkeys-lru"]);
    let (found, _) = told(&redis.url()).await;
    assert!(found.contains("throws keys away"), "{found}");
    assert!(found.contains("noeviction"), "{found}");
}

#[tokio::test]
async fn a_name_that_no_sentinel_knows() {
    let redis = Redis::start(&[]);
    let url = format!("redis-sentinel://{}/main", redis.address());
    let store = RedisStore::new(Address::parse(&url).unwrap(), options());
    let told = store.acquire(&north()).await;
    assert!(
        matches!(&told, Err(StoreError::NotApplied(text)) if text.contains("no sentinel names a master `main`")),
        "{told:?}"
    );
}

#[tokio::test]
async fn keys_of_others_and_heads_of_newer_releases() {
    let redis = Redis::start(&[]);
    let store = open(&redis.url(), options());
    let lease = store.acquire(&north()).await.unwrap();
    redis.ask(&["SET", "hs:{north}:o", "not a stream"]);
    let told = store.load(&lease).await;
    assert!(
        matches!(&told, Err(StoreError::Corrupt(text)) if text.contains("`hs:{north}:o`") && text.contains("should be a stream")),
        "{told:?}"
    );
    redis.ask(&["DEL", "hs:{north}:o"]);
    redis.ask(&["HSET", "hs:{north}:s:0", "stray", "1"]);
    let told = store.load(&lease).await;
    assert!(
        matches!(&told, Err(StoreError::Corrupt(text)) if text.contains("has 1 entities")),
        "{told:?}"
    );
    redis.ask(&["HSET", "hs:{north}:m", "fmt", "99"]);
    assert_eq!(
        store.load(&lease).await,
        Err(StoreError::TooNew { stored: 99 })
    );
    let told = store.acquire(&north()).await;
    assert_eq!(told, Err(StoreError::TooNew { stored: 99 }));
}
