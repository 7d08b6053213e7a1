//! Redis as an operator meets it: `serve --redis`, `doctor`, `migrate`, passwords that are in nobody's log.

use std::process::Stdio;

use serde_json::Value;

use crate::support::{
    program::{AGENTS, POOL, Server, command, done, file, json, read, run},
    redis::{Redis, until},
};

/// A pool with agents on a Redis, by a server that is still there.
fn filled(redis: &Redis) -> Server {
    let server = Server::on_redis(&redis.url());
    let pool = file(server.folder(), "pool.toml", POOL);
    let agents = file(server.folder(), "agents.csv", AGENTS);
    server.apply(&pool, &agents);
    server
}

/// The agents, without what counts changes.
fn agents(server: &Server) -> Value {
    let mut agents = server.told(&["agent", "list"])["agents"].take();
    for agent in agents.as_array_mut().unwrap() {
        agent["status"]["change_number"].take();
    }
    agents
}

#[test]
fn a_call_is_routed_and_all_of_it_is_there_after_a_kill() {
    let redis = Redis::start(&[]);
    let mut server = filled(&redis);
    let mut ann = command(&[
        "--server",
        &server.url,
        "agent",
        "set",
        "ann",
        "ready",
        "--stay",
        "--accept",
    ])
    .stdout(Stdio::null())
    .stderr(Stdio::null())
    .spawn()
    .unwrap();
    until("ann is ready", || {
        server.run(&["agent", "list"]).1.contains("ready")
    });
    let told = done(server.run(&["call", "route", "--queue", "billing", "--talk", "1s"]));
    assert!(told.contains("ended handled"), "{told}");
    let backup = server.folder().join("backup.jsonl");
    done(server.run(&["backup", backup.to_str().unwrap()]));
    ann.kill().unwrap();
    ann.wait().unwrap();
    server.kill();
    // The lease of the one that was killed is waited for.
    let next = Server::on_redis(&redis.url());
    let ids: Vec<String> = agents(&next)
        .as_array()
        .unwrap()
        .iter()
        .map(|agent| agent["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids, ["ann", "ben"]);
    let calls = done(next.run(&["records", "export"]));
    assert!(calls.contains("handled"), "{calls}");
}

#[test]
fn two_servers_do_not_serve_a_pool() {
    let redis = Redis::start(&[]);
    let _first = filled(&redis);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let ports = ["--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0"];
    let url = redis.url();
    let arguments = [
        &["serve", "--data", data, "--redis", &url],
        &ports[..],
    ]
    .concat();
    let (code, _, err) = run(&arguments);
    assert_eq!(code, 1, "{err}");
    assert!(
        err.contains("pool `default` is held by another homeshore (process "),
        "{err}"
    );
}

#[test]
fn a_password_is_in_no_output() {
    const CANARY: &str = "canary-0f3a";
    let redis = Redis::start(&[&format!("requirepass {CANARY}")]);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let with = |password: &str, arguments: &[&str]| {
        let mut command = command(arguments);
        command.env("HOMESHORE_STORAGE_REDIS_PASSWORD", password);
        command.env("HOMESHORE_LOGS_FILTER", "trace");
        read(&command.output().unwrap())
    };
    let wrong = format!("wrong-{CANARY}");
    let serve = [
        "serve",
        "--data",
        data.to_str().unwrap(),
        "--grpc",
        "127.0.0.1:0",
        "--http",
        "127.0.0.1:0",
        "--redis",
    ];
    let in_url = format!("redis://:{wrong}@{}", redis.address());
    let runs = [
        with(&wrong, &[&serve[..], &[&redis.url()]].concat()),
        with("", &[&serve[..], &[&in_url]].concat()),
        with(&wrong, &["doctor", "--redis", &redis.url()]),
        with(&wrong, &["config", "check"]),
        with(
            &wrong,
            &["migrate", "--from", &in_url, "--to", data.to_str().unwrap()],
        ),
    ];
    for (code, out, err) in &runs {
        assert!(!out.contains(CANARY) && !err.contains(CANARY), "{out}{err}");
        assert!([0, 1].contains(code), "{out}{err}");
    }
    assert!(
        runs[0].2.contains("refuses the user or the password"),
        "{}",
        runs[0].2
    );
    assert!(
        runs[3].1.contains("redis_password = \"***\""),
        "{}",
        runs[3].1
    );
    let (_, out, _) = with(CANARY, &["doctor", "--redis", &redis.url()]);
    assert!(out.contains("takes writes"), "{out}");
    assert!(!out.contains(CANARY), "{out}");
}

#[test]
fn doctor_tells_what_is_good_and_what_is_not() {
    let redis = Redis::start(&[]);
    let look = |url: &str| {
        let (code, out, _) = run(&[
            "--server",
            "http://127.0.0.1:9",
            "doctor",
            "--json",
            "--grpc",
            "127.0.0.1:0",
            "--http",
            "127.0.0.1:0",
            "--redis",
            url,
        ]);
        let findings = json(&out)["findings"].take();
        let findings = findings.as_array().unwrap().clone();
        let about = findings
            .into_iter()
            .filter(|finding| finding["about"] == "redis");
        (
            code,
            about.map(|finding| finding.to_string()).collect::<String>(),
        )
    };
    let (code, told) = look(&redis.url());
    assert_eq!(code, 0, "{told}");
    for part in [
        "is a master",
        "keeps all keys",
        "writes no changes to its disk",
        "answers in",
        "ms from this machine's",
    ] {
        assert!(told.contains(part), "no `{part}`: {told}");
    }
    redis.ask(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
    let (code, told) = look(&redis.url());
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("throws keys away"), "{told}");
    let (code, told) = look("redis-cluster://a/7");
    assert_eq!(code, 1, "{told}");
    assert!(told.contains("a cluster has only database 0"), "{told}");
}

#[test]
fn pools_are_moved_to_redis_and_back() {
    let server = Server::with(POOL, AGENTS);
    let before = agents(&server);
    let folder = server.folder().to_owned();
    let data = server.data();
    let data = data.to_str().unwrap();
    let redis = Redis::start(&[]);
    let url = redis.url();
    let in_use = run(&["migrate", "--from", data, "--to", &url]);
    assert_eq!(in_use.0, 1);
    assert!(
        in_use.2.contains("in use by another homeshore"),
        "{}",
        in_use.2
    );
    assert_eq!(redis.ask(&["DBSIZE"]), "0", "nothing half done");
    let mut server = server;
    server.kill();

    let unknown = run(&[
        "migrate", "--from", data, "--to", &url, "--only", "south", "--only", "west",
    ]);
    assert!(
        unknown
            .2
            .contains("there is no pool `south`, `west`; there are `default`"),
        "{}",
        unknown.2
    );
    let told = done(run(&["migrate", "--from", data, "--to", &url]));
    assert!(told.contains("pool default as of 20"), "{told}");
    let twice = run(&["migrate", "--from", data, "--to", &url]);
    assert_eq!(twice.0, 1);
    assert!(
        twice.2.contains("`default`") && twice.2.contains("on this Redis already"),
        "{}",
        twice.2
    );
    let on_redis = Server::on_redis(&url);
    assert_eq!(agents(&on_redis), before);
    let back = folder.join("back");
    let held = run(&["migrate", "--from", &url, "--to", back.to_str().unwrap()]);
    assert_eq!(held.0, 1);
    assert!(held.2.contains("stop its server first"), "{}", held.2);
    assert!(!back.exists(), "nothing half done");
    drop(on_redis);
    until("the lease of the killed server is over", || {
        run(&["migrate", "--from", &url, "--to", back.to_str().unwrap()]).0 == 0
    });
    assert_eq!(agents(&Server::on(&back)), before);
}

#[test]
fn migrate_wants_a_folder_and_a_redis() {
    for (from, to) in [("a", "b"), ("redis://a", "redis://b")] {
        let (code, _, err) = run(&["migrate", "--from", from, "--to", to]);
        assert_eq!(code, 2, "{err}");
        assert!(
            err.contains("give a folder and the address of a Redis"),
            "{err}"
        );
    }
    let redis = Redis::start(&[]);
    let (code, _, err) = run(&["migrate", "--from", "no-such-folder", "--to", &redis.url()]);
    assert_eq!(code, 1);
    assert!(err.contains("has no data file"), "{err}");
}
