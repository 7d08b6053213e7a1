//! Names of keys: one hash tag for each pool, so that all of a pool is in one slot of a cluster. No key has an end of its
//! own, but for the copy that a backup reads.
//!
//! ```text
//! hs:{<pool>}:m        hash: format, lease, owner, epoch, expiry, revision, digest, live state, pool time
//! hs:{<pool>}:s:<gen>  hash: one field for each entity
//! hs:{<pool>}:o        stream: events, with ids `revision-index`
//! hs:{<pool>}:d        sorted set: detail records of calls, in order of their ends
//! hs:{<pool>}:b:<n>    hash: a copy of the state while it is backed up
//! hs:replicas          hash: the processes that are there, with their last sign and their address
//! ```

use std::fmt::Write as _;

use crate::{
    engine::ids::{PoolId, PoolTime},
    store::{DetailKey, EVENTS_PER_REVISION, StoredDetail},
};

/// Every pool's head.
pub(super) const HEADS: &str = "hs:{*}:m";

/// The processes that are there.
pub(super) const REPLICAS: &str = "hs:replicas";

/// The keys of one pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Keys {
    tag: String,
}

impl Keys {
    pub(super) fn of(pool: &PoolId) -> Self {
        Self {
            tag: format!("hs:{{{}}}", escape(pool.as_str())),
        }
    }

    /// Of no pool, where any will do.
    pub(super) fn of_nothing() -> Self {
        Self::of(&PoolId::new(""))
    }

    pub(super) fn head(&self) -> String {
        format!("{}:m", self.tag)
    }

    pub(super) fn state(&self, generation: &str) -> String {
        format!("{}:s:{generation}", self.tag)
    }

    pub(super) fn events(&self) -> String {
        format!("{}:o", self.tag)
    }

    pub(super) fn details(&self) -> String {
        format!("{}:d", self.tag)
    }

    pub(super) fn copy(&self, number: u64) -> String {
        format!("{}:b:{number:016x}", self.tag)
    }
}

/// The pool of a head's key.
pub(super) fn pool_of(head: &str) -> Option<PoolId> {
    let name = head.strip_prefix("hs:{")?.strip_suffix("}:m")?;
    unescape(name).map(PoolId::new)
}

/// A name in which nothing ends a hash tag or is a pattern: all but letters, digits, `-`, `.` and `_` in hexadecimal.
fn escape(name: &str) -> String {
    name.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _never_fails = write!(text, "%{byte:02X}");
        }
        text
    })
}

fn unescape(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = str::from_utf8(after.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &after[2..];
    }
    String::from_utf8(bytes).ok()
}

/// The id of an event in the stream: its revision and its place in it.
pub(super) fn event_id(number: u64) -> String {
    format!(
        "{}-{}",
        number / EVENTS_PER_REVISION,
        number % EVENTS_PER_REVISION
    )
}

/// The number of the event of an id.
pub(super) fn event_number_of(id: &str) -> Option<u64> {
    let (revision, index) = id.split_once('-')?;
    let (revision, index): (u64, u64) = (revision.parse().ok()?, index.parse().ok()?);
    revision
        .checked_mul(EVENTS_PER_REVISION)?
        .checked_add(index)
}

/// Where a detail record stands in its set, whose members are in order of their bytes.
pub(super) fn detail_place(key: DetailKey) -> String {
    format!("{:016x}{:016x}", key.ended_at.0, key.number)
}

/// A detail record as a member of its set.
pub(super) fn detail_member(detail: &StoredDetail) -> String {
    detail_place(detail.key) + &detail.json
}

/// The detail record of a member.
pub(super) fn detail_of(member: &str) -> Option<StoredDetail> {
    let hex = |digits: Option<&str>| u64::from_str_radix(digits?, 16).ok();
    Some(StoredDetail {
        key: DetailKey {
            ended_at: PoolTime(hex(member.get(..16))?),
            number: hex(member.get(16..32))?,
        },
        json: member.get(32..)?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_inside_their_hash_tag_and_come_back() {
        for name in [
            "default", "a-1", "}:m", "{x}", "*?[a]", "nul\0", "é🙂", "%41", "",
        ] {
            let head = Keys::of(&PoolId::new(name)).head();
            assert_eq!(head.matches(['{', '}']).count(), 2, "{head}");
            assert!(!head.contains(['*', '?', '[', '\0']), "{head}");
            assert_eq!(pool_of(&head), Some(PoolId::new(name)), "{head}");
        }
        for foreign in ["hs:{a}:o", "other", "hs:{%}:m", "hs:{%zz}:m", "hs:{%FF}:m"] {
            assert_eq!(pool_of(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn events_and_details_come_back_from_their_keys() {
        for number in [EVENTS_PER_REVISION, EVENTS_PER_REVISION * 7 + 3, u64::MAX] {
            assert_eq!(event_number_of(&event_id(number)), Some(number));
        }
        for foreign in ["", "7", "7-x", "18446744073709551615-1"] {
            assert_eq!(event_number_of(foreign), None, "{foreign}");
        }
        let detail = |ended_at, number| StoredDetail {
            key: DetailKey {
                ended_at: PoolTime(ended_at),
                number,
            },
            json: "{\"é\":1}".into(),
        };
        let all = [
            detail(0, 9),
            detail(9, 0),
            detail(10, 0),
            detail(u64::MAX, u64::MAX),
        ];
        let members: Vec<String> = all.iter().map(detail_member).collect();
        assert!(members.is_sorted(), "{members:?}");
        for (detail, member) in all.iter().zip(&members) {
            assert_eq!(detail_of(member).as_ref(), Some(detail));
        }
        assert_eq!(detail_of("0000"), None);
    }
}
