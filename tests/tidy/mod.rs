//! Reads the sources and holds them to the rules that neither the compiler nor clippy knows.
//!
//! Each check is a function of texts, so that tests can show that it fails where it should.

mod crates;
mod metrics;
mod rooms;
mod text;
mod tokens;

use std::{fs, path::Path};

/// A file of the repository.
struct Source {
    /// Relative to the root, with `/`.
    path: String,
    text: String,
}

impl Source {
    fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.into(),
            text: text.into(),
        }
    }

    fn is_rust(&self) -> bool {
        Path::new(&self.path).extension() == Some("rs".as_ref())
    }
}

/// Every text file of these folders and files; those that are not there yet are left out.
fn sources(roots: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    for root in roots {
        collect(root, &mut found);
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn collect(path: &str, found: &mut Vec<Source>) {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if full.is_dir() {
        for entry in fs::read_dir(&full).unwrap() {
            let name = entry.unwrap().file_name();
            collect(&format!("{path}/{}", name.to_str().unwrap()), found);
        }
    } else if let Ok(text) = fs::read_to_string(&full) {
        found.push(Source::new(path, &text));
    }
}

/// Runs a check over files and fails with everything it found.
fn hold(sources: &[Source], check: impl Fn(&Source) -> Vec<String>) {
    assert!(!sources.is_empty(), "nothing was read");
    let faults: Vec<String> = sources.iter().flat_map(check).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

/// Shows that a check passes `good`, and names what is wrong with each of `bad`.
fn tells(check: impl Fn(&Source) -> Vec<String>, good: &[Source], bad: &[(Source, &str)]) {
    for source in good {
        let faults = check(source);
        assert!(faults.is_empty(), "`{}`: {faults:?}", source.text);
    }
    for (source, expected) in bad {
        let faults = check(source);
        assert_eq!(faults.len(), 1, "`{}`: {faults:?}", source.text);
        assert!(
            faults[0].contains(expected),
            "`{}`: {faults:?}",
            source.text
        );
        assert!(faults[0].contains(&source.path), "{faults:?}");
    }
}
