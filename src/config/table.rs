//! The table of settings: how each is read and shown. Its order is the order of the file.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    str::FromStr,
};

use jiff::Timestamp;

use super::{
    Board, Clock, Config, Durability, Given, Hidden, Limits, LogFormat, Logs, Peers, Records,
    Security, Server, Storage, Unauthenticated,
};

/// Most characters of a value that comes back in a problem.
const SHOWN_MAX: usize = 64;

/// A setting.
pub(super) struct Setting {
    pub(super) section: &'static str,
    pub(super) key: &'static str,
    pub(super) set: fn(&mut Config, &Given) -> Result<(), String>,
    pub(super) show: fn(&Config) -> String,
}

impl Setting {
    /// Its key with the section.
    pub(super) fn name(&self) -> String {
        format!("{}.{}", self.section, self.key)
    }

    /// Its variable, without the prefix.
    pub(super) fn variable(&self) -> String {
        format!("{}_{}", self.section, self.key).to_uppercase()
    }
}

macro_rules! settings {
    ($($section:ident.$key:ident = $read:expr, $show:expr;)*) => {
        /// Every setting.
        pub(super) const SETTINGS: &[Setting] = &[$(Setting {
            section: stringify!($section),
            key: stringify!($key),
            set: |config, given| {
                config.$section.$key = $read(given)?;
                Ok(())
            },
            show: |config| $show(&config.$section.$key),
        }),*];
    };
}

settings! {
    server.grpc = address, text;
    server.http = address, text;
    server.http_names = names_or_none, text;
    server.shutdown_ms = number::<100, 600_000>, plain;
    storage.data = folder, path;
    storage.redis = redis, address_of_redis;
    storage.redis_password = hidden, text;
    storage.redis_ca_file = file_or_none, text;
    storage.redis_durability = durability, text;
    storage.events_kept = number::<0, 1_000_000_000>, plain;
    storage.cache_mib = number::<1, 1_000_000>, plain;
    peers.listen = address_or_none, or_nothing;
    peers.advertise = host_or_none, text;
    peers.secret = hidden, text;
    security.unauthenticated = unauthenticated, text;
    security.receipt_key_file = file_or_none, text;
    security.former_receipt_key_file = file_or_none, text;
    limits.pools = count::<1, 10_000>, plain;
    limits.agents = count::<1, 10_000_000>, plain;
    limits.live_calls = count::<1, 10_000_000>, plain;
    limits.tombstones = count::<1, 10_000_000>, plain;
    limits.skills = count::<1, 1_000_000>, plain;
    limits.platforms = count::<1, 1_000_000>, plain;
    limits.waiting_commands = count::<1, 1_000_000>, plain;
    limits.message_bytes = count::<65_536, 67_108_864>, plain;
    limits.streams_per_connection = streams, plain;
    records.keep_days = number::<1, 3_660>, plain;
    records.arrival_days = days::<1, 366>, plain;
    board.wait_warning_percent = number::<1, 10_000>, plain;
    board.wait_critical_percent = number::<1, 10_000>, plain;
    board.level_critical_points = number::<0, 100>, plain;
    clock.start = instant_or_none, or_nothing;
    logs.format = format_of_logs, text;
    logs.filter = filter, text;
}

/// The setting of this name.
pub(super) fn find(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name() == name)
}

/// The sections, for people.
pub(super) fn sections() -> String {
    let mut names: Vec<String> = SETTINGS
        .iter()
        .map(|s| format!("`{}`", s.section))
        .collect();
    names.dedup();
    names.join(", ")
}

/// The keys of a section, for people.
pub(super) fn keys(section: &str) -> String {
    let keys = SETTINGS.iter().filter(|setting| setting.section == section);
    keys.map(|setting| format!("`{}`", setting.key))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Settings to be filled from the defaults.
pub(super) fn blank() -> Config {
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
    Config {
        server: Server {
            grpc: nowhere,
            http: nowhere,
            http_names: String::new(),
            shutdown_ms: 0,
        },
        storage: Storage {
            data: PathBuf::new(),
            redis: Hidden::default(),
            redis_password: Hidden::default(),
            redis_ca_file: String::new(),
            redis_durability: Durability::Auto,
            events_kept: 0,
            cache_mib: 0,
        },
        peers: Peers {
            listen: None,
            advertise: String::new(),
            secret: Hidden::default(),
        },
        security: Security {
            unauthenticated: Unauthenticated::Loopback,
            receipt_key_file: String::new(),
            former_receipt_key_file: String::new(),
        },
        limits: Limits {
            pools: 0,
            agents: 0,
            live_calls: 0,
            tombstones: 0,
            skills: 0,
            platforms: 0,
            waiting_commands: 0,
            message_bytes: 0,
            streams_per_connection: 0,
        },
        records: Records {
            keep_days: 0,
            arrival_days: 0,
        },
        board: Board {
            wait_warning_percent: 0,
            wait_critical_percent: 0,
            level_critical_points: 0,
        },
        clock: Clock { start: None },
        logs: Logs {
            format: LogFormat::Text,
            filter: String::new(),
        },
    }
}

fn words(given: &Given) -> Result<&str, String> {
    match given {
        Given::Text(text) | Given::Word(text) => Ok(text),
        Given::Number(number) => Err(format!("is the number {number}; give a text in quotes")),
        Given::Other(kind) => Err(format!("is {kind}; give a text in quotes")),
    }
}

fn address(given: &Given) -> Result<SocketAddr, String> {
    let text = words(given)?;
    SocketAddr::from_str(text).map_err(|_| {
        let given = shown(text);
        format!("is `{given}`; give an address and a port, such as `127.0.0.1:50051`")
    })
}

fn address_or_none(given: &Given) -> Result<Option<SocketAddr>, String> {
    if words(given)?.is_empty() {
        return Ok(None);
    }
    address(given).map(Some)
}

fn host_or_none(given: &Given) -> Result<String, String> {
    let text = words(given)?;
    let is_host = |text: &str| {
        let uri = format!("http://{text}/").parse::<http::Uri>();
        uri.is_ok_and(|uri| uri.port_u16().is_some_and(|port| port > 0) && uri.path() == "/")
    };
    if text.is_empty() || is_host(text) {
        return Ok(text.to_owned());
    }
    Err(format!(
        "is `{}`; give a host and a port, such as `10.0.0.7:50052`, or nothing",
        shown(text)
    ))
}

fn folder(given: &Given) -> Result<PathBuf, String> {
    let text = words(given)?;
    if text.is_empty() || text.contains('\0') {
        return Err("is empty or holds a NUL; give the path of a folder".to_owned());
    }
    Ok(PathBuf::from(text))
}

fn file_or_none(given: &Given) -> Result<String, String> {
    let text = words(given)?;
    if text.contains('\0') {
        return Err("holds a NUL; give the path of a file, or nothing".to_owned());
    }
    Ok(text.to_owned())
}

/// The address may hold a password, so that a wrong one is not shown.
fn redis(given: &Given) -> Result<Hidden, String> {
    let text = words(given)?;
    let schemes = [
        "redis://",
        "rediss://",
        "redis-sentinel://",
        "rediss-sentinel://",
        "redis-cluster://",
        "rediss-cluster://",
    ];
    if text.is_empty() || schemes.iter().any(|scheme| text.starts_with(scheme)) {
        return Ok(Hidden(text.to_owned()));
    }
    Err(format!(
        "is no address of Redis; give one that begins with {}, or nothing for the folder",
        schemes.join(", ")
    ))
}

fn hidden(given: &Given) -> Result<Hidden, String> {
    words(given).map(|text| Hidden(text.to_owned()))
}

fn durability(given: &Given) -> Result<Durability, String> {
    match words(given)? {
        "primary" => Ok(Durability::Primary),
        "replica" => Ok(Durability::Replica),
        "majority" => Ok(Durability::Majority),
        "auto" => Ok(Durability::Auto),
        other => Err(format!(
            "is `{}`; give \"primary\", \"replica\", \"majority\" or \"auto\"",
            shown(other)
        )),
    }
}

fn names_or_none(given: &Given) -> Result<String, String> {
    let text = words(given)?;
    let is_name = |name: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
        !name.is_empty() && name.len() <= 253 && name.bytes().all(allowed)
    };
    let wrong = text.split(',').map(str::trim).find(|name| !is_name(name));
    match wrong {
        Some(name) if !text.is_empty() => Err(format!(
            "has `{}`, which is no host name; give names without a port, separated by commas, such as `board.example.org`",
            shown(name)
        )),
        Some(_) | None => Ok(text.to_owned()),
    }
}

fn number<const MIN: u64, const MAX: u64>(given: &Given) -> Result<u64, String> {
    let right = || format!("give a whole number from {MIN} to {MAX}");
    let text = match given {
        Given::Number(text) | Given::Word(text) => text,
        Given::Text(text) => return Err(format!("is the text \"{}\"; {}", shown(text), right())),
        Given::Other(kind) => return Err(format!("is {kind}; {}", right())),
    };
    match text.parse() {
        Ok(number) if (MIN..=MAX).contains(&number) => Ok(number),
        Ok(_) | Err(_) => Err(format!("is `{}`; {}", shown(text), right())),
    }
}

fn count<const MIN: u64, const MAX: u64>(given: &Given) -> Result<usize, String> {
    let number = number::<MIN, MAX>(given)?;
    usize::try_from(number).map_err(|_| "is too large for this machine".to_owned())
}

fn streams(given: &Given) -> Result<u32, String> {
    let number = number::<1, 1_000_000>(given)?;
    u32::try_from(number).map_err(|_| "is too large".to_owned())
}

fn days<const MIN: u64, const MAX: u64>(given: &Given) -> Result<u16, String> {
    let number = number::<MIN, MAX>(given)?;
    u16::try_from(number).map_err(|_| "is too large".to_owned())
}

fn unauthenticated(given: &Given) -> Result<Unauthenticated, String> {
    match words(given)? {
        "loopback" => Ok(Unauthenticated::Loopback),
        "private-test-network" => Ok(Unauthenticated::PrivateTestNetwork),
        other => Err(format!(
            "is `{}`; give \"loopback\" or \"private-test-network\"",
            shown(other)
        )),
    }
}

fn instant_or_none(given: &Given) -> Result<Option<Timestamp>, String> {
    let text = words(given)?;
    if text.is_empty() {
        return Ok(None);
    }
    let instant = text.parse::<Timestamp>().ok();
    let instant = instant.filter(|instant| instant.as_second() >= 0);
    instant.map(Some).ok_or_else(|| {
        format!(
            "is `{}`; give a time since 1970 with its zone, such as `2026-11-30T16:25:00Z`, or nothing for this machine's",
            shown(text)
        )
    })
}

fn format_of_logs(given: &Given) -> Result<LogFormat, String> {
    match words(given)? {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        other => Err(format!("is `{}`; give \"text\" or \"json\"", shown(other))),
    }
}

fn filter(given: &Given) -> Result<String, String> {
    let text = words(given)?;
    match tracing_subscriber::EnvFilter::builder().parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(format!(
            "is `{}`; give a level, such as \"info\", or levels by part, such as \"info,homeshore::pool=debug\"",
            shown(text)
        )),
    }
}

fn plain(value: &impl ToString) -> String {
    value.to_string()
}

/// The address with stars for its password.
fn address_of_redis(value: &Hidden) -> String {
    let address = value.reveal();
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let Some((who, hosts)) = rest.rsplit_once('@') else {
        return text(&address);
    };
    match who.split_once(':') {
        Some((user, _)) => text(&format!("{scheme}://{user}:***@{hosts}")),
        None => text(&address),
    }
}

fn path(value: &Path) -> String {
    text(&value.display())
}

#[expect(
    clippy::ref_option,
    reason = "the table hands every setting over by reference"
)]
fn or_nothing<T: ToString>(value: &Option<T>) -> String {
    text(&value.as_ref().map_or_else(String::new, T::to_string))
}

fn text(value: &impl ToString) -> String {
    toml::Value::String(value.to_string()).to_string()
}

/// A value, safe to show.
fn shown(value: &str) -> String {
    let cut: String = value.chars().take(SHOWN_MAX).collect();
    cut.escape_debug().to_string()
}
