//! The calendar against independent lists and figures, its files, and what the command line says of it.

mod files;
mod holidays;
mod shifts;
mod told;
mod windows;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// A row of a table by its columns' names.
type Row = BTreeMap<String, String>;

/// The rows of every table of the reference folder `holidays` whose name has `part` in it.
fn reference(part: &str) -> Vec<(String, Row)> {
    let given = std::env::var_os("HOMESHORE_REFERENCE");
    tables(&given.map_or_else(project, PathBuf::from), part)
}

/// The same of the project's own folder, whatever folder is named: lists that cover every region that is shipped.
fn own(part: &str) -> Vec<(String, Row)> {
    tables(&project(), part)
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference")
}

fn tables(folder: &Path, part: &str) -> Vec<(String, Row)> {
    let folder = folder.join("holidays");
    let files =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|file| {
        let name = file.file_name().unwrap().to_str().unwrap();
        name.contains(part) && file.extension() == Some("csv".as_ref())
    });
    files.sort();
    assert!(
        !files.is_empty(),
        "no table `*{part}*.csv` in {}",
        folder.display()
    );
    files.iter().flat_map(|file| rows(file)).collect()
}

/// The rows of a table, each with where it stands.
fn rows(file: &Path) -> Vec<(String, Row)> {
    let mut table = csv::Reader::from_path(file).unwrap();
    let heads = table.headers().unwrap().clone();
    let rows = table.records().map(|record| {
        let record = record.unwrap();
        let at = format!("{}:{}", file.display(), record.position().unwrap().line());
        let cells = heads.iter().zip(record.iter());
        (
            at,
            cells
                .map(|(head, cell)| (head.to_owned(), cell.to_owned()))
                .collect(),
        )
    });
    rows.collect()
}
