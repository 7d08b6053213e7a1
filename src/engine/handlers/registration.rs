//! SIP registrations that platforms report: signs of life of agents who work without a desktop.
//!
//! A registration carries the line where no session is heard, up to its end. A session over a stream rules the line as
//! long as it is heard, and until its line is lost and the agent signed out: a phone stays registered for long after a
//! home has lost its Internet.

use super::{
    super::{
        agent::{Line, Registration, Work},
        call::Phase,
        event::{Event, OfferEnd},
        ids::{AgentId, PlatformKey, PoolTime},
        rejection::{Rejection, Violation},
        spec::OfferMode,
        state::{AgentIx, State},
    },
    Outcome, Step,
    ends::end_offer,
    platform::{check_key, heard, is_heard},
    session::{LINE_LOST_MS, known},
};

/// A registration lasts at most a day; phones say so again long before.
const REGISTERED_MS_MAX: u64 = 24 * 3_600_000;

/// Takes a platform's word. That an address is not registered any more is believed of whoever said that it was.
pub(super) fn report(
    step: &mut Step<'_>,
    id: &AgentId,
    key: &PlatformKey,
    until: Option<PoolTime>,
) -> Outcome {
    let ix = known(step.state, id)?;
    check_key(step, key)?;
    let now = step.at.now;
    let before = step.state.agents[ix].state.registration.as_deref();
    let Some(until) = until else {
        if before.is_some_and(|before| before.key == *key) {
            end(step, ix, now);
        }
        return Ok(());
    };
    check_until(now, until)?;
    let registration = Registration {
        key: key.clone(),
        until,
    };
    if before != Some(&registration) {
        change(step, ix, Some(registration));
    }
    if is_heard(step.state, key) {
        lift(step, ix);
    } else {
        heard(step, key);
    }
    Ok(())
}

/// Whether a registration carries the line where no session is heard: its platform must have been heard since a restart.
fn carries(state: &State, ix: AgentIx) -> bool {
    let agent = &state.agents[ix].state;
    let said = agent.registration.as_deref();
    agent.is_registered() && said.is_some_and(|said| is_heard(state, &said.key))
}

/// The line is up by its registration, if it carries the line and nothing else does.
pub(super) fn lift(step: &mut Step<'_>, ix: AgentIx) {
    if step.state.agents[ix].state.line != Line::Up && carries(step.state, ix) {
        raise(step, ix);
    }
}

/// The line is up by its registration alone: the agent is rung, and an offer that only a desktop knows goes back.
fn raise(step: &mut Step<'_>, ix: AgentIx) {
    change_line(step, ix, Line::Up, true);
    if let Work::Offered { call, .. } = &step.state.agents[ix].state.work {
        let call = step.state.call(call).expect("an offered call lives");
        let phase = &step.state.calls[call].state.phase;
        if matches!(phase, Phase::Offered(offer) if offer.mode == OfferMode::AcceptFirst) {
            end_offer(step, call, OfferEnd::LineLost, false);
        }
    }
}

/// A platform is heard: what it said before counts again.
pub(super) fn lift_all(step: &mut Step<'_>, key: &PlatformKey) {
    let of = |ix: &AgentIx| {
        let said = step.state.agents[*ix].state.registration.as_deref();
        said.is_some_and(|said| said.key == *key)
    };
    let mut registered = step.state.registered.to_vec();
    registered.retain(of);
    for ix in registered {
        lift(step, ix);
    }
}

/// The session of a line that is up is not heard any more. Whether its registration carries the line from now on.
pub(super) fn take_over(step: &mut Step<'_>, ix: AgentIx) -> bool {
    if !carries(step.state, ix) {
        return false;
    }
    raise(step, ix);
    true
}

/// A session of a line that its registration carries is heard again.
pub(super) fn hand_back(step: &mut Step<'_>, ix: AgentIx) {
    change_line(step, ix, Line::Up, false);
}

/// Whether a registration was due to end, and did.
pub(super) fn expire(step: &mut Step<'_>, ix: AgentIx) -> bool {
    let said = step.state.agents[ix].state.registration.as_deref();
    let until = said.map(|said| said.until);
    let Some(until) = until.filter(|until| *until <= step.at.now) else {
        return false;
    };
    end(step, ix, until);
    true
}

/// A registration is over since then: a line that nothing else carries falls silent.
pub(super) fn end(step: &mut Step<'_>, ix: AgentIx, since: PoolTime) {
    change(step, ix, None);
    if step.state.agents[ix].state.by_registration {
        let lost_at = since.plus(LINE_LOST_MS).max(step.at.now);
        change_line(step, ix, Line::Silent { since, lost_at }, false);
    }
}

fn change(step: &mut Step<'_>, ix: AgentIx, registration: Option<Registration>) {
    let agent = step.state.agents[ix].profile.id.clone();
    step.emit(Event::RegistrationChanged {
        agent,
        registration,
        at: step.at.now,
    });
}

fn change_line(step: &mut Step<'_>, ix: AgentIx, line: Line, by_registration: bool) {
    let agent = step.state.agents[ix].profile.id.clone();
    step.emit(Event::LineChanged {
        agent,
        line,
        by_registration,
    });
}

fn check_until(now: PoolTime, until: PoolTime) -> Outcome {
    let problem = if until <= now {
        "is over; give a time to come, or none if it is not registered any more"
    } else if until > now.plus(REGISTERED_MS_MAX) {
        "is over a day away; give a sooner time and say so again"
    } else {
        return Ok(());
    };
    Err(Rejection::Invalid(vec![Violation::new("until", problem)]))
}
