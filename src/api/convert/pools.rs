//! Pools' configuration between wire and engine.

use std::sync::Arc;

use super::{
    Faults, duration, duration_ms, fault, peaks, readiness, serving, site_kind, skills, terms,
    wire_site_kind, wire_skills,
};
use crate::{
    api::status::{Problem, shown},
    engine::{
        ids::{PoolId, QueueId, SkillName},
        profile::SiteKind,
        spec::{
            CallOrder, CallbackSpec, EXPECTED_HANDLE_MS, GOAL_PERMILLE, GroupSpec, LONGEST_CALL_MS,
            OfferMode, OverflowSpec, PoolSpec, PrioritySpec, QueueSpec, RING_FOR_MS, RingSpec,
            Selection, WhenUnstaffed,
        },
    },
    proto::v1,
};

/// The pool without a name.
pub const DEFAULT_POOL: &str = "default";

const QUEUES_MAX: usize = 1_000;
const POOL_SKILLS_MAX: usize = 10_000;
const PRIORITIES_MAX: usize = 100;
const REASONS_MAX: usize = 1_000;
const GROUPS_MAX: usize = 64;
const RINGS_MAX: usize = 8;
const RING_SKILLS_MAX: usize = 8;
const CALLBACK_RING_MS: u64 = 45_000;
const CALLBACK_RETRY_MS: u64 = 10 * 60_000;
const CALLBACK_UNTIL_MS: u64 = 24 * 3_600_000;
const ID_BYTES_MAX: usize = 63;

/// A pool's id; empty is the pool without a name.
pub(in crate::api) fn pool_id(field: &str, text: &str) -> Result<PoolId, Problem> {
    let text = if text.is_empty() { DEFAULT_POOL } else { text };
    let right = text.len() <= ID_BYTES_MAX
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if right {
        return Ok(PoolId::new(text));
    }
    let rule = "give 1 to 63 lower-case letters, digits and hyphens, beginning with a letter";
    Err(fault(field, format!("is `{}`; {rule}", shown(text))))
}

/// A pool's configuration.
pub(in crate::api) fn spec(pool: Option<&v1::Pool>) -> Result<PoolSpec, Problem> {
    let pool = pool.ok_or_else(|| fault("pool", "is missing; give the whole configuration"))?;
    if pool.id.is_empty() {
        let right = "is empty; give the pool's id, such as `default`";
        return Err(fault("pool.id", right));
    }
    let id = pool_id("pool.id", &pool.id)?;
    let mut faults = Faults::default();
    faults.too_many("pool.queues", pool.queues.len(), QUEUES_MAX, "queues");
    faults.too_many("pool.skills", pool.skills.len(), POOL_SKILLS_MAX, "skills");
    faults.too_many(
        "pool.priorities",
        pool.priorities.len(),
        PRIORITIES_MAX,
        "priorities",
    );
    let reasons = &pool.not_ready_reasons;
    faults.too_many(
        "pool.not_ready_reasons",
        reasons.len(),
        REASONS_MAX,
        "reasons",
    );
    let dispositions = pool.dispositions.len();
    faults.too_many(
        "pool.dispositions",
        dispositions,
        REASONS_MAX,
        "dispositions",
    );
    faults.too_many("pool.groups", pool.groups.len(), GROUPS_MAX, "groups");
    faults.finish(())?;
    let mut faults = Faults::default();
    let queues = pool.queues.iter().enumerate();
    let queues = queues
        .map(|(index, queue)| queue_spec(&mut faults, &format!("pool.queues[{index}]"), queue))
        .collect();
    let groups = pool.groups.iter().take(GROUPS_MAX).enumerate();
    let groups = groups
        .map(|(index, group)| group_spec(&mut faults, &format!("pool.groups[{index}]"), group))
        .collect();
    let order = call_order(&mut faults, "pool.order", pool.order);
    let labour = pool.labour.as_ref();
    let labour = labour.map(|rules| terms::labour(&mut faults, rules));
    let asked = pool.readiness.as_ref();
    let asked = asked.map(|rules| readiness::rules(&mut faults, rules));
    faults.finish(PoolSpec {
        id,
        queues,
        skills: pool.skills.iter().map(SkillName::new).collect(),
        priorities: pool
            .priorities
            .iter()
            .map(|priority| PrioritySpec {
                name: priority.name.as_str().into(),
                head_start_ms: priority.head_start_ms,
            })
            .collect(),
        not_ready_reasons: texts(reasons),
        dispositions: texts(&pool.dispositions),
        groups,
        order,
        calendars: serving::calendar_specs(&pool.calendars),
        labour,
        readiness: asked,
    })
}

fn queue_spec(faults: &mut Faults, at: &str, queue: &v1::Queue) -> QueueSpec {
    let at = |field: &str| format!("{at}.{field}");
    faults.too_many(&at("rings"), queue.rings.len(), RINGS_MAX, "rings");
    let rings = queue.rings.iter().take(RINGS_MAX).enumerate();
    let rings = rings
        .map(|(index, ring)| ring_spec(faults, &at(&format!("rings[{index}]")), ring))
        .collect();
    QueueSpec {
        id: QueueId::new(&queue.id),
        target_ms: duration_ms(faults, &at("target"), queue.target, 0),
        rings,
        offer_mode: offer_mode(faults, &at("offer_mode"), queue.offer_mode),
        ring_for_ms: duration_ms(faults, &at("ring_for"), queue.ring_for, RING_FOR_MS),
        wrap_up_limit_ms: duration_ms(faults, &at("wrap_up_limit"), queue.wrap_up_limit, 0),
        wrap_up_extension_ms: duration_ms(
            faults,
            &at("wrap_up_extension"),
            queue.wrap_up_extension,
            0,
        ),
        longest_call_ms: duration_ms(
            faults,
            &at("longest_call"),
            queue.longest_call,
            LONGEST_CALL_MS,
        ),
        time_out_ms: duration_ms(faults, &at("time_out"), queue.time_out, 0),
        max_estimated_wait_ms: duration_ms(
            faults,
            &at("max_estimated_wait"),
            queue.max_estimated_wait,
            0,
        ),
        max_waiting: max_waiting(faults, &at("max_waiting"), queue.max_waiting),
        when_unstaffed: when_unstaffed(faults, &at("when_unstaffed"), queue.when_unstaffed),
        selection: selection(faults, &at("selection"), queue.selection),
        goal_permille: goal_permille(faults, &at("goal_percent"), queue.goal_percent),
        preferred_hold_ms: duration_ms(faults, &at("preferred_hold"), queue.preferred_hold, 0),
        groups: group_names(faults, &at("groups"), &queue.groups),
        overflow: queue
            .overflow
            .as_ref()
            .map(|overflow| overflow_spec(faults, &at("overflow"), overflow)),
        callback: queue
            .callback
            .as_ref()
            .map(|callback| callback_spec(faults, &at("callback"), callback)),
        serve: Arc::new(serving::serve_spec(faults, &at, queue)),
        expected_handle_ms: duration_ms(
            faults,
            &at("expected_handle"),
            queue.expected_handle,
            EXPECTED_HANDLE_MS,
        ),
        complexity: terms::complexity(faults, &at("complexity"), queue.complexity),
    }
}

fn group_names(faults: &mut Faults, field: &str, names: &[String]) -> Vec<Arc<str>> {
    faults.too_many(field, names.len(), GROUPS_MAX, "groups");
    texts(&names[..names.len().min(GROUPS_MAX)])
}

fn texts(texts: &[String]) -> Vec<Arc<str>> {
    texts.iter().map(|text| text.as_str().into()).collect()
}

fn group_spec(faults: &mut Faults, at: &str, group: &v1::AgentGroup) -> GroupSpec {
    let at = |field: &str| format!("{at}.{field}");
    faults.too_many(&at("queues"), group.queues.len(), QUEUES_MAX, "queues");
    let queues = group.queues.iter().take(QUEUES_MAX);
    GroupSpec {
        name: group.name.as_str().into(),
        skills: skills(faults, &at("skills"), &group.skills, RING_SKILLS_MAX),
        site_kinds: site_kinds(faults, &at("site_kinds"), &group.site_kinds),
        queues: queues.map(QueueId::new).collect(),
    }
}

fn site_kinds(faults: &mut Faults, field: &str, kinds: &[i32]) -> Vec<SiteKind> {
    let kinds = kinds.iter().take(3).enumerate();
    kinds
        .map(|(index, kind)| site_kind(faults, &format!("{field}[{index}]"), *kind))
        .collect()
}

fn goal_permille(faults: &mut Faults, field: &str, percent: i32) -> u16 {
    match u16::try_from(percent) {
        Ok(0) => GOAL_PERMILLE,
        Ok(percent @ 1..=100) => percent * 10,
        Ok(_) | Err(_) => {
            faults.add(field, format!("is {percent}; give 1 to 100, or 0 for 80"));
            GOAL_PERMILLE
        }
    }
}

fn call_order(faults: &mut Faults, field: &str, given: i32) -> CallOrder {
    match v1::CallOrder::try_from(given) {
        Ok(v1::CallOrder::Unspecified | v1::CallOrder::Urgency) => CallOrder::Urgency,
        Ok(v1::CallOrder::Balanced) => CallOrder::Balanced,
        Err(_) => {
            let right = "give CALL_ORDER_URGENCY or CALL_ORDER_BALANCED";
            faults.add(field, format!("is {given}; {right}"));
            CallOrder::Urgency
        }
    }
}

fn selection(faults: &mut Faults, field: &str, given: i32) -> Selection {
    match v1::Selection::try_from(given) {
        Ok(v1::Selection::Unspecified | v1::Selection::LongestIdle) => Selection::LongestIdle,
        Ok(v1::Selection::LeastOccupied) => Selection::LeastOccupied,
        Ok(v1::Selection::MostSkilled) => Selection::MostSkilled,
        Ok(v1::Selection::LeastSkilled) => Selection::LeastSkilled,
        Err(_) => {
            let right = "give a value of Selection";
            faults.add(field, format!("is {given}; {right}"));
            Selection::LongestIdle
        }
    }
}

fn callback_spec(faults: &mut Faults, at: &str, callback: &v1::CallbackPolicy) -> CallbackSpec {
    let at = |field: &str| format!("{at}.{field}");
    let attempts = u32::try_from(callback.attempts).unwrap_or_else(|_| {
        let given = callback.attempts;
        faults.add(
            at("attempts"),
            format!("is {given}; give 1 to 20, or zero for 3"),
        );
        0
    });
    let (retry, until) = (callback.retry_after, callback.until_after);
    CallbackSpec {
        ring_ms: duration_ms(faults, &at("ring"), callback.ring, CALLBACK_RING_MS),
        retry_after_ms: duration_ms(faults, &at("retry_after"), retry, CALLBACK_RETRY_MS),
        attempts: if attempts == 0 { 3 } else { attempts },
        until_after_ms: duration_ms(faults, &at("until_after"), until, CALLBACK_UNTIL_MS),
    }
}

fn overflow_spec(faults: &mut Faults, at: &str, overflow: &v1::Overflow) -> OverflowSpec {
    let other = (!overflow.to_pool.is_empty()).then_some(overflow.to_pool.as_str());
    OverflowSpec {
        after_ms: duration_ms(faults, &format!("{at}.after"), overflow.after, 0),
        to_pool: other.and_then(|id| {
            let pool = pool_id(&format!("{at}.to_pool"), id);
            pool.map_err(|problem| faults.take(problem)).ok()
        }),
        to_queue: QueueId::new(&overflow.to_queue),
    }
}

fn ring_spec(faults: &mut Faults, at: &str, ring: &v1::Ring) -> RingSpec {
    RingSpec {
        after_ms: duration_ms(faults, &format!("{at}.after"), ring.after, 0),
        skills: skills(
            faults,
            &format!("{at}.skills"),
            &ring.skills,
            RING_SKILLS_MAX,
        ),
        site_kinds: site_kinds(faults, &format!("{at}.site_kinds"), &ring.site_kinds),
    }
}

fn max_waiting(faults: &mut Faults, field: &str, given: i32) -> u32 {
    u32::try_from(given).unwrap_or_else(|_| {
        faults.add(field, format!("is {given}; give zero or more"));
        0
    })
}

fn offer_mode(faults: &mut Faults, field: &str, mode: i32) -> OfferMode {
    match v1::OfferMode::try_from(mode) {
        Ok(v1::OfferMode::Unspecified | v1::OfferMode::AcceptFirst) => OfferMode::AcceptFirst,
        Ok(v1::OfferMode::Ring) => OfferMode::Ring,
        Err(_) => {
            let right = "give OFFER_MODE_ACCEPT_FIRST or OFFER_MODE_RING";
            faults.add(field, format!("is {mode}; {right}"));
            OfferMode::AcceptFirst
        }
    }
}

fn when_unstaffed(faults: &mut Faults, field: &str, given: i32) -> WhenUnstaffed {
    match v1::WhenUnstaffed::try_from(given) {
        Ok(v1::WhenUnstaffed::Unspecified | v1::WhenUnstaffed::Queue) => WhenUnstaffed::Queue,
        Ok(v1::WhenUnstaffed::Divert) => WhenUnstaffed::Divert,
        Ok(v1::WhenUnstaffed::Callback) => WhenUnstaffed::Callback,
        Err(_) => {
            let right = "give WHEN_UNSTAFFED_QUEUE, _DIVERT or _CALLBACK";
            faults.add(field, format!("is {given}; {right}"));
            WhenUnstaffed::Queue
        }
    }
}

/// A pool's configuration on the wire, defaults filled in.
pub(in crate::api) fn pool(spec: &PoolSpec) -> v1::Pool {
    let strings = |texts: &[Arc<str>]| texts.iter().map(ToString::to_string).collect();
    v1::Pool {
        id: spec.id.to_string(),
        queues: spec.queues.iter().map(queue).collect(),
        skills: spec.skills.iter().map(ToString::to_string).collect(),
        priorities: spec
            .priorities
            .iter()
            .map(|priority| v1::Priority {
                name: priority.name.to_string(),
                head_start_ms: priority.head_start_ms,
            })
            .collect(),
        not_ready_reasons: strings(&spec.not_ready_reasons),
        dispositions: strings(&spec.dispositions),
        groups: spec.groups.iter().map(group).collect(),
        order: match spec.order {
            CallOrder::Urgency => v1::CallOrder::Urgency.into(),
            CallOrder::Balanced => v1::CallOrder::Balanced.into(),
        },
        calendars: spec.calendars.iter().map(serving::calendar).collect(),
        labour: spec.labour.as_ref().map(terms::wire_labour),
        readiness: spec.readiness.as_ref().map(readiness::wire_rules),
    }
}

fn group(spec: &GroupSpec) -> v1::AgentGroup {
    v1::AgentGroup {
        name: spec.name.to_string(),
        skills: wire_skills(&spec.skills),
        site_kinds: wire_site_kinds(&spec.site_kinds),
        queues: spec.queues.iter().map(ToString::to_string).collect(),
    }
}

fn wire_site_kinds(kinds: &[SiteKind]) -> Vec<i32> {
    let kinds = kinds.iter();
    kinds.map(|kind| wire_site_kind(*kind).into()).collect()
}

fn wire_selection(selection: Selection) -> v1::Selection {
    match selection {
        Selection::LongestIdle => v1::Selection::LongestIdle,
        Selection::LeastOccupied => v1::Selection::LeastOccupied,
        Selection::MostSkilled => v1::Selection::MostSkilled,
        Selection::LeastSkilled => v1::Selection::LeastSkilled,
    }
}

fn queue(spec: &QueueSpec) -> v1::Queue {
    let offer_mode = match spec.offer_mode {
        OfferMode::AcceptFirst => v1::OfferMode::AcceptFirst,
        OfferMode::Ring => v1::OfferMode::Ring,
    };
    let when_unstaffed = match spec.when_unstaffed {
        WhenUnstaffed::Queue => v1::WhenUnstaffed::Queue,
        WhenUnstaffed::Divert => v1::WhenUnstaffed::Divert,
        WhenUnstaffed::Callback => v1::WhenUnstaffed::Callback,
    };
    v1::Queue {
        id: spec.id.to_string(),
        target: Some(duration(spec.target_ms)),
        rings: spec.rings.iter().map(ring).collect(),
        offer_mode: offer_mode.into(),
        ring_for: Some(duration(spec.ring_for_ms)),
        wrap_up_limit: Some(duration(spec.wrap_up_limit_ms)),
        wrap_up_extension: Some(duration(spec.wrap_up_extension_ms)),
        longest_call: Some(duration(spec.longest_call_ms)),
        time_out: Some(duration(spec.time_out_ms)),
        max_estimated_wait: Some(duration(spec.max_estimated_wait_ms)),
        max_waiting: i32::try_from(spec.max_waiting).unwrap_or(i32::MAX),
        when_unstaffed: when_unstaffed.into(),
        selection: wire_selection(spec.selection).into(),
        goal_percent: i32::from(spec.goal_permille / 10),
        preferred_hold: Some(duration(spec.preferred_hold_ms)),
        groups: spec.groups.iter().map(ToString::to_string).collect(),
        overflow: spec.overflow.as_ref().map(overflow),
        callback: spec.callback.map(callback),
        serve: serving::mode(spec.serve.mode).into(),
        zone: spec.serve.windows.zone.clone(),
        holidays: spec.serve.windows.holidays.clone(),
        windows: spec
            .serve
            .windows
            .windows
            .iter()
            .map(serving::window)
            .collect(),
        exceptions: spec
            .serve
            .windows
            .exceptions
            .iter()
            .map(serving::exception)
            .collect(),
        share_percent: Some(i32::from(spec.serve.share_percent)),
        shadow: spec.serve.shadow,
        when_closing: serving::when_closing(spec.serve.when_closing).into(),
        expected_handle: Some(duration(spec.expected_handle_ms)),
        complexity: terms::wire_complexity(spec.complexity).into(),
        peaks: peaks::policy(&spec.serve.peaks),
    }
}

fn callback(spec: CallbackSpec) -> v1::CallbackPolicy {
    v1::CallbackPolicy {
        ring: Some(duration(spec.ring_ms)),
        retry_after: Some(duration(spec.retry_after_ms)),
        attempts: i32::try_from(spec.attempts).unwrap_or(i32::MAX),
        until_after: Some(duration(spec.until_after_ms)),
    }
}

fn overflow(spec: &OverflowSpec) -> v1::Overflow {
    v1::Overflow {
        after: Some(duration(spec.after_ms)),
        to_pool: spec
            .to_pool
            .as_ref()
            .map(PoolId::to_string)
            .unwrap_or_default(),
        to_queue: spec.to_queue.to_string(),
    }
}

fn ring(spec: &RingSpec) -> v1::Ring {
    v1::Ring {
        after: Some(duration(spec.after_ms)),
        skills: wire_skills(&spec.skills),
        site_kinds: wire_site_kinds(&spec.site_kinds),
    }
}
