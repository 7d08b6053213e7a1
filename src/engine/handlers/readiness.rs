//! Checks of agents' set-ups, as their clients report them.

use std::sync::Arc;

use super::{
    super::{
        event::Event,
        ids::AgentId,
        readiness::{Check, Readiness},
        rejection::{Rejection, Violation},
    },
    Outcome, Step,
    trouble::withdraw,
};
use crate::readiness::standing::Band;

/// No text of a check is longer, bytes.
const TEXT_BYTES_MAX: usize = 64;

/// Takes a check; one of the last that comes again changes nothing. When most of the last checks found the line too bad, an
/// offer that is open goes back without a miss.
pub(super) fn report(step: &mut Step<'_>, agent: &AgentId, check: &Check) -> Outcome {
    let ix = step.state.agent(agent);
    let ix = ix.ok_or_else(|| Rejection::UnknownAgent(agent.clone()))?;
    check_texts(check)?;
    let guards = &step.state.guards;
    let before = guards.readiness(ix);
    if before.is_some_and(|before| before.knows(&check.id)) {
        return Ok(());
    }
    let asked = guards.asked.clone().unwrap_or_default();
    let before = before.map(|before| &**before);
    let readiness = Readiness::after(before, &asked, check.clone(), step.at.now);
    let is_bad = readiness.standing == Band::Suspend;
    step.emit(Event::ReadinessReported {
        agent: agent.clone(),
        at: step.at.now,
        readiness: Arc::new(readiness),
    });
    if is_bad && step.state.needs_check(ix) {
        withdraw(step, ix);
    }
    Ok(())
}

fn check_texts(check: &Check) -> Outcome {
    let set_up = &check.set_up;
    let texts = [
        ("check_id", &check.id),
        ("set_up.client", &set_up.client),
        ("set_up.headset", &set_up.headset),
        ("set_up.provider", &set_up.provider),
    ];
    let long = texts.iter().filter(|(_, text)| text.len() > TEXT_BYTES_MAX);
    let mut wrong: Vec<Violation> = long
        .map(|(field, text)| {
            let problem = format!("has {} bytes; give at most {TEXT_BYTES_MAX}", text.len());
            Violation::new(*field, problem)
        })
        .collect();
    if check.id.is_empty() {
        wrong.push(Violation::new(
            "check_id",
            "is missing; give one that is new for each check",
        ));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Rejection::Invalid(wrong))
    }
}
