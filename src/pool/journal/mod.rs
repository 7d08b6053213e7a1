//! The journal: what happens in a pool, as other programs may know it: one JSON object a line, kept with each commit.
//!
//! `proto/EVENTS.md` says what each line holds. Ids, times and causes are in it; no attribute of a call, no name, address or
//! number of a person, no text of a message, no name and no words of a supervisor, and nothing about anybody's health.

mod agents;
mod calls;
mod configuration;
mod demand;
mod line;
mod offers;
mod pool;
mod reader;
mod schedule;

use serde::Deserialize;

use self::line::Line;
pub use self::{
    configuration::configuration,
    reader::{Journal, Page},
};
pub use crate::store::StoredEvent;
use crate::{
    engine::{event::Event, ids::PoolTime},
    store::event_number,
};

/// The names of all events, in the order of the page.
pub const EVENTS: &[&str] = &[
    "call_queued",
    "call_diverted",
    "call_moved",
    "preference_started",
    "preference_ended",
    "callback_requested",
    "callback_due",
    "callback_deferred",
    "callback_postponed",
    "ring_entered",
    "refusals_forgotten",
    "call_missed",
    "call_found",
    "offer_made",
    "offer_accepted",
    "offer_ended",
    "offer_extended",
    "rescind_released",
    "call_connected",
    "talk_noted",
    "talk_questioned",
    "call_ended",
    "tombstone_dropped",
    "wrap_up_started",
    "wrap_up_extended",
    "wrap_up_ended",
    "agent_applied",
    "agent_draining",
    "agent_deleted",
    "session_opened",
    "session_sequenced",
    "registration_changed",
    "line_changed",
    "line_quality_changed",
    "absence_changed",
    "intent_changed",
    "next_intent_changed",
    "agent_held",
    "agent_released",
    "external_started",
    "external_ended",
    "misses_forgiven",
    "occupancy_fixed",
    "pool_applied",
    pool::RESTORED,
    "queue_halted",
    "queue_resumed",
    "queue_opened",
    "queue_shut",
    "queue_turn_moved",
    "calendar_set",
    "arrivals_missed",
    "volumes_imported",
    "site_load_reported",
    "interval_judged",
    "peak_started",
    "peak_changed",
    "peak_ended",
    "platform_attached",
    "platform_detached",
    "platform_forgotten",
    "site_drained",
    "site_undrained",
    "outage_started",
    "outage_eased",
    "outage_ended",
    "message_sent",
    "message_ended",
    "answer_kept",
    "answer_forgotten",
    "guard_changed",
    "readiness_reported",
    "work_began",
    "work_ended",
    "draft_opened",
    "shifts_staged",
    "schedule_published",
    "schedule_restored",
    "draft_dropped",
];

/// What a line is about, for readers who want some of them.
#[derive(Debug, Deserialize)]
pub struct About {
    /// Name of the event.
    pub event: String,
    /// The call, if it is about one.
    pub call_id: Option<String>,
    /// The agent, if it is about one.
    pub agent_id: Option<String>,
    /// The queue, if it names one.
    pub queue: Option<String>,
    /// The queue that the call left, if it moved.
    pub from_queue: Option<String>,
    /// The queue that the call was accepted for, if it is over.
    pub first_queue: Option<String>,
}

/// The lines of the events of a commit at this time, in their order.
pub fn lines(revision: u64, at: PoolTime, events: &[Event]) -> Vec<String> {
    let line = |(index, event)| line(event_number(revision, index), at, event);
    events.iter().enumerate().map(line).collect()
}

/// The line of an event with this number, of a commit at this time.
#[expect(clippy::too_many_lines, reason = "a line for each event")]
pub fn line(number: u64, at: PoolTime, event: &Event) -> String {
    let mut line = Line::begin(number, at);
    match event {
        Event::CallQueued { .. }
        | Event::CallDiverted { .. }
        | Event::CallMoved { .. }
        | Event::PreferenceStarted { .. }
        | Event::PreferenceEnded { .. }
        | Event::CallbackRequested { .. }
        | Event::CallbackDue { .. }
        | Event::CallbackDeferred { .. }
        | Event::CallbackPostponed { .. }
        | Event::RingEntered { .. }
        | Event::RefusalsForgotten { .. }
        | Event::CallMissed { .. }
        | Event::CallFound { .. }
        | Event::CallEnded { .. }
        | Event::TombstoneDropped { .. } => calls::write(&mut line, event),
        Event::OfferMade { .. }
        | Event::OfferAccepted { .. }
        | Event::OfferEnded { .. }
        | Event::OfferExtended { .. }
        | Event::RescindReleased { .. }
        | Event::CallConnected { .. }
        | Event::TalkNoted { .. }
        | Event::TalkQuestioned { .. }
        | Event::WrapUpStarted { .. }
        | Event::WrapUpExtended { .. }
        | Event::WrapUpEnded { .. } => offers::write(&mut line, event),
        Event::AgentApplied { .. }
        | Event::AgentDraining { .. }
        | Event::AgentDeleted { .. }
        | Event::SessionOpened { .. }
        | Event::SessionSequenced { .. }
        | Event::RegistrationChanged { .. }
        | Event::LineChanged { .. }
        | Event::LineQualityChanged { .. }
        | Event::AbsenceChanged { .. }
        | Event::IntentChanged { .. }
        | Event::NextIntentChanged { .. }
        | Event::AgentHeld { .. }
        | Event::AgentReleased { .. }
        | Event::ExternalStarted { .. }
        | Event::ExternalEnded { .. }
        | Event::MissesForgiven { .. }
        | Event::OccupancyFixed { .. } => agents::write(&mut line, event),
        Event::GuardChanged { .. }
        | Event::ReadinessReported { .. }
        | Event::WorkBegan { .. }
        | Event::WorkEnded { .. }
        | Event::DraftOpened { .. }
        | Event::ShiftsStaged { .. }
        | Event::SchedulePublished { .. }
        | Event::ScheduleRestored { .. }
        | Event::DraftDropped { .. } => schedule::write(&mut line, event),
        Event::CalendarSet { .. }
        | Event::ArrivalsMissed { .. }
        | Event::VolumesImported { .. }
        | Event::SiteLoadReported { .. }
        | Event::IntervalJudged { .. }
        | Event::PeakStarted { .. }
        | Event::PeakChanged { .. }
        | Event::PeakEnded { .. } => demand::write(&mut line, event),
        Event::PoolApplied { .. }
        | Event::PoolRestored { .. }
        | Event::PlatformAttached { .. }
        | Event::PlatformDetached { .. }
        | Event::PlatformForgotten { .. }
        | Event::QueueHalted { .. }
        | Event::QueueResumed { .. }
        | Event::QueueOpened { .. }
        | Event::QueueShut { .. }
        | Event::QueueTurnMoved { .. }
        | Event::SiteDrained { .. }
        | Event::SiteUndrained { .. }
        | Event::OutageStarted { .. }
        | Event::OutageEased { .. }
        | Event::OutageEnded { .. }
        | Event::MessageSent { .. }
        | Event::MessageEnded { .. }
        | Event::AnswerKept { .. }
        | Event::AnswerForgotten { .. } => pool::write(&mut line, event),
    }
    line.end()
}

/// The name of an event and whom it is about.
fn name<'a>(line: &'a mut Line, name: &'static str, event: &Event) -> &'a mut Line {
    line.text("event", name);
    if let Some(call) = event.call() {
        line.text("call_id", call.as_str());
    }
    if let Some(agent) = event.agent() {
        line.text("agent_id", agent.as_str());
    }
    line
}
