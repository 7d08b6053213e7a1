//! What streams and unary calls of agents have in common: orders of a session, and the agent's state now.

use super::{convert, status::Problem};
use crate::{
    engine::{
        command::{Command, SessionRef},
        event::Event,
        ids::AgentId,
        rejection::Rejection,
    },
    pool::Pool,
    proto::v1,
};

/// Opens a session; answers its number.
pub(super) async fn open(pool: &Pool, agent: &AgentId, stream: bool) -> Result<u64, Problem> {
    let command = Command::OpenSession {
        agent: agent.clone(),
        stream,
    };
    let reply = pool.submit(command).await?;
    let opened = reply.events.iter().find_map(|event| {
        let Event::SessionOpened {
            agent: id, session, ..
        } = event
        else {
            return None;
        };
        (id == agent).then_some(*session)
    });
    let session = opened.expect("a session that was opened has its event");
    pool.presence().session_opened(agent, session);
    Ok(session)
}

/// The agent's state now, as of the newest commit.
pub(super) fn snapshot(pool: &Pool, agent: &AgentId) -> Result<v1::AgentSnapshot, Problem> {
    let state = pool.view().read();
    let row = state
        .agent(agent)
        .ok_or_else(|| Rejection::UnknownAgent(agent.clone()))?;
    Ok(convert::agents::snapshot(row, state.now()))
}

/// What the last checks of the agent's set-up said, as of the newest commit.
pub(super) fn readiness(pool: &Pool, agent: &AgentId) -> Result<Option<v1::Readiness>, Problem> {
    let state = pool.view().read();
    let row = state
        .agent(agent)
        .ok_or_else(|| Rejection::UnknownAgent(agent.clone()))?;
    let said = row.value.readiness.as_deref();
    Ok(said.map(convert::readiness::readiness))
}

/// Whether the session is the agent's newest.
pub(super) fn check_newest(pool: &Pool, agent: &AgentId, session: u64) -> Result<(), Problem> {
    let state = pool.view().read();
    let row = state
        .agent(agent)
        .ok_or_else(|| Rejection::UnknownAgent(agent.clone()))?;
    let newest = row.value.session;
    if session > newest {
        let problem = "is no session of this agent; open one first";
        return Err(convert::fault("session", problem));
    }
    if session < newest {
        let agent = agent.clone();
        return Err(Rejection::SessionSuperseded {
            agent,
            session,
            newest,
        }
        .into());
    }
    Ok(())
}

/// Sets what the agent asks for.
pub(super) fn set_intent(
    by: SessionRef,
    request: &v1::SetIntentRequest,
) -> Result<Command, Problem> {
    let intent = convert::agents::intent("intent", request.intent, "reason", &request.reason)?;
    Ok(Command::SetIntent { by, intent })
}

/// Accepts an offer.
pub(super) fn accept(by: SessionRef, request: &v1::AcceptOfferRequest) -> Result<Command, Problem> {
    let offer = convert::offer_id(&request.offer_id)?;
    Ok(Command::AcceptOffer { by, offer })
}

/// Declines an offer.
pub(super) fn decline(
    by: SessionRef,
    request: &v1::DeclineOfferRequest,
) -> Result<Command, Problem> {
    let offer = convert::offer_id(&request.offer_id)?;
    Ok(Command::DeclineOffer { by, offer })
}

/// Ends wrap-up.
pub(super) fn finish(
    by: SessionRef,
    request: &v1::FinishWrapUpRequest,
) -> Result<Command, Problem> {
    let call = convert::call_id(&request.call_id)?;
    let (intent, reason) = (request.next_intent, &request.next_reason);
    let next = convert::agents::intent("next_intent", intent, "next_reason", reason)?;
    let disposition = request.disposition.as_str();
    let disposition = (!disposition.is_empty()).then(|| disposition.into());
    Ok(Command::FinishWrapUp {
        by,
        call,
        next,
        disposition,
    })
}

/// Extends wrap-up.
pub(super) fn extend(
    by: SessionRef,
    request: &v1::ExtendWrapUpRequest,
) -> Result<Command, Problem> {
    let call = convert::call_id(&request.call_id)?;
    Ok(Command::ExtendWrapUp { by, call })
}

/// Says whether the agent is on a call of another system.
pub(super) fn external(by: SessionRef, request: &v1::SetExternalRequest) -> Command {
    Command::SetExternal {
        by,
        external: request.external,
    }
}

/// Says what the agent is in trouble with.
pub(super) fn trouble(
    by: SessionRef,
    request: &v1::ReportTroubleRequest,
) -> Result<Command, Problem> {
    let trouble = convert::agents::trouble(request)?;
    Ok(Command::ReportTrouble { by, trouble })
}

/// Says that the agent has read a message.
pub(super) fn acknowledge(
    by: SessionRef,
    request: &v1::AcknowledgeMessageRequest,
) -> Result<Command, Problem> {
    let message = convert::orders::message_id(&request.message_id)?;
    Ok(Command::AcknowledgeMessage { by, message })
}

/// Ends a conversation whose platform is away.
pub(super) fn end(by: SessionRef, request: &v1::EndCallRequest) -> Result<Command, Problem> {
    let call = convert::call_id(&request.call_id)?;
    Ok(Command::EndCall { by, call })
}
