//! Supervisors' orders: holds, intents and drained sites. Each names who gave it.

use std::sync::Arc;

use super::{
    super::{
        agent::{Hold, Intent, Line, Work},
        event::{Event, OfferEnd},
        ids::{AgentId, NAME_BYTES_MAX, PoolTime, name_problem},
        rejection::{Rejection, Violation},
        sites::DrainedSite,
        state::{AgentIx, State},
    },
    Outcome, Step,
    ends::end_offer,
    session::{ask_intent, check_intent, known},
};

/// A hold lasts at most a year.
const HOLD_MS_MAX: u64 = 366 * 24 * 3_600_000;

/// No offers to an agent until then. An open offer stays: only new ones are kept away.
pub(super) fn hold(
    step: &mut Step<'_>,
    id: &AgentId,
    until: PoolTime,
    reason: &Arc<str>,
    supervisor: &Arc<str>,
) -> Outcome {
    let ix = known(step.state, id)?;
    let at = step.at.now;
    let mut wrong = wrong_names(&[("reason", reason), ("supervisor", supervisor)]);
    if until <= at {
        wrong.push(Violation::new("until", "is over; give a time to come"));
    } else if until > at.plus(HOLD_MS_MAX) {
        wrong.push(Violation::new(
            "until",
            "is over a year away; give a sooner time",
        ));
    }
    if !wrong.is_empty() {
        return Err(Rejection::Invalid(wrong));
    }
    let hold = Hold {
        until,
        reason: Arc::clone(reason),
        supervisor: Arc::clone(supervisor),
    };
    if step.state.agents[ix].state.hold.as_deref() != Some(&hold) {
        let agent = id.clone();
        step.emit(Event::AgentHeld { agent, hold, at });
    }
    Ok(())
}

/// Ends a hold before its time; without one nothing happens.
pub(super) fn release(step: &mut Step<'_>, id: &AgentId, supervisor: &Arc<str>) -> Outcome {
    let ix = known(step.state, id)?;
    check_names(&[("supervisor", supervisor)])?;
    if step.state.agents[ix].state.hold.is_some() {
        end_hold(step, ix, Some(Arc::clone(supervisor)));
    }
    Ok(())
}

/// A hold is over, by a supervisor's word or by its end.
pub(super) fn end_hold(step: &mut Step<'_>, ix: AgentIx, supervisor: Option<Arc<str>>) {
    let agent = step.state.agents[ix].profile.id.clone();
    step.emit(Event::AgentReleased {
        agent,
        supervisor,
        at: step.at.now,
    });
}

/// Sets what an agent asks for, as the agent would. Nobody can be signed in on a line that is lost.
pub(super) fn set_intent(
    step: &mut Step<'_>,
    id: &AgentId,
    intent: &Intent,
    supervisor: &Arc<str>,
) -> Outcome {
    let ix = known(step.state, id)?;
    check_names(&[("supervisor", supervisor)])?;
    check_intent(step.state, "reason", intent)?;
    let state = &step.state.agents[ix].state;
    let nobody_there = matches!(state.line, Line::Lost { .. }) && state.work == Work::Idle;
    if nobody_there && *intent != Intent::Offline {
        return Err(Rejection::WrongState {
            subject: format!("agent `{id}`"),
            is: "out of reach",
            needed: "connected: only `OFFLINE` can be set for an agent whose line is lost",
        });
    }
    ask_intent(step, ix, Some(intent.clone()), Some(supervisor));
    Ok(())
}

/// No new offers to a site: its open ones are rescinded without a miss, its conversations go on.
pub(super) fn drain(
    step: &mut Step<'_>,
    id: &Arc<str>,
    reason: &Arc<str>,
    supervisor: &Arc<str>,
) -> Outcome {
    check_names(&[("site", id), ("reason", reason), ("supervisor", supervisor)])?;
    check_site(step.state, id)?;
    let drained = step.state.sites.drained(id);
    if drained.is_some_and(|site| (&site.reason, &site.supervisor) == (reason, supervisor)) {
        return Ok(());
    }
    let since = drained.map_or(step.at.now, |site| site.since);
    step.emit(Event::SiteDrained {
        site: DrainedSite {
            id: Arc::clone(id),
            reason: Arc::clone(reason),
            supervisor: Arc::clone(supervisor),
            since,
        },
    });
    for ix in step.state.sites.agents(id) {
        rescind(step, ix);
    }
    Ok(())
}

/// Ends the open offer of an agent, if there is one, through no fault of the agent.
fn rescind(step: &mut Step<'_>, ix: AgentIx) {
    if let Work::Offered { call, .. } = &step.state.agents[ix].state.work {
        let call = step.state.call(call).expect("an offered call lives");
        end_offer(step, call, OfferEnd::SiteDrained, false);
    }
}

/// A site gets offers again; one that is not drained stays as it is.
pub(super) fn undrain(step: &mut Step<'_>, id: &Arc<str>, supervisor: &Arc<str>) -> Outcome {
    check_names(&[("site", id), ("supervisor", supervisor)])?;
    check_site(step.state, id)?;
    if step.state.sites.drained(id).is_some() {
        step.emit(Event::SiteUndrained {
            site: Arc::clone(id),
            supervisor: Arc::clone(supervisor),
            at: step.at.now,
        });
    }
    Ok(())
}

fn check_site(state: &State, id: &Arc<str>) -> Outcome {
    if state.sites.knows(id) {
        return Ok(());
    }
    Err(Rejection::UnknownSite(Arc::clone(id)))
}

fn check_names(names: &[(&str, &Arc<str>)]) -> Outcome {
    let wrong = wrong_names(names);
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Rejection::Invalid(wrong))
}

/// What is wrong with names that must be given.
pub(super) fn wrong_names(names: &[(&str, &Arc<str>)]) -> Vec<Violation> {
    let wrong = names.iter().filter_map(|(field, name)| {
        let problem = name_problem(name, NAME_BYTES_MAX)?;
        Some(Violation::new(*field, problem))
    });
    wrong.collect()
}
