//! After a restart, or after the store was away: nobody is heard until they show themselves, and nobody is blamed for the service's absence.

use super::{
    super::{
        agent::{Intent, Line},
        event::Event,
        ids::PoolTime,
        state::{AgentIx, CallIx},
    },
    Outcome, Step, arrivals,
    platform::miss,
    talk,
};

/// How long lines may stay silent after a restart before they count as lost.
pub(crate) const GRACE_MS: u64 = 15_000;
/// An open offer lasts at least this long after a restart, so that its clients can reconnect.
const OFFER_GRACE_MS: u64 = 5_000;
/// An open offer lasts at least this long after the store took no changes for a while.
const OFFER_RESUME_MS: u64 = 2_000;

/// Silences every line, detaches every platform, extends open offers, and gives calls that were missed or asked about
/// their time again. A pool that was restored from a backup says so first.
pub(super) fn recover(step: &mut Step<'_>, undone_after: Option<u64>) -> Outcome {
    let now = step.at.now;
    if let Some(undone_after) = undone_after {
        begin_anew(step, undone_after);
    }
    arrivals::resume(step);
    // Those detached before had no chance to come back meanwhile.
    for key in step.state.platforms.keys().cloned().collect::<Vec<_>>() {
        step.emit(Event::PlatformDetached { key, at: now });
    }
    for ix in step
        .state
        .agents
        .iter()
        .map(|(ix, _)| ix)
        .collect::<Vec<_>>()
    {
        silence(step, ix, now);
    }
    for ix in step
        .state
        .calls
        .iter()
        .map(|(ix, _)| ix)
        .collect::<Vec<_>>()
    {
        extend(step, ix, now.plus(OFFER_GRACE_MS));
        if step.state.calls[ix].state.lost_at.is_some() {
            miss(step, ix);
        }
        if step.state.calls[ix].state.talk.asked_until.is_some() {
            talk::ask(step, ix);
        }
    }
    Ok(())
}

/// Extends open offers: nobody could answer while the store took no changes.
pub(super) fn resume(step: &mut Step<'_>) -> Outcome {
    let until = step.at.now.plus(OFFER_RESUME_MS);
    let calls: Vec<CallIx> = step.state.calls.iter().map(|(ix, _)| ix).collect();
    for ix in calls {
        extend(step, ix, until);
    }
    Ok(())
}

/// Offers, messages and sessions get numbers above any that were given since the backup: a late word about one of those
/// must not be taken for a word about a new one. The calendar in ms is above them, as they grow more slowly.
fn begin_anew(step: &mut Step<'_>, undone_after: u64) {
    let floor = u64::try_from(step.at.wall.0).unwrap_or(0);
    let counters = step.state.counters;
    step.emit(Event::PoolRestored {
        undone_after,
        next_offer: counters.next_offer.max(floor),
        next_message: counters.next_message.max(floor),
        sessions_above: counters.sessions_above.max(floor),
    });
}

fn silence(step: &mut Step<'_>, ix: AgentIx, now: PoolTime) {
    let agent = &step.state.agents[ix];
    let since = match agent.state.line {
        Line::Up => now,
        Line::Lost { .. } if agent.state.intent == Intent::Offline => return,
        // Whoever is signed in had no chance to come back meanwhile.
        Line::Silent { since, .. } | Line::Lost { since } => since,
    };
    let line = Line::Silent {
        since,
        lost_at: now.plus(GRACE_MS),
    };
    let agent = agent.profile.id.clone();
    step.emit(Event::LineChanged {
        agent,
        line,
        by_registration: false,
    });
}

fn extend(step: &mut Step<'_>, ix: CallIx, until: PoolTime) {
    let call = &step.state.calls[ix];
    let Some(offer) = call.state.offer().filter(|offer| offer.lease_until < until) else {
        return;
    };
    let (agent, offer) = (offer.agent.clone(), offer.id);
    let call = call.record.id.clone();
    step.emit(Event::OfferExtended {
        offer,
        call,
        agent,
        lease_until: until,
    });
}
