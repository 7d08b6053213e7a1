//! Checks of set-ups that are refused, and what pools cannot ask of them.

use homeshore::proto::v1;
use prost_types::Duration;
use tonic::Code::NotFound;

use super::{check, expect, invalid};
use crate::{server::readiness, support::World};

#[tokio::test]
async fn checks_are_refused_by_field() {
    let world = World::with_agents().await;
    let with = |change: &dyn Fn(&mut v1::ReportReadinessRequest)| {
        let mut request = readiness::check("k1", 40);
        change(&mut request);
        request
    };
    let set_up = |change: &dyn Fn(&mut v1::SetUp)| {
        let mut set_up = v1::SetUp::default();
        change(&mut set_up);
        with(&|request| request.set_up = Some(set_up.clone()))
    };
    let long = "x".repeat(65);
    let unknown = expect("unknown agent", NotFound, "AGENT_NOT_FOUND", "agent_id");
    let rows = [
        (unknown, with(&|r| r.agent_id = "zoe".into())),
        (
            invalid("no agent", "agent_id"),
            with(&|r| r.agent_id.clear()),
        ),
        (invalid("no id", "check_id"), with(&|r| r.check_id.clear())),
        (
            invalid("a long id", "check_id"),
            with(&|r| r.check_id.clone_from(&long)),
        ),
        (
            invalid("no round trip", "round_trip"),
            with(&|r| r.round_trip = None),
        ),
        (
            invalid("a negative round trip", "round_trip"),
            with(&|r| {
                r.round_trip = Some(Duration {
                    seconds: -1,
                    nanos: 0,
                })
            }),
        ),
        (
            invalid("a jitter of over a minute", "jitter"),
            with(&|r| {
                r.jitter = Some(Duration {
                    seconds: 61,
                    nanos: 0,
                })
            }),
        ),
        (
            invalid("more than all lost", "loss_percent"),
            with(&|r| r.loss_percent = 100.1),
        ),
        (
            invalid("no number", "loss_percent"),
            with(&|r| r.loss_percent = f64::NAN),
        ),
        (
            invalid("an unknown codec", "codec"),
            with(&|r| r.codec = "opus".into()),
        ),
        (
            invalid("connection 9", "set_up.connection"),
            set_up(&|own| own.connection = 9),
        ),
        (
            invalid("a long client", "set_up.client"),
            set_up(&|own| own.client.clone_from(&long)),
        ),
        (
            invalid("a long headset", "set_up.headset"),
            set_up(&|own| own.headset.clone_from(&long)),
        ),
        (
            invalid("a long provider", "set_up.provider"),
            set_up(&|own| own.provider.clone_from(&long)),
        ),
    ];
    for (expected, request) in rows {
        check(&expected, world.sessions().report_readiness(request).await);
    }
}

#[tokio::test]
async fn what_a_pool_asks_of_set_ups_is_checked() {
    let world = World::with_agents().await;
    let get = v1::GetPoolRequest {};
    let pool = world.pools().get_pool(get).await.unwrap().into_inner();
    let pool = pool.pool.unwrap();
    let bounds = |change: &dyn Fn(&mut v1::ReadinessBounds)| {
        let mut bounds = v1::ReadinessBounds::default();
        change(&mut bounds);
        Some(bounds)
    };
    let seconds = |seconds| Some(Duration { seconds, nanos: 0 });
    let rows: [(&str, &str, v1::ReadinessRules); 8] = [
        (
            "kind 9",
            "pool.readiness.site_kinds[0]",
            v1::ReadinessRules {
                site_kinds: vec![9],
                ..Default::default()
            },
        ),
        (
            "valid for no time",
            "pool.readiness.valid_for",
            v1::ReadinessRules {
                valid_for: seconds(0),
                ..Default::default()
            },
        ),
        (
            "valid for 8 days",
            "pool.readiness.valid_for",
            v1::ReadinessRules {
                valid_for: seconds(8 * 86_400),
                ..Default::default()
            },
        ),
        (
            "passes what is too bad",
            "pool.readiness.pass.round_trip",
            v1::ReadinessRules {
                pass: bounds(&|b| b.round_trip = seconds(1)),
                ..Default::default()
            },
        ),
        (
            "a jitter that is too bad",
            "pool.readiness.pass.jitter",
            v1::ReadinessRules {
                suspend: bounds(&|b| b.jitter = seconds(0)),
                ..Default::default()
            },
        ),
        (
            "a loss that is too bad",
            "pool.readiness.pass.loss_percent",
            v1::ReadinessRules {
                pass: bounds(&|b| b.loss_percent = Some(4.0)),
                ..Default::default()
            },
        ),
        (
            "a score that is too bad",
            "pool.readiness.pass.mos",
            v1::ReadinessRules {
                pass: bounds(&|b| b.mos = Some(3.0)),
                ..Default::default()
            },
        ),
        (
            "a score of 5",
            "pool.readiness.suspend.mos",
            v1::ReadinessRules {
                suspend: bounds(&|b| b.mos = Some(5.0)),
                ..Default::default()
            },
        ),
    ];
    for (name, field, rules) in rows {
        let mut pool = pool.clone();
        pool.readiness = Some(rules);
        let request = v1::ApplyPoolRequest {
            pool: Some(pool),
            ..v1::ApplyPoolRequest::default()
        };
        check(
            &invalid(name, field),
            world.pools().apply_pool(request).await,
        );
    }
}
