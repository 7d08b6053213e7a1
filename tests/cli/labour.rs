//! `labour check` and `labour packs`.

use crate::support::program::{file, run};

const CASES: &str = r#"{"zone": "Europe/Paris", "cases": [
  {"id": "long", "employee": {"age": 17, "regime": "code"},
   "shifts": [{"start": "2026-03-03 08:00", "end": "2026-03-03 19:15", "breaks": [["2026-03-03 12:00", "2026-03-03 13:00"]]}]},
  {"id": "short", "employee": {"age": 30, "regime": "2098"},
   "shifts": [{"start": "2026-03-03 14:00", "end": "2026-03-03 17:00"}], "expected": []}]}"#;

#[test]
fn cases_are_judged_with_their_articles() {
    let folder = tempfile::tempdir().unwrap();
    let cases = file(folder.path(), "cases.json", CASES);
    let (code, stdout, stderr) = run(&["labour", "check", &cases, "--json"]);
    assert_eq!(code, 0, "{stderr}");
    let told: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let expected = serde_json::json!({"cases": [
        {"id": "long", "articles": ["L3121-18", "L3162-1", "L3162-3"]},
        {"id": "short", "articles": []},
    ]});
    assert_eq!(told, expected);
    let (_, stdout, _) = run(&["labour", "check", &cases, "--json", "--findings"]);
    let told: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let found = &told["cases"][0]["findings"][0];
    let expected = serde_json::json!({
        "rule": "day", "article": "L3121-18", "severity": "blocking", "measured": 36_900_000, "limit": 36_000_000,
        "start": "2026-03-02T23:00:00Z", "end": "2026-03-03T23:00:00Z",
    });
    assert_eq!(found, &expected);
    let (code, stdout, _) = run(&["labour", "check", &cases]);
    assert_eq!(code, 0);
    assert!(
        stdout.contains("L3121-18  day") && stdout.contains("10 h 15 min  10 h"),
        "{stdout}"
    );
    assert!(
        stdout.ends_with("2 cases, of which 1 break a rule\n"),
        "{stdout}"
    );
}

#[test]
fn a_case_that_breaks_something_else_than_expected_is_exit_code_one() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = CASES.replace(r#""expected": []"#, r#""expected": ["L3121-16"]"#);
    let cases = file(folder.path(), "cases.json", &wrong);
    let (code, stdout, _) = run(&["labour", "check", &cases]);
    assert_eq!(code, 1);
    let told = "case `short` expects L3121-16, and breaks nothing";
    assert!(stdout.contains(told), "{stdout}");
}

#[test]
fn wrong_cases_and_packs_are_refused_with_every_problem() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = CASES
        .replace("2098", "2099")
        .replace("\"age\": 17", "\"shoe\": 17");
    let cases = file(folder.path(), "cases.json", &wrong);
    let (code, stdout, stderr) = run(&["labour", "check", &cases, "--json"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(
        stderr.contains("case `long`, employee: field `shoe` is not known"),
        "{stderr}"
    );
    assert!(
        stderr.contains("case `short`, employee: `regime` is `2099`"),
        "{stderr}"
    );
    let pack = file(
        folder.path(),
        "ours.toml",
        "name = \"ours\"\n[week]\nmaximum = 48\n",
    );
    let (code, _, stderr) = run(&["labour", "packs", "ours", "--packs", &pack]);
    assert_eq!(code, 2);
    assert!(
        stderr.contains("ours.toml:3: `week.maximum` is `48`; give a duration"),
        "{stderr}"
    );
    assert!(
        stderr.contains("ours.toml:1: `version` is missing"),
        "{stderr}"
    );
    let (code, _, stderr) = run(&["labour", "packs", "de"]);
    assert_eq!(
        (code, stderr.contains("there are eu, fr")),
        (2, true),
        "{stderr}"
    );
}

#[test]
fn packs_show_their_layers_and_figures() {
    let folder = tempfile::tempdir().unwrap();
    let text = "name = \"ours\"\nversion = 2\nlevel = \"company\"\nextends = \"fr-2098\"\ntitle = \"Ours\"\n[daily_rest]\nminimum = \"9h\"\narticle = \"L3131-2\"\n";
    let pack = file(folder.path(), "ours.toml", text);
    let (code, stdout, _) = run(&["labour", "packs", "--packs", &pack]);
    assert_eq!(code, 0);
    assert!(stdout.contains("fr < fr-2098 < ours"), "{stdout}");
    let (_, stdout, _) = run(&["labour", "packs", "ours", "--packs", &pack, "--json"]);
    let told: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let rules = told["rules"].as_array().unwrap();
    let rest = rules
        .iter()
        .find(|rule| rule["rule"] == "daily_rest")
        .unwrap();
    assert_eq!(
        (&rest["article"], &rest["figures"]["minimum"]),
        (&"L3131-2".into(), &"9 h".into())
    );
    assert!(
        rules.iter().any(|rule| rule["article"] == "CCN2098-7"),
        "{stdout}"
    );
    let (_, stdout, _) = run(&["labour", "packs", "fr"]);
    assert!(stdout.contains("L3121-18"), "{stdout}");
}
