//! A board for programs.

use serde_json::{Value, json};

use super::{Board, words};
use crate::{
    cli::{json, text::Word},
    proto::v1::{AgentCounts, Outage, PoolNumbers},
};

/// All of it, with rows as the lists have them.
pub(in crate::cli) fn board(board: &Board) -> Value {
    let stale = board.stale.as_ref();
    json!({
        "pool": board.pool,
        "server": board.server,
        "as_of": super::super::text::to_timestamp(board.now_ms()).to_string(),
        "stale": stale.map(|stale| &stale.why),
        "numbers": numbers(&board.numbers),
        "agent_counts": counts(&board.counts),
        "outages": board.outages.iter().map(outage).collect::<Vec<_>>(),
        "queues": board.queues.values().map(json::queue_status).collect::<Vec<_>>(),
        "agents": board.agents.values().map(json::agent).collect::<Vec<_>>(),
    })
}

fn numbers(all: &PoolNumbers) -> Value {
    let kinds = all.agents_by_site_kind.iter().map(|kind| {
        let of_kind = kind.counts.as_ref().map(counts);
        json!({"site_kind": json::word(kind.site_kind()), "counts": of_kind})
    });
    json!({
        "waiting": all.waiting,
        "offered": all.offered,
        "connected": all.connected,
        "callbacks_waiting": all.callbacks_waiting,
        "longest_wait_since": json::time(all.longest_wait_since.as_ref()),
        "counted_since": json::time(all.counted_since.as_ref()),
        "accepted_total": all.accepted_total,
        "answered_total": all.answered_total,
        "answered_in_target_total": all.answered_in_target_total,
        "abandoned_total": all.abandoned_total,
        "diverted_total": all.diverted_total,
        "callbacks_answered_total": all.callbacks_answered_total,
        "sl_offered": all.sl_offered,
        "sl_answered": all.sl_answered,
        "sl_excl_short": all.sl_excl_short,
        "agents_by_site_kind": kinds.collect::<Vec<_>>(),
        "agents_held": all.agents_held,
        "sites_drained": all.sites_drained,
    })
}

/// How many agents are in each state.
pub(in crate::cli) fn counts(counts: &AgentCounts) -> Value {
    json!({
        "available": counts.available,
        "offered": counts.offered,
        "connected": counts.connected,
        "wrap_up": counts.wrap_up,
        "not_ready": counts.not_ready,
        "unreachable": counts.unreachable,
        "external": counts.external,
        "offline": counts.offline,
    })
}

fn outage(outage: &Outage) -> Value {
    json!({
        "domain": outage.domain().word(),
        "label": outage.label,
        "since": json::time(outage.since.as_ref()),
        "lost": outage.lost,
        "signed_in": outage.signed_in,
        "end_time": json::time(outage.end_time.as_ref()),
        "text": words::outage(outage),
    })
}
