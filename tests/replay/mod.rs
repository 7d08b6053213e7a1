//! A call log replayed against the real program: every call ends once, also when the server is killed under way.

mod backup;
mod process;
mod replicas;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use process::Replay;
use serde_json::Value;

use crate::support::program::Server;

/// A log of the reference folder: its agents, its calls and what is expected of them.
struct Log {
    agents: PathBuf,
    calls: PathBuf,
    expected: PathBuf,
}

/// Every log of the folder `HOMESHORE_REFERENCE`, by pattern.
fn logs() -> Vec<Log> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference");
    let folder = std::env::var_os("HOMESHORE_REFERENCE").map_or(default, PathBuf::from);
    let mut logs: Vec<Log> = fs::read_dir(folder.join("traces"))
        .expect("the reference folder has traces")
        .filter_map(|entry| {
            let calls = entry.unwrap().path();
            let name = calls.file_name()?.to_str()?.strip_suffix("_calls.csv")?;
            let beside = |end: &str| calls.with_file_name(format!("{name}{end}"));
            let (agents, expected) = (beside("_agents.csv"), beside("_expected.csv"));
            Some(Log {
                agents,
                calls,
                expected,
            })
        })
        .collect();
    logs.sort_by(|a, b| a.calls.cmp(&b.calls));
    assert!(
        !logs.is_empty(),
        "the reference folder has no `traces/*_calls.csv`"
    );
    logs
}

impl Log {
    /// The busiest hour of the log, ms from its first to its last moment, with its number of calls.
    fn busiest_hour(&self) -> (u64, u64, usize) {
        let mut reader = csv::Reader::from_path(&self.calls).unwrap();
        let arrivals: Vec<u64> = reader
            .records()
            .map(|row| row.unwrap()[1].parse().unwrap())
            .collect();
        let hour = |from: u64| {
            let calls = arrivals
                .iter()
                .filter(|at| (from..from + 3_600_000).contains(*at))
                .count();
            (from, from + 3_600_000, calls)
        };
        arrivals
            .iter()
            .map(|at| hour(*at))
            .max_by_key(|hour| hour.2)
            .expect("a log has calls")
    }
}

/// How many calls the report accounts for.
fn accounted(report: &Value) -> u64 {
    let others = report["others"]
        .as_object()
        .expect("others are counted by name");
    let others: u64 = others.values().map(|count| count.as_u64().unwrap()).sum();
    report["answered"].as_u64().unwrap() + report["abandoned"].as_u64().unwrap() + others
}

#[test]
fn an_hour_at_300_times_real_speed_ends_every_call_once() {
    for log in logs() {
        let server = Server::start();
        let (from, to, calls) = log.busiest_hour();
        let replay = Replay::start(&server.url, &log, 300, from, to);
        let report = replay.finish(Duration::from_secs(300));
        assert_eq!(report["broken"], Value::Array(Vec::new()), "{report}");
        assert_eq!(accounted(&report), calls as u64, "{report}");
        // How many is the machine's affair: a disk that stalls for a second costs five minutes of the log.
        assert!(report["answered"].as_u64().unwrap() > 0, "{report}");
    }
}

#[test]
fn an_hour_with_the_server_killed_five_times_ends_every_call_once() {
    let log = &logs()[0];
    let mut server = Server::start();
    let (from, to, calls) = log.busiest_hour();
    let mut replay = Replay::start(&server.url, log, 120, from, to);
    let mut moments = fastrand::Rng::with_seed(20_261_122);
    for _ in 0..5 {
        let going = replay.goes_on_for(Duration::from_millis(moments.u64(1_500..4_500)));
        assert!(going, "the replay ended before the last kill");
        server.kill_and_restart();
    }
    let report = replay.finish(Duration::from_secs(300));
    assert_eq!(report["broken"], Value::Array(Vec::new()), "{report}");
    assert_eq!(accounted(&report), calls as u64, "{report}");
    assert!(
        report["reconnects"]["platform"].as_u64().unwrap() >= 5,
        "{report}"
    );
}
