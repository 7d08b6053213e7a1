//! What agents say of themselves: a bad line, being late or unwell.

use super::{
    super::{
        agent::{Absence, Work},
        call::Phase,
        command::{SessionRef, Trouble},
        event::{Event, OfferEnd},
        ids::PoolTime,
        rejection::{Rejection, Violation},
        state::AgentIx,
    },
    Outcome, Step,
    ends::end_offer,
    session::{commanded, number},
};

/// A line that its agent calls bad counts as bad for this long, unless the agent says so again.
pub(crate) const BAD_LINE_MS: u64 = 10 * 60_000;
/// An absence lasts at most 31 days.
const ABSENCE_MS_MAX: u64 = 31 * 24 * 3_600_000;

/// Takes the agent's word.
pub(super) fn report(step: &mut Step<'_>, by: &SessionRef, trouble: Trouble) -> Outcome {
    let Some(ix) = commanded(step, by)? else {
        return Ok(());
    };
    if let Trouble::Absent(absence) = trouble {
        check_until(step.at.now, absence.until)?;
    }
    number(step, by);
    match trouble {
        Trouble::BadLine => worsen(step, ix),
        Trouble::GoodLine => improve(step, ix),
        Trouble::Absent(absence) => change_absence(step, ix, Some(absence)),
        Trouble::Back(kind) => {
            let said = step.state.agents[ix].state.absence;
            if said.is_some_and(|absence| absence.kind == kind) {
                change_absence(step, ix, None);
            }
        }
    }
    Ok(())
}

/// Whether something that the agent said was due to end, and did.
pub(super) fn expire(step: &mut Step<'_>, ix: AgentIx) -> bool {
    let now = step.at.now;
    let state = &step.state.agents[ix].state;
    if state.bad_line_until.is_some_and(|until| until <= now) {
        improve(step, ix);
    } else if state.absence.is_some_and(|said| said.until <= now) {
        change_absence(step, ix, None);
    } else {
        return false;
    }
    true
}

/// No offers over a bad line; an open one goes back without a miss. A call being connected, or in conversation, goes on.
fn worsen(step: &mut Step<'_>, ix: AgentIx) {
    change_quality(step, ix, Some(step.at.now.plus(BAD_LINE_MS)));
    withdraw(step, ix);
}

/// Lets an offer go back over whose line nobody could talk.
pub(super) fn withdraw(step: &mut Step<'_>, ix: AgentIx) {
    if let Work::Offered { call, .. } = &step.state.agents[ix].state.work {
        let call = step.state.call(call).expect("an offered call lives");
        if matches!(step.state.calls[call].state.phase, Phase::Offered(_)) {
            end_offer(step, call, OfferEnd::LineQuality, false);
        }
    }
}

fn improve(step: &mut Step<'_>, ix: AgentIx) {
    change_quality(step, ix, None);
}

fn change_quality(step: &mut Step<'_>, ix: AgentIx, bad_until: Option<PoolTime>) {
    let agent = &step.state.agents[ix];
    if agent.state.bad_line_until != bad_until {
        step.emit(Event::LineQualityChanged {
            agent: agent.profile.id.clone(),
            bad_until,
            at: step.at.now,
        });
    }
}

fn change_absence(step: &mut Step<'_>, ix: AgentIx, absence: Option<Absence>) {
    let agent = &step.state.agents[ix];
    if agent.state.absence != absence {
        step.emit(Event::AbsenceChanged {
            agent: agent.profile.id.clone(),
            absence,
            at: step.at.now,
        });
    }
}

fn check_until(now: PoolTime, until: PoolTime) -> Outcome {
    let problem = if until <= now {
        "is over; give a time to come"
    } else if until > now.plus(ABSENCE_MS_MAX) {
        "is over 31 days away; give a sooner time"
    } else {
        return Ok(());
    };
    Err(Rejection::Invalid(vec![Violation::new("until", problem)]))
}
