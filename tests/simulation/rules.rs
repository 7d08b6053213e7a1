//! The rules of a log one by one, and those of a pool that is given.

use std::ops::ControlFlow;

use homeshore::{
    engine::{
        ids::{PoolId, QueueId, SkillName},
        profile::SkillLevel,
        spec::{
            CallbackSpec, OfferMode, OverflowSpec, PoolSpec, PrioritySpec, QueueSpec, RingSpec,
            WhenUnstaffed,
        },
    },
    simulation::trace::Summary,
};

use super::{AGENTS, CALLS, play, read, written};

/// What becomes of a log, without its first line, and the figures.
fn result(agents: &str, calls: &str, pool: Option<PoolSpec>) -> (String, Summary) {
    let agents = format!("{AGENTS}{}\n", agents.replace(' ', "\n"));
    let calls = format!("{CALLS}{}\n", calls.replace(' ', "\n"));
    let trace = read(agents.as_bytes(), calls.as_bytes(), pool)
        .unwrap_or_else(|problems| panic!("{problems}"));
    let report = play(&trace);
    let rows = written(&trace, &report);
    let (_, rows) = rows.split_once('\n').unwrap();
    (rows.trim_end().replace('\n', " "), report.summary())
}

fn rows(agents: &str, calls: &str) -> String {
    result(agents, calls, None).0
}

/// The rule, agents, calls, and what becomes of the calls.
const RULES: &[(&str, &str, &str, &str)] = &[
    (
        "the agent idle longest, then the lower id",
        "b,x,0,99,0 a,x,0,99,0 c,x,1,99,0",
        "k1,5,x,0,2,9 k2,6,x,0,9,9 k3,6,x,0,9,9 k4,8,x,0,9,9",
        "k1,ANSWERED,a,5,7,0 k2,ANSWERED,b,6,15,0 k3,ANSWERED,c,6,15,0 k4,ANSWERED,a,8,17,0",
    ),
    (
        "the lowest priority number first, whatever the waits",
        "a,x,50,99,0",
        "k1,1,x,1,9,900 k2,2,x,7,9,900 k3,40,x,0,9,900",
        "k1,ANSWERED,a,59,68,58 k2,ANSWERED,a,68,77,66 k3,ANSWERED,a,50,59,10",
    ),
    (
        "a call that only others can take does not stand in the way",
        "a,y|z,10,99,0 b,x,20,99,0",
        "k1,1,x,0,5,900 k2,2,z,0,5,900",
        "k1,ANSWERED,b,20,25,19 k2,ANSWERED,a,10,15,8",
    ),
    (
        "patience ends before an agent comes free in the same millisecond",
        "a,x,0,99,0",
        "k1,1,x,0,9,9 k2,2,x,0,9,8 k3,3,x,0,9,8",
        "k1,ANSWERED,a,1,10,0 k2,ABANDONED,,,10,8 k3,ANSWERED,a,10,19,7",
    ),
    (
        "ends come before log-ins, log-ins before arrivals",
        "a,x,10,99,0 b,x,0,99,0",
        "k1,1,x,0,9,9 k2,2,x,0,5,50 k3,10,x,0,5,50",
        "k1,ANSWERED,b,1,10,0 k2,ANSWERED,b,10,15,8 k3,ANSWERED,a,10,15,0",
    ),
    (
        "a call that arrives as an agent signs out is still taken, and no other after it",
        "a,x,0,10,0",
        "k1,10,x,0,9,5 k2,11,x,0,9,5",
        "k1,ANSWERED,a,10,19,0 k2,ABANDONED,,,16,5",
    ),
    (
        "who is to sign out while talking gets no further call",
        "a,x,0,10,0",
        "k1,5,x,0,9,5 k2,6,x,0,9,50",
        "k1,ANSWERED,a,5,14,0 k2,ABANDONED,,,56,50",
    ),
    (
        "wrap-up keeps an agent from the next call",
        "a,x,0,99,7",
        "k1,1,x,0,9,9 k2,2,x,0,9,90",
        "k1,ANSWERED,a,1,10,0 k2,ANSWERED,a,17,26,15",
    ),
    (
        "a talk of no length frees the agent in the same millisecond",
        "a,x,0,99,0",
        "k1,5,x,0,0,9 k2,5,x,0,0,9 k3,5,x,0,0,0",
        "k1,ANSWERED,a,5,5,0 k2,ANSWERED,a,5,5,0 k3,ANSWERED,a,5,5,0",
    ),
    (
        "calls need not be in the order of their arrival",
        "a,x,10,99,0",
        "k1,4,x,0,1,90 k2,3,x,0,1,90 k3,3,x,0,1,90",
        "k1,ANSWERED,a,12,13,8 k2,ANSWERED,a,10,11,7 k3,ANSWERED,a,11,12,8",
    ),
    (
        "a talk of days is nothing special",
        "a,x,0,999999999,0",
        "k1,5,x,0,900000000,9",
        "k1,ANSWERED,a,5,900000005,0",
    ),
];

#[test]
fn a_log_follows_its_rules() {
    for (rule, agents, calls, expected) in RULES {
        assert_eq!(rows(agents, calls), *expected, "{rule}");
    }
}

#[test]
fn the_summary_counts() {
    let (_, summary) = result(
        "a,x,0,99000,0",
        "k1,0,x,0,21000,9 k2,1,x,0,9,90000 k3,1001,x,0,9,90000 k4,9,x,0,9,500",
        None,
    );
    let expected = Summary {
        calls: 4,
        answered: 3,
        abandoned: 1,
        others: std::collections::BTreeMap::new(),
        mean_wait_ms: Some((20_999 + 20_008) / 3),
        sl_offered: Some(0.25),
        target_ms: 20_000,
        virtual_ms: 99_000,
    };
    assert_eq!(summary, expected);
}

#[test]
fn whoever_watches_may_break_it_off() {
    let agents = format!("{AGENTS}a,x,0,9999999,0\n");
    let rows: Vec<String> = (0..2_000).map(|n| format!("k{n},{n},x,0,9,1")).collect();
    let calls = format!("{CALLS}{}", rows.join("\n"));
    let trace = read(agents.as_bytes(), calls.as_bytes(), None).unwrap();
    let mut told = Vec::new();
    let report = trace
        .run(&mut |over| {
            told.push(over);
            ControlFlow::Break(())
        })
        .unwrap();
    assert!(report.is_cut_short);
    let summary = report.summary();
    assert_eq!(told, [summary.calls as usize]);
    assert!(summary.calls > 0 && summary.calls < 2_000, "{summary:?}");
}

/// A pool with the queues `x` and `y`, each for its skill.
fn pool(change: impl FnOnce(&mut QueueSpec)) -> PoolSpec {
    let mut queues =
        ["x", "y"].map(|name| QueueSpec::new(QueueId::new(name), 20_000, vec![ring(0, name, 1)]));
    change(&mut queues[0]);
    PoolSpec::new(PoolId::new("other"), queues.to_vec())
}

fn ring(after_ms: u64, skill: &str, level: u8) -> RingSpec {
    let skill = SkillName::new(skill);
    RingSpec {
        after_ms,
        skills: vec![SkillLevel { skill, level }],
        site_kinds: Vec::new(),
    }
}

const CALLBACK: CallbackSpec = CallbackSpec {
    ring_ms: 45_000,
    retry_after_ms: 60_000,
    attempts: 2,
    until_after_ms: 3_600_000,
};

/// After 3 s to the queue `y`, of another pool if one is named.
fn overflow(pool: Option<&str>) -> OverflowSpec {
    OverflowSpec {
        after_ms: 3_000,
        to_pool: pool.map(PoolId::new),
        to_queue: QueueId::new("y"),
    }
}

type Change = fn(&mut QueueSpec);

/// The rule, how the queue `x` is changed for it, agents, calls, and what becomes of the calls.
const RULES_OF_POOLS: &[(&str, Change, &str, &str, &str)] = &[
    (
        "a ring that widens; the talk is over before anything else of the log",
        |queue| queue.rings = vec![ring(0, "x", 3), ring(5_000, "x", 1)],
        "a,x,0,99000,0 b,x:2|y:3,90000,99000,0",
        "k1,1000,x,0,700,60000 k2,80000,x,0,1,1",
        "k1,ANSWERED,a,6000,6700,5000 k2,ABANDONED,,,80001,1",
    ),
    (
        "an agent with the level comes first",
        |queue| queue.rings = vec![ring(0, "x", 3)],
        "a,x:2,0,99,0 b,x:3,1,99,0",
        "k1,5,x,0,1,9",
        "k1,ANSWERED,b,5,6,0",
    ),
    (
        "the phone rings",
        |queue| queue.offer_mode = OfferMode::Ring,
        "a,x,0,99,0",
        "k1,5,x,0,1,9",
        "k1,ANSWERED,a,5,6,0",
    ),
    (
        "the queue's limit ends wrap-up, and what the log says of it later is void",
        |queue| queue.wrap_up_limit_ms = 4_000,
        "a,x,0,99000,30000",
        "k1,5,x,0,5,9 k2,6,x,0,5,9000 k3,35000,x,0,5,9000",
        "k1,ANSWERED,a,5,10,0 k2,ANSWERED,a,4010,4015,4004 k3,ANSWERED,a,35000,35005,0",
    ),
    (
        "the platform says that a long talk goes on, each time it is asked",
        |queue| queue.longest_call_ms = 600_000,
        "a,x,0,99,0",
        "k1,5,x,0,3600000,9",
        "k1,ANSWERED,a,5,3600005,0",
    ),
    (
        "a call that waits for long times out",
        |queue| queue.time_out_ms = 5_000,
        "a,x,0,90000,0",
        "k1,5,x,0,60000,9 k2,6,x,0,5,9000",
        "k1,ANSWERED,a,5,60005,0 k2,TIMED_OUT,,,5006,5000",
    ),
    (
        "or goes to another queue",
        |queue| queue.overflow = Some(overflow(None)),
        "a,x,0,90000,0 b,y,0,90000,0",
        "k1,5,x,0,60000,9 k2,6,x,0,5,9000",
        "k1,ANSWERED,a,5,60005,0 k2,ANSWERED,b,3006,3011,3000",
    ),
    (
        "or to another pool",
        |queue| queue.overflow = Some(overflow(Some("there"))),
        "a,x,0,90000,0",
        "k1,5,x,0,60000,9 k2,6,x,0,5,9000",
        "k1,ANSWERED,a,5,60005,0 k2,OVERFLOWED,,,3006,3000",
    ),
    (
        "nobody is there to take it",
        |queue| queue.when_unstaffed = WhenUnstaffed::Divert,
        "a,x,10,99,0",
        "k1,5,x,0,1,9 k2,10,x,0,1,9",
        "k1,DIVERTED,,,5,0 k2,ANSWERED,a,10,11,0",
    ),
    (
        "the caller is called back, and does not hang up meanwhile",
        |queue| {
            queue.when_unstaffed = WhenUnstaffed::Callback;
            queue.callback = Some(CALLBACK);
            queue.offer_mode = OfferMode::Ring;
        },
        "a,x,100,999,0",
        "k1,5,x,0,1,9",
        "k1,ANSWERED,a,100,101,95",
    ),
    (
        "the caller cannot be called back, as nobody comes: the log goes on until that is known",
        |queue| {
            queue.when_unstaffed = WhenUnstaffed::Callback;
            queue.callback = Some(CALLBACK);
        },
        "a,x,0,4,0",
        "k1,5,x,0,1,9",
        "k1,UNREACHED,,,3600005,3600000",
    ),
];

#[test]
fn a_given_pool_keeps_its_rules() {
    for (rule, change, agents, calls, expected) in RULES_OF_POOLS {
        let (rows, summary) = result(agents, calls, Some(pool(change)));
        assert_eq!(rows, *expected, "{rule}");
        let others: u32 = summary.others.values().sum();
        let sum = summary.answered + summary.abandoned + others;
        assert_eq!(summary.calls, sum, "{rule}");
    }
}

#[test]
fn calls_have_the_pools_priorities_if_it_names_numbers() {
    let log = ("a,x,50,99,0", "k1,1,x,0,5,900 k2,2,x,1,5,900");
    let mut pool = pool(|_as_it_is| {});
    let strict = "k1,ANSWERED,a,50,55,49 k2,ANSWERED,a,55,60,53";
    assert_eq!(result(log.0, log.1, Some(pool.clone())).0, strict);
    let priority = |name: &str, head_start_ms| PrioritySpec {
        name: name.into(),
        head_start_ms,
    };
    pool.priorities = vec![priority("0", 0), priority("1", 60_000)];
    let turned = "k1,ANSWERED,a,55,60,54 k2,ANSWERED,a,50,55,48";
    assert_eq!(result(log.0, log.1, Some(pool)).0, turned);
}
