//! The one door to time. Everything else takes time as an argument or asks here.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::time::Instant;

use crate::engine::ids::{Moment, PoolTime, WallTime};

/// A point of the monotonic clock, for time-outs and measuring; stands still and jumps in tests with paused time.
#[expect(clippy::disallowed_methods, reason = "this is the clock room")]
pub fn instant() -> Instant {
    Instant::now()
}

/// How far the calendar of this process is ahead of the machine's, ms.
static AHEAD_MS: AtomicI64 = AtomicI64::new(0);

/// Lets the calendar of this process show `start` now, and go on from there.
pub fn start_at(start: WallTime) {
    AHEAD_MS.store(start.0.saturating_sub(machine_wall().0), Ordering::Relaxed);
}

/// The calendar's time.
pub fn wall() -> WallTime {
    let ahead_ms = AHEAD_MS.load(Ordering::Relaxed);
    WallTime(machine_wall().0.saturating_add(ahead_ms))
}

#[expect(clippy::disallowed_methods, reason = "this is the clock room")]
fn machine_wall() -> WallTime {
    let since_1970 = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    WallTime(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
}

/// Time since the machine started, also while it slept: for deadlines that others keep as well.
pub fn boot() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let nanos = u32::try_from(time.tv_nsec).unwrap_or(0);
    Duration::new(seconds, nanos)
}

/// A pool's clock: begins at the stored time or the store's or the calendar's, whichever is later, and never goes back.
#[derive(Clone, Copy, Debug)]
pub struct PoolClock {
    anchor: PoolTime,
    since: Instant,
}

impl PoolClock {
    /// Starts from the pool's time at its last commit, zero for a new pool, and from the time of the store if it has a clock
    /// that all owners share, else the calendar's.
    pub fn start(stored: PoolTime, store_time: Option<PoolTime>) -> Self {
        let calendar = || PoolTime(u64::try_from(wall().0).unwrap_or(0));
        Self {
            anchor: stored.max(store_time.unwrap_or_else(calendar)),
            since: instant(),
        }
    }

    /// The pool's time now.
    pub fn now(&self) -> PoolTime {
        let elapsed = instant().duration_since(self.since).as_millis();
        self.anchor.plus(u64::try_from(elapsed).unwrap_or(u64::MAX))
    }

    /// Both times of a command that arrives now.
    pub fn moment(&self) -> Moment {
        Moment {
            now: self.now(),
            wall: wall(),
        }
    }

    /// When the monotonic clock reaches the pool's time `at`.
    pub fn instant_of(&self, at: PoolTime) -> Instant {
        self.since + Duration::from_millis(at.since(self.anchor))
    }
}
