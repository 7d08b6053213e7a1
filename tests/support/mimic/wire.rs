//! Connections to the model of a server: bytes as over the network, late, cut or without an answer.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fastrand::Rng;
use homeshore::{
    clock,
    store::redis::{Dial, Stream},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    time::Instant,
};

use super::{Mimic, data::Answer};

/// Bytes on their way in one direction, at most.
const ON_THE_WAY: usize = 1 << 16;

/// What may happen to a message, each in so many of 1,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// It arrives late, by up to so many ms.
    pub(crate) late: u16,
    pub(crate) late_ms: u64,
    /// Its answer never comes.
    pub(crate) unanswered: u16,
    /// The connection is cut before it arrives, or after.
    pub(crate) cut: u16,
}

/// What becomes of one message.
struct Fate {
    after: Duration,
    is_cut_before: bool,
    is_cut_after: bool,
    is_unanswered: bool,
}

/// The lines of one process.
pub(crate) struct Line(Mutex<Ends>);

struct Ends {
    rng: Rng,
    trouble: Trouble,
    is_dead: bool,
    frozen_until: Option<Instant>,
}

impl Line {
    pub(crate) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Ends {
            rng: Rng::with_seed(seed),
            trouble: Trouble::default(),
            is_dead: false,
            frozen_until: None,
        })))
    }

    fn ends(&self) -> MutexGuard<'_, Ends> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_trouble(&self, trouble: Trouble) {
        self.ends().trouble = trouble;
    }

    /// Nothing arrives for a while, in either direction.
    pub(crate) fn freeze(&self, time: Duration) {
        self.ends().frozen_until = Some(clock::instant() + time);
    }

    /// Cuts the process off for ever: for all others it is gone.
    pub(crate) fn end(&self) {
        self.ends().is_dead = true;
    }

    fn is_dead(&self) -> bool {
        self.ends().is_dead
    }

    /// Waits while nothing arrives.
    async fn thawed(&self) {
        loop {
            let until = self.ends().frozen_until;
            match until.filter(|until| *until > clock::instant()) {
                Some(until) => tokio::time::sleep_until(until).await,
                None => return,
            }
        }
    }

    fn fate(&self) -> Fate {
        let Ends { rng, trouble, .. } = &mut *self.ends();
        let mut happens = |often: u16| rng.u16(0..1_000) < often;
        let (late, cut) = (happens(trouble.late), happens(trouble.cut));
        let is_unanswered = happens(trouble.unanswered);
        let is_cut_before = cut && rng.bool();
        let after = if late {
            rng.u64(0..=trouble.late_ms)
        } else {
            0
        };
        Fate {
            after: Duration::from_millis(after),
            is_cut_before,
            is_cut_after: cut && !is_cut_before,
            is_unanswered,
        }
    }
}

impl Mimic {
    /// How a process reaches it.
    pub(crate) fn dial(&self, line: &Arc<Line>) -> Dial {
        let (server, line) = (self.clone(), Arc::clone(line));
        Arc::new(move |_| {
            let reached = {
                let state = server.state();
                (!state.is_down && !line.is_dead()).then_some(state.life)
            };
            let Some(reached) = reached else {
                return Err(io::ErrorKind::ConnectionRefused.into());
            };
            let (near, far) = tokio::io::duplex(ON_THE_WAY);
            let connection = Connection {
                server: server.clone(),
                line: Arc::clone(&line),
                life: reached,
                stream: far,
                read: Vec::new(),
                unknown: None,
                queued: None,
            };
            tokio::spawn(connection.serve());
            Ok(Box::new(near) as Box<dyn Stream>)
        })
    }
}

struct Connection {
    server: Mimic,
    line: Arc<Line>,
    life: u64,
    stream: DuplexStream,
    read: Vec<u8>,
    /// The digest of a script that was told not to be known.
    unknown: Option<String>,
    /// Commands of a transaction that is not yet carried out.
    queued: Option<Vec<Vec<Vec<u8>>>>,
}

impl Connection {
    /// Serves until one side ends.
    async fn serve(mut self) {
        while let Some(command) = self.command().await {
            let fate = self.line.fate();
            tokio::time::sleep(fate.after).await;
            self.line.thawed().await;
            if fate.is_cut_before || self.line.is_dead() {
                return;
            }
            let Some(answer) = self.answer(command) else {
                return;
            };
            if fate.is_cut_after {
                return;
            }
            if fate.is_unanswered {
                // Whoever asked gives the connection up.
                while self.command().await.is_some() {}
                return;
            }
            self.line.thawed().await;
            let mut bytes = Vec::new();
            write(&answer, &mut bytes);
            if self.stream.write_all(&bytes).await.is_err() {
                return;
            }
        }
    }

    /// The answer to a command; none if the server is not there any more.
    fn answer(&mut self, command: Vec<Vec<u8>>) -> Option<Answer> {
        let mut state = self.server.state();
        if state.life != self.life || state.is_down {
            return None;
        }
        if command == [b"MULTI"] {
            self.queued = Some(Vec::new());
            return Some("OK".into());
        }
        if command == [b"EXEC"] {
            let queued = self.queued.take().unwrap_or_default();
            let answers = queued.iter().map(|one| state.execute(one, &mut self.unknown));
            return Some(Answer::List(answers.collect()));
        }
        if let Some(queued) = &mut self.queued {
            queued.push(command);
            return Some("QUEUED".into());
        }
        Some(state.execute(&command, &mut self.unknown))
    }

    /// The next command; none at the end.
    async fn command(&mut self) -> Option<Vec<Vec<u8>>> {
        loop {
            if let Some((command, used)) = parse(&self.read) {
                self.read.drain(..used);
                return Some(command);
            }
            let count = self.stream.read_buf(&mut self.read).await.ok()?;
            if count == 0 {
                return None;
            }
        }
    }
}

/// A whole command at the beginning, and its length.
fn parse(bytes: &[u8]) -> Option<(Vec<Vec<u8>>, usize)> {
    let mut at = 0;
    let count = number(bytes, &mut at)?;
    let mut words = Vec::with_capacity(count);
    for _ in 0..count {
        let length = number(bytes, &mut at)?;
        words.push(bytes.get(at..at + length)?.to_vec());
        at += length + 2;
    }
    (at <= bytes.len()).then_some((words, at))
}

/// A number after `*` or `$`.
fn number(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let rest = bytes.get(*at + 1..)?;
    let length = rest.windows(2).position(|end| end == b"\r\n")?;
    let text = std::str::from_utf8(&rest[..length]).expect("digits");
    *at += length + 3;
    Some(text.parse().expect("a number"))
}

fn write(answer: &Answer, bytes: &mut Vec<u8>) {
    match answer {
        Answer::Nil => bytes.extend(b"$-1\r\n"),
        Answer::Number(number) => bytes.extend(format!(":{number}\r\n").bytes()),
        Answer::Error(text) => bytes.extend(format!("-{text}\r\n").bytes()),
        Answer::Text(text) => {
            bytes.extend(format!("${}\r\n", text.len()).bytes());
            bytes.extend(text);
            bytes.extend(b"\r\n");
        }
        Answer::List(answers) => {
            bytes.extend(format!("*{}\r\n", answers.len()).bytes());
            for one in answers {
                write(one, bytes);
            }
        }
    }
}
