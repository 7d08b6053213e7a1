//! What is left to do in a pool when everybody goes home.

use homeshore::engine::{
    Engine,
    agent::Work,
    command::{CallReport, Command, SessionRef},
    eligibility::BlockedReason,
    view::{AgentView, LiveCall, Touched},
};

/// What ends all that is still under way; nothing once all is over.
pub(super) fn left(engine: &Engine) -> Vec<Command> {
    let commands = engine.views().into_iter().filter_map(|view| match view {
        Touched::Call(_, Some(call)) => call.into_live().map(|call| hang_up(&call)),
        Touched::Agent(_, Some(agent)) => come_back(&agent),
        _ => None,
    });
    commands.collect()
}

fn hang_up(call: &LiveCall) -> Command {
    Command::ReportCall {
        call: call.record.id.clone(),
        offer: None,
        report: CallReport::CallerGone,
    }
}

/// What frees an agent; a leg that is not confirmed gone is given up by itself, once its platform is heard.
fn come_back(agent: &AgentView) -> Option<Command> {
    let by = || SessionRef {
        agent: agent.profile.id.clone(),
        session: agent.session,
        sequence: 0,
    };
    match &agent.work {
        Work::WrapUp { call, .. } => Some(Command::FinishWrapUp {
            by: by(),
            call: call.clone(),
            next: None,
            disposition: None,
        }),
        Work::External { .. } => Some(Command::SetExternal {
            by: by(),
            external: false,
        }),
        Work::Offered { .. } | Work::Connected { .. } => Some(Command::Tick),
        Work::Idle => {
            let mut reasons = agent.blocked.iter();
            let leg = reasons.any(|block| block.reason == BlockedReason::RescindOpen);
            leg.then_some(Command::Tick)
        }
    }
}
