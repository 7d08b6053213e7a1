//! The systemd unit, as systemd itself reads it. No systemd runs here: what the unit starts is not started.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::support::{program::PROGRAM, tools::tool};

/// systemd counts exposure from 0 to 10; this is a tenth of it.
const EXPOSURE_MAX: &str = "15";

/// What systemd says of the unit, with this change to it.
fn analyze(arguments: &[&str], change: impl Fn(&str) -> String) -> (bool, String) {
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/systemd/homeshore.service");
    let text = fs::read_to_string(unit).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file: PathBuf = folder.path().join("homeshore.service");
    // The program is not installed where tests run.
    let text = text.replace("/usr/bin/homeshore", PROGRAM);
    fs::write(&file, change(&text)).unwrap();
    let output = Command::new(tool("systemd-analyze"))
        .args(arguments)
        .arg(&file)
        .env("SYSTEMD_COLORS", "0")
        .output()
        .unwrap();
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told).into_owned();
    (output.status.success(), told)
}

#[test]
fn systemd_finds_no_fault_with_the_unit() {
    let (right, told) = analyze(&["verify", "--man=no"], str::to_owned);
    assert!(right && !told.contains("homeshore.service"), "{told}");
    let misspelt = |unit: &str| unit.replace("WatchdogSec", "WatchdogSecs");
    let (_, told) = analyze(&["verify", "--man=no"], misspelt);
    assert!(told.contains("WatchdogSecs"), "{told}");
}

#[test]
fn the_unit_leaves_little_exposed() {
    let threshold = format!("--threshold={EXPOSURE_MAX}");
    let security = ["security", "--offline=yes", "--no-pager", &threshold];
    let (little, told) = analyze(&security, str::to_owned);
    let last = told.trim().lines().last().unwrap_or_default();
    assert!(little, "{last}");
    let open = |unit: &str| {
        unit.replace("ProtectSystem=strict", "")
            .replace("DynamicUser=yes", "")
    };
    assert!(!analyze(&security, open).0, "the threshold is near");
}

#[test]
fn the_unit_waits_longer_than_the_service_needs() {
    let unit = include_str!("../../deploy/systemd/homeshore.service");
    for line in [
        "Type=notify",
        "WatchdogSec=30s",
        "TimeoutStopSec=20s",
        "StateDirectory=homeshore",
        "StartLimitIntervalSec=0",
    ] {
        assert!(unit.lines().any(|of_unit| of_unit == line), "{line}");
    }
    let config = homeshore::config::Config::load(&homeshore::config::Sources::default()).unwrap();
    assert!(config.server.shutdown_ms * 2 < 20_000);
    let start = unit
        .lines()
        .find_map(|line| line.strip_prefix("ExecStart=/usr/bin/homeshore "));
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("homeshore.toml");
    fs::write(&settings, homeshore::config::DEFAULTS).unwrap();
    // The settings that the unit names may be a copy of the reference.
    assert_eq!(
        start,
        Some("serve --config /etc/homeshore/homeshore.toml --data /var/lib/homeshore")
    );
    let check = Command::new(PROGRAM)
        .args(["config", "check", "--config"])
        .arg(&settings)
        .output();
    assert!(check.unwrap().status.success());
}

#[test]
fn the_unit_names_only_what_the_steps_install() {
    let unit = include_str!("../../deploy/systemd/homeshore.service");
    let steps = include_str!("../../deploy/README.md");
    let installed: Vec<&str> = steps
        .lines()
        .filter(|line| line.starts_with("install "))
        .filter_map(|line| line.split(' ').next_back())
        .collect();
    let documents = unit
        .lines()
        .filter_map(|line| line.strip_prefix("Documentation="));
    let started = unit
        .lines()
        .filter_map(|line| line.strip_prefix("ExecStart="));
    let named: Vec<&str> = documents
        .map(|document| document.trim_start_matches("file:"))
        .chain(started.flat_map(|start| start.split(' ').step_by(3).take(2)))
        .collect();
    assert_eq!(named.len(), 3, "{named:?}");
    for file in named {
        assert!(installed.contains(&file), "{file} is not in {installed:?}");
    }
}
