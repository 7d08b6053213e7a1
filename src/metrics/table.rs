//! Every metric: its name, kind, labels, unit, buckets and what it means.

use ::metrics::Unit;

const WAIT_SECONDS: &[f64] = &[
    1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0, 1200.0,
    1800.0,
];
const TALK_SECONDS: &[f64] = &[
    15.0, 30.0, 60.0, 120.0, 180.0, 240.0, 300.0, 420.0, 600.0, 900.0, 1200.0, 1800.0, 3600.0,
];
const ANSWER_SECONDS: &[f64] = &[1.0, 2.0, 3.0, 5.0, 8.0, 10.0, 15.0, 20.0, 30.0, 45.0];
const WORK_SECONDS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
const CHANGES: &[f64] = &[
    1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0,
];
const BYTES: &[f64] = &[
    256.0,
    1_024.0,
    4_096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
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
        $(pub(super) const $constant: &str = $name;)*

        /// Every metric of the service but those of its process.
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
    CALLS_ON_SITE = Counter "homeshore_calls_on_site_total" ["pool", "queue", "cause"], Count, &[], "Calls diverted on_site, by cause: outside_windows, share, shadow.";
    CALLS_ANSWERED = Counter "homeshore_calls_answered_total" ["pool", "queue"], Count, &[], "Calls connected to an agent.";
    CALLS_IN_TARGET = Counter "homeshore_calls_answered_in_target_total" ["pool", "queue"], Count, &[], "Calls connected within their queue's target answer time.";
    CALLS_ABANDONED_IN_TARGET = Counter "homeshore_calls_abandoned_in_target_total" ["pool", "queue"], Count, &[], "Calls abandoned within their queue's target answer time.";
    CALLS_ENDED = Counter "homeshore_calls_ended_total" ["pool", "queue", "outcome"], Count, &[], "Calls that ended, callbacks among them.";
    CALLS_MOVED = Counter "homeshore_calls_moved_total" ["pool", "queue", "cause"], Count, &[], "Calls moved from their queue to another: overflow, supervisor, transfer.";
    CALLS_MOVED_IN = Counter "homeshore_calls_moved_in_total" ["pool", "queue"], Count, &[], "Calls moved to this queue; with the accepted they are those offered to it, which service levels divide by.";
    CALLBACKS_REQUESTED = Counter "homeshore_callbacks_requested_total" ["pool", "queue"], Count, &[], "Calls that gave up their line to be called back, or were moved here as such; in no service level.";
    CALLBACKS_ANSWERED = Counter "homeshore_callbacks_answered_total" ["pool", "queue"], Count, &[], "Callbacks whose customer talked to an agent; they are not among the answered calls.";
    CALLBACKS_POSTPONED = Counter "homeshore_callbacks_postponed_total" ["pool", "queue"], Count, &[], "Tries to reach the customer of a callback that failed and will be repeated.";
    CALLBACKS_ENDED = Counter "homeshore_callbacks_ended_total" ["pool", "queue", "outcome"], Count, &[], "Callbacks that ended.";
    CALL_WAIT = Histogram "homeshore_call_wait_seconds" ["pool", "queue"], Seconds, WAIT_SECONDS, "Wait of answered calls until the conversation.";
    ESTIMATE_ERROR = Histogram "homeshore_estimate_error_seconds" ["pool", "queue", "side"], Seconds, WAIT_SECONDS, "How far the estimate at acceptance was from the wait of answered calls: `over` if it was too long or right, `under` if too short.";
    CALL_ABANDON_WAIT = Histogram "homeshore_call_abandon_wait_seconds" ["pool", "queue"], Seconds, WAIT_SECONDS, "Wait of abandoned calls until the caller hung up.";
    CALL_TALK = Histogram "homeshore_call_talk_seconds" ["pool", "queue"], Seconds, TALK_SECONDS, "Length of conversations.";
    WRAP_UP = Histogram "homeshore_wrap_up_seconds" ["pool", "queue"], Seconds, TALK_SECONDS, "Length of after-call work; with that of conversations it is the handle time.";
    CALLS_WAITING = Gauge "homeshore_calls_waiting" ["pool", "queue"], Count, &[], "Calls that wait, not offered.";
    CALLS_OFFERED = Gauge "homeshore_calls_offered" ["pool", "queue"], Count, &[], "Calls that are offered or connecting.";
    CALLS_CONNECTED = Gauge "homeshore_calls_connected" ["pool", "queue"], Count, &[], "Calls in conversation.";
    CALLBACKS_WAITING = Gauge "homeshore_callbacks_waiting" ["pool", "queue"], Count, &[], "Calls that wait to be called back, not offered.";
    LONGEST_WAIT = Gauge "homeshore_longest_wait_seconds" ["pool", "queue"], Seconds, &[], "Wait of the longest waiting call now; zero if nobody waits.";
    QUEUE_TARGET = Gauge "homeshore_queue_target_seconds" ["pool", "queue"], Seconds, &[], "Target answer time of the queue, to compare waits with.";
    QUEUE_HALTED = Gauge "homeshore_queue_halted" ["pool", "queue"], Count, &[], "One while the queue is paused or closed, else zero.";
    QUEUE_OPEN = Gauge "homeshore_queue_open" ["pool", "queue"], Count, &[], "One while the queue's windows are open, a peak is on, or if it has no windows; else zero.";
    PEAKS = Counter "homeshore_peaks_total" ["pool", "queue", "cause"], Count, &[], "Peaks that began: arrivals above the baseline, load of a site, a supervisor's word.";
    PEAK_ON = Gauge "homeshore_queue_peak" ["pool", "queue"], Count, &[], "One while the queue is in a peak, else zero.";
    PEAK_SHORT = Gauge "homeshore_peak_agents_short" ["pool", "queue"], Count, &[], "Agents who were short at most in the peak that is on, by Erlang A; not a number without a peak, or where handle time or staffing are not known.";
    BASELINE_AGE = Gauge "homeshore_baseline_age_seconds" ["pool", "queue"], Seconds, &[], "Age of the newest past that the queue's baseline was learned from, or of the day of its forecast; not a number without a baseline.";
    SERVICE_LEVEL = Gauge "homeshore_service_level_ratio" ["pool", "queue", "level"], Count, &[], "Service levels of this day of UTC: sl_offered, sl_answered, sl_excl_short; and sl_offered_30min of the last 30 min. Not a number without calls.";
    OFFERS_MADE = Counter "homeshore_offers_made_total" ["pool", "queue"], Count, &[], "Offers of a call to an agent.";
    OFFERS_ENDED = Counter "homeshore_offers_ended_total" ["pool", "queue", "outcome"], Count, &[], "Offers that ended: connected, or why not.";
    OFFER_RESPONSE = Histogram "homeshore_offer_response_seconds" ["pool", "queue"], Seconds, ANSWER_SECONDS, "Time that agents took to accept or decline an offer.";
    RESCINDS_WAITING = Gauge "homeshore_rescinds_waiting" ["pool"], Count, &[], "Agents who get no offers until a platform confirms that their leg of a dead offer is gone.";
    FORCED_ENDS = Counter "homeshore_forced_ends_total" ["pool", "reason"], Count, &[], "Ends by a limit of time that nobody asked for: longest_call, wrap_up_limit, external_limit (4 h), line_lost (5 min), signed_out (30 min without a line), platform_gone (5 min), not_named (by its platform, 30 s).";
    AGENTS = Gauge "homeshore_agents" ["pool", "site_kind", "state"], Count, &[], "Agents in each state, by kind of site.";
    AGENT_SECONDS = Counter "homeshore_agent_seconds_total" ["pool", "site_kind", "state"], Seconds, &[], "Time that agents spent in each state; occupancy is what is busy of it.";
    AGENTS_BLOCKED = Gauge "homeshore_agents_blocked" ["pool", "reason"], Count, &[], "Agents who are signed in whom a blocking reason keeps from some calls or all; an agent counts for each of its reasons.";
    AGENTS_HELD = Gauge "homeshore_agents_held" ["pool"], Count, &[], "Agents whom a supervisor keeps offers away from.";
    SITES_DRAINED = Gauge "homeshore_sites_drained" ["pool"], Count, &[], "Sites that get no new offers by a supervisor's word.";
    INTENTS_BY_POLICY = Counter "homeshore_intents_by_policy_total" ["pool", "reason"], Count, &[], "Agents signed out or made not ready by a rule of the service, or ready again when an outage excuses them.";
    LINES_CHANGED = Counter "homeshore_lines_changed_total" ["pool", "line"], Count, &[], "Changes of agents' lines to up, silent or lost.";
    READINESS_CHECKS = Counter "homeshore_readiness_checks_total" ["pool", "band"], Count, &[], "Checks of agents' set-ups, by what they said: pass, watch, suspend.";
    TROUBLE_REPORTS = Counter "homeshore_trouble_reports_total" ["pool", "kind"], Count, &[], "Agents who said that their line is bad, or that they are late or unwell (absent).";
    OUTAGES = Counter "homeshore_outages_total" ["pool", "domain"], Count, &[], "Outages noticed, by kind of failure domain.";
    OUTAGES_OPEN = Gauge "homeshore_outages_open" ["pool", "domain"], Count, &[], "Outages that are not over, by kind of failure domain.";
    MESSAGES_SENT = Counter "homeshore_messages_sent_total" ["pool"], Count, &[], "Supervisors' messages, one for each agent who got it.";
    MESSAGES_ENDED = Counter "homeshore_messages_ended_total" ["pool", "cause"], Count, &[], "Supervisors' messages that an agent no longer has: acknowledged, displaced by newer ones, expired unread.";
    SESSIONS_OPENED = Counter "homeshore_sessions_opened_total" ["pool"], Count, &[], "Agents' sessions opened.";
    PLATFORMS_ATTACHED = Counter "homeshore_platforms_attached_total" ["pool"], Count, &[], "Times that a platform's instance attached.";
    PLATFORMS_DETACHED = Counter "homeshore_platforms_detached_total" ["pool"], Count, &[], "Times that a platform's instance was no longer heard.";
    TALKS_QUESTIONED = Counter "homeshore_talks_questioned_total" ["pool"], Count, &[], "Conversations so long that their platform was asked whether they go on.";
    COMMANDS = Counter "homeshore_commands_total" ["command", "result"], Count, &[], "Commands by result: done, refused, failed.";
    POOL_OPEN = Gauge "homeshore_pool_open" ["pool"], Count, &[], "One while the pool does its work; zero while it is being opened or waits for its store.";
    POOL_OPENED = Counter "homeshore_pool_opened_total" ["pool", "cause"], Count, &[], "Times that the pool was opened: at the start or when it came free, after its store was lost, after a command broke it, taken from a process that was gone.";
    POOL_GIVEN_UP = Counter "homeshore_pool_given_up_total" ["pool", "how"], Count, &[], "Times that the pool left this process for another: handed over, released as nobody else was there, lost to one that took it.";
    REPLICAS = Gauge "homeshore_replicas" [], Count, &[], "Processes that share Redis, this one among them; zero while this process does not share it.";
    PASSED_ON = Counter "homeshore_passed_on_total" ["result"], Count, &[], "Requests passed on to the process that has their pool: answered, sent again, failed, refused as too many were on their way.";
    POOL_ENTRIES = Gauge "homeshore_pool_entries" ["pool", "kind"], Count, &[], "What the pool holds: agents, live_calls, ended_calls (remembered for 15 min), waiting_commands.";
    POOL_LIMIT = Gauge "homeshore_pool_entries_limit" ["pool", "kind"], Count, &[], "How much of it there may be; beyond it, what is new is refused, and the oldest ended calls are forgotten.";
    CLOCK_SKEW = Gauge "homeshore_clock_skew_seconds" ["pool"], Seconds, &[], "The pool's time less the calendar's; over 5 s either way is an alarm.";
    COMMIT_TIME = Histogram "homeshore_commit_seconds" ["pool"], Seconds, WORK_SECONDS, "Time from a batch to its durable commit.";
    COMMIT_CHANGES = Histogram "homeshore_commit_changes" ["pool"], Count, CHANGES, "Entities that a commit changed.";
    COMMIT_BYTES = Histogram "homeshore_commit_bytes" ["pool"], Bytes, BYTES, "Size of what a commit stored: entities, events, detail records.";
    STORE_NOTICES = Counter "homeshore_store_notices_total" ["pool", "kind"], Count, &[], "What happened with Redis: reconnected, duplicate (a batch was there when it was sent again), degraded (no replica confirms any more), healed_batches and healed_whole (what it had lost is back).";
    SET_ASIDE = Gauge "homeshore_set_aside_entities" ["pool"], Count, &[], "Stored entities that could not be read: they are kept under `quarantine/`, and the pool goes on without them.";
    LEASE_AGE = Gauge "homeshore_lease_age_seconds" ["pool"], Seconds, &[], "Time since Redis confirmed that this process owns the pool; zero for the folder, which nobody else can take.";
    STORE_ERRORS = Counter "homeshore_store_errors_total" ["pool", "kind"], Count, &[], "Failures of the store, by what is done about them: tried again (not_applied, unknown), opened again (fenced, held, mismatch), written anew (behind), given up (corrupt, too_new).";
    GRPC_STARTED = Counter "grpc_server_started_total" ["grpc_type", "grpc_service", "grpc_method"], Count, &[], "Calls of gRPC methods that began.";
    GRPC_HANDLED = Counter "grpc_server_handled_total" ["grpc_type", "grpc_service", "grpc_method", "grpc_code"], Count, &[], "Calls of gRPC methods that ended, streams too, by status code.";
    GRPC_SECONDS = Histogram "grpc_server_handling_seconds" ["grpc_type", "grpc_service", "grpc_method"], Seconds, WORK_SECONDS, "Time from the start of a gRPC call to its end; of streams that is their whole life.";
    GRPC_RECEIVED = Counter "grpc_server_msg_received_total" ["grpc_type", "grpc_service", "grpc_method"], Count, &[], "Messages that clients sent, on streams and in unary calls.";
    GRPC_SENT = Counter "grpc_server_msg_sent_total" ["grpc_type", "grpc_service", "grpc_method"], Count, &[], "Messages that were sent to clients, on streams and in unary calls.";
    STREAMS_OPEN = Gauge "homeshore_streams_open" ["kind"], Count, &[], "Open streams: platform, agent, watch, events, export, backup; board and desk are browsers' pages.";
    BUILD = Gauge "homeshore_build_info" ["version"], Count, &[], "One, with the version of the program.";
    ZONE_DATA = Gauge "homeshore_zone_data_info" ["version", "source"], Count, &[], "One, with the release of the zone data in use, and whether it came with the program or is the machine's: bundled, system.";
}
