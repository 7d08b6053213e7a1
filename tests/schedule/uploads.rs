//! Every upload of the folder `HOMESHORE_REFERENCE`: good ones have their normal form, bad ones are refused.

use std::{
    fs,
    path::{Path, PathBuf},
};

use homeshore::{
    calendar::zone::Zone,
    schedule::{Options, Reading, Severity, Shift},
};
use serde_json::{Value, json};

use super::read_with;
use crate::support::program::{self, run};

fn folder() -> PathBuf {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let folder = std::env::var_os("HOMESHORE_REFERENCE").map_or(default, PathBuf::from);
    folder.join("uploads")
}

fn expected() -> Value {
    let text = fs::read_to_string(folder().join("expected.json")).unwrap();
    program::json(&text)
}

/// Files whose names begin like this, in order.
fn files(beginning: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let named = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        name.starts_with(beginning)
    };
    let mut found: Vec<PathBuf> = paths.filter(named).collect();
    found.sort();
    assert!(!found.is_empty(), "no file begins with `{beginning}`");
    found
}

fn read(path: &Path) -> Reading {
    let zone = expected()["zone"].as_str().unwrap().to_owned();
    let options = Options::new(Zone::named(&zone).unwrap());
    read_with(path.to_str().unwrap(), &fs::read(path).unwrap(), &options)
}

fn document(shift: &Shift) -> Value {
    json!({
        "agent": shift.agent.as_ref(),
        "name": shift.name.as_ref(),
        "start": shift.start.to_string(),
        "end": shift.end.to_string(),
        "minutes": shift.seconds() / 60,
        "skills": shift.skills.iter().map(AsRef::as_ref).collect::<Vec<&str>>(),
        "site": shift.site.as_ref(),
    })
}

#[test]
fn good_files_have_their_normal_form() {
    let expected = expected();
    assert_eq!(expected["rule"], homeshore::schedule::RULE);
    for path in files("ok_") {
        let reading = read(&path);
        let errors = reading
            .problems
            .list()
            .iter()
            .filter(|problem| problem.severity == Severity::Error);
        assert_eq!(
            errors.count(),
            0,
            "{}: {:?}",
            path.display(),
            reading.problems.list()
        );
        let shifts: Vec<Value> = reading.shifts.iter().map(document).collect();
        assert_eq!(
            Value::from(shifts),
            expected["shifts"],
            "{}",
            path.display()
        );
    }
}

#[test]
fn bad_files_are_refused_with_a_reason() {
    for path in files("bad_") {
        let reading = read(&path);
        let problems = reading.problems.list();
        assert!(
            reading.problems.errors() > 0,
            "{} was taken",
            path.display()
        );
        for problem in problems {
            let is_told = !problem.message.is_empty() && !problem.expected.is_empty();
            assert!(is_told, "{}: {problem:?}", path.display());
        }
    }
}

#[test]
fn the_program_prints_shifts_and_problems_and_its_exit_code_says_which() {
    let good = files("ok_").swap_remove(0);
    let validate = |path: &Path, more: &[&str]| {
        let path = path.to_str().unwrap();
        run(&[
            &["schedule", "validate", path, "--zone", "Europe/Paris"],
            more,
        ]
        .concat())
    };
    let (code, stdout, stderr) = validate(&good, &["--json"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let document = program::json(&stdout);
    assert_eq!(document["zone"], "Europe/Paris");
    let mut shifts = document["shifts"].clone();
    for shift in shifts.as_array_mut().unwrap() {
        let segments = shift.as_object_mut().unwrap().remove("segments");
        assert_eq!(segments, Some(json!([])));
    }
    assert_eq!(shifts, expected()["shifts"]);
    let gap = folder().join("bad_start_in_spring_gap.csv");
    let (code, stdout, _) = validate(&gap, &["--json"]);
    assert_eq!(code, 1);
    let problems = &program::json(&stdout)["problems"];
    assert_eq!(problems.as_array().unwrap().len(), 1, "{problems}");
    for (key, value) in [
        ("severity", json!("error")),
        ("kind", json!("missing_local_time")),
        ("row", json!(5)),
        ("column", json!("start")),
        ("value", json!("02:30")),
    ] {
        assert_eq!(problems[0][key], value, "{problems}");
    }
    let (code, stdout, _) = validate(&gap, &[]);
    assert_eq!(code, 1);
    assert!(
        stdout.contains("clocks are put forward from 02:00 to 03:00"),
        "{stdout}"
    );
    assert!(
        stdout.ends_with("refused: 1 error, 0 warnings\n"),
        "{stdout}"
    );
}

#[test]
fn the_zone_is_named_and_known() {
    let file = files("ok_").swap_remove(0);
    let file = file.to_str().unwrap();
    let (code, _, stderr) = run(&["schedule", "validate", file]);
    assert_eq!(code, 2);
    assert!(stderr.contains("--zone"), "{stderr}");
    let (code, _, stderr) = run(&["schedule", "validate", file, "--zone", "Europe/Pariss"]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("`Europe/Pariss` is no time zone"),
        "{stderr}"
    );
    let (code, _, stderr) = run(&["schedule", "validate", "no-such-file.csv", "--zone", "UTC"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("cannot read no-such-file.csv"), "{stderr}");
}
