//! Pools that are not here, messages that are too large, streams that make no sense.

use homeshore::proto::v1;
use tonic::{
    Code::{NotFound, ResourceExhausted},
    Request,
};

use super::{check, expect, invalid};
use crate::support::{World, call};

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
