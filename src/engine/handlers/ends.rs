//! How offers and calls end: the steps that several topics share.

use std::sync::Arc;

use super::{
    super::{
        agent::{Intent, Line, Mover, REASON_CHECK, REASON_RONA, Work},
        call::{Assignment, OverflowTarget, Phase},
        detail::{CallDetail, Workplace},
        event::{Event, OfferEnd, Outcome},
        ids::{AgentId, CallId, OfferId},
        queues::QueueIx,
        spec::OfferMode,
        state::{AgentIx, CallIx, DETACHED_NO_OFFERS_MS, State},
    },
    Step, registration,
};

/// A call that is over is remembered this long.
pub(crate) const TOMBSTONE_MS: u64 = 15 * 60_000;
/// So many calls not answered in a row make an agent not ready.
const MISSES_BEFORE_RONA: u8 = 2;
/// So many failed diallings in a row make an agent not ready: the idle clock stays, so the same agent would be tried
/// for ever and the caller never served.
const FAILURES_BEFORE_CHECK: u8 = 3;

/// Ends the open offer of a call: the call is back in its queue and the agent idle, or not ready by what the agent
/// had asked for next, or by RONA. `platform_knows` says that the platform itself ended the agent's leg.
pub(super) fn end_offer(step: &mut Step<'_>, call: CallIx, cause: OfferEnd, platform_knows: bool) {
    let call = &step.state.calls[call];
    let told = is_platform_told(&call.state.phase);
    let offer = call
        .state
        .offer()
        .expect("the caller saw an open offer")
        .clone();
    let gone = step
        .state
        .is_detached_for(&call.record.key, DETACHED_NO_OFFERS_MS);
    let ix = step
        .state
        .agent(&offer.agent)
        .expect("an offered agent exists");
    let state = &step.state.agents[ix].state;
    let answers = matches!(cause, OfferEnd::Declined | OfferEnd::NoAnswer);
    let misses = match cause {
        OfferEnd::NoAnswer if step.state.is_in_outage(ix) => state.misses,
        OfferEnd::NoAnswer => state.misses.saturating_add(1),
        OfferEnd::Declined => 0,
        OfferEnd::Busy
        | OfferEnd::Failed
        | OfferEnd::LineLost
        | OfferEnd::PlatformGone
        | OfferEnd::LineQuality
        | OfferEnd::AgentDraining
        | OfferEnd::CustomerUnreached
        | OfferEnd::CallerGone
        | OfferEnd::Withdrawn
        | OfferEnd::SiteDrained => state.misses,
    };
    let event = Event::OfferEnded {
        offer: offer.id,
        call: call.record.id.clone(),
        agent: offer.agent,
        at: step.at.now,
        cause,
        rescind: told && !platform_knows && !gone,
        refused: answers,
        misses,
        failures: state.failures + u8::from(cause == OfferEnd::Failed),
        idle_since: if answers {
            step.at.now
        } else {
            state.idle_since
        },
    };
    step.emit(event);
    if cause != OfferEnd::Busy {
        back_to_idle(step, ix);
    }
}

/// Whether the platform has been told to ring or to connect.
fn is_platform_told(phase: &Phase) -> bool {
    match phase {
        Phase::Offered(offer) => offer.mode == OfferMode::Ring,
        Phase::Connecting(_) => true,
        Phase::Queued { .. } | Phase::CallbackWaiting { .. } | Phase::Connected { .. } => false,
    }
}

/// What applies when work has returned to idle: the intent asked for meanwhile, then RONA or a check.
pub(super) fn back_to_idle(step: &mut Step<'_>, ix: AgentIx) {
    let state = &step.state.agents[ix].state;
    if let Some(next) = state.next_intent.clone() {
        let supervisor = state.next_by.clone();
        move_intent(step, ix, next, supervisor.as_ref());
    }
    let state = &step.state.agents[ix].state;
    if state.misses >= MISSES_BEFORE_RONA && state.intent == Intent::Ready {
        change_intent(
            step,
            ix,
            Intent::NotReady(REASON_RONA.into()),
            Mover::Policy,
        );
    }
    let state = &step.state.agents[ix].state;
    if state.failures >= FAILURES_BEFORE_CHECK && state.intent == Intent::Ready {
        change_intent(
            step,
            ix,
            Intent::NotReady(REASON_CHECK.into()),
            Mover::Policy,
        );
    }
}

/// Moves an intent by the agent's word, or by that of a supervisor.
pub(super) fn move_intent(
    step: &mut Step<'_>,
    ix: AgentIx,
    intent: Intent,
    supervisor: Option<&Arc<str>>,
) {
    let by = supervisor.map_or(Mover::Agent, |_| Mover::Supervisor);
    record_intent(step, ix, intent, by, supervisor);
}

/// Moves an intent, if it is another one or something else was asked for next.
pub(super) fn change_intent(step: &mut Step<'_>, ix: AgentIx, intent: Intent, by: Mover) {
    record_intent(step, ix, intent, by, None);
}

fn record_intent(
    step: &mut Step<'_>,
    ix: AgentIx,
    intent: Intent,
    by: Mover,
    supervisor: Option<&Arc<str>>,
) {
    let agent = &step.state.agents[ix];
    let same = agent.state.intent == intent;
    let id = agent.profile.id.clone();
    if !same {
        let signed_out = intent == Intent::Offline;
        step.emit(Event::IntentChanged {
            agent: id,
            intent,
            by,
            supervisor: supervisor.cloned(),
            at: step.at.now,
        });
        if signed_out {
            registration::lift(step, ix);
        }
    } else if agent.state.next_intent.is_some() {
        step.emit(Event::NextIntentChanged {
            agent: id,
            next: None,
            supervisor: None,
        });
    }
}

/// Ends a live call with an outcome; an open offer ends first, a conversation is followed by wrap-up.
pub(super) fn end_call(step: &mut Step<'_>, ix: CallIx, outcome: Outcome, cause: OfferEnd) {
    let assignment = step.state.calls[ix].state.assignment.clone();
    if step.state.calls[ix].state.offer().is_some() {
        end_offer(step, ix, cause, true);
    }
    make_room_for_tombstone(step);
    let call = &step.state.calls[ix];
    let record = Arc::clone(&call.record);
    let now = step.at.now;
    let (at, queue) = (call.at, call.queue().clone());
    let (agent, since) = match &call.state.phase {
        Phase::Connected { agent, since, .. } => (Some(agent.clone()), *since),
        Phase::Queued { .. }
        | Phase::CallbackWaiting { .. }
        | Phase::Offered(_)
        | Phase::Connecting(_) => (None, now),
    };
    let in_queue_ms = since.since(call.in_queue_from());
    let in_target = in_queue_ms <= step.state.queues[at].spec.target_ms;
    step.emit(Event::CallEnded {
        call: record.id.clone(),
        queue,
        first_queue: call.first_queue(),
        overflow: overflow_target(step, at, outcome),
        key: record.key.clone(),
        digest: Arc::clone(&record.digest),
        outcome,
        at: now,
        waited_ms: since.since(call.wait_from()),
        in_queue_ms,
        talked_ms: now.since(since),
        in_target,
        callback: call.state.callback.is_some(),
        agent: agent.clone(),
        forget_at: now.plus(TOMBSTONE_MS),
        detail: Arc::new(detail(step.state, ix, assignment)),
    });
    if let Some(agent) = agent {
        wrap_up(step, agent, record.id.clone(), at);
    }
}

/// What the detail record of a call says beside its end.
fn detail(state: &State, ix: CallIx, assignment: Option<Arc<Assignment>>) -> CallDetail {
    let call = &state.calls[ix];
    let talk = match &call.state.phase {
        Phase::Connected { agent, since, .. } => Some((agent, *since)),
        Phase::Queued { .. }
        | Phase::CallbackWaiting { .. }
        | Phase::Offered(_)
        | Phase::Connecting(_) => None,
    };
    let agent = talk.and_then(|(agent, _)| state.agent(agent));
    CallDetail {
        accepted_at: call.record.accepted_at,
        answered_at: talk.map(|(_, since)| since),
        priority: Arc::clone(&call.record.priority),
        offers: call.state.offers,
        transfers: call.state.transfers,
        assignment,
        workplace: agent.map(|ix| Workplace::from(&*state.agents[ix].profile)),
    }
}

/// After a conversation in `queue` the agent has after-call work, up to the queue's limit.
pub(super) fn wrap_up(step: &mut Step<'_>, agent: AgentId, call: CallId, queue: QueueIx) {
    let spec = &step.state.queues[queue].spec;
    let queue = spec.id.clone();
    let limit = spec.wrap_up_limit_ms;
    let extension_ms = if limit > 0 {
        spec.wrap_up_extension_ms
    } else {
        0
    };
    let at = step.at.now;
    let ix = step.state.agent(&agent).expect("whoever talked exists");
    // Without a desktop there is no way to end wrap-up: where the queue sets no limit there is none.
    let endless = limit == 0 && !step.state.agents[ix].state.by_registration;
    let until = (!endless).then(|| at.plus(limit));
    step.emit(Event::WrapUpStarted {
        agent,
        call,
        at,
        until,
        extension_ms,
        queue,
    });
}

/// Where a call that overflows to another pool goes on.
fn overflow_target(step: &Step<'_>, queue: QueueIx, outcome: Outcome) -> Option<OverflowTarget> {
    if outcome != Outcome::Overflowed {
        return None;
    }
    let overflow = step.state.queues[queue].spec.overflow.clone()?;
    Some(OverflowTarget {
        pool: overflow.to_pool?,
        queue: overflow.to_queue,
    })
}

/// The oldest tombstone goes when there are too many.
fn make_room_for_tombstone(step: &mut Step<'_>) {
    if step.state.tombstones.len() < step.state.limits.tombstones {
        return;
    }
    let oldest = step
        .state
        .tombstone_order
        .first()
        .map(|(_, call)| call.clone());
    if let Some(call) = oldest {
        step.emit(Event::TombstoneDropped { call });
    }
}

/// The leg of a dead offer is gone.
pub(super) fn release(step: &mut Step<'_>, offer: OfferId, call: CallId, agent: AgentId) {
    step.emit(Event::RescindReleased { offer, call, agent });
}

/// Why an offer whose lease ended is over: an agent who cannot be reached has not missed it, nor one whom no platform
/// was there to ring or to connect.
pub(super) fn expiry_cause(step: &Step<'_>, call: CallIx) -> OfferEnd {
    let call = &step.state.calls[call];
    let told = is_platform_told(&call.state.phase);
    if told && step.state.detached_at(&call.record.key).is_some() {
        return OfferEnd::PlatformGone;
    }
    if matches!(call.state.phase, Phase::Connecting(_)) {
        return OfferEnd::Failed;
    }
    let offer = call.state.offer().expect("an open offer expires");
    let ix = step.state.agent(&offer.agent);
    let ix = ix.expect("an offered agent exists");
    if step.state.agents[ix].state.line == Line::Up {
        OfferEnd::NoAnswer
    } else {
        OfferEnd::LineLost
    }
}

/// What a person reads of an agent's work.
pub(super) fn work_name(work: &Work) -> &'static str {
    match work {
        Work::Idle => "idle",
        Work::Offered { .. } => "offered a call",
        Work::Connected { .. } => "in conversation",
        Work::WrapUp { .. } => "in wrap-up",
        Work::External { .. } => "on a call of another system",
    }
}

/// What a person reads of where a call stands.
pub(super) fn phase_name(phase: &Phase) -> &'static str {
    match phase {
        Phase::Queued { .. } => "queued",
        Phase::CallbackWaiting { .. } => "waiting for a callback",
        Phase::Offered(_) => "offered",
        Phase::Connecting(_) => "connecting",
        Phase::Connected { .. } => "connected",
    }
}
