//! Health, reflection and metrics.

use homeshore::{metrics::TABLE, proto::v1};
use tokio_stream::StreamExt;
use tonic_health::pb::{
    HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
};
use tonic_reflection::pb::{v1 as reflection, v1alpha};

use crate::support::{Desktop, Platform, World, call, in_time};

const SERVICES: [&str; 7] = [
    "homeshore.v1.AgentSessionService",
    "homeshore.v1.DirectoryService",
    "homeshore.v1.PlanningService",
    "homeshore.v1.PoolService",
    "homeshore.v1.RoutingService",
    "homeshore.v1.ScheduleService",
    "homeshore.v1.SupervisionService",
];

#[tokio::test]
async fn every_service_says_that_it_serves() {
    let world = World::start().await;
    let mut health = HealthClient::new(world.channel.clone());
    for service in SERVICES.into_iter().chain([""]) {
        let request = HealthCheckRequest {
            service: service.to_owned(),
        };
        let answer = health.check(request).await.unwrap().into_inner();
        assert_eq!(answer.status(), ServingStatus::Serving, "`{service}`");
    }
    assert_eq!(world.http("/healthz").await, (200, "ok\n".to_owned()));
    assert_eq!(world.http("/readyz").await, (200, "ready\n".to_owned()));
    assert_eq!(world.http("/nothing").await.0, 404);
}

#[tokio::test]
async fn both_reflections_list_the_services() {
    let world = World::start().await;
    let mut client =
        reflection::server_reflection_client::ServerReflectionClient::new(world.channel.clone());
    let request = reflection::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(
            reflection::server_reflection_request::MessageRequest::ListServices(String::new()),
        ),
    };
    let answers = client
        .server_reflection_info(tokio_stream::once(request))
        .await
        .unwrap();
    let answer = answers.into_inner().next().await.unwrap().unwrap();
    let Some(reflection::server_reflection_response::MessageResponse::ListServicesResponse(list)) =
        answer.message_response
    else {
        panic!("no list");
    };
    let newer: Vec<String> = list
        .service
        .into_iter()
        .map(|service| service.name)
        .collect();

    let mut client =
        v1alpha::server_reflection_client::ServerReflectionClient::new(world.channel.clone());
    let request = v1alpha::ServerReflectionRequest {
        host: String::new(),
        message_request: Some(
            v1alpha::server_reflection_request::MessageRequest::ListServices(String::new()),
        ),
    };
    let answers = client
        .server_reflection_info(tokio_stream::once(request))
        .await
        .unwrap();
    let answer = answers.into_inner().next().await.unwrap().unwrap();
    let Some(v1alpha::server_reflection_response::MessageResponse::ListServicesResponse(list)) =
        answer.message_response
    else {
        panic!("no list");
    };
    let older: Vec<String> = list
        .service
        .into_iter()
        .map(|service| service.name)
        .collect();
    for service in SERVICES {
        assert!(
            newer.iter().any(|name| name == service),
            "{service} is not in {newer:?}"
        );
        assert!(
            older.iter().any(|name| name == service),
            "{service} is not in {older:?}"
        );
    }
}

/// Brings about what each metric counts.
async fn a_busy_minute(world: &World) {
    let mut platform = Platform::connect(world, 0).await;
    let mut ann = Desktop::ready(world, "ann").await;
    platform.route("busy-1").await;
    let offer = ann
        .until(v1::Work::Offered)
        .await
        .status
        .unwrap()
        .offer
        .unwrap()
        .id;
    ann.accept(&offer).await;
    platform
        .report("busy-1", &offer, v1::CallReport::Answered)
        .await;
    platform.report("busy-1", "", v1::CallReport::Ended).await;
    platform.route("busy-2").await;
    platform
        .report("busy-2", "", v1::CallReport::CallerGone)
        .await;
}

#[tokio::test]
async fn the_page_shows_every_declared_metric() {
    let world = World::with_agents().await;
    a_busy_minute(&world).await;
    let page = in_time("every metric", async {
        loop {
            let (status, page) = world.http("/metrics").await;
            assert_eq!(status, 200);
            let shown = |name: &str| page.contains(&format!("# TYPE {name} "));
            if TABLE.iter().all(|metric| shown(metric.name)) {
                return page;
            }
            let missing: Vec<&str> = TABLE
                .iter()
                .map(|m| m.name)
                .filter(|name| !shown(name))
                .collect();
            // Lines fall silent and platforms detach a moment after their streams close.
            assert!(missing.len() < TABLE.len(), "nothing is shown");
            tokio::task::yield_now().await;
        }
    })
    .await;
    for metric in TABLE {
        assert!(
            page.contains(&format!("# HELP {} {}", metric.name, metric.help)),
            "{}",
            metric.name
        );
        for label in metric.labels {
            let series = page.lines().find(|line| is_series_of(line, metric.name));
            assert!(
                series.is_some_and(|line| line.contains(&format!("{label}=\""))),
                "{} by {label}",
                metric.name
            );
        }
    }
    assert!(
        page.contains("process_open_fds"),
        "the process's own are there"
    );
    assert!(
        !page.contains("busy-1") && !page.contains("\"ann\""),
        "no call and no agent is named"
    );
}

#[tokio::test]
async fn a_server_that_ends_is_not_ready_and_does_not_serve() {
    let world = World::with_agents().await;
    let mut health = HealthClient::new(world.channel.clone());
    let request = HealthCheckRequest {
        service: String::new(),
    };
    let mut changes = health.watch(request).await.unwrap().into_inner();
    let first = changes.next().await.unwrap().unwrap();
    assert_eq!(first.status(), ServingStatus::Serving);
    world.routing().route_call(call("c1")).await.unwrap();
    let ending = tokio::spawn(world.server.shutdown());
    let next = in_time("the word", changes.next()).await.unwrap().unwrap();
    assert_eq!(next.status(), ServingStatus::NotServing);
    drop(changes);
    assert!(ending.await.unwrap());
}

/// Whether a line is of a metric, or of a histogram's parts, and not of one whose name only begins like it.
fn is_series_of(line: &str, metric: &str) -> bool {
    let rest = line.strip_prefix(metric).unwrap_or_default();
    ["{", "_bucket{", "_sum{", "_count{"]
        .iter()
        .any(|end| rest.starts_with(end))
}
