//! The dashboards' files, as far as they can be judged without Grafana. `scraped` asks a Prometheus what they ask.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use serde_json::Value;

use crate::support::tools::tool;

/// The dashboards, by file name.
pub(super) fn all() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/grafana/dashboards");
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut dashboards: Vec<_> = files
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, serde_json::from_str(&text).unwrap())
        })
        .collect();
    dashboards.sort_by(|a, b| a.0.cmp(&b.0));
    dashboards
}

/// Every question of a dashboard, as Prometheus gets it where everything is chosen.
pub(super) fn questions(dashboard: &Value) -> Vec<String> {
    let targets = list(dashboard, "panels")
        .iter()
        .flat_map(|panel| list(panel, "targets"));
    let asked = targets.map(|target| text(target, "expr").to_owned());
    asked
        .map(|expr| {
            expr.replace("$pool", ".*")
                .replace("$queue", ".*")
                .replace("$__rate_interval", "1m")
        })
        .collect()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    let list = value[key].as_array();
    list.unwrap_or_else(|| panic!("`{key}` is a list in {value}"))
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    let text = value[key].as_str();
    text.unwrap_or_else(|| panic!("`{key}` is a text in {value}"))
}

fn number(value: &Value, key: &str) -> u64 {
    let number = value[key].as_u64();
    number.unwrap_or_else(|| panic!("`{key}` is a number in {value}"))
}

/// The fields of the grid that a panel covers.
fn fields(panel: &Value) -> impl Iterator<Item = (u64, u64)> {
    let grid = &panel["gridPos"];
    let [x, y, w, h] = ["x", "y", "w", "h"].map(|key| number(grid, key));
    assert!(w > 0 && h > 0 && x + w <= 24, "{grid}");
    (x..x + w).flat_map(move |x| (y..y + h).map(move |y| (x, y)))
}

fn check_panel(panel: &Value) {
    let title = text(panel, "title");
    assert!(
        text(panel, "description").len() > 20,
        "{title} says what it is"
    );
    let unit = text(&panel["fieldConfig"]["defaults"], "unit");
    assert!(
        [
            "short",
            "s",
            "percentunit",
            "reqps",
            "bytes",
            "Bps",
            "dateTimeFromNow"
        ]
        .contains(&unit),
        "{title}: {unit} is a unit of Grafana that is known here"
    );
    assert!(["timeseries", "stat", "bargauge"].contains(&text(panel, "type")));
    assert_eq!(
        text(&panel["datasource"], "uid"),
        "${datasource}",
        "{title}"
    );
    let mut refs = BTreeSet::new();
    for target in list(panel, "targets") {
        assert!(refs.insert(text(target, "refId")), "{title}");
        assert_eq!(
            text(&target["datasource"], "uid"),
            "${datasource}",
            "{title}"
        );
        text(target, "legendFormat");
    }
    assert!(!refs.is_empty(), "{title} asks something");
}

#[test]
fn dashboards_have_the_shape_that_grafana_reads() {
    let (mut uids, mut titles) = (BTreeSet::new(), BTreeSet::new());
    for (file, dashboard) in all() {
        assert_eq!(text(&dashboard, "uid"), file, "links go by it");
        assert!(uids.insert(file.clone()) && titles.insert(text(&dashboard, "title").to_owned()));
        assert!(text(&dashboard, "description").len() > 20);
        number(&dashboard, "schemaVersion");
        let (mut ids, mut covered) = (BTreeSet::new(), BTreeSet::new());
        for panel in list(&dashboard, "panels") {
            check_panel(panel);
            assert!(ids.insert(number(panel, "id")), "{panel}");
            for field in fields(panel) {
                assert!(covered.insert(field), "{file}: panels overlap at {field:?}");
            }
        }
    }
    assert_eq!(uids.len(), 4);
}

#[test]
fn dashboards_are_as_they_are_generated() {
    let checked = Command::new(tool("clients-python"))
        .args(["deploy/grafana/generate.py", "--check"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let problem = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{problem}");
}

#[test]
fn dashboards_name_no_pool_queue_or_data_source_of_their_own() {
    for (file, dashboard) in all() {
        let variables = list(&dashboard["templating"], "list");
        let names: Vec<&str> = variables
            .iter()
            .map(|variable| text(variable, "name"))
            .collect();
        assert_eq!(names[..2], ["datasource", "pool"], "{file}");
        for question in questions(&dashboard) {
            assert!(!question.contains('$'), "{file}: {question}");
            assert!(
                !question.contains("pool=\"") && !question.contains("queue=\""),
                "{file}: {question}"
            );
        }
    }
}
