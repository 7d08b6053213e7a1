//! The README's table of metrics says of each what the code says.

use homeshore::metrics::{Kind, TABLE};

/// The rows of the README's table: name, kind and labels.
pub(super) fn documented() -> Vec<[String; 3]> {
    let readme = include_str!("../../README.md");
    let (_, table) = readme
        .split_once("| metric | kind | labels | what it counts |\n|---|---|---|---|\n")
        .expect("the README has the table");
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let rows = rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        [cells[1].trim_matches('`'), cells[2], cells[3]].map(str::to_owned)
    });
    rows.collect()
}

#[test]
fn the_readme_has_each_metrics_kind_and_labels() {
    let declared = TABLE.iter().map(|metric| {
        let kind = match metric.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        [
            metric.name.to_owned(),
            kind.to_owned(),
            metric.labels.join(", "),
        ]
    });
    assert_eq!(documented(), declared.collect::<Vec<_>>());
}
