//! A Redis of this process: what the store asks of one, on a clock that may be paused, over connections that fail to order. The
//! contract of the stores holds it to the real one; simulations of many servers run on it.

mod data;
mod scripts;
mod wire;

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use homeshore::clock;
use tokio::time::Instant;

use self::{
    data::{Answer, Data},
    scripts::Call,
};
pub(crate) use self::{
    scripts::{Counts, Rules},
    wire::{Line, Trouble},
};

/// Its clock begins here, ms.
const BEGUN_AT: u64 = 1_700_000_000_000;
/// Its states that are remembered: so many can be lost.
const PAST: usize = 12;

/// A server, and those that take its place. Copies share it.
#[derive(Clone)]
pub(crate) struct Mimic(Arc<Mutex<State>>);

struct State {
    data: Data,
    /// What it held before each of its last changes, oldest first.
    past: VecDeque<Data>,
    /// How many servers there were: the connections to earlier ones are dead.
    life: u64,
    is_down: bool,
    begun: Instant,
    /// How far its clock is off, ms.
    off_ms: i64,
    rules: Rules,
    counts: Counts,
    /// Texts of scripts, by digest.
    known: BTreeMap<String, String>,
    leases: BTreeMap<String, (u64, u64)>,
}

impl Mimic {
    pub(crate) fn new(rules: Rules) -> Self {
        Self(Arc::new(Mutex::new(State {
            data: Data::default(),
            past: VecDeque::new(),
            life: 1,
            is_down: false,
            begun: clock::instant(),
            off_ms: 0,
            rules,
            counts: Counts::default(),
            known: BTreeMap::new(),
            leases: BTreeMap::new(),
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn counts(&self) -> Counts {
        self.state().counts
    }

    /// Forgets everything.
    pub(crate) fn empty(&self) {
        self.state().data = Data::default();
    }

    /// Takes no connections and answers nothing for a while.
    pub(crate) fn set_down(&self, is_down: bool) {
        let mut state = self.state();
        state.is_down = is_down;
        state.life += u64::from(is_down);
    }

    /// Another server takes its place, which lacks so many of the newest changes and has a clock of its own; how many it lacks.
    pub(crate) fn fail_over(&self, lost: usize, off_ms: i64) -> usize {
        let mut state = self.state();
        let lost = lost.min(state.past.len());
        for _ in 0..lost {
            state.data = state.past.pop_back().expect("there are as many");
        }
        state.life += 1;
        state.known.clear();
        state.off_ms = off_ms;
        lost
    }

    /// The fields of a hash.
    pub(crate) fn fields(&self, key: &str) -> Vec<(String, Vec<u8>)> {
        self.state().data.fields(key)
    }

    /// The entries of a stream.
    pub(crate) fn entries(&self, key: &str) -> Vec<String> {
        let entries = self.state().data.after(key, "0-0", usize::MAX);
        let text = |(_, value): (String, Vec<u8>)| String::from_utf8(value).expect("JSON is text");
        entries.into_iter().map(text).collect()
    }
}

impl State {
    fn now(&self) -> u64 {
        let since = clock::instant().duration_since(self.begun).as_millis();
        let now = BEGUN_AT + u64::try_from(since).expect("not for ever");
        now.saturating_add_signed(self.off_ms)
    }

    /// Does what a connection asks; `unknown` is the digest of a script that it was told is not known.
    fn execute(&mut self, command: &[Vec<u8>], unknown: &mut Option<String>) -> Answer {
        let before = self.data.clone();
        let answer = self.carry_out(command, unknown);
        if self.data != before {
            self.past.push_back(before);
            if self.past.len() > PAST {
                self.past.pop_front();
            }
        }
        answer
    }

    fn carry_out(&mut self, command: &[Vec<u8>], unknown: &mut Option<String>) -> Answer {
        let words: Vec<String> = command
            .iter()
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match &words[..] {
            ["EVALSHA", digest, ..] => match self.known.get(*digest).cloned() {
                Some(text) => self.script(&text, command),
                None => {
                    *unknown = Some((*digest).to_owned());
                    Answer::Error("NOSCRIPT No matching script".to_owned())
                }
            },
            ["EVAL", text, ..] => {
                if let Some(digest) = unknown.take() {
                    self.known.insert(digest, (*text).to_owned());
                }
                self.script(text, command)
            }
            ["HSET", key, ..] => {
                for pair in command[2..].chunks(2) {
                    let field = String::from_utf8_lossy(&pair[0]);
                    self.data.set(key, &field, pair[1].clone());
                }
                Answer::Number(0)
            }
            ["XADD", key, id, _, _] => match self.data.append(key, id, command[4].clone()) {
                Ok(()) => (*id).into(),
                Err(error) => error,
            },
            ["ZADD", key, ..] => {
                for pair in command[2..].chunks(2) {
                    self.data.add(key, &pair[1]);
                }
                Answer::Number(0)
            }
            ["ZREM", key, ..] => {
                for member in &command[2..] {
                    self.data.take(key, member);
                }
                Answer::Number(0)
            }
            ["UNLINK", key] => u64::from(self.data.unlink(key)).into(),
            ["COPY", from, to] => u64::from(self.data.copy(from, to)).into(),
            ["EXPIRE", ..] => Answer::Number(1),
            words => self.read(words),
        }
    }

    /// What changes nothing.
    fn read(&self, words: &[&str]) -> Answer {
        let list = |answers: Vec<Answer>| Answer::List(answers);
        match words {
            ["INFO", ..] => format!(
                "redis_version:7.0.15\r\nrun_id:{:040x}\r\nrole:master\r\nconnected_slaves:0\r\n",
                self.life
            )
            .into(),
            ["TIME"] => {
                let (now, part) = (self.now() / 1_000, self.now() % 1_000 * 1_000);
                list([now, part].map(|part| part.to_string().into()).into())
            }
            ["WAIT", ..] => Answer::Number(0),
            ["TYPE", key] => self.data.kind(key).into(),
            ["XLEN", key] => self.data.len(key).into(),
            ["HGET", key, field] => self.data.get(key, field).into(),
            ["HMGET", key, fields @ ..] => {
                let fields = fields.iter().map(|field| self.data.get(key, field).into());
                list(fields.collect())
            }
            ["HSCAN", key, ..] => {
                let fields = self.data.fields(key).into_iter();
                let fields = fields.flat_map(|(f, v)| [f.into(), Answer::Text(v)]);
                list(vec!["0".into(), list(fields.collect())])
            }
            ["SCAN", ..] => {
                let heads = self.data.keys().filter(|key| key.ends_with("}:m"));
                list(vec!["0".into(), list(heads.map(Answer::from).collect())])
            }
            ["XRANGE", key, from, _, _, limit] => {
                let from = from.trim_start_matches('(');
                let entries = self.data.after(key, from, limit.parse().expect("a number"));
                let entry = |(id, json): (String, Vec<u8>)| {
                    list(vec![
                        id.into(),
                        list(vec!["event".into(), Answer::Text(json)]),
                    ])
                };
                list(entries.into_iter().map(entry).collect())
            }
            ["ZRANGEBYLEX", key, from, to, _, _, limit] => {
                let members = self.data.members(key).into_iter();
                let fits = |member: &Vec<u8>| is_above(member, from) && is_below(member, to);
                let some = members.filter(fits).take(limit.parse().expect("a number"));
                list(some.map(Answer::Text).collect())
            }
            other => panic!("the model does not know {other:?}"),
        }
    }

    fn script(&mut self, text: &str, command: &[Vec<u8>]) -> Answer {
        let word = |at: usize| String::from_utf8_lossy(&command[at]).into_owned();
        let count: usize = word(2).parse().expect("a number of keys");
        let keys: Vec<String> = (3..3 + count).map(word).collect();
        let now = self.now();
        let call = Call {
            data: &mut self.data,
            counts: &mut self.counts,
            rules: self.rules,
            now,
            keys: &keys,
            arguments: &command[3 + count..],
            leases: &mut self.leases,
        };
        call.run(text)
    }
}

fn is_above(member: &[u8], from: &str) -> bool {
    match from.as_bytes() {
        [b'[', rest @ ..] => member >= rest,
        [b'(', rest @ ..] => member > rest,
        _ => from == "-",
    }
}

fn is_below(member: &[u8], to: &str) -> bool {
    match to.as_bytes() {
        [b'[', rest @ ..] => member <= rest,
        [b'(', rest @ ..] => member < rest,
        _ => to == "+",
    }
}
