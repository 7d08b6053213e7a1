//! A pool's configuration as the journal tells it: every rule of the pool that says what may happen to a call.

use serde_json::{Map, Value, json};

use crate::engine::{
    profile::{SiteKind, SkillLevel},
    readiness::{Bounds, ReadinessSpec},
    spec::{CallbackSpec, GroupSpec, OverflowSpec, PoolSpec, QueueSpec, RingSpec, WhenUnstaffed},
};

/// The configuration with the keys of a pool's file, and lengths in ms.
pub fn configuration(spec: &PoolSpec) -> Value {
    let priorities = spec
        .priorities
        .iter()
        .map(|priority| (priority.name.to_string(), priority.head_start_ms.into()));
    let mut told = json!({
        "order": spec.order.label(),
        "priorities": priorities.collect::<Map<_, _>>(),
        "groups": spec.groups.iter().map(group).collect::<Vec<_>>(),
        "queues": spec.queues.iter().map(queue).collect::<Vec<_>>(),
    });
    if let Some(asked) = &spec.readiness {
        told["readiness"] = readiness(asked);
    }
    told
}

fn readiness(asked: &ReadinessSpec) -> Value {
    let bounds = |bounds: Bounds| {
        json!({
            "round_trip_ms": bounds.round_trip_ms,
            "jitter_ms": bounds.jitter_ms,
            "loss_ppm": bounds.loss_ppm,
            "mos_milli": bounds.mos_milli,
        })
    };
    json!({
        "site_kinds": site_kinds(&asked.site_kinds),
        "valid_for_ms": asked.valid_for_ms,
        "pass": bounds(asked.pass),
        "suspend": bounds(asked.suspend),
    })
}

/// Skills with their levels, by name.
pub(super) fn skills(skills: &[SkillLevel]) -> Value {
    let level = |held: &SkillLevel| (held.skill.to_string(), held.level.into());
    Value::Object(skills.iter().map(level).collect())
}

fn group(group: &GroupSpec) -> Value {
    json!({
        "name": &*group.name,
        "skills": skills(&group.skills),
        "site_kinds": site_kinds(&group.site_kinds),
        "queues": group.queues.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn queue(queue: &QueueSpec) -> Value {
    let when_unstaffed = match queue.when_unstaffed {
        WhenUnstaffed::Queue => "queue",
        WhenUnstaffed::Divert => "divert",
        WhenUnstaffed::Callback => "callback",
    };
    let mut told = json!({
        "id": queue.id.as_str(),
        "target_ms": queue.target_ms,
        "goal_permille": queue.goal_permille,
        "rings": queue.rings.iter().map(ring).collect::<Vec<_>>(),
        "offer_mode": queue.offer_mode.label(),
        "ring_for_ms": queue.ring_for_ms,
        "selection": queue.selection.label(),
        "groups": queue.groups.iter().map(|name| &**name).collect::<Vec<_>>(),
        "preferred_hold_ms": queue.preferred_hold_ms,
        "wrap_up_limit_ms": queue.wrap_up_limit_ms,
        "wrap_up_extension_ms": queue.wrap_up_extension_ms,
        "longest_call_ms": queue.longest_call_ms,
        "time_out_ms": queue.time_out_ms,
        "max_waiting": queue.max_waiting,
        "max_estimated_wait_ms": queue.max_estimated_wait_ms,
        "when_unstaffed": when_unstaffed,
        "serve": queue.serve.mode.label(),
        "share_percent": queue.serve.share_percent,
        "shadow": queue.serve.shadow,
        "when_closing": queue.serve.when_closing.label(),
        "expected_handle_ms": queue.expected_handle_ms,
    });
    if let Some(to) = &queue.overflow {
        told["overflow"] = overflow(to);
    }
    if let Some(how) = &queue.callback {
        told["callback"] = callback(how);
    }
    told
}

fn ring(ring: &RingSpec) -> Value {
    json!({
        "after_ms": ring.after_ms,
        "skills": skills(&ring.skills),
        "site_kinds": site_kinds(&ring.site_kinds),
    })
}

fn site_kinds(kinds: &[SiteKind]) -> Vec<&'static str> {
    kinds.iter().map(|kind| kind.label()).collect()
}

fn overflow(to: &OverflowSpec) -> Value {
    let mut told = json!({ "after_ms": to.after_ms, "to_queue": to.to_queue.as_str() });
    if let Some(pool) = &to.to_pool {
        told["to_pool"] = pool.as_str().into();
    }
    told
}

fn callback(how: &CallbackSpec) -> Value {
    json!({
        "ring_ms": how.ring_ms,
        "retry_after_ms": how.retry_after_ms,
        "attempts": how.attempts,
        "until_after_ms": how.until_after_ms,
    })
}
