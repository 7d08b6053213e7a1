//! The report with pictures: one well-formed file that tells what `--out` tells, in words, pictures and tables.

use std::{collections::BTreeMap, fs};

use roxmltree::{Document, Node, ParsingOptions};
use tempfile::TempDir;

use super::{POOL, changed, scenario, simulate};
use crate::support::program::{file, run};

/// A page and the figures beside it.
struct Told {
    page: String,
    figures: Vec<BTreeMap<String, String>>,
}

fn told(folder: &TempDir, arguments: &[&str]) -> Told {
    let [page, figures] = ["r.html", "r.csv"].map(|name| {
        let path = folder.path().join(name);
        path.to_str().unwrap().to_owned()
    });
    simulate(&[arguments, &["--html", &page, "--out", &figures]].concat());
    let mut reader = csv::Reader::from_path(&figures).unwrap();
    Told {
        page: fs::read_to_string(page).unwrap(),
        figures: reader.deserialize().map(Result::unwrap).collect(),
    }
}

impl Told {
    /// The page is written so that parsers of XML take it too: every tag is closed, every attribute quoted.
    fn document(&self) -> Document<'_> {
        let options = ParsingOptions {
            allow_dtd: true,
            ..ParsingOptions::default()
        };
        Document::parse_with_options(&self.page, options).unwrap()
    }

    /// What the page writes for a figure: its number, and its interval.
    fn written(&self, wanted: &[(&str, &str)]) -> (String, String) {
        let mut rows = self.figures.iter();
        let row = rows.find(|row| wanted.iter().all(|(key, value)| row[*key] == *value));
        let row = row.unwrap_or_else(|| panic!("no figure {wanted:?}"));
        written(row, ["value", "low", "high"])
    }
}

fn written(row: &BTreeMap<String, String>, [value, low, high]: [&str; 3]) -> (String, String) {
    let number = |key: &str| {
        let number: f64 = row[key].parse().unwrap();
        let text = match row["unit"].as_str() {
            "share" => format!("{:.2}", number * 100.0),
            "count" => format!("{number:.1}"),
            _ => format!("{number:.2}"),
        };
        let is_zero = !text.contains(|c: char| ('1'..='9').contains(&c));
        text.trim_start_matches(if is_zero { "-" } else { "" })
            .to_owned()
    };
    if row[value].is_empty() {
        return ("no data".to_owned(), String::new());
    }
    if row[low].is_empty() {
        return (number(value), String::new());
    }
    (
        number(value),
        format!("{} to {}", number(low), number(high)),
    )
}

fn text(node: Node<'_, '_>) -> String {
    let texts = node.descendants().filter(Node::is_text);
    let text: String = texts.filter_map(|node| node.text()).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn all<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Vec<Node<'a, 'i>> {
    let found = node.descendants().filter(|node| node.has_tag_name(name));
    found.collect()
}

fn by_id<'a, 'i>(document: &'a Document<'i>, id: &str) -> Node<'a, 'i> {
    let mut nodes = document.descendants();
    let found = nodes.find(|node| node.attribute("id") == Some(id));
    found.unwrap_or_else(|| panic!("no {id}"))
}

/// Names, then numbers with their intervals.
type Line = (Vec<String>, Vec<(String, String)>);

/// A table by its lines: names, then numbers with their intervals.
fn lines(table: Node<'_, '_>) -> Vec<Line> {
    let body = all(table, "tbody")[0];
    let line = |row: Node<'_, '_>| {
        let cell = |cell: Node<'_, '_>| {
            let range = all(cell, "span").first().map(|span| text(*span));
            let own: String = cell
                .children()
                .filter(Node::is_text)
                .filter_map(|node| node.text())
                .collect();
            (own.trim().to_owned(), range.unwrap_or_default())
        };
        let names = all(row, "th").into_iter().map(text).collect();
        (names, all(row, "td").into_iter().map(cell).collect())
    };
    all(body, "tr").into_iter().map(line).collect()
}

fn ms(clock: &str) -> String {
    let (hours, minutes) = clock.split_once(':').unwrap();
    let minutes = hours.parse::<u64>().unwrap() * 60 + minutes.parse::<u64>().unwrap();
    ((minutes - 17 * 60) * 60_000).to_string()
}

#[test]
fn a_report_is_well_formed_and_needs_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let told = told(&folder, &[&scenario(folder.path())]);
    let document = told.document();
    let root = document.root_element();
    assert_eq!(root.attribute("lang"), Some("en"));
    for gone in [
        "http:",
        "https:",
        "url(",
        "@import",
        "<script",
        " src=",
        " style=",
        "javascript:",
    ] {
        assert!(!told.page.contains(gone), "{gone}");
    }
    let links = all(root, "a").into_iter();
    for link in links.filter_map(|link| link.attribute("href")) {
        by_id(
            &document,
            link.strip_prefix('#').expect("a place on the page"),
        );
    }
    let policy = all(root, "meta").into_iter();
    let policy = policy.filter_map(|meta| {
        meta.attribute("content")
            .filter(|_| meta.has_attribute("http-equiv"))
    });
    let style = text_of_style(&told.page);
    let digest = base64::Engine::encode(
        &base64::prelude::BASE64_STANDARD,
        <sha2::Sha256 as sha2::Digest>::digest(style),
    );
    let wanted = format!(
        "default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    );
    assert_eq!(policy.collect::<Vec<_>>(), [wanted]);
    let mut ids: Vec<&str> = document
        .descendants()
        .filter_map(|node| node.attribute("id"))
        .collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "an id is there twice");
}

fn text_of_style(page: &str) -> &str {
    let (_, rest) = page.split_once("<style>").unwrap();
    rest.split_once("</style>").unwrap().0
}

#[test]
fn names_of_files_are_text_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let told = told(&folder, &[&scenario(folder.path())]);
    let document = told.document();
    let root = document.root_element();
    let name = "<script>alert(1)</script> & \"more\"";
    assert_eq!(
        all(root, "h1").into_iter().map(text).collect::<Vec<_>>(),
        [name]
    );
    assert_eq!(
        text(all(root, "title")[0]),
        format!("{name}: simulation report")
    );
    let staff = lines(by_id(&document, "staff"));
    assert_eq!(staff[0].0, ["home <b>&'x"]);
}

#[test]
fn those_who_cannot_see_pictures_have_words_and_tables() {
    let folder = tempfile::tempdir().unwrap();
    let told = told(&folder, &[&scenario(folder.path())]);
    let document = told.document();
    let root = document.root_element();
    let headings = root
        .descendants()
        .filter(|node| matches!(node.tag_name().name(), "h1" | "h2" | "h3"));
    let headings: Vec<&str> = headings.map(|node| node.tag_name().name()).collect();
    assert_eq!(
        (headings[0], headings[1..].iter().all(|it| *it == "h2")),
        ("h1", true)
    );
    let figures = all(root, "figure");
    let titles: Vec<String> = figures
        .iter()
        .map(|it| text(all(*it, "figcaption")[0]))
        .collect();
    let expected = [
        "Waits: billing",
        "Waits: technical",
        "Waits: all queues",
        "Service level: billing",
        "Service level: technical",
        "Service level: all queues",
        "Occupancy by site kind",
    ];
    assert_eq!(titles, expected);
    for (figure, title) in figures.iter().zip(&titles) {
        let picture = all(*figure, "svg")[0];
        assert_eq!(picture.attribute("role"), Some("img"));
        let words = picture.attribute("aria-labelledby").unwrap();
        let words: Vec<String> = words
            .split(' ')
            .map(|id| text(by_id(&document, id)))
            .collect();
        assert_eq!(&words[0], title);
        assert!(
            words[1].starts_with("17:30 to 19:00. ") && words[1].contains("lowest"),
            "{words:?}"
        );
        let series = all(picture, "g")
            .into_iter()
            .map(|it| text(all(it, "text")[0]))
            .collect::<Vec<_>>();
        let heads = all(all(*figure, "thead")[0], "th").into_iter().skip(1);
        let heads: Vec<String> = heads
            .map(|head| head.text().unwrap().trim().to_owned())
            .collect();
        assert_eq!(series, heads);
        assert_eq!(lines(*figure).len(), 3, "{title}");
    }
    for table in all(root, "table") {
        assert!(!text(all(table, "caption")[0]).is_empty());
        assert!(
            all(table, "th")
                .iter()
                .all(|head| head.has_attribute("scope"))
        );
        let columns = all(all(table, "thead")[0], "th").len();
        assert!(
            lines(table)
                .iter()
                .all(|(names, cells)| names.len() + cells.len() == columns)
        );
    }
    assert!(text(root).contains("Nobody called quiet: it has no picture."));
}

fn whole<'a>(scope: &'a str, name: &'a str, measure: &'a str) -> [(&'a str, &'a str); 4] {
    [
        ("scope", scope),
        ("name", name),
        ("measure", measure),
        ("from", ""),
    ]
}

#[test]
fn the_numbers_are_those_of_the_figures() {
    let folder = tempfile::tempdir().unwrap();
    let told = told(&folder, &[&scenario(folder.path())]);
    let document = told.document();
    let mut count = 0;
    let mut hold = |seen: &(String, String), wanted: &[(&str, &str)]| {
        assert_eq!(*seen, told.written(wanted), "{wanted:?}");
        count += 1;
    };
    let service = [
        "offered",
        "sl_offered",
        "sl_answered",
        "sl_excl_short",
        "p_abandon",
        "mean_wait_all",
        "wait_p95",
    ];
    for (names, cells) in lines(by_id(&document, "service")) {
        for (measure, seen) in service.iter().zip(&cells[1..]) {
            hold(seen, &whole("queue", &names[0], measure));
        }
    }
    let targets = lines(by_id(&document, "service"))
        .into_iter()
        .map(|(_, cells)| cells[0].0.clone());
    assert_eq!(
        targets.collect::<Vec<_>>(),
        ["20", "30", "7.5", "each its own"]
    );
    let staff = [
        "signed_in",
        "occupancy",
        "connected",
        "wrap_up",
        "offered",
        "idle",
        "not_ready",
        "line_lost",
    ];
    for (table, scope) in [("staff", "staff"), ("sites", "site")] {
        for (names, cells) in lines(by_id(&document, table)) {
            for (measure, seen) in staff.iter().zip(&cells) {
                hold(seen, &whole(scope, &names[0], measure));
            }
        }
    }
    for (names, cells) in lines(by_id(&document, "work-shares")) {
        hold(&cells[0], &whole("work", &names[0], &names[1]));
    }
    assert!(count > 40, "{count}");
}

#[test]
fn the_numbers_of_pictures_are_those_of_the_figures() {
    let folder = tempfile::tempdir().unwrap();
    let told = told(&folder, &[&scenario(folder.path())]);
    let document = told.document();
    let pictures = [
        (
            "wait-1",
            "queue",
            vec![("billing", "mean_wait_all"), ("billing", "wait_p95")],
        ),
        (
            "wait-3",
            "queue",
            vec![("all", "mean_wait_all"), ("all", "wait_p95")],
        ),
        ("level-2", "queue", vec![("technical", "sl_offered")]),
        (
            "occupancy-1",
            "site",
            vec![("home", "occupancy"), ("telecentre", "occupancy")],
        ),
    ];
    for (picture, scope, series) in &pictures {
        for (names, cells) in lines(by_id(&document, picture)) {
            let (from, to) = names[0].split_once(" to ").unwrap();
            let (from, to) = (ms(from), ms(to));
            for ((name, measure), seen) in series.iter().zip(&cells) {
                let times = [("from", from.as_str()), ("to", to.as_str())];
                let row = [("scope", *scope), ("name", name), ("measure", measure)];
                assert_eq!(*seen, told.written(&[&row[..], &times].concat()), "{row:?}");
            }
        }
    }
}

#[test]
fn the_marks_of_a_picture_stand_at_its_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let told = told(&folder, &[&scenario(folder.path())]);
    let document = told.document();
    let figure = by_id(&document, "level-1");
    let ticks = all(figure, "text")
        .into_iter()
        .filter(|it| it.attribute("class") == Some("value"));
    let ticks: Vec<f64> = ticks
        .map(|it| it.attribute("y").unwrap().parse().unwrap())
        .collect();
    let (bottom, top) = (ticks[0], ticks[4]);
    let marks = all(all(figure, "g")[0], "path").into_iter();
    let marks = marks.filter(|it| it.attribute("class") == Some("mark"));
    let at = |mark: Node<'_, '_>| -> f64 {
        let start = mark
            .attribute("d")
            .unwrap()
            .split(['a', ' '])
            .nth(1)
            .unwrap();
        start.parse().unwrap()
    };
    let marks: Vec<f64> = marks.map(at).collect();
    let lines = lines(figure);
    assert_eq!(marks.len(), lines.len() + 1, "with that of the key");
    for (mark, (_, cells)) in marks.iter().zip(lines) {
        let share: f64 = cells[0].0.parse().unwrap();
        let wanted = bottom - (bottom - top) * share / 100.0;
        assert!((mark - wanted).abs() < 0.1, "{mark} is not at {wanted}");
    }
}

#[test]
fn two_sides_are_told_with_their_differences() {
    let folder = tempfile::tempdir().unwrap();
    let path = scenario(folder.path());
    let other = file(folder.path(), "other.toml", &POOL.replacen("20s", "40s", 1));
    let told = told(&folder, &[&path, "--compare-pool", &other]);
    let document = told.document();
    let names = lines(by_id(&document, "service"))
        .into_iter()
        .map(|(names, _)| names.join(" "));
    assert_eq!(
        names.take(3).collect::<Vec<_>>(),
        ["billing first", "billing second", "technical first"]
    );
    let facts = lines(by_id(&document, "facts"));
    assert!(facts[0].1[1].0.ends_with("other.toml"), "{facts:?}");
    let differences = lines(by_id(&document, "queue-differences"));
    let billing = &differences[1];
    assert_eq!(billing.0, ["billing", "Within T, of the offered"]);
    let row = told.figures.iter().find(|row| {
        row["name"] == "billing" && row["measure"] == "sl_offered" && row["from"].is_empty()
    });
    let (value, range) = written(
        row.unwrap(),
        ["difference", "difference_low", "difference_high"],
    );
    assert_eq!(billing.1[2], (format!("+{value} points"), range));
    assert_eq!(billing.1[3].0, "yes, more");
    assert_eq!(differences[0].1[3].0, "no, equal", "the same callers came");
    let titles = all(document.root_element(), "figcaption")
        .into_iter()
        .map(text);
    assert!(titles.collect::<Vec<_>>().ends_with(&[
        "Occupancy: home".to_owned(),
        "Occupancy: telecentre".to_owned()
    ]));
}

#[test]
fn batches_are_no_times_of_day_and_one_sample_has_no_interval() {
    let folder = tempfile::tempdir().unwrap();
    let batches = changed(
        folder.path(),
        "b.toml",
        &[("interval = \"30m\"", "batches = 3")],
    );
    let told_batches = told(&folder, &[&batches]);
    let document = told_batches.document();
    assert!(all(document.root_element(), "figure").is_empty());
    assert!(!told_batches.page.contains("over the day"), "no empty part");
    let once = told(&folder, &[&scenario(folder.path()), "--replications", "1"]);
    assert!(once.page.contains("There is one sample only"));
    assert!(!once.page.contains("class=\"range\"") && !once.page.contains("class=\"band\""));
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_threads() {
    let folder = tempfile::tempdir().unwrap();
    let path = scenario(folder.path());
    let pages = ["1", "1", "2"].map(|threads| told(&folder, &[&path, "--threads", threads]).page);
    assert!(pages[0] == pages[1] && pages[0] == pages[2]);
    let other = told(&folder, &[&path, "--seed", "8"]).page;
    assert!(pages[0] != other);
}

#[test]
fn a_report_has_a_file_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = scenario(folder.path());
    let new = folder.path().join("new");
    let new = new.to_str().unwrap();
    let beside = format!("{}/./new", folder.path().display());
    let cases: [(&[&str], &str); 4] = [
        (&["--html", &path], "--html: "),
        (
            &["--html", new, "--events", &beside],
            "--html and --events name the same file; give two",
        ),
        (
            &["--html", new, "--out", &beside],
            "--out and --html name the same file; give two",
        ),
        (
            &["--html", "/does/not/exist"],
            "--html: cannot write /does/not/exist",
        ),
    ];
    for (arguments, expected) in cases {
        let (code, stdout, stderr) = run(&[&["simulate", &path], arguments].concat());
        assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
    }
    let mut names: Vec<_> = fs::read_dir(folder.path())
        .unwrap()
        .map(|it| it.unwrap().file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["pool.toml", "scenario.toml"]);
}
