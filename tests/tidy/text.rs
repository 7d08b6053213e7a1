//! Checks of a file by its lines and words: length, opening line, clock reads, leftovers, this machine's paths.

use super::{
    Source, hold, sources, tells,
    tokens::{Token, tokens},
};

const LINES_MAX: usize = 500;
const RUST: &[&str] = &["src", "tests", "loadtests", "build.rs"];

fn too_long(source: &Source) -> Vec<String> {
    let lines = source.text.lines().count();
    if lines <= LINES_MAX || !source.is_rust() {
        return Vec::new();
    }
    vec![format!(
        "{}: {lines} lines; split it at {LINES_MAX}",
        source.path
    )]
}

fn without_purpose(source: &Source) -> Vec<String> {
    if !source.is_rust() || source.text.starts_with("//! ") {
        return Vec::new();
    }
    vec![format!(
        "{}: open it with a `//!` line of purpose",
        source.path
    )]
}

fn reads_the_clock(source: &Source) -> Vec<String> {
    if !source.is_rust() || source.path == "src/clock.rs" {
        return Vec::new();
    }
    let tokens = tokens(&source.text);
    let now_of = |name: &str| {
        tokens.windows(3).any(|three| {
            three[0].is_word(name) && three[1] == Token::PathSep && three[2].is_word("now")
        })
    };
    let mut found = Vec::new();
    if now_of("Instant")
        || now_of("SystemTime")
        || tokens.iter().any(|token| token.is_word("UNIX_EPOCH"))
    {
        found.push(format!(
            "{}: reads a clock; time comes from `src/clock.rs`",
            source.path
        ));
    }
    found
}

fn has_leftovers(source: &Source) -> Vec<String> {
    // In two parts, so that this file is not what it looks for.
    let leftovers = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("#[ig", "nore"),
    ];
    let lines = source.text.lines().enumerate();
    lines
        .flat_map(|(at, line)| leftovers.map(|leftover| (at + 1, line, leftover)))
        .filter(|(_, line, leftover)| line.contains(leftover))
        .map(|(at, _, leftover)| format!("{}:{at}: `{leftover}` does not stay", source.path))
        .collect()
}

fn names_a_machine(source: &Source) -> Vec<String> {
    let homes = [
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("/wo", "rk/"),
    ];
    let named = homes.iter().find(|home| source.text.contains(**home));
    named
        .map(|home| format!("{}: `{home}` is a path of one machine", source.path))
        .into_iter()
        .collect()
}

#[test]
fn files_are_short() {
    hold(&sources(RUST), too_long);
}

#[test]
fn files_open_with_their_purpose() {
    hold(&sources(RUST), without_purpose);
}

#[test]
fn clocks_are_read_in_one_file() {
    hold(&sources(RUST), reads_the_clock);
}

#[test]
fn nothing_is_left_for_later() {
    hold(
        &sources(&[
            "src",
            "tests",
            "loadtests",
            "proto",
            "deploy",
            ".ci",
            "build.rs",
            "Makefile",
        ]),
        has_leftovers,
    );
}

#[test]
fn no_file_names_a_machine() {
    let all = [
        "src",
        "tests",
        "loadtests",
        "proto",
        "deploy",
        ".ci",
        "build.rs",
        "Makefile",
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "Cargo.toml",
        "Cargo.lock",
    ];
    hold(&sources(&all), names_a_machine);
}

fn rust(text: &str) -> Source {
    Source::new("src/engine/state.rs", text)
}

#[test]
fn a_long_file_is_told() {
    let lines = |count: usize| "//! Long.\n".repeat(count);
    tells(
        too_long,
        &[rust(&lines(500))],
        &[(rust(&lines(501)), "501 lines")],
    );
}

#[test]
fn a_file_without_purpose_is_told() {
    let bad = ["", "// Not this.\n", "use std::fs;\n//! Late.\n"];
    tells(
        without_purpose,
        &[rust("//! Why.\n")],
        &bad.map(|text| (rust(text), "`//!` line")),
    );
}

#[test]
fn a_clock_read_is_told() {
    let bad = [
        "let t = Instant::now();",
        "let t = tokio::time::Instant :: now();",
        "std::time::SystemTime::now()",
        "use std::time::UNIX_EPOCH;",
    ];
    tells(
        reads_the_clock,
        &[
            rust("// Instant::now\nlet now = clock::instant();"),
            Source::new("src/clock.rs", bad[0]),
        ],
        &bad.map(|text| (rust(text), "reads a clock")),
    );
}

#[test]
fn a_leftover_is_told() {
    let bad = [
        concat!("// TO", "DO: later"),
        concat!("/// FIX", "ME"),
        concat!("fn f() { to", "do!() }"),
        concat!("fn f() { unimple", "mented!() }"),
        concat!("#[ig", "nore = \"slow\"]"),
    ];
    tells(
        has_leftovers,
        &[rust("fn ignore() {} // to do without")],
        &bad.map(|text| (rust(text), ":1: ")),
    );
}

#[test]
fn a_path_of_one_machine_is_told() {
    let bad = rust(concat!("const A: &str = \"/ho", "me/me/a\";"));
    tells(
        names_a_machine,
        &[rust("\"/var/lib/homeshore\"")],
        &[(bad, "one machine")],
    );
}
