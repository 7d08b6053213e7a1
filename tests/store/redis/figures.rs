//! Figures of the store on Redis: how long a pool takes to load, what memory an agent takes, how many commits there are in a
//! second beside the plainest way to write the same. Small by itself; `make redis-figures` takes 150,000 agents.

use std::{sync::Arc, time::Duration};

use homeshore::{
    clock,
    engine::{
        Engine, Limits,
        command::Command,
        ids::{AgentId, Moment, PoolTime, SkillName, WallTime},
        profile::{AgentProfile, ProfileFields, Site, SiteKind, SkillLevel},
    },
    store::{Batch, Store},
};

use super::{
    super::{acquire, put},
    north, open, options,
};
use crate::support::redis::Redis;

/// Agents of one command.
const AT_ONCE: usize = 500;

fn agents() -> usize {
    let given = std::env::var_os("HOMESHORE_AGENTS");
    let given = given.and_then(|text| text.to_str()?.parse().ok());
    given.unwrap_or(1_500)
}

fn profile(number: usize) -> AgentProfile {
    let skill = |at: usize| SkillLevel {
        skill: SkillName::new(format!("skill-{}", (number * 7 + at * 31) % 200)),
        level: u8::try_from(1 + (number + at) % 5).unwrap(),
    };
    let mut skills: Vec<SkillLevel> = (0..=(number % 8)).map(skill).collect();
    skills.sort_by(|a, b| a.skill.cmp(&b.skill));
    skills.dedup_by(|a, b| a.skill == b.skill);
    AgentProfile {
        id: AgentId::new(format!("agent-{number}")),
        display_name: format!("Agent Number {number}").into(),
        skills,
        site: Site {
            id: format!("home-{number}").into(),
            kind: SiteKind::Home,
            region: "north".into(),
            provider: "fibrenet".into(),
        },
        address: format!("sip:agent-{number}@example.org").into(),
        team: format!("team-{}", number % 400).into(),
        employer: "own".into(),
        terms: None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_of_many_agents_loads_in_time() {
    let redis = Redis::start(&[]);
    let url = redis.url();
    let store = open(&url, options());
    let lease = acquire(&store, &north()).await;
    let limits = Limits {
        agents: 1_000_000,
        ..Limits::default()
    };
    let mut engine = Engine::new(north(), limits);
    let empty: usize = redis.info("used_memory").parse().unwrap();
    let count = agents();
    for (revision, first) in (1..).zip((0..count).step_by(AT_ONCE)) {
        let last = (first + AT_ONCE).min(count);
        let command = Command::ApplyAgents {
            agents: (first..last).map(profile).collect(),
            fields: ProfileFields::ALL,
        };
        let at = Moment {
            now: PoolTime(revision),
            wall: WallTime(0),
        };
        engine.apply(at, &command, &mut Vec::new()).unwrap();
        let batch = Batch {
            revision,
            pool_time: at.now,
            deltas: engine.take_changes().deltas,
            ..Batch::default()
        };
        store.commit(&lease, Arc::new(batch)).await.unwrap();
    }
    let full: usize = redis.info("used_memory").parse().unwrap();
    store.release(&lease).await.unwrap();

    let next = open(&url, options());
    let begun = clock::instant();
    let lease = acquire(&next, &north()).await;
    let loaded = next.load(&lease).await.unwrap();
    let read = begun.elapsed();
    let again = Engine::load(north(), limits, &loaded.records, loaded.pool_time).unwrap();
    let whole = begun.elapsed();
    eprintln!(
        "{count} agents: read in {} ms, in the engine after {} ms; {} bytes of Redis an agent",
        read.as_millis(),
        whole.as_millis(),
        (full - empty) / count
    );
    assert_eq!(again.dump(), engine.dump());
    // Even a slow build on a busy machine.
    let most = Duration::from_secs(60);
    assert!(whole < most, "{whole:?}");
}

/// Batches of a busy pool: 32 changes of 200 bytes and 8 events.
fn batches(count: u32) -> Vec<Arc<Batch>> {
    let batch = |revision: u64| Batch {
        revision,
        pool_time: PoolTime(revision),
        deltas: (0..32)
            .map(|at| {
                let key = format!("call-state/c-{}", (revision * 32 + at) % 50_000);
                put(&key, &format!("{revision:0200}"))
            })
            .collect(),
        events: (0..8)
            .map(|at| format!("{{\"event\":\"{at:0150}\"}}"))
            .collect(),
        details: Vec::new(),
    };
    (1..=count)
        .map(|revision| Arc::new(batch(u64::from(revision))))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commits_are_measured_beside_plain_writes() {
    let count = if agents() > 10_000 { 5_000 } else { 200 };
    let batches = batches(count);
    let mut ratios = Vec::new();
    for _ in 0..5 {
        let redis = Redis::start(&[]);
        let plain = redis.plain_writes(&batches);
        redis.ask(&["FLUSHALL"]);
        let store = open(&redis.url(), options());
        let lease = acquire(&store, &north()).await;
        let begun = clock::instant();
        for batch in &batches {
            store.commit(&lease, Arc::clone(batch)).await.unwrap();
        }
        let took = begun.elapsed();
        let per_second = |time: Duration| f64::from(count) / time.as_secs_f64();
        eprintln!(
            "{count} batches of 32 changes and 8 events, one after another: {:.0} commits/s ({:.0} changes/s); plain writes {:.0}/s",
            per_second(took),
            per_second(took) * 32.0,
            per_second(plain)
        );
        ratios.push(per_second(took) / per_second(plain));
    }
    ratios.sort_by(f64::total_cmp);
    eprintln!(
        "commits are {:.2} of plain writes (the middle of five)",
        ratios[2]
    );
    assert!(ratios[2] > 0.05, "{ratios:?}");
}
