//! Shows the counters of a pool and its queues at zero, so that rates see the first increment and nothing that is
//! documented is missing.

use ::metrics::histogram;

use super::{
    GivenUp, Opening, PoolAndQueue, STORE_ERROR_KINDS, STORE_NOTICE_KINDS, add, add_by,
    add_in_pool, agents,
    events::{CONNECTED, Forced},
    queue_label,
    table::{
        CALL_ABANDON_WAIT, CALL_TALK, CALL_WAIT, CALLBACKS_ANSWERED, CALLBACKS_ENDED,
        CALLBACKS_POSTPONED, CALLBACKS_REQUESTED, CALLS_ABANDONED_IN_TARGET, CALLS_ACCEPTED,
        CALLS_ANSWERED, CALLS_DIVERTED, CALLS_ENDED, CALLS_IN_TARGET, CALLS_MOVED, CALLS_MOVED_IN,
        CALLS_ON_SITE, COMMIT_BYTES, COMMIT_CHANGES, COMMIT_TIME, ESTIMATE_ERROR, FORCED_ENDS,
        MESSAGES_ENDED, MESSAGES_SENT, OFFER_RESPONSE, OFFERS_ENDED, OFFERS_MADE, PEAKS,
        PLATFORMS_ATTACHED, PLATFORMS_DETACHED, POOL_GIVEN_UP, POOL_OPENED, READINESS_CHECKS,
        SESSIONS_OPENED, STORE_ERRORS, STORE_NOTICES, TALKS_QUESTIONED, TROUBLE_REPORTS, WRAP_UP,
    },
};
use crate::engine::{
    event::{DivertReason, MoveCause, OfferEnd, Outcome},
    ids::{PoolId, QueueId},
    inbox::MessageEnd,
    peaks::PeakCause,
    readiness::Band,
    serve::OnSite,
    spec::PoolSpec,
};

/// Shows the counters of a pool and its queues.
pub fn begin_pool(pool: &PoolId, spec: Option<&PoolSpec>) {
    for queue in spec.map_or(&[][..], |spec| &spec.queues[..]) {
        begin_queue(pool, &queue.id);
    }
    for name in [
        SESSIONS_OPENED,
        PLATFORMS_ATTACHED,
        PLATFORMS_DETACHED,
        TALKS_QUESTIONED,
        MESSAGES_SENT,
    ] {
        ::metrics::counter!(name, "pool" => pool.to_string()).increment(0);
    }
    let sets: [(&str, &str, Vec<&'static str>); 8] = [
        (FORCED_ENDS, "reason", Forced::ALL.map(Forced::label).into()),
        (READINESS_CHECKS, "band", Band::ALL.map(Band::label).into()),
        (TROUBLE_REPORTS, "kind", agents::TROUBLES.into()),
        (
            MESSAGES_ENDED,
            "cause",
            MessageEnd::ALL.map(MessageEnd::label).into(),
        ),
        (
            POOL_OPENED,
            "cause",
            Opening::ALL.map(Opening::label).into(),
        ),
        (
            POOL_GIVEN_UP,
            "how",
            GivenUp::ALL.map(GivenUp::label).into(),
        ),
        (STORE_ERRORS, "kind", STORE_ERROR_KINDS.into()),
        (STORE_NOTICES, "kind", STORE_NOTICE_KINDS.into()),
    ];
    for (name, label, values) in sets {
        for value in values {
            add_in_pool(name, pool, label, value, 0);
        }
    }
    for name in [COMMIT_TIME, COMMIT_CHANGES, COMMIT_BYTES] {
        let _shown = histogram!(name, "pool" => pool.to_string());
    }
    agents::begin(pool);
}

fn begin_queue(pool: &PoolId, queue: &QueueId) {
    let labels = || (pool.to_string(), queue_label(Some(queue)));
    for name in [
        CALLS_ACCEPTED,
        CALLS_ANSWERED,
        CALLS_IN_TARGET,
        CALLS_ABANDONED_IN_TARGET,
        CALLS_MOVED_IN,
        OFFERS_MADE,
        CALLBACKS_REQUESTED,
        CALLBACKS_ANSWERED,
        CALLBACKS_POSTPONED,
    ] {
        add(name, labels(), 0);
    }
    for reason in DivertReason::ALL {
        add_by(CALLS_DIVERTED, labels(), "reason", reason.label(), 0);
    }
    for cause in OnSite::LABELS {
        add_by(CALLS_ON_SITE, labels(), "cause", cause, 0);
    }
    for cause in PeakCause::ALL {
        add_by(PEAKS, labels(), "cause", cause.label(), 0);
    }
    for cause in MoveCause::ALL {
        add_by(CALLS_MOVED, labels(), "cause", cause.label(), 0);
    }
    for outcome in Outcome::ALL {
        add_by(CALLS_ENDED, labels(), "outcome", outcome.label(), 0);
        add_by(CALLBACKS_ENDED, labels(), "outcome", outcome.label(), 0);
    }
    add_by(OFFERS_ENDED, labels(), "outcome", CONNECTED, 0);
    for cause in OfferEnd::ALL {
        add_by(OFFERS_ENDED, labels(), "outcome", cause.label(), 0);
    }
    begin_histograms(&labels);
}

fn begin_histograms(labels: &impl Fn() -> PoolAndQueue) {
    for name in [
        CALL_WAIT,
        CALL_ABANDON_WAIT,
        CALL_TALK,
        WRAP_UP,
        OFFER_RESPONSE,
    ] {
        let (pool, queue) = labels();
        let _shown = histogram!(name, "pool" => pool, "queue" => queue);
    }
    for side in ["over", "under"] {
        let (pool, queue) = labels();
        let _shown = histogram!(ESTIMATE_ERROR, "pool" => pool, "queue" => queue, "side" => side);
    }
}
