//! Checks of set-ups that are refused, and what pools cannot ask of them.

use homeshore::proto::v1;
use prost_types::Duration;
use tonic::Code::NotFound;

use super::{check, expect, invalid};
use crate::{server::readiness, support::World};

type Row<T> = (&'static str, &'static str, fn(&mut T));

const TOO_LONG: usize = 65;

#[expect(clippy::unnecessary_wraps, reason = "fields of messages are optional")]
fn seconds(seconds: i64) -> Option<Duration> {
    Some(Duration { seconds, nanos: 0 })
}

fn set_up(request: &mut v1::ReportReadinessRequest) -> &mut v1::SetUp {
    request.set_up.get_or_insert_default()
}

#[tokio::test]
async fn checks_are_refused_by_field() {
    let world = World::with_agents().await;
    let rows: [Row<v1::ReportReadinessRequest>; 13] = [
        ("no agent", "agent_id", |r| r.agent_id.clear()),
        ("no id", "check_id", |r| r.check_id.clear()),
        ("a long id", "check_id", |r| {
            r.check_id = "x".repeat(TOO_LONG);
        }),
        ("no round trip", "round_trip", |r| r.round_trip = None),
        ("a negative round trip", "round_trip", |r| {
            r.round_trip = seconds(-1);
        }),
        ("a jitter of over a minute", "jitter", |r| {
            r.jitter = seconds(61);
        }),
        ("more than all lost", "loss_percent", |r| {
            r.loss_percent = 100.1;
        }),
        ("no number", "loss_percent", |r| r.loss_percent = f64::NAN),
        ("an unknown codec", "codec", |r| r.codec = "opus".into()),
        ("connection 9", "set_up.connection", |r| {
            set_up(r).connection = 9;
        }),
        ("a long client", "set_up.client", |r| {
            set_up(r).client = "x".repeat(TOO_LONG);
        }),
        ("a long headset", "set_up.headset", |r| {
            set_up(r).headset = "x".repeat(TOO_LONG);
        }),
        ("a long provider", "set_up.provider", |r| {
            set_up(r).provider = "x".repeat(TOO_LONG);
        }),
    ];
    for (name, field, change) in rows {
        let mut request = readiness::check("k1", 40);
        change(&mut request);
        let answer = world.sessions().report_readiness(request).await;
        check(&invalid(name, field), answer);
    }
    let mut stranger = readiness::check("k1", 40);
    stranger.agent_id = "zoe".into();
    let unknown = expect("unknown agent", NotFound, "AGENT_NOT_FOUND", "agent_id");
    check(&unknown, world.sessions().report_readiness(stranger).await);
}

fn pass(rules: &mut v1::ReadinessRules) -> &mut v1::ReadinessBounds {
    rules.pass.get_or_insert_default()
}

fn suspend(rules: &mut v1::ReadinessRules) -> &mut v1::ReadinessBounds {
    rules.suspend.get_or_insert_default()
}

#[tokio::test]
async fn what_a_pool_asks_of_set_ups_is_checked() {
    let world = World::with_agents().await;
    let get = v1::GetPoolRequest::default();
    let pool = world.pools().get_pool(get).await.unwrap().into_inner();
    let pool = pool.pool.unwrap();
    let rows: [Row<v1::ReadinessRules>; 8] = [
        ("kind 9", "pool.readiness.site_kinds[0]", |r| {
            r.site_kinds = vec![9];
        }),
        ("valid for no time", "pool.readiness.valid_for", |r| {
            r.valid_for = seconds(0);
        }),
        ("valid for 8 days", "pool.readiness.valid_for", |r| {
            r.valid_for = seconds(8 * 86_400);
        }),
        (
            "passes what is too bad",
            "pool.readiness.pass.round_trip",
            |r| {
                pass(r).round_trip = seconds(1);
            },
        ),
        (
            "a jitter that is too bad",
            "pool.readiness.pass.jitter",
            |r| {
                suspend(r).jitter = seconds(0);
            },
        ),
        (
            "a loss that is too bad",
            "pool.readiness.pass.loss_percent",
            |r| {
                pass(r).loss_percent = Some(4.0);
            },
        ),
        ("a score that is too bad", "pool.readiness.pass.mos", |r| {
            pass(r).mos = Some(3.0);
        }),
        ("a score of 5", "pool.readiness.suspend.mos", |r| {
            suspend(r).mos = Some(5.0);
        }),
    ];
    for (name, field, change) in rows {
        let mut rules = v1::ReadinessRules::default();
        change(&mut rules);
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
