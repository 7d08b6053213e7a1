//! The one door to metrics. Counters and histograms are kept by the recorder; gauges of a pool are read when the page
//! is, from the process that owns the pool: so they end with it.

mod agents;
mod begin;
mod events;
mod grpc;
mod page;
mod queues;
mod sharing;
mod table;

use std::{
    collections::BTreeSet,
    sync::{OnceLock, PoisonError, RwLock},
    time::Duration,
};

use ::metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

use self::table::{
    BUILD, COMMANDS, COMMIT_BYTES, COMMIT_CHANGES, COMMIT_TIME, POOL_OPENED, STORE_ERRORS,
    STORE_NOTICES, STREAMS_OPEN, ZONE_DATA,
};
pub use self::{
    agents::{Room, agents_spent},
    begin::begin_pool,
    events::{Facts, Forced, observe},
    grpc::{CODES, GrpcMethod},
    page::Page,
    sharing::{GivenUp, Passed, given_up, passed_on, replicas},
    table::{Kind, Metric, TABLE},
};
use crate::{
    calendar::zone,
    engine::ids::{PoolId, QueueId},
};

/// Most queues with a label of their own; the rest are `other`.
const QUEUES_MAX: usize = 1_000;
/// Time between two upkeeps: without them histograms grow for ever when nobody scrapes.
pub const UPKEEP_EVERY: Duration = Duration::from_secs(5);

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
    }
    sharing::begin();
    gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    let zones = zone::data();
    let source = if zones.is_system { "system" } else { "bundled" };
    gauge!(ZONE_DATA, "version" => zones.version.clone(), "source" => source).set(1.0);
}

/// What the recorder keeps, as Prometheus reads it.
fn recorded() -> String {
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

/// A command was applied or refused.
pub fn command(name: &'static str, result: &'static str) {
    counter!(COMMANDS, "command" => name, "result" => result).increment(1);
}

/// A batch was committed.
pub fn committed(pool: &PoolId, took: Duration, changes: usize, bytes: usize) {
    histogram!(COMMIT_TIME, "pool" => pool.to_string()).record(took.as_secs_f64());
    histogram!(COMMIT_CHANGES, "pool" => pool.to_string()).record(number(changes));
    histogram!(COMMIT_BYTES, "pool" => pool.to_string()).record(number(bytes));
}

/// The store did not do what it was asked; the kind is one of [`STORE_ERROR_KINDS`].
pub fn store_failed(pool: &PoolId, kind: &'static str) {
    counter!(STORE_ERRORS, "pool" => pool.to_string(), "kind" => kind).increment(1);
}

/// Something happened in the store; the kind is one of [`STORE_NOTICE_KINDS`].
pub fn store_noticed(pool: &PoolId, kind: &'static str) {
    counter!(STORE_NOTICES, "pool" => pool.to_string(), "kind" => kind).increment(1);
}

/// Every kind of what happens in a store.
pub const STORE_NOTICE_KINDS: [&str; 5] = [
    "reconnected",
    "duplicate",
    "degraded",
    "healed_batches",
    "healed_whole",
];

/// Every kind of failure of a store.
pub const STORE_ERROR_KINDS: [&str; 8] = [
    "not_applied",
    "unknown",
    "fenced",
    "held",
    "behind",
    "mismatch",
    "corrupt",
    "too_new",
];

/// Why a pool is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// For the first time in this process.
    Start,
    /// Its store was lost.
    Store,
    /// A command broke it.
    Broken,
    /// From another process that is gone.
    Taken,
}

impl Opening {
    const ALL: [Self; 4] = [Self::Start, Self::Store, Self::Broken, Self::Taken];

    fn label(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Store => "store",
            Self::Broken => "broken",
            Self::Taken => "taken",
        }
    }
}

/// A pool is open.
pub fn opened(pool: &PoolId, cause: Opening) {
    counter!(POOL_OPENED, "pool" => pool.to_string(), "cause" => cause.label()).increment(1);
}

/// A stream is open until this is dropped.
#[derive(Debug)]
pub struct OpenStream(&'static str);

impl OpenStream {
    /// A stream of this kind opened.
    pub fn new(kind: &'static str) -> Self {
        gauge!(STREAMS_OPEN, "kind" => kind).increment(1.0);
        Self(kind)
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        gauge!(STREAMS_OPEN, "kind" => self.0).decrement(1.0);
    }
}

type PoolAndQueue = (String, String);

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

fn add_in_pool(
    name: &'static str,
    pool: &PoolId,
    label: &'static str,
    value: &'static str,
    by: u64,
) {
    counter!(name, "pool" => pool.to_string(), label => value).increment(by);
}

fn record_ms(name: &'static str, (pool, queue): PoolAndQueue, ms: u64) {
    histogram!(name, "pool" => pool, "queue" => queue).record(seconds(ms));
}

fn seconds(ms: u64) -> f64 {
    Duration::from_millis(ms).as_secs_f64()
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
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
