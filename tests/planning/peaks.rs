//! `peaks backtest` on the project's own volumes, which are made up: what is expected of them is known.

use serde_json::Value;

use crate::support::program::{file, run};

fn backtest(history: &str, more: &[&str]) -> Value {
    let arguments = [&["peaks", "backtest", "--history", history, "--json"], more].concat();
    let (code, stdout, stderr) = run(&arguments);
    assert_eq!(code, 0, "{arguments:?}: {stderr}");
    serde_json::from_str(&stdout).unwrap()
}

fn made_up() -> String {
    let project = env!("CARGO_MANIFEST_DIR");
    format!("{project}/tests/reference/volumes/made_up_calls_per_30min.csv.gz")
}

/// The queue of the made-up volumes that has peaks, judged on some days.
fn judged<'a>(from: &'a str, to: &'a str) -> [&'a str; 6] {
    ["--queue", "support", "--from", from, "--to", to]
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

#[test]
fn a_doubled_afternoon_is_found_after_its_first_half_hour() {
    let found = backtest(&made_up(), &judged("2026-05-05", "2026-05-05"));
    let peaks = found["queues"][0]["peaks"].as_array().unwrap();
    assert_eq!(peaks.len(), 1, "{found}");
    assert_eq!(peaks[0]["found"], "2026-05-05T14:30:00");
    assert_eq!(peaks[0]["delay_minutes"], 30);
    let end = peaks[0]["end"].as_str().unwrap();
    assert!(
        ("2026-05-05T16:00:00".."2026-05-05T19:00:00").contains(&end),
        "{end}"
    );
}

#[test]
fn a_holiday_and_lost_counts_raise_no_alarm() {
    for (from, to) in [("2026-05-10", "2026-05-14"), ("2026-05-17", "2026-06-01")] {
        let found = backtest(&made_up(), &judged(from, to));
        let peaks = found["queues"][0]["peaks"].as_array().unwrap();
        assert!(peaks.is_empty(), "{found}");
    }
}

#[test]
fn every_peak_ends_before_the_day_does() {
    let found = backtest(&made_up(), &["--queue", "support"]);
    let peaks = found["queues"][0]["peaks"].as_array().unwrap();
    assert!(
        !peaks.is_empty() && peaks.iter().all(|peak| peak["end"].is_string()),
        "{found}"
    );
}

#[test]
fn surges_are_found_with_few_alarms_and_the_same_by_the_same_seed() {
    let more = [
        "--queue",
        "support",
        "--min-baseline",
        "60",
        "--inject",
        "--trials",
        "400",
        "--seed",
        "3",
    ];
    let found = backtest(&made_up(), &more);
    assert_eq!(found, backtest(&made_up(), &more));
    let methods = found["queues"][0]["methods"].as_array().unwrap();
    let share =
        |method: usize, surge: usize| number(&methods[method]["surges"][surge]["share_in_time"]);
    let names = ["homeshore", "median", "poisson"];
    for (method, name) in methods.iter().zip(names) {
        assert_eq!(method["method"], name);
    }
    assert!(
        share(0, 0) >= 0.6 && share(0, 1) >= 0.85 && share(0, 2) >= 0.95,
        "{found}"
    );
    // One alarm is about the afternoon that was doubled.
    let alarms = |method: usize| number(&methods[method]["alarms"]);
    let weeks = number(&found["queues"][0]["days"]) / 7.0;
    assert!((alarms(0) - 1.0) / weeks <= 0.5, "{found}");
    assert!(2.0 * alarms(0) < alarms(1), "{found}");
    // By chance alone there would be a peak nearly every day.
    assert!(alarms(2) / weeks > 5.0, "{found}");
}

#[test]
fn surges_at_the_edge_are_found_less_often() {
    let more = ["--queue", "support", "--min-baseline", "60", "--inject"];
    let trials = ["--trials", "2000"];
    let share = |edge: &[&str]| {
        let found = backtest(&made_up(), &[&more[..], &trials, edge].concat());
        let surge = &found["queues"][0]["methods"][0]["surges"][0];
        number(&surge["share_in_time"])
    };
    let (whole, edge) = (share(&[]), share(&["--to-the-edge"]));
    assert!(edge < whole, "{edge} {whole}");
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
    let found = backtest(
        &made_up(),
        &[&more[..], &["--forecast", whole.as_str()]].concat(),
    );
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
