//! Numbers that make no sense are refused, all at once, and queues at their limits still have an answer.

use crate::support::program::{file, run};

fn json(arguments: &[&str]) -> serde_json::Value {
    let (code, stdout, stderr) = run(&[arguments, &["--json"]].concat());
    assert_eq!(code, 0, "{arguments:?}: {stderr}");
    serde_json::from_str(&stdout).unwrap()
}

fn number(value: &serde_json::Value, name: &str) -> f64 {
    value[name]
        .as_f64()
        .unwrap_or_else(|| panic!("{name} in {value}"))
}

#[test]
fn every_wrong_number_of_the_command_line_is_told() {
    let (code, stdout, stderr) = run(&[
        "erlang",
        "c",
        "--calls",
        "-1",
        "--interval-s",
        "0",
        "--aht-s",
        "x",
        "--agents",
        "2.5",
        "--target-s",
        "20",
    ]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    for expected in [
        "--calls is `-1`; give a number of at least 0",
        "--interval-s is `0`; give a number above 0",
        "--aht-s is `x`",
        "--agents is `2.5`; give a whole number",
    ] {
        assert!(stderr.contains(expected), "{stderr}");
    }
}

#[test]
fn every_wrong_cell_is_told_with_its_line_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let text = "calls,interval_s,aht_s,agents,target_s\n1,1800,0,5,20\n1,1800,300,5,20\n1,1800,300,,-2\n1,2\n";
    let given = file(folder.path(), "given.csv", text);
    let out = folder.path().join("out.csv");
    let out = out.to_str().unwrap();
    let (code, _, stderr) = run(&["erlang", "c", "--csv", &given, "--out", out]);
    assert_eq!(code, 2, "{stderr}");
    for expected in [
        "given.csv:2: `aht_s` is `0`; give a number above 0",
        "given.csv:4: `agents` is missing",
        "given.csv:4: `target_s` is `-2`",
        "given.csv:5: `row` has 2 fields and needs 5",
    ] {
        assert!(stderr.contains(expected), "{stderr}");
    }
    assert!(!std::path::Path::new(out).exists());
}

#[test]
fn a_missing_column_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let given = file(folder.path(), "given.csv", "lines\n1\n");
    let (code, _, stderr) = run(&["erlang", "b", "--csv", &given]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("given.csv:1: `offered_erlang` is missing"),
        "{stderr}"
    );
}

#[test]
fn an_unstable_queue_has_no_averages() {
    let arguments = [
        "erlang",
        "c",
        "--calls",
        "100",
        "--interval-s",
        "1800",
        "--aht-s",
        "180",
        "--agents",
        "10",
        "--target-s",
        "20",
    ];
    let found = json(&arguments);
    assert_eq!(number(&found, "p_wait").to_string(), "1");
    assert_eq!(number(&found, "service_level").to_string(), "0");
    assert!(found["asa_s"].is_null() && found["wait_p95_s"].is_null());
    let (_, _, stderr) = run(&arguments);
    assert!(stderr.contains("grows without end"), "{stderr}");
}

#[test]
fn no_calls_are_all_answered_and_need_nobody() {
    let none = [
        "--calls",
        "0",
        "--interval-s",
        "1800",
        "--aht-s",
        "180",
        "--target-s",
        "20",
    ];
    let waits = json(
        &[
            &["erlang", "a", "--patience-s", "60", "--agents", "1"],
            &none[..],
        ]
        .concat(),
    );
    assert_eq!(number(&waits, "sl_offered").to_string(), "1");
    assert_eq!(number(&waits, "p_abandon").to_string(), "0");
    let needed = json(
        &[
            &[
                "erlang",
                "required",
                "--model",
                "erlang_c",
                "--target-sl",
                "0.8",
            ],
            &none[..],
        ]
        .concat(),
    );
    assert_eq!(needed["agents"], 0);
}

#[test]
fn small_values_keep_their_digits() {
    // Computed with 40 digits by another library.
    let found = json(&["erlang", "b", "--offered-erlang", "5", "--lines", "200"]);
    let expected = 5.316_671_379_546_738e-238;
    let ratio = number(&found, "blocking") / expected;
    assert!((ratio - 1.0).abs() < 1e-10, "{ratio}");
}

#[test]
fn what_a_model_needs_is_told() {
    let demand = [
        "--calls",
        "9",
        "--interval-s",
        "60",
        "--aht-s",
        "60",
        "--target-s",
        "20",
        "--target-sl",
        "0.8",
    ];
    let cases: [(&[&str], &str); 3] = [
        (&["--model", "erlang_a"], "--patience-s is missing"),
        (
            &["--model", "erlang_c", "--max-abandonment", "0.1"],
            "--max-abandonment has no meaning",
        ),
        (&["--model", "erlang"], "give erlang_c or erlang_a"),
    ];
    for (arguments, expected) in cases {
        let (code, _, stderr) = run(&[&["erlang", "required"], arguments, &demand].concat());
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.contains(expected), "{stderr}");
    }
}

#[test]
fn a_codec_is_known_by_name_or_by_its_figures() {
    let named = json(&[
        "mos",
        "--codec",
        "g.729",
        "--delay-ms",
        "150",
        "--loss-pct",
        "1",
    ]);
    let figures = json(&[
        "readiness",
        "emodel",
        "--ie",
        "10",
        "--bpl",
        "19",
        "--delay-ms",
        "150",
        "--loss-pct",
        "1",
    ]);
    assert_eq!(named, figures);
    let (code, _, stderr) = run(&["mos", "--codec", "mp3", "--delay-ms", "1"]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("--codec is `mp3`; give one of G.711"),
        "{stderr}"
    );
}
