//! Everything that can happen in a pool. Events carry every computed number, so replaying them decides nothing.

use std::sync::Arc;

pub use super::outcome::{DivertReason, MoveCause, OfferEnd, Outcome};
pub use super::volumes::VolumeKind;
use super::{
    agent::{Absence, Hold, Intent, Line, Mover, Registration},
    answers::{KeptAnswer, RequestKey},
    call::{CallRecord, Callback, OverflowTarget, Transfer},
    detail::CallDetail,
    guard::Guard,
    ids::{AgentId, CallId, MessageId, OfferId, PlatformKey, PoolTime, QueueId, WallTime},
    inbox::{Message, MessageEnd},
    law::{LawLimit, Worked},
    outage::{Domain, Outage},
    peaks::{Judgement, Peak, PeakCause, SiteLoad},
    plan::{Draft, Shifts, Version},
    profile::AgentProfile,
    queue::Halt,
    readiness::Readiness,
    serve::{OnSite, Opening},
    sites::DrainedSite,
    spec::{OfferMode, PoolSpec, Selection},
    talk::TalkKind,
    volumes::Volumes,
};

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The configuration was created or replaced.
    PoolApplied { spec: Arc<PoolSpec> },
    /// The pool was restored from a backup: events with a higher number than `undone_after` did not happen any more. New
    /// offers, messages and sessions get numbers that were never given.
    PoolRestored {
        undone_after: u64,
        next_offer: u64,
        next_message: u64,
        sessions_above: u64,
    },
    /// An agent was created or changed.
    AgentApplied {
        profile: Arc<AgentProfile>,
        created: bool,
    },
    /// An agent gets no more offers, and is deleted as soon as nothing is in hand.
    AgentDraining { agent: AgentId, at: PoolTime },
    /// An agent was deleted.
    AgentDeleted { agent: AgentId },
    /// A platform's instance attached.
    PlatformAttached { key: PlatformKey, at: PoolTime },
    /// A platform's instance is no longer heard.
    PlatformDetached { key: PlatformKey, at: PoolTime },
    /// A platform no longer names this call: it will be lost unless it is heard of.
    CallMissed { call: CallId, lost_at: PoolTime },
    /// A platform's instance without calls is forgotten.
    PlatformForgotten { key: PlatformKey },
    /// A call that was missed is named again.
    CallFound { call: CallId },
    /// A call was accepted and waits.
    CallQueued {
        call: Arc<CallRecord>,
        number: u64,
        /// Calls that come before it in its queue.
        ahead: u32,
        /// How long it is likely to wait, if that is known.
        estimate_ms: Option<u64>,
    },
    /// A call was not taken; `first` unless the same id was diverted a short while ago.
    CallDiverted {
        call: CallId,
        queue: QueueId,
        reason: DivertReason,
        /// When the queue takes calls again, if that is known.
        opens_at: Option<PoolTime>,
        /// Why it stays on site, if it does.
        on_site: Option<OnSite>,
        first: bool,
    },
    /// A queue is served from now on, by its windows.
    QueueOpened {
        queue: QueueId,
        opening: Opening,
        at: PoolTime,
    },
    /// A queue is no longer served, by its windows.
    QueueShut {
        queue: QueueId,
        opening: Opening,
        at: PoolTime,
    },
    /// A queue opens or closes at another time than was thought: its windows changed, or a clock was set.
    QueueTurnMoved { queue: QueueId, opening: Opening },
    /// The calendar is so far ahead of the pool's clock from now on: one of them was set. Between what it was and what it is,
    /// nothing is known of arrivals.
    CalendarSet {
        ahead_ms: i64,
        from: WallTime,
        until: WallTime,
    },
    /// The service was away: nothing is known of arrivals in this span of the calendar.
    ArrivalsMissed { from: WallTime, until: WallTime },
    /// Volumes of these days of UTC, since 1970, were imported in the place of what was there.
    VolumesImported {
        queue: QueueId,
        kind: VolumeKind,
        days: Vec<(i64, Arc<Volumes>)>,
    },
    /// A platform said how its site is loaded.
    SiteLoadReported {
        queue: QueueId,
        load: SiteLoad,
        at: PoolTime,
    },
    /// An interval's arrivals were held against the baseline.
    IntervalJudged {
        queue: QueueId,
        judgement: Arc<Judgement>,
        at: PoolTime,
    },
    /// A peak began.
    PeakStarted { queue: QueueId, peak: Arc<Peak> },
    /// A peak is held by something else, for longer or not so long, or more agents are short.
    PeakChanged {
        queue: QueueId,
        peak: Arc<Peak>,
        at: PoolTime,
    },
    /// A peak is over, by itself or by a supervisor's word; until `rests_until` none begins by itself.
    PeakEnded {
        queue: QueueId,
        cause: PeakCause,
        since: PoolTime,
        lasted_ms: u64,
        /// How many agents were short at most, if that was known.
        short: Option<u32>,
        supervisor: Option<Arc<str>>,
        at: PoolTime,
        rests_until: PoolTime,
    },
    /// A queue was paused or closed.
    QueueHalted { queue: QueueId, halt: Arc<Halt> },
    /// A queue takes calls again, by somebody's word or at the time that the halt had.
    QueueResumed {
        queue: QueueId,
        supervisor: Option<Arc<str>>,
        reason: Arc<str>,
        at: PoolTime,
    },
    /// A call waits in another queue, or again in its own, in the first ring, with the wait that it has: `waited_ms` in all, of which
    /// `in_queue_ms` by the service-level clock of the queue it left.
    CallMoved {
        call: CallId,
        from: QueueId,
        to: QueueId,
        cause: MoveCause,
        at: PoolTime,
        /// Calls that come before it in the new queue.
        ahead: u32,
        wait_from: PoolTime,
        waited_ms: u64,
        in_queue_ms: u64,
        /// The conversation that is over by it.
        transfer: Option<Transfer>,
    },
    /// A call is kept for a preferred agent; its rings begin `held_ms` after its time in the queue.
    PreferenceStarted {
        call: CallId,
        agent: AgentId,
        until: PoolTime,
        held_ms: u64,
    },
    /// A call is no longer kept for its preferred agent.
    PreferenceEnded { call: CallId, held_ms: u64 },
    /// A call gives up its line and waits to be called back.
    CallbackRequested {
        call: CallId,
        at: PoolTime,
        due: Option<PoolTime>,
        callback: Callback,
    },
    /// A callback may be offered from now on.
    CallbackDue { call: CallId },
    /// A callback waits until its queue opens.
    CallbackDeferred { call: CallId, due: PoolTime },
    /// The customer was not reached; the next try is not before `due`.
    CallbackPostponed {
        call: CallId,
        at: PoolTime,
        due: PoolTime,
        attempts_left: u32,
    },
    /// A waiting call reached its next ring.
    RingEntered { call: CallId, ring: u8 },
    /// A waiting call's refusals are forgotten.
    RefusalsForgotten { call: CallId },
    /// A call was offered to an agent, with the record of the decision.
    OfferMade {
        offer: OfferId,
        call: CallId,
        agent: AgentId,
        mode: OfferMode,
        at: PoolTime,
        ring_for_ms: u64,
        lease_until: PoolTime,
        ring: u8,
        policy: Selection,
        waited_ms: u64,
        idle_ms: u64,
        candidates: u32,
        runner_up: Option<AgentId>,
    },
    /// The agent accepted; the platform connects.
    OfferAccepted {
        offer: OfferId,
        call: CallId,
        agent: AgentId,
        at: PoolTime,
        connect_by: PoolTime,
    },
    /// An offer is over without a conversation: the call is back in its queue, the agent idle. With `rescind` neither
    /// is offered again until the platform confirms that the agent's leg is gone.
    OfferEnded {
        offer: OfferId,
        call: CallId,
        agent: AgentId,
        at: PoolTime,
        cause: OfferEnd,
        rescind: bool,
        refused: bool,
        misses: u8,
        failures: u8,
        idle_since: PoolTime,
    },
    /// An open offer's lease was extended because the service itself was away.
    OfferExtended {
        offer: OfferId,
        call: CallId,
        agent: AgentId,
        lease_until: PoolTime,
    },
    /// The agent leg of a rescinded offer is gone; call and agent may be offered again.
    RescindReleased {
        offer: OfferId,
        call: CallId,
        agent: AgentId,
    },
    /// Caller and agent talk.
    CallConnected {
        offer: OfferId,
        call: CallId,
        agent: AgentId,
        at: PoolTime,
        waited_ms: u64,
        /// By the service-level clock of its queue: since the call came there.
        in_queue_ms: u64,
        in_target: bool,
        /// The estimate at acceptance less the wait since then, if there was one.
        estimate_error_ms: Option<i64>,
        /// Whether the customer was called back; such calls are counted apart.
        callback: bool,
    },
    /// The platform said how a conversation goes on.
    TalkNoted {
        call: CallId,
        agent: AgentId,
        talk: TalkKind,
        at: PoolTime,
    },
    /// A conversation has lasted long: its platform is to say by `until` whether it goes on.
    TalkQuestioned {
        call: CallId,
        agent: AgentId,
        at: PoolTime,
        until: PoolTime,
    },
    /// A call is over.
    CallEnded {
        call: CallId,
        queue: QueueId,
        /// The queue it was accepted for, if it ended in another.
        first_queue: Option<QueueId>,
        /// Where it goes on, if it overflowed.
        overflow: Option<OverflowTarget>,
        key: PlatformKey,
        digest: Arc<str>,
        outcome: Outcome,
        at: PoolTime,
        waited_ms: u64,
        /// By the service-level clock of its queue, up to a conversation.
        in_queue_ms: u64,
        talked_ms: u64,
        /// Whether the caller had not waited longer than the queue's target.
        in_target: bool,
        /// Whether it was a callback.
        callback: bool,
        agent: Option<AgentId>,
        forget_at: PoolTime,
        detail: Arc<CallDetail>,
    },
    /// The outcome of a call that is over is forgotten; its id is new.
    TombstoneDropped { call: CallId },
    /// The answer to a change is kept for repeats of its request.
    AnswerKept { answer: Arc<KeptAnswer> },
    /// An answer is forgotten; its request's id is new.
    AnswerForgotten { request: RequestKey },
    /// An agent began after-call work.
    WrapUpStarted {
        agent: AgentId,
        call: CallId,
        at: PoolTime,
        until: Option<PoolTime>,
        extension_ms: u64,
        /// Where the conversation was.
        queue: QueueId,
    },
    /// An agent extended after-call work, which can be done once.
    WrapUpExtended {
        agent: AgentId,
        call: CallId,
        until: PoolTime,
    },
    /// An agent ended after-call work, by word or by its limit; the word may say what came of the call.
    WrapUpEnded {
        agent: AgentId,
        at: PoolTime,
        by_limit: bool,
        disposition: Option<Arc<str>>,
        /// Where the conversation was.
        queue: Option<QueueId>,
        /// How long it was, if its beginning is known.
        lasted_ms: Option<u64>,
    },
    /// An agent is on a call of another system.
    ExternalStarted {
        agent: AgentId,
        at: PoolTime,
        until: PoolTime,
    },
    /// The call of another system is over.
    ExternalEnded { agent: AgentId, at: PoolTime },
    /// A device of the agent connected.
    SessionOpened {
        agent: AgentId,
        session: u64,
        stream: bool,
        at: PoolTime,
    },
    /// A session's command of this sequence was carried out.
    SessionSequenced { agent: AgentId, sequence: u64 },
    /// What is known of an agent's line changed, or by what it is up: by its registration alone, or by a session.
    LineChanged {
        agent: AgentId,
        line: Line,
        by_registration: bool,
    },
    /// What an agent asks for changed. Becoming ready starts the idle clock.
    IntentChanged {
        agent: AgentId,
        intent: Intent,
        by: Mover,
        supervisor: Option<Arc<str>>,
        at: PoolTime,
    },
    /// What an agent asks for after the present work changed, by the agent or a supervisor.
    NextIntentChanged {
        agent: AgentId,
        next: Option<Intent>,
        supervisor: Option<Arc<str>>,
    },
    /// A supervisor holds an agent: no offers until then.
    AgentHeld {
        agent: AgentId,
        hold: Hold,
        at: PoolTime,
    },
    /// A hold is over, by a supervisor's word or by its end.
    AgentReleased {
        agent: AgentId,
        supervisor: Option<Arc<str>>,
        at: PoolTime,
    },
    /// An agent says that the line is bad, until then; without an end it is good again, by word or by its end.
    LineQualityChanged {
        agent: AgentId,
        bad_until: Option<PoolTime>,
        at: PoolTime,
    },
    /// An agent says to be late or unwell; without an absence that is over, by word or by its end.
    AbsenceChanged {
        agent: AgentId,
        absence: Option<Absence>,
        at: PoolTime,
    },
    /// A supervisor sent a message to these agents.
    MessageSent {
        message: Arc<Message>,
        agents: Vec<AgentId>,
    },
    /// A platform says that an agent's address is registered, or not any more.
    RegistrationChanged {
        agent: AgentId,
        registration: Option<Registration>,
        at: PoolTime,
    },
    /// Agents no longer have a message.
    MessageEnded {
        message: MessageId,
        agents: Vec<AgentId>,
        cause: MessageEnd,
    },
    /// A site gets no new offers.
    SiteDrained { site: DrainedSite },
    /// A drained site gets offers again.
    SiteUndrained {
        site: Arc<str>,
        supervisor: Arc<str>,
        at: PoolTime,
    },
    /// Many lines of a failure domain were lost at once.
    OutageStarted { outage: Outage },
    /// Few lines of an outage's domain are lost: it ends then. Without an end, many are lost again.
    OutageEased {
        domain: Domain,
        ends_at: Option<PoolTime>,
    },
    /// An outage is over.
    OutageEnded { domain: Domain, lasted_ms: u64 },
    /// An outage excuses an agent: so many misses in a row are left.
    MissesForgiven { agent: AgentId, misses: u8 },
    /// An agent's busy ms of the last 60 min were fixed as the idle clock started.
    OccupancyFixed {
        agent: AgentId,
        busy_ms: u32,
        at: PoolTime,
    },
    /// A check of an agent's set-up was reported. With it, what the last checks say together.
    ReadinessReported {
        agent: AgentId,
        at: PoolTime,
        readiness: Arc<Readiness>,
    },
    /// What schedules, law, agreements and checks say of an agent changed; nothing any more of one who is signed out.
    GuardChanged {
        agent: AgentId,
        at: PoolTime,
        guard: Option<Guard>,
    },
    /// An agent began work, which may go on up to these limits.
    WorkBegan {
        agent: AgentId,
        at: PoolTime,
        since: WallTime,
        limits: Arc<[LawLimit]>,
    },
    /// An agent's work is over: a record of working time. With it, all that is known of the agent's work.
    WorkEnded {
        agent: AgentId,
        at: PoolTime,
        from: WallTime,
        to: WallTime,
        worked: Arc<Worked>,
    },
    /// A draft of the schedule was begun.
    DraftOpened { version: u64, draft: Draft },
    /// A draft says what shifts agents have; it is kept until then.
    ShiftsStaged {
        version: u64,
        plans: Arc<[(AgentId, Shifts)]>,
        until: PoolTime,
    },
    /// A version of the schedule holds from now on.
    SchedulePublished { version: Version, at: PoolTime },
    /// Another version holds again.
    ScheduleRestored {
        version: u64,
        from: u64,
        by: Arc<str>,
        at: PoolTime,
    },
    /// A draft is dropped: these agents are taken out of it, and the rest by then.
    DraftDropped {
        version: u64,
        agents: Arc<[AgentId]>,
        until: Option<PoolTime>,
    },
}
