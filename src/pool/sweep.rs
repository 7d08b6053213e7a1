//! The sweep: tells the engine who came and who went, closes silent streams, forgets old ones.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::error;

use super::{Pool, PoolError, Ticket, hub::Closing, presence::Due};
use crate::{clock, engine::command::Command};

/// Time between two sweeps when nothing changes.
const PERIOD: Duration = Duration::from_millis(500);

/// The pool's time and the calendar's may be this far apart; more is an alarm.
const SKEW_MAX_MS: u64 = 5_000;

/// Sweeps until it is stopped.
pub(super) async fn sweep(pool: Pool, stop: CancellationToken) {
    let mut skewed = false;
    let mut period = tokio::time::interval(PERIOD);
    period.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            _ = period.tick() => {}
            () = pool.presence().changed() => {}
        }
        pool.hub().forget_old();
        skewed = measure_skew(&pool, skewed);
        tell(&pool).await;
    }
}

/// Tells the engine all that is due. What it cannot take now is due again at the next sweep.
async fn tell(pool: &Pool) {
    let mut under_way: Vec<(Due, Ticket)> = Vec::new();
    for due in pool.presence().due() {
        if let Command::DetachPlatform { key } = &due.command {
            pool.hub().close(key, Closing::Silent);
        }
        match pool.send(due.command.clone()) {
            Ok(ticket) => under_way.push((due, ticket)),
            Err(_overloaded) => break,
        }
    }
    for (due, mut ticket) in under_way {
        match ticket.outcome().await {
            Ok(_) => pool.presence().told(due, false),
            Err(PoolError::Rejected(_)) => pool.presence().told(due, true),
            Err(_unavailable) => {}
        }
    }
}

/// Waits run by the pool's time and schedules by the calendar's: someone must look when they part. Answers whether they
/// have.
fn measure_skew(pool: &Pool, before: bool) -> bool {
    let skew_ms = skew_ms(pool);
    let skewed = skew_ms.unsigned_abs() > SKEW_MAX_MS;
    if skewed && !before {
        error!(pool = %pool.id(), skew_ms, "the pool's time and the calendar's have parted: was the clock set?");
    }
    skewed
}

/// How far the pool's time is ahead of the calendar's.
pub(super) fn skew_ms(pool: &Pool) -> i64 {
    let now = i64::try_from(pool.view().read().now().0).unwrap_or(i64::MAX);
    now.saturating_sub(clock::wall().0)
}
