//! What the program says without a server.

use crate::support::program::{file, run};

/// Nothing listens on the discard port of the loopback address.
const NOBODY: &str = "http://127.0.0.1:9";

#[test]
fn a_server_that_is_not_there_is_exit_code_three() {
    for arguments in [
        &["pool", "show"][..],
        &["agent", "list"],
        &["agent", "set", "ann", "ready"],
        &["call", "route", "--queue", "billing"],
        &["call", "show", "k"],
        &["call", "explain", "k"],
        &["agent", "explain", "ann"],
    ] {
        let (code, stdout, stderr) = run(&[&["--server", NOBODY], arguments].concat());
        assert_eq!((code, stdout.as_str()), (3, ""), "{arguments:?}: {stderr}");
        assert!(
            stderr.contains(NOBODY) && stderr.contains("homeshore serve"),
            "{stderr}"
        );
    }
}

#[test]
fn wrong_usage_is_exit_code_two_and_says_what_would_be_right() {
    let cases: [(&[&str], &str); 8] = [
        (&["pool", "apply"], "<FILE>"),
        (&["agent", "set", "ann", "lazy"], "not-ready"),
        (&["agent", "set", "ann", "not-ready"], "--reason"),
        (&["call", "route", "--queue", "q", "--skill", "fr"], "fr:3"),
        (&["call", "route", "--queue", "q", "--talk", "5"], "1m30s"),
        (
            &["--server", "localhost:1", "pool", "show"],
            "http://127.0.0.1:50051",
        ),
        (&["pool", "apply", "/does/not/exist.toml"], "cannot read"),
        (
            &["replay", "--agents", "a", "--calls", "c", "--speed", "0"],
            "--speed",
        ),
    ];
    for (arguments, expected) in cases {
        let (code, _, stderr) = run(arguments);
        assert_eq!(code, 2, "{arguments:?}: {stderr}");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    }
}

#[test]
fn bad_files_are_refused_before_any_server_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let pool = file(folder.path(), "pool.toml", "[[queues]]\nid = 7\nshoe = 1\n");
    let agents = file(
        folder.path(),
        "agents.csv",
        "id,site,site_kind\nann,x,attic\n",
    );
    let strange = file(folder.path(), "agents.doc", "");
    let calls = file(folder.path(), "calls.csv", "call,arrival_ms\n");
    let cases: [(&[&str], &str); 4] = [
        (
            &["pool", "apply", &pool],
            "pool.toml:3: `queues[0].shoe` is not known",
        ),
        (
            &["agent", "apply", &agents],
            "agents.csv:2: `site_kind` has `attic`",
        ),
        (&["agent", "apply", &strange], "neither .toml nor .csv"),
        (
            &["replay", "--agents", &agents, "--calls", &calls],
            "agents.csv:1: column `agent` is missing",
        ),
    ];
    for (arguments, expected) in cases {
        let (code, _, stderr) = run(&[&["--server", NOBODY], arguments].concat());
        assert_eq!(code, 2, "{arguments:?}: {stderr}");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    }
}
