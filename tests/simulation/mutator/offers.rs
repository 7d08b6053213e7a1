//! Damages of offers: to whom, for which call, and what comes of them.

use homeshore::simulation::checker::Rule;
use serde_json::json;

use super::{
    Damage,
    edit::{History, Line, count, is, made, set, text},
};

/// Puts a line about the agent of an offer before it.
fn first(
    history: &History,
    at: usize,
    event: &str,
    more: &[(&str, serde_json::Value)],
) -> Option<History> {
    let line = history.line(at);
    let mut before = made(event, more);
    set(&mut before, "agent_id", line.get("agent_id")?.clone());
    is(line, "offer_made").then(|| history.before(at, before))
}

/// Makes an offer that ended once more, right after its end, where `fits`.
fn again(history: &History, at: usize, fits: impl Fn(&Line) -> bool) -> Option<History> {
    let line = history.line(at);
    let ended = is(line, "offer_ended") && fits(line);
    ended.then(|| history.after(at, history.again(at).unwrap()))
}

/// Makes up an offer of the call of a line to an agent, as the last one was made.
fn made_up(history: &History, at: usize, call: &str, agent: &str) -> Option<Line> {
    let made = (0..at)
        .rev()
        .find(|at| is(history.line(*at), "offer_made"))?;
    let mut line = history.again(made)?;
    set(&mut line, "call_id", call);
    set(&mut line, "agent_id", agent);
    Some(line)
}

/// A younger call of the same queue that waits beside another, and to which nothing has happened yet.
fn younger(history: &History, at: usize) -> Option<String> {
    let line = history.line(at);
    let call = text(line, "call_id");
    let queued = history.last(at, "call_queued", "call_id", call)?;
    let queue = text(history.line(queued), "queue");
    let priority = text(history.line(queued), "priority");
    let plain = |line: &Line| {
        is(line, "call_queued")
            && text(line, "queue") == queue
            && text(line, "priority") == priority
            && !["skills", "preferred_agent_id"]
                .iter()
                .any(|key| line.contains_key(*key))
    };
    if !plain(history.line(queued)) {
        return None;
    }
    let from = text(history.line(queued), "time");
    (queued + 1..at).find_map(|place| {
        let other = history.line(place);
        let id = text(other, "call_id");
        let later = text(other, "time") > from;
        let mut since = history.lines[place + 1..=at].iter();
        let waits = since.all(|line| text(line, "call_id") != id);
        (plain(other) && later && waits).then(|| id.to_owned())
    })
}

pub(super) const DAMAGES: &[Damage] = &[
    ("a call has two offers", Rule::OneOffer, |history, at| {
        let made = is(history.line(at), "offer_made");
        made.then(|| history.after(at, history.again(at).unwrap()))
    }),
    ("an agent has two offers", Rule::OneOffer, |history, at| {
        let line = history.line(at);
        let other = younger(history, at)?;
        let offer = made_up(history, at + 1, &other, text(line, "agent_id"))?;
        is(line, "offer_made").then(|| history.after(at, offer))
    }),
    (
        "who is not ready is offered a call",
        Rule::Eligible,
        |history, at| {
            let more = [
                ("intent", json!("not_ready")),
                ("reason", json!("break")),
                ("by", json!("agent")),
            ];
            first(history, at, "intent_changed", &more)
        },
    ),
    (
        "who is held is offered a call",
        Rule::Eligible,
        |history, at| {
            first(
                history,
                at,
                "agent_held",
                &[("until", json!("2030-01-01T00:00:00Z"))],
            )
        },
    ),
    (
        "who is silent is offered a call",
        Rule::Eligible,
        |history, at| {
            let more = [("line", json!("silent")), ("by_registration", json!(false))];
            first(history, at, "line_changed", &more)
        },
    ),
    (
        "who is elsewhere is offered a call",
        Rule::Eligible,
        |history, at| {
            first(
                history,
                at,
                "external_started",
                &[("until", json!("1970-01-01T04:00:00Z"))],
            )
        },
    ),
    (
        "who is to be deleted is offered a call",
        Rule::Eligible,
        |history, at| first(history, at, "agent_draining", &[]),
    ),
    (
        "somebody at a drained site is offered a call",
        Rule::Eligible,
        |history, at| {
            let agent = text(history.line(at), "agent_id");
            let applied = history.last(at, "agent_applied", "agent_id", agent)?;
            let site = history.line(applied).get("site")?.clone();
            first(history, at, "site_drained", &[("site", site)])
        },
    ),
    (
        "who lacks a skill is offered a call",
        Rule::Fits,
        |history, at| {
            let line = history.line(at);
            let asks = ["q1", "q2"].contains(&history.queue(at, text(line, "call_id")));
            let agent = text(line, "agent_id");
            let applied = history.last(at, "agent_applied", "agent_id", agent)?;
            let mut applied = history.line(applied).clone();
            set(&mut applied, "skills", json!({}));
            set(&mut applied, "created", false);
            (is(line, "offer_made") && asks).then(|| history.before(at, applied))
        },
    ),
    (
        "the runner-up is offered the call",
        Rule::Selection,
        |history, at| {
            let line = history.line(at);
            let other = line.get("runner_up_id")?.clone();
            let chosen = line["agent_id"].clone();
            Some(history.with(at, |line| {
                set(line, "agent_id", other);
                set(line, "runner_up_id", chosen);
            }))
        },
    ),
    ("a younger call goes first", Rule::Order, |history, at| {
        let other = younger(history, at)?;
        let made = history.is_over && is(history.line(at), "offer_made");
        made.then(|| history.with(at, |line| set(line, "call_id", other)))
    }),
    (
        "a call waits beside an agent",
        Rule::Beside,
        |history, at| {
            let last = !history.is_one_commit(at, at + 1);
            (last && is(history.line(at), "offer_made")).then(|| history.without(at))
        },
    ),
    (
        "who refused is offered the call again",
        Rule::Refused,
        |history, at| again(history, at, |line| text(line, "cause") == "declined"),
    ),
    (
        "who did not answer is offered the call again",
        Rule::Refused,
        |history, at| again(history, at, |line| text(line, "cause") == "no_answer"),
    ),
    (
        "who passed a call on is offered it",
        Rule::Refused,
        |history, at| {
            let line = history.line(at);
            let passed = is(line, "call_moved") && text(line, "cause") == "transfer";
            let offer = made_up(history, at, text(line, "call_id"), text(line, "agent_id"))?;
            passed.then(|| history.after(at, offer))
        },
    ),
    (
        "a call is offered before its leg is gone",
        Rule::Withheld,
        |history, at| again(history, at, |line| line["rescind"] == true),
    ),
    (
        "an agent is offered a call before the leg is gone",
        Rule::LegOpen,
        |history, at| again(history, at, |line| line["rescind"] == true),
    ),
    (
        "a call that is not named is offered",
        Rule::Withheld,
        |history, at| {
            let line = history.line(at);
            let more = [
                ("call_id", line.get("call_id")?.clone()),
                ("lost_at", json!("2030-01-01T00:00:00Z")),
            ];
            is(line, "offer_made").then(|| history.before(at, made("call_missed", &more)))
        },
    ),
    (
        "a call of a platform that is gone is offered",
        Rule::Withheld,
        |history, at| {
            let line = history.line(at);
            if !is(line, "offer_made") {
                return None;
            }
            let queued = history.last(at, "call_queued", "call_id", text(line, "call_id"))?;
            let queued = history.line(queued);
            let mut gone = made("platform_detached", &[]);
            for key in ["platform", "instance"] {
                set(&mut gone, key, queued[key].clone());
            }
            let long_ago = (0..at).rev().find(|place| {
                let then = text(history.line(*place), "time");
                let (now, minute) = (text(line, "time"), |time: &str| time[..16].to_owned());
                minute(then) < minute(now) && !history.is_one_commit(*place, at)
            })?;
            let ours = |line: &Line| {
                let same = |key: &str| line.get(key) == gone.get(key);
                same("platform") && same("instance")
            };
            let heard = |line: &Line| is(line, "platform_attached") && ours(line);
            // A platform without a stream is heard by the calls that it sends.
            let goes = |line: &Line| is(line, "platform_detached") && ours(line);
            let sent = |line: &Line| heard(line) || goes(line) || is(line, "call_queued");
            let waits = history.lines[long_ago..at].iter().all(|line| !sent(line));
            let known = history.lines[..long_ago].iter().any(heard);
            let minute = |at: usize| {
                text(history.line(at), "time")[14..16]
                    .parse::<i32>()
                    .unwrap()
            };
            let apart = minute(at) - minute(long_ago) >= 2;
            (waits && known && apart).then(|| history.before(long_ago, gone))
        },
    ),
    (
        "a call that is kept is offered to another",
        Rule::Preferred,
        |history, at| {
            let line = history.line(at);
            let kept = text(line, "agent_id");
            let made = (0..at).rev().find(|place| {
                let line = history.line(*place);
                is(line, "agent_applied") && text(line, "agent_id") != kept
            })?;
            let other = text(history.line(made), "agent_id").to_owned();
            history.next(made, "intent_changed", "agent_id", &other)?;
            let offer = made_up(history, at, text(line, "call_id"), &other)?;
            is(line, "preference_started").then(|| history.after(at, offer))
        },
    ),
    ("an offer lasts too long", Rule::Lease, |history, at| {
        is(history.line(at), "offer_made")
            .then(|| history.with(at, |line| set(line, "lease_until", "2030-01-01T00:00:00Z")))
    }),
    (
        "an offer has the id of an older one",
        Rule::OfferKnown,
        |history, at| {
            let line = history.line(at);
            let old = is(line, "offer_made") && text(line, "offer_id") != "o1";
            old.then(|| history.with(at, |line| set(line, "offer_id", "o0")))
        },
    ),
    (
        "a conversation begins without an offer",
        Rule::OfferKnown,
        |history, at| {
            let line = history.line(at);
            is(line, "call_connected").then(|| history.after(at, line.clone()))
        },
    ),
    (
        "a conversation begins before it is accepted",
        Rule::Phase,
        |history, at| {
            let line = history.line(at);
            let id = text(line, "offer_id");
            let made = history.last(at, "offer_made", "offer_id", id)?;
            history.next(at, "call_connected", "offer_id", id)?;
            let desk = text(history.line(made), "mode") == "accept_first";
            (is(line, "offer_accepted") && desk).then(|| history.without(at))
        },
    ),
    (
        "a platform that rings is not told to stop",
        Rule::Refusal,
        |history, at| {
            let line = history.line(at);
            let told = is(line, "offer_ended") && line["rescind"] == true;
            let due = told
                && ["line_lost", "site_drained", "line_quality"].contains(&text(line, "cause"));
            due.then(|| history.with(at, |line| set(line, "rescind", false)))
        },
    ),
    ("a decline counts as a miss", Rule::Rona, |history, at| {
        let line = history.line(at);
        let declined = is(line, "offer_ended") && text(line, "cause") == "declined";
        declined.then(|| history.with(at, |line| set(line, "misses", 1)))
    }),
    ("a miss is not counted", Rule::Rona, |history, at| {
        let line = history.line(at);
        let missed = is(line, "offer_ended") && text(line, "cause") == "no_answer";
        let calm = history.lines[..at]
            .iter()
            .all(|line| !is(line, "outage_started"));
        (missed && calm && count(line, "misses") > 0)
            .then(|| history.with(at, |line| set(line, "misses", 0)))
    }),
    (
        "candidates are counted wrong",
        Rule::Record,
        |history, at| {
            is(history.line(at), "offer_made")
                .then(|| history.with(at, |line| set(line, "candidates", 77)))
        },
    ),
    ("idle time is told wrong", Rule::Record, |history, at| {
        is(history.line(at), "offer_made")
            .then(|| history.with(at, |line| set(line, "idle_ms", 123_456_789)))
    }),
    (
        "an offer over a lost line stays",
        Rule::Withdrawn,
        |history, at| {
            let line = history.line(at);
            let lost = is(line, "offer_ended") && text(line, "cause") == "line_lost";
            let at_once = at > 0 && is(history.line(at - 1), "line_changed");
            let at_once = at_once && text(history.line(at - 1), "line") == "lost";
            (lost && at_once).then(|| history.without(at))
        },
    ),
];
