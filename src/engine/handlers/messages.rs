//! Supervisors' messages to agents and teams, and agents who have read them.

use std::sync::Arc;

use super::{
    super::{
        command::{Recipient, SessionRef},
        event::Event,
        ids::{MessageId, text_problem},
        inbox::{INBOX_MAX, Message, MessageEnd},
        rejection::{Rejection, Violation},
        state::{AgentIx, State},
    },
    Outcome, Step,
    session::{commanded, known, number},
    supervision::wrong_names,
};

/// Longest text, in characters.
const TEXT_CHARS_MAX: usize = 500;
/// A message goes to so many agents at most.
const RECIPIENTS_MAX: usize = 5_000;
/// A message is kept this long.
const KEPT_MS: u64 = 24 * 3_600_000;

/// Sends a message to an agent or to each of a team. Where it finds no room the oldest goes.
pub(super) fn send(
    step: &mut Step<'_>,
    to: &Recipient,
    text: &Arc<str>,
    supervisor: &Arc<str>,
) -> Outcome {
    check_texts(to, text, supervisor)?;
    let agents = recipients(step.state, to)?;
    for ix in &agents {
        make_room(step, *ix);
    }
    let ids = agents.iter().map(|ix| &step.state.agents[*ix].profile.id);
    let agents = ids.cloned().collect();
    let team = match to {
        Recipient::Agent(_) => None,
        Recipient::Team(team) => Some(Arc::clone(team)),
    };
    let sent_at = step.at.now;
    let message = Message {
        id: MessageId(step.state.counters.next_message),
        team,
        text: Arc::clone(text),
        supervisor: Arc::clone(supervisor),
        sent_at,
        until: sent_at.plus(KEPT_MS),
    };
    let message = Arc::new(message);
    step.emit(Event::MessageSent { message, agents });
    Ok(())
}

/// The agent has read a message; one that the agent does not have, or no longer, is left as it is.
pub(super) fn acknowledge(step: &mut Step<'_>, by: &SessionRef, message: MessageId) -> Outcome {
    let Some(ix) = commanded(step, by)? else {
        return Ok(());
    };
    if message.0 >= step.state.counters.next_message {
        let problem = format!("is `{message}`, and no such message was sent; name one of yours");
        return Err(Rejection::Invalid(vec![Violation::new(
            "message_id",
            problem,
        )]));
    }
    number(step, by);
    if step.state.agents[ix].inbox.contains(&message) {
        end(step, message, &[ix], MessageEnd::Acknowledged);
    }
    Ok(())
}

/// A message was kept for long enough.
pub(super) fn expire(step: &mut Step<'_>, message: MessageId) {
    let holders: Vec<AgentIx> = step.state.messages.holders(message).collect();
    end(step, message, &holders, MessageEnd::Expired);
}

fn end(step: &mut Step<'_>, message: MessageId, agents: &[AgentIx], cause: MessageEnd) {
    let agents = agents.iter();
    let agents = agents.map(|ix| step.state.agents[*ix].profile.id.clone());
    let event = Event::MessageEnded {
        message,
        agents: agents.collect(),
        cause,
    };
    step.emit(event);
}

fn make_room(step: &mut Step<'_>, ix: AgentIx) {
    let inbox = &step.state.agents[ix].inbox;
    if inbox.len() >= INBOX_MAX {
        let oldest = inbox[0];
        end(step, oldest, &[ix], MessageEnd::Displaced);
    }
}

/// Whom a message reaches, by id.
fn recipients(state: &State, to: &Recipient) -> Result<Vec<AgentIx>, Rejection> {
    let team = match to {
        Recipient::Agent(id) => return known(state, id).map(|ix| vec![ix]),
        Recipient::Team(team) => team,
    };
    let agents = state.agents.iter();
    let agents = agents.filter(|(_, agent)| agent.profile.team == *team);
    let mut agents: Vec<AgentIx> = agents.map(|(ix, _)| ix).collect();
    if agents.is_empty() {
        return Err(Rejection::UnknownTeam(Arc::clone(team)));
    }
    if agents.len() > RECIPIENTS_MAX {
        let count = agents.len();
        let problem = format!("has {count} agents; a message goes to at most {RECIPIENTS_MAX}");
        return Err(Rejection::Invalid(vec![Violation::new("team", problem)]));
    }
    agents.sort_by(|a, b| {
        state.agents[*a]
            .profile
            .id
            .cmp(&state.agents[*b].profile.id)
    });
    Ok(agents)
}

fn check_texts(to: &Recipient, text: &Arc<str>, supervisor: &Arc<str>) -> Outcome {
    let mut wrong = match to {
        Recipient::Agent(_) => Vec::new(),
        Recipient::Team(team) => wrong_names(&[("team", team)]),
    };
    let problem = match text.chars().count() {
        0 => Some(format!("is empty; give 1 to {TEXT_CHARS_MAX} characters")),
        1..=TEXT_CHARS_MAX => text_problem(text),
        count => Some(format!(
            "has {count} characters; give at most {TEXT_CHARS_MAX}"
        )),
    };
    wrong.extend(problem.map(|problem| Violation::new("text", problem)));
    wrong.extend(wrong_names(&[("supervisor", supervisor)]));
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Rejection::Invalid(wrong))
}
