//! The one door to metrics: every name, kind, unit, help text and bucket is declared here, once.

mod agents;
mod queues;

use std::{
    collections::BTreeSet,
    sync::{OnceLock, PoisonError, RwLock},
    time::Duration,
};

use ::metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

pub use self::{agents::measure_pool, queues::measure_queue};
use crate::engine::{
    event::{DivertReason, Event, MoveCause, OfferEnd, Outcome},
    ids::{PoolId, QueueId},
    spec::PoolSpec,
};

/// Most queues with a label of their own; the rest are `other`.
const QUEUES_MAX: usize = 1_000;
/// Time between two upkeeps: without them histograms grow for ever when nobody scrapes.
pub const UPKEEP_EVERY: Duration = Duration::from_secs(5);

const WAIT_SECONDS: &[f64] = &[
    1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0, 1200.0,
    1800.0,
];
const TALK_SECONDS: &[f64] = &[
    15.0, 30.0, 60.0, 120.0, 180.0, 240.0, 300.0, 420.0, 600.0, 900.0, 1200.0, 1800.0, 3600.0,
];
const WORK_SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
const CHANGES: &[f64] = &[
    1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0,
];

/// What kind of metric it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts by size.
    Histogram,
}

/// A declared metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Kind.
    pub kind: Kind,
    /// Name, with its unit last.
    pub name: &'static str,
    /// Unit.
    pub unit: Unit,
    /// What it means.
    pub help: &'static str,
    /// Upper bounds of a histogram's buckets; empty for others.
    pub buckets: &'static [f64],
    /// Names of its labels.
    pub labels: &'static [&'static str],
}

macro_rules! declare {
    ($($constant:ident = $kind:ident $name:literal [$($label:literal),*], $unit:ident, $buckets:expr, $help:literal;)*) => {
        $(const $constant: &str = $name;)*

        /// Every metric of the service, in the order of the page.
        pub const TABLE: &[Metric] = &[$(Metric {
            kind: Kind::$kind,
            name: $name,
            unit: Unit::$unit,
            help: $help,
            buckets: $buckets,
            labels: &[$($label),*],
        }),*];
    };
}

declare! {
    CALLS_ACCEPTED = Counter "homeshore_calls_accepted_total" ["pool", "queue"], Count, &[], "Calls accepted.";
    CALLS_DIVERTED = Counter "homeshore_calls_diverted_total" ["pool", "queue", "reason"], Count, &[], "Calls not taken; a call that asks again counts once.";
    CALLS_ANSWERED = Counter "homeshore_calls_answered_total" ["pool", "queue"], Count, &[], "Calls connected to an agent.";
    CALLS_IN_TARGET = Counter "homeshore_calls_answered_in_target_total" ["pool", "queue"], Count, &[], "Calls connected within their queue's target answer time.";
    CALLS_ABANDONED_IN_TARGET = Counter "homeshore_calls_abandoned_in_target_total" ["pool", "queue"], Count, &[], "Calls abandoned within their queue's target answer time.";
    CALLS_ENDED = Counter "homeshore_calls_ended_total" ["pool", "queue", "outcome"], Count, &[], "Calls that ended.";
    CALLS_MOVED = Counter "homeshore_calls_moved_total" ["pool", "queue", "cause"], Count, &[], "Calls moved from their queue to another.";
    CALLBACKS_REQUESTED = Counter "homeshore_callbacks_requested_total" ["pool", "queue"], Count, &[], "Calls that gave up their line to be called back; they are among the accepted.";
    CALLBACKS_ANSWERED = Counter "homeshore_callbacks_answered_total" ["pool", "queue"], Count, &[], "Callbacks whose customer talked to an agent; they are not among the answered calls.";
    CALLBACKS_POSTPONED = Counter "homeshore_callbacks_postponed_total" ["pool", "queue"], Count, &[], "Tries to reach the customer of a callback that failed and will be repeated.";
    CALL_WAIT = Histogram "homeshore_call_wait_seconds" ["pool", "queue"], Seconds, WAIT_SECONDS, "Wait of answered calls until the conversation.";
    ESTIMATE_ERROR = Histogram "homeshore_estimate_error_seconds" ["pool", "queue", "side"], Seconds, WAIT_SECONDS, "How far the estimate at acceptance was from the wait of answered calls: `over` if it was too long or right, `under` if too short.";
    CALL_ABANDON_WAIT = Histogram "homeshore_call_abandon_wait_seconds" ["pool", "queue"], Seconds, WAIT_SECONDS, "Wait of abandoned calls until the caller hung up.";
    CALL_TALK = Histogram "homeshore_call_talk_seconds" ["pool", "queue"], Seconds, TALK_SECONDS, "Length of conversations.";
    CALLS_WAITING = Gauge "homeshore_calls_waiting" ["pool", "queue"], Count, &[], "Calls that wait, not offered.";
    CALLS_OFFERED = Gauge "homeshore_calls_offered" ["pool", "queue"], Count, &[], "Calls that are offered or connecting.";
    CALLS_CONNECTED = Gauge "homeshore_calls_connected" ["pool", "queue"], Count, &[], "Calls in conversation.";
    CALLBACKS_WAITING = Gauge "homeshore_callbacks_waiting" ["pool", "queue"], Count, &[], "Calls that wait to be called back, not offered.";
    LONGEST_WAIT = Gauge "homeshore_longest_wait_seconds" ["pool", "queue"], Seconds, &[], "Wait of the longest waiting call now; zero if nobody waits.";
    QUEUE_HALTED = Gauge "homeshore_queue_halted" ["pool", "queue"], Count, &[], "One while the queue is paused or closed, else zero.";
    SERVICE_LEVEL = Gauge "homeshore_service_level_ratio" ["pool", "queue", "level"], Count, &[], "Service levels of this day of UTC: sl_offered, sl_answered, sl_excl_short; and sl_offered_30min of the last 30 min. Not a number without calls.";
    OFFERS_MADE = Counter "homeshore_offers_made_total" ["pool", "queue"], Count, &[], "Offers of a call to an agent.";
    OFFERS_ENDED = Counter "homeshore_offers_ended_total" ["pool", "queue", "outcome"], Count, &[], "Offers that ended: connected, or why not.";
    AGENTS = Gauge "homeshore_agents" ["pool", "site_kind", "state"], Count, &[], "Agents in each state, by kind of site.";
    AGENTS_HELD = Gauge "homeshore_agents_held" ["pool"], Count, &[], "Agents whom a supervisor keeps offers away from.";
    SITES_DRAINED = Gauge "homeshore_sites_drained" ["pool"], Count, &[], "Sites that get no new offers by a supervisor's word.";
    INTENTS_BY_POLICY = Counter "homeshore_intents_by_policy_total" ["pool", "reason"], Count, &[], "Agents signed out or made not ready by a rule of the service, or ready again when an outage excuses them.";
    LINES_CHANGED = Counter "homeshore_lines_changed_total" ["pool", "line"], Count, &[], "Changes of agents' lines to up, silent or lost.";
    OUTAGES = Counter "homeshore_outages_total" ["pool", "domain"], Count, &[], "Outages noticed, by kind of failure domain.";
    OUTAGES_OPEN = Gauge "homeshore_outages_open" ["pool", "domain"], Count, &[], "Outages that are not over, by kind of failure domain.";
    SESSIONS_OPENED = Counter "homeshore_sessions_opened_total" ["pool"], Count, &[], "Agents' sessions opened.";
    PLATFORMS_ATTACHED = Counter "homeshore_platforms_attached_total" ["pool"], Count, &[], "Times that a platform's instance attached.";
    PLATFORMS_DETACHED = Counter "homeshore_platforms_detached_total" ["pool"], Count, &[], "Times that a platform's instance was no longer heard.";
    COMMANDS = Counter "homeshore_commands_total" ["command", "result"], Count, &[], "Commands by result: done, refused, failed.";
    COMMANDS_WAITING = Gauge "homeshore_pool_waiting_commands" ["pool"], Count, &[], "Commands that waited for the pool when it began its last batch.";
    CLOCK_SKEW = Gauge "homeshore_clock_skew_seconds" ["pool"], Seconds, &[], "The pool's time less the calendar's; over 5 s either way is an alarm.";
    COMMIT_TIME = Histogram "homeshore_commit_seconds" ["pool"], Seconds, WORK_SECONDS, "Time from a batch to its durable commit.";
    COMMIT_CHANGES = Histogram "homeshore_commit_changes" ["pool"], Count, CHANGES, "Entities that a commit changed.";
    GRPC_REQUESTS = Counter "homeshore_grpc_requests_total" ["method", "code"], Count, &[], "gRPC requests by method and status code, when answered; streams when opened.";
    GRPC_TIME = Histogram "homeshore_grpc_request_seconds" ["method"], Seconds, WORK_SECONDS, "Time to answer a gRPC request; streams until opened.";
    STREAMS_OPEN = Gauge "homeshore_streams_open" ["kind"], Count, &[], "Open streams: platform, agent, watch, events, export, backup.";
    STREAMS_CLOSED = Counter "homeshore_streams_closed_total" ["kind", "code"], Count, &[], "Streams that ended, by status code.";
    BUILD = Gauge "homeshore_build_info" ["version"], Count, &[], "One, with the version of the program.";
}

const STREAM_KINDS: [&str; 6] = ["platform", "agent", "watch", "events", "export", "backup"];

static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
static QUEUES: RwLock<BTreeSet<String>> = RwLock::new(BTreeSet::new());

/// Installs the recorder of this process, once, with every metric described.
///
/// # Errors
/// If the table is wrong.
pub fn install() -> Result<(), BuildError> {
    if HANDLE.get().is_some() {
        return Ok(());
    }
    let mut builder = PrometheusBuilder::new();
    for metric in TABLE.iter().filter(|metric| !metric.buckets.is_empty()) {
        let name = Matcher::Full(metric.name.to_owned());
        builder = builder.set_buckets_for_metric(name, metric.buckets)?;
    }
    let recorder = builder.build_recorder();
    let handle = recorder.handle();
    // Two servers in one process, as in tests, share the first one's recorder.
    if ::metrics::set_global_recorder(recorder).is_ok() && HANDLE.set(handle).is_ok() {
        describe();
    }
    Ok(())
}

fn describe() {
    for metric in TABLE {
        match metric.kind {
            Kind::Counter => describe_counter!(metric.name, metric.unit, metric.help),
            Kind::Gauge => describe_gauge!(metric.name, metric.unit, metric.help),
            Kind::Histogram => describe_histogram!(metric.name, metric.unit, metric.help),
        }
    }
    metrics_process::Collector::default().describe();
    for kind in STREAM_KINDS {
        gauge!(STREAMS_OPEN, "kind" => kind).set(0.0);
        counter!(STREAMS_CLOSED, "kind" => kind, "code" => "OK").increment(0);
    }
    gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}

/// The page that Prometheus reads.
pub fn page() -> String {
    metrics_process::Collector::default().collect();
    HANDLE
        .get()
        .map_or_else(String::new, PrometheusHandle::render)
}

/// Folds what histograms have gathered.
pub fn upkeep() {
    if let Some(handle) = HANDLE.get() {
        handle.run_upkeep();
    }
}

/// Counts an event that was committed; `queue` is the queue that it is about.
pub fn observe(pool: &PoolId, event: &Event, queue: Option<&QueueId>) {
    let labels = || (pool.to_string(), queue_label(queue));
    match event {
        Event::PoolApplied { spec } => begin_pool(pool, Some(spec)),
        Event::CallQueued { .. } => count(CALLS_ACCEPTED, labels()),
        Event::CallDiverted { reason, first, .. } => {
            if *first {
                count_by(CALLS_DIVERTED, labels(), "reason", reason.label());
            }
        }
        Event::CallMoved { .. } => moved(event, &labels),
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
        | Event::OutageStarted { .. } => agents::observe(pool, event),
        Event::QueueHalted { .. }
        | Event::QueueResumed { .. }
        | Event::AgentApplied { .. }
        | Event::AgentDeleted { .. }
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
        | Event::TalkQuestioned { .. }
        | Event::TombstoneDropped { .. }
        | Event::WrapUpStarted { .. }
        | Event::WrapUpExtended { .. }
        | Event::WrapUpEnded { .. }
        | Event::ExternalStarted { .. }
        | Event::ExternalEnded { .. }
        | Event::SessionSequenced { .. }
        | Event::NextIntentChanged { .. }
        | Event::PreferenceStarted { .. }
        | Event::PreferenceEnded { .. }
        | Event::OccupancyFixed { .. }
        | Event::AgentHeld { .. }
        | Event::AgentReleased { .. }
        | Event::LineQualityChanged { .. }
        | Event::AbsenceChanged { .. }
        | Event::AgentDraining { .. }
        | Event::RegistrationChanged { .. }
        | Event::MessageSent { .. }
        | Event::MessageEnded { .. }
        | Event::SiteDrained { .. }
        | Event::SiteUndrained { .. }
        | Event::OutageEased { .. }
        | Event::OutageEnded { .. }
        | Event::MissesForgiven { .. } => {}
    }
}

fn moved(event: &Event, labels: &impl Fn() -> PoolAndQueue) {
    let Event::CallMoved {
        cause, transfer, ..
    } = event
    else {
        return;
    };
    count_by(CALLS_MOVED, labels(), "cause", cause.label());
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
        ..
    } = event
    else {
        return;
    };
    count_by(CALLS_ENDED, labels(), "outcome", outcome.label());
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

/// A command was applied or refused.
pub fn command(name: &'static str, result: &'static str) {
    counter!(COMMANDS, "command" => name, "result" => result).increment(1);
}

/// How many commands wait for a pool.
pub fn queue_length(pool: &PoolId, commands: usize) {
    let commands = u32::try_from(commands).unwrap_or(u32::MAX);
    gauge!(COMMANDS_WAITING, "pool" => pool.to_string()).set(f64::from(commands));
}

/// How far the pool's time is ahead of the calendar's.
pub fn clock_skew(pool: &PoolId, skew_ms: i64) {
    #[expect(clippy::cast_precision_loss, reason = "a gauge of seconds")]
    gauge!(CLOCK_SKEW, "pool" => pool.to_string()).set(skew_ms as f64 / 1_000.0);
}

/// A batch was committed.
pub fn committed(pool: &PoolId, took: Duration, changes: usize) {
    histogram!(COMMIT_TIME, "pool" => pool.to_string()).record(took.as_secs_f64());
    let changes = u32::try_from(changes).unwrap_or(u32::MAX);
    histogram!(COMMIT_CHANGES, "pool" => pool.to_string()).record(f64::from(changes));
}

/// A gRPC request was answered.
pub fn request(method: &'static str, code: &'static str, took: Duration) {
    counter!(GRPC_REQUESTS, "method" => method, "code" => code).increment(1);
    histogram!(GRPC_TIME, "method" => method).record(took.as_secs_f64());
}

/// A stream is open until this is told its end.
#[derive(Debug)]
pub struct OpenStream(&'static str);

impl OpenStream {
    /// A stream of this kind opened.
    pub fn new(kind: &'static str) -> Self {
        gauge!(STREAMS_OPEN, "kind" => kind).increment(1.0);
        Self(kind)
    }

    /// It ended with this status code.
    pub fn ended(self, code: &'static str) {
        counter!(STREAMS_CLOSED, "kind" => self.0, "code" => code).increment(1);
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        gauge!(STREAMS_OPEN, "kind" => self.0).decrement(1.0);
    }
}

/// Outcome of an offer that led to a conversation.
const CONNECTED: &str = "connected";

type PoolAndQueue = (String, String);

/// Shows the counters of a pool and its queues at zero, so that rates see the first increment.
pub fn begin_pool(pool: &PoolId, spec: Option<&PoolSpec>) {
    for queue in spec.map_or(&[][..], |spec| &spec.queues[..]) {
        begin_queue(pool, &queue.id);
    }
    for name in [SESSIONS_OPENED, PLATFORMS_ATTACHED, PLATFORMS_DETACHED] {
        counter!(name, "pool" => pool.to_string()).increment(0);
    }
    agents::begin(pool);
}

/// Shows a new queue's counters at zero, so that rates see the first increment.
fn begin_queue(pool: &PoolId, queue: &QueueId) {
    let labels = || (pool.to_string(), queue_label(Some(queue)));
    for name in [
        CALLS_ACCEPTED,
        CALLS_ANSWERED,
        CALLS_IN_TARGET,
        OFFERS_MADE,
        CALLBACKS_REQUESTED,
        CALLBACKS_ANSWERED,
        CALLBACKS_POSTPONED,
        CALLS_ABANDONED_IN_TARGET,
    ] {
        add(name, labels(), 0);
    }
    for reason in DivertReason::ALL {
        add_by(CALLS_DIVERTED, labels(), "reason", reason.label(), 0);
    }
    for cause in MoveCause::ALL {
        add_by(CALLS_MOVED, labels(), "cause", cause.label(), 0);
    }
    for outcome in Outcome::ALL {
        add_by(CALLS_ENDED, labels(), "outcome", outcome.label(), 0);
    }
    add_by(OFFERS_ENDED, labels(), "outcome", CONNECTED, 0);
    for cause in OfferEnd::ALL {
        add_by(OFFERS_ENDED, labels(), "outcome", cause.label(), 0);
    }
}

fn count(name: &'static str, labels: PoolAndQueue) {
    add(name, labels, 1);
}

fn count_by(name: &'static str, labels: PoolAndQueue, by: &'static str, value: &'static str) {
    add_by(name, labels, by, value, 1);
}

fn add(name: &'static str, (pool, queue): PoolAndQueue, by: u64) {
    counter!(name, "pool" => pool, "queue" => queue).increment(by);
}

fn add_by(
    name: &'static str,
    (pool, queue): PoolAndQueue,
    label: &'static str,
    value: &'static str,
    by: u64,
) {
    counter!(name, "pool" => pool, "queue" => queue, label => value).increment(by);
}

fn count_in_pool(name: &'static str, pool: &PoolId) {
    counter!(name, "pool" => pool.to_string()).increment(1);
}

fn record_ms(name: &'static str, (pool, queue): PoolAndQueue, ms: u64) {
    histogram!(name, "pool" => pool, "queue" => queue).record(seconds(ms));
}

fn seconds(ms: u64) -> f64 {
    Duration::from_millis(ms).as_secs_f64()
}

fn queue_label(queue: Option<&QueueId>) -> String {
    let Some(queue) = queue else {
        return "other".to_owned();
    };
    let known = QUEUES.read().unwrap_or_else(PoisonError::into_inner);
    if known.contains(queue.as_str()) {
        return queue.to_string();
    }
    let full = known.len() >= QUEUES_MAX;
    drop(known);
    if full {
        return "other".to_owned();
    }
    let mut known = QUEUES.write().unwrap_or_else(PoisonError::into_inner);
    known.insert(queue.to_string());
    queue.to_string()
}
