//! Where each pool is: in this process, in another, or on its way.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
};

use tokio::sync::watch;

use crate::{engine::ids::PoolId, store::shared::Replica};

/// Who has a pool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Nobody is known to have it.
    #[default]
    Nowhere,
    /// This process, by this acquisition.
    Here {
        /// Which acquisition it is.
        epoch: u64,
    },
    /// Another process.
    There {
        /// Which one.
        owner: Replica,
        /// Which acquisition it is.
        epoch: u64,
    },
    /// It changes hands: somebody is about to have it.
    Between,
}

/// What is told of a pool that changed hands here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// This process has it.
    Owned {
        /// The pool.
        pool: PoolId,
        /// Which acquisition it is.
        epoch: u64,
    },
    /// This process gave it to another.
    Given {
        /// The pool.
        pool: PoolId,
        /// The boot id of the other.
        to: String,
    },
}

/// Where each pool is. Only pools that are stored have a place.
#[derive(Debug, Default)]
pub struct Places(RwLock<BTreeMap<PoolId, watch::Sender<Place>>>);

impl Places {
    /// Where a pool is now.
    pub fn of(&self, pool: &PoolId) -> Place {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known
            .get(pool)
            .map_or(Place::Nowhere, |place| place.borrow().clone())
    }

    /// Where a pool is, and what becomes of that.
    pub fn watch(&self, pool: &PoolId) -> watch::Receiver<Place> {
        self.sender(pool).subscribe()
    }

    /// Notes where a pool is.
    pub(super) fn set(&self, pool: &PoolId, place: &Place) {
        self.change(pool, |known| known.clone_from(place));
    }

    /// Notes that a process has a pool, unless something newer is known. True if this process thought that it had the pool
    /// itself, by an older acquisition.
    pub(super) fn hear(&self, pool: &PoolId, owner: &Replica, epoch: u64) -> bool {
        let mut was_here = false;
        self.change(pool, |known| {
            let is_newer = match known {
                Place::Here { epoch: own } => {
                    was_here = *own < epoch;
                    false
                }
                Place::There { epoch: other, .. } => *other < epoch,
                Place::Nowhere | Place::Between => true,
            };
            if is_newer {
                *known = Place::There {
                    owner: owner.clone(),
                    epoch,
                };
            }
        });
        was_here
    }

    /// Notes that the acquisition of this number is over, unless something newer is known.
    pub(super) fn leave(&self, pool: &PoolId, epoch: u64) {
        self.change(pool, |known| {
            let is_over = match known {
                Place::There { epoch: other, .. } => *other <= epoch,
                Place::Nowhere => true,
                Place::Here { .. } | Place::Between => false,
            };
            if is_over {
                *known = Place::Between;
            }
        });
    }

    /// Notes that a process does not have a pool, whatever was known.
    pub(super) fn deny(&self, pool: &PoolId, boot: &str) {
        self.change(pool, |known| {
            if matches!(known, Place::There { owner, .. } if owner.boot == boot) {
                *known = Place::Between;
            }
        });
    }

    /// Notes that a process is gone: whatever it had changes hands.
    pub(super) fn lose(&self, boot: &str) {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let pools: Vec<PoolId> = known.keys().cloned().collect();
        drop(known);
        for pool in pools {
            self.deny(&pool, boot);
        }
    }

    fn change(&self, pool: &PoolId, change: impl FnOnce(&mut Place)) {
        self.sender(pool).send_if_modified(|known| {
            let before = known.clone();
            change(known);
            *known != before
        });
    }

    fn sender(&self, pool: &PoolId) -> watch::Sender<Place> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = known.get(pool) {
            return place.clone();
        }
        drop(known);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        known.entry(pool.clone()).or_default().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replica(boot: &str) -> Replica {
        Replica {
            boot: boot.to_owned(),
            address: String::new(),
        }
    }

    fn there(boot: &str, epoch: u64) -> Place {
        Place::There {
            owner: replica(boot),
            epoch,
        }
    }

    #[test]
    fn only_what_is_newer_is_believed() {
        let places = Places::default();
        let pool = PoolId::new("north");
        assert_eq!(places.of(&pool), Place::Nowhere);
        assert!(!places.hear(&pool, &replica("a"), 5));
        places.hear(&pool, &replica("b"), 4);
        assert_eq!(places.of(&pool), there("a", 5));
        places.leave(&pool, 4);
        assert_eq!(places.of(&pool), there("a", 5), "that is long over");
        places.hear(&pool, &replica("b"), 6);
        assert_eq!(places.of(&pool), there("b", 6));
        places.leave(&pool, 6);
        assert_eq!(places.of(&pool), Place::Between);
        places.hear(&pool, &replica("b"), 6);
        assert_eq!(places.of(&pool), there("b", 6), "it was only slow");
        places.deny(&pool, "a");
        assert_eq!(places.of(&pool), there("b", 6));
        places.lose("b");
        assert_eq!(places.of(&pool), Place::Between);
    }

    #[test]
    fn an_owner_that_was_replaced_is_told() {
        let places = Places::default();
        let pool = PoolId::new("north");
        places.set(&pool, &Place::Here { epoch: 5 });
        for (epoch, was_here) in [(4, false), (5, false), (6, true)] {
            assert_eq!(places.hear(&pool, &replica("b"), epoch), was_here);
        }
        assert_eq!(places.of(&pool), Place::Here { epoch: 5 });
        places.leave(&pool, 9);
        assert_eq!(places.of(&pool), Place::Here { epoch: 5 });
    }

    #[test]
    fn who_waits_is_woken_only_by_a_change() {
        let places = Places::default();
        let pool = PoolId::new("north");
        let mut place = places.watch(&pool);
        places.hear(&pool, &replica("a"), 1);
        assert!(place.has_changed().expect("it is kept"));
        place.mark_unchanged();
        places.hear(&pool, &replica("a"), 1);
        assert!(!place.has_changed().expect("it is kept"));
    }
}
