//! A pool in a test: an engine, its time, and what a store would hold.

use std::{collections::BTreeMap, sync::Arc};

use homeshore::{
    clock::PoolClock,
    engine::{
        Engine, Limits,
        command::{Command, NewCall},
        event::Event,
        ids::{
            AgentId, CallId, Moment, PlatformKey, PoolId, PoolTime, QueueId, SkillName, WallTime,
        },
        profile::{AgentProfile, ProfileFields, Site, SiteKind, SkillLevel},
        record::{Delta, Record},
        rejection::Rejection,
        spec::{PoolSpec, PrioritySpec, QueueSpec, RingSpec},
    },
    pool::view::PoolView,
};

/// An engine with the map that a store would hold of it.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) stored: BTreeMap<String, Vec<u8>>,
    /// What readers see, kept from what changes.
    pub(crate) view: PoolView,
    pub(crate) now: u64,
    /// How far the calendar is ahead of the pool's clock, ms.
    pub(crate) wall_ahead: i64,
}

impl World {
    /// An empty pool at time zero.
    pub(crate) fn new(limits: Limits) -> Self {
        let mut world = Self {
            engine: Engine::new(pool(), limits),
            stored: BTreeMap::new(),
            view: PoolView::new(PoolClock::start(PoolTime(0), None), 0),
            now: 0,
            wall_ahead: MONDAY_MS,
        };
        // The pool hears how far the calendar is ahead, so that no test is told of it.
        world
            .apply(&Command::Tick)
            .expect("a tick is never refused");
        world
    }

    /// What the calendar shows now.
    pub(crate) fn wall(&self) -> WallTime {
        WallTime(self.wall_ahead + i64::try_from(self.now).unwrap())
    }

    /// Carries a command out now and stores what it changed.
    pub(crate) fn apply(&mut self, command: &Command) -> Result<Vec<Event>, Rejection> {
        let at = Moment {
            now: PoolTime(self.now),
            wall: self.wall(),
        };
        let mut events = Vec::new();
        let outcome = self.engine.apply(at, command, &mut events);
        let changes = self.engine.take_changes();
        for touched in changes.touched {
            self.view.touch(touched, 1);
        }
        for delta in changes.deltas {
            match delta {
                Delta::Put(record) => drop(self.stored.insert(record.key, record.value)),
                Delta::Delete(key) => drop(self.stored.remove(&key)),
            }
        }
        outcome.map(|()| events)
    }

    /// Moves time to `to`, with a tick at each deadline on the way.
    pub(crate) fn advance(&mut self, to: u64) -> Vec<(u64, Vec<Event>)> {
        let mut seen = Vec::new();
        while let Some(due) = self.engine.next_deadline().filter(|due| due.0 <= to) {
            self.now = self.now.max(due.0);
            let events = self.apply(&Command::Tick).expect("a tick is never refused");
            seen.push((self.now, events));
        }
        self.now = to;
        seen
    }

    /// Moves time to `to` and ticks once: deadlines on the way are worked off late.
    pub(crate) fn stall(&mut self, to: u64) -> Vec<Event> {
        self.now = to;
        self.apply(&Command::Tick).expect("a tick is never refused")
    }

    /// What the store holds, as records.
    pub(crate) fn records(&self) -> Vec<Record> {
        let records = self.stored.iter();
        records
            .map(|(key, value)| Record {
                key: key.clone(),
                value: value.clone(),
            })
            .collect()
    }

    /// An engine built from the store alone.
    pub(crate) fn reloaded(&self) -> Engine {
        Engine::load(
            pool(),
            Limits::default(),
            &self.records(),
            self.engine.now(),
        )
        .expect("what was stored can be loaded")
    }
}

/// Pool time zero is a Monday's midnight, 2026-03-02 in UTC.
const MONDAY_MS: i64 = 1_772_409_600_000;

/// What the calendar shows at a pool time.
pub(crate) fn wall(now: u64) -> WallTime {
    WallTime(MONDAY_MS + i64::try_from(now).expect("tests are short"))
}

/// Records as text, for comparisons that a person can read.
pub(crate) fn text(records: &[Record]) -> Vec<String> {
    let line =
        |record: &Record| format!("{} {}", record.key, String::from_utf8_lossy(&record.value));
    records.iter().map(line).collect()
}

/// The pool of every engine test.
pub(crate) fn pool() -> PoolId {
    PoolId::new("default")
}

/// A pool's configuration with these queues.
pub(crate) fn spec(queues: Vec<QueueSpec>) -> PoolSpec {
    let priority = |name: &str, head_start_ms| PrioritySpec {
        name: name.into(),
        head_start_ms,
    };
    PoolSpec {
        priorities: vec![
            priority("high", 60_000),
            priority("strict", 1_000_000_000_000),
        ],
        ..PoolSpec::new(pool(), queues)
    }
}

/// A queue that asks for these skills in its one ring.
pub(crate) fn queue(id: &str, skills: &str) -> QueueSpec {
    let ring = RingSpec {
        after_ms: 0,
        skills: levels(skills),
        site_kinds: Vec::new(),
    };
    QueueSpec::new(QueueId::new(id), 20_000, vec![ring])
}

/// Skills written `fr:3|billing:1`.
pub(crate) fn levels(text: &str) -> Vec<SkillLevel> {
    let mut levels: Vec<SkillLevel> = text
        .split('|')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (skill, level) = part.split_once(':').expect("a skill is name:level");
            SkillLevel {
                skill: SkillName::new(skill),
                level: level.parse().expect("a level"),
            }
        })
        .collect();
    levels.sort();
    levels
}

/// A kind of site by its word.
pub(crate) fn site_kind(word: &str) -> SiteKind {
    match word {
        "home" => SiteKind::Home,
        "telecentre" => SiteKind::Telecentre,
        "on_site" => SiteKind::OnSite,
        other => panic!("`{other}` is no kind of site"),
    }
}

/// An agent's record.
pub(crate) fn profile(id: &str, skills: &str, kind: SiteKind) -> AgentProfile {
    AgentProfile {
        id: AgentId::new(id),
        display_name: id.into(),
        skills: levels(skills),
        site: Site {
            id: id.into(),
            kind,
            region: "bretagne".into(),
            provider: "fibre".into(),
        },
        address: format!("sip:{id}@example.org").into(),
        team: "blue".into(),
        employer: "own".into(),
        terms: None,
    }
}

/// The order to create or change an agent.
pub(crate) fn apply_agent(profile: AgentProfile) -> Command {
    Command::ApplyAgents {
        agents: vec![profile],
        fields: ProfileFields::ALL,
    }
}

/// A platform with one instance.
pub(crate) fn platform(name: &str) -> PlatformKey {
    PlatformKey {
        platform: name.into(),
        instance: "1".into(),
    }
}

/// A call for a queue.
pub(crate) fn call(id: &str, queue: &str) -> NewCall {
    NewCall {
        id: CallId::new(id),
        queue: QueueId::new(queue),
        key: platform("pbx"),
        priority: "".into(),
        skills: Vec::new(),
        waited_ms: 0,
        is_wait_shown: false,
        preferred: None,
        attributes: Arc::default(),
        origin: None,
        digest: format!("digest-of-{id}").into(),
    }
}
