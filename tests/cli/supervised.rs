//! Supervisors' orders from the command line.

use serde_json::Value;

use crate::support::program::{AGENTS, POOL, Server, json};

#[test]
fn a_supervisor_holds_releases_and_signs_out_an_agent() {
    let server = Server::with(POOL, AGENTS);
    let hold = ["agent", "hold", "ann", "--for", "30m", "--reason", "talk"];
    let (code, stdout, stderr) = server.run_as_sue(&hold);
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stdout.contains("blocked: supervisor_hold (until 20"),
        "{stdout}"
    );
    let (_, stdout, _) = server.run(&["agent", "show", "ann", "--json"]);
    let hold = &json(&stdout)["status"]["hold"];
    assert_eq!(
        (&hold["reason"], &hold["supervisor"]),
        (&"talk".into(), &"sue".into())
    );
    let (code, stdout, _) = server.run_as_sue(&["agent", "release", "ann", "--json"]);
    assert_eq!((code, &json(&stdout)["hold"]), (0, &Value::Null));
    let (code, _, stderr) = server.run_as_sue(&["agent", "intent", "ann", "ready"]);
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("out of reach"), "{stderr}");
    let (code, stdout, _) = server.run_as_sue(&["agent", "intent", "ann", "offline"]);
    assert_eq!((code, stdout.trim()), (0, "offline; line lost"));
    let (code, _, stderr) = server.run(&["agent", "release", "ann"]);
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("--supervisor"), "{stderr}");
}

#[test]
fn a_site_is_drained_listed_and_undrained() {
    let server = Server::with(POOL, AGENTS);
    let drain = ["site", "drain", "centre-1", "--reason", "power off"];
    let (code, stdout, stderr) = server.run_as_sue(&drain);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(stdout.trim(), "site `centre-1` gets no new offers");
    let (_, stdout, _) = server.run(&["site", "list"]);
    let drained = stdout.lines().find(|line| line.contains("centre-1"));
    assert!(drained.unwrap().contains("power off"), "{stdout}");
    let (_, stdout, _) = server.run(&["site", "list", "--drained", "--json"]);
    let sites = json(&stdout);
    assert_eq!(sites["sites"].as_array().unwrap().len(), 1);
    assert_eq!(sites["sites"][0]["drain"]["supervisor"], "sue");
    let (code, _, _) = server.run_as_sue(&["site", "undrain", "centre-1"]);
    assert_eq!(code, 0);
    let (_, _, stderr) = server.run(&["site", "list", "--drained"]);
    assert!(stderr.contains("no such sites"), "{stderr}");
    let (code, _, stderr) = server.run_as_sue(&["site", "undrain", "attic"]);
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("`attic` is not known"), "{stderr}");
}

#[test]
fn a_supervisor_tells_an_agent_and_a_team() {
    let server = Server::with(POOL, AGENTS);
    let tell = ["agent", "message", "ann", "--text", "call me back"];
    let (code, stdout, stderr) = server.run_as_sue(&tell);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(stdout.trim(), "message m1 went to 1 agent");
    let tell = ["team", "message", "blue", "--text", "meeting", "--json"];
    let (code, stdout, _) = server.run_as_sue(&tell);
    assert_eq!((code, &json(&stdout)["agents"]), (0, &1.into()));
    let tell = ["team", "message", "green", "--text", "meeting"];
    let (code, _, stderr) = server.run_as_sue(&tell);
    assert_eq!(code, 1, "{stderr}");
    assert!(stderr.contains("`green` is not known"), "{stderr}");
}
