//! A replay finds out a server that loses what it had acknowledged: its data folder is put back to an older state.

use std::{
    fs,
    path::Path,
    process::{Child, Stdio},
    time::Duration,
};

use homeshore::clock;
use serde_json::Value;

use crate::support::program::{Server, command, copy, json, read};

/// Nothing that is waited for here takes longer.
const LIMIT: Duration = Duration::from_secs(60);

/// Asks again and again until there is an answer; each question is a run of the program, which takes its time.
fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = clock::instant() + LIMIT;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(clock::instant() < deadline, "{what} did not come to pass");
    }
}

fn ask(server: &Server, arguments: &[&str]) -> Option<Value> {
    let (code, stdout, _) = server.run(arguments);
    (code == 0).then(|| json(&stdout))
}

/// The id of a call in conversation, if there is one.
fn talking(server: &Server) -> Option<String> {
    let calls = ask(server, &["call", "list", "--json"])?;
    let calls = calls["calls"].as_array()?;
    let call = calls.iter().find(|call| call["state"] == "connected")?;
    call["id"].as_str().map(str::to_owned)
}

/// The first quarter of an hour of the reference log.
fn replay(server: &Server) -> Child {
    let traces = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/traces");
    let arguments = [
        "replay", "--setup", "--speed", "120", "--to", "900000", "--json",
    ];
    command(&[&["--server", &server.url], &arguments[..]].concat())
        .arg("--agents")
        .arg(traces.join("evening_agents.csv"))
        .arg("--calls")
        .arg(traces.join("evening_calls.csv"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn a_server_that_forgets_is_found_out() {
    let mut server = Server::start();
    let older = server.folder().join("older");
    let replay = replay(&server);
    let call = until("a conversation", || talking(&server));
    server.kill_and_restart_after(|data| copy(data, &older));
    let show = ["call", "show", &call, "--json"];
    until("its end", || {
        ask(&server, &show).filter(|call| call["state"] == "ended")
    });
    // The replay hears of the end at the same time as this test; a further question gives it time to.
    assert!(ask(&server, &["call", "list", "--json"]).is_some());
    server.kill_and_restart_after(|data| {
        fs::remove_dir_all(data).unwrap();
        fs::rename(&older, data).unwrap();
    });
    let (code, stdout, stderr) = read(&replay.wait_with_output().unwrap());
    assert_eq!(code, 1, "{stderr}");
    let report: Value = json(&stdout);
    let broken = report["broken"].as_array().unwrap();
    let lives = format!("call `{call}` lives after it had ended");
    let seen = |breach: &Value| {
        breach["text"]
            .as_str()
            .is_some_and(|text| text.contains(&lives))
    };
    assert!(broken.iter().any(seen), "no `{lives}` in {report}");
}
