//! Calls and offers on the wire.

use super::{duration, timestamp, wire_skills};
use crate::{
    engine::{
        CANDIDATES_COUNTED,
        call::{Assignment, LiveOffer, Phase},
        event::{DivertReason, Outcome},
        ids::{AgentId, CallId, OfferId, PoolTime, QueueId},
        serve::OnSite,
        spec::OfferMode,
        talk::TalkKind,
        view::{CallView, EndedCall, LiveCall},
    },
    pool::{
        hub::{PlatformEvent, ShotKind},
        rows::Row,
    },
    proto::v1,
};

/// Why a call was not taken.
pub(in crate::api) fn diverted(
    reason: DivertReason,
    opens_at: Option<PoolTime>,
    on_site: Option<OnSite>,
) -> v1::Diverted {
    let reason = match reason {
        DivertReason::OnSite => v1::DivertReason::OnSite,
        DivertReason::Closed => v1::DivertReason::Closed,
        DivertReason::Full => v1::DivertReason::Full,
        DivertReason::Unstaffed => v1::DivertReason::Unstaffed,
        DivertReason::NoAgentEver => v1::DivertReason::NoAgentEver,
    };
    v1::Diverted {
        reason: reason.into(),
        opens_at: opens_at
            .or_else(|| on_site.and_then(next_opening))
            .map(timestamp),
        on_site_cause: on_site.map_or(0, |cause| on_site_cause(cause).into()),
    }
}

fn next_opening(on_site: OnSite) -> Option<PoolTime> {
    match on_site {
        OnSite::OutsideWindows { opens_at } => {
            let since_1970 = u64::try_from(opens_at?.0).ok()?;
            Some(PoolTime(since_1970))
        }
        OnSite::Share | OnSite::Shadow { .. } => None,
    }
}

fn on_site_cause(on_site: OnSite) -> v1::OnSiteCause {
    match on_site {
        OnSite::OutsideWindows { .. } => v1::OnSiteCause::OutsideWindows,
        OnSite::Share => v1::OnSiteCause::Share,
        OnSite::Shadow { .. } => v1::OnSiteCause::Shadow,
    }
}

/// A call of a list or an answer, with its wait at `now`.
pub(in crate::api) fn call(row: &Row<CallView>, now: PoolTime) -> v1::Call {
    call_view(&row.value, row.changed, now)
}

/// A numbered event.
pub(in crate::api) fn call_event(event: &PlatformEvent) -> v1::CallEvent {
    let shot = &event.shot;
    v1::CallEvent {
        number: event.number,
        time: Some(timestamp(shot.at)),
        kind: kind(shot.kind).into(),
        call: Some(call_view(&shot.call, event.revision, shot.at)),
        cause: shot.cause.to_owned(),
    }
}

fn kind(kind: ShotKind) -> v1::CallEventKind {
    match kind {
        ShotKind::Queued => v1::CallEventKind::Queued,
        ShotKind::Offered => v1::CallEventKind::Offered,
        ShotKind::Connect => v1::CallEventKind::Connect,
        ShotKind::Rescind => v1::CallEventKind::Rescind,
        ShotKind::Connected => v1::CallEventKind::Connected,
        ShotKind::Ended => v1::CallEventKind::Ended,
        ShotKind::Moved => v1::CallEventKind::Moved,
        ShotKind::Callback => v1::CallEventKind::Callback,
        ShotKind::Questioned => v1::CallEventKind::Questioned,
    }
}

fn call_view(view: &CallView, changed: u64, now: PoolTime) -> v1::Call {
    match view {
        CallView::Live(call) => live_call(call, changed, now),
        CallView::Over(call) => ended_call(call, changed),
    }
}

fn live_call(call: &LiveCall, changed: u64, now: PoolTime) -> v1::Call {
    let record = &call.record;
    let (state, agent) = match &call.phase {
        Phase::Queued { .. } => (v1::CallState::Queued, None),
        Phase::CallbackWaiting { .. } => (v1::CallState::CallbackWaiting, None),
        Phase::Offered(_) => (v1::CallState::Offered, None),
        Phase::Connecting(_) => (v1::CallState::Connecting, None),
        Phase::Connected { agent, .. } => (v1::CallState::Connected, Some(agent)),
    };
    v1::Call {
        id: record.id.to_string(),
        queue: call.queue.to_string(),
        platform: record.key.platform.to_string(),
        instance: record.key.instance.to_string(),
        priority: record.priority.to_string(),
        skills: wire_skills(&record.skills),
        state: state.into(),
        outcome: v1::Outcome::Unspecified.into(),
        accept_time: Some(timestamp(record.accepted_at)),
        wait: Some(duration(call.waited_ms(now))),
        ring: i32::from(call.ring),
        estimated_wait: call.estimate_ms.map(duration),
        offer: offer_of(call),
        agent_id: agent.map(ToString::to_string).unwrap_or_default(),
        change_number: changed,
        assignment: call
            .assignment
            .as_deref()
            .map(|made| assignment(made, call.last_offer)),
        first_queue: first_queue(call),
        preferred_agent_id: call
            .preference
            .as_ref()
            .map(|hold| hold.agent.to_string())
            .unwrap_or_default(),
        overflowed_to: None,
        overflowed_from: record.origin.as_ref().map(|origin| v1::CallOrigin {
            pool: origin.pool.to_string(),
            call_id: origin.call.to_string(),
        }),
        callback: callback(call),
        position: 0,
        estimated_wait_now: None,
        talk_state: talk_state(agent.map(|_| call.talk.kind)).into(),
        confirm_by: call.talk.asked_until.map(timestamp),
    }
}

/// How a conversation goes on, if there is one.
pub(super) fn talk_state(talk: Option<TalkKind>) -> v1::TalkState {
    match talk {
        None => v1::TalkState::Unspecified,
        Some(TalkKind::Talking) => v1::TalkState::Talking,
        Some(TalkKind::OnHold) => v1::TalkState::OnHold,
        Some(TalkKind::Consulting) => v1::TalkState::Consulting,
        Some(TalkKind::Conference) => v1::TalkState::Conference,
    }
}

fn callback(call: &LiveCall) -> Option<v1::Callback> {
    let callback = call.callback.as_ref()?;
    let due = match &call.phase {
        Phase::CallbackWaiting { due, .. } => *due,
        Phase::Queued { .. }
        | Phase::Offered(_)
        | Phase::Connecting(_)
        | Phase::Connected { .. } => None,
    };
    Some(v1::Callback {
        due_time: due.map(timestamp),
        until_time: Some(timestamp(callback.until)),
        attempts_left: i32::try_from(callback.attempts_left).unwrap_or(i32::MAX),
    })
}

/// The queue that a call was accepted for, if it is in another.
fn first_queue(call: &LiveCall) -> String {
    let first = &call.record.queue;
    if *first == call.queue {
        String::new()
    } else {
        first.to_string()
    }
}

pub(super) fn assignment(made: &Assignment, offer: Option<OfferId>) -> v1::Assignment {
    let candidates = made.candidates.min(CANDIDATES_COUNTED);
    v1::Assignment {
        ring: i32::from(made.ring),
        policy: made.policy.label().to_owned(),
        candidates: i32::try_from(candidates).unwrap_or(i32::MAX),
        more_candidates: made.candidates > CANDIDATES_COUNTED,
        runner_up_id: made
            .runner_up
            .as_ref()
            .map(AgentId::to_string)
            .unwrap_or_default(),
        wait: Some(duration(made.waited_ms)),
        idle: Some(duration(made.idle_ms)),
        offer_id: offer.as_ref().map(OfferId::to_string).unwrap_or_default(),
    }
}

fn ended_call(call: &EndedCall, changed: u64) -> v1::Call {
    v1::Call {
        id: call.id.to_string(),
        queue: call.queue.to_string(),
        platform: call.key.platform.to_string(),
        instance: call.key.instance.to_string(),
        state: v1::CallState::Ended.into(),
        outcome: outcome(call.outcome).into(),
        wait: Some(duration(call.waited_ms)),
        agent_id: call
            .agent
            .as_ref()
            .map(AgentId::to_string)
            .unwrap_or_default(),
        change_number: changed,
        first_queue: call
            .first_queue
            .as_ref()
            .map(QueueId::to_string)
            .unwrap_or_default(),
        overflowed_to: call.overflow.as_ref().map(|target| v1::OverflowTarget {
            pool: target.pool.to_string(),
            queue: target.queue.to_string(),
            arrived_at: Some(timestamp(call.ended_at.minus(call.waited_ms))),
            receipt: String::new(),
        }),
        ..v1::Call::default()
    }
}

pub(super) fn outcome(outcome: Outcome) -> v1::Outcome {
    match outcome {
        Outcome::Handled => v1::Outcome::Handled,
        Outcome::Abandoned => v1::Outcome::Abandoned,
        Outcome::Overflowed => v1::Outcome::Overflowed,
        Outcome::TimedOut => v1::Outcome::TimedOut,
        Outcome::Lost => v1::Outcome::Lost,
        Outcome::Unreached => v1::Outcome::Unreached,
        Outcome::Cancelled => v1::Outcome::Cancelled,
    }
}

/// The open offer, or the one whose agent leg is not yet confirmed gone.
fn offer_of(call: &LiveCall) -> Option<v1::Offer> {
    if let Some(open) = call.offer() {
        let connecting = matches!(call.phase, Phase::Connecting(_));
        return Some(offer(open, &call.record.id, &call.address, connecting));
    }
    let (id, agent) = call.rescind.as_ref()?;
    Some(v1::Offer {
        id: id.to_string(),
        call_id: call.record.id.to_string(),
        agent_id: agent.to_string(),
        address: call.address.to_string(),
        step: v1::OfferStep::Rescind.into(),
        ..v1::Offer::default()
    })
}

/// An open offer.
pub(in crate::api) fn offer(
    offer: &LiveOffer,
    call: &CallId,
    address: &str,
    connecting: bool,
) -> v1::Offer {
    let (mode, step) = match (offer.mode, connecting) {
        (OfferMode::AcceptFirst, false) => (v1::OfferMode::AcceptFirst, v1::OfferStep::Proposed),
        (OfferMode::AcceptFirst, true) => (v1::OfferMode::AcceptFirst, v1::OfferStep::Connect),
        (OfferMode::Ring, _) => (v1::OfferMode::Ring, v1::OfferStep::Ring),
    };
    v1::Offer {
        id: offer.id.to_string(),
        call_id: call.to_string(),
        agent_id: offer.agent.to_string(),
        address: address.to_owned(),
        mode: mode.into(),
        step: step.into(),
        ring_for: Some(duration(offer.ring_for_ms)),
        create_time: Some(timestamp(offer.made_at)),
        expire_time: Some(timestamp(offer.lease_until)),
    }
}
