//! Several servers of the program that share one Redis, and a door that leads to whichever of them lives.

use std::{
    fs,
    io::{self, Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    path::PathBuf,
    thread,
    time::Duration,
};

use tempfile::TempDir;

use super::{
    program::{AGENTS, POOL, Server},
    redis::{Redis, until},
};

/// Servers that share one Redis.
pub(crate) struct Replicas {
    pub(crate) redis: Redis,
    pub(crate) servers: Vec<Server>,
    _folder: TempDir,
}

/// What servers that share a store have in common.
pub(crate) fn settings() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("receipt.key");
    fs::write(&key, "07".repeat(32)).unwrap();
    let file = folder.path().join("settings.toml");
    let text = format!(
        "[peers]\nlisten = \"127.0.0.1:0\"\nsecret = \"{}\"\n[security]\nreceipt_key_file = \"{}\"\n",
        "known to all replicas ".repeat(2),
        key.display()
    );
    fs::write(&file, text).unwrap();
    (folder, file)
}

impl Replicas {
    /// So many servers, each of which sees the others, with the pool `default` and its two agents.
    pub(crate) fn start(count: usize) -> Self {
        let replicas = Self::without_pools(count);
        let server = &replicas.servers[0];
        let file = |name, text| super::program::file(server.folder(), name, text);
        server.apply(&file("pool.toml", POOL), &file("agents.csv", AGENTS));
        replicas.settle();
        replicas
    }

    /// The same without a pool.
    pub(crate) fn without_pools(count: usize) -> Self {
        let redis = Redis::start(&[]);
        let (folder, settings) = settings();
        let server = |_| Server::sharing(&redis.url(), &settings);
        let replicas = Self {
            servers: (0..count).map(server).collect(),
            redis,
            _folder: folder,
        };
        replicas.settle();
        replicas
    }

    /// Waits until every server knows of every other, and who has the pool, if there is one.
    pub(crate) fn settle(&self) {
        let there = self.servers.len().to_string();
        until("all servers are there", || {
            self.redis.ask(&["HLEN", "hs:replicas"]) >= there
        });
        if self.redis.ask(&["EXISTS", "hs:{default}:m"]) == "1" {
            until("all servers know the owner", || {
                self.servers.iter().all(|one| !owner_by(one).is_empty())
            });
        }
    }

    /// Which server has the pool `default`.
    pub(crate) fn owner(&self) -> usize {
        let mut owner = None;
        until("the pool has an owner", || {
            let here = |one: &Server| one.told(&["pool", "owners"])["owners"][0]["is_here"] == true;
            owner = self.servers.iter().position(here);
            owner.is_some()
        });
        owner.unwrap()
    }
}

/// Who has the pool `default`, as a server sees it.
fn owner_by(server: &Server) -> String {
    let told = server.told(&["pool", "owners"]);
    let address = told["owners"][0]["address"].as_str();
    address.unwrap_or_default().to_owned()
}

/// A door that leads to the first of several servers that takes a connection, as a load balancer does.
pub(crate) struct Door {
    address: SocketAddr,
}

impl Door {
    pub(crate) fn to(servers: &[Server]) -> Self {
        let servers: Vec<SocketAddr> = servers
            .iter()
            .map(|one| one.url.trim_start_matches("http://").parse().unwrap())
            .collect();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for (number, client) in listener.incoming().flatten().enumerate() {
                let servers = servers.clone();
                thread::spawn(move || lead(&client, &servers, number));
            }
        });
        Self { address }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

fn lead(client: &TcpStream, servers: &[SocketAddr], number: usize) {
    let in_turn = servers.iter().cycle().skip(number).take(servers.len());
    let connect = |server: &SocketAddr| TcpStream::connect_timeout(server, Duration::from_secs(1));
    if let Some(server) = in_turn.map(connect).find_map(Result::ok) {
        thread::scope(|scope| {
            scope.spawn(|| pass(client, &server));
            pass(&server, client);
        });
    }
}

/// Passes bytes on until one side ends; then both do.
fn pass(mut from: &TcpStream, mut to: &TcpStream) {
    let mut bytes = [0; 16_384];
    let mut some = || -> io::Result<bool> {
        let count = from.read(&mut bytes)?;
        to.write_all(&bytes[..count])?;
        Ok(count > 0)
    };
    while some().unwrap_or(false) {}
    for side in [from, to] {
        // It may be gone already.
        let _ended_before = side.shutdown(Shutdown::Both);
    }
}
