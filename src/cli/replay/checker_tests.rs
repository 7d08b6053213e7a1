//! Damaged histories: the checker sees each damage, and none in a clean one.

use super::{Checker, Rule, Sight, Wait};
use crate::proto::v1::Outcome;

/// Judges a history written a sight a word-list: `sent c`, `not-taken c`, `queued c`, `rescinded c`, `offered c o ann`,
/// `connected c ann`, `ended c handled 7` (or `-` for an answer), `snapshot c/ann d/-`, `wait c 10 1000 1010`
/// (`still` for the time while the clock stands, `-` in a snapshot), `view ann call offered talking`, `vanished c`.
fn judge(history: &[&str]) -> Vec<Rule> {
    let mut checker = Checker::default();
    for line in history {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["vanished", call] => checker.see_vanished(call),
            _ => checker.see(&sight(&words)),
        }
    }
    checker
        .finish()
        .into_iter()
        .map(|breach| breach.rule)
        .collect()
}

fn sight<'a>(words: &[&'a str]) -> Sight<'a> {
    let some = |word: &'a str| if word == "-" { "" } else { word };
    match *words {
        ["sent", call] => Sight::Sent { call },
        ["not-taken", call] => Sight::NotTaken { call },
        ["queued", call] => Sight::Queued { call },
        ["rescinded", call] => Sight::Rescinded { call },
        ["offered", call, offer, agent] => Sight::Offered { call, offer, agent },
        ["connected", call, agent] => Sight::Connected { call, agent },
        ["ended", call, outcome, event] => Sight::Ended {
            call,
            outcome: if outcome == "handled" {
                Outcome::Handled
            } else {
                Outcome::Abandoned
            },
            event: event.parse().ok(),
        },
        ["wait", call, wait_ms, accepted_ms, at] => Sight::Waited(Wait {
            call,
            waited_ms: wait_ms.parse().unwrap(),
            accepted_ms: accepted_ms.parse().unwrap(),
            at_ms: (at != "-").then(|| at.parse().unwrap_or(0)),
            runs: at.parse::<u64>().is_ok(),
        }),
        ["view", agent, call, offered, talking] => Sight::AgentView {
            agent,
            call: some(call),
            offered: some(offered),
            talking: talking == "talking",
        },
        ["snapshot", ref calls @ ..] => Sight::Snapshot(
            calls
                .iter()
                .map(|pair| pair.split_once('/').unwrap())
                .map(|(call, agent)| (call, (agent != "-").then_some(agent)))
                .collect(),
        ),
        _ => panic!("not a sight: {words:?}"),
    }
}

const CLEAN: [&str; 18] = [
    "sent c",
    "sent d",
    "sent e",
    "not-taken e",
    "wait c 0 1000 1000",
    "offered c o1 ann",
    "view ann c c idle",
    "queued c",
    "offered d o2 ann",
    "offered c o3 bob",
    "wait c 900 1000 1900",
    "connected c bob",
    "view bob c - talking",
    "snapshot c/bob d/ann",
    "wait c 900 1000 -",
    "ended c handled 7",
    "ended c handled -",
    "ended d abandoned 9",
];

#[test]
fn a_clean_history_has_no_breach() {
    assert_eq!(judge(&CLEAN), []);
}

#[test]
fn a_snapshot_may_be_newer_than_the_events_after_it() {
    let history = [
        "sent c",
        "wait c 0 1000 1000",
        "wait c 180 1000 -",
        "wait c 168 1000 1168",
    ];
    assert_eq!(judge(&[&history[..], &["ended c handled 1"]].concat()), []);
    let older = [
        "sent c",
        "wait c 168 1000 1168",
        "wait c 20 1000 -",
        "ended c handled 1",
    ];
    assert_eq!(judge(&older), [Rule::WaitReset]);
}

#[test]
fn an_answer_may_be_ahead_of_the_events() {
    let history = [
        "sent c",
        "ended c abandoned -",
        "queued c",
        "offered c o1 ann",
    ];
    assert_eq!(
        judge(&[&history[..], &["ended c abandoned 3"]].concat()),
        []
    );
    let lives = ["sent c", "ended c abandoned -", "snapshot c/-"];
    assert_eq!(judge(&lives), [Rule::EndedTwice]);
    let other_way = judge(&[&history[..], &["ended c handled 3"]].concat());
    assert_eq!(other_way, [Rule::EndedTwice]);
}

#[test]
fn a_rescinded_offer_frees_both() {
    let history = [
        "sent c",
        "sent d",
        "offered c o1 ann",
        "rescinded c",
        "offered d o2 ann",
        "offered c o3 bob",
    ];
    let ends = ["ended c handled 1", "rescinded c", "ended d handled 2"];
    assert_eq!(judge(&[&history[..], &ends[..]].concat()), []);
}

#[test]
fn an_agent_is_free_for_the_next_call_after_an_end() {
    let history = [
        "sent c",
        "sent d",
        "offered c o1 ann",
        "connected c ann",
        "ended c handled 1",
    ];
    let next = ["offered d o2 ann", "connected d ann", "ended d handled 2"];
    assert_eq!(judge(&[&history[..], &next[..]].concat()), []);
}

/// Clean history with `lines` put in after the line `at`.
fn damaged(at: usize, lines: &[&'static str]) -> Vec<Rule> {
    let mut history = CLEAN.to_vec();
    history.splice(at..at, lines.iter().copied());
    judge(&history)
}

/// A damage, the line of the clean history after which it is put, its lines, and the rule that it breaks.
const DAMAGES: [(&str, usize, &[&str], Rule); 17] = [
    ("a call without an end", 18, &["sent f"], Rule::CallLost),
    (
        "a call that the server forgot",
        18,
        &["sent f", "vanished f"],
        Rule::CallLost,
    ),
    (
        "a second offer to a busy agent",
        12,
        &["offered d o4 bob"],
        Rule::AgentOfferedTwo,
    ),
    (
        "an offer to an agent who has one",
        9,
        &["sent f", "offered f o4 ann", "ended f handled 6"],
        Rule::AgentOfferedTwo,
    ),
    (
        "a snapshot with one agent twice",
        14,
        &["snapshot c/bob d/bob"],
        Rule::AgentOfferedTwo,
    ),
    (
        "an agent's view of two calls",
        13,
        &["view bob c d talking"],
        Rule::AgentOfferedTwo,
    ),
    (
        "a call offered to two",
        6,
        &["offered c o9 bob"],
        Rule::TwoAgentsOnCall,
    ),
    (
        "a call connected to another",
        11,
        &["connected c zoe"],
        Rule::TwoAgentsOnCall,
    ),
    (
        "two agents who both say they talk",
        13,
        &["view ann c - talking"],
        Rule::TwoAgentsOnCall,
    ),
    ("a second end", 18, &["ended c handled 8"], Rule::EndedTwice),
    (
        "another outcome",
        18,
        &["ended c abandoned -"],
        Rule::EndedTwice,
    ),
    (
        "an offer after the end",
        18,
        &["offered c o5 ann"],
        Rule::EndedTwice,
    ),
    (
        "a conversation after the end",
        18,
        &["connected c bob"],
        Rule::EndedTwice,
    ),
    (
        "a return to the queue after the end",
        18,
        &["queued c"],
        Rule::EndedTwice,
    ),
    (
        "a snapshot with an ended call",
        18,
        &["snapshot c/-"],
        Rule::EndedTwice,
    ),
    (
        "a wait that shrinks",
        11,
        &["wait c 899 1000 -"],
        Rule::WaitReset,
    ),
    (
        "another time of acceptance",
        11,
        &["wait c 950 1900 still"],
        Rule::WaitReset,
    ),
];

#[test]
fn each_damage_is_seen() {
    for (name, at, lines, rule) in DAMAGES {
        let seen = damaged(at, lines);
        assert!(seen.contains(&rule), "{name}: {seen:?}");
    }
}

#[test]
fn a_wait_that_began_anew_is_seen_by_the_clock() {
    let anew = [
        "sent c",
        "wait c 0 1000 1000",
        "wait c 300 1000 21000",
        "ended c handled 1",
    ];
    assert_eq!(judge(&anew), [Rule::WaitReset]);
    let within_rounding = [
        "sent c",
        "wait c 0 1000 1000",
        "wait c 19960 1000 21000",
        "ended c handled 1",
    ];
    assert_eq!(judge(&within_rounding), []);
}
