//! Which crates may be in the program: their licences, where they come from, and a few that are kept out.

use std::process::Command;

use serde_json::Value;

/// Licences that ask no more of a user than to name the authors.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Crates that are kept out, and why.
const BANNED: &[(&str, &str)] = &[
    ("aws-lc-sys", "a second TLS, and a C build"),
    ("bindgen", "needs a C compiler's library to build"),
    ("chrono-tz", "its time zones are out of date; use jiff"),
    ("cmake", "needs a C build"),
    ("native-tls", "a second TLS"),
    ("openssl-sys", "a second TLS, and a C build"),
];

/// Whether a licence expression leaves a choice that is allowed.
fn is_allowed(expression: &str) -> bool {
    let spaced = expression
        .replace('/', " OR ")
        .replace('(', " ( ")
        .replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let (allowed, rest) = either(&words);
    allowed && rest.is_empty()
}

fn either<'w>(words: &'w [&'w str]) -> (bool, &'w [&'w str]) {
    let (mut allowed, mut rest) = both(words);
    while let ["OR", after @ ..] = rest {
        let (other, left) = both(after);
        allowed |= other;
        rest = left;
    }
    (allowed, rest)
}

fn both<'w>(words: &'w [&'w str]) -> (bool, &'w [&'w str]) {
    let (mut allowed, mut rest) = one(words);
    while let ["AND", after @ ..] = rest {
        let (other, left) = one(after);
        allowed &= other;
        rest = left;
    }
    (allowed, rest)
}

fn one<'w>(words: &'w [&'w str]) -> (bool, &'w [&'w str]) {
    match words {
        ["(", rest @ ..] => {
            let (allowed, rest) = either(rest);
            (
                allowed && rest.first() == Some(&")"),
                rest.get(1..).unwrap_or(&[]),
            )
        }
        [licence, "WITH", exception, rest @ ..] => (
            LICENCES.contains(&format!("{licence} WITH {exception}").as_str()),
            rest,
        ),
        [licence, rest @ ..] => (LICENCES.contains(licence), rest),
        [] => (false, words),
    }
}

/// What is wrong with the crates of `cargo metadata`.
fn check(metadata: &Value) -> Vec<String> {
    let packages = metadata["packages"].as_array().unwrap();
    packages.iter().flat_map(check_one).collect()
}

fn check_one(package: &Value) -> Vec<String> {
    let name = package["name"].as_str().unwrap();
    let mut found = Vec::new();
    let licence = package["license"].as_str().unwrap_or("none");
    if !is_allowed(licence) {
        found.push(format!("`{name}`: its licence is {licence}"));
    }
    let source = package["source"].as_str();
    if source.is_some_and(|source| !source.starts_with("registry+")) {
        found.push(format!("`{name}`: it comes from no registry"));
    }
    if let Some((_, why)) = BANNED.iter().find(|(banned, _)| *banned == name) {
        found.push(format!("`{name}`: {why}"));
    }
    found
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "`{program} {}`: {error}",
        arguments.join(" ")
    );
    String::from_utf8(output.stdout).unwrap()
}

/// The crates for this kind of machine; those for others are not fetched.
fn metadata() -> Value {
    let about = run("rustc", &["-vV"]);
    let host = about
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    let arguments = [
        "metadata",
        "--format-version=1",
        "--locked",
        "--offline",
        "--filter-platform",
        host,
    ];
    serde_json::from_str(&run(env!("CARGO"), &arguments)).unwrap()
}

#[test]
fn every_crate_may_be_used() {
    let faults = check(&metadata());
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn licences_are_read_as_choices_and_sums() {
    for good in [
        "MIT",
        "MIT/Apache-2.0",
        "GPL-2.0 OR MIT",
        "(MIT OR Apache-2.0) AND Unicode-3.0",
        "Apache-2.0 WITH LLVM-exception OR X",
    ] {
        assert!(is_allowed(good), "{good}");
    }
    for bad in [
        "",
        "none",
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "(MIT OR X) AND Y",
        "MIT WITH Strings",
        "(MIT",
        "MIT)",
    ] {
        assert!(!is_allowed(bad), "{bad}");
    }
}

#[test]
fn a_crate_that_may_not_be_used_is_told() {
    let registry = "registry+https://example.org";
    let one = |name: &str, licence: Option<&str>, source: &str| serde_json::json!({"packages": [{"name": name, "license": licence, "source": source}]});
    assert_eq!(check(&one("good", Some("MIT"), registry)), [""; 0]);
    assert_eq!(
        check(&one("a", Some("AGPL-3.0"), registry)),
        ["`a`: its licence is AGPL-3.0"]
    );
    assert_eq!(
        check(&one("b", None, registry)),
        ["`b`: its licence is none"]
    );
    assert_eq!(
        check(&one("c", Some("MIT"), "git+https://example.org")),
        ["`c`: it comes from no registry"]
    );
    assert_eq!(
        check(&one("native-tls", Some("MIT"), registry)),
        ["`native-tls`: a second TLS"]
    );
}
