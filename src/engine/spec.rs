//! A pool's configuration as the engine keeps it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    absent::is_default,
    ids::{PoolId, QueueId, SkillName},
    profile::{SiteKind, SkillLevel},
    readiness::ReadinessSpec,
    serve::{CalendarSpec, ServeSpec},
    terms::LabourSpec,
};
use crate::labour::Complexity;

/// A pool's configuration, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolSpec {
    /// The pool.
    pub id: PoolId,
    /// The queues.
    pub queues: Vec<QueueSpec>,
    /// The skills that may be named; empty allows any.
    pub skills: Vec<SkillName>,
    /// The priorities that calls may name.
    pub priorities: Vec<PrioritySpec>,
    /// The reasons that agents may give; empty allows any.
    pub not_ready_reasons: Vec<Arc<str>>,
    /// Which waiting call goes first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub order: CallOrder,
    /// What agents may say came of a call; empty allows any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dispositions: Vec<Arc<str>>,
    /// Groups of agents; an agent belongs to the first whose requirement the agent meets, or to none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GroupSpec>,
    /// Calendars of holidays that queues may name beside the regions that everybody has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calendars: Vec<CalendarSpec>,
    /// The labour rules that agents' work is held to; none if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labour: Option<LabourSpec>,
    /// What is asked of agents' set-ups before they take calls; none if nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub readiness: Option<ReadinessSpec>,
}

/// Which waiting call goes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOrder {
    /// The most urgent.
    #[default]
    Urgency,
    /// That of the queue whose service level of the last 30 min is furthest below its goal; inside a queue the most
    /// urgent.
    Balanced,
}

impl CallOrder {
    /// The order as a label.
    pub fn label(self) -> &'static str {
        match self {
            Self::Urgency => "urgency",
            Self::Balanced => "balanced",
        }
    }
}

/// Of a conversation that lasts this long the platform is asked, unless its queue says otherwise, ms.
pub const LONGEST_CALL_MS: u64 = 4 * 3_600_000;

fn usual_longest_call() -> u64 {
    LONGEST_CALL_MS
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_usual_longest_call(limit: &u64) -> bool {
    *limit == LONGEST_CALL_MS
}

/// The service level that a queue strives for unless it says otherwise, in thousandths.
pub const GOAL_PERMILLE: u16 = 800;

/// A call is expected to last this long unless its queue says otherwise, ms.
pub const EXPECTED_HANDLE_MS: u64 = 5 * 60_000;

fn usual_handle() -> u64 {
    EXPECTED_HANDLE_MS
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_usual_handle(expected: &u64) -> bool {
    *expected == EXPECTED_HANDLE_MS
}

fn usual_goal() -> u16 {
    GOAL_PERMILLE
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_usual_goal(goal: &u16) -> bool {
    *goal == GOAL_PERMILLE
}

/// A group of agents: those who meet a requirement, and the order in which they serve queues.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupSpec {
    /// Name.
    pub name: Arc<str>,
    /// Skills with the least level each, sorted by name, each once.
    pub skills: Vec<SkillLevel>,
    /// Kinds of site; empty is all.
    pub site_kinds: Vec<SiteKind>,
    /// A freed agent of the group serves these queues first, in this order, and then the others.
    pub queues: Vec<QueueId>,
}

/// A named priority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrioritySpec {
    /// Name.
    pub name: Arc<str>,
    /// How much longer a call counts as having waited, ms in a queue with a target of 20 s; [`STRICT_HEAD_START_MS`] is
    /// strict.
    pub head_start_ms: i64,
}

/// The head start of a strict priority, ms.
pub const STRICT_HEAD_START_MS: i64 = 1_000_000_000_000;

/// How long an offer rings unless its queue says otherwise, ms.
pub const RING_FOR_MS: u64 = 15_000;

/// How a call is put to an agent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OfferMode {
    /// The agent accepts on the desktop, then the platform connects.
    #[default]
    AcceptFirst,
    /// The platform rings the agent's address at once.
    Ring,
}

impl OfferMode {
    /// The mode as a label: lower case, words joined by underscores.
    pub fn label(self) -> &'static str {
        match self {
            Self::AcceptFirst => "accept_first",
            Self::Ring => "ring",
        }
    }
}

/// What happens to a call that nobody signed in can take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenUnstaffed {
    /// It queues.
    #[default]
    Queue,
    /// It is diverted.
    Divert,
    /// It waits for a callback.
    Callback,
}

/// Who of the agents who may take a call is offered it. Ties go to the one who has been idle longest, then by id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selection {
    /// The one who has been idle longest.
    #[default]
    LongestIdle,
    /// The one who was busy least in the 60 min before becoming idle.
    LeastOccupied,
    /// The one with the highest sum of levels on the ring's skills.
    MostSkilled,
    /// The one who holds the fewest skills.
    LeastSkilled,
}

impl Selection {
    /// The policy as a label: lower case, words joined by underscores.
    pub fn label(self) -> &'static str {
        match self {
            Self::LongestIdle => "longest_idle",
            Self::LeastOccupied => "least_occupied",
            Self::MostSkilled => "most_skilled",
            Self::LeastSkilled => "least_skilled",
        }
    }
}

/// A queue's configuration. Times are milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueSpec {
    /// Identifier.
    pub id: QueueId,
    /// Target answer time, above zero.
    pub target_ms: u64,
    /// Steps of the requirement, each implied by the one before; at least one.
    pub rings: Vec<RingSpec>,
    /// How calls are put to agents.
    pub offer_mode: OfferMode,
    /// How long an offer rings.
    pub ring_for_ms: u64,
    /// Limit of wrap-up; zero is none.
    pub wrap_up_limit_ms: u64,
    /// By how much an agent may extend wrap-up, once; zero is not at all.
    #[serde(default, skip_serializing_if = "is_default")]
    pub wrap_up_extension_ms: u64,
    /// Of a conversation that lasts this long the platform is asked whether it goes on; zero never.
    #[serde(
        default = "usual_longest_call",
        skip_serializing_if = "is_usual_longest_call"
    )]
    pub longest_call_ms: u64,
    /// A call waiting this long ends `timed_out`; zero never.
    pub time_out_ms: u64,
    /// More waiting calls are diverted; zero is no limit but the pool's.
    pub max_waiting: u32,
    /// A call that is likely to wait longer is diverted; zero never.
    #[serde(default, skip_serializing_if = "is_default")]
    pub max_estimated_wait_ms: u64,
    /// What happens to a call that nobody signed in can take.
    pub when_unstaffed: WhenUnstaffed,
    /// Who of those who may take a call is offered it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub selection: Selection,
    /// The service level that it strives for, in thousandths: answered within the target ÷ offered.
    #[serde(default = "usual_goal", skip_serializing_if = "is_usual_goal")]
    pub goal_permille: u16,
    /// How long a call is kept for a preferred agent; zero never.
    #[serde(default, skip_serializing_if = "is_default")]
    pub preferred_hold_ms: u64,
    /// Groups in the order in which they are offered a call, before the selection; agents of no such group come last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Arc<str>>,
    /// Where a call goes that waits for long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overflow: Option<OverflowSpec>,
    /// How callers are called back; none if they are not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<CallbackSpec>,
    /// Which of its calls the service takes, and when.
    #[serde(default, skip_serializing_if = "is_default")]
    pub serve: Arc<ServeSpec>,
    /// How long a call is expected to last with its wrap-up: what decides whether it would run past the end of a shift or
    /// past a break that is due.
    #[serde(default = "usual_handle", skip_serializing_if = "is_usual_handle")]
    pub expected_handle_ms: u64,
    /// What kind of calls it has, for the rule about the gap between two calls.
    #[serde(default, skip_serializing_if = "is_default")]
    pub complexity: Complexity,
}

/// How a queue's callers are called back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackSpec {
    /// How long the platform has to reach the customer once an agent is reserved.
    pub ring_ms: u64,
    /// A customer who was not reached is not tried again before this.
    pub retry_after_ms: u64,
    /// So many tries, then it ends `unreached`.
    pub attempts: u32,
    /// Not reached for so long after it was due it ends `unreached`.
    pub until_after_ms: u64,
}

/// Where a call goes that waits for long in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverflowSpec {
    /// A call that has waited this long in the queue goes.
    pub after_ms: u64,
    /// The other pool; none is this one, and the call only changes its queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_pool: Option<PoolId>,
    /// The queue there.
    pub to_queue: QueueId,
}

impl PoolSpec {
    /// A pool with these queues, and the defaults for all else.
    pub fn new(id: PoolId, queues: Vec<QueueSpec>) -> Self {
        Self {
            id,
            queues,
            skills: Vec::new(),
            priorities: Vec::new(),
            not_ready_reasons: Vec::new(),
            order: CallOrder::default(),
            dispositions: Vec::new(),
            groups: Vec::new(),
            calendars: Vec::new(),
            labour: None,
            readiness: None,
        }
    }
}

impl QueueSpec {
    /// A queue with this target and these rings, and the defaults for all else.
    pub fn new(id: QueueId, target_ms: u64, rings: Vec<RingSpec>) -> Self {
        Self {
            id,
            target_ms,
            rings,
            offer_mode: OfferMode::default(),
            ring_for_ms: RING_FOR_MS,
            wrap_up_limit_ms: 0,
            wrap_up_extension_ms: 0,
            longest_call_ms: LONGEST_CALL_MS,
            time_out_ms: 0,
            max_waiting: 0,
            max_estimated_wait_ms: 0,
            when_unstaffed: WhenUnstaffed::default(),
            selection: Selection::default(),
            goal_permille: GOAL_PERMILLE,
            preferred_hold_ms: 0,
            groups: Vec::new(),
            overflow: None,
            callback: None,
            serve: Arc::default(),
            expected_handle_ms: EXPECTED_HANDLE_MS,
            complexity: Complexity::default(),
        }
    }

    /// The queue of this pool that its calls overflow to, if they do.
    pub fn overflow_inside(&self) -> Option<&QueueId> {
        let overflow = self.overflow.as_ref()?;
        overflow.to_pool.is_none().then_some(&overflow.to_queue)
    }
}

/// A step of a queue's requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RingSpec {
    /// Applies once the call has waited this long in the queue.
    pub after_ms: u64,
    /// Skills with the least level each, sorted by name, each once.
    pub skills: Vec<SkillLevel>,
    /// Kinds of site that may serve; empty is all.
    pub site_kinds: Vec<SiteKind>,
}
