//! Taking a call, or saying why not.

use std::sync::Arc;

use super::{
    super::{
        call::{ATTRIBUTE_BYTES_MAX, CallRecord},
        command::NewCall,
        estimate::Estimate,
        event::{DivertReason, Event},
        ids::{NAME_BYTES_MAX, PoolTime, QueueId, SkillName, WallTime, name_problem, text_problem},
        matching::NeedsIx,
        profile::SkillLevel,
        queues::QueueIx,
        rejection::{Rejection, Violation},
        serve::{self, OnSite},
        spec::{PoolSpec, WhenUnstaffed},
        state::{Queue, SkillNeed, State},
    },
    Outcome, Step,
    callbacks::begin,
    platform,
    pool::{check_skills, names_of},
    preferred::prefer,
    registration::lift_all,
    report::found,
};

/// A caller's wait before acceptance counts at most this much where only the platform says so.
const WAITED_BEFORE_MAX_MS: u64 = 3_600_000;
/// Skills of a ring and of the call itself together.
pub const SKILLS_OF_CALL_MAX: usize = 8;

/// Takes a call. The same call again changes nothing.
pub(super) fn route(step: &mut Step<'_>, call: &NewCall) -> Outcome {
    if is_repeated(step, call)? {
        return Ok(());
    }
    let spec = Arc::clone(step.state.spec.as_ref().ok_or(Rejection::NoPool)?);
    let at = check(step, &spec, call)?;
    let record = record(&spec, call, step.at.now);
    let estimate = known_needs(step.state, &call.skills).map_or_else(Estimate::default, |own| {
        let (head_start_ms, wait_from) = (record.head_start_ms, record.wait_from);
        step.state.estimate(at, head_start_ms, wait_from, &own)
    });
    if let Some((reason, on_site)) = refusal(step.state, (at, call), estimate, step.at.wall) {
        divert(step, (at, call), reason, on_site);
        return Ok(());
    }
    let is_new = !platform::is_heard(step.state, &call.key);
    if is_new {
        platform::emit_attached(step, &call.key);
    }
    let called_back = is_called_back(step.state, at, call);
    step.emit(Event::CallQueued {
        call: Arc::new(record),
        number: step.state.counters.next_call,
        ahead: estimate.ahead,
        estimate_ms: estimate.wait_ms,
    });
    if is_new {
        // After the call, whose estimate knew nothing of them.
        lift_all(step, &call.key);
    }
    let ix = step.state.call(&call.id).expect("it was just accepted");
    if let Some(agent) = &call.preferred {
        prefer(step, ix, agent);
    }
    if called_back {
        begin(step, ix, 0);
    }
    Ok(())
}

/// Whether the id is known with equal content; other content is refused.
fn is_repeated(step: &mut Step<'_>, call: &NewCall) -> Result<bool, Rejection> {
    let live = step.state.call(&call.id);
    let digest = match live {
        Some(ix) => Some(Arc::clone(&step.state.calls[ix].record.digest)),
        None => step
            .state
            .tombstones
            .get(&call.id)
            .map(|over| Arc::clone(&over.digest)),
    };
    let Some(digest) = digest else {
        return Ok(false);
    };
    if digest != call.digest {
        return Err(Rejection::CallIdReused(call.id.clone()));
    }
    if let Some(ix) = live {
        found(step, ix);
    }
    Ok(true)
}

/// Place and likely wait of a call that would come now.
pub(in crate::engine) fn estimate(
    state: &mut State,
    queue: &QueueId,
    priority: &str,
    skills: &[SkillLevel],
) -> Result<Estimate, Rejection> {
    let spec = Arc::clone(state.spec.as_ref().ok_or(Rejection::NoPool)?);
    let mut wrong = Vec::new();
    check_priority(&mut wrong, &spec, priority);
    check_skills(&mut wrong, "skills", skills, &spec.skills);
    if !wrong.is_empty() {
        return Err(Rejection::Invalid(wrong));
    }
    let at = known_place(state, queue)?;
    check_skill_count(&state.queues[at], "skills", skills)?;
    let Some(own) = known_needs(state, skills) else {
        return Ok(Estimate::default());
    };
    let head_start_ms = head_start_ms(&spec, priority);
    Ok(state.estimate(at, head_start_ms, state.now, &own))
}

fn head_start_ms(spec: &PoolSpec, priority: &str) -> i64 {
    let mut priorities = spec.priorities.iter();
    let named = priorities.find(|known| *known.name == *priority);
    named.map_or(0, |known| known.head_start_ms)
}

fn record(spec: &PoolSpec, call: &NewCall, now: PoolTime) -> CallRecord {
    let most_ms = if call.is_wait_shown {
        u64::MAX
    } else {
        WAITED_BEFORE_MAX_MS
    };
    CallRecord {
        id: call.id.clone(),
        key: call.key.clone(),
        priority: Arc::clone(&call.priority),
        head_start_ms: head_start_ms(spec, &call.priority),
        skills: call.skills.clone(),
        accepted_at: now,
        wait_from: now.minus(call.waited_ms.min(most_ms)),
        queue: call.queue.clone(),
        preferred: call.preferred.clone(),
        attributes: Arc::clone(&call.attributes),
        digest: Arc::clone(&call.digest),
        origin: call.origin.clone(),
    }
}

/// Checks a new call, and says where its queue is.
fn check(step: &Step<'_>, spec: &PoolSpec, call: &NewCall) -> Result<QueueIx, Rejection> {
    let mut wrong = Vec::new();
    if let Some(problem) = name_problem(call.id.as_str(), NAME_BYTES_MAX) {
        wrong.push(Violation::new("call_id", problem));
    }
    check_priority(&mut wrong, spec, &call.priority);
    check_skills(&mut wrong, "skills", &call.skills, &spec.skills);
    check_attributes(&mut wrong, call);
    if let Err(Rejection::Invalid(more)) = platform::check_key(step, &call.key) {
        wrong.extend(more);
    }
    if !wrong.is_empty() {
        return Err(Rejection::Invalid(wrong));
    }
    let at = known_place(step.state, &call.queue)?;
    let mut queue = &step.state.queues[at];
    check_skill_count(queue, "skills", &call.skills)?;
    // Wherever it may overflow to as well: a pool has no circle of overflows.
    while let Some(next) = queue.spec.overflow_inside() {
        queue = &step.state.queues[next];
        check_skill_count(queue, "skills", &call.skills)?;
    }
    Ok(at)
}

fn check_priority(wrong: &mut Vec<Violation>, spec: &PoolSpec, priority: &str) {
    if !priority.is_empty() && !spec.priorities.iter().any(|known| *known.name == *priority) {
        let known = names_of(spec.priorities.iter().map(|priority| &*priority.name));
        let problem = format!("`{priority}` is not a priority of this pool: it has {known}");
        wrong.push(Violation::new("priority", problem));
    }
}

/// The queue of this id.
pub(super) fn known_queue<'a>(state: &'a State, id: &QueueId) -> Result<&'a Queue, Rejection> {
    known_place(state, id).map(|at| &state.queues[at])
}

/// Where the queue of this id is.
fn known_place(state: &State, id: &QueueId) -> Result<QueueIx, Rejection> {
    state
        .queues
        .place(id)
        .ok_or_else(|| Rejection::UnknownQueue {
            queue: id.clone(),
            known: names_of(state.queues.ids().map(QueueId::as_str)),
        })
}

fn check_attributes(wrong: &mut Vec<Violation>, call: &NewCall) {
    let bytes: usize = call
        .attributes
        .iter()
        .map(|(key, value)| key.len() + value.len())
        .sum();
    if bytes > ATTRIBUTE_BYTES_MAX {
        let problem = format!("hold {bytes} bytes; give at most {ATTRIBUTE_BYTES_MAX} in all");
        wrong.push(Violation::new("attributes", problem));
    }
    for (key, value) in call.attributes.iter() {
        let text = value.replace('\n', " ");
        if let Some(problem) = name_problem(key, NAME_BYTES_MAX).or_else(|| text_problem(&text)) {
            let shown: String = key
                .chars()
                .take(32)
                .map(|c| c.escape_default().to_string())
                .collect();
            wrong.push(Violation::new(format!("attributes[{shown}]"), problem));
        }
    }
}

/// A call's own skills and those of any ring of a queue are together not too many.
pub(super) fn check_skill_count(queue: &Queue, field: &str, skills: &[SkillLevel]) -> Outcome {
    let own = |skill: &SkillName| skills.iter().any(|s| s.skill == *skill);
    let most = queue.spec.rings.iter().map(|ring| {
        skills.len()
            + ring
                .skills
                .iter()
                .filter(|needed| !own(&needed.skill))
                .count()
    });
    let most = most.max().unwrap_or(0);
    if most > SKILLS_OF_CALL_MAX {
        let problem = format!(
            "makes {most} skills of the call's own and of the queue's rings; at most {SKILLS_OF_CALL_MAX} in all are taken"
        );
        return Err(Rejection::Invalid(vec![Violation::new(field, problem)]));
    }
    Ok(())
}

fn divert(
    step: &mut Step<'_>,
    (at, call): (QueueIx, &NewCall),
    reason: DivertReason,
    on_site: Option<OnSite>,
) {
    let first = !step.state.diverted.contains(&call.id);
    let (call, queue) = (call.id.clone(), call.queue.clone());
    let halt = step.state.queues[at].state.halt.as_ref();
    let opens_at = halt.and_then(|halt| halt.until);
    step.emit(Event::CallDiverted {
        call,
        queue,
        reason,
        opens_at,
        on_site,
        first,
    });
}

/// Why the service does not take the call, if so; with the cause where it stays on site.
fn refusal(
    state: &mut State,
    (at, call): (QueueIx, &NewCall),
    estimate: Estimate,
    wall: WallTime,
) -> Option<(DivertReason, Option<OnSite>)> {
    let queue = &state.queues[at];
    if queue.state.halt.is_some() {
        return Some((DivertReason::Closed, None));
    }
    let on_site = |cause| Some((DivertReason::OnSite, Some(cause)));
    if !serve::serves(queue, wall) {
        let opens_at = serve::next_opening(queue, wall);
        return on_site(OnSite::OutsideWindows { opens_at });
    }
    if !serve::is_in_share(&call.id, queue.spec.serve.share_percent) {
        return on_site(OnSite::Share);
    }
    let is_shadow = queue.spec.serve.shadow;
    let reason = divert_reason(state, (at, call), estimate);
    if is_shadow {
        return on_site(OnSite::Shadow { would: reason });
    }
    reason.map(|reason| (reason, None))
}

/// Why a queue that is served does not take the call, if so.
fn divert_reason(
    state: &mut State,
    (at, call): (QueueIx, &NewCall),
    estimate: Estimate,
) -> Option<DivertReason> {
    let needs = needs_in_the_end(state, at, call);
    let Some(needs) = needs.filter(|needs| state.index.anybody_has(*needs, false)) else {
        return Some(DivertReason::NoAgentEver);
    };
    let queue = &state.queues[at];
    let may_divert = queue.spec.when_unstaffed == WhenUnstaffed::Divert;
    if may_divert && !state.index.anybody_has(needs, true) {
        return Some(DivertReason::Unstaffed);
    }
    let limit = queue.spec.max_waiting as usize;
    let full = limit > 0 && queue.waiting.len() >= limit;
    let longest_ms = queue.spec.max_estimated_wait_ms;
    let long = longest_ms > 0 && estimate.wait_ms.is_some_and(|wait_ms| wait_ms > longest_ms);
    let no_room = state.calls.len() >= state.limits.live_calls;
    (full || long || no_room).then_some(DivertReason::Full)
}

/// Whether a call that is taken waits to be called back at once, as nobody is signed in for it.
fn is_called_back(state: &mut State, at: QueueIx, call: &NewCall) -> bool {
    let queue = &state.queues[at].spec;
    queue.when_unstaffed == WhenUnstaffed::Callback
        && needs_in_the_end(state, at, call)
            .is_none_or(|needs| !state.index.anybody_has(needs, true))
}

/// What the call asks for in its queue's last ring; `None` if no agent ever had one of its skills.
fn needs_in_the_end(state: &mut State, at: QueueIx, call: &NewCall) -> Option<NeedsIx> {
    let own = known_needs(state, &call.skills)?;
    let ring = state.queues[at].last_ring();
    if own.is_empty() {
        return Some(ring.needs);
    }
    let (skills, sites) = (ring.skills.clone(), ring.sites);
    Some(state.needs(&skills, &own, sites))
}

/// The call's own skills as small integers; `None` if no agent ever had one of them.
fn known_needs(state: &State, skills: &[SkillLevel]) -> Option<Vec<SkillNeed>> {
    let needs = skills.iter().map(|need| {
        let skill = *state.skills.get(&need.skill)?;
        Some(SkillNeed {
            skill,
            level: need.level,
        })
    });
    needs.collect()
}
