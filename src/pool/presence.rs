//! Signs of life of agents' sessions and of platforms, by stream or unary call. They write nothing themselves.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::{Shared, lock};
use crate::{
    clock,
    engine::{
        command::{Command, LineSign},
        ids::{AgentId, PlatformKey},
    },
};

/// A session without a sign for this long is silent.
pub const SESSION_SILENT_AFTER: Duration = Duration::from_secs(6);
/// A platform without a sign for this long is detached.
pub const PLATFORM_SILENT_AFTER: Duration = Duration::from_secs(10);
/// A silent session is forgotten after this long; its next sign makes it known again.
const FORGET_AFTER: Duration = Duration::from_secs(60);

/// When each session and platform was last heard, and what the engine was told.
#[derive(Debug, Default)]
pub struct Presence {
    signs: Mutex<Signs>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Signs {
    sessions: BTreeMap<AgentId, Session>,
    platforms: BTreeMap<PlatformKey, Sign>,
}

#[derive(Debug)]
struct Session {
    number: u64,
    sign: Sign,
}

#[derive(Debug)]
struct Sign {
    last: Instant,
    /// The stream closed and nothing was heard since.
    closed: bool,
    /// Open long polls: each is a continuous sign.
    polls: u32,
    told: Told,
}

/// What the engine was told last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    Nothing,
    Here,
    Gone,
}

/// A command that the engine is due, and what to remember once it is done.
#[derive(Debug)]
pub(super) struct Due {
    pub(super) command: Command,
    subject: Subject,
    told: Told,
}

#[derive(Debug)]
enum Subject {
    Session(AgentId, u64),
    Platform(PlatformKey),
}

impl Sign {
    fn new(told: Told) -> Self {
        Self {
            last: clock::instant(),
            closed: false,
            polls: 0,
            told,
        }
    }

    fn heard(&mut self) {
        self.last = clock::instant();
        self.closed = false;
    }

    fn silence(&self) -> Duration {
        clock::instant().duration_since(self.last)
    }

    fn is_heard(&self, limit: Duration) -> bool {
        self.polls > 0 || (!self.closed && self.silence() < limit)
    }
}

impl Presence {
    /// A session was opened, and the engine knows.
    pub fn session_opened(&self, agent: &AgentId, session: u64) {
        let session = Session {
            number: session,
            sign: Sign::new(Told::Here),
        };
        lock(&self.signs).sessions.insert(agent.clone(), session);
    }

    /// A sign of a session that is the agent's newest.
    pub fn session_heard(&self, agent: &AgentId, session: u64) {
        let mut signs = lock(&self.signs);
        if signs.session(agent, session, Sign::heard) == Some(Told::Here) {
            return;
        }
        drop(signs);
        self.changed.notify_one();
    }

    /// The session's stream closed.
    pub fn session_closed(&self, agent: &AgentId, session: u64) {
        let mut signs = lock(&self.signs);
        if let Some(known) = signs.sessions.get_mut(agent)
            && known.number == session
        {
            known.sign.closed = true;
        }
        drop(signs);
        self.changed.notify_one();
    }

    /// A platform's stream opened, and the engine knows.
    pub fn platform_opened(&self, key: &PlatformKey) {
        let sign = Sign::new(Told::Here);
        lock(&self.signs).platforms.insert(key.clone(), sign);
    }

    /// A sign of a platform's instance.
    pub fn platform_heard(&self, key: &PlatformKey) {
        let mut signs = lock(&self.signs);
        if signs.platform(key, Sign::heard) == Told::Here {
            return;
        }
        drop(signs);
        self.changed.notify_one();
    }

    /// The newest stream of a platform's instance closed.
    pub fn platform_closed(&self, key: &PlatformKey) {
        if let Some(sign) = lock(&self.signs).platforms.get_mut(key) {
            sign.closed = true;
        }
        self.changed.notify_one();
    }

    /// The pool was opened again: the engine knows of nobody.
    pub(super) fn reset(&self) {
        let mut signs = lock(&self.signs);
        for session in signs.sessions.values_mut() {
            session.sign.told = Told::Nothing;
        }
        for sign in signs.platforms.values_mut() {
            sign.told = Told::Nothing;
        }
        drop(signs);
        self.changed.notify_one();
    }

    /// Waits until something may be due.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// What the engine must be told now.
    pub(super) fn due(&self) -> Vec<Due> {
        let mut signs = lock(&self.signs);
        signs.sessions.retain(|_, session| {
            let sign = &session.sign;
            sign.told == Told::Here
                || sign.is_heard(SESSION_SILENT_AFTER)
                || sign.silence() < FORGET_AFTER
        });
        signs.platforms.retain(|_, sign| {
            sign.told == Told::Here
                || sign.is_heard(PLATFORM_SILENT_AFTER)
                || sign.silence() < FORGET_AFTER
        });
        let sessions = signs.sessions.iter().filter_map(session_due);
        let platforms = signs.platforms.iter().filter_map(platform_due);
        sessions.chain(platforms).collect()
    }

    /// Remembers what the engine was told; whoever is refused is forgotten.
    pub(super) fn told(&self, due: Due, refused: bool) {
        let mut signs = lock(&self.signs);
        match due.subject {
            Subject::Session(agent, number) => {
                let Some(session) = signs.sessions.get_mut(&agent) else {
                    return;
                };
                if session.number != number {
                    return;
                }
                if refused {
                    signs.sessions.remove(&agent);
                } else {
                    session.sign.told = due.told;
                }
            }
            Subject::Platform(key) => {
                if let Some(sign) = signs.platforms.get_mut(&key) {
                    sign.told = due.told;
                }
            }
        }
    }
}

impl Signs {
    /// Changes the sign of a session unless a newer one is known; answers what the engine was told.
    fn session(
        &mut self,
        agent: &AgentId,
        number: u64,
        change: impl FnOnce(&mut Sign),
    ) -> Option<Told> {
        let known = self
            .sessions
            .entry(agent.clone())
            .or_insert_with(|| Session {
                number,
                sign: Sign::new(Told::Nothing),
            });
        if known.number > number {
            return None;
        }
        if known.number < number {
            known.number = number;
            known.sign.told = Told::Nothing;
        }
        change(&mut known.sign);
        Some(known.sign.told)
    }

    fn platform(&mut self, key: &PlatformKey, change: impl FnOnce(&mut Sign)) -> Told {
        let sign = self
            .platforms
            .entry(key.clone())
            .or_insert_with(|| Sign::new(Told::Nothing));
        change(sign);
        sign.told
    }
}

fn session_due((agent, session): (&AgentId, &Session)) -> Option<Due> {
    let sign = &session.sign;
    let (told, line) = match (sign.is_heard(SESSION_SILENT_AFTER), sign.told) {
        (true, Told::Nothing | Told::Gone) => (Told::Here, LineSign::Heard),
        (false, Told::Here) => (
            Told::Gone,
            LineSign::Silent {
                for_ms: silent_ms(sign),
            },
        ),
        (true, Told::Here) | (false, Told::Nothing | Told::Gone) => return None,
    };
    Some(Due {
        command: Command::ReportLine {
            agent: agent.clone(),
            session: session.number,
            sign: line,
        },
        subject: Subject::Session(agent.clone(), session.number),
        told,
    })
}

/// A closed stream is silent from that moment, whatever was heard last.
fn silent_ms(sign: &Sign) -> u64 {
    if sign.closed {
        return 0;
    }
    u64::try_from(sign.silence().as_millis()).unwrap_or(u64::MAX)
}

fn platform_due((key, sign): (&PlatformKey, &Sign)) -> Option<Due> {
    let key = key.clone();
    let (told, command) = match (sign.is_heard(PLATFORM_SILENT_AFTER), sign.told) {
        (true, Told::Nothing | Told::Gone) => {
            (Told::Here, Command::AttachPlatform { key: key.clone() })
        }
        (false, Told::Here) => (Told::Gone, Command::DetachPlatform { key: key.clone() }),
        (true, Told::Here) | (false, Told::Nothing | Told::Gone) => return None,
    };
    Some(Due {
        command,
        subject: Subject::Platform(key),
        told,
    })
}

/// A long poll under way: a continuous sign of life until it is dropped.
#[derive(Debug)]
pub struct Poll {
    shared: Arc<Shared>,
    who: Who,
}

#[derive(Debug)]
enum Who {
    Session(AgentId, u64),
    Platform(PlatformKey),
}

impl Poll {
    /// A session polls.
    pub fn of_session(shared: &Arc<Shared>, agent: &AgentId, session: u64) -> Self {
        Self::begin(shared, Who::Session(agent.clone(), session))
    }

    /// A platform's instance polls.
    pub fn of_platform(shared: &Arc<Shared>, key: &PlatformKey) -> Self {
        Self::begin(shared, Who::Platform(key.clone()))
    }

    fn begin(shared: &Arc<Shared>, who: Who) -> Self {
        let poll = Self {
            shared: Arc::clone(shared),
            who,
        };
        poll.change(|sign| {
            sign.heard();
            sign.polls += 1;
        });
        poll
    }

    fn change(&self, change: impl FnOnce(&mut Sign)) {
        let presence = self.shared.presence();
        let mut signs = lock(&presence.signs);
        match &self.who {
            Who::Session(agent, session) => {
                signs.session(agent, *session, change);
            }
            Who::Platform(key) => {
                signs.platform(key, change);
            }
        }
        drop(signs);
        presence.changed.notify_one();
    }
}

impl Drop for Poll {
    fn drop(&mut self) {
        self.change(|sign| {
            sign.last = clock::instant();
            // The entry may be newer than this poll, if the session was opened again meanwhile.
            sign.polls = sign.polls.saturating_sub(1);
        });
    }
}
