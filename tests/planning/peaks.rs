//! `peaks backtest` on volumes of the past: every `volumes/*.csv.gz` of the folder `HOMESHORE_REFERENCE`.

use serde_json::Value;

use super::tables::files;
use crate::support::program::{file, run};

fn backtest(history: &str, more: &[&str]) -> Value {
    let arguments = [&["peaks", "backtest", "--history", history, "--json"], more].concat();
    let (code, stdout, stderr) = run(&arguments);
    assert_eq!(code, 0, "{arguments:?}: {stderr}");
    serde_json::from_str(&stdout).unwrap()
}

fn made_up() -> String {
    let files = files("volumes", "made_up");
    files
        .first()
        .expect("made-up volumes")
        .display()
        .to_string()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

#[test]
fn a_doubled_afternoon_is_found_within_an_hour_and_ends() {
    let found = backtest(
        &made_up(),
        &[
            "--queue",
            "support",
            "--from",
            "2026-05-05",
            "--to",
            "2026-05-05",
        ],
    );
    let peaks = found["queues"][0]["peaks"].as_array().unwrap();
    assert_eq!(peaks.len(), 1, "{found}");
    assert_eq!(peaks[0]["found"], "2026-05-05T14:30:00");
    let end = peaks[0]["end"].as_str().unwrap();
    assert!(
        ("2026-05-05T16:00:00".."2026-05-05T19:00:00").contains(&end),
        "{end}"
    );
}

#[test]
fn a_holiday_and_lost_counts_raise_no_alarm() {
    let found = backtest(
        &made_up(),
        &[
            "--queue",
            "support",
            "--from",
            "2026-05-13",
            "--to",
            "2026-05-30",
        ],
    );
    let peaks = found["queues"][0]["peaks"].as_array().unwrap();
    assert!(peaks.is_empty(), "{found}");
}

#[test]
fn surges_are_found_and_the_same_seed_finds_the_same() {
    let more = [
        "--queue",
        "support",
        "--min-baseline",
        "60",
        "--inject",
        "--seed",
        "3",
    ];
    let found = backtest(&made_up(), &more);
    assert_eq!(found, backtest(&made_up(), &more));
    let methods = found["queues"][0]["methods"].as_array().unwrap();
    let share =
        |method: usize, surge: usize| number(&methods[method]["surges"][surge]["share_in_time"]);
    assert_eq!(methods[0]["method"], "homeshore");
    assert!(
        share(0, 0) >= 0.6 && share(0, 1) >= 0.85 && share(0, 2) >= 0.95,
        "{found}"
    );
    assert!(number(&methods[0]["alarms_a_week"]) <= 0.5, "{found}");
    // By chance alone there would be a peak nearly every day.
    assert_eq!(methods[2]["method"], "poisson");
    assert!(number(&methods[2]["alarms_a_week"]) > 3.0, "{found}");
}

#[test]
fn a_forecast_is_the_baseline_of_its_days_and_has_no_gaps() {
    let folder = tempfile::tempdir().unwrap();
    let day = |hole: usize| {
        let rows = (0..48).filter(|slot| *slot != hole);
        let row = |slot| format!("2026-06-09 {:02}:{:02},1\n", slot / 2, slot % 2 * 30);
        format!(
            "interval_start,support\n{}",
            rows.map(row).collect::<String>()
        )
    };
    let whole = file(folder.path(), "whole.csv", &day(48));
    let more = [
        "--queue",
        "support",
        "--from",
        "2026-06-09",
        "--to",
        "2026-06-09",
        "--min-baseline",
        "0",
    ];
    let found = backtest(&made_up(), &[&more[..], &["--forecast", &whole]].concat());
    assert!(found["queues"][0]["days"] == 1, "{found}");
    let holed = file(folder.path(), "holed.csv", &day(20));
    let (code, _, stderr) = run(&[
        "peaks",
        "backtest",
        "--history",
        &made_up(),
        "--forecast",
        &holed,
    ]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("holed.csv:22: `interval_start`") && stderr.contains("after a gap"),
        "{stderr}"
    );
}

#[test]
fn a_wrong_history_is_refused_with_file_line_and_reason() {
    let folder = tempfile::tempdir().unwrap();
    let text = "interval_start,a\n2026-01-05 08:00,1\n2026-01-05 08:30,-4\n2026-01-05 08:30,1\n2026-01-05 08:00,2\n";
    let bad = file(folder.path(), "bad.csv", text);
    let (code, stdout, stderr) = run(&["peaks", "backtest", "--history", &bad]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    for expected in [
        "bad.csv:3: `a` is `-4`; give a number of calls of at least 0",
        "bad.csv:5: `interval_start` is `2026-01-05 08:00`, which line 2 has already",
    ] {
        assert!(stderr.contains(expected), "{stderr}");
    }
}
