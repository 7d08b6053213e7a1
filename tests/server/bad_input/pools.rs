//! Configurations that cannot be.

use homeshore::proto::v1;
use tonic::Code::{FailedPrecondition, NotFound};

use super::{Expected, LONG, check, expect, invalid};
use crate::support::{World, call, pool, queue};

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table, a row each")]
async fn pools_are_refused_by_field_whole() {
    let world = World::with_agents().await;
    let with = |change: &dyn Fn(&mut v1::Pool)| {
        let mut changed = pool();
        changed.queues.push(queue("more"));
        change(&mut changed);
        changed
    };
    let long = |seconds, nanos| Some(prost_types::Duration { seconds, nanos });
    let overflow = |seconds, to_pool: &str, to_queue: &str| {
        Some(v1::Overflow {
            after: long(seconds, 0),
            to_pool: to_pool.into(),
            to_queue: to_queue.into(),
        })
    };
    let rows: Vec<(Expected, v1::Pool)> = vec![
        (invalid("no id", "pool.id"), with(&|p| p.id.clear())),
        (
            invalid("a bad id", "pool.id"),
            with(&|p| p.id = "../x".into()),
        ),
        (
            invalid("1 MB id", "pool.id"),
            with(&|p| p.id = "x".repeat(LONG)),
        ),
        (
            invalid("1,001 queues", "pool.queues"),
            with(&|p| p.queues = vec![queue("q"); 1_001]),
        ),
        (
            invalid("a queue twice", "pool.queues[1].id"),
            with(&|p| p.queues[1].id = "sales".into()),
        ),
        (
            invalid("no target", "pool.queues[1].target"),
            with(&|p| p.queues[1].target = None),
        ),
        (
            invalid(
                "an extension of no limit",
                "pool.queues[1].wrap_up_extension",
            ),
            with(&|p| p.queues[1].wrap_up_extension = long(30, 0)),
        ),
        (
            invalid("a negative extension", "pool.queues[1].wrap_up_extension"),
            with(&|p| p.queues[1].wrap_up_extension = long(-30, 0)),
        ),
        (
            invalid("a longest call of a second", "pool.queues[1].longest_call"),
            with(&|p| p.queues[1].longest_call = long(1, 0)),
        ),
        (
            invalid("a longest call of a year", "pool.queues[1].longest_call"),
            with(&|p| p.queues[1].longest_call = long(31_536_000, 0)),
        ),
        (
            invalid("a disposition twice", "pool.dispositions[1]"),
            with(&|p| p.dispositions = vec!["solved".into(); 2]),
        ),
        (
            invalid("1 MB disposition", "pool.dispositions[0]"),
            with(&|p| p.dispositions = vec!["d".repeat(LONG)]),
        ),
        (
            invalid("a negative target", "pool.queues[1].target"),
            with(&|p| p.queues[1].target = long(-1, 0)),
        ),
        (
            invalid("an absurd target", "pool.queues[1].target"),
            with(&|p| p.queues[1].target = long(i64::MAX, 0)),
        ),
        (
            invalid("a target with -1 ns", "pool.queues[1].target"),
            with(&|p| p.queues[1].target = long(1, -1)),
        ),
        (
            invalid("no rings", "pool.queues[1].rings"),
            with(&|p| p.queues[1].rings.clear()),
        ),
        (
            invalid("9 rings", "pool.queues[1].rings"),
            with(&|p| p.queues[1].rings = vec![v1::Ring::default(); 9]),
        ),
        (
            invalid("level 0", "pool.queues[1].rings[0].skills[0].level"),
            with(&|p| p.queues[1].rings[0].skills[0].level = 0),
        ),
        (
            invalid("site kind 9", "pool.queues[1].rings[0].site_kinds[0]"),
            with(&|p| p.queues[1].rings[0].site_kinds = vec![9]),
        ),
        (
            invalid("offer mode 9", "pool.queues[1].offer_mode"),
            with(&|p| p.queues[1].offer_mode = 9),
        ),
        (
            invalid("unstaffed 9", "pool.queues[1].when_unstaffed"),
            with(&|p| p.queues[1].when_unstaffed = 9),
        ),
        (
            invalid("an overflow at once", "pool.queues[1].overflow.after"),
            with(&|p| p.queues[1].overflow = overflow(0, "", "sales")),
        ),
        (
            invalid("a negative overflow", "pool.queues[1].overflow.after"),
            with(&|p| p.queues[1].overflow = overflow(-1, "", "sales")),
        ),
        (
            invalid("an unknown queue", "pool.queues[1].overflow.to_queue"),
            with(&|p| p.queues[1].overflow = overflow(9, "", "nowhere")),
        ),
        (
            invalid("a circle", "pool.queues[1].overflow.to_queue"),
            with(&|p| p.queues[1].overflow = overflow(9, "", "more")),
        ),
        (
            invalid("no pool's id", "pool.queues[1].overflow.to_pool"),
            with(&|p| p.queues[1].overflow = overflow(9, "No Where", "q")),
        ),
        (
            invalid("its own pool", "pool.queues[1].overflow.to_pool"),
            with(&|p| p.queues[1].overflow = overflow(9, "default", "sales")),
        ),
        (
            invalid("no queue there", "pool.queues[1].overflow.to_queue"),
            with(&|p| p.queues[1].overflow = overflow(9, "north", "")),
        ),
        (
            invalid("NUL in a queue", "pool.queues[1].overflow.to_queue"),
            with(&|p| p.queues[1].overflow = overflow(9, "north", "a\0b")),
        ),
        (
            invalid("an absurd estimate", "pool.queues[1].max_estimated_wait"),
            with(&|p| p.queues[1].max_estimated_wait = long(90_000, 0)),
        ),
        (
            invalid("-1 waiting", "pool.queues[1].max_waiting"),
            with(&|p| p.queues[1].max_waiting = -1),
        ),
        (
            invalid("selection 9", "pool.queues[1].selection"),
            with(&|p| p.queues[1].selection = 9),
        ),
        (
            invalid("a group that is not there", "pool.queues[1].groups[0]"),
            with(&|p| p.queues[1].groups = vec!["nobody".into()]),
        ),
        (invalid("order 9", "pool.order"), with(&|p| p.order = 9)),
        (
            invalid("a goal of 101 %", "pool.queues[1].goal_percent"),
            with(&|p| p.queues[1].goal_percent = 101),
        ),
        (
            invalid("a hold of 11 min", "pool.queues[1].preferred_hold"),
            with(&|p| p.queues[1].preferred_hold = long(660, 0)),
        ),
        (
            invalid("65 groups", "pool.groups"),
            with(&|p| p.groups = vec![v1::AgentGroup::default(); 65]),
        ),
        (
            invalid("a group without a name", "pool.groups[0].name"),
            with(&|p| p.groups = vec![v1::AgentGroup::default()]),
        ),
        (
            invalid("a group's unknown skill", "pool.groups[0].skills[0].skill"),
            with(&|p| {
                p.skills = vec!["french".into()];
                p.groups = vec![group(|group| group.skills = vec![level_one("juggling")])];
            }),
        ),
        (
            invalid("a group's site kind 9", "pool.groups[0].site_kinds[0]"),
            with(&|p| p.groups = vec![group(|group| group.site_kinds = vec![9])]),
        ),
        (
            invalid("a group's unknown queue", "pool.groups[0].queues[0]"),
            with(&|p| p.groups = vec![group(|group| group.queues = vec!["nowhere".into()])]),
        ),
        (
            invalid("a group's queue named twice", "pool.groups[0].queues[1]"),
            with(&|p| {
                let queue = p.queues[0].id.clone();
                p.groups = vec![group(|group| {
                    group.queues = vec![queue.clone(), queue.clone()];
                })];
            }),
        ),
    ];
    for (expected, pool) in rows {
        check(&expected, world.apply_pool(pool).await);
    }
    let request = v1::ApplyPoolRequest::default();
    check(
        &invalid("no pool", "pool"),
        world.pools().apply_pool(request).await,
    );
    world.routing().route_call(call("c1")).await.unwrap();
    let mut without = pool();
    without.queues[0].id = "other".into();
    let in_use = expect(
        "a queue with calls",
        FailedPrecondition,
        "QUEUE_IN_USE",
        "pool.queues",
    );
    check(&in_use, world.apply_pool(without).await);
    let get = v1::GetPoolRequest {
        pool_id: "nowhere".into(),
    };
    check(
        &expect("unknown pool", NotFound, "POOL_NOT_FOUND", "homeshore-pool"),
        world.pools().get_pool(get).await,
    );
    let now = world
        .pools()
        .get_pool(v1::GetPoolRequest::default())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(now.pool.unwrap().queues.len(), 1, "nothing was half done");
}

/// A group with one thing about it.
fn group(change: impl Fn(&mut v1::AgentGroup)) -> v1::AgentGroup {
    let mut group = v1::AgentGroup {
        name: "some".into(),
        ..v1::AgentGroup::default()
    };
    change(&mut group);
    group
}

fn level_one(skill: &str) -> v1::SkillLevel {
    v1::SkillLevel {
        skill: skill.into(),
        level: 1,
    }
}
