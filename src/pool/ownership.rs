//! When a process may take a pool that another one owns, or owned. Pure: time and all that is seen are arguments.
//!
//! A wrong guess is harmless, as the store's compare-and-set decides; what is decided here is how fast a pool goes on.

use std::{collections::BTreeMap, time::Duration};

use sha2::{Digest, Sha256};

use crate::{
    engine::ids::PoolId,
    store::shared::{Head, Replica},
};

/// Each further candidate waits this much longer than the one before it.
pub const RANK_DELAY: Duration = Duration::from_millis(150);
/// After the store was away for this process nothing is taken for this long: whoever owns it goes on first.
pub const QUIET: Duration = Duration::from_secs(1);
/// A pool is taken from an owner that is only thought to be gone this often at most.
pub const HASTE_EVERY: Duration = Duration::from_secs(5);
/// An owner that was found gone is remembered for this long.
const GONE_FOR: Duration = Duration::from_secs(60);

/// What to do about a pool that this process does not own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Its owner lives, or another is first.
    Leave,
    /// Take it: nobody's lease is in force, or it was given to this process.
    Take,
    /// Take it from the process of this boot id, which is gone.
    TakeFrom(String),
}

/// What a process knows beside the heads.
#[derive(Debug, Default)]
pub struct Watcher {
    me: String,
    /// Owners that were found gone, and since when.
    gone: BTreeMap<String, Duration>,
    /// When a pool was last taken from an owner that was thought to be gone.
    hasty: BTreeMap<PoolId, Duration>,
    is_away: bool,
    quiet_until: Duration,
}

impl Watcher {
    /// Of the process of this boot id.
    pub fn new(me: &str) -> Self {
        Self {
            me: me.to_owned(),
            ..Self::default()
        }
    }

    /// The store did not answer.
    pub fn store_failed(&mut self) {
        self.is_away = true;
    }

    /// The store answered.
    pub fn store_answered(&mut self, now: Duration) {
        if std::mem::take(&mut self.is_away) {
            self.quiet_until = now + QUIET;
        }
    }

    /// A process was found gone: its connections closed, and nothing listens where it was.
    pub fn is_gone(&mut self, boot: &str, now: Duration) {
        self.gone.retain(|_, since| now < *since + GONE_FOR);
        self.gone.entry(boot.to_owned()).or_insert(now);
    }

    /// Those of these processes that were not found gone.
    pub fn living(&self, there: &[Replica]) -> Vec<Replica> {
        let living = there
            .iter()
            .filter(|one| !self.gone.contains_key(&one.boot));
        living.cloned().collect()
    }

    /// What to do about a pool that this process does not own, when these processes are there.
    pub fn decide(&mut self, now: Duration, head: &Head, there: &[Replica]) -> Decision {
        let owner = head.owner.as_ref();
        if owner.is_some_and(|owner| owner.boot == self.me) {
            return Decision::Take;
        }
        if now < self.quiet_until {
            return Decision::Leave;
        }
        let gone = owner.and_then(|owner| self.gone.get_key_value(&owner.boot));
        let living = there
            .iter()
            .filter(|one| !self.gone.contains_key(&one.boot));
        let patience = RANK_DELAY * rank(&head.pool, &self.me, living);
        if head.lasts.is_zero() || owner.is_none() {
            return if head.over_for >= patience {
                Decision::Take
            } else {
                Decision::Leave
            };
        }
        let Some((boot, since)) = gone else {
            return Decision::Leave;
        };
        let before = self.hasty.get(&head.pool);
        if now < *since + patience || before.is_some_and(|at| now < *at + HASTE_EVERY) {
            return Decision::Leave;
        }
        let boot = boot.clone();
        self.hasty.insert(head.pool.clone(), now);
        Decision::TakeFrom(boot)
    }
}

/// How many of these processes come before `me` for a pool: each pool has an order of its own, in which everybody agrees.
fn rank<'a>(pool: &PoolId, me: &str, there: impl Iterator<Item = &'a Replica>) -> u32 {
    let own = (weight(pool, me), me);
    let before = there.filter(|one| (weight(pool, &one.boot), one.boot.as_str()) > own);
    u32::try_from(before.count()).unwrap_or(u32::MAX)
}

/// The process that should have a pool next, if there is another than `me`.
pub fn successor<'a>(pool: &PoolId, me: &str, there: &'a [Replica]) -> Option<&'a Replica> {
    let others = there.iter().filter(|one| one.boot != me);
    others.max_by_key(|one| (weight(pool, &one.boot), one.boot.clone()))
}

fn weight(pool: &PoolId, boot: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update((pool.as_str().len() as u64).to_be_bytes());
    hash.update(pool.as_str());
    hash.update(boot);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn replica(boot: &str) -> Replica {
        Replica {
            boot: boot.to_owned(),
            address: format!("{boot}:1"),
        }
    }

    fn head(owner: Option<&str>, lasts_ms: u64, over_ms: u64) -> Head {
        Head {
            pool: PoolId::new("north"),
            owner: owner.map(replica),
            epoch: 3,
            lasts: Duration::from_millis(lasts_ms),
            over_for: Duration::from_millis(over_ms),
            revision: 7,
        }
    }

    /// `a`, `b` and `c` in the order in which they come for the pool.
    fn in_order() -> Vec<Replica> {
        let mut all: Vec<Replica> = ["a", "b", "c"].map(replica).into();
        let first = |one: &Replica| {
            rank(
                &PoolId::new("north"),
                &one.boot,
                ["a", "b", "c"].map(replica).iter(),
            )
        };
        all.sort_by_key(first);
        all
    }

    #[test]
    fn candidates_come_one_after_the_other_when_a_lease_is_over() {
        let all = in_order();
        for (place, one) in all.iter().enumerate() {
            let mut watcher = Watcher::new(&one.boot);
            let patience = 150 * u64::try_from(place).expect("small");
            for (over_ms, decision) in [
                (patience, Decision::Take),
                (patience + 1_000, Decision::Take),
            ] {
                let gone = head(Some("x"), 0, over_ms);
                assert_eq!(watcher.decide(SECOND, &gone, &all), decision, "{place}");
                let given_back = head(None, 0, over_ms);
                assert_eq!(watcher.decide(SECOND, &given_back, &all), decision);
            }
            if patience > 0 {
                let early = head(Some("x"), 0, patience - 1);
                assert_eq!(watcher.decide(SECOND, &early, &all), Decision::Leave);
            }
            let held = head(Some("x"), 1, 0);
            assert_eq!(watcher.decide(SECOND, &held, &all), Decision::Leave);
        }
    }

    #[test]
    fn a_pool_that_was_given_is_taken_at_once() {
        let all = in_order();
        let mut watcher = Watcher::new("c");
        watcher.store_failed();
        watcher.store_answered(SECOND);
        let given = head(Some("c"), 1_900, 0);
        assert_eq!(watcher.decide(SECOND, &given, &all), Decision::Take);
    }

    #[test]
    fn an_owner_that_is_gone_does_not_count_and_is_not_waited_for() {
        let all = in_order();
        let [first, second, _] = &all[..] else {
            panic!("three")
        };
        let mut watcher = Watcher::new(&second.boot);
        let held = head(Some(&first.boot), 1_500, 0);
        assert_eq!(watcher.decide(SECOND, &held, &all), Decision::Leave);
        watcher.is_gone(&first.boot, SECOND);
        let taken = Decision::TakeFrom(first.boot.clone());
        assert_eq!(watcher.decide(SECOND, &held, &all), taken);
        // It lives after all: it is not taken from again at once.
        assert_eq!(watcher.decide(SECOND * 2, &held, &all), Decision::Leave);
        assert_eq!(watcher.decide(SECOND * 6, &held, &all), taken);
    }

    #[test]
    fn nothing_is_taken_right_after_the_store_was_away() {
        let mut watcher = Watcher::new("a");
        let free = head(None, 0, 60_000);
        let alone = [replica("a")];
        watcher.store_answered(SECOND);
        assert_eq!(watcher.decide(SECOND, &free, &alone), Decision::Take);
        watcher.store_failed();
        watcher.store_answered(SECOND * 5);
        let early = Duration::from_millis(5_999);
        assert_eq!(watcher.decide(early, &free, &alone), Decision::Leave);
        assert_eq!(watcher.decide(SECOND * 6, &free, &alone), Decision::Take);
    }

    #[test]
    fn pools_are_spread_and_everybody_agrees() {
        let all = in_order();
        let mut counts = BTreeMap::<String, u32>::new();
        for number in 0..300 {
            let pool = PoolId::new(format!("pool-{number}"));
            let first: Vec<_> = all
                .iter()
                .filter(|one| rank(&pool, &one.boot, all.iter()) == 0)
                .collect();
            let [first] = &first[..] else {
                panic!("one is the first: {first:?}")
            };
            assert_eq!(successor(&pool, "nobody", &all), Some(*first));
            assert_ne!(successor(&pool, &first.boot, &all), Some(*first));
            *counts.entry(first.boot.clone()).or_default() += 1;
        }
        assert!(counts.values().all(|count| *count > 60), "{counts:?}");
        assert_eq!(successor(&PoolId::new("p"), "a", &all[..0]), None);
    }
}
