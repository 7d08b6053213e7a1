//! Agents' sessions, lines and intents.

use std::sync::Arc;

use super::{
    super::{
        agent::{BUILT_IN_REASONS, Intent, Line, Work},
        command::{LineSign, SessionRef},
        event::Event,
        ids::{AgentId, SHORT_NAME_BYTES_MAX, name_problem},
        rejection::{Rejection, Violation},
        state::{AgentIx, State},
    },
    Outcome, Step,
    ends::move_intent,
    pool::names_of,
    registration,
};

/// A line without a sign for this long is lost.
pub(crate) const LINE_LOST_MS: u64 = 10_000;

/// A device connects; the session before is superseded.
pub(super) fn open(step: &mut Step<'_>, id: &AgentId, stream: bool) -> Outcome {
    let ix = known(step.state, id)?;
    let before = step.state.agents[ix].state.session;
    let session = before.max(step.state.counters.sessions_above) + 1;
    step.emit(Event::SessionOpened {
        agent: id.clone(),
        session,
        stream,
        at: step.at.now,
    });
    Ok(())
}

/// Signs of life of a session arrive, or stay away.
pub(super) fn line(step: &mut Step<'_>, id: &AgentId, session: u64, sign: LineSign) -> Outcome {
    let ix = known(step.state, id)?;
    check_session(step.state, ix, session)?;
    let now = step.at.now;
    let state = &step.state.agents[ix].state;
    let line = match (sign, state.line) {
        (LineSign::Heard, Line::Up) if state.by_registration => {
            registration::hand_back(step, ix);
            return Ok(());
        }
        (LineSign::Heard, Line::Silent { .. } | Line::Lost { .. }) => Line::Up,
        (LineSign::Silent { .. }, Line::Up)
            if state.by_registration || registration::take_over(step, ix) =>
        {
            return Ok(());
        }
        (LineSign::Silent { for_ms }, Line::Up) => {
            let since = now.minus(for_ms);
            Line::Silent {
                since,
                lost_at: since.plus(LINE_LOST_MS).max(now),
            }
        }
        (LineSign::Heard, Line::Up)
        | (LineSign::Silent { .. }, Line::Silent { .. } | Line::Lost { .. }) => return Ok(()),
    };
    step.emit(Event::LineChanged {
        agent: id.clone(),
        line,
        by_registration: false,
    });
    Ok(())
}

/// Sets what the agent asks for: at once if nothing is in hand, else after the present work.
pub(super) fn set_intent(step: &mut Step<'_>, by: &SessionRef, intent: Option<&Intent>) -> Outcome {
    let Some(ix) = commanded(step, by)? else {
        return Ok(());
    };
    if let Some(intent) = intent {
        check_intent(step.state, "reason", intent)?;
    }
    number(step, by);
    ask_intent(step, ix, intent.cloned(), None);
    Ok(())
}

/// The agent, or a supervisor, asks for an intent: it applies at once if nothing is in hand, else after the present work.
pub(super) fn ask_intent(
    step: &mut Step<'_>,
    ix: AgentIx,
    next: Option<Intent>,
    supervisor: Option<&Arc<str>>,
) {
    let agent = &step.state.agents[ix];
    let known = (&agent.state.next_intent, agent.state.next_by.as_ref());
    if agent.state.work == Work::Idle
        && let Some(intent) = next
    {
        move_intent(step, ix, intent, supervisor);
    } else if known != (&next, supervisor.filter(|_| next.is_some())) {
        step.emit(Event::NextIntentChanged {
            agent: agent.profile.id.clone(),
            supervisor: supervisor.filter(|_| next.is_some()).cloned(),
            next,
        });
    }
}

/// The agent of this id.
pub(super) fn known(state: &State, id: &AgentId) -> Result<AgentIx, Rejection> {
    state
        .agent(id)
        .ok_or_else(|| Rejection::UnknownAgent(id.clone()))
}

/// The agent who commands, by the newest session; `None` if this sequence was carried out before.
pub(super) fn commanded(step: &Step<'_>, by: &SessionRef) -> Result<Option<AgentIx>, Rejection> {
    let ix = known(step.state, &by.agent)?;
    check_session(step.state, ix, by.session)?;
    let repeated = by.sequence > 0 && by.sequence <= step.state.agents[ix].state.sequence;
    Ok((!repeated).then_some(ix))
}

/// Notes that a session's command is carried out, if it is numbered.
pub(super) fn number(step: &mut Step<'_>, by: &SessionRef) {
    if by.sequence > 0 {
        let (agent, sequence) = (by.agent.clone(), by.sequence);
        step.emit(Event::SessionSequenced { agent, sequence });
    }
}

fn check_session(state: &State, ix: AgentIx, session: u64) -> Outcome {
    let agent = &state.agents[ix];
    let newest = agent.state.session;
    if session == newest && newest > 0 {
        return Ok(());
    }
    if session == 0 || session > newest {
        let problem = "is no session of this agent; open one first";
        return Err(Rejection::Invalid(vec![Violation::new("session", problem)]));
    }
    Err(Rejection::SessionSuperseded {
        agent: agent.profile.id.clone(),
        session,
        newest,
    })
}

/// Whether an intent's reason is one that the pool knows.
pub(super) fn check_intent(state: &State, field: &str, intent: &Intent) -> Outcome {
    let Intent::NotReady(reason) = intent else {
        return Ok(());
    };
    let configured = state
        .spec
        .as_ref()
        .map_or(&[][..], |spec| &spec.not_ready_reasons[..]);
    let named = configured.iter().any(|known| known == reason);
    let problem = if let Some(problem) = name_problem(reason, SHORT_NAME_BYTES_MAX) {
        problem
    } else if BUILT_IN_REASONS.contains(&&**reason) {
        format!("`{reason}` is set by the service only; name a reason of the pool")
    } else if !configured.is_empty() && !named {
        let known = names_of(configured.iter().map(|reason| &**reason));
        format!("`{reason}` is not a reason of this pool: it has {known}")
    } else {
        return Ok(());
    };
    Err(Rejection::Invalid(vec![Violation::new(field, problem)]))
}
