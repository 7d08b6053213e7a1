//! The commands compute all columns of the reference tables from those that they read.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use crate::support::program::{file, run};

type Row = BTreeMap<String, String>;

/// A kind of table: how its files begin, its command, the columns that the command reads, and how exactly the others hold.
struct Table {
    start: &'static str,
    command: &'static [&'static str],
    inputs: &'static [&'static str],
    near: fn(f64, f64) -> bool,
}

const QUEUEING: [Table; 4] = [
    Table {
        start: "erlang_b",
        command: &["erlang", "b"],
        inputs: &["offered_erlang", "lines"],
        near: to_eight_digits,
    },
    Table {
        start: "erlang_c",
        command: &["erlang", "c"],
        inputs: &["interval_s", "calls", "aht_s", "agents", "target_s"],
        near: to_eight_digits,
    },
    Table {
        start: "erlang_a",
        command: &["erlang", "a"],
        inputs: &[
            "interval_s",
            "calls",
            "aht_s",
            "patience_s",
            "agents",
            "target_s",
        ],
        near: to_eight_digits,
    },
    Table {
        start: "required_agents",
        command: &["erlang", "required"],
        inputs: &[
            "model",
            "interval_s",
            "calls",
            "aht_s",
            "patience_s",
            "target_s",
            "target_sl",
            "max_occupancy",
            "max_abandonment",
            "shrinkage",
        ],
        near: to_eight_digits,
    },
];

const VOICE: Table = Table {
    start: "g107",
    command: &["mos"],
    inputs: &[
        "codec",
        "ie",
        "bpl",
        "one_way_delay_ms",
        "packet_loss_pct",
        "burst_ratio",
    ],
    near: |expected, found| (expected - found).abs() <= 0.5e-4,
};

fn to_eight_digits(expected: f64, found: f64) -> bool {
    (expected - found).abs() <= 0.5e-8 * expected.abs()
}

pub(super) fn files(folder: &str, start: &str) -> Vec<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let root = std::env::var_os("HOMESHORE_REFERENCE").map_or(default, PathBuf::from);
    let folder = root.join(folder);
    let found = fs::read_dir(&folder);
    let found = found.unwrap_or_else(|problem| panic!("{}: {problem}", folder.display()));
    let is_one = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with(start) && (name.ends_with(".csv") || name.ends_with(".csv.gz"))
    };
    let mut found: Vec<PathBuf> = found
        .map(|entry| entry.unwrap().path())
        .filter(is_one)
        .collect();
    found.sort();
    found
}

fn rows(text: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

/// The rows' columns that the command reads, and no others.
fn inputs(table: &Table, rows: &[Row]) -> String {
    let mut text = table.inputs.join(",") + "\n";
    for row in rows {
        let cells: Vec<String> = table
            .inputs
            .iter()
            .map(|name| format!("\"{}\"", row[*name]))
            .collect();
        text += &(cells.join(",") + "\n");
    }
    text
}

fn check(table: &Table, path: &Path) -> usize {
    let expected = rows(&fs::read_to_string(path).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let given = file(folder.path(), "given.csv", &inputs(table, &expected));
    let (code, stdout, stderr) = run(&[table.command, &["--csv", &given]].concat());
    assert_eq!(code, 0, "{}: {stderr}", path.display());
    let found = rows(&stdout);
    assert_eq!(found.len(), expected.len(), "{}", path.display());
    for (expected, found) in expected.iter().zip(&found) {
        for (column, cell) in expected {
            let is_measure = column != "case" && !table.inputs.contains(&column.as_str());
            assert!(
                !is_measure || is_near(table, cell, &found[column]),
                "{}: {column} is {} in {expected:?}",
                path.display(),
                found[column]
            );
        }
    }
    found.len()
}

fn is_near(table: &Table, expected: &str, found: &str) -> bool {
    let number = |text: &str| text.parse::<f64>();
    match (number(expected), number(found)) {
        (Ok(expected), Ok(found)) => (table.near)(expected, found),
        (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
        (Err(_), Err(_)) => expected.is_empty() && found.is_empty(),
    }
}

#[test]
fn queues_equal_the_exact_tables_to_eight_digits() {
    for table in &QUEUEING {
        let files = files("queueing", table.start);
        assert!(!files.is_empty(), "no {}*.csv", table.start);
        let rows: usize = files.iter().map(|file| check(table, file)).sum();
        assert!(rows > 0, "no row in {}*.csv", table.start);
    }
}

#[test]
fn voice_lines_equal_the_tables_of_g107_to_four_decimals() {
    let files = files("voice", VOICE.start);
    assert!(!files.is_empty(), "no {}*.csv", VOICE.start);
    let rows: usize = files.iter().map(|file| check(&VOICE, file)).sum();
    assert!(rows > 0, "no row");
}
