//! Files that were looked at, until they are published.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use super::upload::Upload;
use crate::engine::ids::WallTime;

/// Bytes of all files together; the oldest give way.
const BYTES_MAX: usize = 64 * 1024 * 1024;
/// How long a file is kept, ms: names and hours of people are not kept for nothing.
const KEPT_MS: i64 = 30 * 60_000;

/// A file that was looked at.
#[derive(Clone)]
pub(super) struct Looked {
    /// What the page names it by; nobody guesses it.
    pub(super) token: String,
    pub(super) pool: String,
    pub(super) upload: Arc<Upload>,
    /// The version that it was compared with.
    pub(super) version: i64,
    pub(super) at: WallTime,
}

/// The files.
#[derive(Clone, Default)]
pub(in crate::console) struct Kept(Arc<Mutex<VecDeque<Looked>>>);

impl Kept {
    /// Keeps a file, and forgets those that are too old or too many.
    pub(super) fn keep(&self, looked: Looked) {
        let now = looked.at;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push_back(looked);
        let bytes = |all: &VecDeque<Looked>| -> usize {
            all.iter().map(|looked| looked.upload.bytes.len()).sum()
        };
        while all.len() > 1 && bytes(&all) > BYTES_MAX {
            all.pop_front();
        }
        all.retain(|looked| now.0 - looked.at.0 <= KEPT_MS);
    }

    /// The file of this name, if it is not forgotten.
    pub(super) fn find(&self, pool: &str, token: &str, now: WallTime) -> Option<Looked> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = all.iter().filter(|looked| {
            looked.token == token && looked.pool == pool && now.0 - looked.at.0 <= KEPT_MS
        });
        found.next().cloned()
    }

    /// Forgets a file.
    pub(super) fn forget(&self, token: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|looked| looked.token != token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looked(token: &str, bytes: usize, at: i64) -> Looked {
        Looked {
            token: token.to_owned(),
            pool: "default".to_owned(),
            upload: Arc::new(Upload::of_bytes(vec![0; bytes])),
            version: 1,
            at: WallTime(at),
        }
    }

    #[test]
    fn a_file_is_kept_for_a_while_and_gives_way_to_newer_ones() {
        let kept = Kept::default();
        kept.keep(looked("a", 10, 0));
        assert!(kept.find("default", "a", WallTime(KEPT_MS)).is_some());
        assert!(kept.find("other", "a", WallTime(0)).is_none());
        assert!(kept.find("default", "a", WallTime(KEPT_MS + 1)).is_none());
        kept.keep(looked("b", BYTES_MAX, 1));
        assert!(kept.find("default", "a", WallTime(1)).is_none());
        kept.keep(looked("c", 0, KEPT_MS + 2));
        assert!(kept.find("default", "b", WallTime(1)).is_none());
        kept.forget("c");
        assert!(kept.find("default", "c", WallTime(KEPT_MS + 2)).is_none());
    }
}
