//! Contexts: kept for their owner alone, used for what flags and variables do not say, and named where something fails.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use crate::support::program::{AGENTS, POOL, Server, command, json, read};

/// Keeps a server that nobody runs.
const NIGHT: [&str; 7] = [
    "context",
    "add",
    "night",
    "--server",
    "http://127.0.0.1:9",
    "--pool",
    "night",
];

/// The program of a user whose configuration is in this folder.
fn run(home: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> (i32, String, String) {
    let mut command = command(arguments);
    command
        .env("XDG_CONFIG_HOME", home)
        .envs(variables.iter().copied());
    read(&command.output().unwrap())
}

#[test]
fn a_context_says_what_flags_and_variables_do_not() {
    let server = Server::with(POOL, AGENTS);
    let home = tempfile::tempdir().unwrap();
    let of = |arguments: &[&str]| run(home.path(), &[], arguments);
    let (code, stdout, stderr) = of(&["context", "list"]);
    assert!(
        (code, stdout.as_str()) == (0, "") && stderr.contains("context add"),
        "{stderr}"
    );
    let (code, _, stderr) = of(&["context", "add", "here", "--server", &server.url]);
    assert!(code == 0 && stderr.contains("context use here"), "{stderr}");
    assert_eq!(of(&NIGHT).0, 0);
    let file = home.path().join("homeshore/contexts.toml");
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let folder = fs::metadata(home.path().join("homeshore")).unwrap();
    assert_eq!(folder.permissions().mode() & 0o777, 0o700);

    assert_eq!(of(&["--context", "here", "queue", "list"]).0, 0);
    let by_variable = run(
        home.path(),
        &[("HOMESHORE_CONTEXT", "here")],
        &["queue", "list"],
    );
    assert_eq!(by_variable.0, 0, "{}", by_variable.2);
    assert_eq!(of(&["context", "use", "night"]).0, 0);
    let (code, _, stderr) = of(&["queue", "list"]);
    assert_eq!(code, 3);
    for words in ["http://127.0.0.1:9", "context `night`", "pool `night`"] {
        assert!(stderr.contains(words), "no {words} in {stderr}");
    }
    let (code, _, stderr) = of(&["--server", &server.url, "queue", "list"]);
    assert!(
        code == 1 && stderr.contains("`night`"),
        "the pool is still the context's: {stderr}"
    );
    let both = [
        "--server",
        &server.url,
        "--pool",
        "default",
        "queue",
        "list",
    ];
    assert_eq!(of(&both).0, 0);
}

#[test]
fn a_context_is_shown_used_and_removed() {
    let home = tempfile::tempdir().unwrap();
    let of = |arguments: &[&str]| run(home.path(), &[], arguments);
    assert_eq!(of(&NIGHT).0, 0);
    assert_eq!(of(&["context", "use", "night"]).0, 0);
    let shown = json(&of(&["context", "show", "--json"]).1);
    assert_eq!(
        (&shown["context"], &shown["pool_from"]),
        (&"night".into(), &"context".into())
    );
    let flag = ["--server", "http://10.0.0.7:1", "context", "show"];
    let (_, stdout, _) = run(home.path(), &[("HOMESHORE_POOL", "day")], &flag);
    assert!(
        stdout.contains("http://10.0.0.7:1 (flag)") && stdout.contains("day (variable)"),
        "{stdout}"
    );
    let (_, stdout, _) = of(&["context", "list"]);
    let row = stdout.lines().find(|line| line.contains("night")).unwrap();
    assert!(row.starts_with('*'), "{stdout}");
    let (_, _, stderr) = of(&["context", "remove", "night"]);
    assert!(stderr.contains("none is"), "{stderr}");
    let shown = json(&of(&["context", "show", "--json"]).1);
    assert_eq!(
        (&shown["context"], &shown["pool_from"]),
        (&serde_json::Value::Null, &"default".into())
    );
    assert_eq!(of(&NIGHT).0, 0);
    assert_eq!(of(&["context", "use", "night"]).0, 0);
    assert_eq!(of(&["context", "use", "--none"]).0, 0);
    assert_eq!(
        json(&of(&["context", "list", "--json"]).1)["contexts"][0]["current"],
        false
    );
}

#[test]
fn what_is_wrong_with_contexts_is_told() {
    let home = tempfile::tempdir().unwrap();
    let of = |arguments: &[&str]| run(home.path(), &[], arguments);
    let cases: [(&[&str], &str); 5] = [
        (&["--context", "nope", "queue", "list"], "context add nope"),
        (&["context", "use", "nope"], "no context `nope`"),
        (
            &["context", "add", "a b", "--server", "http://h:1"],
            "letters, digits",
        ),
        (&["context", "add", "a"], "--server http://HOST:PORT"),
        (
            &["context", "add", "a", "--server", "h:1"],
            "http://127.0.0.1:50051",
        ),
    ];
    for (arguments, words) in cases {
        let (code, _, stderr) = of(arguments);
        assert_eq!(code, 2, "{arguments:?}: {stderr}");
        assert!(stderr.contains(words), "{arguments:?}: {stderr}");
    }
    let folder = home.path().join("homeshore");
    fs::create_dir(&folder).unwrap();
    let file = folder.join("contexts.toml");
    fs::write(&file, "[contexts.a]\nserver = \"http://h:1\"\ncolour = 1\n").unwrap();
    let (code, _, stderr) = of(&["queue", "list"]);
    assert_eq!(code, 2, "{stderr}");
    assert!(
        stderr.contains("contexts.toml:3:") && stderr.contains("colour"),
        "{stderr}"
    );
    // What asks no server does not need them.
    assert_eq!(of(&["config", "check"]).0, 0);
    assert_eq!(of(&["completion", "bash"]).0, 0);
}
