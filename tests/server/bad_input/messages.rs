//! Pools that are not here, messages that are too large, streams that make no sense.

use std::time::Duration;

use homeshore::{
    api::Times,
    proto::v1::{self, routing_service_connect_request::Message as Say},
    store::memory::Memory,
};
use tonic::{
    Code::{InvalidArgument, NotFound, ResourceExhausted, Unimplemented},
    Request, Status,
};

use super::{check, expect, invalid};
use crate::support::{Desktop, Platform, World, call, pool, settings};

#[tokio::test]
async fn metadata_and_messages_are_refused_by_name() {
    let world = World::with_agents().await;
    let named = |pools: &[&'static str]| {
        let mut request = Request::new(call("c1"));
        for pool in pools {
            request
                .metadata_mut()
                .append("homeshore-pool", pool.parse().unwrap());
        }
        request
    };
    let rows = [
        (
            expect("unknown pool", NotFound, "POOL_NOT_FOUND", "homeshore-pool"),
            named(&["nowhere"]),
        ),
        (invalid("bad pool", "homeshore-pool"), named(&["No Where"])),
        (
            invalid("two pools", "homeshore-pool"),
            named(&["default", "default"]),
        ),
    ];
    for (expected, request) in rows {
        check(&expected, world.routing().route_call(request).await);
    }
    let mut huge = call("c1");
    huge.call_id = "x".repeat(5_000_000);
    let too_large = expect("5 MB", ResourceExhausted, "MESSAGE_TOO_LARGE", "message");
    check(&too_large, world.routing().route_call(huge).await);
    let interval = Some(prost_types::Duration {
        seconds: 0,
        nanos: 1,
    });
    let request = v1::WatchPoolRequest {
        interval,
        ..v1::WatchPoolRequest::default()
    };
    check(
        &invalid("1 ns", "interval"),
        world.supervision().watch_pool(request).await.map(|_| ()),
    );
    world
        .routing()
        .route_call(call("c1"))
        .await
        .expect("the service goes on");
}

/// Sends any message to any path.
async fn raw(
    world: &World,
    path: &'static str,
    message: v1::WatchPoolRequest,
) -> Result<(), Status> {
    let mut client = tonic::client::Grpc::new(world.channel.clone());
    client.ready().await.unwrap();
    let codec = tonic_prost::ProstCodec::<v1::WatchPoolRequest, v1::RouteCallResponse>::default();
    let path = http::uri::PathAndQuery::from_static(path);
    client
        .unary(Request::new(message), path, codec)
        .await
        .map(|_| ())
}

#[tokio::test]
async fn what_the_transport_refuses_has_a_reason_too() {
    let world = World::with_agents().await;
    let other = v1::WatchPoolRequest {
        last_event_number: 1,
        ..v1::WatchPoolRequest::default()
    };
    let unreadable = expect(
        "another type",
        InvalidArgument,
        "MESSAGE_UNREADABLE",
        "message",
    );
    let path = "/homeshore.v1.RoutingService/RouteCall";
    check(&unreadable, raw(&world, path, other).await);
    let unknown = expect("no method", Unimplemented, "METHOD_NOT_FOUND", "");
    check(
        &unknown,
        raw(&world, "/homeshore.v1.RoutingService/Nothing", other).await,
    );
    check(
        &unknown,
        raw(&world, "/no.such.Service/Nothing", other).await,
    );
}

#[tokio::test]
async fn an_interval_of_positions_is_one_second_to_a_minute() {
    let world = World::with_agents().await;
    for (seconds, nanos) in [(0, 999_999_999), (60, 1_000_000), (-1, 0), (1, -1)] {
        let mut platform = Platform::open(&world).await;
        let hello = v1::RoutingHello {
            platform: "pbx".into(),
            instance: "one".into(),
            last_event_number: 0,
            position_interval: Some(prost_types::Duration { seconds, nanos }),
        };
        platform.say(Say::Hello(hello)).await;
        check(
            &invalid("interval", "hello.position_interval"),
            Err::<(), _>(platform.end().await.unwrap()),
        );
    }
}

#[tokio::test]
async fn a_stream_that_says_nothing_is_closed() {
    let times = Times {
        hello: Duration::from_millis(50),
        ..Times::default()
    };
    let world = World::start_with(Memory::default(), &settings(), times).await;
    world.apply_pool(pool()).await.unwrap();
    let mut platform = Platform::open(&world).await;
    check(
        &invalid("no hello", "hello"),
        Err::<(), _>(platform.end().await.unwrap()),
    );
    let mut desktop = Desktop::open(&world).await;
    check(
        &invalid("no hello", "hello"),
        Err::<(), _>(desktop.end().await.unwrap()),
    );
}
