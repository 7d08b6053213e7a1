//! Calls that are ordered about by hand.

use super::served::AtWork;
use crate::support::program::{AGENTS, POOL, Server};

/// A queue beside that of [`POOL`], whose callers can be called back.
const LATER: &str = "
[[queues]]
id = \"later\"
target = \"20s\"
callback = { ring = \"45s\", retry_after = \"10m\", attempts = 3, until_after = \"24h\" }
[[queues.rings]]
after = \"0s\"
skills = { billing = 1 }
";

fn server() -> Server {
    Server::with(&format!("{POOL}{LATER}"), AGENTS)
}

#[test]
fn a_waiting_caller_is_called_back_by_hand() {
    let server = server();
    let route = ["call", "route", "--queue", "billing", "--id", "w1"];
    let mut waiting = AtWork::start(&server, &route);
    waiting.wait_for("queued in billing");
    let (_, stdout, _) = server.run(&["call", "show", "w1"]);
    let place = stdout.lines().find(|line| line.starts_with("place"));
    assert_eq!(place, Some("place    1"), "{stdout}");
    let back = ["call", "callback", "w1", "--after", "1h"];
    let (code, _, stderr) = server.run(&back);
    assert!(code == 1 && stderr.contains("call"), "{stderr}");
    assert_eq!(server.told(&["call", "move", "w1", "later"])["position"], 1);
    let call = server.told(&back);
    assert_eq!(call["state"], "callback_waiting");
    assert!(call["callback"]["due_time"].is_string(), "{call}");
    assert!(call["position"].is_null(), "it is on no line");
    waiting.interrupt();
}

#[test]
fn a_conversation_is_passed_on_by_hand() {
    let server = server();
    let mut ann = AtWork::start(&server, &["agent", "set", "ann", "ready", "--accept"]);
    ann.wait_for("ready, idle");
    let route = ["call", "route", "--queue", "billing", "--id", "t1"];
    let mut talk = AtWork::start(&server, &[&route[..], &["--talk", "60s"]].concat());
    talk.wait_for("connected to ann");
    let shown = server.told(&["call", "show", "t1"]);
    let offer = shown["assignment"]["offer_id"].as_str().unwrap();
    let pass_on = ["call", "transfer", "t1", "--offer", offer];
    let (code, _, stderr) = server.run(&pass_on);
    assert!(code == 2 && stderr.contains("--queue"), "{stderr}");
    let call = server.told(&[&pass_on[..], &["--queue", "later"]].concat());
    assert_eq!(call["queue"], "later");
    assert_eq!(call["state"], "queued");
    talk.interrupt();
    ann.interrupt();
}
