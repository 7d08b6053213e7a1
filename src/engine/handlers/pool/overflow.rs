//! Checks of where queues overflow to: inside the pool never in a circle.

use std::collections::BTreeMap;

use super::{
    super::super::{
        ids::{NAME_BYTES_MAX, QueueId, name_problem},
        rejection::Violation,
        spec::{OverflowSpec, PoolSpec, QueueSpec},
    },
    DAY_MS,
    parts::{between, names_of},
};

type Targets<'a> = BTreeMap<&'a QueueId, &'a QueueId>;

/// Checks the overflow of every queue that has one.
pub(super) fn check_overflows(wrong: &mut Vec<Violation>, spec: &PoolSpec) {
    let queues = spec.queues.iter();
    let targets: Targets<'_> = queues
        .filter_map(|queue| Some((&queue.id, queue.overflow_inside()?)))
        .collect();
    for (place, queue) in spec.queues.iter().enumerate() {
        if let Some(overflow) = &queue.overflow {
            let path = format!("queues[{place}].overflow");
            check_overflow(wrong, &path, queue, overflow);
            let problem = match &overflow.to_pool {
                Some(pool) if *pool == spec.id => {
                    let right = "is this pool; leave it out to stay in it";
                    wrong.push(Violation::new(format!("{path}.to_pool"), right));
                    None
                }
                Some(_) => name_problem(overflow.to_queue.as_str(), NAME_BYTES_MAX),
                None => target_problem(spec, &targets, &queue.id),
            };
            if let Some(problem) = problem {
                wrong.push(Violation::new(format!("{path}.to_queue"), problem));
            }
        }
    }
}

fn check_overflow(
    wrong: &mut Vec<Violation>,
    path: &str,
    queue: &QueueSpec,
    overflow: &OverflowSpec,
) {
    between(wrong, path, "after", overflow.after_ms, 1_000, DAY_MS);
    if queue.time_out_ms > 0 && overflow.after_ms >= queue.time_out_ms {
        let problem = format!(
            "is {} ms, and the queue's time-out ends the call at {} ms; give less",
            overflow.after_ms, queue.time_out_ms
        );
        wrong.push(Violation::new(format!("{path}.after"), problem));
    }
    if let Some(pool) = &overflow.to_pool
        && let Some(problem) = name_problem(pool.as_str(), NAME_BYTES_MAX)
    {
        wrong.push(Violation::new(format!("{path}.to_pool"), problem));
    }
}

/// What is wrong with the queue of this pool that `from` overflows to.
fn target_problem(spec: &PoolSpec, targets: &Targets<'_>, from: &QueueId) -> Option<String> {
    let to = targets[from];
    if !spec.queues.iter().any(|queue| queue.id == *to) {
        let known = names_of(spec.queues.iter().map(|queue| queue.id.as_str()));
        return Some(format!(
            "is `{to}`, which is not in this pool: it has {known}"
        ));
    }
    let mut next = Some(&to);
    for _no_longer_than_all in 0..=targets.len() {
        match next {
            Some(queue) if *queue == from => {
                return Some(format!(
                    "is `{to}`, from where calls would come back here; break the circle"
                ));
            }
            Some(queue) => next = targets.get(queue),
            None => return None,
        }
    }
    None
}
