//! Call logs come out as is expected of them, row for row and millisecond for millisecond.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{play, read, written};

/// Every `*_expected.csv` of the reference's traces.
fn expected_files() -> Vec<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let folder = std::env::var_os("HOMESHORE_REFERENCE").map_or(default, PathBuf::from);
    let entries = fs::read_dir(folder.join("traces")).unwrap();
    let files = entries.map(|entry| entry.unwrap().path());
    let mut expected: Vec<PathBuf> = files
        .filter(|path| path.to_str().unwrap().ends_with("_expected.csv"))
        .collect();
    expected.sort();
    assert!(!expected.is_empty(), "no log was found");
    expected
}

fn rows(text: &[u8]) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text);
    let records = reader.records().map(Result::unwrap);
    records
        .map(|row| row.iter().map(str::to_owned).collect())
        .collect()
}

/// The same rows, the last first.
fn turned(text: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(text).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let rows: Vec<&str> = rows.lines().rev().collect();
    format!("{header}\n{}\n", rows.join("\n")).into_bytes()
}

#[test]
fn every_log_comes_out_as_expected_call_by_call() {
    for expected in expected_files() {
        let part = |name: &str| {
            let path = expected.to_str().unwrap();
            fs::read(path.replace("_expected.csv", name)).unwrap()
        };
        let (agents, calls) = (part("_agents.csv"), part("_calls.csv"));
        let trace = read(&agents, &calls, None).unwrap();
        let result = written(&trace, &play(&trace));
        let (actual, wanted) = (rows(result.as_bytes()), rows(&fs::read(&expected).unwrap()));
        for (actual, wanted) in actual.iter().zip(&wanted) {
            assert_eq!(actual, wanted, "{}", expected.display());
        }
        assert_eq!(actual.len(), wanted.len(), "{}", expected.display());
        let again = read(&turned(&agents), &calls, None).unwrap();
        assert_eq!(
            written(&again, &play(&again)),
            result,
            "again, with the agents in another order: {}",
            expected.display()
        );
    }
}
