//! An example at work, read line by line.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    time::Duration,
};

use crate::support::{program::Server, tools::tool};

/// No example is silent for longer: a long conversation is asked about after a minute.
const LIMIT: Duration = Duration::from_secs(90);

/// The languages that the examples are written in.
#[derive(Clone, Copy)]
pub(super) enum Language {
    Python,
    Node,
}

impl Language {
    fn command(self, example: &str) -> Command {
        let (program, extension) = match self {
            Self::Python => ("clients-python", "py"),
            Self::Node => ("node", "js"),
        };
        let folder = match self {
            Self::Python => "python",
            Self::Node => "node",
        };
        let mut command = Command::new(tool(program));
        command
            .arg(format!("deploy/examples/{folder}/{example}.{extension}"))
            .env("PYTHONUNBUFFERED", "1")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("NODE_PATH", tool("node-modules"));
        command
    }
}

/// A running example; ended with the test.
pub(super) struct Example {
    child: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Example {
    /// Starts an example against a server.
    pub(super) fn start(
        language: Language,
        example: &str,
        server: &Server,
        arguments: &[&str],
    ) -> Self {
        let address = server.url.trim_start_matches("http://");
        Self::start_at(language, example, address, arguments)
    }

    /// Starts an example against whatever is at this address.
    pub(super) fn start_at(
        language: Language,
        example: &str,
        address: &str,
        arguments: &[&str],
    ) -> Self {
        let mut command = language.command(example);
        command.args(["--server", address]).args(arguments);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (said, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                // Nobody listens any more once the test is over.
                let _over = said.send(line);
            }
        });
        Self {
            child,
            lines,
            seen: Vec::new(),
        }
    }

    /// Reads on until a line with these words.
    pub(super) fn wait_for(&mut self, words: &str) -> String {
        loop {
            let line = self
                .lines
                .recv_timeout(LIMIT)
                .unwrap_or_else(|_| panic!("no `{words}` in {:#?}", self.seen));
            self.seen.push(line.clone());
            self.seen.push(line.clone());
            if line.contains(words) {
                return line;
            }
        }
    }

    /// Waits until the example has ended by itself, as one that did its work; answers all that it said.
    pub(super) fn finish(mut self) -> Vec<String> {
        while let Ok(line) = self.lines.recv_timeout(LIMIT) {
            self.seen.push(line);
        }
        let code = self.child.wait().unwrap().code();
        assert_eq!(code, Some(0), "{:#?}", self.seen);
        std::mem::take(&mut self.seen)
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ended_before = self.child.kill();
        let _ended_before = self.child.wait();
    }
}
