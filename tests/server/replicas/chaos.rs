//! A short run of `tests/chaos` on each kind of store: servers and stores that are killed, frozen, wiped and replaced while clients
//! write down what they are told, and a checker of its own that decides. `make chaos` runs it for longer.

use std::{path::Path, process::Command};

use crate::support::{
    program::{PROGRAM, json},
    tools::tool,
};

/// Runs a script of the chaos folder; what it printed, if it ended well.
fn script(name: &str, arguments: &[&str]) -> serde_json::Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/chaos");
    let output = Command::new(tool("clients-python"))
        .arg(folder.join(name))
        .args(arguments)
        .output()
        .unwrap();
    let (out, error) = (output.stdout, String::from_utf8_lossy(&output.stderr));
    let out = String::from_utf8_lossy(&out);
    assert!(output.status.success(), "{name}: {out}{error}");
    eprintln!("{out}");
    json(&out)
}

/// Every fault once, on this kind of store; then the histories are damaged, which the checker must see.
fn runs_through(store: &str, seed: &str) {
    let kept = tempfile::tempdir().unwrap();
    let tools = tool("redis-server");
    let told = script(
        "run.py",
        &[
            "--program",
            PROGRAM,
            "--tools",
            tools.parent().unwrap().to_str().unwrap(),
            "--seconds",
            "1",
            "--store",
            store,
            "--seed",
            seed,
            "--keep",
            kept.path().to_str().unwrap(),
        ],
    );
    assert!(told["acknowledged"].as_u64().unwrap() > 50, "{told}");
    let histories = kept.path().join("histories");
    let spoilt = script("damage.py", &[histories.to_str().unwrap()]);
    assert!(spoilt["damages"].as_u64().unwrap() >= 30, "{spoilt}");
}

#[test]
fn promises_hold_through_every_fault_on_one_redis() {
    runs_through("single", "1");
}

#[test]
fn promises_hold_through_every_fault_behind_sentinels() {
    runs_through("sentinel", "1");
}

#[test]
fn promises_hold_through_every_fault_on_a_cluster() {
    runs_through("cluster", "1");
}
