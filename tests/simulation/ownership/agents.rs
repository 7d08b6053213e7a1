//! Agents and a platform that do what comes next.

use homeshore::engine::{
    Engine,
    agent::{Intent, Line, Work},
    call::Phase,
    command::{CallReport, Command, SessionRef},
    view::{AgentView, LiveCall, Touched},
};

use crate::engine::world::{apply_agent, profile, queue, site_kind, spec};

/// The queue of every call.
pub(super) const QUEUE: &str = "billing";

/// What the pool begins with.
pub(super) fn beginning() -> Vec<Command> {
    let mut commands = vec![Command::ApplyPool(Box::new(spec(vec![queue(QUEUE, "")])))];
    for name in ["ann", "ben"] {
        let profile = profile(name, "", site_kind("home"));
        commands.push(apply_agent(profile));
    }
    commands
}

/// What everybody does next.
pub(super) fn next(engine: &Engine) -> Vec<Command> {
    let commands = engine.views().into_iter().map(|view| match view {
        Touched::Agent(_, Some(agent)) => agent_does(&agent),
        Touched::Call(_, Some(call)) => {
            let does = call.into_live().and_then(|call| platform_says(&call));
            does.into_iter().collect()
        }
        _ => Vec::new(),
    });
    commands.flatten().collect()
}

fn agent_does(agent: &AgentView) -> Vec<Command> {
    let by = |session| SessionRef {
        agent: agent.profile.id.clone(),
        session,
        sequence: 0,
    };
    if agent.line != Line::Up {
        let open = Command::OpenSession {
            agent: agent.profile.id.clone(),
            stream: true,
        };
        let ready = Command::SetIntent {
            by: by(agent.session + 1),
            intent: Some(Intent::Ready),
        };
        return vec![open, ready];
    }
    if agent.intent != Intent::Ready {
        let intent = Some(Intent::Ready);
        let by = by(agent.session);
        return vec![Command::SetIntent { by, intent }];
    }
    let by = by(agent.session);
    match (&agent.work, &agent.offer) {
        (Work::WrapUp { call, .. }, _) => vec![Command::FinishWrapUp {
            by,
            call: call.clone(),
            next: None,
            disposition: None,
        }],
        (_, Some(offer)) if !agent.connecting => vec![Command::AcceptOffer {
            by,
            offer: offer.id,
        }],
        _ => Vec::new(),
    }
}

fn platform_says(call: &LiveCall) -> Option<Command> {
    let (offer, report) = match (&call.phase, call.offer(), &call.rescind) {
        (Phase::Connected { .. }, _, _) => (call.last_offer?, CallReport::Ended),
        (_, Some(offer), _) => (offer.id, CallReport::Answered),
        (_, None, Some((offer, _))) => (*offer, CallReport::Rescinded),
        _ => return None,
    };
    Some(Command::ReportCall {
        call: call.record.id.clone(),
        offer: Some(offer),
        report,
    })
}
