//! `backup` and `restore` as an operator runs them.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::support::program::{AGENTS, Server, json, run};

const POOL: &str = "\
[[queues]]
id = \"billing\"
target = \"20s\"
[[queues.rings]]
after = \"0s\"
skills = { billing = 2 }
";

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
        let mut agents = json(&server.run(&["agent", "list", "--json"]).1)["agents"].take();
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
            err.contains(&expected) && err.contains("nothing changed"),
            "{err}"
        );
    }
    let (code, _, err) = run(&["restore", "no-such-file", "--data", data]);
    assert_eq!(code, 2);
    assert!(err.contains("`no-such-file` cannot be read"), "{err}");
}
