//! As much of Redis' protocol as tests need to look at a server from outside, without the client that is tested.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use homeshore::{engine::record::Delta, store::Batch};

/// Sends one command; the answer, with the parts of a list in lines. An error is text as well.
pub(super) fn ask(
    address: SocketAddr,
    password: Option<&str>,
    command: &[&str],
) -> io::Result<String> {
    let limit = Duration::from_secs(2);
    let mut stream = TcpStream::connect_timeout(&address, limit)?;
    stream.set_read_timeout(Some(limit))?;
    let mut answers = BufReader::new(stream.try_clone()?);
    if let Some(password) = password {
        send(&mut stream, &["AUTH", password])?;
        read(&mut answers)?;
    }
    send(&mut stream, command)?;
    read(&mut answers)
}

fn send(stream: &mut TcpStream, command: &[&str]) -> io::Result<()> {
    stream.write_all(&bytes_of(command))
}

fn bytes_of(command: &[&str]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", command.len()).into_bytes();
    for word in command {
        bytes.extend(format!("${}\r\n{word}\r\n", word.len()).into_bytes());
    }
    bytes
}

/// The plainest writes of a batch, and how many answers they have.
pub(super) fn plain(batch: &Batch) -> (Vec<u8>, usize) {
    let puts = batch.deltas.iter().filter_map(|delta| match delta {
        Delta::Put(record) => Some([record.key.as_str(), str::from_utf8(&record.value).unwrap()]),
        Delta::Delete(_) => None,
    });
    let set: Vec<&str> = ["HSET", "plain"]
        .into_iter()
        .chain(puts.flatten())
        .collect();
    let mut bytes = bytes_of(&set);
    for event in &batch.events {
        bytes.extend(bytes_of(&["XADD", "plain-events", "*", "event", event]));
    }
    (bytes, 1 + batch.events.len())
}

/// A connection for many exchanges.
pub(super) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(super) fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends bytes, and reads so many answers.
    pub(super) fn exchange(&mut self, bytes: &[u8], answers: usize) -> io::Result<()> {
        self.0.get_mut().write_all(bytes)?;
        (0..answers).try_for_each(|_| read(&mut self.0).map(drop))
    }
}

fn read(answers: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if answers.read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    let line = line.trim_end();
    let (kind, rest) = line.split_at(line.len().min(1));
    let length: usize = rest.parse().unwrap_or(0);
    match kind {
        "$" if rest != "-1" => {
            let mut bytes = vec![0; length + 2];
            answers.read_exact(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes[..length]).into_owned())
        }
        "*" => {
            let parts: io::Result<Vec<String>> = (0..length).map(|_| read(answers)).collect();
            Ok(parts?.join("\n"))
        }
        _ => Ok(rest.to_owned()),
    }
}
