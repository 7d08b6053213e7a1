//! What is known of arrivals: not what came while the service was away, or while a clock was set.

use super::{
    super::{
        event::Event,
        ids::{PoolTime, WallTime},
    },
    Step, windows,
};

/// The two clocks may part so far by themselves.
const DRIFT_MAX_MS: u64 = 5_000;
/// Callers find their way back after so long away; what was missed in it does not count.
const AWAY_MAX_MS: u64 = 60_000;

/// Notes how far the calendar is ahead of the pool's clock, if one of them was set: windows may be open or closed by it at once.
pub(super) fn follow_calendar(step: &mut Step<'_>) {
    let now = i64::try_from(step.at.now.0).unwrap_or(i64::MAX);
    let ahead_ms = step.at.wall.0.saturating_sub(now);
    let before = step.state.wall_now();
    if ahead_ms.abs_diff(step.state.counters.wall_ahead_ms) > DRIFT_MAX_MS {
        step.emit(Event::CalendarSet {
            ahead_ms,
            from: before.min(step.at.wall),
            until: before.max(step.at.wall),
        });
        windows::look_at_all(step);
    }
}

/// What came between the last commit and now is not known, if that is long. A pool that did nothing meanwhile cannot tell.
pub(super) fn resume(step: &mut Step<'_>) {
    let now = step.at.now;
    let stored = step.state.kept.stored_until;
    let away = stored.filter(|until| now.since(*until) > AWAY_MAX_MS);
    if let Some(until) = away.filter(|_| step.state.spec.is_some()) {
        let ahead_ms = step.state.counters.wall_ahead_ms;
        step.emit(Event::ArrivalsMissed {
            from: wall(until, ahead_ms),
            until: wall(now, ahead_ms),
        });
    }
}

fn wall(at: PoolTime, ahead_ms: i64) -> WallTime {
    let at = i64::try_from(at.0).unwrap_or(i64::MAX);
    WallTime(at.saturating_add(ahead_ms))
}
