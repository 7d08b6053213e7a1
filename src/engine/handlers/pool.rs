//! Configuring a pool: checked whole, with every problem at once.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    super::{
        agent::BUILT_IN_REASONS,
        event::Event,
        ids::{NAME_BYTES_MAX, SHORT_NAME_BYTES_MAX, SkillName, name_problem},
        profile::SkillLevel,
        rejection::{Rejection, Violation},
        spec::{PoolSpec, QueueSpec, RingSpec, STRICT_HEAD_START_MS},
        state::State,
        urgency::weight,
    },
    Outcome, Step,
};

const QUEUES_MAX: usize = 1_000;
const RINGS_MAX: usize = 8;
const SKILLS_OF_RING_MAX: usize = 8;
const WEIGHTS_MAX: usize = 16;
const LIST_MAX: usize = 10_000;
const HEAD_START_MAX_MS: i64 = 1_000 * STRICT_HEAD_START_MS;
const DAY_MS: u64 = 24 * 3_600_000;

/// Replaces the configuration.
pub(super) fn apply(step: &mut Step<'_>, spec: &PoolSpec) -> Outcome {
    if check(step.state, spec)?.is_empty() {
        return Ok(());
    }
    step.emit(Event::PoolApplied {
        spec: Arc::new(spec.clone()),
    });
    Ok(())
}

/// What a configuration would change, a line each; empty if nothing.
pub(in crate::engine) fn check(state: &State, spec: &PoolSpec) -> Result<Vec<String>, Rejection> {
    let mut wrong = Vec::new();
    check_lists(&mut wrong, spec);
    for (place, queue) in spec.queues.iter().enumerate() {
        check_queue(&mut wrong, &format!("queues[{place}]"), queue, spec);
    }
    check_weights(&mut wrong, spec);
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
        .values()
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

fn check_queue(wrong: &mut Vec<Violation>, path: &str, queue: &QueueSpec, spec: &PoolSpec) {
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
    between(wrong, path, "time_out", queue.time_out_ms, 0, DAY_MS);
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

/// Checks levels, names, repetition and whether the pool knows the skills; for rings, calls and agents alike.
pub(super) fn check_skills(
    wrong: &mut Vec<Violation>,
    path: &str,
    skills: &[SkillLevel],
    allowed: &[SkillName],
) {
    let mut seen = BTreeSet::new();
    for (place, held) in skills.iter().enumerate() {
        let at = |field: &str| format!("{path}[{place}].{field}");
        if let Some(problem) = name_problem(held.skill.as_str(), SHORT_NAME_BYTES_MAX) {
            wrong.push(Violation::new(at("skill"), problem));
        } else if !allowed.is_empty() && !allowed.contains(&held.skill) {
            let known = names_of(allowed.iter().map(SkillName::as_str));
            let problem = format!(
                "`{}` is not a skill of this pool: it has {known}",
                held.skill
            );
            wrong.push(Violation::new(at("skill"), problem));
        }
        if !seen.insert(&held.skill) {
            wrong.push(Violation::new(
                at("skill"),
                format!("`{}` is named twice", held.skill),
            ));
        }
        if !(1..=5).contains(&held.level) {
            wrong.push(Violation::new(
                at("level"),
                format!("is {}; give 1 to 5", held.level),
            ));
        }
    }
}

fn limit(wrong: &mut Vec<Violation>, path: &str, count: usize, most: usize) {
    if count > most {
        wrong.push(Violation::new(
            path,
            format!("are {count}; give at most {most}"),
        ));
    }
}

fn between(wrong: &mut Vec<Violation>, path: &str, field: &str, ms: u64, least: u64, most: u64) {
    if !(least..=most).contains(&ms) {
        let problem = format!("is {ms} ms; give {least} to {most} ms");
        wrong.push(Violation::new(format!("{path}.{field}"), problem));
    }
}

fn names<'a>(
    wrong: &mut Vec<Violation>,
    path: &str,
    field: &str,
    list: impl Iterator<Item = &'a str>,
    bytes_max: usize,
) {
    let mut seen = BTreeSet::new();
    for (place, name) in list.enumerate() {
        let at = format!("{path}[{place}]{field}");
        if let Some(problem) = name_problem(name, bytes_max) {
            wrong.push(Violation::new(at, problem));
        } else if !seen.insert(name) {
            wrong.push(Violation::new(at, format!("`{name}` is named twice")));
        }
    }
}

/// The first few names of a list, for an error.
pub(super) fn names_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match all.len() {
        0 => "none".to_owned(),
        1..=8 => all.join(", "),
        more => format!("{} and {} more", all[..8].join(", "), more - 8),
    }
}

fn changes(before: Option<&PoolSpec>, after: &PoolSpec) -> Vec<String> {
    let Some(before) = before else {
        return vec![format!(
            "pool `{}` is new, with {} queues",
            after.id,
            after.queues.len()
        )];
    };
    let mut lines = Vec::new();
    for queue in &after.queues {
        match before.queues.iter().find(|old| old.id == queue.id) {
            None => lines.push(format!("queue `{}` is new", queue.id)),
            Some(old) => queue_changes(&mut lines, old, queue),
        }
    }
    for old in before
        .queues
        .iter()
        .filter(|old| !after.queues.iter().any(|q| q.id == old.id))
    {
        lines.push(format!("queue `{}` is removed", old.id));
    }
    if before.skills != after.skills {
        lines.push("the list of skills changes".to_owned());
    }
    if before.priorities != after.priorities {
        lines.push("the priorities change".to_owned());
    }
    if before.not_ready_reasons != after.not_ready_reasons {
        lines.push("the reasons for not being ready change".to_owned());
    }
    if lines.is_empty() && before != after {
        lines.push("the order of the queues changes".to_owned());
    }
    lines
}

fn queue_changes(lines: &mut Vec<String>, old: &QueueSpec, new: &QueueSpec) {
    let mut field = |name: &str, old: String, new: String, id: &str| {
        if old != new {
            lines.push(format!("queue `{id}`: {name} from {old} to {new}"));
        }
    };
    let id = new.id.as_str();
    let ms = |ms: u64| format!("{ms} ms");
    field("target", ms(old.target_ms), ms(new.target_ms), id);
    field("ring_for", ms(old.ring_for_ms), ms(new.ring_for_ms), id);
    field(
        "wrap_up_limit",
        ms(old.wrap_up_limit_ms),
        ms(new.wrap_up_limit_ms),
        id,
    );
    field("time_out", ms(old.time_out_ms), ms(new.time_out_ms), id);
    field(
        "max_waiting",
        old.max_waiting.to_string(),
        new.max_waiting.to_string(),
        id,
    );
    field(
        "offer_mode",
        format!("{:?}", old.offer_mode),
        format!("{:?}", new.offer_mode),
        id,
    );
    let unstaffed = |spec: &QueueSpec| format!("{:?}", spec.when_unstaffed);
    field("when_unstaffed", unstaffed(old), unstaffed(new), id);
    if old.rings != new.rings {
        lines.push(format!("queue `{id}`: the rings change"));
    }
}
