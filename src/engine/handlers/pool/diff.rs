//! What a new configuration would change, a line each, as a person reads it.

use super::super::super::spec::{PoolSpec, QueueSpec};

/// What changes from one configuration to the next; empty if nothing.
pub(super) fn changes(before: Option<&PoolSpec>, after: &PoolSpec) -> Vec<String> {
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
    if before.order != after.order {
        let (old, new) = (before.order.label(), after.order.label());
        lines.push(format!("the order of calls from {old} to {new}"));
    }
    if before.dispositions != after.dispositions {
        lines.push("the dispositions change".to_owned());
    }
    if before.groups != after.groups {
        lines.push("the groups change".to_owned());
    }
    if before.calendars != after.calendars {
        lines.push("the calendars change".to_owned());
    }
    if before.labour != after.labour {
        lines.push("the labour rules change".to_owned());
    }
    if before.readiness != after.readiness {
        lines.push("what is asked of set-ups changes".to_owned());
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
    let goal = |spec: &QueueSpec| format!("{} %", f64::from(spec.goal_permille) / 10.0);
    field("goal", goal(old), goal(new), id);
    let hold = |spec: &QueueSpec| ms(spec.preferred_hold_ms);
    field("preferred_hold", hold(old), hold(new), id);
    let extension = |spec: &QueueSpec| ms(spec.wrap_up_extension_ms);
    field("wrap_up_extension", extension(old), extension(new), id);
    let longest_call = |spec: &QueueSpec| ms(spec.longest_call_ms);
    field("longest_call", longest_call(old), longest_call(new), id);
    field("time_out", ms(old.time_out_ms), ms(new.time_out_ms), id);
    field(
        "max_estimated_wait",
        ms(old.max_estimated_wait_ms),
        ms(new.max_estimated_wait_ms),
        id,
    );
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
    let selection = |spec: &QueueSpec| spec.selection.label().to_owned();
    field("selection", selection(old), selection(new), id);
    let groups = |spec: &QueueSpec| format!("[{}]", spec.groups.join(", "));
    field("groups", groups(old), groups(new), id);
    field("overflow", overflow(old), overflow(new), id);
    field("callback", callback(old), callback(new), id);
    let handle = |spec: &QueueSpec| ms(spec.expected_handle_ms);
    field("expected_handle", handle(old), handle(new), id);
    let complexity = |spec: &QueueSpec| format!("{:?}", spec.complexity);
    field("complexity", complexity(old), complexity(new), id);
    serving_changes(lines, old, new);
    if old.rings != new.rings {
        lines.push(format!("queue `{id}`: the rings change"));
    }
}

fn serving_changes(lines: &mut Vec<String>, old: &QueueSpec, new: &QueueSpec) {
    let id = new.id.as_str();
    let (old, new) = (&old.serve, &new.serve);
    let fields = [
        (
            "serve",
            old.mode.label().to_owned(),
            new.mode.label().to_owned(),
        ),
        (
            "share",
            format!("{} %", old.share_percent),
            format!("{} %", new.share_percent),
        ),
        ("shadow", old.shadow.to_string(), new.shadow.to_string()),
        (
            "when_closing",
            old.when_closing.label().to_owned(),
            new.when_closing.label().to_owned(),
        ),
        ("zone", old.windows.zone.clone(), new.windows.zone.clone()),
        (
            "holidays",
            old.windows.holidays.join(", "),
            new.windows.holidays.join(", "),
        ),
    ];
    for (name, old, new) in fields {
        if old != new {
            lines.push(format!("queue `{id}`: {name} from `{old}` to `{new}`"));
        }
    }
    if old.peaks != new.peaks {
        lines.push(format!("queue `{id}`: what peaks ask for changes"));
    }
    if old.windows.windows != new.windows.windows {
        lines.push(format!("queue `{id}`: the windows change"));
    }
    if old.windows.exceptions != new.windows.exceptions {
        lines.push(format!("queue `{id}`: the dated exceptions change"));
    }
}

fn overflow(spec: &QueueSpec) -> String {
    let Some(overflow) = &spec.overflow else {
        return "none".to_owned();
    };
    let pool = overflow.to_pool.as_ref();
    let pool = pool.map_or_else(String::new, |pool| format!(" in pool `{pool}`"));
    let (after, queue) = (overflow.after_ms, &overflow.to_queue);
    format!("queue `{queue}`{pool} after {after} ms")
}

fn callback(spec: &QueueSpec) -> String {
    let Some(callback) = &spec.callback else {
        return "none".to_owned();
    };
    format!(
        "{} tries of {} ms, {} ms apart, for {} ms",
        callback.attempts, callback.ring_ms, callback.retry_after_ms, callback.until_after_ms
    )
}
