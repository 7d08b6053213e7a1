//! The demo's server: `homeshore serve` as a child process.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context, anyhow, bail};
use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

const READY_LIMIT: Duration = Duration::from_secs(30);
const STOP_LIMIT: Duration = Duration::from_secs(15);
/// How much of the server's log is shown when it fails.
const LOG_LINES: usize = 15;

/// A running server.
pub(super) struct Server {
    child: Child,
    log: PathBuf,
    /// Its gRPC address as a URL.
    pub(super) grpc: String,
    /// Its HTTP address as a URL.
    pub(super) http: String,
}

impl Server {
    /// Starts a server whose calendar begins at `opens`, and waits until it is ready.
    pub(super) async fn start(
        data: &Path,
        (grpc, http): (&str, &str),
        log: &Path,
        opens: Timestamp,
    ) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("cannot find this program's own file")?;
        let mut command = Command::new(program);
        command
            .arg("serve")
            .arg("--data")
            .arg(data)
            .args(["--grpc", grpc, "--http", http])
            .env("HOMESHORE_CLOCK_START", opens.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create(log).context("cannot write the server's log")?)
            // A group of its own: Ctrl-C is for the demo, which then stops its server.
            .process_group(0)
            .kill_on_drop(true);
        let mut child = command.spawn().context("cannot start `homeshore serve`")?;
        let stdout = child.stdout.take().context("the server has no stdout")?;
        let mut server = Self {
            child,
            log: log.to_owned(),
            grpc: String::new(),
            http: String::new(),
        };
        let mut lines = BufReader::new(stdout).lines();
        match timeout(READY_LIMIT, server.read_until_ready(&mut lines)).await {
            Ok(Ok(())) => {}
            Ok(Err(problem)) => return Err(server.with_log(&problem.to_string())),
            Err(_) => return Err(server.with_log("the server was not ready in time")),
        }
        // What it prints later is of no use here, but the pipe must not fill up.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Ok(server)
    }

    async fn read_until_ready(
        &mut self,
        lines: &mut Lines<BufReader<ChildStdout>>,
    ) -> anyhow::Result<()> {
        while let Some(line) = lines.next_line().await? {
            if let Some(address) = line.strip_prefix("grpc listening on ") {
                address.clone_into(&mut self.grpc);
            } else if let Some(address) = line.strip_prefix("http listening on ") {
                address.clone_into(&mut self.http);
            } else if line == "ready" {
                return Ok(());
            }
        }
        bail!("the server ended before it was ready")
    }

    /// Waits until the server ends, which it should not.
    pub(super) async fn died(&mut self) -> anyhow::Error {
        let how = match self.child.wait().await {
            Ok(status) => format!("the server ended by itself: {status}"),
            Err(problem) => format!("the server cannot be watched: {problem}"),
        };
        self.with_log(&how)
    }

    /// Asks the server to end and waits for it; ends it by force if it takes too long.
    pub(super) async fn stop(mut self) -> anyhow::Result<()> {
        let Some(pid) = self
            .child
            .id()
            .and_then(|id| i32::try_from(id).ok())
            .and_then(Pid::from_raw)
        else {
            return Ok(());
        };
        kill_process(pid, Signal::TERM).context("cannot stop the server")?;
        match timeout(STOP_LIMIT, self.child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(self.with_log(&format!("the server ended with {status}"))),
            Ok(Err(problem)) => Err(problem.into()),
            Err(_) => {
                self.child.kill().await?;
                Err(self.with_log("the server did not stop in time and was ended by force"))
            }
        }
    }

    fn with_log(&self, what: &str) -> anyhow::Error {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let tail = &lines[lines.len().saturating_sub(LOG_LINES)..];
        if tail.is_empty() {
            anyhow!("{what}")
        } else {
            anyhow!("{what}; its log ends with\n{}", tail.join("\n"))
        }
    }
}
