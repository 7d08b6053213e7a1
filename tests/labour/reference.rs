//! Cases that others wrote: every file of the folder `labour` of `HOMESHORE_REFERENCE`.

use std::path::PathBuf;

use homeshore::labour::{cases, pack};

fn files() -> Vec<PathBuf> {
    let default = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reference"));
    let folder = std::env::var_os("HOMESHORE_REFERENCE").map_or(default, PathBuf::from);
    let entries =
        std::fs::read_dir(folder.join("labour")).expect("the folder `labour` of reference data");
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    files.sort();
    files
}

#[test]
fn the_cases_of_others_have_exactly_their_articles() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for path in files() {
        let text = std::fs::read_to_string(&path).unwrap();
        let read = cases::read(&text, pack::embedded());
        let read = read.unwrap_or_else(|problems| panic!("{}: {problems:#?}", path.display()));
        for case in read {
            count += 1;
            let mut expected = case
                .expected
                .clone()
                .expect("a case of the reference has `expected`");
            expected.sort();
            let findings = case.findings();
            if cases::articles(&findings) != expected {
                wrong.push(format!(
                    "{} {}: expected {expected:?}, found {findings:#?}",
                    path.display(),
                    case.id
                ));
            }
        }
    }
    assert!(count > 0, "no cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn case(employee: &str, shifts: &str, more: &str) -> String {
    format!(
        r#"{{"zone": "Europe/Paris", "cases": [{{"id": "A", "employee": {employee}, "shifts": {shifts} {more}}}]}}"#
    )
}

fn articles(text: &str) -> Vec<String> {
    let read = cases::read(text, pack::embedded()).unwrap();
    cases::articles(&read[0].findings())
}

#[test]
fn cases_may_say_more_of_a_person_and_their_past() {
    let day = r#"[{"start": "2026-03-03 08:00", "end": "2026-03-03 12:00", "breaks": []}]"#;
    let night = r#"[{"start": "2026-03-03T22:00", "end": "2026-03-03 24:00"}, {"start": "2026-03-04 07:30:00+01:00", "end": "2026-03-04 09:00"}]"#;
    for regime in [
        "2098",
        "\"2098\"",
        "\"IDCC 2098\"",
        "\"CCN2098\"",
        "\"fr-2098\"",
    ] {
        let employee = format!(r#"{{"age": 30, "regime": {regime}, "night_worker": true}}"#);
        assert_eq!(
            articles(&case(&employee, night, "")),
            ["L3131-1"],
            "{regime}"
        );
    }
    let agreed = r#"{"regime": "code", "agreement": {"daily_rest": {"minimum": "9h"}}}"#;
    assert_eq!(
        articles(&case(
            agreed,
            &night
                .replace("07:30", "09:00")
                .replace("04 09:00\"", "04 10:00\""),
            ""
        )),
        [""; 0]
    );
    assert_eq!(
        articles(&case(
            r#"{"part_time": true, "contract_hours": 3.5}"#,
            day,
            ""
        )),
        ["L3123-28"]
    );
    let past = r#", "worked_weeks": {"2026-02-23": 44.5, "2026-02-16": 48, "2026-02-09": 48, "2026-02-02": 48, "2026-01-26": 48, "2026-01-19": 48, "2026-01-12": 48, "2026-01-05": 48, "2025-12-29": 48, "2025-12-22": 48, "2025-12-15": 48}"#;
    assert_eq!(articles(&case("{}", day, past)), ["L3121-22"]);
    let calls = r#", "complexity": "complex", "calls": [["2026-03-03 08:00:00", "2026-03-03 08:05:00"], ["2026-03-03 08:05:05", "2026-03-03 08:06:00"]]"#;
    assert_eq!(
        articles(&case(
            r#"{"regime": "fr-2098"}"#,
            &day.replace("12:00", "11:00"),
            calls
        )),
        ["CCN2098-7"]
    );
    let segments = r#"[{"start": "2026-03-03 08:00", "end": "2026-03-03 15:00", "segments": [{"kind": "training", "start": "2026-03-03 08:00", "end": "2026-03-03 09:00"}, {"kind": "break", "start": "2026-03-03 11:00", "end": "2026-03-03 11:20"}]}]"#;
    assert_eq!(articles(&case("{}", segments, "")), [""; 0]);
}

#[test]
fn what_a_case_says_wrongly_is_told_with_case_and_field() {
    let text = r#"{"zone": "Europe/Paris", "colour": 1, "cases": [
      {"id": "A", "employee": {"age": -1, "regime": "2099", "shoe": 43}, "shifts": []},
      {"id": "B", "employee": {"agreement": {"daily_rest": {"minimum": "1h"}}}, "shifts": [
        {"start": "2026-03-03 08:00", "end": "2026-03-03 08:00"},
        {"start": "2026-03-32 08:00", "end": "2026-03-03 08:00"},
        {"start": "2026-03-03 10:00", "end": "2026-03-03 12:00", "breaks": [["2026-03-03 09:00", "2026-03-03 10:00"], ["2026-03-03 11:00"]]},
        {"start": "2026-03-03 11:59", "end": "2026-03-03 12:30"}]},
      {"employee": {}, "shifts": 7}]}"#;
    let found = cases::read(text, pack::embedded()).unwrap_err();
    let parts = [
        "the file: field `colour` is not known; there are zone",
        "case `A`, employee: field `shoe` is not known; there are age",
        "case `A`, employee: `age` is `-1`; give whole years, 0 to 150",
        "case `A`, employee: `regime` is `2099`; give \"code\", \"2148\", \"2098\" or a pack: eu, fr",
        "case `B`, employee: `agreement` `daily_rest.minimum` is 1 h; the law lets an agreement give at least 9 h",
        "case `B`, shifts[0]: `end` is not after `start`",
        "case `B`, shifts[1]: `start` is `\"2026-03-32 08:00\"`; give a local time",
        "case `B`, shifts[2]: `breaks[1]` is `[\"2026-03-03 11:00\"]`; give a pair",
        "case `B`, shifts[2]: `breaks` or `segments` has one from 2026-03-03T09:00:00 outside its shift",
        "case `B`: `shifts` has one that begins at 2026-03-03T11:59:00, before the one before it ends",
        "case number 3: `id` is missing",
        "case number 3: `shifts` is `7`; give a list",
    ];
    assert_eq!(found.len(), parts.len(), "{found:#?}");
    for (found, part) in found.iter().zip(parts) {
        assert!(found.starts_with(part), "{found}\n{part}");
    }
    assert_eq!(cases::read("{", pack::embedded()).unwrap_err().len(), 1);
}
