//! Checks of a queue: its spans, and rings that widen.

use super::{
    super::super::{
        rejection::Violation,
        spec::{PoolSpec, QueueSpec, RingSpec, WhenUnstaffed},
    },
    DAY_MS,
    parts::{between, check_skills, limit},
};

/// A call is kept for a preferred agent at most this long.
const HOLD_MAX_MS: u64 = 10 * 60_000;
/// A conversation is asked about after this at the latest, or never.
const LONGEST_CALL_MAX_MS: u64 = 7 * DAY_MS;
/// No call is expected to last longer.
const HANDLE_MAX_MS: u64 = 30 * 60_000;
const RINGS_MAX: usize = 8;
const ATTEMPTS_MAX: u32 = 20;
const SKILLS_OF_RING_MAX: usize = 8;

/// Checks a queue, with every problem under its path.
pub(super) fn check_queue(
    wrong: &mut Vec<Violation>,
    path: &str,
    queue: &QueueSpec,
    spec: &PoolSpec,
) {
    between(wrong, path, "target", queue.target_ms, 1_000, DAY_MS);
    between(
        wrong,
        path,
        "ring_for",
        queue.ring_for_ms,
        1_000,
        5 * 60_000,
    );
    between(
        wrong,
        path,
        "wrap_up_limit",
        queue.wrap_up_limit_ms,
        0,
        DAY_MS,
    );
    check_extension(wrong, path, queue);
    between(wrong, path, "time_out", queue.time_out_ms, 0, DAY_MS);
    if queue.longest_call_ms > 0 {
        let (longest_ms, most) = (queue.longest_call_ms, LONGEST_CALL_MAX_MS);
        between(wrong, path, "longest_call", longest_ms, 60_000, most);
    }
    if !(1..=1_000).contains(&queue.goal_permille) {
        let problem = format!("is {} permille; give 1 to 1,000", queue.goal_permille);
        wrong.push(Violation::new(format!("{path}.goal_percent"), problem));
    }
    let longest_ms = queue.max_estimated_wait_ms;
    between(wrong, path, "max_estimated_wait", longest_ms, 0, DAY_MS);
    let hold_ms = queue.preferred_hold_ms;
    between(wrong, path, "preferred_hold", hold_ms, 0, HOLD_MAX_MS);
    check_callback(wrong, path, queue);
    let (handle_ms, most) = (queue.expected_handle_ms, HANDLE_MAX_MS);
    between(wrong, path, "expected_handle", handle_ms, 1_000, most);
    if queue.rings.is_empty() || queue.rings.len() > RINGS_MAX {
        let problem = format!("are {}; give 1 to {RINGS_MAX}", queue.rings.len());
        wrong.push(Violation::new(format!("{path}.rings"), problem));
    }
    for (place, ring) in queue.rings.iter().enumerate() {
        let ring_path = format!("{path}.rings[{place}]");
        check_skills(
            wrong,
            &format!("{ring_path}.skills"),
            &ring.skills,
            &spec.skills,
        );
        limit(
            wrong,
            &format!("{ring_path}.skills"),
            ring.skills.len(),
            SKILLS_OF_RING_MAX,
        );
        if place == 0 {
            between(wrong, &ring_path, "after", ring.after_ms, 0, 0);
        } else {
            let before = &queue.rings[place - 1];
            between(
                wrong,
                &ring_path,
                "after",
                ring.after_ms,
                before.after_ms + 1,
                DAY_MS,
            );
            check_implied(wrong, &ring_path, before, ring);
        }
    }
}

fn check_callback(wrong: &mut Vec<Violation>, path: &str, queue: &QueueSpec) {
    let Some(callback) = &queue.callback else {
        if queue.when_unstaffed == WhenUnstaffed::Callback {
            let problem = "is `callback`, and the queue has no callbacks; give its `callback` too";
            wrong.push(Violation::new(format!("{path}.when_unstaffed"), problem));
        }
        return;
    };
    let path = format!("{path}.callback");
    let spans = [
        ("ring", callback.ring_ms, 5_000, 5 * 60_000),
        ("retry_after", callback.retry_after_ms, 10_000, DAY_MS),
        ("until_after", callback.until_after_ms, 60_000, 30 * DAY_MS),
    ];
    for (field, ms, least, most) in spans {
        between(wrong, &path, field, ms, least, most);
    }
    if !(1..=ATTEMPTS_MAX).contains(&callback.attempts) {
        let problem = format!("are {}; give 1 to {ATTEMPTS_MAX}", callback.attempts);
        wrong.push(Violation::new(format!("{path}.attempts"), problem));
    }
}

/// Wrap-up is extended only where it has a limit.
fn check_extension(wrong: &mut Vec<Violation>, path: &str, queue: &QueueSpec) {
    let extension_ms = queue.wrap_up_extension_ms;
    between(wrong, path, "wrap_up_extension", extension_ms, 0, DAY_MS);
    if extension_ms > 0 && queue.wrap_up_limit_ms == 0 {
        let problem = "extends a wrap-up without a limit; give a `wrap_up_limit` too";
        wrong.push(Violation::new(format!("{path}.wrap_up_extension"), problem));
    }
}

/// A ring must take everyone whom the ring before takes.
fn check_implied(wrong: &mut Vec<Violation>, path: &str, before: &RingSpec, ring: &RingSpec) {
    for need in &ring.skills {
        let earlier = before
            .skills
            .iter()
            .find(|earlier| earlier.skill == need.skill);
        if earlier.is_none_or(|earlier| earlier.level < need.level) {
            let problem = format!(
                "asks more of `{}` than the ring before; a later ring must take everyone of the earlier",
                need.skill
            );
            wrong.push(Violation::new(format!("{path}.skills"), problem));
        }
    }
    let all = ring.site_kinds.is_empty();
    let kept = |kind| ring.site_kinds.contains(kind);
    if !all && (before.site_kinds.is_empty() || !before.site_kinds.iter().all(kept)) {
        let problem =
            "leave out kinds of the ring before; a later ring must take everyone of the earlier";
        wrong.push(Violation::new(format!("{path}.site_kinds"), problem));
    }
}
