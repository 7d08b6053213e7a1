//! How many candidates an assignment says that there were.

use homeshore::engine::{
    CANDIDATES_COUNTED, Limits,
    agent::Intent,
    command::{Command, SessionRef},
    event::Event,
};

use super::world::{World, apply_agent, call, profile, queue, site_kind, spec};

/// The candidates of the first call of a pool in which so many agents are free.
fn candidates(free: usize) -> u32 {
    let mut world = World::new(Limits::default());
    let pool = Command::ApplyPool(Box::new(spec(vec![queue("q", "fr:1")])));
    world.apply(&pool).unwrap();
    for number in 0..free {
        let record = profile(&format!("a{number}"), "fr:1", site_kind("home"));
        let agent = record.id.clone();
        world.apply(&apply_agent(record)).unwrap();
        let by = SessionRef {
            agent: agent.clone(),
            session: 1,
            sequence: 0,
        };
        let open = Command::OpenSession {
            agent,
            stream: true,
        };
        world.apply(&open).unwrap();
        let intent = Some(Intent::Ready);
        world.apply(&Command::SetIntent { by, intent }).unwrap();
    }
    let route = Command::RouteCall(Box::new(call("c1", "q")));
    let events = world.apply(&route).unwrap();
    let made = events.iter().find_map(|event| match event {
        Event::OfferMade { candidates, .. } => Some(*candidates),
        _ => None,
    });
    made.expect("somebody is free")
}

#[test]
fn candidates_are_counted_exactly_to_100_and_then_as_more() {
    assert_eq!(CANDIDATES_COUNTED, 100);
    for (free, said) in [(1, 1), (99, 99), (100, 100), (101, 101), (130, 101)] {
        assert_eq!(candidates(free), said, "{free} are free");
    }
}
