//! The rows of the reference tables, as scenarios with what theory says of them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use super::{Comparison, erlang, skills};

/// A row, or the rows of a design.
pub(super) enum Row {
    ErlangC(Cells),
    ErlangA(Cells),
    Design(Vec<Cells>),
}

/// Cells by column.
pub(super) struct Cells(BTreeMap<String, String>);

impl Cells {
    pub(super) fn text(&self, column: &str) -> &str {
        self.0
            .get(column)
            .unwrap_or_else(|| panic!("column {column} is missing"))
    }

    pub(super) fn number(&self, column: &str) -> f64 {
        let text = self.text(column);
        text.parse()
            .unwrap_or_else(|_| panic!("{column} is {text}"))
    }
}

impl Row {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::ErlangC(cells) | Self::ErlangA(cells) => cells.text("case"),
            Self::Design(classes) => classes[0].text("design"),
        }
    }

    pub(super) fn play(&self, volume: u64) -> Vec<Comparison> {
        match self {
            Self::ErlangC(cells) => erlang::play(cells, None, volume),
            Self::ErlangA(cells) => erlang::play(cells, Some(cells.number("patience_s")), volume),
            Self::Design(classes) => skills::play(classes, volume),
        }
    }
}

/// Every row of every table of the folder.
pub(super) fn rows() -> Vec<Row> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let folder = std::env::var_os("HOMESHORE_REFERENCE").map_or(default, PathBuf::from);
    let folder = folder.join("queueing");
    let files =
        fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().flat_map(|file| read(file)).collect()
}

fn read(file: &Path) -> Vec<Row> {
    let name = file.file_name().unwrap().to_str().unwrap();
    if file.extension().is_none_or(|end| end != "csv") {
        return Vec::new();
    }
    if name.starts_with("erlang_c") {
        return cells(file).into_iter().map(Row::ErlangC).collect();
    }
    if name.starts_with("erlang_a") {
        return cells(file).into_iter().map(Row::ErlangA).collect();
    }
    if !name.starts_with("skill_designs") {
        return Vec::new();
    }
    let mut designs: BTreeMap<String, Vec<Cells>> = BTreeMap::new();
    for class in cells(file) {
        let design = designs.entry(class.text("design").to_owned());
        design.or_default().push(class);
    }
    designs.into_values().map(Row::Design).collect()
}

fn cells(file: &Path) -> Vec<Cells> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    let headers = reader.headers().unwrap().clone();
    let records = reader.records().map(|record| {
        let record = record.unwrap();
        let pairs = headers.iter().zip(&record);
        Cells(
            pairs
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
        )
    });
    records.collect()
}
