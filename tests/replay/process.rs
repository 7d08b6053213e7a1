//! The real program as child processes, ended with the test.

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use serde_json::Value;

use super::Log;

const PROGRAM: &str = env!("CARGO_BIN_EXE_homeshore");

/// `homeshore serve` on a data folder.
pub(super) struct Server {
    child: Child,
    /// Its gRPC address, as a URL.
    pub(super) address: String,
}

impl Server {
    /// Starts it and waits until it says that it is ready.
    pub(super) fn start(data: &Path, grpc: &str) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(["serve", "--grpc", grpc, "--http", "127.0.0.1:0", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut address = None;
        loop {
            let line = lines
                .next()
                .expect("the server says `ready` before it ends")
                .unwrap();
            if let Some(url) = line.strip_prefix("grpc listening on ") {
                address = Some(url.to_owned());
            }
            if line == "ready" {
                break;
            }
        }
        Self {
            child,
            address: address.expect("the server says where it listens"),
        }
    }

    /// Kills it without a word (SIGKILL) and starts it again on the same address and data.
    pub(super) fn kill_and_restart(mut self, data: &Path) -> Self {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let address = self.address.trim_start_matches("http://").to_owned();
        Self::start(data, &address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// `homeshore replay` of a part of a log.
pub(super) struct Replay {
    child: Child,
    ended: Receiver<String>,
}

impl Replay {
    /// Starts it with set-up.
    pub(super) fn start(target: &str, log: &Log, speed: u32, from: u64, to: u64) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(["--json", "replay", "--setup", "--target", target])
            .args(["--speed", &speed.to_string()])
            .args(["--from", &from.to_string(), "--to", &to.to_string()])
            .arg("--agents")
            .arg(&log.agents)
            .arg("--calls")
            .arg(&log.calls)
            .arg("--expected")
            .arg(&log.expected)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut out = child.stdout.take().unwrap();
        let (end, ended) = channel();
        thread::spawn(move || {
            let mut text = String::new();
            out.read_to_string(&mut text).expect("the report is text");
            drop(end.send(text));
        });
        Self { child, ended }
    }

    /// Whether it is still at work after this time.
    pub(super) fn goes_on_for(&mut self, time: Duration) -> bool {
        matches!(
            self.ended.recv_timeout(time),
            Err(RecvTimeoutError::Timeout)
        )
    }

    /// Its report, at the latest after this time.
    pub(super) fn finish(mut self, limit: Duration) -> Value {
        let text = self
            .ended
            .recv_timeout(limit)
            .expect("the replay ends in time");
        self.child.wait().unwrap();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in: {text}"))
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
