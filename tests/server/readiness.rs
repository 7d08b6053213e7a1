//! Checks of agents' set-ups over gRPC: rated, kept, shown, and a gate to calls where the pool asks for them.

use homeshore::proto::v1::{self, ConnectionType, ReadinessBand};
use prost_types::Duration;

use crate::support::{Desktop, World};

fn ms(ms: i32) -> Option<Duration> {
    Some(Duration {
        seconds: (ms / 1_000).into(),
        nanos: ms % 1_000 * 1_000_000,
    })
}

pub(crate) fn check(id: &str, round_trip_ms: i32) -> v1::ReportReadinessRequest {
    v1::ReportReadinessRequest {
        agent_id: "ann".into(),
        check_id: id.into(),
        round_trip: ms(round_trip_ms),
        ..v1::ReportReadinessRequest::default()
    }
}

async fn ask_for_checks(world: &World) {
    let pool = v1::GetPoolRequest::default();
    let pool = world.pools().get_pool(pool).await.unwrap().into_inner();
    let mut pool = pool.pool.unwrap();
    pool.readiness = Some(v1::ReadinessRules::default());
    let request = v1::ApplyPoolRequest {
        pool: Some(pool),
        ..v1::ApplyPoolRequest::default()
    };
    let applied = world.pools().apply_pool(request).await.unwrap();
    let rules = applied.into_inner().pool.unwrap().readiness.unwrap();
    assert_eq!(rules.site_kinds, [v1::SiteKind::Home as i32]);
    assert_eq!(rules.valid_for, ms(43_200_000));
    assert_eq!(rules.pass.unwrap().loss_percent, Some(1.0));
    assert_eq!(rules.suspend.unwrap().mos, Some(3.5));
}

async fn keeping(world: &World) -> Vec<String> {
    let explain = v1::ExplainAgentRequest {
        agent_id: "ann".into(),
    };
    let told = world.supervision().explain_agent(explain).await.unwrap();
    let keeping = told.into_inner().keeping.into_iter();
    keeping.map(|keeping| keeping.reason).collect()
}

#[tokio::test]
async fn a_check_lets_an_agent_at_home_take_calls_until_the_line_gets_bad() {
    let world = World::with_agents().await;
    ask_for_checks(&world).await;
    let _ann = Desktop::ready(&world, "ann").await;
    assert_eq!(keeping(&world).await, ["readiness_missing"]);
    let good = v1::ReportReadinessRequest {
        set_up: Some(v1::SetUp {
            connection: ConnectionType::Wired.into(),
            client: "desk 4.2".into(),
            ..v1::SetUp::default()
        }),
        ..check("k1", 40)
    };
    let said = world.sessions().report_readiness(good).await.unwrap();
    let said = said.into_inner().readiness.unwrap();
    assert_eq!(said.standing(), ReadinessBand::Pass);
    // Half the round trip and the time of a packet are 45 ms: the echo of that costs a little over 1 of R.
    assert!((91.8..92.0).contains(&said.r_factor), "{}", said.r_factor);
    assert!((4.37..4.39).contains(&said.mos), "{}", said.mos);
    assert_eq!(said.codec, "G.711+PLC(App.I)");
    assert_eq!(said.set_up.unwrap().client, "desk 4.2");
    assert!(keeping(&world).await.is_empty());
    for id in ["k2", "k3", "k4"] {
        let bad = check(id, 500);
        world.sessions().report_readiness(bad).await.unwrap();
    }
    assert_eq!(keeping(&world).await, ["line_quality"]);
    let get = v1::GetAgentRequest {
        agent_id: "ann".into(),
    };
    let agent = world.directory().get_agent(get).await.unwrap();
    let said = agent.into_inner().agent.unwrap().readiness.unwrap();
    assert_eq!(said.standing(), ReadinessBand::Suspend);
    assert!(said.certified_until.is_some());
}
