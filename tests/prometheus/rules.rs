//! Prometheus' own checker on its settings, the rules and their unit tests.

use super::page::promtool;

const RULES: &str = "deploy/prometheus/rules.yml";
const ALERTS: &str = "deploy/prometheus/alerts.yml";

#[test]
fn promtool_accepts_the_settings_and_the_rules() {
    for arguments in [
        &["check", "config", "deploy/prometheus/prometheus.yml"][..],
        &[
            "check",
            "rules",
            "--lint=all",
            "--lint-fatal",
            RULES,
            ALERTS,
        ],
        &["test", "rules", "deploy/prometheus/rules_test.yml"],
    ] {
        if let Err(told) = promtool(arguments, "") {
            panic!("{arguments:?}: {told}");
        }
    }
}

#[test]
fn promtool_finds_fault_where_there_is_some() {
    let told = promtool(&["check", "metrics"], "# TYPE calls counter\ncalls 1\n");
    assert!(told.unwrap_err().contains("_total"));
}

/// Lines of the alerts' file that hold this key, without it.
fn values(key: &str) -> Vec<String> {
    let text =
        std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(ALERTS));
    let text = text.unwrap();
    let values = text
        .lines()
        .filter_map(|line| line.trim().strip_prefix(key));
    values.map(str::to_owned).collect()
}

#[test]
fn every_alert_says_what_to_look_at_and_what_to_do_and_is_tested() {
    let alerts = values("- alert: ");
    assert!((8..=20).contains(&alerts.len()), "few: {alerts:?}");
    for key in ["summary: ", "look: ", "do: ", "severity: "] {
        assert_eq!(values(key).len(), alerts.len(), "{key}");
    }
    let tests = include_str!("../../deploy/prometheus/rules_test.yml");
    for alert in alerts {
        let tested = [
            format!("alertname: {alert}\n"),
            format!("alertname=\"{alert}\""),
        ];
        assert!(
            tested.iter().any(|tested| tests.contains(tested)),
            "{alert} has no test"
        );
    }
}
