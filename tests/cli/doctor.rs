//! `doctor`: each finding is produced for real, and nothing is changed by looking.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::program::{AGENTS, POOL, Server, command, file, json, read};

const NOBODY: &str = "http://127.0.0.1:9";

/// Runs `doctor` with ports that are free, and answers the exit code and what was found.
fn doctor(server: &str, arguments: &[&str]) -> (i32, Value) {
    let ports = ["--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0"];
    with(server, &[&ports[..], arguments].concat())
}

fn with(server: &str, arguments: &[&str]) -> (i32, Value) {
    let all = [&["--server", server, "doctor", "--json"], arguments].concat();
    let (code, stdout, stderr) = read(&command(&all).output().unwrap());
    assert!(!stdout.is_empty(), "{stderr}");
    (code, json(&stdout))
}

/// The findings about something, as `grade found; to do`.
fn about(told: &Value, about: &str) -> String {
    let findings = told["findings"].as_array().unwrap().iter();
    let lines = findings.filter(|finding| finding["about"] == about);
    let lines = lines.map(|finding| {
        let text = |key: &str| finding[key].as_str().unwrap_or_default();
        format!("{} {}; {}", text("grade"), text("found"), text("to_do"))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Asserts that all of it is said about something.
fn says(told: &Value, of: &str, words: &[&str]) {
    let text = about(told, of);
    for word in words {
        assert!(text.contains(word), "no `{word}` about {of}: {text}");
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_server_at_work_is_well() {
    let server = Server::with(POOL, AGENTS);
    let data = server.folder().join("data");
    let before = names(&data);
    let data_text = data.to_str().unwrap();
    let (code, told) = doctor(&server.url, &["--data", data_text]);
    assert_eq!(code, 0, "{told}");
    says(&told, "settings", &["ok the defaults"]);
    says(&told, "data", &["ok `", "can be read and written"]);
    says(
        &told,
        "data file",
        &["ok ", "in use by process ", "(homeshore)"],
    );
    says(&told, "disk", &[" free of ", "a commit waits "]);
    says(
        &told,
        "clock",
        &[" UTC", "ms from the server's pool", "agree over"],
    );
    says(&told, "zones", &["zone data 20"]);
    says(&told, "server", &["ok ", "with pool default"]);
    assert_eq!(names(&data), before, "nothing stays of it");
    let address = server.url.trim_start_matches("http://");
    let ports = [
        "--grpc",
        address,
        "--http",
        "127.0.0.1:0",
        "--data",
        data_text,
    ];
    let (code, told) = with(&server.url, &ports);
    assert_eq!(code, 0, "{told}");
    says(&told, "port grpc", &["ok ", "(homeshore) listens"]);
    let (_, told) = doctor(&server.url, &["--data", data_text]);
    says(&told, "port http", &["ok ", "a free one is picked"]);
    let night = [
        "--pool",
        "night",
        "--server",
        &server.url,
        "doctor",
        "--json",
    ];
    let (_, stdout, _) = read(&command(&night).output().unwrap());
    says(
        &json(&stdout),
        "server",
        &["warn ", "not `night`", "pool apply"],
    );
}

#[test]
fn what_is_wrong_with_settings_and_folder_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let config = file(folder.path(), "h.toml", "[server]\ncolour = 3\n");
    let (code, told) = doctor(NOBODY, &["--config", &config, "--data", &path("new")]);
    assert_eq!((code, &told["grade"]), (1, &"fail".into()));
    says(&told, "settings", &["fail ", "colour", "config check"]);
    says(&told, "data", &["ok ", "is not there yet"]);
    says(&told, "server", &["warn cannot reach", "homeshore serve"]);
    assert!(
        !folder.path().join("new").exists(),
        "it is not made by looking"
    );

    let plain = file(folder.path(), "plain", "");
    let (code, told) = doctor(NOBODY, &["--data", &plain]);
    assert_eq!(code, 1);
    says(&told, "data", &["fail ", "is no folder"]);

    let open = path("open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).unwrap();
    let (code, told) = doctor(NOBODY, &["--data", &open]);
    assert_eq!(code, 0, "a warning is no failure");
    says(&told, "data", &["warn ", "mode 755", "chmod 700"]);
    says(&told, "data file", &["ok none yet"]);

    fs::write(Path::new(&open).join("homeshore.redb"), "rubbish").unwrap();
    let (code, told) = doctor(NOBODY, &["--data", &open]);
    assert_eq!(code, 1);
    says(
        &told,
        "data file",
        &["fail ", "cannot be read", "put back a copy"],
    );

    let network = "[security]\nunauthenticated = \"private-test-network\"\n";
    let config = file(folder.path(), "n.toml", network);
    let (_, told) = doctor(NOBODY, &["--config", &config, "--data", &path("new")]);
    says(&told, "settings", &["warn ", "private-test-network"]);
}

#[test]
fn a_folder_that_was_left_is_told_from_one_that_was_closed() {
    let mut server = Server::with(POOL, AGENTS);
    let url = server.url.clone();
    server.kill_and_restart_after(|data| {
        let data = data.to_str().unwrap().to_owned();
        let (code, told) = doctor(NOBODY, &["--data", &data]);
        assert_eq!(code, 0, "{told}");
        says(
            &told,
            "data file",
            &["warn ", "not closed in order", "repairs it"],
        );
        let address = url.trim_start_matches("http://");
        serve_and_stop(address, &data);
        let (_, told) = doctor(NOBODY, &["--data", &data]);
        says(
            &told,
            "data file",
            &["ok ", "format 1, 1 pool, in use by nobody"],
        );
    });
}

/// Starts a server on a folder, and ends it in order.
fn serve_and_stop(address: &str, data: &str) {
    let serve = [
        "serve",
        "--grpc",
        address,
        "--http",
        "127.0.0.1:0",
        "--data",
        data,
    ];
    let mut child = command(&serve)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map(Result::unwrap).any(|line| line == "ready"));
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn ports_in_use_and_bad_addresses_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").to_str().unwrap().to_owned();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, told) = with(
        NOBODY,
        &["--grpc", &address, "--data", &data, "--http", "127.0.0.1:0"],
    );
    assert_eq!(code, 1);
    says(
        &told,
        "port grpc",
        &["fail ", "is used by process ", "another port"],
    );
    let own = [
        "--grpc",
        "127.0.0.1:0",
        "--http",
        "127.0.0.1:0",
        "--data",
        &data,
    ];
    let mut few = command(&[&["--server", NOBODY, "doctor", "--json"], &own[..]].concat());
    // A shell with few open files, as a system may start with.
    let program = few.get_program().to_owned();
    let arguments: Vec<_> = few.get_args().map(ToOwned::to_owned).collect();
    let mut shell = std::process::Command::new("sh");
    let run = shell
        .args(["-c", "ulimit -n 512; exec \"$0\" \"$@\""])
        .arg(program);
    let output = run
        .args(arguments)
        .env("XDG_CONFIG_HOME", "/nowhere")
        .output()
        .unwrap();
    few.stdout(Stdio::null());
    let (_, stdout, stderr) = read(&output);
    assert!(!stdout.is_empty(), "{stderr}");
    says(&json(&stdout), "limits", &["warn 512 open files", "ulimit"]);
}

#[test]
fn a_server_that_is_not_ready_fails() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").to_str().unwrap().to_owned();
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", mute.local_addr().unwrap());
    let (code, told) = doctor(&url, &["--data", &data]);
    assert_eq!(code, 1, "{told}");
    says(&told, "server", &["fail ", "does not answer"]);
}

#[test]
fn it_reads_well_for_people() {
    let folder = tempfile::tempdir().unwrap();
    let plain = file(folder.path(), "plain", "");
    let ports = [
        "--grpc",
        "127.0.0.1:0",
        "--http",
        "127.0.0.1:0",
        "--data",
        &plain,
    ];
    let all = [&["--server", NOBODY, "doctor"], &ports[..]].concat();
    let child: Child = command(&all)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (code, stdout, stderr) = read(&child.wait_with_output().unwrap());
    assert_eq!(code, 1);
    let lines: Vec<&str> = stdout.lines().collect();
    assert!(lines[0].starts_with("ok    settings    "), "{stdout}");
    assert!(
        lines[1].starts_with("FAIL  data        `storage.data` is "),
        "{stdout}"
    );
    assert!(
        lines[2].starts_with("                  -> give a folder"),
        "{stdout}"
    );
    assert!(stderr.contains("1 to mend"), "{stderr}");
}
