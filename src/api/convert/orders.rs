//! Supervisors' orders between wire and engine.

use std::sync::Arc;

use super::{Faults, fault, timestamp};
use crate::{
    api::status::{Problem, shown},
    engine::{
        command::{Command, Recipient},
        event::Event,
        ids::{AgentId, MessageId, PoolTime},
        sites::DrainedSite,
    },
    pool::sites::SiteRow,
    proto::v1,
};

/// An order to hold an agent.
pub(in crate::api) fn hold(request: &v1::HoldAgentRequest) -> Result<Command, Problem> {
    let mut faults = Faults::default();
    faults.id("agent_id", &request.agent_id);
    let until = pool_time(&mut faults, "until", request.until);
    faults.finish(Command::HoldAgent {
        agent: AgentId::new(&request.agent_id),
        until,
        reason: request.reason.as_str().into(),
        supervisor: request.supervisor.as_str().into(),
    })
}

/// An order to end a hold.
pub(in crate::api) fn release(request: &v1::ReleaseAgentRequest) -> Result<Command, Problem> {
    Ok(Command::ReleaseAgent {
        agent: super::agent_id(&request.agent_id)?,
        supervisor: request.supervisor.as_str().into(),
    })
}

/// An order that sets what an agent asks for.
pub(in crate::api) fn set_intent(request: &v1::SetAgentIntentRequest) -> Result<Command, Problem> {
    let agent = super::agent_id(&request.agent_id)?;
    let intent = super::agents::intent("intent", request.intent, "reason", &request.reason)?;
    let intent = intent.ok_or_else(|| {
        let right = "is missing; give INTENT_OFFLINE, INTENT_NOT_READY or INTENT_READY";
        fault("intent", right)
    })?;
    Ok(Command::SetAgentIntent {
        agent,
        intent,
        supervisor: request.supervisor.as_str().into(),
    })
}

/// A message to an agent or a team.
pub(in crate::api) fn message(request: &v1::SendMessageRequest) -> Result<Command, Problem> {
    use v1::send_message_request::Recipient::{AgentId as Agent, Team};
    let to = match &request.recipient {
        Some(Agent(id)) => Recipient::Agent(super::agent_id(id)?),
        Some(Team(team)) => Recipient::Team(team.as_str().into()),
        None => {
            let right = "is missing; give `agent_id` or `team`";
            return Err(fault("recipient", right));
        }
    };
    Ok(Command::SendMessage {
        to,
        text: request.text.as_str().into(),
        supervisor: request.supervisor.as_str().into(),
    })
}

/// What came of a message.
pub(in crate::api) fn sent(events: &[Event]) -> v1::SendMessageResponse {
    let sent = events.iter().find_map(|event| {
        let Event::MessageSent { message, agents } = event else {
            return None;
        };
        let agents = i32::try_from(agents.len()).unwrap_or(i32::MAX);
        let message_id = message.id.to_string();
        Some(v1::SendMessageResponse { message_id, agents })
    });
    sent.unwrap_or_default()
}

/// A message's id.
pub(in crate::api) fn message_id(text: &str) -> Result<MessageId, Problem> {
    text.parse().map_err(|()| {
        let right = "give the id of a message, such as `m17`";
        fault("message_id", format!("is `{}`; {right}", shown(text)))
    })
}

/// An order to drain a site.
pub(in crate::api) fn drain(request: &v1::DrainSiteRequest) -> Result<Command, Problem> {
    Ok(Command::DrainSite {
        site: request.site.as_str().into(),
        reason: request.reason.as_str().into(),
        supervisor: request.supervisor.as_str().into(),
    })
}

/// An order to end that.
pub(in crate::api) fn undrain(request: &v1::UndrainSiteRequest) -> Result<Command, Problem> {
    Ok(Command::UndrainSite {
        site: request.site.as_str().into(),
        supervisor: request.supervisor.as_str().into(),
    })
}

/// A site's row.
pub(in crate::api) fn site_status((id, row): (&Arc<str>, &SiteRow)) -> v1::SiteStatus {
    v1::SiteStatus {
        id: id.to_string(),
        agents: super::supervision::count(row.agents),
        signed_in: super::supervision::count(row.signed_in),
        drain: row.drained.as_ref().map(drain_status),
    }
}

fn drain_status(site: &DrainedSite) -> v1::SiteDrain {
    v1::SiteDrain {
        reason: site.reason.to_string(),
        supervisor: site.supervisor.to_string(),
        since: Some(timestamp(site.since)),
    }
}

/// A time of the wire in the pool's time, which runs near the calendar's. Parts of a millisecond are dropped.
pub(in crate::api) fn pool_time(
    faults: &mut Faults,
    field: &str,
    time: Option<prost_types::Timestamp>,
) -> PoolTime {
    let Some(time) = time else {
        faults.add(field, "is missing; give a time to come");
        return PoolTime::default();
    };
    let seconds = u64::try_from(time.seconds).ok();
    let nanos = u64::try_from(time.nanos)
        .ok()
        .filter(|n| *n < 1_000_000_000);
    let ms = seconds
        .zip(nanos)
        .and_then(|(seconds, nanos)| seconds.checked_mul(1_000)?.checked_add(nanos / 1_000_000));
    PoolTime(ms.unwrap_or_else(|| {
        faults.add(field, "is before 1970 or no time; give a time to come");
        0
    }))
}
