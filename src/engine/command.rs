//! Everything that the engine can be asked to do.

use std::{collections::BTreeMap, sync::Arc};

pub use super::{
    agent::{Absence, AbsenceKind, Intent},
    queue::{HaltKind, WaitingCalls},
};
use super::{
    answers::NewAnswer,
    call::CallOrigin,
    ids::{AgentId, CallId, MessageId, OfferId, PlatformKey, PoolTime, QueueId},
    peaks::{Judgement, SiteLoad},
    plan::Shifts,
    profile::{AgentProfile, ProfileFields, SkillLevel},
    readiness::Check,
    spec::PoolSpec,
    talk::TalkKind,
    volumes::{VolumeKind, Volumes},
};

/// An order to the engine. It is refused whole, or carried out whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Create or replace the pool's configuration.
    ApplyPool(Box<PoolSpec>),
    /// Create agents, or change the named fields of those that exist.
    ApplyAgents {
        agents: Vec<AgentProfile>,
        fields: ProfileFields,
    },
    /// Delete an agent who is offline with nothing in hand; or, draining, as soon as nothing is in hand.
    DeleteAgent { agent: AgentId, drain: bool },
    /// A platform's instance has connected, or shown a sign of life without a stream.
    AttachPlatform { key: PlatformKey },
    /// The instance's stream closed, or its signs of life ended.
    DetachPlatform { key: PlatformKey },
    /// The instance's complete list of calls that it still holds; others accepted before it attached will be lost.
    DeclareCalls {
        key: PlatformKey,
        calls: Vec<CallId>,
    },
    /// Take a call.
    RouteCall(Box<NewCall>),
    /// What the platform saw of a call or an offer.
    ReportCall {
        call: CallId,
        offer: Option<OfferId>,
        report: CallReport,
    },
    /// The platform withdraws a call that is not in conversation.
    CancelCall { call: CallId },
    /// A supervisor pauses a queue or closes it: new calls are diverted `closed`.
    HaltQueue { queue: QueueId, order: HaltOrder },
    /// A supervisor opens a halted queue again.
    ResumeQueue {
        queue: QueueId,
        supervisor: Arc<str>,
        reason: Arc<str>,
    },
    /// The platform passes the conversation of an offer on to a queue, none being the one that the call is in, and may
    /// name the agent there for whom it is kept.
    TransferCall {
        call: CallId,
        offer: Option<OfferId>,
        queue: Option<QueueId>,
        agent: Option<AgentId>,
    },
    /// The caller of a waiting call hangs up and is called back, not before so long.
    RequestCallback { call: CallId, after_ms: u64 },
    /// A supervisor moves a waiting call to another queue.
    MoveCall { call: CallId, queue: QueueId },
    /// A device of the agent connects, over a stream or by unary calls; its session supersedes the one before.
    OpenSession { agent: AgentId, stream: bool },
    /// Whether signs of life of a session arrive.
    ReportLine {
        agent: AgentId,
        session: u64,
        sign: LineSign,
    },
    /// A platform says until when an agent's address is registered with it; `None` that it is not any more.
    ReportRegistration {
        agent: AgentId,
        key: PlatformKey,
        until: Option<PoolTime>,
    },
    /// What the agent asks for; `None` cancels what was asked for after the present work.
    SetIntent {
        by: SessionRef,
        intent: Option<Intent>,
    },
    /// The agent accepts an offer.
    AcceptOffer { by: SessionRef, offer: OfferId },
    /// The agent declines an offer.
    DeclineOffer { by: SessionRef, offer: OfferId },
    /// The agent ends wrap-up of a call, and may say what came of it and what comes next.
    FinishWrapUp {
        by: SessionRef,
        call: CallId,
        next: Option<Intent>,
        disposition: Option<Arc<str>>,
    },
    /// The agent extends wrap-up of a call, once and if its queue allows it.
    ExtendWrapUp { by: SessionRef, call: CallId },
    /// The agent is on a call of another system, or no longer is.
    SetExternal { by: SessionRef, external: bool },
    /// The agent ends a conversation whose platform has been detached for 30 s.
    EndCall { by: SessionRef, call: CallId },
    /// The agent says that the line is bad or good again, or to be late or unwell, or not any more.
    ReportTrouble { by: SessionRef, trouble: Trouble },
    /// A client reports a check of an agent's set-up.
    ReportReadiness { agent: AgentId, check: Box<Check> },
    /// A supervisor sends a message to an agent, or to each of a team.
    SendMessage {
        to: Recipient,
        text: Arc<str>,
        supervisor: Arc<str>,
    },
    /// The agent has read a message.
    AcknowledgeMessage { by: SessionRef, message: MessageId },
    /// An agent gets no offers until then; a hold before is replaced. The intent and an open offer stay.
    HoldAgent {
        agent: AgentId,
        until: PoolTime,
        reason: Arc<str>,
        supervisor: Arc<str>,
    },
    /// Ends a hold before its time.
    ReleaseAgent {
        agent: AgentId,
        supervisor: Arc<str>,
    },
    /// A supervisor sets what an agent asks for: at once if nothing is in hand, else after the present work.
    SetAgentIntent {
        agent: AgentId,
        intent: Intent,
        supervisor: Arc<str>,
    },
    /// A site gets no new offers, and its open ones are rescinded.
    DrainSite {
        site: Arc<str>,
        reason: Arc<str>,
        supervisor: Arc<str>,
    },
    /// A drained site gets offers again.
    UndrainSite {
        site: Arc<str>,
        supervisor: Arc<str>,
    },
    /// Keep volumes of these days of UTC, since 1970, in the place of what is there.
    ImportVolumes {
        queue: QueueId,
        kind: VolumeKind,
        days: Vec<(i64, Arc<Volumes>)>,
    },
    /// A platform says how its site is loaded.
    ReportSiteLoad { queue: QueueId, load: SiteLoad },
    /// An interval's arrivals were held against the baseline.
    JudgeInterval {
        queue: QueueId,
        judgement: Arc<Judgement>,
    },
    /// A supervisor says that a peak is on, until then; or says so anew.
    DeclarePeak {
        queue: QueueId,
        until: PoolTime,
        supervisor: Arc<str>,
        reason: Arc<str>,
    },
    /// A supervisor ends a peak; none begins by itself for so long.
    EndPeak {
        queue: QueueId,
        rest_ms: u64,
        supervisor: Arc<str>,
    },
    /// Keep the answer to the change that was just carried out, for repeats of its request.
    KeepAnswer(Box<NewAnswer>),
    /// A planner begins a draft of the schedule upon the version that holds.
    OpenDraft { base: u64 },
    /// What agents have in a draft: all of their shifts from now on.
    StageShifts {
        version: u64,
        plans: Vec<(AgentId, Shifts)>,
    },
    /// A draft takes effect.
    PublishDraft {
        version: u64,
        planner: Arc<str>,
        title: Arc<str>,
    },
    /// A draft is dropped, and nothing of it stays.
    DropDraft { version: u64 },
    /// A planner changes the shifts of one agent: what the agent has from now on.
    ReviseShifts {
        base: u64,
        agent: AgentId,
        shifts: Shifts,
        planner: Arc<str>,
        title: Arc<str>,
    },
    /// A planner goes back to a version that is kept; zero is no schedule at all.
    RestoreSchedule {
        version: u64,
        base: u64,
        planner: Arc<str>,
    },
    /// A deadline is due.
    Tick,
    /// The store took no changes for a while, and takes them again: open offers last a little longer, so that what was said
    /// about them meanwhile counts.
    Resume,
    /// The pool was opened from the store: lines and platforms are unheard until they show themselves.
    Recover {
        /// The pool was restored from a backup: events with a higher number than this are undone.
        undone_after: Option<u64>,
    },
}

impl Command {
    /// The command's name as a label: lower case, words joined by underscores.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ApplyPool(_) => "apply_pool",
            Self::ApplyAgents { .. } => "apply_agents",
            Self::DeleteAgent { .. } => "delete_agent",
            Self::AttachPlatform { .. } => "attach_platform",
            Self::DetachPlatform { .. } => "detach_platform",
            Self::DeclareCalls { .. } => "declare_calls",
            Self::RouteCall(_) => "route_call",
            Self::ReportCall { .. } => "report_call",
            Self::CancelCall { .. } => "cancel_call",
            Self::HaltQueue { order, .. } => match order.kind {
                HaltKind::Paused => "pause_queue",
                HaltKind::Closed => "close_queue",
            },
            Self::ResumeQueue { .. } => "resume_queue",
            Self::TransferCall { .. } => "transfer_call",
            Self::RequestCallback { .. } => "request_callback",
            Self::MoveCall { .. } => "move_call",
            Self::ReportRegistration { .. } => "report_registration",
            Self::OpenSession { .. } => "open_session",
            Self::ReportLine { .. } => "report_line",
            Self::SetIntent { .. } => "set_intent",
            Self::AcceptOffer { .. } => "accept_offer",
            Self::DeclineOffer { .. } => "decline_offer",
            Self::FinishWrapUp { .. } => "finish_wrap_up",
            Self::ExtendWrapUp { .. } => "extend_wrap_up",
            Self::SetExternal { .. } => "set_external",
            Self::EndCall { .. } => "end_call",
            Self::ReportTrouble { .. } => "report_trouble",
            Self::ReportReadiness { .. } => "report_readiness",
            Self::SendMessage { .. } => "send_message",
            Self::AcknowledgeMessage { .. } => "acknowledge_message",
            Self::HoldAgent { .. } => "hold_agent",
            Self::ReleaseAgent { .. } => "release_agent",
            Self::SetAgentIntent { .. } => "set_agent_intent",
            Self::DrainSite { .. } => "drain_site",
            Self::UndrainSite { .. } => "undrain_site",
            Self::ImportVolumes { .. } => "import_volumes",
            Self::ReportSiteLoad { .. } => "report_site_load",
            Self::JudgeInterval { .. } => "judge_interval",
            Self::DeclarePeak { .. } => "declare_peak",
            Self::EndPeak { .. } => "end_peak",
            Self::KeepAnswer(_) => "keep_answer",
            Self::OpenDraft { .. } => "open_draft",
            Self::StageShifts { .. } => "stage_shifts",
            Self::PublishDraft { .. } => "publish_draft",
            Self::DropDraft { .. } => "drop_draft",
            Self::ReviseShifts { .. } => "revise_shifts",
            Self::RestoreSchedule { .. } => "restore_schedule",
            Self::Tick => "tick",
            Self::Resume => "resume",
            Self::Recover { .. } => "recover",
        }
    }
}

impl Command {
    /// Whether it ends something or says what an agent does: what frees agents is worth keeping while the store is away.
    pub fn frees(&self) -> bool {
        match self {
            Self::ReportCall { .. }
            | Self::CancelCall { .. }
            | Self::TransferCall { .. }
            | Self::ReportRegistration { .. }
            | Self::SetIntent { .. }
            | Self::AcceptOffer { .. }
            | Self::DeclineOffer { .. }
            | Self::FinishWrapUp { .. }
            | Self::ExtendWrapUp { .. }
            | Self::SetExternal { .. }
            | Self::EndCall { .. }
            | Self::ReportTrouble { .. }
            | Self::AcknowledgeMessage { .. } => true,
            Self::ApplyPool(_)
            | Self::ApplyAgents { .. }
            | Self::DeleteAgent { .. }
            | Self::AttachPlatform { .. }
            | Self::DetachPlatform { .. }
            | Self::DeclareCalls { .. }
            | Self::RouteCall(_)
            | Self::HaltQueue { .. }
            | Self::ResumeQueue { .. }
            | Self::RequestCallback { .. }
            | Self::MoveCall { .. }
            | Self::OpenSession { .. }
            | Self::ReportLine { .. }
            | Self::ReportReadiness { .. }
            | Self::SendMessage { .. }
            | Self::HoldAgent { .. }
            | Self::ReleaseAgent { .. }
            | Self::SetAgentIntent { .. }
            | Self::DrainSite { .. }
            | Self::UndrainSite { .. }
            | Self::ImportVolumes { .. }
            | Self::ReportSiteLoad { .. }
            | Self::JudgeInterval { .. }
            | Self::DeclarePeak { .. }
            | Self::EndPeak { .. }
            | Self::KeepAnswer(_)
            | Self::OpenDraft { .. }
            | Self::StageShifts { .. }
            | Self::PublishDraft { .. }
            | Self::DropDraft { .. }
            | Self::ReviseShifts { .. }
            | Self::RestoreSchedule { .. }
            | Self::Tick
            | Self::Resume
            | Self::Recover { .. } => false,
        }
    }
}

/// How a queue is to be halted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HaltOrder {
    /// Paused, or closed in an emergency.
    pub kind: HaltKind,
    /// Who wants it.
    pub supervisor: Arc<str>,
    /// Why.
    pub reason: Arc<str>,
    /// When it ends by itself, in the pool's time.
    pub until: Option<PoolTime>,
    /// What becomes of calls that wait already.
    pub waiting: WaitingCalls,
}

/// A call as the platform hands it over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCall {
    /// The platform's id.
    pub id: CallId,
    /// The queue.
    pub queue: QueueId,
    /// Who sent it.
    pub key: PlatformKey,
    /// Name of its priority; empty is the default.
    pub priority: Arc<str>,
    /// Skills of its own, sorted by name, each once.
    pub skills: Vec<SkillLevel>,
    /// How long the caller had waited before this moment; at most 1 h counts, unless a receipt shows it.
    pub waited_ms: u64,
    /// Whether a receipt of another pool shows how long the caller had waited.
    pub is_wait_shown: bool,
    /// The agent whom the platform would rather have.
    pub preferred: Option<AgentId>,
    /// Facts for the offer, at most 4 KiB.
    pub attributes: Arc<BTreeMap<String, String>>,
    /// The call of another pool that overflowed to this one, as the platform says or its receipt shows.
    pub origin: Option<CallOrigin>,
    /// Digest of the content after defaults, lower-case hex; equal content has equal digests.
    pub digest: Arc<str>,
}

/// What a platform saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallReport {
    /// Caller and agent are connected.
    Answered,
    /// The address rang and nobody answered.
    NoAnswer,
    /// The address is busy.
    Busy,
    /// The agent rejected the ring.
    Rejected,
    /// The address could not be dialled.
    Failed,
    /// The caller hung up.
    CallerGone,
    /// The agent who is rung for a callback answered; the customer is dialled.
    AgentAnswered,
    /// The customer of a callback was not reached.
    CustomerUnreached,
    /// The conversation is over.
    Ended,
    /// The agent leg of a rescinded offer is gone.
    Rescinded,
    /// A conversation goes on like this.
    Talk(TalkKind),
    /// There is no such conversation, or no longer.
    NotConnected,
}

/// What an agent says of the line, or of the hours to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The line is bad.
    BadLine,
    /// The line is good again.
    GoodLine,
    /// Late or unwell; replaces what was said before.
    Absent(Absence),
    /// No longer late, or no longer unwell.
    Back(AbsenceKind),
}

/// Whom a message is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// One agent.
    Agent(AgentId),
    /// Every agent of a team.
    Team(Arc<str>),
}

/// Whether signs of life of a session arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineSign {
    /// A sign arrived.
    Heard,
    /// None for this long; zero if the stream closed.
    Silent { for_ms: u64 },
}

/// Who commands: an agent's session, and the command's place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRef {
    /// The agent.
    pub agent: AgentId,
    /// The session's number.
    pub session: u64,
    /// The command's sequence in the session; zero if it has none.
    pub sequence: u64,
}
