//! How queues are stored, each with its interval of now, and what arrived: a day of a queue is an entity.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{
    arrivals::{QueueDay, StoredCurrent},
    ids::QueueId,
    queue::QueueState,
    record::Record,
    state::{EntityKey, State},
    stored::{LoadError, corrupt, decode, encode},
};

impl State {
    /// What is stored of a queue, if there is anything.
    pub(super) fn encode_queue(&self, id: &QueueId) -> Option<Vec<u8>> {
        let queue = self.queues.get(id).map(|queue| StoredQueue {
            state: &queue.state,
            current: queue.current.stored(),
        });
        let queue = queue.filter(|queue| !queue.is_empty());
        queue.as_ref().map(encode)
    }

    pub(super) fn load_queue(&mut self, record: &Record) -> Result<(), LoadError> {
        let id = QueueId::new(&record.key["queue/".len()..]);
        let read: ReadQueue = decode(record)?;
        let Some(ix) = self.queues.place(&id) else {
            return Err(corrupt(record, "it is not in the pool's configuration"));
        };
        self.with_queue(ix, |queue| *queue = read.state);
        if let Some(current) = &read.current {
            self.queues[ix].current.restore(current);
        }
        Ok(())
    }

    /// What is stored under one of these keys.
    #[expect(clippy::wildcard_enum_match_arm, reason = "the caller lists every key")]
    pub(super) fn encode_kept(&self, key: &EntityKey) -> Option<Vec<u8>> {
        fn of<T: Serialize>(found: Option<&Arc<T>>) -> Option<Vec<u8>> {
            found.map(|day| encode(&**day))
        }
        let place = |day: i64, queue: &QueueId| (day, queue.clone());
        match key {
            EntityKey::Arrivals(day, queue) => of(self.kept.days.get(&place(*day, queue))),
            EntityKey::History(day, queue) => of(self.kept.history.get(&place(*day, queue))),
            EntityKey::Forecast(day, queue) => of(self.kept.forecast.get(&place(*day, queue))),
            EntityKey::Missed => {
                let missed = &self.kept.missed;
                (!missed.is_empty()).then(|| encode(missed))
            }
            other => unreachable!("{other:?} is no key of arrivals"),
        }
    }

    /// The keys of all that is kept.
    pub(super) fn kept_keys(&self, keys: &mut Vec<EntityKey>) {
        let all = |key: &QueueDay, of: fn(i64, QueueId) -> EntityKey| of(key.0, key.1.clone());
        let kept = &self.kept;
        keys.extend(kept.days.keys().map(|key| all(key, EntityKey::Arrivals)));
        keys.extend(kept.history.keys().map(|key| all(key, EntityKey::History)));
        keys.extend(
            kept.forecast
                .keys()
                .map(|key| all(key, EntityKey::Forecast)),
        );
        keys.push(EntityKey::Missed);
    }

    pub(super) fn load_arrivals(&mut self, record: &Record) -> Result<(), LoadError> {
        let day = Arc::new(decode(record)?);
        self.kept.days.insert(place(record)?, day);
        Ok(())
    }

    pub(super) fn load_history(&mut self, record: &Record) -> Result<(), LoadError> {
        let day = Arc::new(decode(record)?);
        self.kept.history.insert(place(record)?, day);
        Ok(())
    }

    pub(super) fn load_forecast(&mut self, record: &Record) -> Result<(), LoadError> {
        let day = Arc::new(decode(record)?);
        self.kept.forecast.insert(place(record)?, day);
        Ok(())
    }

    pub(super) fn load_missed(&mut self, record: &Record) -> Result<(), LoadError> {
        self.kept.missed = decode(record)?;
        Ok(())
    }
}

/// The day and the queue of a key.
fn place(record: &Record) -> Result<QueueDay, LoadError> {
    let mut parts = record.key.splitn(3, '/').skip(1);
    let day = parts.next().and_then(|day| day.parse().ok());
    day.zip(parts.next().map(QueueId::new))
        .ok_or_else(|| corrupt(record, "its key names no day and queue"))
}

/// What is stored of a queue.
#[derive(Serialize)]
struct StoredQueue<'a> {
    #[serde(flatten)]
    state: &'a QueueState,
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<StoredCurrent>,
}

impl StoredQueue<'_> {
    fn is_empty(&self) -> bool {
        self.state.is_empty() && self.current.is_none()
    }
}

/// The same as it is read.
#[derive(Deserialize)]
struct ReadQueue {
    #[serde(flatten)]
    state: QueueState,
    #[serde(default)]
    current: Option<StoredCurrent>,
}
