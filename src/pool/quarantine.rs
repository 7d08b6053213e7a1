//! Stored entities that cannot be read: they are set aside under keys of their own, for somebody to look at, and the pool goes
//! on without them. Nothing is thrown away.

use tracing::error;

use crate::{
    engine::{
        LoadError,
        ids::PoolId,
        record::{Delta, Record},
    },
    store::Loaded,
};

/// What the keys of set-aside entities begin with; the rest is the key that they had.
const ASIDE: &str = "quarantine/";

/// What is set aside of a pool.
#[derive(Debug, Default)]
pub(super) struct Quarantine {
    kept: Vec<Record>,
    /// What the next commit must say of it.
    changes: Vec<Delta>,
}

impl Quarantine {
    /// Takes what was set aside before out of what is stored.
    pub(super) fn of(loaded: &mut Loaded) -> Self {
        let (kept, records) = std::mem::take(&mut loaded.records)
            .into_iter()
            .partition(|record| record.key.starts_with(ASIDE));
        loaded.records = records;
        Self {
            kept,
            changes: Vec::new(),
        }
    }

    /// Sets aside what could not be read.
    pub(super) fn add(&mut self, pool: &PoolId, loaded: &Loaded, problems: &[LoadError]) {
        for problem in problems {
            let LoadError::Corrupt { key, .. } = problem else {
                continue;
            };
            let Some(record) = loaded.records.iter().find(|record| record.key == *key) else {
                continue;
            };
            error!(%pool, %problem, "a stored entity is set aside: the pool goes on without it");
            let aside = Record {
                key: format!("{ASIDE}{key}"),
                value: record.value.clone(),
            };
            self.kept.push(aside.clone());
            self.changes.push(Delta::Put(aside));
            self.changes.push(Delta::Delete(key.clone()));
        }
    }

    /// How many entities are set aside.
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }

    /// All of them, for whoever writes the whole pool.
    pub(super) fn records(&self) -> &[Record] {
        &self.kept
    }

    /// Adds to a commit what it must say; of an entity that is there again, its new bytes count.
    pub(super) fn add_to(&mut self, deltas: &mut Vec<Delta>) {
        for change in std::mem::take(&mut self.changes) {
            if deltas.iter().all(|delta| delta.key() != change.key()) {
                deltas.push(change);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(key: &str) -> Record {
        Record {
            key: key.to_owned(),
            value: key.as_bytes().to_vec(),
        }
    }

    #[test]
    fn what_cannot_be_read_moves_and_stays() {
        let mut loaded = Loaded {
            records: ["agent/a", "call/b", "quarantine/call/old"]
                .map(record)
                .into(),
            ..Loaded::default()
        };
        let mut quarantine = Quarantine::of(&mut loaded);
        assert_eq!((quarantine.len(), loaded.records.len()), (1, 2));
        let problem = LoadError::Corrupt {
            key: "call/b".to_owned(),
            problem: "no JSON".to_owned(),
        };
        quarantine.add(&PoolId::new("p"), &loaded, &[problem]);
        let mut deltas = vec![Delta::Put(record("agent/a"))];
        quarantine.add_to(&mut deltas);
        let aside = Record {
            key: "quarantine/call/b".to_owned(),
            ..record("call/b")
        };
        let moved = [
            Delta::Put(aside.clone()),
            Delta::Delete("call/b".to_owned()),
        ];
        assert_eq!(deltas[1..], moved);
        assert_eq!(quarantine.records()[1], aside);
        quarantine.add_to(&mut deltas);
        assert_eq!(deltas.len(), 3, "it is said once");
    }
}
