//! An answer for repeats is stored with its change, or not at all.

use std::sync::Arc;

use homeshore::{
    engine::{
        Engine, Limits,
        answers::{NewAnswer, RequestKey},
        command::Command,
        ids::{AgentId, Moment, PoolTime, WallTime},
        profile::{AgentProfile, ProfileFields, Site, SiteKind},
    },
    store::Batch,
};

use super::{
    Place,
    contract::{owned, pool},
};

fn request(agent: &str) -> RequestKey {
    RequestKey {
        client: "hr".into(),
        id: agent.into(),
    }
}

/// Creates an agent, keeps the answer, and gives the one batch of both.
fn change(engine: &mut Engine, agent: &str, revision: u64) -> Arc<Batch> {
    let profile = AgentProfile {
        id: AgentId::new(agent),
        display_name: agent.into(),
        skills: Vec::new(),
        site: Site {
            id: "centre".into(),
            kind: SiteKind::Telecentre,
            region: "".into(),
            provider: "".into(),
        },
        address: "".into(),
        team: "".into(),
        employer: "".into(),
        terms: None,
    };
    let create = Command::ApplyAgents {
        agents: vec![profile],
        fields: ProfileFields::ALL,
    };
    let keep = Command::KeepAnswer(Box::new(NewAnswer {
        request: request(agent),
        digest: "digest".into(),
        answer: "0801".into(),
    }));
    let at = Moment {
        now: PoolTime(revision * 1_000),
        wall: WallTime(0),
    };
    for command in [create, keep] {
        engine.apply(at, &command, &mut Vec::new()).unwrap();
    }
    Arc::new(Batch {
        revision,
        pool_time: at.now,
        deltas: engine.take_changes().deltas,
        ..Batch::default()
    })
}

pub(super) async fn an_answer_is_there_if_its_change_is(place: &dyn Place) {
    let (store, lease) = owned(place).await;
    let mut engine = Engine::new(pool(), Limits::default());
    let stored = change(&mut engine, "ann", 1);
    store.commit(&lease, stored).await.unwrap();
    let _lost_in_a_crash = change(&mut engine, "bob", 2);
    drop(store);

    let (store, lease) = owned(place).await;
    let loaded = store.load(&lease).await.unwrap();
    let engine = Engine::load(pool(), Limits::default(), &loaded.records, loaded.pool_time);
    let engine = engine.unwrap();
    let kept = |agent| {
        engine
            .kept_answer(&request(agent))
            .map(|kept| &*kept.answer)
    };
    let is_there = |agent| engine.agent_view(&AgentId::new(agent)).is_some();
    assert_eq!((is_there("ann"), kept("ann")), (true, Some("0801")));
    assert_eq!((is_there("bob"), kept("bob")), (false, None));
}
