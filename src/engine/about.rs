//! Which call, which queue and which agent an event is about.

use super::{
    call::Assignment,
    event::Event,
    ids::{AgentId, CallId, QueueId},
};

impl Event {
    /// The call that the event is about, if any.
    #[expect(clippy::too_many_lines, reason = "a line for each event")]
    pub fn call(&self) -> Option<&CallId> {
        match self {
            Self::CallQueued { call, .. } => Some(&call.id),
            Self::CallMissed { call, .. }
            | Self::CallFound { call }
            | Self::CallDiverted { call, .. }
            | Self::CallMoved { call, .. }
            | Self::PreferenceStarted { call, .. }
            | Self::PreferenceEnded { call, .. }
            | Self::CallbackRequested { call, .. }
            | Self::CallbackDue { call }
            | Self::CallbackDeferred { call, .. }
            | Self::CallbackPostponed { call, .. }
            | Self::RingEntered { call, .. }
            | Self::RefusalsForgotten { call }
            | Self::OfferMade { call, .. }
            | Self::OfferAccepted { call, .. }
            | Self::OfferEnded { call, .. }
            | Self::OfferExtended { call, .. }
            | Self::RescindReleased { call, .. }
            | Self::CallConnected { call, .. }
            | Self::TalkNoted { call, .. }
            | Self::TalkQuestioned { call, .. }
            | Self::CallEnded { call, .. }
            | Self::TombstoneDropped { call }
            | Self::WrapUpStarted { call, .. }
            | Self::WrapUpExtended { call, .. } => Some(call),
            Self::PoolApplied { .. }
            | Self::PoolRestored { .. }
            | Self::QueueHalted { .. }
            | Self::QueueResumed { .. }
            | Self::QueueOpened { .. }
            | Self::QueueShut { .. }
            | Self::QueueTurnMoved { .. }
            | Self::CalendarSet { .. }
            | Self::ArrivalsMissed { .. }
            | Self::VolumesImported { .. }
            | Self::SiteLoadReported { .. }
            | Self::IntervalJudged { .. }
            | Self::PeakStarted { .. }
            | Self::PeakChanged { .. }
            | Self::PeakEnded { .. }
            | Self::AgentApplied { .. }
            | Self::AgentDeleted { .. }
            | Self::PlatformAttached { .. }
            | Self::PlatformDetached { .. }
            | Self::PlatformForgotten { .. }
            | Self::AnswerKept { .. }
            | Self::AnswerForgotten { .. }
            | Self::WrapUpEnded { .. }
            | Self::ExternalStarted { .. }
            | Self::ExternalEnded { .. }
            | Self::SessionOpened { .. }
            | Self::SessionSequenced { .. }
            | Self::LineChanged { .. }
            | Self::IntentChanged { .. }
            | Self::NextIntentChanged { .. }
            | Self::OccupancyFixed { .. }
            | Self::AgentHeld { .. }
            | Self::AgentReleased { .. }
            | Self::LineQualityChanged { .. }
            | Self::AbsenceChanged { .. }
            | Self::AgentDraining { .. }
            | Self::RegistrationChanged { .. }
            | Self::SiteDrained { .. }
            | Self::SiteUndrained { .. }
            | Self::MessageSent { .. }
            | Self::MessageEnded { .. }
            | Self::OutageStarted { .. }
            | Self::OutageEased { .. }
            | Self::OutageEnded { .. }
            | Self::MissesForgiven { .. }
            | Self::ReadinessReported { .. }
            | Self::GuardChanged { .. }
            | Self::WorkBegan { .. }
            | Self::WorkEnded { .. }
            | Self::DraftOpened { .. }
            | Self::ShiftsStaged { .. }
            | Self::SchedulePublished { .. }
            | Self::ScheduleRestored { .. }
            | Self::DraftDropped { .. } => None,
        }
    }

    /// The queue that the event names as what it is about, if any.
    pub fn queue(&self) -> Option<&QueueId> {
        if let Self::CallQueued { call, .. } = self {
            return Some(&call.queue);
        }
        if let Self::CallDiverted { queue, .. }
        | Self::CallEnded { queue, .. }
        | Self::QueueHalted { queue, .. }
        | Self::QueueOpened { queue, .. }
        | Self::QueueShut { queue, .. }
        | Self::QueueTurnMoved { queue, .. }
        | Self::VolumesImported { queue, .. }
        | Self::SiteLoadReported { queue, .. }
        | Self::IntervalJudged { queue, .. }
        | Self::PeakStarted { queue, .. }
        | Self::PeakChanged { queue, .. }
        | Self::PeakEnded { queue, .. }
        | Self::QueueResumed { queue, .. } = self
        {
            return Some(queue);
        }
        None
    }

    /// How the call came to its agent, if the event offers it to one.
    pub fn assignment(&self) -> Option<Assignment> {
        let Self::OfferMade {
            ring,
            policy,
            waited_ms,
            idle_ms,
            candidates,
            runner_up,
            ..
        } = self
        else {
            return None;
        };
        Some(Assignment {
            ring: *ring,
            policy: *policy,
            candidates: *candidates,
            runner_up: runner_up.clone(),
            waited_ms: *waited_ms,
            idle_ms: *idle_ms,
        })
    }

    /// The agent that the event is about, if any.
    #[expect(clippy::too_many_lines, reason = "a line for each event")]
    pub fn agent(&self) -> Option<&AgentId> {
        match self {
            Self::AgentApplied { profile, .. } => Some(&profile.id),
            Self::CallEnded { agent, .. } => agent.as_ref(),
            Self::AgentDeleted { agent }
            | Self::PreferenceStarted { agent, .. }
            | Self::OfferMade { agent, .. }
            | Self::OfferAccepted { agent, .. }
            | Self::OfferEnded { agent, .. }
            | Self::OfferExtended { agent, .. }
            | Self::RescindReleased { agent, .. }
            | Self::CallConnected { agent, .. }
            | Self::TalkNoted { agent, .. }
            | Self::TalkQuestioned { agent, .. }
            | Self::WrapUpStarted { agent, .. }
            | Self::WrapUpExtended { agent, .. }
            | Self::WrapUpEnded { agent, .. }
            | Self::ExternalStarted { agent, .. }
            | Self::ExternalEnded { agent, .. }
            | Self::SessionOpened { agent, .. }
            | Self::SessionSequenced { agent, .. }
            | Self::LineChanged { agent, .. }
            | Self::IntentChanged { agent, .. }
            | Self::NextIntentChanged { agent, .. }
            | Self::OccupancyFixed { agent, .. }
            | Self::AgentHeld { agent, .. }
            | Self::AgentReleased { agent, .. }
            | Self::LineQualityChanged { agent, .. }
            | Self::AbsenceChanged { agent, .. }
            | Self::AgentDraining { agent, .. }
            | Self::RegistrationChanged { agent, .. }
            | Self::MissesForgiven { agent, .. }
            | Self::ReadinessReported { agent, .. }
            | Self::GuardChanged { agent, .. }
            | Self::WorkBegan { agent, .. }
            | Self::WorkEnded { agent, .. } => Some(agent),
            Self::PoolApplied { .. }
            | Self::PoolRestored { .. }
            | Self::QueueHalted { .. }
            | Self::QueueResumed { .. }
            | Self::QueueOpened { .. }
            | Self::QueueShut { .. }
            | Self::QueueTurnMoved { .. }
            | Self::CalendarSet { .. }
            | Self::ArrivalsMissed { .. }
            | Self::VolumesImported { .. }
            | Self::SiteLoadReported { .. }
            | Self::IntervalJudged { .. }
            | Self::PeakStarted { .. }
            | Self::PeakChanged { .. }
            | Self::PeakEnded { .. }
            | Self::PlatformAttached { .. }
            | Self::PlatformDetached { .. }
            | Self::PlatformForgotten { .. }
            | Self::AnswerKept { .. }
            | Self::AnswerForgotten { .. }
            | Self::CallMissed { .. }
            | Self::CallFound { .. }
            | Self::CallQueued { .. }
            | Self::CallDiverted { .. }
            | Self::CallMoved { .. }
            | Self::PreferenceEnded { .. }
            | Self::CallbackRequested { .. }
            | Self::CallbackDue { .. }
            | Self::CallbackDeferred { .. }
            | Self::CallbackPostponed { .. }
            | Self::RingEntered { .. }
            | Self::RefusalsForgotten { .. }
            | Self::TombstoneDropped { .. }
            | Self::SiteDrained { .. }
            | Self::SiteUndrained { .. }
            | Self::MessageSent { .. }
            | Self::MessageEnded { .. }
            | Self::OutageStarted { .. }
            | Self::OutageEased { .. }
            | Self::OutageEnded { .. }
            | Self::DraftOpened { .. }
            | Self::ShiftsStaged { .. }
            | Self::SchedulePublished { .. }
            | Self::ScheduleRestored { .. }
            | Self::DraftDropped { .. } => None,
        }
    }
}
