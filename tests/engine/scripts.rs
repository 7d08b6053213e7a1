//! Every script in `tests/scripts` comes out as it is written. To write them anew, for review as a diff, set
//! `HOMESHORE_WRITE_SCRIPTS`.

use std::{fs, path::PathBuf};

use super::script::replay;

#[test]
fn every_script_comes_out_as_it_is_written() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scripts");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() >= 20, "only {} scripts were found", files.len());
    let write = std::env::var_os("HOMESHORE_WRITE_SCRIPTS").is_some();
    let mut wrong = Vec::new();
    for file in files {
        let expected = fs::read_to_string(&file).unwrap();
        let actual = replay(&expected);
        if write {
            fs::write(&file, actual).unwrap();
        } else if actual != expected {
            wrong.push(format!(
                "{}:\n{}",
                file.display(),
                difference(&expected, &actual)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The first line at which two texts part, with both.
fn difference(expected: &str, actual: &str) -> String {
    let pairs = expected.lines().zip(actual.lines()).enumerate();
    let first = pairs
        .filter(|(_, (a, b))| a != b)
        .map(|(at, (a, b))| (at + 1, a, b))
        .next();
    match first {
        Some((at, a, b)) => format!("line {at}\n  expected: {a}\n  actual:   {b}"),
        None => "one ends before the other".to_owned(),
    }
}
