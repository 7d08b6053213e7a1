//! Platforms and agents in Python and Node, against a server that may be killed.

use std::net::TcpListener;

use super::example::{
    Example,
    Language::{self, Node, Python},
};
use crate::support::program::{Server, done, file, json};

/// What the README's first call is made with.
pub(super) const POOL: &str = "deploy/pools/first.toml";
pub(super) const AGENTS: &str = "deploy/pools/first-agents.csv";
/// Every platform there is, with the language of each.
pub(super) const PLATFORMS: [(Language, &str); 3] = [
    (Python, "telephony"),
    (Python, "polling"),
    (Node, "telephony"),
];
/// So busy a machine as one that runs all tests may take longer than the examples' 300 ms.
const PATIENT: [&str; 2] = ["--deadline", "20"];

pub(super) fn server() -> Server {
    server_with(POOL)
}

pub(super) fn server_with(pool: &str) -> Server {
    let server = Server::start();
    server.apply(pool, AGENTS);
    server
}

fn platform(language: Language, server: &Server, more: &[&str]) -> Example {
    let arguments = [&PATIENT, more].concat();
    Example::start(language, "telephony", server, &arguments)
}

pub(super) fn agent(language: Language, server: &Server, id: &str) -> Example {
    let agent = Example::start(language, "agent", server, &["--agent", id]);
    let mut agent = agent;
    agent.wait_for("INTENT_READY");
    agent
}

/// What the server keeps of its calls that ended: the agent and the outcome of each.
pub(super) fn records(server: &Server) -> Vec<(String, String)> {
    let stdout = done(server.run(&["records", "export", "--format", "jsonl"]));
    let text = |record: &serde_json::Value, key: &str| record[key].as_str().unwrap().to_owned();
    stdout
        .lines()
        .map(json)
        .map(|record| (text(&record, "agent_id"), text(&record, "outcome")))
        .collect()
}

/// Two calls, one after the other, by one agent.
fn answers_two_calls(platforms: Language, agents: Language, server: &Server) {
    let mut ann = agent(agents, server, "ann");
    let said = platform(platforms, server, &["--calls", "2", "--talk", "0.1"]).finish();
    let handled = said.iter().filter(|line| line.contains("OUTCOME_HANDLED"));
    assert_eq!(handled.count(), 2, "{said:#?}");
    let handled = ("ann".to_owned(), "handled".to_owned());
    assert_eq!(records(server), [handled.clone(), handled]);
    ann.wait_for("WORK_CONNECTED");
    ann.wait_for("WORK_WRAP_UP");
}

#[test]
fn a_platform_and_an_agent_in_python_answer_calls() {
    answers_two_calls(Python, Python, &server());
}

#[test]
fn a_platform_and_an_agent_in_node_answer_calls() {
    answers_two_calls(Node, Node, &server());
}

/// The pool of the first call, where the platform rings.
fn ringing_pool(server: &Server) -> String {
    let pool = std::fs::read_to_string(POOL).unwrap();
    let ring = pool.replace("target = ", "offer_mode = \"ring\"\ntarget = ");
    file(server.folder(), "ring.toml", &ring)
}

#[test]
fn languages_mix_and_a_queue_may_ring() {
    for (platforms, agents) in [(Python, Node), (Node, Python)] {
        let server = server();
        done(server.run(&["pool", "apply", &ringing_pool(&server)]));
        answers_two_calls(platforms, agents, &server);
    }
}

/// The server is killed while a call waits, and while it talks: it ends handled, once.
fn survives_kills(language: Language) {
    let mut server = server();
    let mut pbx = platform(language, &server, &["--talk", "2"]);
    let waits = pbx.wait_for("CALL_STATE_QUEUED");
    let call_id = waits.split(' ').next().unwrap().to_owned();
    server.kill_and_restart();
    pbx.wait_for("connected, 1 calls declared");
    let mut ann = agent(language, &server, "ann");
    pbx.wait_for("CALL_STATE_CONNECTED");
    server.kill_and_restart();
    ann.wait_for("connection lost");
    pbx.wait_for("OUTCOME_HANDLED");
    pbx.finish();
    ann.wait_for("WORK_IDLE");
    let call = server.told(&["call", "show", &call_id]);
    assert_eq!(call["outcome"], "handled", "{call}");
    assert_eq!(
        records(&server),
        [("ann".to_owned(), "handled".to_owned())],
        "once"
    );
}

#[test]
fn clients_in_python_come_back_to_a_server_that_was_killed() {
    survives_kills(Python);
}

#[test]
fn clients_in_node_come_back_to_a_server_that_was_killed() {
    survives_kills(Node);
}

#[test]
fn a_server_that_says_nothing_is_given_up_and_found_again() {
    let server = server();
    let mut platforms = [Python, Node].map(|language| platform(language, &server, &[]));
    for pbx in &mut platforms {
        pbx.wait_for("CALL_STATE_QUEUED");
    }
    server.freeze(true);
    for pbx in &mut platforms {
        pbx.wait_for("connection lost");
    }
    server.freeze(false);
    let _ann = agent(Python, &server, "ann");
    for pbx in platforms {
        let said = pbx.finish();
        let handled = said.iter().any(|line| line.contains("OUTCOME_HANDLED"));
        assert!(handled, "{said:?}");
    }
}

#[test]
fn a_platform_without_a_stream_polls() {
    let server = server();
    let _ann = agent(Python, &server, "ann");
    let arguments = [&PATIENT[..], &["--talk", "0.1"]].concat();
    let said = Example::start(Python, "polling", &server, &arguments).finish();
    assert!(said.last().unwrap().contains("OUTCOME_HANDLED"), "{said:?}");
    assert_eq!(records(&server), [("ann".to_owned(), "handled".to_owned())]);
}

/// The agent is taken back while the telephone rings: the platform hangs up and says so, and the call goes on.
fn confirms_a_rescind(language: Language) {
    let server = server();
    let _ann = agent(language, &server, "ann");
    let mut pbx = platform(language, &server, &["--ring", "600"]);
    pbx.wait_for("CALL_STATE_CONNECTING ann");
    let drain = ["site", "drain", "home-ann", "--reason", "power off"];
    done(server.run_as_sue(&drain));
    pbx.wait_for("CALL_STATE_QUEUED");
    let _ben = agent(language, &server, "ben");
    pbx.wait_for("CALL_STATE_CONNECTING ben");
}

#[test]
fn a_platform_in_python_confirms_a_rescind() {
    confirms_a_rescind(Python);
}

#[test]
fn a_platform_in_node_confirms_a_rescind() {
    confirms_a_rescind(Node);
}

#[test]
fn without_an_answer_in_time_callers_take_the_static_route() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = silent
        .local_addr()
        .map(|at| (silent, at.to_string()))
        .unwrap();
    // Nothing ever listens on port 1.
    for (address, code) in [
        (&*silent.1, "DEADLINE_EXCEEDED"),
        ("127.0.0.1:1", "UNAVAILABLE"),
    ] {
        for (language, example) in PLATFORMS {
            let said = Example::start_at(language, example, address, &[]).finish();
            let fallback = said.iter().find(|line| line.contains("static route"));
            assert!(
                fallback.is_some_and(|line| line.contains(code)),
                "{said:#?}"
            );
        }
    }
}

#[test]
fn a_call_that_is_not_taken_takes_the_static_route() {
    let server = server();
    let close = ["queue", "close", "billing", "--reason", "drill"];
    done(server.run_as_sue(&close));
    for (language, example) in PLATFORMS {
        let said = Example::start(language, example, &server, &PATIENT).finish();
        let told = said
            .iter()
            .any(|line| line.contains("static route: DIVERT_REASON_CLOSED"));
        assert!(told, "{said:#?}");
    }
}
