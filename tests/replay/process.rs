//! `homeshore replay` as a child process, ended with the test.

use std::{
    io::Read,
    process::{Child, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use serde_json::Value;

use super::Log;
use crate::support::program::command;

/// `homeshore replay` of a part of a log.
pub(super) struct Replay {
    child: Child,
    ended: Receiver<String>,
}

impl Replay {
    /// Starts it with set-up.
    pub(super) fn start(target: &str, log: &Log, speed: u32, from: u64, to: u64) -> Self {
        let mut child = command(&["--json", "replay", "--setup", "--target", target])
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
