//! The scenarios that `loadtests/simulator.py` measures with are right, and play.

use std::{collections::BTreeSet, fs, path::Path};

use crate::support::program::{done, file, json, run};

/// What `simulate` tells of a scenario that lasts so long only.
fn play(name: &str, duration: &str) -> serde_json::Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("loadtests/simulator");
    let text = fs::read_to_string(path.join(name)).unwrap();
    let usual = "\nduration = \"1h\"\n";
    assert!(text.contains(usual), "the script finds it by its line");
    let text = text.replace(usual, &format!("\nduration = \"{duration}\"\n"));
    let folder = tempfile::tempdir().unwrap();
    let short = file(folder.path(), name, &text);
    json(&done(run(&["simulate", &short, "--json"])))
}

fn measure(row: &serde_json::Value, name: &str) -> f64 {
    row["measures"][name]["value"].as_f64().unwrap()
}

#[test]
fn the_scenario_of_100_agents_has_nine_calls_a_second() {
    let told = play("mm100.toml", "1000s");
    let calls = told["calls"].as_u64().unwrap();
    assert!((8_600..9_400).contains(&calls), "{calls}");
    let queue = &told["queues"][0];
    assert!(
        (9.0..11.0).contains(&measure(queue, "mean_talk")),
        "{queue}"
    );
    let share = measure(queue, "sl_answered");
    assert!(share > 0.9, "{queue}");
    assert!((measure(&told["staff"][0], "signed_in") - 100.0).abs() < 0.1);
}

#[test]
fn the_scenario_of_15000_agents_has_200_profiles_that_all_work() {
    let told = play("agents15000.toml", "20s");
    let calls = told["calls"].as_u64().unwrap();
    assert!((700..1_100).contains(&calls), "{calls}");
    let staff = told["staff"].as_array().unwrap();
    let names: BTreeSet<&str> = staff
        .iter()
        .filter_map(|row| row["name"].as_str())
        .collect();
    assert_eq!(names.len(), 200);
    let signed_in: f64 = staff.iter().map(|row| measure(row, "signed_in")).sum();
    assert!((signed_in - 15_000.0).abs() < 1.0, "{signed_in}");
    let everybody = told["queues"].as_array().unwrap().last().unwrap();
    assert!(measure(everybody, "mean_wait_all") < 1.0, "{everybody}");
}
