//! `events follow` against a server of its own.

use serde_json::Value;

use super::served::AtWork;
use crate::support::program::{AGENTS, POOL, Server, json};

#[test]
fn events_are_lines_of_json_and_say_nothing_of_people() {
    let server = Server::with(POOL, AGENTS);
    let asked = ["events", "follow", "--until-now", "--json"];
    let (code, out, err) = server.run(&asked);
    assert_eq!((code, &*err), (0, ""));
    let lines: Vec<Value> = out.lines().map(json).collect();
    let names = lines.iter().map(|line| line["event"].as_str().unwrap());
    let expected = ["pool_applied", "agent_applied", "agent_applied"];
    assert!(names.eq(expected), "{out}");
    assert!(!out.contains("Ann") && !out.contains("sip:"), "{out}");

    let after = lines[1]["number"].to_string();
    let (_, rest, _) = server.run(&[&asked[..], &["--after", &after]].concat());
    assert_eq!(rest, format!("{}\n", out.lines().last().unwrap()));

    let words = server.run(&["events", "follow", "--until-now", "--agent", "ben"]);
    let line = words.1.trim_end();
    assert!(
        line.contains("  agent_applied        agent_id=ben"),
        "{line}"
    );
    assert!(!line.contains('\n'), "{line}");

    let (code, _, err) = server.run(&["events", "follow", "--event", "call_died"]);
    assert_eq!(code, 1);
    assert!(err.contains("`call_ended`"), "{err}");
}

#[test]
fn a_follower_waits_for_a_server_that_was_killed_and_misses_nothing() {
    let mut server = Server::with(POOL, AGENTS);
    let mut follower = AtWork::start(&server, &["events", "follow", "--after", "0", "--json"]);
    follower.wait_for("pool_applied");
    follower.wait_for("\"agent_id\":\"ben\"");
    server.kill_and_restart();
    let set = server.run(&["agent", "set", "ann", "not-ready", "--reason", "break"]);
    assert_eq!(set.0, 0, "{}", set.2);
    follower.wait_for("session_opened");
    let line: Value = json(&follower.wait_for("intent_changed"));
    assert_eq!(
        (&line["intent"], &line["reason"]),
        (&"not_ready".into(), &"break".into())
    );
}
