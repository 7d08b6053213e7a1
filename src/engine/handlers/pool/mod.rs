//! Configuring a pool: checked whole, with every problem at once.

mod diff;
mod groups;
mod overflow;
mod parts;
mod queues;
mod serving;

use std::{collections::BTreeSet, sync::Arc};

pub(super) use self::parts::{check_skills, names_of};
use self::{
    diff::changes,
    groups::check_groups,
    overflow::check_overflows,
    parts::{limit, names},
    queues::check_queue,
    serving::check_serving,
};
use super::{
    super::{
        agent::BUILT_IN_REASONS,
        event::Event,
        ids::{NAME_BYTES_MAX, SHORT_NAME_BYTES_MAX, SkillName},
        readiness::check_readiness,
        rejection::{Rejection, Violation},
        spec::{PoolSpec, STRICT_HEAD_START_MS},
        state::State,
        terms::check_labour,
        urgency::weight,
    },
    Outcome, Step, peaks, windows,
};

const QUEUES_MAX: usize = 1_000;
const WEIGHTS_MAX: usize = 16;
const LIST_MAX: usize = 10_000;
const HEAD_START_MAX_MS: i64 = 1_000 * STRICT_HEAD_START_MS;
const DAY_MS: u64 = 24 * 3_600_000;

/// Replaces the configuration.
pub(super) fn apply(step: &mut Step<'_>, spec: &PoolSpec) -> Outcome {
    if check(step.state, spec)?.is_empty() {
        return Ok(());
    }
    peaks::end_where_gone(step, spec);
    step.emit(Event::PoolApplied {
        spec: Arc::new(spec.clone()),
    });
    windows::look_at_all(step);
    Ok(())
}

/// What a configuration would change, a line each; empty if nothing.
pub(in crate::engine) fn check(state: &State, spec: &PoolSpec) -> Result<Vec<String>, Rejection> {
    let mut wrong = Vec::new();
    check_lists(&mut wrong, spec);
    for (place, queue) in spec.queues.iter().enumerate() {
        check_queue(&mut wrong, &format!("queues[{place}]"), queue, spec);
    }
    check_groups(&mut wrong, spec);
    check_weights(&mut wrong, spec);
    check_overflows(&mut wrong, spec);
    check_serving(&mut wrong, spec);
    check_labour(&mut wrong, spec);
    check_readiness(&mut wrong, spec.readiness.as_ref());
    if spec.id != state.pool {
        wrong.push(Violation::new(
            "id",
            format!("must be `{}`, the pool that is applied", state.pool),
        ));
    }
    if !wrong.is_empty() {
        return Err(Rejection::Invalid(wrong));
    }
    let removed = state
        .queues
        .iter()
        .filter(|old| !spec.queues.iter().any(|q| q.id == old.spec.id));
    for queue in removed {
        let (calls, queue) = (queue.live(), queue.spec.id.clone());
        if calls > 0 {
            return Err(Rejection::QueueInUse { queue, calls });
        }
    }
    Ok(changes(state.spec.as_deref(), spec))
}

fn check_lists(wrong: &mut Vec<Violation>, spec: &PoolSpec) {
    limit(wrong, "queues", spec.queues.len(), QUEUES_MAX);
    limit(wrong, "skills", spec.skills.len(), LIST_MAX);
    limit(wrong, "priorities", spec.priorities.len(), LIST_MAX);
    limit(
        wrong,
        "not_ready_reasons",
        spec.not_ready_reasons.len(),
        LIST_MAX,
    );
    limit(wrong, "dispositions", spec.dispositions.len(), LIST_MAX);
    let dispositions = spec.dispositions.iter().map(|code| &**code);
    names(
        wrong,
        "dispositions",
        "",
        dispositions,
        SHORT_NAME_BYTES_MAX,
    );
    let queues = spec.queues.iter().map(|queue| queue.id.as_str());
    names(wrong, "queues", ".id", queues, NAME_BYTES_MAX);
    names(
        wrong,
        "skills",
        "",
        spec.skills.iter().map(SkillName::as_str),
        SHORT_NAME_BYTES_MAX,
    );
    let priorities = spec.priorities.iter().map(|priority| &*priority.name);
    names(
        wrong,
        "priorities",
        ".name",
        priorities,
        SHORT_NAME_BYTES_MAX,
    );
    let reasons = spec.not_ready_reasons.iter().map(|reason| &**reason);
    names(
        wrong,
        "not_ready_reasons",
        "",
        reasons.clone(),
        SHORT_NAME_BYTES_MAX,
    );
    for (place, reason) in reasons
        .enumerate()
        .filter(|(_, r)| BUILT_IN_REASONS.contains(r))
    {
        let problem = format!("`{reason}` is built in; leave it out");
        wrong.push(Violation::new(
            format!("not_ready_reasons[{place}]"),
            problem,
        ));
    }
    for (place, priority) in spec.priorities.iter().enumerate() {
        if !(0..=HEAD_START_MAX_MS).contains(&priority.head_start_ms) {
            let problem = format!(
                "is {}; give 0 to {HEAD_START_MAX_MS} ms",
                priority.head_start_ms
            );
            wrong.push(Violation::new(
                format!("priorities[{place}].head_start_ms"),
                problem,
            ));
        }
    }
}
fn check_weights(wrong: &mut Vec<Violation>, spec: &PoolSpec) {
    let weights: BTreeSet<u32> = spec
        .queues
        .iter()
        .map(|queue| weight(queue.target_ms))
        .collect();
    if weights.len() > WEIGHTS_MAX {
        let problem = format!(
            "have {} different targets by weight; use at most {WEIGHTS_MAX} in a pool",
            weights.len()
        );
        wrong.push(Violation::new("queues", problem));
    }
}
