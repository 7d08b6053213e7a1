//! What `homeshore calendar` prints.

use serde_json::{Value, json};

use crate::support::program::{file, run};

#[test]
fn the_holidays_of_a_region_are_printed_as_a_list_and_as_a_table() {
    let asked = [
        "calendar",
        "holidays",
        "--region",
        "FR-ALSACE-MOSELLE",
        "--year",
        "2026",
    ];
    let (code, stdout, stderr) = run(&[&asked[..], &["--json"]].concat());
    assert_eq!((code, stderr.as_str()), (0, ""));
    let days: Vec<Value> = serde_json::from_str(&stdout).unwrap();
    assert_eq!(days.len(), 13);
    assert_eq!(
        days[0],
        json!({"date": "2026-01-01", "name": "Jour de l'an"})
    );
    assert_eq!(
        days[12],
        json!({"date": "2026-12-26", "name": "Saint-Étienne"})
    );
    let (_, table, _) = run(&asked);
    assert!(
        table.contains("2026-04-03  Friday     Vendredi saint"),
        "{table}"
    );
}

#[test]
fn an_unknown_region_is_told_which_there_are() {
    let (code, stdout, stderr) = run(&[
        "calendar",
        "holidays",
        "--region",
        "FR-ALSACE",
        "--year",
        "2026",
    ]);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    let (code, stdout, stderr) = run(&["calendar", "holidays", "--region", "FR-GADELOUPE"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    assert!(stderr.contains("did you mean `FR-GUADELOUPE`"), "{stderr}");
    let (code, regions, _) = run(&["calendar", "regions", "--json"]);
    let regions: Vec<Value> = serde_json::from_str(&regions).unwrap();
    assert_eq!(code, 0);
    assert!(
        regions
            .iter()
            .any(|region| region["code"] == "FR-GUADELOUPE")
    );
}

#[test]
fn years_that_a_region_is_not_known_for_are_doubted() {
    let (code, _, stderr) = run(&[
        "calendar", "holidays", "--region", "ES-MD", "--year", "2033",
    ]);
    assert_eq!(code, 0);
    assert!(stderr.contains("known until 2030"), "{stderr}");
}

#[test]
fn an_icalendar_file_becomes_a_holiday_file() {
    let folder = tempfile::tempdir().unwrap();
    let ics = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270309\r\nSUMMARY:Fête \"A\"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let ics = file(folder.path(), "feasts.ics", ics);
    let (code, toml, stderr) = run(&["calendar", "import", &ics, "--code", "MA-FEASTS"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    let toml = file(folder.path(), "feasts.toml", &toml);
    for path in [&ics, &toml] {
        let (_, days, _) = run(&[
            "calendar", "holidays", "--file", path, "--year", "2027", "--json",
        ]);
        let days: Value = serde_json::from_str(&days).unwrap();
        assert_eq!(days, json!([{"date": "2027-03-09", "name": "Fête \"A\""}]));
    }
}

#[test]
fn a_wrong_file_is_refused_with_its_lines() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = "code = \"X\"\nname = \"X\"\nday = [\n  { name = \"A\", on = \"32-01\" },\n  { name = \"B\", on = \"easter\", til = 2 },\n]\n";
    let path = file(folder.path(), "x.toml", wrong);
    let (code, stdout, stderr) = run(&["calendar", "holidays", "--file", &path, "--year", "2027"]);
    assert_eq!((code, stdout.as_str()), (2, ""));
    for expected in [
        "x.toml:4: `on` `32-01` is no rule",
        "x.toml:5: unknown field `til`",
    ] {
        assert!(stderr.contains(expected), "{stderr}");
    }
}
