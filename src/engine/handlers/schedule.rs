//! The schedule: drafts made in chunks, published by one event, restored, or dropped and leaving nothing.

use std::sync::Arc;

use super::{
    super::{
        event::Event,
        ids::AgentId,
        plan::{Draft, PlannedShift, Shifts, Version},
        rejection::{Rejection, Violation},
        state::State,
    },
    Outcome, Step,
    supervision::wrong_names,
};

/// A draft that nothing is added to for so long is dropped.
const DRAFT_MS: u64 = 10 * 60_000;
/// So many agents are taken out of a dropped draft at a time.
const DROPPED_AT_ONCE: usize = 1_000;
/// What is left of a dropped draft is taken out after this.
const DROP_AGAIN_MS: u64 = 20;
/// More drafts at once are refused.
const DRAFTS_MAX: usize = 16;
/// The most shifts of an agent in a version.
const SHIFTS_OF_AGENT_MAX: usize = 1_000;
/// The most parts of a shift.
const SEGMENTS_MAX: usize = 64;

/// Opens a draft upon the version that holds.
pub(super) fn open(step: &mut Step<'_>, base: u64) -> Outcome {
    check_base(step.state, base)?;
    let schedule = &step.state.guards.schedule;
    if schedule.drafts.len() >= DRAFTS_MAX {
        return Err(Rejection::WrongState {
            subject: "the schedule".to_owned(),
            is: "being changed by many at once",
            needed: "changed by fewer: wait until one of them is done",
        });
    }
    step.emit(Event::DraftOpened {
        version: schedule.last + 1,
        draft: Draft {
            base,
            until: step.at.now.plus(DRAFT_MS),
            agents: 0,
        },
    });
    Ok(())
}

/// Says in a draft what shifts agents have from now on, all of each.
pub(super) fn stage(step: &mut Step<'_>, version: u64, plans: &[(AgentId, Shifts)]) -> Outcome {
    check_draft(step.state, version)?;
    check_plans(step.state, plans)?;
    step.emit(Event::ShiftsStaged {
        version,
        plans: plans.to_vec().into(),
        until: step.at.now.plus(DRAFT_MS),
    });
    Ok(())
}

/// Takes a draft into effect, if the version that it was made from still holds.
pub(super) fn publish(
    step: &mut Step<'_>,
    number: u64,
    by: &Arc<str>,
    title: &Arc<str>,
) -> Outcome {
    let draft = check_draft(step.state, number)?.clone();
    check_base(step.state, draft.base)?;
    check_words(&[("planner", by), ("title", title)])?;
    put_in_effect(step, number, &draft, by, title);
    Ok(())
}

fn put_in_effect(step: &mut Step<'_>, number: u64, draft: &Draft, by: &Arc<str>, title: &Arc<str>) {
    step.emit(Event::SchedulePublished {
        version: Version {
            number,
            base: draft.base,
            at: step.at.wall,
            by: Arc::clone(by),
            title: Arc::clone(title),
            agents: draft.agents,
        },
        at: step.at.now,
    });
}

/// Changes the shifts of one agent at once: a version of its own.
pub(super) fn revise(
    step: &mut Step<'_>,
    base: u64,
    plan: &(AgentId, Shifts),
    by: &Arc<str>,
    title: &Arc<str>,
) -> Outcome {
    check_base(step.state, base)?;
    check_plans(step.state, std::slice::from_ref(plan))?;
    check_words(&[("planner", by), ("title", title)])?;
    let ix = step.state.agent(&plan.0).expect("it was checked");
    if step.state.guards.shifts(ix) == Some(&plan.1) {
        return Ok(());
    }
    let version = step.state.guards.schedule.last + 1;
    let draft = Draft {
        base,
        until: step.at.now.plus(DRAFT_MS),
        agents: 1,
    };
    step.emit(Event::ShiftsStaged {
        version,
        plans: vec![plan.clone()].into(),
        until: draft.until,
    });
    put_in_effect(step, version, &draft, by, title);
    Ok(())
}

/// Goes back, or forward again, to a version that is kept; zero is no schedule at all.
pub(super) fn restore(step: &mut Step<'_>, version: u64, base: u64, by: &Arc<str>) -> Outcome {
    check_base(step.state, base)?;
    check_words(&[("planner", by)])?;
    let schedule = &step.state.guards.schedule;
    if version != 0 && schedule.version(version).is_none() {
        let kept: Vec<String> = schedule
            .kept
            .iter()
            .map(|kept| kept.number.to_string())
            .collect();
        let problem = format!("{version} is not kept; kept are {}", kept.join(", "));
        return Err(Rejection::Invalid(vec![Violation::new("version", problem)]));
    }
    if version != base {
        step.emit(Event::ScheduleRestored {
            version,
            from: base,
            by: Arc::clone(by),
            at: step.at.now,
        });
    }
    Ok(())
}

/// Drops a draft: its shifts go, some at a time.
pub(super) fn drop_draft(step: &mut Step<'_>, version: u64) -> Outcome {
    check_draft(step.state, version)?;
    expire(step, version);
    Ok(())
}

/// A draft's time is over, or the rest of it is to be dropped.
pub(super) fn expire(step: &mut Step<'_>, version: u64) {
    let guards = &step.state.guards;
    let named = guards.named_by(version, DROPPED_AT_ONCE);
    let until = (named.len() == DROPPED_AT_ONCE).then(|| step.at.now.plus(DROP_AGAIN_MS));
    let id = |ix| step.state.agents[ix].profile.id.clone();
    let agents: Vec<AgentId> = named.into_iter().map(id).collect();
    step.emit(Event::DraftDropped {
        version,
        agents: agents.into(),
        until,
    });
}

fn check_base(state: &State, base: u64) -> Outcome {
    let current = state.guards.schedule.current;
    if current == base {
        return Ok(());
    }
    Err(Rejection::ScheduleMoved { base, current })
}

fn check_draft(state: &State, version: u64) -> Result<&Draft, Rejection> {
    let draft = state.guards.schedule.drafts.get(&version);
    draft.ok_or_else(|| Rejection::WrongState {
        subject: format!("version {version} of the schedule"),
        is: "no draft, or was dropped because nothing was added for 10 min",
        needed: "an open draft: import again",
    })
}

fn check_words(words: &[(&str, &Arc<str>)]) -> Outcome {
    let wrong = wrong_names(words);
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Rejection::Invalid(wrong))
}

fn check_plans(state: &State, plans: &[(AgentId, Shifts)]) -> Outcome {
    let mut wrong = Vec::new();
    for (agent, shifts) in plans {
        if state.agent(agent).is_none() {
            let problem = format!("name `{agent}`, who is not known: apply the agent first");
            wrong.push(Violation::new("shifts", problem));
        } else if let Some(problem) = plan_problem(shifts) {
            let problem = format!("of `{agent}` {problem}");
            wrong.push(Violation::new("shifts", problem));
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Rejection::Invalid(wrong))
}

fn plan_problem(shifts: &[PlannedShift]) -> Option<String> {
    if shifts.len() > SHIFTS_OF_AGENT_MAX {
        let problem = format!("are {}; give at most {SHIFTS_OF_AGENT_MAX}", shifts.len());
        return Some(problem);
    }
    if shifts.iter().any(|shift| shift.end <= shift.start) {
        return Some("have one that ends before it begins".to_owned());
    }
    if shifts.windows(2).any(|pair| pair[1].start < pair[0].end) {
        return Some("are not in order, or overlap; give each time once".to_owned());
    }
    shifts.iter().find_map(segments_problem)
}

fn segments_problem(shift: &PlannedShift) -> Option<String> {
    let parts = &shift.segments;
    if parts.len() > SEGMENTS_MAX {
        return Some(format!(
            "have one of {} parts; give at most {SEGMENTS_MAX}",
            parts.len()
        ));
    }
    let outside = parts
        .iter()
        .any(|part| part.start < shift.start || part.end > shift.end || part.end <= part.start);
    let overlap = parts.windows(2).any(|pair| pair[1].start < pair[0].end);
    (outside || overlap).then(|| "have one whose parts overlap, or lie outside of it".to_owned())
}
