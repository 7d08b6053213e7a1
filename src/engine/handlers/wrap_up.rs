//! After-call work: how it is extended, how it ends, and what came of the call.

use std::sync::Arc;

use super::{
    super::{
        agent::{Intent, Work},
        command::SessionRef,
        event::Event,
        ids::{CallId, SHORT_NAME_BYTES_MAX, name_problem},
        rejection::{Rejection, Violation},
        state::{AgentIx, State},
    },
    Outcome, Step,
    agent_work::wrong_work,
    ends::back_to_idle,
    pool::names_of,
    session::{check_intent, commanded, number},
};

/// The agent ends wrap-up, and may say what came of the call and what comes next.
pub(super) fn finish(
    step: &mut Step<'_>,
    by: &SessionRef,
    call: &CallId,
    next: Option<&Intent>,
    disposition: Option<&Arc<str>>,
) -> Outcome {
    let Some(ix) = commanded(step, by)? else {
        return Ok(());
    };
    check_wrapped(step, by, ix, call)?;
    if let Some(next) = next {
        check_intent(step.state, "next_reason", next)?;
    }
    check_disposition(step.state, disposition)?;
    number(step, by);
    if let Some(next) = next {
        step.emit(Event::NextIntentChanged {
            agent: by.agent.clone(),
            next: Some(next.clone()),
            supervisor: None,
        });
    }
    end(step, ix, false, disposition.cloned());
    Ok(())
}

/// The agent extends wrap-up, once and if the queue of the call allows it.
pub(super) fn extend(step: &mut Step<'_>, by: &SessionRef, call: &CallId) -> Outcome {
    let Some(ix) = commanded(step, by)? else {
        return Ok(());
    };
    check_wrapped(step, by, ix, call)?;
    let Work::WrapUp {
        until: Some(until),
        extension_ms: extension_ms @ 1..,
        ..
    } = step.state.agents[ix].state.work
    else {
        return Err(Rejection::WrongState {
            subject: format!("wrap-up of call `{call}`"),
            is: "as long as it may be",
            needed: "extendable: a queue allows that once or not at all",
        });
    };
    number(step, by);
    step.emit(Event::WrapUpExtended {
        agent: by.agent.clone(),
        call: call.clone(),
        until: until.plus(extension_ms),
    });
    Ok(())
}

/// Ends wrap-up, by word or by its limit.
pub(super) fn end(step: &mut Step<'_>, ix: AgentIx, by_limit: bool, disposition: Option<Arc<str>>) {
    let agent = &step.state.agents[ix];
    let (since, queue) = match &agent.state.work {
        Work::WrapUp { since, queue, .. } => (*since, queue.clone()),
        Work::Idle | Work::Offered { .. } | Work::Connected { .. } | Work::External { .. } => {
            (None, None)
        }
    };
    step.emit(Event::WrapUpEnded {
        agent: agent.profile.id.clone(),
        at: step.at.now,
        by_limit,
        disposition,
        queue,
        lasted_ms: since.map(|since| step.at.now.since(since)),
    });
    back_to_idle(step, ix);
}

fn check_wrapped(step: &Step<'_>, by: &SessionRef, ix: AgentIx, call: &CallId) -> Outcome {
    let work = &step.state.agents[ix].state.work;
    if matches!(work, Work::WrapUp { call: wrapped, .. } if wrapped == call) {
        return Ok(());
    }
    Err(wrong_work(by, work, "in wrap-up of that call"))
}

/// Whether a disposition is one that the pool knows.
fn check_disposition(state: &State, disposition: Option<&Arc<str>>) -> Outcome {
    let Some(code) = disposition else {
        return Ok(());
    };
    let spec = state.spec.as_ref();
    let known = spec.map_or(&[][..], |spec| &spec.dispositions[..]);
    let problem = if let Some(problem) = name_problem(code, SHORT_NAME_BYTES_MAX) {
        problem
    } else if !known.is_empty() && !known.contains(code) {
        let known = names_of(known.iter().map(|code| &**code));
        format!("`{code}` is not a disposition of this pool: it has {known}")
    } else {
        return Ok(());
    };
    Err(Rejection::Invalid(vec![Violation::new(
        "disposition",
        problem,
    )]))
}
