//! The API's messages as JSON: the field names of the protos, durations in ms, times in RFC 3339, enums as words.

use serde_json::{Value, json};

use super::text::{Word, api_ms};
use crate::proto::v1::{
    Agent, AgentStatus, Assignment, Call, Day, JudgedInterval, Offer, Pool, Queue, QueuePeak,
    QueueStatus, Readiness, Ring, Site, SiteKind, SiteStatus, SkillLevel,
};

/// A pool's configuration.
pub(super) fn pool(pool: &Pool) -> Value {
    json!({
        "id": pool.id,
        "queues": pool.queues.iter().map(queue).collect::<Vec<_>>(),
        "skills": pool.skills,
        "priorities": pool.priorities.iter()
            .map(|priority| json!({"name": priority.name, "head_start_ms": priority.head_start_ms}))
            .collect::<Vec<_>>(),
        "not_ready_reasons": pool.not_ready_reasons,
        "dispositions": pool.dispositions,
        "calendars": pool.calendars.iter().map(|calendar| &calendar.code).collect::<Vec<_>>(),
    })
}

fn queue(queue: &Queue) -> Value {
    json!({
        "id": queue.id,
        "target_ms": api_ms(queue.target.as_ref()),
        "rings": queue.rings.iter().map(ring).collect::<Vec<_>>(),
        "offer_mode": word(queue.offer_mode()),
        "ring_for_ms": api_ms(queue.ring_for.as_ref()),
        "wrap_up_limit_ms": api_ms(queue.wrap_up_limit.as_ref()),
        "wrap_up_extension_ms": api_ms(queue.wrap_up_extension.as_ref()),
        "longest_call_ms": api_ms(queue.longest_call.as_ref()),
        "time_out_ms": api_ms(queue.time_out.as_ref()),
        "max_waiting": queue.max_waiting,
        "max_estimated_wait_ms": api_ms(queue.max_estimated_wait.as_ref()),
        "when_unstaffed": word(queue.when_unstaffed()),
        "selection": word(queue.selection()),
        "goal_percent": queue.goal_percent,
        "preferred_hold_ms": api_ms(queue.preferred_hold.as_ref()),
        "groups": queue.groups,
        "callback": queue.callback.as_ref().map(|callback| json!({
            "ring_ms": api_ms(callback.ring.as_ref()),
            "retry_after_ms": api_ms(callback.retry_after.as_ref()),
            "attempts": callback.attempts,
            "until_after_ms": api_ms(callback.until_after.as_ref()),
        })),
        "overflow": queue.overflow.as_ref().map(|overflow| json!({
            "after_ms": api_ms(overflow.after.as_ref()),
            "to_pool": overflow.to_pool,
            "to_queue": overflow.to_queue,
        })),
        "serve": word(queue.serve()),
        "zone": queue.zone,
        "holidays": queue.holidays,
        "windows": queue.windows.iter().map(|window| json!({
            "days": window.days().map(Day::word).collect::<Vec<_>>(),
            "hours": window.hours,
        })).collect::<Vec<_>>(),
        "exceptions": queue.exceptions.iter().map(|dated| json!({
            "from": dated.from,
            "until": dated.until,
            "hours": dated.hours,
            "reason": dated.reason,
        })).collect::<Vec<_>>(),
        "share_percent": queue.share_percent,
        "shadow": queue.shadow,
        "when_closing": word(queue.when_closing()),
        "peaks": queue.peaks.as_ref().map(|peaks| json!({
            "arrivals_reported": peaks.arrivals_reported,
            "least_on_ms": api_ms(peaks.least_on.as_ref()),
            "least_off_ms": api_ms(peaks.least_off.as_ref()),
            "least_baseline": peaks.least_baseline,
            "site_waiting_on": peaks.site_waiting_on,
            "site_waiting_off": peaks.site_waiting_off,
        })),
    })
}

fn ring(ring: &Ring) -> Value {
    json!({
        "after_ms": api_ms(ring.after.as_ref()),
        "skills": skills(&ring.skills),
        "site_kinds": ring.site_kinds().map(SiteKind::word).collect::<Vec<_>>(),
    })
}

fn skills(skills: &[SkillLevel]) -> Vec<Value> {
    skills
        .iter()
        .map(|skill| json!({"skill": skill.skill, "level": skill.level}))
        .collect()
}

/// An agent.
pub(super) fn agent(agent: &Agent) -> Value {
    json!({
        "id": agent.id,
        "display_name": agent.display_name,
        "skills": skills(&agent.skills),
        "site": agent.site.as_ref().map(site),
        "address": agent.address,
        "team": agent.team,
        "employer": agent.employer,
        "status": agent.status.as_ref().map(status),
        "readiness": agent.readiness.as_ref().map(readiness),
    })
}

/// What the last checks of a set-up said.
pub(super) fn readiness(said: &Readiness) -> Value {
    let set_up = said.set_up.clone().unwrap_or_default();
    json!({
        "standing": word(said.standing()),
        "certified_until": time(said.certified_until.as_ref()),
        "checked_at": time(said.checked_at.as_ref()),
        "last_band": word(said.last_band()),
        "r_factor": said.r_factor,
        "mos": said.mos,
        "round_trip_ms": api_ms(said.round_trip.as_ref()),
        "jitter_ms": api_ms(said.jitter.as_ref()),
        "loss_percent": said.loss_percent,
        "codec": said.codec,
        "set_up": {
            "connection": word(set_up.connection()),
            "client": set_up.client,
            "headset": set_up.headset,
            "vpn": set_up.vpn,
            "provider": set_up.provider,
        },
    })
}

fn site(site: &Site) -> Value {
    json!({
        "id": site.id,
        "kind": word(site.kind()),
        "region": site.region,
        "provider": site.provider,
    })
}

/// An agent's state.
pub(super) fn status(status: &AgentStatus) -> Value {
    json!({
        "intent": word(status.intent()),
        "reason": status.reason,
        "work": word(status.work()),
        "line": word(status.line()),
        "next_intent": word(status.next_intent()),
        "next_reason": status.next_reason,
        "call_id": status.call_id,
        "talk_state": word(status.talk_state()),
        "offer": status.offer.as_ref().map(offer),
        "wrap_up_deadline": time(status.wrap_up_deadline.as_ref()),
        "wrap_up_extension_ms": status.wrap_up_extension.as_ref().map(|by| api_ms(Some(by))),
        "blocked_reasons": status.blocked_reasons.iter()
            .map(|reason| json!({"name": reason.name, "until": time(reason.until.as_ref())}))
            .collect::<Vec<_>>(),
        "hold": status.hold.as_ref().map(|hold| json!({
            "until": time(hold.until.as_ref()),
            "reason": hold.reason,
            "supervisor": hold.supervisor,
        })),
        "registration": status.registration.as_ref().map(|said| json!({
            "platform": said.platform,
            "instance": said.instance,
            "until": time(said.until.as_ref()),
            "carries_line": said.carries_line,
        })),
        "draining": status.draining,
        "absence": status.absence.as_ref().map(|absence| json!({
            "kind": word(absence.kind()),
            "until": time(absence.until.as_ref()),
        })),
        "state": status.state,
        "since": time(status.since.as_ref()),
        "queue": status.queue,
        "session": status.session,
        "change_number": status.change_number,
    })
}

/// A site with its agents.
pub(super) fn site_status(site: &SiteStatus) -> Value {
    json!({
        "id": site.id,
        "agents": site.agents,
        "signed_in": site.signed_in,
        "drain": site.drain.as_ref().map(|drain| json!({
            "reason": drain.reason,
            "supervisor": drain.supervisor,
            "since": time(drain.since.as_ref()),
        })),
    })
}

/// A queue as it is now.
pub(super) fn queue_status(queue: &QueueStatus) -> Value {
    let halt = queue.halt.as_ref().map(|halt| {
        json!({
            "kind": word(halt.kind()),
            "supervisor": halt.supervisor,
            "reason": halt.reason,
            "since": time(halt.since.as_ref()),
            "until": time(halt.until.as_ref()),
            "waiting": word(halt.waiting()),
        })
    });
    json!({
        "id": queue.id,
        "waiting": queue.waiting,
        "offered": queue.offered,
        "connected": queue.connected,
        "longest_wait_since": time(queue.longest_wait_since.as_ref()),
        "counted_since": time(queue.counted_since.as_ref()),
        "accepted_total": queue.accepted_total,
        "answered_total": queue.answered_total,
        "answered_in_target_total": queue.answered_in_target_total,
        "abandoned_total": queue.abandoned_total,
        "abandoned_in_target_total": queue.abandoned_in_target_total,
        "diverted_total": queue.diverted_total,
        "sl_offered": queue.sl_offered,
        "sl_answered": queue.sl_answered,
        "sl_excl_short": queue.sl_excl_short,
        "sl_offered_30min": queue.sl_offered_30min,
        "target_ms": api_ms(queue.target.as_ref()),
        "goal_percent": queue.goal_percent,
        "callbacks_waiting": queue.callbacks_waiting,
        "callbacks_requested_total": queue.callbacks_requested_total,
        "callbacks_answered_total": queue.callbacks_answered_total,
        "moved_in_total": queue.moved_in_total,
        "moved_out_total": queue.moved_out_total,
        "halt": halt,
        "opening": queue.opening.as_ref().map(|opening| {
            json!({"open": opening.open, "until": time(opening.until.as_ref())})
        }),
        "peak": queue.peak.as_ref().map(peak),
        "judged": queue.judged.as_ref().map(judged),
    })
}

fn peak(peak: &QueuePeak) -> Value {
    json!({
        "cause": word(peak.cause()),
        "since": time(peak.since.as_ref()),
        "until": time(peak.end_time.as_ref()),
        "agents_short": peak.agents_short,
        "supervisor": peak.supervisor,
        "reason": peak.reason,
    })
}

fn judged(judged: &JudgedInterval) -> Value {
    json!({
        "start": time(judged.start_time.as_ref()),
        "length_ms": api_ms(judged.length.as_ref()),
        "arrivals": judged.arrivals,
        "baseline": judged.baseline,
        "source": word(judged.baseline_source()),
        "known_until": time(judged.baseline_time.as_ref()),
        "score": judged.score,
        "high": judged.high,
        "agents_required": judged.agents_required,
        "agents_staffed": judged.agents_staffed,
    })
}

/// A call.
pub(super) fn call(call: &Call) -> Value {
    json!({
        "id": call.id,
        "queue": call.queue,
        "platform": call.platform,
        "instance": call.instance,
        "priority": call.priority,
        "skills": skills(&call.skills),
        "state": word(call.state()),
        "outcome": word(call.outcome()),
        "accept_time": time(call.accept_time.as_ref()),
        "wait_ms": api_ms(call.wait.as_ref()),
        "ring": call.ring,
        "estimated_wait_ms": call.estimated_wait.as_ref().map(|wait| api_ms(Some(wait))),
        "offer": call.offer.as_ref().map(offer),
        "agent_id": call.agent_id,
        "change_number": call.change_number,
        "assignment": call.assignment.as_ref().map(assignment),
        "first_queue": call.first_queue,
        "overflowed_to": call.overflowed_to.as_ref().map(|target| json!({
            "pool": target.pool,
            "queue": target.queue,
            "arrived_at": time(target.arrived_at.as_ref()),
        })),
        "talk_state": word(call.talk_state()),
        "confirm_by": time(call.confirm_by.as_ref()),
        "position": Some(call.position).filter(|position| *position > 0),
        "estimated_wait_now_ms": call.estimated_wait_now.as_ref().map(|wait| api_ms(Some(wait))),
        "callback": call.callback.as_ref().map(|callback| json!({
            "due_time": time(callback.due_time.as_ref()),
            "until_time": time(callback.until_time.as_ref()),
            "attempts_left": callback.attempts_left,
        })),
        "overflowed_from": call.overflowed_from.as_ref().map(|origin| json!({
            "pool": origin.pool,
            "call_id": origin.call_id,
        })),
    })
}

fn assignment(made: &Assignment) -> Value {
    json!({
        "ring": made.ring,
        "policy": made.policy,
        "candidates": made.candidates,
        "more_candidates": made.more_candidates,
        "runner_up_id": made.runner_up_id,
        "wait_ms": api_ms(made.wait.as_ref()),
        "idle_ms": api_ms(made.idle.as_ref()),
        "offer_id": made.offer_id,
    })
}

fn offer(offer: &Offer) -> Value {
    json!({
        "id": offer.id,
        "call_id": offer.call_id,
        "agent_id": offer.agent_id,
        "address": offer.address,
        "mode": word(offer.mode()),
        "step": word(offer.step()),
        "ring_for_ms": api_ms(offer.ring_for.as_ref()),
        "create_time": time(offer.create_time.as_ref()),
        "expire_time": time(offer.expire_time.as_ref()),
    })
}

/// The word of a value; null for the unspecified.
pub(super) fn word<W: Word>(value: W) -> Option<&'static str> {
    Some(value.word()).filter(|word| *word != "-")
}

/// A time, if there is one.
pub(super) fn time(time: Option<&prost_types::Timestamp>) -> Option<String> {
    time.map(ToString::to_string)
}
