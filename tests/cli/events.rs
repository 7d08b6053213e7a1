//! `events follow` against a server of its own, and `events check` of what it printed.

use serde_json::Value;

use super::served::AtWork;
use crate::support::program::{AGENTS, POOL, Server, file, json, run};

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

#[test]
fn a_history_is_checked_without_a_server() {
    let server = Server::with(POOL, AGENTS);
    let mut ann = AtWork::start(&server, &["agent", "set", "ann", "ready", "--accept"]);
    ann.wait_for("ready, idle");
    let routed = server.run(&[
        "call", "route", "--queue", "billing", "--id", "k1", "--talk", "100ms",
    ]);
    assert_eq!(routed.0, 0, "{}", routed.2);
    let asked = ["events", "follow", "--until-now", "--json"];
    let (_, lines, _) = server.run(&asked);
    let folder = tempfile::tempdir().unwrap();
    let whole = file(folder.path(), "whole.jsonl", &lines);
    let (code, out, err) = run(&["events", "check", &whole]);
    assert_eq!((code, &*out), (0, ""), "{err}");
    assert!(err.contains(" 1 calls accepted, "), "{err}");
    assert!(!err.contains("does not begin"), "{err}");

    let twice = lines.lines().find(|line| line.contains("call_queued"));
    let twice = file(
        folder.path(),
        "twice.jsonl",
        &format!("{lines}{}\n", twice.unwrap()),
    );
    let (code, out, _) = run(&["events", "check", &twice, "--json"]);
    let report = json(&out);
    assert_eq!((code, &report["is_whole"]), (1, &true.into()), "{out}");
    let rules = report["violations"].as_array().unwrap().iter();
    let rules: Vec<&Value> = rules.map(|violation| &violation["rule"]).collect();
    assert!(rules.contains(&&"accepted_once".into()), "{out}");
    assert!(rules.contains(&&"numbers".into()), "{out}");

    let late: Vec<&str> = lines.lines().skip(2).collect();
    let late = file(folder.path(), "late.jsonl", &late.join("\n"));
    let pool = file(folder.path(), "pool.toml", POOL);
    let (code, out, err) = run(&["events", "check", &late, "--pool-file", &pool]);
    assert_eq!((code, &*out), (0, ""), "{err}");
    assert!(err.contains("does not begin"), "{err}");

    for (name, text, expected) in [
        ("empty.jsonl", "", "has no events"),
        ("words.jsonl", "hello\n", "is no JSON object"),
    ] {
        let wrong = file(folder.path(), name, text);
        let (code, out, err) = run(&["events", "check", &wrong]);
        assert!(
            code > 0 && format!("{out}{err}").contains(expected),
            "{out}{err}"
        );
    }
    let (code, _, err) = run(&["events", "check", "/does/not/exist.jsonl"]);
    assert!(code == 2 && err.contains("cannot read"), "{err}");
}
