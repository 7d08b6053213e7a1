//! `backup` and `restore` as an operator runs them.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use crate::support::program::{AGENTS, POOL, Server, json, run};

#[test]
fn a_server_is_backed_up_restored_and_served_again() {
    let server = Server::with(POOL, AGENTS);
    let file = server.folder().join("backup.jsonl");
    let path = file.to_str().unwrap();
    let (code, out, err) = server.run(&["backup", path]);
    assert_eq!((code, &*err), (0, ""));
    assert!(
        out.contains("3 events") && out.contains("pool default as of 20"),
        "{out}"
    );
    let mode = fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "it has names and addresses");

    let (code, _, err) = server.run(&["backup", path]);
    assert_eq!(code, 2);
    assert!(
        err.contains("is there already: give another name, or --replace"),
        "{err}"
    );
    let again = server.run(&["--json", "backup", "--replace", path]);
    assert_eq!(json(&again.1)["pools"][0]["id"], "default", "{again:?}");

    let data = server.folder().join("restored");
    let (code, out, err) = run(&["restore", path, "--data", data.to_str().unwrap()]);
    assert_eq!((code, &*err), (0, ""));
    assert!(out.contains("pool default as of"), "{out}");
    let restored = Server::on(&data);
    let agents = |server: &Server| {
        let mut agents = server.told(&["agent", "list"])["agents"].take();
        for agent in agents.as_array_mut().unwrap() {
            agent["status"]["change_number"].take();
        }
        agents
    };
    assert_eq!(agents(&restored), agents(&server));
    let in_use = run(&["restore", path, "--data", data.to_str().unwrap()]);
    assert_eq!(in_use.0, 1);
    assert!(
        in_use.2.contains("in use by another homeshore"),
        "{}",
        in_use.2
    );
}

#[test]
fn a_damaged_backup_is_refused_by_line() {
    let server = Server::with(POOL, AGENTS);
    let file = server.folder().join("backup.jsonl");
    let path = file.to_str().unwrap();
    assert_eq!(server.run(&["backup", path]).0, 0);
    let whole = fs::read_to_string(&file).unwrap();
    let data = server.folder().join("restored");
    let data = data.to_str().unwrap();
    let cut = whole.lines().count() - 1;
    let rows = [
        (whole.replace("sip:ann", "sip:bob"), "line ".to_owned()),
        (
            whole.split_inclusive('\n').take(cut).collect(),
            format!(
                "it ends after {} rows, before its end: it was cut off",
                cut - 1
            ),
        ),
        ("{}\n".to_owned(), "it is no backup of homeshore".to_owned()),
    ];
    for (content, expected) in rows {
        fs::write(&file, content).unwrap();
        let (code, _, err) = run(&["restore", path, "--data", data]);
        assert_eq!(code, 1, "{err}");
        assert!(
            err.contains(&expected) && !Path::new(data).exists(),
            "{err}"
        );
    }
    let (code, _, err) = run(&["restore", "no-such-file", "--data", data]);
    assert_eq!(code, 2);
    assert!(err.contains("`no-such-file` cannot be read"), "{err}");
}

#[test]
fn nothing_that_was_given_since_a_backup_is_given_again_after_a_restore() {
    let server = Server::with(POOL, AGENTS);
    let file = server.folder().join("backup.jsonl");
    let path = file.to_str().unwrap();
    assert_eq!(server.run(&["backup", path]).0, 0);
    let set = ["agent", "set", "ann", "not-ready", "--reason", "lunch"];
    assert_eq!(server.run(&set).0, 0);
    let events = |server: &Server, more: &[&str]| {
        let asked = ["events", "follow", "--until-now", "--json"];
        let (code, out, err) = server.run(&[&asked[..], more].concat());
        assert_eq!(code, 0, "{err}");
        (out.lines().map(json).collect::<Vec<_>>(), err)
    };
    let (lost, _) = events(&server, &["--event", "session_opened"]);
    let lost_number = lost[0]["number"].to_string();

    let restored = |name: &str| {
        let data = server.folder().join(name);
        assert_eq!(
            run(&["restore", path, "--data", data.to_str().unwrap()]).0,
            0
        );
        let again = Server::on(&data);
        let (told, _) = events(&again, &["--event", "pool_restored"]);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0]["undone_after"].as_u64() < lost[0]["number"].as_u64());
        assert!(told[0]["number"].as_u64() > lost[0]["number"].as_u64());
        let (_, missing) = events(&again, &["--after", &lost_number]);
        assert!(missing.contains("are missing"), "{missing}");
        assert_eq!(again.run(&set).0, 0);
        let (opened, _) = events(&again, &["--event", "session_opened"]);
        assert!(opened[0]["session"].as_u64().unwrap() > 1_700_000_000_000);
        told[0]["number"].clone()
    };
    assert_ne!(restored("once"), restored("twice"));
}
