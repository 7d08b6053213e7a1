//! Damages of calls: their acceptance, waits, moves and ends.

use homeshore::simulation::checker::Rule;
use serde_json::json;

use super::{
    Damage,
    edit::{History, Line, count, is, made, set, text},
};

/// Changes a line of this event where `fits`.
fn change(
    history: &History,
    at: usize,
    event: &str,
    fits: impl Fn(&Line) -> bool,
    change: impl FnOnce(&mut Line),
) -> Option<History> {
    let line = history.line(at);
    (is(line, event) && fits(line)).then(|| history.with(at, change))
}

fn twice(history: &History, at: usize, event: &str) -> Option<History> {
    let line = history.line(at);
    is(line, event).then(|| history.after(at, line.clone()))
}

pub(super) const DAMAGES: &[Damage] = &[
    ("an end is left out", Rule::Left, |history, at| {
        let ended = history.is_over && is(history.line(at), "call_ended");
        ended.then(|| history.without(at))
    }),
    ("a call ends twice", Rule::Lives, |history, at| {
        twice(history, at, "call_ended")
    }),
    (
        "a call is accepted twice",
        Rule::AcceptedOnce,
        |history, at| twice(history, at, "call_queued"),
    ),
    (
        "a call is offered after its end",
        Rule::Lives,
        |history, at| {
            let line = history.line(at);
            let made = history.last(at, "offer_made", "call_id", text(line, "call_id"))?;
            is(line, "call_ended").then(|| history.after(at, history.line(made).clone()))
        },
    ),
    ("a call was never accepted", Rule::Lives, |history, at| {
        let line = history.line(at);
        let id = text(line, "call_id");
        history.next(at, "call_ended", "call_id", id)?;
        is(line, "call_queued").then(|| history.without(at))
    }),
    (
        "the wait is reset by a conversation",
        Rule::Wait,
        |history, at| {
            let waited = |line: &Line| count(line, "wait_ms") > 0;
            change(history, at, "call_connected", waited, |line| {
                set(line, "wait_ms", 0);
            })
        },
    ),
    ("the wait is reset by a move", Rule::Wait, |history, at| {
        let waited = |line: &Line| count(line, "wait_ms") > 0;
        change(history, at, "call_moved", waited, |line| {
            set(line, "wait_ms", 0);
        })
    }),
    (
        "the wait runs on in conversation",
        Rule::Wait,
        |history, at| {
            let talked = |line: &Line| count(line, "talk_ms") > 0;
            change(history, at, "call_ended", talked, |line| {
                let both = count(line, "wait_ms") + count(line, "talk_ms");
                set(line, "wait_ms", both);
            })
        },
    ),
    (
        "a conversation is abandoned",
        Rule::Outcome,
        |history, at| {
            let handled = |line: &Line| text(line, "outcome") == "handled";
            change(history, at, "call_ended", handled, |line| {
                set(line, "outcome", "abandoned");
            })
        },
    ),
    ("who hung up was handled", Rule::Outcome, |history, at| {
        let left = |line: &Line| text(line, "outcome") == "abandoned";
        change(history, at, "call_ended", left, |line| {
            set(line, "outcome", "handled");
        })
    }),
    (
        "a call times out before its time",
        Rule::Overflow,
        |history, at| {
            let left =
                |line: &Line| text(line, "outcome") == "abandoned" && text(line, "queue") != "q1";
            change(history, at, "call_ended", left, |line| {
                set(line, "outcome", "timed_out");
            })
        },
    ),
    (
        "a call overflows while it is offered",
        Rule::Overflow,
        |history, at| {
            let line = history.line(at);
            let ended = history.next(at, "call_ended", "call_id", text(line, "call_id"))?;
            let mut gone = history.line(ended).clone();
            set(&mut gone, "outcome", "overflowed");
            let mut back = line.clone();
            for (key, value) in [
                ("event", json!("offer_ended")),
                ("cause", json!("withdrawn")),
                ("rescind", json!(false)),
                ("misses", json!(0)),
                ("failures", json!(0)),
            ] {
                set(&mut back, key, value);
            }
            is(line, "offer_made").then(|| history.after(at, back).after(at + 1, gone))
        },
    ),
    (
        "a move comes before its time",
        Rule::Overflow,
        |history, at| {
            let by_word =
                |line: &Line| text(line, "cause") == "supervisor" && text(line, "queue") != "q0";
            change(history, at, "call_moved", by_word, |line| {
                set(line, "cause", "overflow");
            })
        },
    ),
    ("the target is told wrong", Rule::Target, |history, at| {
        let any = |_: &Line| true;
        change(history, at, "call_ended", any, |line| {
            let flag = line["in_target"].as_bool().unwrap();
            set(line, "in_target", !flag);
        })
    }),
    ("offers are counted wrong", Rule::Record, |history, at| {
        let any = |_: &Line| true;
        change(history, at, "call_ended", any, |line| {
            set(line, "offers", 99);
        })
    }),
    (
        "a closed queue takes a call",
        Rule::Closed,
        |history, at| {
            let line = history.line(at);
            let halt = [
                ("queue", line.get("queue")?.clone()),
                ("kind", json!("closed")),
            ];
            is(line, "call_queued").then(|| history.before(at, made("queue_halted", &halt)))
        },
    ),
    (
        "a queue opens by itself before its time",
        Rule::Closed,
        |history, at| {
            let by_word = |line: &Line| line["by_supervisor"] == true;
            let queue = text(history.line(at), "queue");
            let halted = history.last(at, "queue_halted", "queue", queue)?;
            let until = text(history.line(halted), "until");
            let early = until.is_empty() || until > text(history.line(at), "time");
            let early = |line: &Line| by_word(line) && early;
            change(history, at, "queue_resumed", early, |line| {
                set(line, "by_supervisor", false);
            })
        },
    ),
    (
        "a queue takes a call while its windows are closed",
        Rule::Windows,
        |history, at| {
            let line = history.line(at);
            let queue = text(line, "queue");
            let opened = history.last(at, "queue_opened", "queue", queue)?;
            let is_open = history.last(at, "queue_shut", "queue", queue) < Some(opened);
            let shut = made("queue_shut", &[("queue", json!(queue))]);
            (is_open && is(line, "call_queued")).then(|| history.before(at, shut))
        },
    ),
    ("a peak begins twice", Rule::Peak, |history, at| {
        twice(history, at, "peak_started")
    }),
    ("a queue opens twice", Rule::Windows, |history, at| {
        twice(history, at, "queue_opened")
    }),
    (
        "a call outside the windows is kept on site by the share",
        Rule::Windows,
        |history, at| {
            let outside = |line: &Line| text(line, "on_site") == "outside_windows";
            change(history, at, "call_diverted", outside, |line| {
                set(line, "on_site", "share");
            })
        },
    ),
    (
        "a callback waits for an opening after its last moment",
        Rule::Windows,
        |history, at| {
            let any = |_: &Line| true;
            change(history, at, "callback_deferred", any, |line| {
                set(line, "due", "2030-01-01T00:00:00Z");
            })
        },
    ),
    (
        "a call is diverted as its queue is closed, which it is not",
        Rule::Diverted,
        |history, at| {
            let open = |line: &Line| text(line, "reason") != "closed";
            change(history, at, "call_diverted", open, |line| {
                set(line, "reason", "closed");
            })
        },
    ),
    (
        "a place in line is told wrong",
        Rule::Estimate,
        |history, at| {
            let any = |_: &Line| true;
            change(history, at, "call_queued", any, |line| {
                let ahead = count(line, "ahead") + 1;
                set(line, "ahead", ahead);
            })
        },
    ),
    ("a likely wait is made up", Rule::Estimate, |history, at| {
        let unknown = |line: &Line| !line.contains_key("estimate_ms");
        change(history, at, "call_queued", unknown, |line| {
            set(line, "estimate_ms", 7_777);
        })
    }),
    ("a ring is skipped", Rule::Rings, |history, at| {
        let any = |_: &Line| true;
        change(history, at, "ring_entered", any, |line| {
            set(line, "ring", 9);
        })
    }),
    ("a ring is never entered", Rule::Rings, |history, at| {
        let line = history.line(at);
        let first = is(line, "ring_entered") && count(line, "ring") == 1;
        // Where the next ring is entered by then or by the next commit, nobody was there to see it.
        let next = history.next(at, "ring_entered", "call_id", text(line, "call_id"));
        let after = (at + 1..history.lines.len()).find(|place| !history.is_one_commit(at, *place));
        let stays = next.is_none_or(|next| {
            !history.is_one_commit(at, next)
                && after.is_some_and(|after| !history.is_one_commit(after, next))
        });
        (first && stays).then(|| history.without(at))
    }),
    (
        "refusals are forgotten at once",
        Rule::Forgotten,
        |history, at| {
            let line = history.line(at);
            let refused = is(line, "offer_ended") && text(line, "cause") == "declined";
            let forgotten = made(
                "refusals_forgotten",
                &[("call_id", line.get("call_id")?.clone())],
            );
            refused.then(|| history.after(at, forgotten))
        },
    ),
    (
        "a callback is tried more often than it may be",
        Rule::Callback,
        |history, at| {
            let any = |_: &Line| true;
            change(history, at, "callback_postponed", any, |line| {
                let left = count(line, "attempts_left") + 1;
                set(line, "attempts_left", left);
            })
        },
    ),
    (
        "a callback is offered before it is due",
        Rule::Callback,
        |history, at| {
            let line = history.line(at);
            let last = history.last(at, "offer_made", "call_id", text(line, "call_id"))?;
            is(line, "callback_postponed").then(|| history.after(at, history.again(last).unwrap()))
        },
    ),
    (
        "a call is kept for longer than its queue says",
        Rule::Preferred,
        |history, at| {
            let any = |_: &Line| true;
            change(history, at, "preference_started", any, |line| {
                set(line, "until", "2030-01-01T00:00:00Z");
            })
        },
    ),
    (
        "a call that is not named is lost too soon",
        Rule::Platform,
        |history, at| {
            let any = |_: &Line| true;
            change(history, at, "call_missed", any, |line| {
                let now = line["time"].clone();
                set(line, "lost_at", now);
            })
        },
    ),
    (
        "a conversation is asked about for too long",
        Rule::Talk,
        |history, at| {
            let any = |_: &Line| true;
            change(history, at, "talk_questioned", any, |line| {
                set(line, "until", "2030-01-01T00:00:00Z");
            })
        },
    ),
    (
        "a call is forgotten twice",
        Rule::Tombstone,
        |history, at| twice(history, at, "tombstone_dropped"),
    ),
    ("an event is lost", Rule::Numbers, |history, at| {
        let inside =
            at > 0 && history.is_one_commit(at - 1, at) && history.is_one_commit(at, at + 1);
        inside.then(|| {
            let mut damaged = history.clone();
            damaged.lines.remove(at);
            damaged
        })
    }),
    ("time goes back", Rule::Time, |history, at| {
        let later = at > 0 && history.line(at)["time"] != history.line(at - 1)["time"];
        later.then(|| history.with(at, |line| set(line, "time", "1970-01-01T00:00:00Z")))
    }),
    (
        "an end says nothing of what came of it",
        Rule::Form,
        |history, at| {
            let any = |_: &Line| true;
            change(history, at, "call_ended", any, |line| {
                drop(line.remove("outcome"));
            })
        },
    ),
];
