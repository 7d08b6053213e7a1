//! `pool list` and `pool diff`.

use crate::support::program::{AGENTS, POOL, Server, file, json};

#[test]
fn pools_are_listed() {
    let server = Server::start();
    let (code, stdout, stderr) = server.run(&["pool", "list"]);
    assert!(
        (code, stdout.as_str()) == (0, "") && stderr.contains("pool apply"),
        "{stderr}"
    );
    let path = file(server.folder(), "pool.toml", POOL);
    for pool in ["night", "day"] {
        assert_eq!(server.run(&["--pool", pool, "pool", "apply", &path]).0, 0);
    }
    let (_, stdout, _) = server.run(&["pool", "list"]);
    let expected = "pool   queues  which\nday         1  billing\nnight       1  billing\n";
    assert_eq!(stdout, expected);
    let pools = server.told(&["pool", "list"]);
    assert_eq!(pools["pools"][1]["queues"][0]["target_ms"], 20_000);
}

#[test]
fn a_diff_says_what_would_change_and_changes_nothing() {
    let server = Server::with(POOL, AGENTS);
    let same = file(server.folder(), "same.toml", POOL);
    let (code, stdout, stderr) = server.run(&["pool", "diff", &same]);
    assert!(
        (code, stdout.as_str()) == (0, "") && stderr.contains("as the file says"),
        "{stderr}"
    );
    let other = file(server.folder(), "other.toml", &POOL.replace("20s", "30s"));
    let (code, stdout, stderr) = server.run(&["pool", "diff", &other]);
    assert_eq!(code, 1, "{stderr}");
    assert!(
        stdout.contains("billing") && stderr.contains("pool apply"),
        "{stdout}{stderr}"
    );
    let told = json(&server.run(&["pool", "diff", &other, "--json"]).1);
    assert_eq!(
        (&told["pool"], &told["same"]),
        (&"default".into(), &false.into())
    );
    assert_eq!(told["changes"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        server.run(&["pool", "diff", &same]).0,
        0,
        "nothing was changed"
    );
    let new = ["--pool", "night", "pool", "diff", &same];
    assert_eq!(server.run(&new).0, 1);
    let wrong = file(server.folder(), "wrong.toml", &POOL.replace("20s", "soon"));
    let (code, _, stderr) = server.run(&["pool", "diff", &wrong]);
    assert!(code == 2 && stderr.contains("wrong.toml:3"), "{stderr}");
}
