//! `simulate` as a planner meets it.

use std::{
    fs,
    os::unix::fs::{FileTypeExt, PermissionsExt},
    path::Path,
    thread,
};

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::support::program::{file, json, run};

fn reference(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/traces");
    folder.join(name).to_str().unwrap().to_owned()
}

fn simulate(more: &[&str]) -> (i32, String, String) {
    let (agents, calls) = (
        reference("evening_agents.csv"),
        reference("evening_calls.csv"),
    );
    run(&[&["simulate", "--agents", &agents, "--calls", &calls], more].concat())
}

fn entries(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_log_gives_the_expected_bytes_each_time() {
    let expected = fs::read_to_string(reference("evening_expected.csv")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let out = file(folder.path(), "r.csv", "what was there before");
    for _ in 0..2 {
        let (code, stdout, stderr) = simulate(&["--out", &out]);
        assert_eq!((code, stdout.as_str()), (0, ""), "{stderr}");
        assert_eq!(fs::read_to_string(&out).unwrap(), expected);
        assert!(stderr.starts_with("calls 260, answered "), "{stderr}");
        assert!(stderr.contains("sl_offered within 20s: "), "{stderr}");
    }
    let (code, stdout, _) = simulate(&[]);
    assert_eq!((code, stdout), (0, expected));
    assert_eq!(entries(folder.path()), ["r.csv"]);
    let mode = fs::metadata(&out).unwrap().permissions().mode();
    assert_eq!(mode & 0o444, 0o444, "others may read a result: {mode:o}");
}

#[test]
fn the_lines_of_the_result_end_as_those_of_the_calls() {
    let folder = tempfile::tempdir().unwrap();
    let calls = fs::read_to_string(reference("evening_calls.csv")).unwrap();
    let calls = file(folder.path(), "c.csv", &calls.replace('\n', "\r\n"));
    let agents = reference("evening_agents.csv");
    let (_, stdout, _) = run(&["simulate", "--agents", &agents, "--calls", &calls]);
    let expected = fs::read_to_string(reference("evening_expected.csv")).unwrap();
    assert_eq!(stdout, expected.replace('\n', "\r\n"));
}

#[test]
fn programs_get_the_figures_as_one_document() {
    let (code, stdout, stderr) = simulate(&["--json"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let figures = json(&stdout);
    let expected = fs::read_to_string(reference("evening_expected.csv")).unwrap();
    let count = |word| expected.lines().filter(|line| line.contains(word)).count();
    assert_eq!(figures["calls"], 260);
    assert_eq!(figures["answered"], count(",ANSWERED,"));
    assert_eq!(figures["abandoned"], count(",ABANDONED,"));
    assert_eq!(figures["cut_short"], serde_json::Value::Null);
    assert!(figures["speed"].as_f64().unwrap() > 1.0, "{figures}");
    let share = figures["sl_offered"].as_f64().unwrap();
    assert!((0.0..=1.0).contains(&share), "{figures}");
}

#[test]
fn a_pools_file_routes_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let pool = "\
[[queues]]
id = \"fr\"
target = \"20s\"
time_out = \"3s\"
[[queues.rings]]
skills = { fr = 2 }
";
    let pool = file(folder.path(), "p.toml", pool);
    let agents = "agent,skills,login_ms,logout_ms,wrap_ms\na,fr,0,99,0\nb,fr:2,0,99,0\n";
    let agents = file(folder.path(), "a.csv", agents);
    let calls = "call,arrival_ms,skill,priority,handle_ms,patience_ms\nk,1,fr,0,9000,9000\nm,2,fr,0,9000,9000\n";
    let calls = file(folder.path(), "c.csv", calls);
    let simulate = ["simulate", "--agents", &agents, "--calls", &calls];
    let (code, stdout, stderr) = run(&[&simulate[..], &["--pool", &pool]].concat());
    assert_eq!(code, 0, "{stderr}");
    assert!(
        stdout.ends_with("\nk,ANSWERED,b,1,9001,0\nm,TIMED_OUT,,,3002,3000\n"),
        "{stdout}"
    );
    assert!(stderr.contains("timed_out 1"), "{stderr}");

    let (_, stdout, _) = run(&simulate);
    assert!(
        stdout.ends_with("\nk,ANSWERED,a,1,9001,0\nm,ANSWERED,b,2,9002,0\n"),
        "{stdout}"
    );
}

#[test]
fn what_is_wrong_is_told_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let out = file(folder.path(), "r.csv", "what was there before");
    let bad_calls = file(folder.path(), "c.csv", "call,arrival_ms\nk,1\n");
    let bad_pool = file(folder.path(), "p.toml", "[[queues]]\nid = 7\n");
    let refused = "[[queues]]\nid = \"x\"\ntarget = \"20s\"\n[[queues.rings]]\n[[queues]]\nid = \"x\"\ntarget = \"20s\"\n[[queues.rings]]\n";
    let refused = file(folder.path(), "q.toml", refused);
    let calls = reference("evening_calls.csv");
    let inside = folder.path().join("none/r.csv");
    let cases: [(&[&str], &str); 7] = [
        (
            &["--calls", &bad_calls, "--out", &out],
            "c.csv:1: column `skill` is missing",
        ),
        (
            &["--calls", "/does/not/exist", "--out", &out],
            "cannot read /does/not/exist",
        ),
        (
            &["--calls", &calls, "--out", &out, "--pool", &bad_pool],
            "p.toml:2: `queues[0].id` must be text in quotes",
        ),
        (
            &["--calls", &calls, "--out", &out, "--pool", &refused],
            "q.toml:6: `queues[1].id` `x` is named twice",
        ),
        (
            &["--calls", &calls, "--out", inside.to_str().unwrap()],
            "cannot write",
        ),
        (
            &["--calls", &calls, "--out", &calls],
            "evening_calls.csv is read; give another file",
        ),
        (
            &["--calls", &calls, "--out", folder.path().to_str().unwrap()],
            "is a folder",
        ),
    ];
    let agents = reference("evening_agents.csv");
    for (arguments, expected) in cases {
        let (code, stdout, stderr) = run(&[&["simulate", "--agents", &agents], arguments].concat());
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    }
    assert_eq!(fs::read_to_string(&out).unwrap(), "what was there before");
    assert_eq!(
        entries(folder.path()),
        ["c.csv", "p.toml", "q.toml", "r.csv"]
    );
}

#[test]
fn a_pipe_is_written_and_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    let reader = pipe.clone();
    let read = thread::spawn(move || fs::read_to_string(reader).unwrap());
    let (code, _, stderr) = simulate(&["--out", pipe.to_str().unwrap()]);
    assert_eq!(code, 0, "{stderr}");
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
    let expected = fs::read_to_string(reference("evening_expected.csv")).unwrap();
    assert_eq!(read.join().unwrap(), expected);
}

#[test]
fn the_events_of_a_simulation_keep_the_rules() {
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("e.jsonl").to_str().unwrap().to_owned();
    let (code, _, stderr) = simulate(&["--events", &events, "--json"]);
    assert_eq!(code, 0, "{stderr}");
    let (code, stdout, stderr) = run(&["events", "check", &events, "--json"]);
    let report = json(&stdout);
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert_eq!(
        (&report["accepted"], &report["live"]),
        (&260.into(), &0.into())
    );
    assert_eq!(
        (&report["is_whole"], &report["broken"]),
        (&true.into(), &0.into())
    );
    let (code, _, stderr) = simulate(&["--events", &events, "--out", &events]);
    assert!(code == 2 && stderr.contains("--events: "), "{stderr}");
    let (code, _, stderr) = simulate(&["--events", "/does/not/exist/e.jsonl"]);
    assert!(code == 2 && stderr.contains("--events: "), "{stderr}");
}
