//! The program against a server of its own.

use std::{
    fmt::Write,
    fs,
    io::{BufRead, BufReader, Lines},
    process::{Child, ChildStdout, Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::program::{AGENTS, Server, command, done, file, json, read, run};

const POOL: &str = "\
[[priorities]]
name = \"gold\"
head_start_ms = 60_000

[[queues]]
id = \"billing\"
target = \"20s\"
[[queues.rings]]
after = \"0s\"
skills = { billing = 2 }
[[queues.rings]]
after = \"1m\"
skills = { billing = 1 }

[[queues]]
id = \"rare\"
target = \"20s\"
when_unstaffed = \"divert\"
[[queues.rings]]
after = \"0s\"
skills = { billing = 3 }
";

/// A server with the pool above; only `ann` is good enough for its queue `rare`.
fn server() -> Server {
    Server::with(POOL, AGENTS)
}

/// The program at work, line by line; interrupted as by Ctrl-C.
pub(crate) struct AtWork {
    /// None when it was waited for.
    child: Option<Child>,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Drop for AtWork {
    /// It would look for its server for ever.
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ended_before = child.kill();
            let _ended_before = child.wait();
        }
    }
}

impl AtWork {
    pub(crate) fn start(server: &Server, arguments: &[&str]) -> Self {
        Self::launch(command(&[&["--server", &server.url], arguments].concat()))
    }

    fn launch(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let child = Some(child);
        Self { child, lines }
    }

    /// Reads on until a line with these words.
    pub(crate) fn wait_for(&mut self, words: &str) -> String {
        let mut seen = Vec::new();
        loop {
            let line = self
                .lines
                .next()
                .unwrap_or_else(|| panic!("no `{words}` in {seen:?}"))
                .unwrap();
            if line.contains(words) {
                return line;
            }
            seen.push(line);
        }
    }

    /// How it ends by itself.
    pub(super) fn ended(mut self) -> i32 {
        let mut child = self.child.take().unwrap();
        child.wait().unwrap().code().unwrap_or(-1)
    }

    /// Ctrl-C; answers exit code and stderr.
    pub(crate) fn interrupt(mut self) -> (i32, String) {
        let child = self.child.take().unwrap();
        kill_process(Pid::from_child(&child), Signal::INT).unwrap();
        let (code, _, stderr) = read(&child.wait_with_output().unwrap());
        (code, stderr)
    }
}

#[test]
fn a_pool_is_applied_once_and_shown() {
    let server = Server::start();
    let path = file(server.folder(), "pool.toml", POOL);
    let (code, stdout, stderr) = server.run(&["pool", "apply", &path, "--dry-run"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stdout.contains("default") && stderr.contains("nothing was changed"),
        "{stdout}{stderr}"
    );
    assert_eq!(server.run(&["pool", "show"]).0, 1);
    assert_eq!(server.run(&["pool", "apply", &path]).0, 0);
    let (_, stdout, stderr) = server.run(&["pool", "apply", &path]);
    assert!(
        stdout.is_empty() && stderr.contains("nothing to change"),
        "{stdout}{stderr}"
    );
    let (_, stdout, _) = server.run(&["pool", "show"]);
    assert!(stdout.contains("priority gold: 60000 ms ahead"), "{stdout}");
    let pool = server.told(&["pool", "show"]);
    assert_eq!(pool["queues"][0]["rings"][1]["after_ms"], 60_000);
    assert_eq!(pool["queues"][1]["when_unstaffed"], "divert");
}

#[test]
fn what_the_server_finds_wrong_has_its_line() {
    let server = server();
    let harder = POOL.replace("skills = { billing = 1 }", "skills = { billing = 5 }");
    let path = file(server.folder(), "harder.toml", &harder);
    let (code, _, stderr) = server.run(&["pool", "apply", &path]);
    assert_eq!(code, 2, "{stderr}");
    assert!(
        stderr.contains("harder.toml:1") && stderr.contains("rings[1]"),
        "{stderr}"
    );
    let agents = AGENTS.replace("ben,Ben", &format!("{},Ben", "b".repeat(200)));
    let path = file(server.folder(), "long.csv", &agents);
    let (code, _, stderr) = server.run(&["agent", "apply", &path]);
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("long.csv:3: `agents[1].id`"), "{stderr}");
}

#[test]
fn agents_go_to_the_server_by_the_thousand() {
    let server = server();
    let mut rows = "id,site,site_kind,skills\n".to_owned();
    for number in 0..2_300 {
        writeln!(rows, "a{number:04},home-{number},home,billing:2").unwrap();
    }
    let path = file(server.folder(), "many.csv", &rows);
    let applied = json(&server.run(&["agent", "apply", &path, "--json"]).1);
    assert_eq!(applied["created"], 2_300);
    let listed = server.told(&["agent", "list"]);
    assert_eq!(listed["agents"].as_array().map(Vec::len), Some(2_302));
    let broken = rows.replace("a1500,home-1500", &format!("a1500,{}", "x".repeat(200)));
    let path = file(server.folder(), "broken.csv", &broken);
    let (code, _, stderr) = server.run(&["agent", "apply", &path]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("broken.csv:1502:") && stderr.contains("first 1000 agents"),
        "{stderr}"
    );
}

#[test]
fn a_call_by_hand_goes_all_the_way() {
    let server = server();
    let mut ann = AtWork::start(&server, &["agent", "set", "ann", "ready", "--accept"]);
    ann.wait_for("ready, idle");
    let route = [
        "call", "route", "--queue", "billing", "--id", "k1", "--talk", "100ms",
    ];
    let more = [
        "--attribute",
        "customer=4711",
        "--priority",
        "gold",
        "--json",
    ];
    let (code, stdout, stderr) = server.run(&[&route[..], &more].concat());
    assert_eq!(code, 0, "{stderr}");
    let events: Vec<Value> = stdout.lines().map(json).collect();
    let names: Vec<&str> = events
        .iter()
        .filter_map(|event| event["event"].as_str())
        .collect();
    assert_eq!(
        names,
        ["queued", "offered", "connecting", "connected", "ended"]
    );
    assert_eq!(events[4]["call"]["outcome"], "handled");
    assert_eq!(events[3]["call"]["agent_id"], "ann");
    let made = &events[3]["call"]["assignment"];
    assert_eq!(
        (&made["policy"], &made["candidates"], &made["runner_up_id"]),
        (&"longest_idle".into(), &1.into(), &"".into())
    );
    assert_eq!(events[4]["call"]["assignment"], Value::Null);
    assert!(ann.wait_for("offered").contains("customer=4711"));
    ann.wait_for("connected");
    ann.wait_for("ready, idle");
    let (code, stderr) = ann.interrupt();
    assert_eq!(code, 0, "{stderr}");
    assert!(stderr.contains("goes silent"), "{stderr}");
    let call = server.told(&["call", "show", "k1"]);
    assert_eq!(call["state"], "ended");
}

#[test]
fn calls_that_are_not_handled_are_exit_code_one() {
    let server = server();
    let (code, stdout, _) = server.run(&["call", "route", "--queue", "rare"]);
    assert_eq!(code, 1);
    assert!(stdout.contains("diverted, unstaffed"), "{stdout}");
    let (code, _, stderr) = server.run(&["call", "route", "--queue", "nope"]);
    assert_eq!(code, 1);
    assert!(
        stderr.contains("`nope`") && stderr.contains("`billing`"),
        "{stderr}"
    );
    let mut waiting = AtWork::start(
        &server,
        &["call", "route", "--queue", "billing", "--id", "w1"],
    );
    waiting.wait_for("queued in billing");
    let listed = server.told(&["call", "list"]);
    assert_eq!(listed["calls"][0]["id"], "w1");
    assert_eq!(waiting.interrupt().0, 1);
    let call = server.told(&["call", "show", "w1"]);
    assert_eq!(call["outcome"], "abandoned");
}

#[test]
fn a_call_can_be_handed_over_without_waiting() {
    let server = server();
    let arguments = [
        "call",
        "route",
        "--queue",
        "billing",
        "--id",
        "n1",
        "--no-wait",
    ];
    let (code, stdout, stderr) = server.run(&arguments);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("call n1: queued in billing"), "{stdout}");
    let (_, stdout, _) = server.run(&["call", "list"]);
    assert!(
        stdout.contains("n1") && stdout.contains("queued"),
        "{stdout}"
    );
}

#[test]
fn a_waiting_call_and_an_agent_without_one_are_explained() {
    let server = server();
    let route = ["call", "route", "--queue", "billing", "--id", "n1"];
    let (code, _, stderr) = server.run(&[&route[..], &["--no-wait"]].concat());
    assert_eq!(code, 0, "{stderr}");
    let set = ["agent", "set", "ann", "not-ready", "--reason", "break"];
    assert_eq!(server.run(&set).0, 0);
    let (code, stdout, stderr) = server.run(&["call", "explain", "n1"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("1 not ready (`break`)"), "{stdout}");
    assert!(stdout.contains("ring 1 begins in"), "{stdout}");
    let table = stdout.split_once("agents who fit, signed in").unwrap().1;
    assert!(table.contains("not_ready (break)"), "{stdout}");
    let told = server.told(&["call", "explain", "n1"]);
    assert_eq!(told["waiting"]["excluded"][0]["reason"], "offline");
    assert_eq!(told["waiting"]["agents"], 2);
    let (code, stdout, _) = server.run(&["agent", "explain", "ann"]);
    assert!(
        code == 0 && stdout.contains("Agent `ann` gets no calls"),
        "{stdout}"
    );
    assert!(stdout.contains("n1"), "{stdout}");
    let told = server.told(&["agent", "explain", "ben"]);
    assert_eq!(told["keeping"][0]["reason"], "offline");
    assert_eq!(told["unfit"][0]["skill"]["level"], 2);
    assert_eq!(server.run(&["call", "explain", "nobody"]).0, 1);
    assert_eq!(server.run(&["agent", "explain", "nobody"]).0, 1);
}

#[test]
fn a_waiting_call_is_moved_by_hand() {
    let server = server();
    let mut waiting = AtWork::start(
        &server,
        &["call", "route", "--queue", "billing", "--id", "m1"],
    );
    waiting.wait_for("queued in billing");
    let (code, stdout, stderr) = server.run(&["call", "move", "m1", "rare", "--json"]);
    assert_eq!(code, 0, "{stderr}");
    let call = json(&stdout);
    assert_eq!(
        (&call["queue"], &call["first_queue"]),
        (&"rare".into(), &"billing".into())
    );
    waiting.wait_for("queued in rare");
    let (code, _, stderr) = server.run(&["call", "move", "m1", "nowhere"]);
    assert!(code == 1 && stderr.contains("`nowhere`"), "{stderr}");
    assert_eq!(waiting.interrupt().0, 1);
}

#[test]
fn an_intent_is_set_without_staying() {
    let server = server();
    let arguments = ["agent", "set", "ben", "not-ready", "--reason", "break"];
    let (code, stdout, stderr) = server.run(&arguments);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("not_ready (break), idle"), "{stdout}");
    assert!(stderr.contains("goes silent"), "{stderr}");
    let (code, stdout, stderr) = server.run(&["agent", "set", "ben", "offline"]);
    assert_eq!((code, stdout.trim(), stderr.as_str()), (0, "offline", ""));
    assert_eq!(server.run(&["agent", "set", "nobody", "ready"]).0, 1);
}

#[test]
fn a_link_survives_a_server_that_is_killed() {
    let mut server = server();
    let mut ann = AtWork::start(&server, &["agent", "set", "ann", "ready", "--accept"]);
    ann.wait_for("ready, idle");
    let mut call = AtWork::start(
        &server,
        &[
            "call", "route", "--queue", "rare", "--id", "s1", "--talk", "2s",
        ],
    );
    call.wait_for("connected to ann");
    server.kill_and_restart();
    call.wait_for("ended handled");
    ann.wait_for("wrap_up");
    ann.wait_for("ready, idle");
    assert!(ann.interrupt().1.contains("connected again"));
    assert_eq!(call.ended(), 0);
}

#[test]
fn a_demo_that_is_interrupted_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut demo = command(&["demo", "--json"]);
    demo.env("TMPDIR", folder.path());
    let mut demo = AtWork::launch(demo);
    demo.wait_for("queues");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let (code, stderr) = demo.interrupt();
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let pasted = stderr
        .lines()
        .find(|line| line.contains("call route"))
        .unwrap();
    let server = pasted
        .split(' ')
        .find(|word| word.starts_with("http://"))
        .unwrap();
    assert_eq!(run(&["--server", server, "pool", "show"]).0, 3);
}

#[test]
fn queues_are_halted_listed_and_resumed() {
    let server = server();
    let close = ["queue", "close", "billing", "--reason", "drill"];
    let stdout = done(server.run_as_sue(&[&close[..], &["--for", "1h"]].concat()));
    assert!(stdout.contains("closed until"), "{stdout}");
    let listed = server.told(&["queue", "list"]);
    assert_eq!(listed["queues"][0]["halt"]["supervisor"], "sue");
    assert_eq!(listed["queues"][0]["halt"]["waiting"], "serve");
    assert_eq!(listed["queues"][1]["halt"], Value::Null);
    let (code, stdout, _) = server.run(&["call", "route", "--queue", "billing", "--json"]);
    assert_eq!(code, 1);
    assert!(stdout.contains("\"closed\""), "{stdout}");
    let resumed = json(&done(
        server.run_as_sue(&["queue", "resume", "billing", "--json"]),
    ));
    assert_eq!(resumed["halt"], Value::Null);
    assert_eq!(resumed["diverted_total"], 1);
    let pause = ["queue", "pause", "nowhere", "--reason", "x"];
    let (code, _, stderr) = server.run_as_sue(&pause);
    assert_eq!(code, 1);
    assert!(stderr.contains("`billing`, `rare`"), "{stderr}");
}
