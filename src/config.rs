//! Settings: the compiled-in defaults, a file, variables and flags, each overriding the one before.

mod file;
mod table;

use std::{
    ffi::OsString,
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use jiff::Timestamp;

use self::table::{SETTINGS, Setting};

/// The reference and the defaults at once.
pub const DEFAULTS: &str = include_str!("../deploy/homeshore.toml");
/// Variables that begin like this are settings.
const PREFIX: &str = "HOMESHORE_";
/// Characters that the secret of `peers` has at least.
const PEERS_SECRET_MIN: usize = 32;

/// The settings in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where the server listens.
    pub server: Server,
    /// Where data is kept.
    pub storage: Storage,
    /// Other processes on the same Redis.
    pub peers: Peers,
    /// Who may connect.
    pub security: Security,
    /// How much there may be.
    pub limits: Limits,
    /// How long records are kept.
    pub records: Records,
    /// When boards raise an alarm.
    pub board: Board,
    /// What the calendar shows.
    pub clock: Clock,
    /// What is logged.
    pub logs: Logs,
}

/// Where the server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Address of the gRPC API.
    pub grpc: SocketAddr,
    /// Address of the console, metrics and health.
    pub http: SocketAddr,
    /// Names, separated by commas, under which browsers reach the console beside addresses and `localhost`.
    pub http_names: String,
    /// How long an orderly end may take.
    pub shutdown_ms: u64,
}

/// Where data is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Storage {
    /// Folder of the embedded store.
    pub data: PathBuf,
    /// Address of the Redis to keep pools on, which may hold a password; empty for the folder.
    pub redis: Hidden,
    /// The password of Redis; never shown.
    pub redis_password: Hidden,
    /// File of certificates that sign those of Redis; empty for those of this machine.
    pub redis_ca_file: String,
    /// When a commit is safe on Redis.
    pub redis_durability: Durability,
    /// Newest events to keep of each pool.
    pub events_kept: u64,
    /// Memory for pages of the data file.
    pub cache_mib: u64,
}

/// A text that is neither printed nor logged.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Stars, if there is something to hide.
impl fmt::Display for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "" } else { "***" })
    }
}

/// When a commit is safe on Redis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The master has it.
    Primary,
    /// One replica has it too.
    Replica,
    /// Half of the replicas have it too.
    Majority,
    /// As `Replica` if the master has replicas, else as `Primary`.
    Auto,
}

impl fmt::Display for Durability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Primary => "primary",
            Self::Replica => "replica",
            Self::Majority => "majority",
            Self::Auto => "auto",
        })
    }
}

/// Other processes on the same Redis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peers {
    /// Address of the port for the other processes; none if this process is alone.
    pub listen: Option<SocketAddr>,
    /// Where the others reach it, as `host:port`; empty is the address itself.
    pub advertise: String,
    /// What all of them know; never shown.
    pub secret: Hidden,
}

/// Who may connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Security {
    /// Who may connect without authentication.
    pub unauthenticated: Unauthenticated,
    /// File of the key that signs receipts; empty is one in the data folder.
    pub receipt_key_file: String,
    /// File of the key before it, whose receipts are still taken; empty is none.
    pub former_receipt_key_file: String,
}

/// Who may connect without authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unauthenticated {
    /// This machine only.
    Loopback,
    /// Whoever reaches the address.
    PrivateTestNetwork,
}

impl fmt::Display for Unauthenticated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loopback => "loopback",
            Self::PrivateTestNetwork => "private-test-network",
        })
    }
}

/// How much there may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Pools of this server.
    pub pools: usize,
    /// Agent records of a pool.
    pub agents: usize,
    /// Live calls of a pool.
    pub live_calls: usize,
    /// Known calls of a pool that are over.
    pub tombstones: usize,
    /// Distinct skills of a pool.
    pub skills: usize,
    /// Platform instances of a pool.
    pub platforms: usize,
    /// Commands that wait for a pool.
    pub waiting_commands: usize,
    /// Bytes of one gRPC message.
    pub message_bytes: usize,
    /// Streams and requests under way on one connection.
    pub streams_per_connection: u32,
}

/// How long records are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Records {
    /// Days that the detail record of a call is kept.
    pub keep_days: u64,
    /// Days that arrivals by interval are kept.
    pub arrival_days: u16,
}

/// When boards raise an alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Board {
    /// A longest wait beyond so many percent of the queue's target is a warning.
    pub wait_warning_percent: u64,
    /// Beyond so many it is critical.
    pub wait_critical_percent: u64,
    /// A service level so many percentage points below the queue's goal is critical.
    pub level_critical_points: u64,
}

/// What the calendar shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clock {
    /// The calendar's time as the server starts, for demos and tests; `None` is this machine's.
    pub start: Option<Timestamp>,
}

/// What is logged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logs {
    /// How it is written.
    pub format: LogFormat,
    /// What of it.
    pub filter: String,
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

/// A setting at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it was given, such as `line 3 of homeshore.toml`.
    pub place: String,
    /// The setting's key, such as `server.grpc`.
    pub key: String,
    /// What is wrong and what would be right.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {} ({})", self.key, self.text, self.place)
    }
}

/// What overrides the defaults, weakest first.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// A file, if one is given.
    pub file: Option<PathBuf>,
    /// Variables of the environment; those that are no settings are passed over.
    pub variables: Vec<(OsString, OsString)>,
    /// Flags: the flag, the setting's key and the value.
    pub flags: Vec<(&'static str, &'static str, String)>,
}

impl Sources {
    /// A file, if one is given, and this process's environment.
    pub fn of_process(file: Option<&Path>) -> Self {
        Self {
            file: file.map(Path::to_owned),
            variables: std::env::vars_os().collect(),
            flags: Vec::new(),
        }
    }

    /// A variable of the environment that is no setting.
    pub fn variable(&self, name: &str) -> Option<&OsString> {
        let found = self.variables.iter().find(|(variable, _)| variable == name);
        found.map(|(_, value)| value)
    }

    /// Adds a flag, if it is given.
    #[must_use]
    pub fn with(mut self, flag: &'static str, key: &'static str, value: Option<String>) -> Self {
        self.flags.extend(value.map(|value| (flag, key, value)));
        self
    }
}

/// A value as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Given {
    /// A text of a file.
    Text(String),
    /// A whole number of a file.
    Number(String),
    /// Something else of a file, by its kind.
    Other(&'static str),
    /// A word of a variable or flag, which can stand for a text or a number.
    Word(String),
}

impl Config {
    /// Reads the settings.
    ///
    /// # Errors
    /// Every problem that was found.
    pub fn load(sources: &Sources) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut config = table::blank();
        file::read(&mut config, &mut problems, DEFAULTS, "the defaults");
        assert!(
            problems.is_empty(),
            "the compiled-in settings are right: {problems:?}"
        );
        if let Some(path) = &sources.file {
            let name = path.display().to_string();
            match std::fs::read_to_string(path) {
                Ok(text) => file::read(&mut config, &mut problems, &text, &name),
                Err(error) => problems.push(Problem {
                    place: "the flag --config".to_owned(),
                    key: name,
                    text: format!("cannot be read: {error}"),
                }),
            }
        }
        for (name, value) in &sources.variables {
            variable(&mut config, &mut problems, name, value);
        }
        for (flag, key, value) in &sources.flags {
            let place = format!("the flag {flag}");
            let setting = table::find(key).expect("flags name settings that exist");
            apply(
                &mut config,
                &mut problems,
                setting,
                &Given::Word(value.clone()),
                place,
            );
        }
        config.check_peers(&mut problems);
        config.check_addresses(&mut problems);
        if problems.is_empty() {
            Ok(config)
        } else {
            Err(problems)
        }
    }

    /// The settings as a file.
    pub fn to_toml(&self) -> String {
        let mut lines = Vec::new();
        let mut section = "";
        for setting in SETTINGS {
            if setting.section != section {
                section = setting.section;
                lines.push(format!("\n[{section}]"));
            }
            lines.push(format!("{} = {}", setting.key, (setting.show)(self)));
        }
        lines.join("\n").trim_start().to_owned() + "\n"
    }

    /// Processes that share a store must reach and know each other, and take each other's receipts.
    fn check_peers(&self, problems: &mut Vec<Problem>) {
        let Some(listen) = self.peers.listen else {
            return;
        };
        let secret = self.peers.secret.reveal().chars().count();
        let mut wrong = |key: &str, text: String| {
            problems.push(Problem {
                place: "all settings together".to_owned(),
                key: key.to_owned(),
                text,
            });
        };
        if self.storage.redis.reveal().is_empty() {
            let text = "is given, and pools are kept in a folder, which one process alone can have: give `storage.redis` \
                        too, or leave this empty";
            wrong("peers.listen", text.to_owned());
        }
        if secret < PEERS_SECRET_MIN {
            wrong(
                "peers.secret",
                format!(
                    "has {secret} characters: give at least {PEERS_SECRET_MIN} that all processes share, such as from `openssl \
                     rand -hex 32`"
                ),
            );
        }
        if self.security.receipt_key_file.is_empty() {
            let text = "is empty: processes that share pools must take each other's receipts, so give a key that all share";
            wrong("security.receipt_key_file", text.to_owned());
        }
        if listen.ip().is_unspecified() && self.peers.advertise.is_empty() {
            let text = format!(
                "is empty, and `peers.listen` is `{listen}`: say by which `host:port` the other processes reach this one"
            );
            wrong("peers.advertise", text);
        }
    }

    /// Addresses that others reach need someone's word that this is wanted.
    fn check_addresses(&self, problems: &mut Vec<Problem>) {
        if self.security.unauthenticated == Unauthenticated::PrivateTestNetwork {
            return;
        }
        for (key, address) in [
            ("server.grpc", self.server.grpc),
            ("server.http", self.server.http),
        ] {
            if !address.ip().is_loopback() {
                problems.push(Problem {
                    place: "all settings together".to_owned(),
                    key: key.to_owned(),
                    text: format!(
                        "is `{address}`, which other machines reach, and nobody is asked who they are: give a \
                         loopback address such as `127.0.0.1:{}`, or set `security.unauthenticated` to \
                         \"private-test-network\" in a network of your own",
                        address.port()
                    ),
                });
            }
        }
    }
}

/// Takes over a value, or notes what is wrong with it.
fn apply(
    config: &mut Config,
    problems: &mut Vec<Problem>,
    setting: &Setting,
    given: &Given,
    place: String,
) {
    if let Err(text) = (setting.set)(config, given) {
        problems.push(Problem {
            place,
            key: setting.name(),
            text,
        });
    }
}

fn variable(config: &mut Config, problems: &mut Vec<Problem>, name: &OsString, value: &OsString) {
    let Some(name) = name.to_str() else { return };
    let Some(rest) = name.strip_prefix(PREFIX) else {
        return;
    };
    let of_section =
        |setting: &&Setting| rest.starts_with(&format!("{}_", setting.section.to_uppercase()));
    let Some(section) = SETTINGS.iter().find(of_section) else {
        return;
    };
    let place = format!("the variable {name}");
    let variable = |setting: &&Setting| rest == setting.variable();
    let Some(setting) = SETTINGS.iter().find(variable) else {
        if !is_of_kubernetes(rest) {
            problems.push(Problem {
                place,
                key: name.to_owned(),
                text: format!(
                    "is no setting; the section has {}",
                    table::keys(section.section)
                ),
            });
        }
        return;
    };
    match value.to_str() {
        Some(value) => apply(
            config,
            problems,
            setting,
            &Given::Word(value.to_owned()),
            place,
        ),
        None => problems.push(Problem {
            place,
            key: setting.name(),
            text: "is not UTF-8; give text".to_owned(),
        }),
    }
}

/// Kubernetes sets variables for every service, and one may be named `homeshore-server`.
fn is_of_kubernetes(rest: &str) -> bool {
    rest.ends_with("_SERVICE_HOST")
        || rest.contains("_SERVICE_PORT")
        || rest.contains("_PORT_")
        || rest.ends_with("_PORT")
}
