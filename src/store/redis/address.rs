//! Which Redis: the address of the settings, with its secrets kept out of every text.

use std::fmt;

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, to be handed to Redis alone.
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A server: its host and port.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node {
    /// A name or an address.
    pub host: String,
    /// Its port.
    pub port: u16,
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') {
            write!(f, "[{host}]:{port}")
        } else {
            write!(f, "{host}:{port}")
        }
    }
}

/// How the servers stand to each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Topology {
    /// One server.
    Single(Node),
    /// A master that sentinels know.
    Sentinel {
        /// The sentinels.
        sentinels: Vec<Node>,
        /// The master's name.
        master: String,
    },
    /// A cluster that some of its nodes know.
    Cluster(Vec<Node>),
}

/// A deployment of Redis and how to reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The servers.
    pub topology: Topology,
    /// Whether connections are encrypted.
    pub tls: bool,
    /// The user; none is Redis' default user.
    pub user: Option<String>,
    /// The password.
    pub password: Option<Secret>,
    /// Number of the database; a cluster has only 0.
    pub database: i64,
}

/// What an address looks like.
const FORMS: &str = "redis://host:port, rediss://host:port for TLS, redis-sentinel://host:port,host:port/master or \
                     redis-cluster://host:port,host:port";
/// Redis' own port, and its sentinels'.
const PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26379;

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// What is wrong with it, without what may be secret in it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text
            .split_once("://")
            .ok_or_else(|| format!("is no address of Redis; give {FORMS}"))?;
        let tls = scheme.starts_with("rediss");
        let kind = scheme.replacen("rediss", "redis", 1);
        // A password may hold anything but what ends it: the last `@` is the end.
        let (who, rest) = match rest.rsplit_once('@') {
            Some((who, rest)) => (Some(who), rest),
            None => (None, rest),
        };
        let (user, password) = who.map_or(Ok((None, None)), credentials)?;
        let (hosts, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (topology, database) = match kind.as_str() {
            "redis" => (Topology::Single(one(hosts)?), database(path)?),
            "redis-sentinel" => {
                let (master, path) = path.split_once('/').unwrap_or((path, ""));
                if master.is_empty() {
                    return Err(
                        "names no master; give redis-sentinel://host:port,host:port/master".into(),
                    );
                }
                let topology = Topology::Sentinel {
                    sentinels: nodes(hosts, SENTINEL_PORT)?,
                    master: decode(master)?,
                };
                (topology, database(path)?)
            }
            "redis-cluster" => match database(path)? {
                0 => (Topology::Cluster(nodes(hosts, PORT)?), 0),
                other => {
                    return Err(format!(
                        "asks for database {other}; a cluster has only database 0"
                    ));
                }
            },
            _ => return Err(format!("begins with `{}`; give {FORMS}", shown(scheme))),
        };
        Ok(Self {
            topology,
            tls,
            user,
            password,
            database,
        })
    }

    /// The servers that the settings name.
    pub fn named(&self) -> Vec<Node> {
        match &self.topology {
            Topology::Single(node) => vec![node.clone()],
            Topology::Sentinel { sentinels, .. } => sentinels.clone(),
            Topology::Cluster(nodes) => nodes.clone(),
        }
    }
}

/// The address without its secrets.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = if self.tls { "s" } else { "" };
        let hosts = self
            .named()
            .iter()
            .map(Node::to_string)
            .collect::<Vec<_>>()
            .join(",");
        match &self.topology {
            Topology::Single(_) => write!(f, "redis{s}://{hosts}"),
            Topology::Sentinel { master, .. } => write!(f, "redis{s}-sentinel://{hosts}/{master}"),
            Topology::Cluster(_) => write!(f, "redis{s}-cluster://{hosts}"),
        }?;
        match self.database {
            0 => Ok(()),
            database => write!(f, "/{database}"),
        }
    }
}

type Credentials = (Option<String>, Option<Secret>);

fn credentials(text: &str) -> Result<Credentials, String> {
    let (user, password) = match text.split_once(':') {
        Some((user, password)) => (user, Some(Secret::new(decode(password)?))),
        None => (text, None),
    };
    let user = decode(user)?;
    Ok(((!user.is_empty()).then_some(user), password))
}

fn one(hosts: &str) -> Result<Node, String> {
    match &nodes(hosts, PORT)?[..] {
        [node] => Ok(node.clone()),
        _ => Err(
            "names several servers; give one, or redis-sentinel:// or redis-cluster://".to_owned(),
        ),
    }
}

fn nodes(hosts: &str, port: u16) -> Result<Vec<Node>, String> {
    hosts.split(',').map(|host| node(host, port)).collect()
}

fn node(text: &str, port: u16) -> Result<Node, String> {
    let wrong = || format!("has the server `{}`; give host:port", shown(text));
    let (host, rest) = match text.strip_prefix('[') {
        Some(six) => six.split_once(']').ok_or_else(wrong)?,
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let port = match rest {
        "" => port,
        rest => {
            let port = rest.strip_prefix(':').and_then(|port| port.parse().ok());
            port.filter(|port| *port > 0).ok_or_else(wrong)?
        }
    };
    let is_odd =
        |letter: char| letter.is_whitespace() || letter.is_control() || "?#".contains(letter);
    if host.is_empty() || host.contains(is_odd) {
        return Err(wrong());
    }
    let host = host.to_owned();
    Ok(Node { host, port })
}

fn database(path: &str) -> Result<i64, String> {
    if path.is_empty() {
        return Ok(0);
    }
    let number = path
        .parse()
        .ok()
        .filter(|number| (0..=1_000_000).contains(number));
    number.ok_or_else(|| format!("asks for database `{}`; give a number", shown(path)))
}

/// Reads `%41` as `A`.
fn decode(text: &str) -> Result<String, String> {
    let wrong = || "has a `%` in its user, password or master that begins no two hexadecimal digits; write it as `%25`";
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let value = digit(rest.next())
            .zip(digit(rest.next()))
            .map(|(a, b)| a * 16 + b);
        let value = value.and_then(|value| u8::try_from(value).ok());
        bytes.push(value.ok_or_else(wrong)?);
    }
    String::from_utf8(bytes)
        .map_err(|_| "has a user, password or master that is not UTF-8".to_owned())
}

/// A part of an address that is no secret, safe to show.
fn shown(text: &str) -> String {
    let cut: String = text.chars().take(64).collect();
    cut.escape_debug().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(host: &str, port: u16) -> Node {
        let host = host.to_owned();
        Node { host, port }
    }

    #[test]
    fn each_form_is_read_and_shown_without_secrets() {
        let cases = [
            ("redis://localhost", "redis://localhost:6379"),
            ("redis://u:p%40ss@h:1/3", "redis://h:1/3"),
            ("rediss://:secret@[::1]:7", "rediss://[::1]:7"),
            ("redis://:a:b@c@h:1", "redis://h:1"),
            (
                "redis-sentinel://a,b:2/main",
                "redis-sentinel://a:26379,b:2/main",
            ),
            (
                "rediss-sentinel://:x@a/main/2",
                "rediss-sentinel://a:26379/main/2",
            ),
            ("redis-cluster://a:1,b:2,c:3", "redis-cluster://a:1,b:2,c:3"),
            ("rediss-cluster://a:1", "rediss-cluster://a:1"),
        ];
        for (text, shown) in cases {
            let address = Address::parse(text).expect(text);
            assert_eq!(address.to_string(), shown);
            assert!(!format!("{address:?}").contains("secret"), "{address:?}");
        }
        let address = Address::parse("redis://u:p%40ss@h:1/3").expect("right");
        assert_eq!(address.topology, Topology::Single(node("h", 1)));
        assert_eq!(address.user.as_deref(), Some("u"));
        assert_eq!(address.password, Some(Secret::new("p@ss")));
    }

    #[test]
    fn what_is_wrong_is_told_without_secrets() {
        let cases = [
            ("localhost:6379", "no address of Redis"),
            ("http://h", "begins with `http`"),
            ("redis://:hunter2@h:x", "the server `h:x`"),
            ("redis://:hunter2@h:0", "the server `h:0`"),
            ("redis://:hunter2@", "the server ``"),
            ("redis://a,b", "several servers"),
            ("redis://:hunter2@h/x", "database `x`"),
            ("redis://:hunter2%4@h", "begins no two hexadecimal digits"),
            ("redis-sentinel://a,b", "names no master"),
            ("redis-cluster://a/1", "only database 0"),
            ("redis://h?x=1", "the server"),
            ("redis://[::1", "the server"),
        ];
        for (text, part) in cases {
            let problem = Address::parse(text).expect_err(text);
            assert!(problem.contains(part), "{text}: {problem}");
            assert!(!problem.contains("hunter2"), "{text}: {problem}");
        }
    }
}
