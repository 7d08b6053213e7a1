//! What metrics want to know of an event and the event does not say: how things stood right before it.

use super::fold::Fold;
use crate::{
    engine::{
        agent::{Intent, Line, Mover, REASON_LINE_LOST, Work},
        event::{Event, OfferEnd, Outcome},
        ids::{CallId, PoolTime},
    },
    metrics::{Facts, Forced},
};

/// What metrics want to know of an event, before it is followed.
pub(super) fn of(fold: &Fold<'_>, event: &Event) -> Facts {
    Facts {
        queue: fold.queue_of(event),
        moves_callback: moves_callback(fold, event),
        response_ms: response_ms(fold, event),
        forced: forced(fold, event),
    }
}

fn moves_callback(fold: &Fold<'_>, event: &Event) -> bool {
    let Event::CallMoved {
        call,
        transfer: None,
        ..
    } = event
    else {
        return false;
    };
    fold.live(call).is_some_and(|live| live.callback.is_some())
}

fn response_ms(fold: &Fold<'_>, event: &Event) -> Option<u64> {
    let (Event::OfferAccepted { call, at, .. }
    | Event::OfferEnded {
        call,
        at,
        cause: OfferEnd::Declined,
        ..
    }) = event
    else {
        return None;
    };
    Some(at.since(fold.live(call)?.offer()?.made_at))
}

#[expect(clippy::wildcard_enum_match_arm, reason = "most events end nothing")]
fn forced(fold: &Fold<'_>, event: &Event) -> Option<Forced> {
    match event {
        Event::WrapUpEnded { by_limit: true, .. } => Some(Forced::WrapUpLimit),
        Event::ExternalEnded { agent, at } => {
            let work = &fold.agent(agent)?.work;
            matches!(work, Work::External { until } if until <= at).then_some(Forced::ExternalLimit)
        }
        Event::IntentChanged {
            agent,
            intent,
            by: Mover::Policy,
            ..
        } => match intent {
            Intent::NotReady(reason) => (**reason == *REASON_LINE_LOST).then_some(Forced::LineLost),
            // Whoever is deleted is signed out too.
            Intent::Offline => {
                let agent = fold.agent(agent)?;
                let lost = matches!(agent.line, Line::Lost { .. });
                (lost && !agent.draining).then_some(Forced::SignedOut)
            }
            Intent::Ready => None,
        },
        Event::CallEnded {
            call,
            at,
            outcome: Outcome::Lost,
            ..
        } => lost(fold, call, *at),
        _ => None,
    }
}

/// Which limit ended a lost call; none if its platform said so.
fn lost(fold: &Fold<'_>, call: &CallId, at: PoolTime) -> Option<Forced> {
    let live = fold.live(call)?;
    if live.lost_at.is_some_and(|lost_at| lost_at <= at) {
        return Some(Forced::NotNamed);
    }
    if live.is_waiting() {
        return Some(Forced::PlatformGone);
    }
    let asked = live.talk.asked_until;
    asked
        .is_some_and(|until| until <= at)
        .then_some(Forced::LongestCall)
}
