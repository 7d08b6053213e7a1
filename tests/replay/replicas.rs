//! A call log replayed through three servers on one Redis, of which the owner of the pool is killed again and again.

use std::time::Duration;

use serde_json::Value;

use super::{Replay, accounted, logs};
use crate::support::replicas::{Door, Replicas};

#[test]
fn an_hour_through_three_servers_with_owners_killed_ends_every_call_once() {
    let log = &logs()[0];
    let mut replicas = Replicas::without_pools(3);
    let door = Door::to(&replicas.servers);
    let (from, to, calls) = log.busiest_hour();
    let mut replay = Replay::start(&door.url(), log, 120, from, to);
    let mut moments = fastrand::Rng::with_seed(20_261_129);
    for _ in 0..5 {
        let going = replay.goes_on_for(Duration::from_millis(moments.u64(1_500..4_000)));
        assert!(going, "the replay ended before the last kill");
        let owner = replicas.owner();
        replicas.servers[owner].kill_and_restart();
    }
    let report = replay.finish(Duration::from_secs(300));
    assert_eq!(report["broken"], Value::Array(Vec::new()), "{report}");
    assert_eq!(accounted(&report), calls as u64, "{report}");
    assert!(
        report["reconnects"]["platform"].as_u64().unwrap() >= 1,
        "{report}"
    );
}
