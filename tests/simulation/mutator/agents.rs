//! Damages of agents: what they ask for, wrap-up, sessions and what keeps them away.

use homeshore::simulation::checker::Rule;
use serde_json::json;

use super::{
    Damage,
    edit::{count, is, made, set, text},
};

const LATER: &str = "2030-01-01T00:00:00Z";

pub(super) const DAMAGES: &[Damage] = &[
    (
        "a check is told better than it was",
        Rule::Readiness,
        |history, at| {
            let line = history.line(at);
            let bad = is(line, "readiness_reported") && text(line, "band") == "suspend";
            bad.then(|| history.with(at, |line| set(line, "band", "pass")))
        },
    ),
    (
        "a standing moves at once",
        Rule::Readiness,
        |history, at| {
            let line = history.line(at);
            let moves = is(line, "readiness_reported") && line["band"] != line["standing"];
            let band = line.get("band").cloned().unwrap_or_default();
            moves.then(|| history.with(at, |line| set(line, "standing", band)))
        },
    ),
    (
        "a check lets its agent take calls for longer",
        Rule::Readiness,
        |history, at| {
            let line = history.line(at);
            let good = is(line, "readiness_reported") && line.contains_key("certified_until");
            good.then(|| history.with(at, |line| set(line, "certified_until", LATER)))
        },
    ),
    ("wrap-up is skipped", Rule::WrapUp, |history, at| {
        is(history.line(at), "wrap_up_started").then(|| history.without(at))
    }),
    (
        "wrap-up lasts longer than its queue says",
        Rule::WrapUp,
        |history, at| {
            let line = history.line(at);
            let limited = is(line, "wrap_up_started") && line.contains_key("until");
            limited.then(|| history.with(at, |line| set(line, "until", LATER)))
        },
    ),
    (
        "wrap-up ends by a limit that is not reached",
        Rule::WrapUp,
        |history, at| {
            let line = history.line(at);
            let by_word = is(line, "wrap_up_ended") && line["by_limit"] == false;
            by_word.then(|| history.with(at, |line| set(line, "by_limit", true)))
        },
    ),
    ("wrap-up is extended twice", Rule::WrapUp, |history, at| {
        let line = history.line(at);
        let mut again = line.clone();
        set(&mut again, "until", LATER);
        is(line, "wrap_up_extended").then(|| history.after(at, again))
    }),
    (
        "who misses two calls stays ready",
        Rule::Rona,
        |history, at| {
            let line = history.line(at);
            let rona = is(line, "intent_changed") && text(line, "reason") == "rona";
            rona.then(|| history.without(at))
        },
    ),
    (
        "a rule makes somebody ready",
        Rule::Intent,
        |history, at| {
            let line = history.line(at);
            let ready = is(line, "intent_changed") && text(line, "intent") == "ready";
            let before = history.last(at, "intent_changed", "agent_id", text(line, "agent_id"));
            let rona = before.is_some_and(|at| text(history.line(at), "reason") == "rona");
            (ready && text(line, "by") == "agent" && !rona)
                .then(|| history.with(at, |line| set(line, "by", "policy")))
        },
    ),
    (
        "an agent gives a reason of the service",
        Rule::Intent,
        |history, at| {
            let line = history.line(at);
            let own = is(line, "intent_changed") && text(line, "reason") == "break";
            own.then(|| history.with(at, |line| set(line, "reason", "rona")))
        },
    ),
    (
        "what was asked for next is forgotten",
        Rule::NextIntent,
        |history, at| {
            let line = history.line(at);
            let asked = is(line, "next_intent_changed") && line.contains_key("intent");
            let agent = text(line, "agent_id");
            let applied = history.next(at, "intent_changed", "agent_id", agent)?;
            let ended = history.next(at, "wrap_up_ended", "agent_id", agent)?;
            let again = history.next(at, "next_intent_changed", "agent_id", agent);
            let alone = again.is_none_or(|again| again > applied);
            let applies = applied == ended + 1 && history.is_one_commit(ended, applied);
            (asked && alone && applies).then(|| history.without(applied))
        },
    ),
    (
        "a hold ends by itself before its time",
        Rule::Hold,
        |history, at| {
            let line = history.line(at);
            let by_word = is(line, "agent_released") && line["by_supervisor"] == true;
            by_word.then(|| history.with(at, |line| set(line, "by_supervisor", false)))
        },
    ),
    ("a hold never ends", Rule::Hold, |history, at| {
        let line = history.line(at);
        let by_time = is(line, "agent_released") && line["by_supervisor"] == false;
        by_time.then(|| history.without(at))
    }),
    (
        "a bad line stays bad for too long",
        Rule::Hold,
        |history, at| {
            let line = history.line(at);
            let bad = is(line, "line_quality_changed") && line.contains_key("bad_until");
            bad.then(|| history.with(at, |line| set(line, "bad_until", LATER)))
        },
    ),
    (
        "a call elsewhere lasts too long",
        Rule::External,
        |history, at| {
            is(history.line(at), "external_started")
                .then(|| history.with(at, |line| set(line, "until", LATER)))
        },
    ),
    (
        "a line is lost that was not silent",
        Rule::Line,
        |history, at| {
            let line = history.line(at);
            let silent = is(line, "line_changed") && text(line, "line") == "silent";
            let agent = text(line, "agent_id");
            let next = history.next(at, "line_changed", "agent_id", agent)?;
            let lost = text(history.line(next), "line") == "lost";
            let back = history.next(at, "session_opened", "agent_id", agent);
            let away = back.is_none_or(|back| back > next);
            let before = history.last(at, "line_changed", "agent_id", agent);
            let was = before.is_none_or(|at| text(history.line(at), "line") != "silent");
            (silent && lost && away && was).then(|| history.without(at))
        },
    ),
    (
        "a session has the number of an older one",
        Rule::Session,
        |history, at| {
            is(history.line(at), "session_opened")
                .then(|| history.with(at, |line| set(line, "session", 0)))
        },
    ),
    (
        "an agent is deleted with a call in hand",
        Rule::Deleted,
        |history, at| {
            let line = history.line(at);
            let gone = made(
                "agent_deleted",
                &[("agent_id", line.get("agent_id")?.clone())],
            );
            is(line, "call_connected").then(|| history.after(at, gone))
        },
    ),
    ("busy time is told wrong", Rule::Occupancy, |history, at| {
        is(history.line(at), "occupancy_fixed").then(|| {
            history.with(at, |line| {
                let wrong = count(line, "busy_ms") + 1;
                set(line, "busy_ms", wrong);
            })
        })
    }),
    (
        "a site is opened that was not drained",
        Rule::Site,
        |history, at| {
            let line = history.line(at);
            let site = json!("nowhere");
            let opened = made("site_undrained", &[("site", site)]);
            is(line, "site_drained").then(|| history.after(at, opened))
        },
    ),
];
