//! What a store keeps about a pool beside its records, and the one rule by which a batch is taken or refused.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Batch, FORMAT, Lease, StoreError, event_number};
use crate::engine::{
    ids::{PoolId, PoolTime},
    record::{Delta, Record},
};

/// Stored once for each pool, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Meta {
    /// Newest format among the pool's records.
    pub(crate) format: u32,
    /// The lease in force, in hex.
    pub(crate) lease: Option<String>,
    /// Revision of the last commit.
    pub(crate) revision: u64,
    /// Digest of all batches up to that revision: equal revisions and digests mean equal histories.
    pub(crate) digest: String,
    /// The digest before the last batch, to know that batch again when it is sent twice.
    pub(crate) before: String,
    /// The pool's time at the last commit.
    pub(crate) pool_time: PoolTime,
    /// How many events are kept.
    pub(crate) events: u64,
    /// Until the first commit after a restore: what had a higher event number than this did not happen any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) undone_after: Option<u64>,
}

/// What to do with a batch that was not refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Apply it; the digest of the history with it.
    Apply(String),
    /// It is stored already.
    Done,
}

impl Meta {
    /// A pool without a commit.
    pub(crate) fn new() -> Self {
        Self {
            format: FORMAT,
            lease: None,
            revision: 0,
            digest: String::new(),
            before: String::new(),
            pool_time: PoolTime::default(),
            events: 0,
            undone_after: None,
        }
    }

    /// Reads the stored form; the format number is looked at first, as a newer one may look different.
    pub(crate) fn from_json(pool: &PoolId, json: &[u8]) -> Result<Self, StoreError> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let unreadable = |error| {
            StoreError::Corrupt(format!(
                "the stored head of pool `{pool}` cannot be read: {error}; restore a backup"
            ))
        };
        let head: Head = serde_json::from_slice(json).map_err(unreadable)?;
        check_format(head.format)?;
        serde_json::from_slice(json).map_err(unreadable)
    }

    /// The stored form.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("numbers and texts are always JSON")
    }

    /// Puts a lease in force.
    pub(crate) fn grant(&mut self, lease: &Lease) {
        self.lease = Some(hex_id(lease));
    }

    /// Refuses every lease but the one in force.
    pub(crate) fn check_lease(&self, lease: &Lease) -> Result<(), StoreError> {
        if self.lease.as_deref() == Some(&hex_id(lease)) {
            return Ok(());
        }
        Err(StoreError::Fenced(lease.pool.clone()))
    }

    /// Ends a lease. Without one in force there is nothing to end, so that a release may be repeated.
    pub(crate) fn end(&mut self, lease: &Lease) -> Result<(), StoreError> {
        if self.lease.is_some() {
            self.check_lease(lease)?;
            self.lease = None;
        }
        Ok(())
    }

    /// The compare-and-set: only the lease in force may append the next revision, and its last batch may come again.
    pub(crate) fn judge(&self, lease: &Lease, batch: &Batch) -> Result<Verdict, StoreError> {
        self.check_lease(lease)?;
        if batch.revision == self.revision && chain(&self.before, batch) == self.digest {
            return Ok(Verdict::Done);
        }
        if self.revision.checked_add(1) != Some(batch.revision) {
            return Err(StoreError::Mismatch {
                stored: self.revision,
                batch: batch.revision,
            });
        }
        Ok(Verdict::Apply(chain(&self.digest, batch)))
    }

    /// The same for a batch that comes with the whole pool: it may be any number of revisions ahead.
    pub(crate) fn judge_rewrite(
        &self,
        lease: &Lease,
        batch: &Batch,
    ) -> Result<Verdict, StoreError> {
        self.check_lease(lease)?;
        if batch.revision == self.revision && chain(&self.before, batch) == self.digest {
            return Ok(Verdict::Done);
        }
        if batch.revision <= self.revision {
            return Err(StoreError::Mismatch {
                stored: self.revision,
                batch: batch.revision,
            });
        }
        Ok(Verdict::Apply(chain(&self.digest, batch)))
    }

    /// Notes that a batch is stored.
    pub(crate) fn advance(&mut self, batch: &Batch, digest: String) {
        self.before = std::mem::replace(&mut self.digest, digest);
        self.format = FORMAT;
        self.revision = batch.revision;
        self.pool_time = batch.pool_time;
        self.undone_after = None;
        self.events += batch.events.len() as u64;
    }

    /// The same for a store that begins with a backup: without a lease, and with revisions `ahead` of those in it.
    pub(crate) fn restored(self, ahead: u64) -> Self {
        Self {
            lease: None,
            revision: self.revision + ahead,
            undone_after: Some(event_number(self.revision + 1, 0) - 1),
            ..self
        }
    }

    /// How many of the oldest events must go to keep the newest `keep`; they are no longer counted.
    pub(crate) fn trim(&mut self, keep: u64) -> u64 {
        let excess = self.events.saturating_sub(keep);
        self.events -= excess;
        excess
    }
}

/// Refuses a format that this program does not know.
pub(crate) fn check_format(stored: u32) -> Result<(), StoreError> {
    if stored > FORMAT {
        return Err(StoreError::TooNew { stored });
    }
    Ok(())
}

pub(super) fn hex_id(lease: &Lease) -> String {
    format!("{:032x}", lease.id)
}

/// SHA-256 of the digest so far and the batch, each part with its length before it.
pub(super) fn chain(digest: &str, batch: &Batch) -> String {
    let mut hash = Sha256::new();
    part(&mut hash, digest.as_bytes());
    hash.update(batch.revision.to_be_bytes());
    hash.update(batch.pool_time.0.to_be_bytes());
    hash.update((batch.deltas.len() as u64).to_be_bytes());
    for delta in &batch.deltas {
        match delta {
            Delta::Put(Record { key, value }) => {
                hash.update(b"+");
                part(&mut hash, key.as_bytes());
                part(&mut hash, value);
            }
            Delta::Delete(key) => {
                hash.update(b"-");
                part(&mut hash, key.as_bytes());
            }
        }
    }
    for event in &batch.events {
        part(&mut hash, event.as_bytes());
    }
    for detail in &batch.details {
        // No length of an event begins like this.
        hash.update(b"details:");
        hash.update(detail.key.ended_at.0.to_be_bytes());
        hash.update(detail.key.number.to_be_bytes());
        part(&mut hash, detail.json.as_bytes());
    }
    hex(&hash.finalize())
}

fn part(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{DetailKey, StoredDetail};

    fn batch(deltas: Vec<Delta>, events: &[&str]) -> Batch {
        Batch {
            revision: 1,
            deltas,
            events: events.iter().map(ToString::to_string).collect(),
            ..Batch::default()
        }
    }

    fn put(key: &str, value: &str) -> Delta {
        Delta::Put(Record {
            key: key.into(),
            value: value.into(),
        })
    }

    #[test]
    fn bytes_that_move_between_parts_change_the_digest() {
        let all = [
            batch(vec![put("ab", "c")], &[]),
            batch(vec![put("a", "bc")], &[]),
            batch(vec![put("a", ""), Delta::Delete("bc".into())], &[]),
            batch(vec![put("a", "bc")], &[""]),
            batch(vec![], &["a", "bc"]),
            batch(vec![], &["ab", "c"]),
        ];
        let detail = |number, json: &str| Batch {
            details: vec![StoredDetail {
                key: DetailKey {
                    ended_at: PoolTime(1),
                    number,
                },
                json: json.into(),
            }],
            ..batch(vec![], &["a"])
        };
        let all = [
            &all[..],
            &[detail(1, "bc"), detail(2, "bc"), detail(1, "b")],
        ]
        .concat();
        let mut digests: Vec<_> = all.iter().map(|batch| chain("", batch)).collect();
        digests.push(chain("0", &all[0]));
        digests.sort();
        digests.dedup();
        assert_eq!(digests.len(), all.len() + 1);
    }

    #[test]
    fn a_newer_format_is_told_before_its_fields_are_read() {
        let read = Meta::from_json(&PoolId::new("p"), br#"{"format":2,"shape":"new"}"#);
        assert_eq!(read, Err(StoreError::TooNew { stored: 2 }));
    }

    #[test]
    fn a_head_that_is_no_json_is_corrupt() {
        let read = Meta::from_json(&PoolId::new("p"), b"\0\0");
        assert!(
            matches!(&read, Err(StoreError::Corrupt(text)) if text.contains("pool `p`")),
            "{read:?}"
        );
    }
}
