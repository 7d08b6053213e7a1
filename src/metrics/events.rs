//! What committed events count.

use super::{
    PoolAndQueue, add_in_pool, agents, begin_pool, count, count_by, count_in_pool, queue_label,
    queues, record_ms,
    table::{
        CALL_ABANDON_WAIT, CALL_TALK, CALL_WAIT, CALLBACKS_ANSWERED, CALLBACKS_ENDED,
        CALLBACKS_POSTPONED, CALLBACKS_REQUESTED, CALLS_ABANDONED_IN_TARGET, CALLS_ACCEPTED,
        CALLS_ANSWERED, CALLS_DIVERTED, CALLS_ENDED, CALLS_IN_TARGET, CALLS_MOVED, CALLS_MOVED_IN,
        CALLS_ON_SITE, FORCED_ENDS, OFFER_RESPONSE, OFFERS_ENDED, OFFERS_MADE, PEAKS,
        PLATFORMS_ATTACHED, PLATFORMS_DETACHED, TALKS_QUESTIONED, WRAP_UP,
    },
};
use crate::engine::{
    event::{Event, Outcome},
    ids::{PoolId, QueueId},
};

/// Outcome of an offer that led to a conversation.
pub(super) const CONNECTED: &str = "connected";

/// What an event does not say itself, from how things stood before it.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The queue that it is about.
    pub queue: Option<QueueId>,
    /// Whether it moves a call that waits to be called back.
    pub moves_callback: bool,
    /// How long the agent took to answer the offer, if it is the agent's answer.
    pub response_ms: Option<u64>,
    /// What it ends that nobody asked to end.
    pub forced: Option<Forced>,
}

/// What a limit of time ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forced {
    /// A conversation that was too long, and that nobody spoke up for.
    LongestCall,
    /// After-call work.
    WrapUpLimit,
    /// A call of another system, after 4 h.
    ExternalLimit,
    /// An agent's readiness, after 5 min without a line.
    LineLost,
    /// An agent's signing in, after 30 min without a line.
    SignedOut,
    /// A call whose platform was away for 5 min.
    PlatformGone,
    /// A call that its platform did not name any more.
    NotNamed,
}

impl Forced {
    /// Every value.
    pub const ALL: [Self; 7] = [
        Self::LongestCall,
        Self::WrapUpLimit,
        Self::ExternalLimit,
        Self::LineLost,
        Self::SignedOut,
        Self::PlatformGone,
        Self::NotNamed,
    ];

    /// The value as a label.
    pub fn label(self) -> &'static str {
        match self {
            Self::LongestCall => "longest_call",
            Self::WrapUpLimit => "wrap_up_limit",
            Self::ExternalLimit => "external_limit",
            Self::LineLost => "line_lost",
            Self::SignedOut => "signed_out",
            Self::PlatformGone => "platform_gone",
            Self::NotNamed => "not_named",
        }
    }
}

/// Counts an event that was committed.
#[expect(clippy::too_many_lines, reason = "a line for each event")]
pub fn observe(pool: &PoolId, event: &Event, facts: &Facts) {
    let labels = || (pool.to_string(), queue_label(facts.queue.as_ref()));
    use_facts(pool, facts, &labels);
    match event {
        Event::PoolApplied { spec } => begin_pool(pool, Some(spec)),
        Event::CallQueued { .. } => count(CALLS_ACCEPTED, labels()),
        Event::CallDiverted { first: true, .. } => diverted(event, &labels),
        Event::CallMoved { .. } => moved(pool, event, facts, &labels),
        Event::CallbackRequested { .. } => count(CALLBACKS_REQUESTED, labels()),
        Event::CallbackPostponed { .. } => count(CALLBACKS_POSTPONED, labels()),
        Event::OfferMade { .. } => count(OFFERS_MADE, labels()),
        Event::OfferEnded { cause, .. } => {
            count_by(OFFERS_ENDED, labels(), "outcome", cause.label());
        }
        Event::CallConnected { .. } => connected(event, &labels),
        Event::CallEnded { .. } => ended(event, &labels),
        Event::PlatformAttached { .. } => count_in_pool(PLATFORMS_ATTACHED, pool),
        Event::PlatformDetached { .. } => count_in_pool(PLATFORMS_DETACHED, pool),
        Event::SessionOpened { .. }
        | Event::LineChanged { .. }
        | Event::IntentChanged { .. }
        | Event::LineQualityChanged { .. }
        | Event::AbsenceChanged { .. }
        | Event::ReadinessReported { .. }
        | Event::MessageSent { .. }
        | Event::MessageEnded { .. }
        | Event::OutageStarted { .. } => agents::observe(pool, event),
        Event::CalendarSet { .. }
        | Event::ArrivalsMissed { .. }
        | Event::VolumesImported { .. }
        | Event::SiteLoadReported { .. }
        | Event::IntervalJudged { .. }
        | Event::PeakStarted { .. }
        | Event::PeakChanged { .. }
        | Event::PeakEnded { .. } => demand(event, &labels),
        Event::TalkQuestioned { .. } => count_in_pool(TALKS_QUESTIONED, pool),
        Event::WrapUpEnded { .. } => wrapped_up(pool, event),
        Event::CallDiverted { first: false, .. }
        | Event::QueueHalted { .. }
        | Event::QueueResumed { .. }
        | Event::QueueOpened { .. }
        | Event::QueueShut { .. }
        | Event::QueueTurnMoved { .. }
        | Event::CallbackDeferred { .. }
        | Event::AgentApplied { .. }
        | Event::AgentDeleted { .. }
        | Event::PoolRestored { .. }
        | Event::CallMissed { .. }
        | Event::CallFound { .. }
        | Event::CallbackDue { .. }
        | Event::RingEntered { .. }
        | Event::RefusalsForgotten { .. }
        | Event::OfferAccepted { .. }
        | Event::OfferExtended { .. }
        | Event::PlatformForgotten { .. }
        | Event::AnswerKept { .. }
        | Event::AnswerForgotten { .. }
        | Event::RescindReleased { .. }
        | Event::TalkNoted { .. }
        | Event::TombstoneDropped { .. }
        | Event::WrapUpStarted { .. }
        | Event::WrapUpExtended { .. }
        | Event::ExternalStarted { .. }
        | Event::ExternalEnded { .. }
        | Event::SessionSequenced { .. }
        | Event::NextIntentChanged { .. }
        | Event::PreferenceStarted { .. }
        | Event::PreferenceEnded { .. }
        | Event::OccupancyFixed { .. }
        | Event::AgentHeld { .. }
        | Event::AgentReleased { .. }
        | Event::AgentDraining { .. }
        | Event::RegistrationChanged { .. }
        | Event::SiteDrained { .. }
        | Event::SiteUndrained { .. }
        | Event::OutageEased { .. }
        | Event::OutageEnded { .. }
        | Event::MissesForgiven { .. }
        | Event::GuardChanged { .. }
        | Event::WorkBegan { .. }
        | Event::WorkEnded { .. }
        | Event::DraftOpened { .. }
        | Event::ShiftsStaged { .. }
        | Event::SchedulePublished { .. }
        | Event::ScheduleRestored { .. }
        | Event::DraftDropped { .. } => {}
    }
}

fn demand(event: &Event, labels: &impl Fn() -> PoolAndQueue) {
    if let Event::PeakStarted { peak, .. } = event {
        count_by(PEAKS, labels(), "cause", peak.cause.label());
    }
}

fn diverted(event: &Event, labels: &impl Fn() -> PoolAndQueue) {
    let Event::CallDiverted {
        reason, on_site, ..
    } = event
    else {
        return;
    };
    count_by(CALLS_DIVERTED, labels(), "reason", reason.label());
    if let Some(cause) = on_site {
        count_by(CALLS_ON_SITE, labels(), "cause", cause.label());
    }
}

fn use_facts(pool: &PoolId, facts: &Facts, labels: &impl Fn() -> PoolAndQueue) {
    if let Some(forced) = facts.forced {
        add_in_pool(FORCED_ENDS, pool, "reason", forced.label(), 1);
    }
    if let Some(ms) = facts.response_ms {
        record_ms(OFFER_RESPONSE, labels(), ms);
    }
}

fn wrapped_up(pool: &PoolId, event: &Event) {
    if let Event::WrapUpEnded {
        queue: Some(queue),
        lasted_ms: Some(ms),
        ..
    } = event
    {
        record_ms(WRAP_UP, (pool.to_string(), queue_label(Some(queue))), *ms);
    }
}

fn moved(pool: &PoolId, event: &Event, facts: &Facts, labels: &impl Fn() -> PoolAndQueue) {
    let Event::CallMoved {
        cause,
        transfer,
        to,
        ..
    } = event
    else {
        return;
    };
    count_by(CALLS_MOVED, labels(), "cause", cause.label());
    let here = || (pool.to_string(), queue_label(Some(to)));
    count(CALLS_MOVED_IN, here());
    if facts.moves_callback {
        count(CALLBACKS_REQUESTED, here());
    }
    if let Some(transfer) = transfer {
        record_ms(CALL_TALK, labels(), transfer.talked_ms);
    }
}

fn connected(event: &Event, labels: &impl Fn() -> PoolAndQueue) {
    let Event::CallConnected {
        waited_ms,
        in_target,
        callback,
        estimate_error_ms,
        ..
    } = event
    else {
        return;
    };
    if *callback {
        count(CALLBACKS_ANSWERED, labels());
        return count_by(OFFERS_ENDED, labels(), "outcome", CONNECTED);
    }
    if let Some(error_ms) = estimate_error_ms {
        queues::record_estimate_error(labels(), *error_ms);
    }
    count(CALLS_ANSWERED, labels());
    if *in_target {
        count(CALLS_IN_TARGET, labels());
    }
    count_by(OFFERS_ENDED, labels(), "outcome", CONNECTED);
    record_ms(CALL_WAIT, labels(), *waited_ms);
}

fn ended(event: &Event, labels: &impl Fn() -> PoolAndQueue) {
    let Event::CallEnded {
        outcome,
        waited_ms,
        talked_ms,
        in_target,
        callback,
        ..
    } = event
    else {
        return;
    };
    count_by(CALLS_ENDED, labels(), "outcome", outcome.label());
    if *callback {
        count_by(CALLBACKS_ENDED, labels(), "outcome", outcome.label());
    }
    match outcome {
        Outcome::Abandoned => {
            record_ms(CALL_ABANDON_WAIT, labels(), *waited_ms);
            if *in_target {
                count(CALLS_ABANDONED_IN_TARGET, labels());
            }
        }
        Outcome::Handled => record_ms(CALL_TALK, labels(), *talked_ms),
        Outcome::Overflowed
        | Outcome::TimedOut
        | Outcome::Lost
        | Outcome::Unreached
        | Outcome::Cancelled => {}
    }
}
