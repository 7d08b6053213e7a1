//! Runs the program, and servers for it to talk to.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::redis::own_ip;

/// The program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_homeshore");

/// A pool as TOML: one queue, for which both agents below are skilled.
pub(crate) const POOL: &str = "\
[[queues]]
id = \"billing\"
target = \"20s\"
[[queues.rings]]
after = \"0s\"
skills = { billing = 1 }
";

/// Two agents as CSV.
pub(crate) const AGENTS: &str = "\
id,display_name,skills,site,site_kind,region,provider,address,team,employer
ann,Ann,billing:3,home-ann,home,north,fibrenet,sip:ann@example.org,red,own
ben,Ben,billing:1,centre-1,telecentre,south,,sip:ben@example.org,blue,own
";

/// Runs the program without any setting from around the test, and answers exit code, stdout and stderr.
pub(crate) fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = command(arguments).output().unwrap();
    read(&output)
}

/// The program with arguments, not yet started.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(arguments)
        .env_remove("HOMESHORE_SERVER")
        .env_remove("HOMESHORE_POOL")
        .env_remove("HOMESHORE_CONTEXT")
        .env("XDG_CONFIG_HOME", "/nowhere")
        .stdin(Stdio::null());
    command
}

/// Exit code, stdout and stderr.
pub(crate) fn read(output: &Output) -> (i32, String, String) {
    (
        output.status.code().unwrap_or(-1),
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// What a run printed that must have gone well.
pub(crate) fn done((code, stdout, stderr): (i32, String, String)) -> String {
    assert_eq!(code, 0, "{stdout}{stderr}");
    stdout
}

/// Writes a file of the test and answers its path.
pub(crate) fn file(folder: &Path, name: &str, content: &str) -> String {
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Copies the files of a folder into one that may be new.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

/// A server of the program on free ports and a folder of its own; ended with the test.
pub(crate) struct Server {
    child: Child,
    folder: TempDir,
    /// Arguments that it was started with beside those of every server.
    more: Vec<String>,
    /// Its gRPC address as a URL.
    pub(crate) url: String,
    /// Its HTTP address as a URL.
    pub(crate) http: String,
}

/// Reads what a command printed with `--json`.
pub(crate) fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|problem| panic!("{problem}: {text}"))
}

impl Server {
    /// A server with a pool, given as TOML, and agents, given as CSV.
    pub(crate) fn with(pool: &str, agents: &str) -> Self {
        Self::start().serving(pool, agents)
    }

    /// Starts a server and waits until it is ready.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (child, url, http) = launch(&folder.path().join("data"), "127.0.0.1:0");
        Self {
            child,
            folder,
            more: Vec::new(),
            url,
            http,
        }
    }

    /// A server whose calendar begins at this time.
    pub(crate) fn starting_at(time: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = format!("[clock]\nstart = \"{time}\"\n");
        let settings = file(folder.path(), "settings.toml", &settings);
        let data = folder.path().join("data");
        let more = vec!["--config".to_owned(), settings];
        let (child, url, http) = launch_with(&data, "127.0.0.1:0", &more);
        Self {
            child,
            folder,
            more,
            url,
            http,
        }
    }

    /// A server on a data folder that is there.
    pub(crate) fn on(data: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (child, url, http) = launch(data, "127.0.0.1:0");
        Self {
            child,
            folder,
            more: Vec::new(),
            url,
            http,
        }
    }

    /// A server that keeps its pools on this Redis.
    pub(crate) fn on_redis(url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let more = vec!["--redis".to_owned(), url.to_owned()];
        let (child, url, http) = launch_with(&data, &own_port(), &more);
        Self {
            child,
            folder,
            more,
            url,
            http,
        }
    }

    /// One of several servers that share this Redis and what this file of settings says.
    pub(crate) fn sharing(url: &str, settings: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let settings = settings.to_str().unwrap().to_owned();
        let more = ["--redis", url, "--config", &settings].map(str::to_owned);
        let (child, url, http) = launch_with(&data, &own_port(), &more);
        Self {
            child,
            folder,
            more: more.into(),
            url,
            http,
        }
    }

    /// Asks the server to end, and waits until it has; how it ended.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        self.child.wait().unwrap()
    }

    /// Starts a server again that has ended, on the same folder and port.
    pub(crate) fn start_again(&mut self) {
        let address = self.url.trim_start_matches("http://").to_owned();
        (self.child, self.url, self.http) = launch_with(&self.data(), &address, &self.more);
    }

    /// A folder for files of the test.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs the program against this server.
    pub(crate) fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        run(&[&["--server", &self.url], arguments].concat())
    }

    /// The same with a pool, given as TOML, and agents, given as CSV.
    pub(crate) fn serving(self, pool: &str, agents: &str) -> Self {
        let pool = file(self.folder(), "pool.toml", pool);
        let agents = file(self.folder(), "agents.csv", agents);
        self.apply(&pool, &agents);
        self
    }

    /// Applies a pool and agents by their files.
    pub(crate) fn apply(&self, pool: &str, agents: &str) {
        done(self.run(&["pool", "apply", pool]));
        done(self.run(&["agent", "apply", agents]));
    }

    /// Runs the program against this server for a supervisor, Sue.
    pub(crate) fn run_as_sue(&self, arguments: &[&str]) -> (i32, String, String) {
        self.run(&[arguments, &["--supervisor", "sue"]].concat())
    }

    /// What the program tells of this server with `--json`.
    pub(crate) fn told(&self, arguments: &[&str]) -> serde_json::Value {
        json(&done(self.run(&[arguments, &["--json"]].concat())))
    }

    /// Its data folder, unless it was started on another.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Ends the server as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Stops the server in the middle of whatever it does, or lets it go on: its connections stay open.
    pub(crate) fn freeze(&self, is_frozen: bool) {
        let signal = if is_frozen {
            Signal::STOP
        } else {
            Signal::CONT
        };
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Ends the server as a power cut would, and starts it again on the same folder and port.
    pub(crate) fn kill_and_restart(&mut self) {
        self.kill_and_restart_after(|_unchanged| {});
    }

    /// The same, with something done to its data folder between.
    pub(crate) fn kill_and_restart_after(&mut self, change: impl FnOnce(&Path)) {
        self.kill();
        change(&self.data());
        self.start_again();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_before = self.child.kill();
        let _ended_before = self.child.wait();
    }
}

fn launch(data: &Path, grpc: &str) -> (Child, String, String) {
    launch_with(data, grpc, &[])
}

/// A free port of an address that nobody else has: it is free again for a server that was killed.
fn own_port() -> String {
    format!("{}:0", own_ip())
}

fn launch_with(data: &Path, grpc: &str, more: &[String]) -> (Child, String, String) {
    let arguments = ["serve", "--grpc", grpc, "--http", "127.0.0.1:0", "--data"];
    let log = data.with_extension("log");
    let mut child = command(&arguments)
        .arg(data)
        .args(more)
        .stdout(Stdio::piped())
        .stderr(fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let Some((url, http)) = ready(child.stdout.take().unwrap()) else {
        let log = fs::read_to_string(log).unwrap();
        panic!("the server ended before it was ready: {log}");
    };
    (child, url, http)
}

/// Reads on until the server is ready; its gRPC and its HTTP address, unless it ends before.
fn ready(stdout: ChildStdout) -> Option<(String, String)> {
    let (mut url, mut http) = (String::new(), String::new());
    for line in BufReader::new(stdout).lines() {
        let line = line.unwrap();
        if let Some(address) = line.strip_prefix("grpc listening on ") {
            address.clone_into(&mut url);
        } else if let Some(address) = line.strip_prefix("http listening on ") {
            address.clone_into(&mut http);
        } else if line == "ready" {
            return Some((url, http));
        }
    }
    None
}
