//! Explanations as tables: which reasons keep which agents from a call, and calls from an agent.

use super::{Cell, Facts, Table};
use crate::{
    console::{
        figures::{moment, span},
        frame::path,
        words::Words,
    },
    engine::ids::PoolTime,
    proto::v1::{ExplainAgentResponse, ReasonCount, SiteKind, WaitingExplanation},
};

/// What keeps agents from a call that waits, and what those do who could take it.
pub(super) fn of_call(told: &WaitingExplanation, pool: &str, w: &Words) -> Vec<Table> {
    let mut tables = vec![
        reasons("kept-from-call", "nobody", &told.excluded, w),
        reasons("fit-and-do", "nobody", &told.fitting, w),
    ];
    if !told.next_agent_id.is_empty() {
        let next = &told.next_agent_id;
        let href = format!("/pools/{pool}/agents/{}", path(next));
        tables.push(Table {
            title: w.say("next-agent").into_owned(),
            none: String::new(),
            columns: vec![w.say("agent").into_owned()],
            rows: vec![vec![Cell::link(next, href)]],
        });
    }
    tables
}

/// Where a call that waits stands.
pub(super) fn facts_of_call(told: &WaitingExplanation, now: PoolTime, w: &Words) -> Facts {
    let mut facts = Vec::new();
    let mut fact = |key: &str, value: String| facts.push((w.say(key).into_owned(), value));
    fact("ahead-queue", told.ahead_in_queue.to_string());
    fact("ahead-pool", told.ahead_in_pool.to_string());
    fact("ring", told.ring.to_string());
    if let Some(next) = pool_time(told.next_ring_time.as_ref()) {
        fact("next-ring", moment(next, now));
    }
    fact("able-agents", told.able_agents.to_string());
    if !told.withheld_reasons.is_empty() {
        let withheld = told
            .withheld_reasons
            .iter()
            .map(|reason| w.of("withheld", reason));
        fact("withheld", withheld.collect::<Vec<_>>().join(", "));
    }
    facts
}

/// What keeps calls from an agent, and which the agent could take.
pub(super) fn of_agent(
    told: &ExplainAgentResponse,
    pool: &str,
    now: PoolTime,
    w: &Words,
) -> Vec<Table> {
    let keeping = told.keeping.iter().map(|keeping| {
        let mut reason = w.of("why", &keeping.reason);
        if !keeping.not_ready_reason.is_empty() {
            reason = format!("{reason} ({})", w.of("reason", &keeping.not_ready_reason));
        }
        let until = pool_time(keeping.end_time.as_ref());
        let until = until.map_or_else(|| "–".to_owned(), |at| moment(at, now));
        vec![Cell::text(reason), Cell::text(until)]
    });
    let first = told.first_calls.iter().map(|call| {
        let href = format!("/pools/{pool}/calls/{}", path(&call.call_id));
        let wait = call.wait.as_ref().map_or(0, ms);
        vec![
            Cell::link(&call.call_id, href),
            Cell::text(&call.queue),
            Cell::text(span(wait, w.language())),
        ]
    });
    vec![
        Table {
            title: w.say("kept-from-calls").into_owned(),
            none: w.say("kept-by-nothing").into_owned(),
            columns: words(&["why", "until-when"], w),
            rows: keeping.collect(),
        },
        Table {
            title: w.say("calls-that-fit").into_owned(),
            none: w.say("no-calls-that-fit").into_owned(),
            columns: words(&["call", "queue", "wait"], w),
            rows: first.collect(),
        },
        reasons("calls-unfit", "no-calls", &told.unfit, w),
    ]
}

fn words(keys: &[&str], w: &Words) -> Vec<String> {
    keys.iter().map(|key| w.say(key).into_owned()).collect()
}

fn reasons(title: &str, none: &str, counts: &[ReasonCount], w: &Words) -> Table {
    let row = |counted: &ReasonCount| {
        vec![
            Cell::text(reason(counted, w)),
            Cell::text(counted.count.to_string()),
        ]
    };
    Table {
        title: w.say(title).into_owned(),
        none: w.say(none).into_owned(),
        columns: words(&["why", "how-many"], w),
        rows: counts.iter().map(row).collect(),
    }
}

fn reason(counted: &ReasonCount, w: &Words) -> String {
    let word = w.of("why", &counted.reason);
    if let Some(skill) = &counted.skill {
        return format!("{word}: {} {}", skill.skill, skill.level);
    }
    let kind = match counted.site_kind() {
        SiteKind::Home => Some("home"),
        SiteKind::Telecentre => Some("telecentre"),
        SiteKind::OnSite => Some("on_site"),
        SiteKind::Unspecified => None,
    };
    match (counted.not_ready_reason.as_str(), kind) {
        ("", None) => word,
        ("", Some(kind)) => format!("{word}: {}", w.of("kind", kind)),
        (reason, _) => format!("{word} ({})", w.of("reason", reason)),
    }
}

/// A time of the services.
pub(in crate::console) fn pool_time(time: Option<&prost_types::Timestamp>) -> Option<PoolTime> {
    let time = time?;
    let seconds = u64::try_from(time.seconds).ok()?;
    let ms = u64::try_from(time.nanos).unwrap_or(0) / 1_000_000;
    Some(PoolTime(seconds.saturating_mul(1_000) + ms))
}

/// A length of time of the services, ms.
pub(in crate::console) fn ms(duration: &prost_types::Duration) -> u64 {
    let seconds = u64::try_from(duration.seconds).unwrap_or(0);
    let nanos = u64::try_from(duration.nanos).unwrap_or(0);
    seconds.saturating_mul(1_000) + nanos / 1_000_000
}
