//! The simulator: the live engine in virtual time.

mod bad_logs;
mod faults;
mod left;
mod model;
mod mutator;
mod ownership;
mod rules;
mod scenes;
mod theory;
mod trace;

use std::{fs, ops::ControlFlow, path::Path};

use homeshore::{
    engine::spec::PoolSpec,
    simulation::{
        checker::Checker,
        trace::{Problems, Report, Source, Trace},
    },
};

const AGENTS: &str = "agent,skills,login_ms,logout_ms,wrap_ms\n";
const CALLS: &str = "call,arrival_ms,skill,priority,handle_ms,patience_ms\n";

/// Reads a log of these two files.
fn read(agents: &[u8], calls: &[u8], pool: Option<PoolSpec>) -> Result<Trace, Problems> {
    let source = |name, bytes| Source { name, bytes };
    Trace::read(source("a.csv", agents), source("c.csv", calls), pool)
}

/// Plays a log to its end, which keeps every rule.
fn play(trace: &Trace) -> Report {
    let mut checker = Checker::new();
    let mut lines = |line: &str| checker.line(line);
    let go_on = &mut |_over| ControlFlow::Continue(());
    let report = trace.run_shown(go_on, Some(&mut lines)).unwrap();
    let kept = checker.end(true);
    assert_eq!(kept.violations, []);
    assert!(kept.is_whole);
    report
}

/// The result of a log as it is written.
fn written(trace: &Trace, report: &Report) -> String {
    let mut bytes = Vec::new();
    trace.write(report, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// The agents and the calls of the reference's log.
fn reference_log() -> (Vec<u8>, Vec<u8>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference/traces");
    let part = |name: &str| fs::read(folder.join(name)).unwrap();
    (part("evening_agents.csv"), part("evening_calls.csv"))
}
