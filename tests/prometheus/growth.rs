//! Series do not grow with calls or agents: labels are queues, kinds and closed sets.

use std::collections::BTreeSet;

use homeshore::proto::v1;

use super::floor::Floor;
use crate::support::{agent, to_pool};

/// The series of the floor's pool, without their values.
async fn series(floor: &Floor) -> BTreeSet<String> {
    let page = floor.page().await;
    let label = format!("pool=\"{}\"", floor.pool);
    let lines = page.lines().filter(|line| line.contains(&label));
    lines
        .map(|line| line.rsplit_once(' ').unwrap().0.to_owned())
        .collect()
}

#[tokio::test]
async fn series_do_not_grow_with_calls() {
    let mut floor = Floor::open("many-calls").await;
    let empty = series(&floor).await;
    for number in 0..20 {
        floor.serve(&format!("c{number}"), "sales").await;
    }
    let few = series(&floor).await;
    for number in 20..400 {
        floor.serve(&format!("c{number}"), "sales").await;
    }
    assert_eq!(series(&floor).await, few);
    assert_eq!(few, empty, "all are there from the start");
    let page = floor.page().await;
    let accepted = floor.value(&page, "homeshore_calls_accepted_total", "queue=\"sales\"");
    assert_eq!(accepted.as_deref(), Some("400"));
}

#[tokio::test]
async fn series_do_not_grow_with_agents() {
    let floor = Floor::open("many-agents").await;
    let apply = async |count: usize| {
        let agents = (0..count).map(|number| agent(&format!("a{number}")));
        let agents = v1::ApplyAgentsRequest {
            agents: agents.collect(),
            ..v1::ApplyAgentsRequest::default()
        };
        let agents = to_pool(floor.pool, agents);
        floor.world.directory().apply_agents(agents).await.unwrap();
    };
    apply(10).await;
    let few = series(&floor).await;
    apply(200).await;
    assert_eq!(series(&floor).await, few);
    let page = floor.page().await;
    let agents = floor.value(&page, "homeshore_pool_entries", "kind=\"agents\"");
    assert_eq!(agents.as_deref(), Some("202"));
}
