//! Answers are kept for a while and within bounds.

use homeshore::engine::{
    Limits,
    answers::{NewAnswer, RequestKey},
    command::Command,
    event::Event,
};

use super::world::World;

fn request(client: &str, id: usize) -> RequestKey {
    RequestKey {
        client: client.into(),
        id: format!("r{id}").into(),
    }
}

fn keep(world: &mut World, request: RequestKey, bytes: usize) -> Vec<RequestKey> {
    let command = Command::KeepAnswer(Box::new(NewAnswer {
        request,
        digest: "same".into(),
        answer: "0".repeat(bytes).into(),
    }));
    let events = world.apply(&command).expect("an answer is kept");
    let forgotten = events.into_iter().filter_map(|event| match event {
        Event::AnswerForgotten { request } => Some(request),
        _ => None,
    });
    forgotten.collect()
}

fn kept(world: &World, client: &str, ids: std::ops::Range<usize>) -> usize {
    let known = ids.filter(|id| world.engine.kept_answer(&request(client, *id)).is_some());
    known.count()
}

#[test]
fn the_oldest_answers_of_a_client_make_room_for_its_own() {
    let mut world = World::new(Limits::default());
    keep(&mut world, request("other", 0), 2);
    for id in 0..300 {
        world.now += 1;
        let forgotten = keep(&mut world, request("feed", id), 2);
        let expected = id.checked_sub(256).map(|oldest| request("feed", oldest));
        assert_eq!(forgotten, Vec::from_iter(expected));
    }
    assert_eq!(kept(&world, "feed", 0..300), 256);
    assert_eq!(kept(&world, "other", 0..1), 1);
    assert_eq!(world.records(), world.engine.dump());
}

#[test]
fn the_oldest_answers_of_a_pool_make_room_whoever_asks() {
    let mut world = World::new(Limits::default());
    for id in 0..4_100 {
        world.now += 1;
        keep(&mut world, request(&format!("client-{id}"), 0), 2);
    }
    let known = |id: &usize| kept(&world, &format!("client-{id}"), 0..1) == 1;
    let gone: Vec<usize> = (0..4_100).filter(|id| !known(id)).collect();
    assert_eq!(gone, [0, 1, 2, 3]);
}

#[test]
fn large_answers_make_room_by_bytes_and_one_too_large_is_not_kept() {
    let mut world = World::new(Limits::default());
    let six = 6 << 20;
    for id in 0..2 {
        world.now += 1;
        assert_eq!(keep(&mut world, request("feed", id), six), []);
    }
    world.now += 1;
    assert_eq!(
        keep(&mut world, request("feed", 2), six),
        [request("feed", 0)]
    );
    assert_eq!(keep(&mut world, request("feed", 3), 17 << 20), []);
    assert_eq!(kept(&world, "feed", 0..4), 2);
}
