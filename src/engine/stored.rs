//! The stored form of each entity, and how a pool is built from it again.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use thiserror::Error;

use super::{
    Limits,
    agent::AgentState,
    call::{CallRecord, CallState, Tombstone},
    counters::Counters,
    ids::{AgentId, CallId, MessageId, PlatformKey, PoolId, PoolTime},
    plan::Schedule,
    profile::AgentProfile,
    readiness::Readiness,
    record::{Delta, Record},
    shown::shown,
    sites::DrainedSite,
    spec::PoolSpec,
    state::{AgentIx, EntityKey, Platform, State},
};

/// Format of the entities that this release writes, and the newest that it reads.
pub const ENTITY_FORMAT: u32 = 1;

/// Why stored entities do not make a pool.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum LoadError {
    /// An entity cannot be read.
    #[error("stored entity `{key}` cannot be read: {problem}")]
    Corrupt { key: String, problem: String },
    /// An entity was written by a newer release.
    #[error(
        "stored entity `{key}` has format {format}, and this program reads up to {ENTITY_FORMAT}: use a newer release"
    )]
    TooNew { key: String, format: u32 },
}

#[derive(Serialize)]
struct Stored<'a, T> {
    format: u32,
    body: &'a T,
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

#[derive(Deserialize)]
struct Whole<T> {
    format: u32,
    body: T,
}

impl EntityKey {
    /// The key as stored: a kind, a slash, an id.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Pool => "pool".to_owned(),
            Self::Counters => "numbers".to_owned(),
            Self::Agent(id) => format!("agent/{id}"),
            Self::AgentState(id) => format!("agent-state/{id}"),
            Self::Call(id) => format!("call/{id}"),
            Self::CallState(id) => format!("call-state/{id}"),
            // Names hold no control characters, so the separator is unambiguous.
            Self::Platform(key) => format!("platform/{}\u{1f}{}", key.platform, key.instance),
            Self::Tombstone(id) => format!("tombstone/{id}"),
            Self::Queue(id) => format!("queue/{id}"),
            Self::Site(id) => format!("site/{id}"),
            Self::Message(id) => format!("message/{id}"),
            Self::Inbox(id) => format!("inbox/{id}"),
            Self::Outage(domain) => format!("outage/{}/{}", domain.kind(), domain.label()),
            Self::Schedule => "schedule".to_owned(),
            Self::Plan(id) => format!("plan/{id}"),
            Self::Guard(id) => format!("guard/{id}"),
            Self::Worked(id) => format!("worked/{id}"),
            Self::Readiness(id) => format!("readiness/{id}"),
            Self::Arrivals(day, queue) => format!("arrivals/{day}/{queue}"),
            Self::History(day, queue) => format!("history/{day}/{queue}"),
            Self::Forecast(day, queue) => format!("forecast/{day}/{queue}"),
            Self::Missed => "missed".to_owned(),
            Self::Answer(request) => format!("answer/{}\u{1f}{}", request.client, request.id),
        }
    }
}

impl State {
    /// What is stored under a key now: its new bytes, or its end.
    pub(super) fn delta(&self, key: &EntityKey) -> Delta {
        match self.encode(key) {
            Some(value) => Delta::Put(Record {
                key: key.text(),
                value,
            }),
            None => Delta::Delete(key.text()),
        }
    }

    fn encode(&self, key: &EntityKey) -> Option<Vec<u8>> {
        let agent = |id: &AgentId| self.agent(id).map(|ix| &self.agents[ix]);
        let call = |id: &CallId| self.call(id).map(|ix| &self.calls[ix]);
        match key {
            EntityKey::Pool => self.spec.as_deref().map(encode),
            EntityKey::Counters => {
                (self.counters != Counters::FIRST).then(|| encode(&self.counters))
            }
            EntityKey::Agent(id) => agent(id).map(|agent| encode(&*agent.profile)),
            EntityKey::AgentState(id) => agent(id).map(|agent| encode(&agent.state)),
            EntityKey::Call(id) => call(id).map(|call| encode(&*call.record)),
            EntityKey::CallState(id) => call(id).map(|call| encode(&call.state)),
            EntityKey::Platform(key) => self.platforms.get(key).map(encode),
            EntityKey::Tombstone(id) => self.tombstones.get(id).map(encode),
            EntityKey::Queue(id) => self.encode_queue(id),
            EntityKey::Site(id) => self.sites.drained(id).map(encode),
            EntityKey::Message(id) => self.messages.get(*id).map(|message| encode(&**message)),
            EntityKey::Inbox(id) => self.stored_inbox(id).map(|inbox| encode(&inbox)),
            EntityKey::Outage(domain) => self.outages.open.get(domain).map(encode),
            EntityKey::Answer(request) => self.answers.get(request).map(|kept| encode(&**kept)),
            EntityKey::Schedule => {
                let schedule = &self.guards.schedule;
                (!schedule.is_empty()).then(|| encode(schedule))
            }
            EntityKey::Plan(id) => {
                let plan = self.guards.plan(self.agent(id)?);
                plan.filter(|plan| !plan.is_empty()).map(encode)
            }
            EntityKey::Guard(id) => self.guards.get(self.agent(id)?).map(encode),
            EntityKey::Worked(id) => self.guards.worked(self.agent(id)?).map(encode),
            EntityKey::Readiness(id) => {
                let readiness = self.guards.readiness(self.agent(id)?);
                readiness.map(|readiness| encode(&**readiness))
            }
            EntityKey::Arrivals(..)
            | EntityKey::History(..)
            | EntityKey::Forecast(..)
            | EntityKey::Missed => self.encode_kept(key),
        }
    }

    /// Every stored entity's key.
    pub(super) fn all_keys(&self) -> Vec<EntityKey> {
        let mut keys = vec![EntityKey::Counters, EntityKey::Schedule];
        keys.extend(self.spec.is_some().then_some(EntityKey::Pool));
        for (ix, agent) in self.agents.iter() {
            let id = &agent.profile.id;
            keys.extend([
                EntityKey::Agent(id.clone()),
                EntityKey::AgentState(id.clone()),
            ]);
            if self.guards.has_any(ix) {
                keys.extend([
                    EntityKey::Plan(id.clone()),
                    EntityKey::Guard(id.clone()),
                    EntityKey::Worked(id.clone()),
                    EntityKey::Readiness(id.clone()),
                ]);
            }
            let inbox = !agent.inbox.is_empty();
            keys.extend(inbox.then(|| EntityKey::Inbox(id.clone())));
        }
        for (_, call) in self.calls.iter() {
            let id = &call.record.id;
            keys.extend([
                EntityKey::Call(id.clone()),
                EntityKey::CallState(id.clone()),
            ]);
        }
        keys.extend(self.platforms.keys().cloned().map(EntityKey::Platform));
        let remembered = self.tombstone_order.iter().map(|(_, call)| call);
        keys.extend(remembered.cloned().map(EntityKey::Tombstone));
        keys.extend(self.queues.ids().cloned().map(EntityKey::Queue));
        let drained = self.sites.all_drained();
        keys.extend(drained.map(|site| EntityKey::Site(Arc::clone(&site.id))));
        keys.extend(self.outages.open.keys().cloned().map(EntityKey::Outage));
        keys.extend(self.answers.keys().cloned().map(EntityKey::Answer));
        keys.extend(self.messages.ids().map(EntityKey::Message));
        self.kept_keys(&mut keys);
        keys
    }

    /// Builds a pool from its stored entities, in any order. Of each that cannot be read `notice` is told, which ends it by
    /// an error or lets it go on without that entity.
    pub(super) fn load(
        pool: PoolId,
        limits: Limits,
        records: &[Record],
        pool_time: PoolTime,
        notice: Notice<'_>,
    ) -> Result<Self, LoadError> {
        let mut state = Self::new(pool, limits);
        (state.now, state.kept.stored_until) = (pool_time, Some(pool_time));
        let kinds: [(&str, Loader); 21] = [
            ("pool", Self::load_pool),
            ("queue/", Self::load_queue),
            ("numbers", Self::load_counters),
            ("platform/", Self::load_platform),
            ("site/", Self::load_site),
            ("agent/", Self::load_agent),
            ("agent-state/", Self::load_agent_state),
            ("message/", Self::load_message),
            ("inbox/", Self::load_inbox),
            ("tombstone/", Self::load_tombstone),
            ("outage/", Self::load_outage),
            ("answer/", Self::load_answer),
            ("schedule", Self::load_schedule),
            ("plan/", Self::load_plan),
            ("guard/", Self::load_guard),
            ("worked/", Self::load_worked),
            ("readiness/", Self::load_readiness),
            ("arrivals/", Self::load_arrivals),
            ("history/", Self::load_history),
            ("forecast/", Self::load_forecast),
            ("missed", Self::load_missed),
        ];
        let mut calls: [Vec<&Record>; 2] = Default::default();
        let mut sorted = kinds.map(|_| Vec::<&Record>::new());
        for record in records {
            let kind = kinds.iter().position(|(kind, _)| is_kind(record, kind));
            let call = CALL_KINDS.iter().position(|kind| is_kind(record, kind));
            let same = kind.map(|kind| &mut sorted[kind]);
            match same.or_else(|| call.map(|call| &mut calls[call])) {
                Some(same) => same.push(record),
                None => notice(corrupt(record, "its kind is not known"))?,
            }
        }
        for ((_, load), records) in kinds.into_iter().zip(sorted) {
            for record in records {
                if let Err(problem) = load(&mut state, record) {
                    notice(problem)?;
                }
                // What is loaded is not changed; and a set that stays empty costs nothing.
                state.touched.clear();
            }
        }
        state.line_up_agents();
        state.resume_backlog();
        state.load_calls(calls, notice)?;
        state.touched.clear();
        Ok(state)
    }

    fn load_pool(&mut self, record: &Record) -> Result<(), LoadError> {
        let spec: PoolSpec = decode(record)?;
        self.apply_spec(&Arc::new(spec));
        Ok(())
    }

    fn load_counters(&mut self, record: &Record) -> Result<(), LoadError> {
        self.counters = decode::<Counters>(record)?;
        Ok(())
    }

    fn load_platform(&mut self, record: &Record) -> Result<(), LoadError> {
        let platform: Platform = decode(record)?;
        let key: PlatformKey = platform.key.clone();
        self.platforms.insert(key.clone(), platform);
        self.platform_changed(&key);
        Ok(())
    }

    fn load_site(&mut self, record: &Record) -> Result<(), LoadError> {
        let site: DrainedSite = decode(record)?;
        let id = Arc::clone(&site.id);
        self.put_site(&id, Some(site));
        Ok(())
    }

    fn load_outage(&mut self, record: &Record) -> Result<(), LoadError> {
        self.put_outage(decode(record)?);
        Ok(())
    }

    fn load_answer(&mut self, record: &Record) -> Result<(), LoadError> {
        self.put_answer(&Arc::new(decode(record)?));
        Ok(())
    }

    fn load_schedule(&mut self, record: &Record) -> Result<(), LoadError> {
        let schedule: Schedule = decode(record)?;
        self.with_schedule(|empty| *empty = schedule);
        Ok(())
    }

    fn load_plan(&mut self, record: &Record) -> Result<(), LoadError> {
        let ix = self.loaded_agent(record, "plan/")?;
        self.set_plan(ix, decode(record)?);
        Ok(())
    }

    fn load_guard(&mut self, record: &Record) -> Result<(), LoadError> {
        let ix = self.loaded_agent(record, "guard/")?;
        self.set_guard(ix, Some(decode(record)?));
        Ok(())
    }

    fn load_worked(&mut self, record: &Record) -> Result<(), LoadError> {
        let ix = self.loaded_agent(record, "worked/")?;
        self.put_worked(ix, decode(record)?);
        Ok(())
    }

    fn load_readiness(&mut self, record: &Record) -> Result<(), LoadError> {
        let ix = self.loaded_agent(record, "readiness/")?;
        let readiness: Readiness = decode(record)?;
        self.set_readiness(ix, Arc::new(readiness));
        Ok(())
    }

    /// The agent beside whom a record stands.
    fn loaded_agent(&self, record: &Record, kind: &str) -> Result<AgentIx, LoadError> {
        let agent = self.agent(&AgentId::new(&record.key[kind.len()..]));
        agent.ok_or_else(|| corrupt(record, "it has no `agent/` record"))
    }

    fn load_agent(&mut self, record: &Record) -> Result<(), LoadError> {
        let profile: AgentProfile = decode(record)?;
        self.put_agent(Arc::new(profile));
        Ok(())
    }

    fn load_agent_state(&mut self, record: &Record) -> Result<(), LoadError> {
        let id = AgentId::new(&record.key["agent-state/".len()..]);
        let ix = self
            .agent(&id)
            .ok_or_else(|| corrupt(record, "it has no `agent/` record"))?;
        let agent = &mut self.agents[ix];
        agent.state = decode::<AgentState>(record)?;
        agent.shown = shown(&agent.state);
        self.index_offers_of(ix);
        Ok(())
    }

    fn load_message(&mut self, record: &Record) -> Result<(), LoadError> {
        self.keep_message(&Arc::new(decode(record)?));
        Ok(())
    }

    fn load_inbox(&mut self, record: &Record) -> Result<(), LoadError> {
        let id = AgentId::new(&record.key["inbox/".len()..]);
        let ix = self
            .agent(&id)
            .ok_or_else(|| corrupt(record, "it has no `agent/` record"))?;
        for id in decode::<Vec<MessageId>>(record)? {
            if !self.put_message(ix, id) {
                return Err(corrupt(record, "a message of it is missing"));
            }
        }
        Ok(())
    }

    /// Puts the agents into the look-ups, those idle longest first, as they stood in line.
    fn line_up_agents(&mut self) {
        let mut all: Vec<AgentIx> = self.agents.iter().map(|(ix, _)| ix).collect();
        all.sort_by(|a, b| {
            let [a, b] = [a, b].map(|ix| &self.agents[*ix]);
            let idle = a.state.idle_since.cmp(&b.state.idle_since);
            idle.then_with(|| a.profile.id.cmp(&b.profile.id))
        });
        for ix in all {
            self.agent_changed(ix);
            self.touched.clear();
        }
    }

    fn load_tombstone(&mut self, record: &Record) -> Result<(), LoadError> {
        let tombstone: Tombstone = decode(record)?;
        self.put_tombstone(tombstone);
        Ok(())
    }

    /// Calls are two records each, of both [`CALL_KINDS`]; they are put in the order of their acceptance.
    fn load_calls(
        &mut self,
        [records, moving]: [Vec<&Record>; 2],
        notice: Notice<'_>,
    ) -> Result<(), LoadError> {
        let mut states = Moving::new();
        for record in moving {
            let id = &record.key[CALL_KINDS[1].len()..];
            match decode(record) {
                Ok(state) => drop(states.insert(id, (record, state))),
                Err(problem) => notice(problem)?,
            }
        }
        let mut calls = Vec::new();
        for record in records {
            match self.read_call(record, &mut states) {
                Ok(call) => calls.push(call),
                Err(problem) => notice(problem)?,
            }
        }
        for (record, _) in states.into_values() {
            notice(corrupt(record, "it has no `call/` record"))?;
        }
        calls.sort_by_key(|(_, state)| state.number);
        for (call, state) in calls {
            self.insert_call(&call, state);
        }
        Ok(())
    }

    fn read_call(
        &self,
        record: &Record,
        states: &mut Moving<'_>,
    ) -> Result<(Arc<CallRecord>, CallState), LoadError> {
        let call: CallRecord = decode(record)?;
        let state = states.remove(call.id.as_str()).map(|(_, state)| state);
        let state = state.ok_or_else(|| corrupt(record, "it has no `call-state/` record"))?;
        let stay = state.stay.as_ref();
        let queue = stay.map_or(&call.queue, |stay| &stay.queue);
        let queue = self.queues.get(queue);
        if queue.is_none_or(|queue| usize::from(state.ring) >= queue.rings.len()) {
            return Err(corrupt(
                record,
                "its queue or ring is not in the pool's configuration",
            ));
        }
        Ok((Arc::new(call), state))
    }
}

/// What is stored of a call: what does not change, and what moves.
const CALL_KINDS: [&str; 2] = ["call/", "call-state/"];

/// Is told of an entity that cannot be read.
pub(super) type Notice<'a> = &'a mut dyn FnMut(LoadError) -> Result<(), LoadError>;

/// What moves of each call, by its id, until its record is read.
type Moving<'a> = BTreeMap<&'a str, (&'a Record, CallState)>;

type Loader = fn(&mut State, &Record) -> Result<(), LoadError>;

fn is_kind(record: &Record, kind: &str) -> bool {
    if kind.ends_with('/') {
        record.key.starts_with(kind)
    } else {
        record.key == kind
    }
}

pub(super) fn encode<T: Serialize>(body: &T) -> Vec<u8> {
    let stored = Stored {
        format: ENTITY_FORMAT,
        body,
    };
    serde_json::to_vec(&stored).expect("entities have string keys only")
}

/// Reads an entity at once; only one that cannot be read is asked for its format alone.
pub(super) fn decode<T: DeserializeOwned>(record: &Record) -> Result<T, LoadError> {
    let whole = parse::<Whole<T>>(record);
    let format = match &whole {
        Ok(whole) => whole.format,
        Err(_) => parse::<Format>(record)?.format,
    };
    if format > ENTITY_FORMAT {
        return Err(LoadError::TooNew {
            key: record.key.clone(),
            format,
        });
    }
    whole.map(|whole| whole.body)
}

fn parse<T: DeserializeOwned>(record: &Record) -> Result<T, LoadError> {
    serde_json::from_slice(&record.value).map_err(|error| corrupt(record, &error.to_string()))
}

pub(super) fn corrupt(record: &Record, problem: &str) -> LoadError {
    LoadError::Corrupt {
        key: record.key.clone(),
        problem: problem.to_owned(),
    }
}
