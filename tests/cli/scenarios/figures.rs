//! What a scenario prints and writes, and that Ctrl-C prints what is known so far.

use std::{fs, path::Path, process::Stdio, thread};

use rustix::process::{Pid, Signal, kill_process};

use super::{POOL, changed, scenario, simulate};
use crate::support::program::{command, done, file, json, read, run};

fn headers(text: &str) -> Vec<&str> {
    let lines = text.lines();
    lines
        .filter(|line| line.starts_with("QUEUE") || line.starts_with("STAFF"))
        .collect()
}

#[test]
fn a_terminal_gets_the_figures_that_matter_most() {
    let folder = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) = run(&["simulate", &scenario(folder.path())]);
    assert_eq!(code, 0, "{stderr}");
    let title = stdout.lines().next().unwrap();
    assert!(
        title.starts_with("<script>alert(1)</script> & \"more\": "),
        "{title}"
    );
    assert!(
        title.ends_with(", 5 samples, seed 7; \u{b1} is half of the 95 % interval"),
        "{title}"
    );
    let rows: Vec<&str> = stdout
        .lines()
        .filter_map(|line| line.split("  ").next())
        .collect();
    assert_eq!(
        rows[1..],
        [
            "QUEUE",
            "billing",
            "technical",
            "quiet",
            "all",
            "STAFF",
            "home <b>&'x",
            "centre"
        ]
    );
    assert_eq!(headers(&stdout).len(), 2);
    assert!(stderr.contains(" calls/s"), "{stderr}");
}

#[test]
fn programs_get_every_figure_as_rows_and_as_one_document() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("r.csv");
    let path = scenario(folder.path());
    let stdout = simulate(&[&path, "--json", "--out", out.to_str().unwrap()]);
    let document = json(&stdout);
    let rows = fs::read_to_string(out).unwrap();
    let columns = rows.lines().next().unwrap();
    assert_eq!(columns, "scope,name,from,to,measure,unit,value,low,high");
    assert_eq!(document["seed"], 7);
    assert_eq!(
        (&document["replications"], &document["samples"]),
        (&5.into(), &5.into())
    );
    assert!(document["cut_short"].is_null() && document["second"].is_null());
    let billing = &document["queues"][0];
    assert_eq!(billing["name"], "billing");
    assert_eq!(billing["intervals"].as_array().unwrap().len(), 3);
    let mut count = 0;
    for (list, scope) in [("queues", "queue"), ("staff", "staff"), ("sites", "site")] {
        for row in document[list].as_array().unwrap() {
            let name = row["name"].as_str().unwrap();
            let intervals = row["intervals"].as_array().unwrap().iter();
            for part in intervals.chain([row]) {
                let times = ["from_ms", "to_ms"].map(|key| {
                    part[key]
                        .as_u64()
                        .map_or(String::new(), |ms| ms.to_string())
                });
                for (measure, figure) in part["measures"].as_object().unwrap() {
                    let head = format!("{scope},{name},{},{},{measure},", times[0], times[1]);
                    let row = rows
                        .lines()
                        .find(|line| line.starts_with(&head))
                        .expect(&head);
                    let cells: Vec<&str> = row.split(',').skip(6).collect();
                    for (cell, key) in cells.iter().zip(["value", "low", "high"]) {
                        assert_eq!(cell.parse().ok(), figure[key].as_f64(), "{row}: {key}");
                        count += 1;
                    }
                }
            }
        }
    }
    assert!(count > 1_000, "{count}");
    let shares = document["work"].as_array().unwrap().iter();
    let of_billing = shares.filter(|part| part["queue"] == "billing");
    let sum: f64 = of_billing
        .map(|part| part["share"]["value"].as_f64().unwrap())
        .sum();
    assert!((sum - 1.0).abs() < 1e-9, "{sum}");
}

#[test]
fn arguments_replace_what_the_scenario_says() {
    let folder = tempfile::tempdir().unwrap();
    let path = scenario(folder.path());
    let usual = json(&simulate(&[&path, "--json"]));
    let other = json(&simulate(&[
        &path,
        "--json",
        "--replications",
        "2",
        "--seed",
        "9",
    ]));
    assert_eq!((&other["samples"], &other["seed"]), (&2.into(), &9.into()));
    assert_ne!(usual["queues"][0], other["queues"][0]);
    let same = changed(
        folder.path(),
        "same.toml",
        &[
            ("replications = 5", "replications = 2"),
            ("seed = 7", "seed = 9"),
        ],
    );
    assert_eq!(simulate(&[&same, "--json"]), format!("{other:#}\n"));
    let pool = file(folder.path(), "p.toml", &POOL.replacen("20s", "1s", 1));
    let stricter = json(&simulate(&[&path, "--json", "--pool", &pool]));
    let level = |document: &serde_json::Value| {
        document["queues"][0]["measures"]["sl_offered"]["value"]
            .as_f64()
            .unwrap()
    };
    assert!(level(&stricter) < level(&usual));
}

#[test]
fn two_scenarios_meet_the_same_callers_and_are_subtracted() {
    let folder = tempfile::tempdir().unwrap();
    let path = scenario(folder.path());
    let more = changed(
        folder.path(),
        "more.toml",
        &[
            (
                "name = \"<script>alert(1)</script> & \\\"more\\\"\"",
                "name = \"more\"",
            ),
            ("agents = 5", "agents = 7"),
        ],
    );
    let out = folder.path().join("r.csv");
    let out = out.to_str().unwrap();
    let document = json(&simulate(&[
        &path,
        "--compare",
        &more,
        "--json",
        "--out",
        out,
    ]));
    assert_eq!(document["second"]["scenario"], "more");
    let value = |of: &serde_json::Value, measure: &str| {
        of["queues"][0]["measures"][measure]["value"]
            .as_f64()
            .unwrap()
    };
    assert_eq!(
        value(&document, "offered").to_bits(),
        value(&document["second"], "offered").to_bits()
    );
    let difference =
        value(&document["second"], "mean_wait_all") - value(&document, "mean_wait_all");
    assert!((value(&document["differences"], "mean_wait_all") - difference).abs() < 1e-9);
    assert!(difference < 0.0, "{difference}");
    let rows = fs::read_to_string(out).unwrap();
    assert!(rows.starts_with("scope,name,from,to,measure,unit,value,low,high,second,difference,difference_low,difference_high\n"));
    let text = simulate(&[&path, "--compare", &more]);
    assert!(text.contains("\nmore less <script>"), "{text}");
    assert_eq!(headers(&text).len(), 6);

    let pool = file(folder.path(), "p.toml", &POOL.replacen("20s", "1s", 1));
    let document = json(&simulate(&[&path, "--compare-pool", &pool, "--json"]));
    assert_eq!(document["second"]["scenario"], pool);
    assert!(value(&document["differences"], "sl_offered") < 0.0);
}

/// Runs it until it has computed for some time, then presses Ctrl-C.
fn interrupted(path: &str, more: &[&str]) -> (i32, String, String) {
    let mut command = command(&[&["simulate", path, "--threads", "1"], more].concat());
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while ticks(child.id()) < 50 {
        thread::yield_now();
    }
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    read(&child.wait_with_output().unwrap())
}

/// How long a process has computed, in hundredths of a second.
fn ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

fn long(folder: &Path, spans: &str) -> String {
    let changes = [
        ("duration = \"2h\"", "duration = \"20000h\""),
        ("interval = \"30m\"", spans),
        ("replications = 5", "replications = 100000"),
    ];
    changed(folder, "long.toml", &changes)
}

#[test]
fn ctrl_c_prints_what_is_known_so_far() {
    let folder = tempfile::tempdir().unwrap();
    for spans in ["interval = \"3h\"", "batches = 10000"] {
        let path = long(folder.path(), spans);
        let page = folder.path().join("r.html");
        let (code, stdout, stderr) =
            interrupted(&path, &["--json", "--html", page.to_str().unwrap()]);
        assert_eq!(code, 1, "{spans}: {stderr}");
        assert!(stderr.ends_with("cut short: interrupted\n"), "{stderr}");
        let document = json(&stdout);
        assert_eq!(document["cut_short"], "interrupted");
        let samples = document["samples"].as_u64().unwrap();
        assert!((1..10_000).contains(&samples), "{samples}");
        assert!(
            document["queues"][0]["measures"]["offered"]["value"]
                .as_f64()
                .unwrap()
                > 0.0
        );
        assert!(
            fs::read_to_string(&page)
                .unwrap()
                .contains("<strong>Cut short: interrupted.</strong>")
        );
    }
    let whole = done(run(&[
        "simulate",
        &scenario(folder.path()),
        "--html",
        "/dev/null",
    ]));
    assert!(!whole.contains("cut short"));
}

#[test]
fn ctrl_c_prints_a_summary_for_people() {
    let folder = tempfile::tempdir().unwrap();
    let (code, stdout, stderr) = interrupted(&long(folder.path(), "interval = \"3h\""), &[]);
    assert_eq!((code, headers(&stdout).len()), (1, 2), "{stderr}");
    assert!(stderr.ends_with("cut short: interrupted\n"), "{stderr}");
}
