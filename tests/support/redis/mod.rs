//! Real Redis servers on this machine: one, a master with a replica and sentinels, or a cluster. Each has an address of its own
//! in 127.0.0.0/8, so that it can be started again on the same one; they end with the test.

mod proxy;
mod resp;

use std::{
    fmt::Write as _,
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use homeshore::{clock, store::Batch};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

pub(crate) use self::proxy::{Fault, Proxy};
use super::tools::tool;

/// How long a server may take to do what it must.
const LIMIT: Duration = Duration::from_secs(20);
/// Slots of a cluster.
const SLOTS: usize = 16_384;

/// An address of this machine that no other process uses.
pub(crate) fn own_ip() -> Ipv4Addr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let [_, _, high, low] = std::process::id().to_be_bytes();
    // 127.0.0.x is for everybody: the second part is at least 1.
    let second = 1 + u8::try_from(next / 250 % 250).unwrap();
    let last = 1 + u8::try_from(next % 250).unwrap();
    Ipv4Addr::new(127, second, high ^ low.rotate_left(3), last)
}

/// Such an address with a port.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((own_ip(), 0)).unwrap();
    listener.local_addr().unwrap()
}

/// Waits until something holds.
///
/// # Panics
/// If it does not in time.
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = clock::instant();
    while !holds() {
        assert!(begun.elapsed() < LIMIT, "{what}: not in time");
        // Another process is waited for, which says nothing by itself; no test depends on how long this is.
        thread::sleep(Duration::from_millis(5));
    }
}

/// A server of Redis, or a sentinel.
pub(crate) struct Redis {
    child: Child,
    program: PathBuf,
    address: SocketAddr,
    folder: TempDir,
    password: Option<String>,
}

impl Redis {
    /// A server with these settings besides its address; it writes nothing to its disk unless they say so.
    pub(crate) fn start(settings: &[&str]) -> Self {
        Self::start_program("redis-server", free_address(), settings)
    }

    fn start_program(program: &str, address: SocketAddr, settings: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut text = format!(
            "bind {}\nport {}\ndir {}\nprotected-mode no\n",
            address.ip(),
            address.port(),
            folder.path().display()
        );
        if program == "redis-server" {
            text += "save \"\"\nappendonly no\n";
        }
        for setting in settings {
            writeln!(text, "{setting}").unwrap();
        }
        fs::write(folder.path().join("redis.conf"), text).unwrap();
        let program = tool(program);
        let password = settings
            .iter()
            .find_map(|setting| setting.strip_prefix("requirepass "));
        let server = Self {
            child: launch(&program, folder.path()),
            program,
            address,
            folder,
            password: password.map(str::to_owned),
        };
        server.wait();
        server
    }

    /// Waits until it answers anything at all.
    fn wait(&self) {
        until("Redis answers", || self.try_ask(&["PING"]).is_some());
    }

    /// Its address.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its address for `storage.redis`.
    pub(crate) fn url(&self) -> String {
        format!("redis://{}", self.address)
    }

    /// Its folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Asks it something; the answer, with the parts of a list in lines.
    pub(crate) fn ask(&self, command: &[&str]) -> String {
        let answer = self.try_ask(command);
        answer.unwrap_or_else(|| panic!("no answer to {command:?}"))
    }

    fn try_ask(&self, command: &[&str]) -> Option<String> {
        resp::ask(self.address, self.password.as_deref(), command).ok()
    }

    /// Writes what batches write, over one connection, each by one HSET and one XADD for each event in one go; how long it took.
    pub(crate) fn plain_writes(&self, batches: &[Arc<Batch>]) -> Duration {
        let bytes: Vec<(Vec<u8>, usize)> = batches.iter().map(|batch| resp::plain(batch)).collect();
        let mut connection = resp::Connection::open(self.address).unwrap();
        let begun = clock::instant();
        for (bytes, answers) in &bytes {
            connection.exchange(bytes, *answers).unwrap();
        }
        begun.elapsed()
    }

    /// A field of INFO.
    pub(crate) fn info(&self, field: &str) -> String {
        let info = self.ask(&["INFO", "ALL"]);
        let found = info
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{field}:")));
        found.unwrap_or_default().trim().to_owned()
    }

    /// Ends it at once, as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again with what its disk has.
    pub(crate) fn start_again(&mut self) {
        self.child = launch(&self.program, self.folder.path());
        self.wait();
    }

    /// Stops it in its tracks, or lets it go on.
    pub(crate) fn freeze(&self, frozen: bool) {
        let pid = Pid::from_child(&self.child);
        let signal = if frozen { Signal::STOP } else { Signal::CONT };
        kill_process(pid, signal).unwrap();
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _nothing_to_wait_for = self.child.wait();
    }
}

fn launch(program: &Path, folder: &Path) -> Child {
    let log = fs::File::create(folder.join("log")).unwrap();
    let mut command = Command::new(program);
    command.arg(folder.join("redis.conf"));
    if program.ends_with("redis-sentinel") {
        command.arg("--sentinel");
    }
    command
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// A master, a replica, and three sentinels that make the replica the master when they have not heard the master for 1 s.
pub(crate) struct Watched {
    /// The first is the master at the beginning.
    pub(crate) servers: [Redis; 2],
    sentinels: Vec<Redis>,
}

impl Watched {
    pub(crate) fn start() -> Self {
        let server = |more: &[String]| {
            let address = free_address();
            let announce = [
                format!("replica-announce-ip {}", address.ip()),
                format!("replica-announce-port {}", address.port()),
                "repl-diskless-sync-delay 0".to_owned(),
            ];
            let settings: Vec<&str> = announce.iter().chain(more).map(String::as_str).collect();
            Redis::start_program("redis-server", address, &settings)
        };
        let master = server(&[]);
        let (ip, port) = (master.address.ip(), master.address.port());
        let replica = server(&[format!("replicaof {ip} {port}")]);
        until("the replica follows", || {
            replica.info("master_link_status") == "up"
        });
        let watch = [
            format!("sentinel monitor main {ip} {port} 2"),
            "sentinel down-after-milliseconds main 1000".to_owned(),
            "sentinel failover-timeout main 10000".to_owned(),
        ];
        let watch: Vec<&str> = watch.iter().map(String::as_str).collect();
        let sentinel = |_| {
            let address = free_address();
            let announce = format!("sentinel announce-ip {}", address.ip());
            let settings = [&watch[..], &[&announce]].concat();
            Redis::start_program("redis-sentinel", address, &settings)
        };
        let sentinels: Vec<Redis> = (0..3).map(sentinel).collect();
        for sentinel in &sentinels {
            until("the sentinels know each other and the replica", || {
                let said = sentinel.ask(&["SENTINEL", "MASTER", "main"]);
                let lines: Vec<&str> = said.lines().collect();
                let is = |name, value| lines.windows(2).any(|pair| pair == [name, value]);
                is("num-other-sentinels", "2") && is("num-slaves", "1")
            });
        }
        Self {
            servers: [master, replica],
            sentinels,
        }
    }

    pub(crate) fn url(&self) -> String {
        let hosts: Vec<String> = self
            .sentinels
            .iter()
            .map(|one| one.address.to_string())
            .collect();
        format!("redis-sentinel://{}/main", hosts.join(","))
    }

    /// Who the sentinels say the master is.
    pub(crate) fn master(&self) -> IpAddr {
        let said = self.sentinels[0].ask(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main"]);
        said.lines().next().unwrap().parse().unwrap()
    }
}

/// Three masters that share the slots.
pub(crate) struct Cluster {
    pub(crate) nodes: Vec<Redis>,
}

impl Cluster {
    pub(crate) fn start() -> Self {
        let node = |_| {
            let address = free_address();
            let settings = [
                "cluster-enabled yes".to_owned(),
                format!("cluster-port {}", free_address().port()),
                format!("cluster-announce-ip {}", address.ip()),
                "cluster-node-timeout 2000".to_owned(),
            ];
            let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
            Redis::start_program("redis-server", address, &settings)
        };
        let nodes: Vec<Redis> = (0..3).map(node).collect();
        let share = SLOTS.div_ceil(nodes.len());
        for (place, node) in nodes.iter().enumerate() {
            let first = place * share;
            let last = (first + share).min(SLOTS) - 1;
            let range = [first.to_string(), last.to_string()];
            node.ask(&["CLUSTER", "ADDSLOTSRANGE", &range[0], &range[1]]);
            node.ask(&["CLUSTER", "SET-CONFIG-EPOCH", &(place + 1).to_string()]);
        }
        for node in &nodes[1..] {
            let bus = node.ask(&["CONFIG", "GET", "cluster-port"]);
            let bus = bus.lines().last().unwrap().to_owned();
            let (ip, port) = (
                node.address.ip().to_string(),
                node.address.port().to_string(),
            );
            nodes[0].ask(&["CLUSTER", "MEET", &ip, &port, &bus]);
        }
        for node in &nodes {
            until("the cluster is whole", || {
                node.ask(&["CLUSTER", "INFO"]).contains("cluster_state:ok")
                    && node.ask(&["CLUSTER", "SLOTS"]).lines().count() >= 3 * 5
            });
        }
        Self { nodes }
    }

    pub(crate) fn url(&self) -> String {
        let hosts: Vec<String> = self
            .nodes
            .iter()
            .map(|one| one.address.to_string())
            .collect();
        format!("redis-cluster://{}", hosts.join(","))
    }
}
