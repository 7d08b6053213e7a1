//! The table of metrics in the README is the table of metrics in the code.

use std::collections::BTreeSet;

use super::{
    Source, sources,
    tokens::{Token, tokens},
};

const PREFIXES: [&str; 2] = ["homeshore_", "grpc_server_"];

fn is_name(text: &str) -> bool {
    PREFIXES
        .iter()
        .any(|prefix| text.len() > prefix.len() && text.starts_with(prefix))
        && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// The names in the code: every text that is a whole name.
fn declared(code: &[Source]) -> BTreeSet<String> {
    let texts = code.iter().flat_map(|source| tokens(&source.text));
    texts
        .filter_map(|token| match token {
            Token::Text(text) if is_name(&text) => Some(text),
            Token::Text(_) | Token::Word(_) | Token::PathSep | Token::Mark(_) => None,
        })
        .collect()
}

/// The names in the README: the first column of tables, in backticks.
fn documented(readme: &str) -> BTreeSet<String> {
    let rows = readme.lines().filter_map(|line| line.strip_prefix('|'));
    rows.filter_map(|row| row.split('|').next())
        .map(|cell| cell.trim().trim_matches('`').to_owned())
        .filter(|name| is_name(name))
        .collect()
}

fn check(code: &[Source], readme: &str) -> Vec<String> {
    let (declared, documented) = (declared(code), documented(readme));
    let missing = declared
        .difference(&documented)
        .map(|name| format!("`{name}` is missing in the README's table"));
    let stale = documented
        .difference(&declared)
        .map(|name| format!("`{name}` is in the README's table, and no metric"));
    missing.chain(stale).collect()
}

#[test]
fn the_readme_names_every_metric() {
    let code = sources(&["src/metrics.rs", "src/metrics"]);
    let readme = sources(&["README.md"]);
    let readme = readme.first().map_or("", |source| &source.text);
    let faults = check(&code, readme);
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
    assert!(
        code.is_empty() || !declared(&code).is_empty(),
        "no metric was found"
    );
}

#[test]
fn a_metric_in_one_place_alone_is_told() {
    let code = [Source::new(
        "src/metrics.rs",
        r#"A = Counter "homeshore_calls_total", "Not homeshore_this."; B = "homeshore_wait_seconds"; // "homeshore_old""#,
    )];
    let both =
        "| name |\n|---|\n| `homeshore_calls_total` | counter |\n| `homeshore_wait_seconds` | |\n";
    assert_eq!(check(&code, both), [""; 0]);
    let faults = check(
        &code,
        "| `homeshore_calls_total` | |\n| `homeshore_waits` | |\n`homeshore_wait_seconds`",
    );
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(
        faults[0].contains("`homeshore_wait_seconds` is missing"),
        "{faults:?}"
    );
    assert!(
        faults[1].contains("`homeshore_waits` is in the README's"),
        "{faults:?}"
    );
}
