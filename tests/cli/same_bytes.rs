//! The same scenario and seed give the same bytes: on every machine, however the program was built.
//!
//! `make theory` runs this with the program as it is released.

use std::fs;

use sha2::{Digest, Sha256};

use crate::support::program::run;

const SCENARIO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/scenarios/evening.toml");
/// Of the figures of two replications. It changes with the scenario, its pool, and the engine's decisions.
const DIGEST: &str = "5213dbc5e8630cddef30f7381f1e2a200d974f8f9915bc6d2c318c22d9eef79f";

#[test]
fn the_evening_s_figures_are_these_bytes() {
    let folder = tempfile::tempdir().unwrap();
    for threads in ["1", "2"] {
        let out = folder.path().join(threads);
        let out = out.to_str().unwrap();
        let (code, _, stderr) = run(&[
            "simulate",
            SCENARIO,
            "--replications",
            "2",
            "--threads",
            threads,
            "--out",
            out,
        ]);
        assert_eq!(code, 0, "{stderr}");
        let bytes = fs::read(out).unwrap();
        let seen = format!("{:x}", Sha256::digest(&bytes));
        assert_eq!(seen, DIGEST, "{threads}");
    }
}
