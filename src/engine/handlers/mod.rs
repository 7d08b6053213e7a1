//! One file for each topic of commands. A handler checks everything, then emits.

pub(super) mod agent_work;
pub(super) mod answers;
pub(super) mod arrivals;
pub(super) mod callbacks;
pub(super) mod directory;
pub(super) mod ends;
pub(super) mod guard;
pub(super) mod halt;
pub(super) mod leave;
pub(super) mod messages;
pub(super) mod moves;
pub(super) mod outage;
pub(super) mod peaks;
pub(super) mod platform;
pub(super) mod pool;
pub(super) mod preferred;
pub(super) mod readiness;
pub(super) mod recover;
pub(super) mod registration;
pub(super) mod report;
pub(super) mod route;
pub(super) mod schedule;
pub(super) mod session;
pub(super) mod supervision;
pub(super) mod talk;
pub(super) mod tick;
pub(super) mod trouble;
pub(super) mod windows;
mod wrap_up;

use super::{
    command::Command, event::Event, ids::Moment, matching, rejection::Rejection, state::State,
};

/// What came of a command.
pub(super) type Outcome = Result<(), Rejection>;

/// One command being carried out.
pub(super) struct Step<'a> {
    pub(super) state: &'a mut State,
    pub(super) at: Moment,
    pub(super) out: &'a mut Vec<Event>,
}

impl Step<'_> {
    /// Lets an event happen, with what it says of an agent's busy time.
    pub(super) fn emit(&mut self, event: Event) {
        self.out.push(event);
        let event = self.out.last().expect("it was just put there");
        self.state.evolve(event);
        let occupancy = self.state.occupancy_after(event);
        if let Some(fixed) = occupancy {
            self.emit(fixed);
        }
    }
}

/// Carries a command out, then what it made due (a time-out acts on re-queue), then the offers that it made possible.
pub(super) fn handle(step: &mut Step<'_>, command: &Command) -> Outcome {
    dispatch(step, command)?;
    arrivals::follow_calendar(step);
    tick::tick(step);
    leave::remove_drained(step);
    outage::watch(step);
    guard::watch(step);
    preferred::end_vain(step);
    matching::settle(step);
    Ok(())
}

fn dispatch(step: &mut Step<'_>, command: &Command) -> Outcome {
    match command {
        Command::ApplyPool(spec) => pool::apply(step, spec),
        Command::ApplyAgents { agents, fields } => directory::apply(step, agents, *fields),
        Command::DeleteAgent {
            agent,
            drain: false,
        } => directory::delete(step, agent),
        Command::DeleteAgent { agent, drain: true } => leave::drain(step, agent),
        Command::AttachPlatform { key } => platform::attach(step, key),
        Command::DetachPlatform { key } => platform::detach(step, key),
        Command::DeclareCalls { key, calls } => platform::declare(step, key, calls),
        Command::ReportRegistration { agent, key, until } => {
            registration::report(step, agent, key, *until)
        }
        Command::RouteCall(call) => route::route(step, call),
        Command::ReportCall {
            call,
            offer,
            report,
        } => report::report(step, call, *offer, *report),
        Command::CancelCall { call } => report::cancel(step, call),
        Command::HaltQueue { queue, order } => halt::halt(step, queue, order),
        Command::ResumeQueue {
            queue,
            supervisor,
            reason,
        } => halt::resume(step, queue, supervisor, reason),
        Command::TransferCall {
            call,
            offer,
            queue,
            agent,
        } => moves::transfer(step, call, *offer, queue.as_ref(), agent.as_ref()),
        Command::RequestCallback { call, after_ms } => callbacks::request(step, call, *after_ms),
        Command::MoveCall { call, queue } => moves::move_call(step, call, queue),
        Command::OpenSession { .. }
        | Command::ReportLine { .. }
        | Command::SetIntent { .. }
        | Command::AcceptOffer { .. }
        | Command::DeclineOffer { .. }
        | Command::FinishWrapUp { .. }
        | Command::ExtendWrapUp { .. }
        | Command::SetExternal { .. }
        | Command::EndCall { .. }
        | Command::AcknowledgeMessage { .. }
        | Command::ReportTrouble { .. } => dispatch_agent(step, command),
        Command::ReportReadiness { agent, check } => readiness::report(step, agent, check),
        Command::ImportVolumes { .. }
        | Command::ReportSiteLoad { .. }
        | Command::JudgeInterval { .. }
        | Command::DeclarePeak { .. }
        | Command::EndPeak { .. } => peaks::carry_out(step, command),
        Command::SendMessage { .. }
        | Command::HoldAgent { .. }
        | Command::ReleaseAgent { .. }
        | Command::SetAgentIntent { .. }
        | Command::DrainSite { .. }
        | Command::UndrainSite { .. } => dispatch_order(step, command),
        Command::KeepAnswer(answer) => answers::keep(step, answer),
        Command::OpenDraft { .. }
        | Command::StageShifts { .. }
        | Command::PublishDraft { .. }
        | Command::DropDraft { .. }
        | Command::ReviseShifts { .. }
        | Command::RestoreSchedule { .. } => dispatch_plan(step, command),
        Command::Tick => Ok(()),
        Command::Resume => recover::resume(step),
        Command::Recover { undone_after } => recover::recover(step, *undone_after),
    }
}

/// What agents and their sessions ask for.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "dispatch lists every command"
)]
fn dispatch_agent(step: &mut Step<'_>, command: &Command) -> Outcome {
    match command {
        Command::OpenSession { agent, stream } => session::open(step, agent, *stream),
        Command::ReportLine {
            agent,
            session,
            sign,
        } => session::line(step, agent, *session, *sign),
        Command::SetIntent { by, intent } => session::set_intent(step, by, intent.as_ref()),
        Command::AcceptOffer { by, offer } => agent_work::accept(step, by, *offer),
        Command::DeclineOffer { by, offer } => agent_work::decline(step, by, *offer),
        Command::FinishWrapUp {
            by,
            call,
            next,
            disposition,
        } => wrap_up::finish(step, by, call, next.as_ref(), disposition.as_ref()),
        Command::ExtendWrapUp { by, call } => wrap_up::extend(step, by, call),
        Command::SetExternal { by, external } => agent_work::set_external(step, by, *external),
        Command::EndCall { by, call } => agent_work::end_call(step, by, call),
        Command::AcknowledgeMessage { by, message } => messages::acknowledge(step, by, *message),
        Command::ReportTrouble { by, trouble } => trouble::report(step, by, *trouble),
        other => unreachable!("{} is no command of an agent", other.name()),
    }
}

/// What supervisors order.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "dispatch lists every command"
)]
fn dispatch_order(step: &mut Step<'_>, command: &Command) -> Outcome {
    match command {
        Command::SendMessage {
            to,
            text,
            supervisor,
        } => messages::send(step, to, text, supervisor),
        Command::HoldAgent {
            agent,
            until,
            reason,
            supervisor,
        } => supervision::hold(step, agent, *until, reason, supervisor),
        Command::ReleaseAgent { agent, supervisor } => {
            supervision::release(step, agent, supervisor)
        }
        Command::SetAgentIntent {
            agent,
            intent,
            supervisor,
        } => supervision::set_intent(step, agent, intent, supervisor),
        Command::DrainSite {
            site,
            reason,
            supervisor,
        } => supervision::drain(step, site, reason, supervisor),
        Command::UndrainSite { site, supervisor } => supervision::undrain(step, site, supervisor),
        other => unreachable!("{} is no order of a supervisor", other.name()),
    }
}

/// What planners order.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "dispatch lists every command"
)]
fn dispatch_plan(step: &mut Step<'_>, command: &Command) -> Outcome {
    match command {
        Command::OpenDraft { base } => schedule::open(step, *base),
        Command::StageShifts { version, plans } => schedule::stage(step, *version, plans),
        Command::PublishDraft {
            version,
            planner,
            title,
        } => schedule::publish(step, *version, planner, title),
        Command::DropDraft { version } => schedule::drop_draft(step, *version),
        Command::ReviseShifts {
            base,
            agent,
            shifts,
            planner,
            title,
        } => {
            let plan = (agent.clone(), shifts.clone());
            schedule::revise(step, *base, &plan, planner, title)
        }
        Command::RestoreSchedule {
            version,
            base,
            planner,
        } => schedule::restore(step, *version, *base, planner),
        other => unreachable!("{} is no order of a planner", other.name()),
    }
}
