//! The pool that routes a log: one made for it, or one that was given.

use std::{collections::BTreeSet, sync::Arc};

use super::{Agent, Call, table::Problems};
use crate::engine::{
    command::NewCall,
    ids::{PlatformKey, PoolId, QueueId, SkillName},
    profile::{AgentProfile, Site, SiteKind, SkillLevel},
    spec::{PoolSpec, PrioritySpec, QueueSpec, RingSpec, STRICT_HEAD_START_MS},
};

/// Target answer time of a log's own queues, and of the service level in the summary.
pub(super) const TARGET_MS: u64 = 20_000;
/// The engine knows head starts of so many steps.
const PRIORITIES_MAX: usize = 1_000;

/// A queue for each skill that calls ask for, and no limit to a conversation.
pub(super) fn of_log(calls: &[Call], file: &str, problems: &mut Problems) -> PoolSpec {
    let skills: BTreeSet<&str> = calls.iter().map(|call| &*call.skill).collect();
    let queues = skills.into_iter().map(queue).collect();
    let mut pool = PoolSpec::new(PoolId::new("default"), queues);
    pool.priorities = strict(calls, file, problems);
    pool
}

fn queue(skill: &str) -> QueueSpec {
    let ring = RingSpec {
        after_ms: 0,
        skills: vec![SkillLevel {
            skill: SkillName::new(skill),
            level: 1,
        }],
        site_kinds: Vec::new(),
    };
    QueueSpec {
        longest_call_ms: 0,
        ..QueueSpec::new(QueueId::new(skill), TARGET_MS, vec![ring])
    }
}

/// The lowest number is served first, whatever the waits.
fn strict(calls: &[Call], file: &str, problems: &mut Problems) -> Vec<PrioritySpec> {
    let numbers: BTreeSet<u64> = calls.iter().map(|call| call.priority).collect();
    if numbers.len() > PRIORITIES_MAX {
        let count = numbers.len();
        let what = format!("`priority` has {count} values; give at most {PRIORITIES_MAX}");
        problems.note(file, 1, &what);
        return Vec::new();
    }
    let head_starts = (0..).map(|step: i64| step * STRICT_HEAD_START_MS);
    let last_first = numbers.into_iter().rev().zip(head_starts);
    last_first
        .map(|(number, head_start_ms)| PrioritySpec {
            name: number.to_string().into(),
            head_start_ms,
        })
        .collect()
}

/// The given pool, which must have the calls' queues. If it names priorities by number, the calls have those; else the
/// lowest number is served first, strictly.
pub(super) fn fitted(
    mut pool: PoolSpec,
    calls: &[Call],
    file: &str,
    problems: &mut Problems,
) -> PoolSpec {
    let queues: BTreeSet<&str> = pool.queues.iter().map(|queue| queue.id.as_str()).collect();
    let named: BTreeSet<u64> = pool
        .priorities
        .iter()
        .filter_map(|priority| priority.name.parse().ok())
        .collect();
    for call in calls {
        let mut note = |what: String| problems.note(file, call.line, &what);
        if !call.skill.is_empty() && !queues.contains(&*call.skill) {
            let skill = &call.skill;
            note(format!(
                "`skill` is `{skill}`, which is no queue of the pool"
            ));
        }
        if !named.is_empty() && !named.contains(&call.priority) {
            let priority = call.priority;
            note(format!(
                "`priority` is {priority}, which the pool does not name"
            ));
        }
    }
    if named.is_empty() {
        pool.priorities.extend(strict(calls, file, problems));
    }
    pool
}

/// An agent of the log, at home.
pub(super) fn profile(agent: &Agent) -> AgentProfile {
    AgentProfile {
        id: agent.id.clone(),
        display_name: "".into(),
        skills: agent.skills.clone(),
        site: Site {
            id: agent.id.as_str().into(),
            kind: SiteKind::Home,
            region: "".into(),
            provider: "".into(),
        },
        address: "".into(),
        team: "".into(),
        employer: "".into(),
        terms: None,
    }
}

/// A call of the log as its platform hands it over.
pub(super) fn new_call(call: &Call) -> NewCall {
    NewCall {
        id: call.id.clone(),
        queue: QueueId::new(&call.skill),
        key: PlatformKey {
            platform: "trace".into(),
            instance: "1".into(),
        },
        priority: call.priority.to_string().into(),
        skills: Vec::new(),
        waited_ms: 0,
        is_wait_shown: false,
        preferred: None,
        attributes: Arc::default(),
        origin: None,
        digest: "".into(),
    }
}
