//! What supervisors' boards get: everything once, then what changed.

use homeshore::proto::v1::{self, WatchPoolResponse};
use tonic::Streaming;

use crate::support::{Desktop, World, agent, call, in_time, queue};

async fn watch(
    world: &World,
    last_event_number: u64,
    counts_only: bool,
) -> Streaming<WatchPoolResponse> {
    let interval = Some(prost_types::Duration {
        seconds: 0,
        nanos: 100_000_000,
    });
    let request = v1::WatchPoolRequest {
        interval,
        counts_only,
        last_event_number,
    };
    world
        .supervision()
        .watch_pool(request)
        .await
        .unwrap()
        .into_inner()
}

async fn next(board: &mut Streaming<WatchPoolResponse>) -> WatchPoolResponse {
    in_time("an answer", board.message())
        .await
        .unwrap()
        .expect("the board goes on")
}

/// The next answer for which this holds.
async fn until(
    board: &mut Streaming<WatchPoolResponse>,
    holds: impl Fn(&WatchPoolResponse) -> bool,
) -> WatchPoolResponse {
    loop {
        let answer = next(board).await;
        if holds(&answer) {
            return answer;
        }
    }
}

#[tokio::test]
async fn a_board_gets_a_snapshot_then_what_changed() {
    let world = World::with_agents().await;
    let mut board = watch(&world, 0, false).await;
    let first = next(&mut board).await;
    assert!(first.snapshot);
    assert_eq!(first.agents.len(), 2);
    assert_eq!(first.agents[0].address, "", "boards get no address");
    assert_eq!(first.agent_counts.unwrap().offline, 2);
    assert_eq!(first.queues[0].id, "sales");

    let _ann = Desktop::ready(&world, "ann").await;
    let ready = until(&mut board, |a| {
        a.agent_counts.is_some_and(|c| c.available == 1)
    })
    .await;
    assert!(!ready.snapshot);
    world.routing().route_call(call("c1")).await.unwrap();
    let routed = until(&mut board, |a| a.queues.iter().any(|q| q.offered == 1)).await;
    assert_eq!(routed.queues[0].accepted_total, 1);
    assert_eq!(routed.agents.len(), 1, "only rows that changed");
    assert_eq!(routed.agents[0].id, "ann");
}

#[tokio::test]
async fn a_board_that_comes_back_gets_what_it_missed() {
    let world = World::with_agents().await;
    let mut board = watch(&world, 0, false).await;
    let seen = next(&mut board).await.event_number;
    drop(board);
    let gone = v1::DeleteAgentRequest {
        request_id: String::new(),
        agent_id: "bob".into(),
        drain: false,
    };
    world.directory().delete_agent(gone).await.unwrap();
    world.apply_agents(vec![agent("cid")]).await.unwrap();
    let mut board = watch(&world, seen, false).await;
    let missed = next(&mut board).await;
    assert!(!missed.snapshot);
    assert_eq!(missed.removed_agent_ids, ["bob"]);
    let ids: Vec<&str> = missed
        .agents
        .iter()
        .map(|agent| agent.id.as_str())
        .collect();
    assert_eq!(ids, ["cid"]);
    let mut unknown = watch(&world, u64::MAX, false).await;
    assert!(
        next(&mut unknown).await.snapshot,
        "a number from elsewhere asks for a snapshot"
    );
}

#[tokio::test]
async fn a_board_of_counts_gets_no_agents_and_hears_of_removed_queues() {
    let world = World::with_agents().await;
    let mut wider = crate::support::pool();
    wider.queues.push(queue("short-lived"));
    world.apply_pool(wider).await.unwrap();
    let mut board = watch(&world, 0, true).await;
    let first = next(&mut board).await;
    assert_eq!((first.agents.len(), first.queues.len()), (0, 2));
    world.apply_pool(crate::support::pool()).await.unwrap();
    let later = until(&mut board, |answer| !answer.removed_queues.is_empty()).await;
    assert_eq!(later.removed_queues, ["short-lived"]);
}

#[tokio::test]
async fn a_large_snapshot_comes_in_parts() {
    let world = World::with_agents().await;
    for part in 0..3 {
        let agents = (0..800)
            .map(|n| agent(&format!("a{}", part * 800 + n)))
            .collect();
        world.apply_agents(agents).await.unwrap();
    }
    let mut board = watch(&world, 0, false).await;
    let mut agents = 0;
    let mut parts = 0;
    loop {
        let part = next(&mut board).await;
        assert_eq!(
            part.snapshot,
            parts == 0,
            "only the first part replaces what was sent"
        );
        agents += part.agents.len();
        parts += 1;
        if part.event_number > 0 {
            break;
        }
    }
    assert_eq!((agents, parts), (2_402, 3));
}

#[tokio::test]
async fn a_board_shows_an_outage() {
    let world = World::with_agents().await;
    let at_centre = |id: &str| {
        let mut agent = agent(id);
        let site = agent.site.as_mut().unwrap();
        (site.id, site.kind) = ("centre".to_owned(), v1::SiteKind::Telecentre.into());
        agent
    };
    let ids = ["t1", "t2", "t3", "t4", "t5"];
    let agents = ids.iter().map(|id| at_centre(id)).collect();
    world.apply_agents(agents).await.unwrap();
    let mut desktops = Vec::new();
    for id in ids {
        desktops.push(Desktop::ready(&world, id).await);
    }
    let mut board = watch(&world, 0, true).await;
    assert_eq!(next(&mut board).await.outages, []);
    drop(desktops);
    let seen = until(&mut board, |answer| !answer.outages.is_empty()).await;
    let outage = &seen.outages[0];
    assert_eq!(
        (outage.domain(), outage.label.as_str()),
        (v1::FailureDomain::Site, "centre")
    );
    assert_eq!((outage.lost, outage.signed_in), (5, 5));
    assert!(outage.since.is_some() && outage.end_time.is_none());
    let (_, page) = world.http("/metrics").await;
    let gauge = "homeshore_outages_open{pool=\"default\",domain=\"site\"}";
    assert!(page.contains(gauge), "{page}");
}
