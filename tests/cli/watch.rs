//! `top --once`, `watch` and lists where nothing is drawn: into pipes, a line for each change.

use serde_json::Value;

use super::served::AtWork;
use crate::support::program::{AGENTS, POOL, Server, json};

#[test]
fn top_needs_a_terminal_or_prints_one_picture() {
    let server = Server::with(POOL, AGENTS);
    let (code, stdout, stderr) = server.run(&["top"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(
        stderr.contains("queue list") && stderr.contains("top --once"),
        "{stderr}"
    );
    let (code, stdout, stderr) = server.run(&["top", "--once"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.starts_with("pool default at 127.0.0.1:"), "{stdout}");
    for words in ["billing", "moved in/out", "home-ann (home)", "  ben  "] {
        assert!(stdout.contains(words), "no `{words}` in {stdout}");
    }
    assert!(
        !stdout.contains('\x1b') && !stdout.contains('…'),
        "{stdout}"
    );
    let told = server.told(&["top"]);
    assert_eq!(told["queues"][0]["target_ms"], 20_000);
    assert_eq!(told["agents"][0]["status"]["state"], "offline");
    assert_eq!(told["agents"][0]["address"], "");
    assert_eq!(told["agent_counts"]["offline"], 2);
    let (code, _, stderr) = server.run(&["--pool", "none", "top", "--once"]);
    assert!(code == 1 && stderr.contains("`none`"), "{stderr}");
}

#[test]
fn agents_are_watched_line_by_line() {
    let server = Server::with(POOL, AGENTS);
    let mut all = AtWork::start(&server, &["agent", "watch", "--json"]);
    let first = [all.wait_for("\"ann\""), all.wait_for("\"ben\"")];
    assert!(
        first
            .iter()
            .all(|line| json(line)["agent"]["status"]["state"] == "offline")
    );
    let mut away = AtWork::start(&server, &["agent", "watch", "--state", "not_ready"]);
    let mut ann = AtWork::start(&server, &["agent", "watch", "ann"]);
    ann.wait_for("ann  offline");
    let set = ["agent", "set", "ann", "not-ready", "--reason", "break"];
    assert_eq!(server.run(&set).0, 0);
    let line = away.wait_for("ann  not_ready break");
    assert!(line.contains("line "), "{line}");
    ann.wait_for("not_ready break");
    assert_eq!(server.run(&["agent", "set", "ann", "offline"]).0, 0);
    away.wait_for("ann  offline");
    ann.wait_for("offline");
    let line = all.wait_for("\"not_ready\"");
    assert!(
        json(&line)["agent"]["status"]["since"].is_string(),
        "{line}"
    );
    for watching in [all, away, ann] {
        assert_eq!(watching.interrupt(), (0, String::new()));
    }
    let (code, _, stderr) = server.run(&["agent", "watch", "nobody"]);
    assert!(code == 1 && stderr.contains("`nobody`"), "{stderr}");
    let (code, _, stderr) = server.run(&["agent", "watch", "ann", "--team", "red"]);
    assert!(code == 2 && stderr.contains("--team"), "{stderr}");
}

#[test]
fn calls_are_watched_line_by_line_and_one_to_its_end() {
    let server = Server::with(POOL, AGENTS);
    let mut all = AtWork::start(&server, &["call", "watch", "--json"]);
    let route = ["call", "route", "--queue", "billing", "--id"];
    let mut k1 = AtWork::start(&server, &[&route[..], &["k1", "--talk", "100ms"]].concat());
    k1.wait_for("queued in billing");
    all.wait_for("\"k1\"");
    let mut one = AtWork::start(&server, &["call", "watch", "k1"]);
    one.wait_for("k1  queued in billing");
    let listed = json(
        &server
            .run(&["call", "list", "--state", "queued", "--json"])
            .1,
    );
    assert_eq!(listed["calls"][0]["id"], "k1");
    let (_, stdout, stderr) = server.run(&["call", "list", "--state", "connected"]);
    assert!(
        stdout.is_empty() && stderr.contains("no such calls"),
        "{stdout}{stderr}"
    );
    let mut ann = AtWork::start(&server, &["agent", "set", "ann", "ready", "--accept"]);
    one.wait_for("ended handled");
    assert_eq!(one.ended(), 0);
    let line = all.wait_for("\"ended\"");
    let call = &json(&line)["call"];
    assert_eq!(
        (&call["id"], &call["outcome"]),
        (&"k1".into(), &"handled".into())
    );
    assert_eq!(all.interrupt(), (0, String::new()));
    ann.wait_for("ready, idle");
    ann.interrupt();
    let (code, _, stderr) = server.run(&["call", "watch", "nobody"]);
    assert!(code == 1 && stderr.contains("`nobody`"), "{stderr}");
}

#[test]
fn lists_are_filtered_and_sorted() {
    let server = Server::with(POOL, AGENTS);
    let ids = |arguments: &[&str]| -> Vec<String> {
        let list = ["agent", "list", "--json"];
        let (code, stdout, stderr) = server.run(&[&list[..], arguments].concat());
        assert_eq!(code, 0, "{stderr}");
        let told = json(&stdout);
        let agents = told["agents"].as_array().unwrap().iter();
        let id = |agent: &Value| agent["id"].as_str().unwrap().to_owned();
        agents.map(id).collect()
    };
    assert_eq!(ids(&[]), ["ann", "ben"]);
    assert_eq!(ids(&["--sort", "team"]), ["ben", "ann"]);
    for filter in [
        ["--team", "blue"],
        ["--site", "centre-1"],
        ["--site-kind", "telecentre"],
    ] {
        assert_eq!(ids(&filter), ["ben"], "{filter:?}");
    }
    assert_eq!(
        ids(&["--state", "offline", "--employer", "own"]),
        ["ann", "ben"]
    );
    assert!(ids(&["--queue", "billing"]).is_empty());
    let (code, _, stderr) = server.run(&["agent", "list", "--state", "asleep"]);
    assert!(code == 2 && stderr.contains("not_ready"), "{stderr}");
    let (_, stdout, stderr) = server.run(&["agent", "list", "--team", "green"]);
    assert!(
        stdout.is_empty() && stderr.contains("no such agents"),
        "{stderr}"
    );
}
