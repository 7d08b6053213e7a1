//! Watches the pools of a process: an interval that is over is judged once, by whoever owns its pool.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::judge;
use crate::{
    clock,
    engine::{
        arrivals::{INTERVAL_MS, interval_of},
        command::Command,
        ids::{PoolId, QueueId, WallTime},
        past::Past,
        peaks::{Judgement, SiteLoad},
        spec::QueueSpec,
    },
    pool::{Condition, Pool, registry::Registry},
};

/// Time between two looks.
const PERIOD: Duration = Duration::from_secs(1);
/// After an interval's end calls that arrived in it may still be under way.
const SETTLE_MS: i64 = 1_000;
/// An interval of which reports are missing is waited for this long.
const REPORTS_MS: i64 = 5 * 60_000;

/// When each queue was tried last: what is counted here is known at once, or never.
type Tried = BTreeMap<(PoolId, QueueId), WallTime>;

/// A queue to be judged.
struct Due {
    spec: QueueSpec,
    site: Option<SiteLoad>,
}

/// Watches until it is stopped.
pub async fn watch(registry: Arc<Registry>, stop: CancellationToken) {
    let mut tried = Tried::new();
    let mut period = tokio::time::interval(PERIOD);
    period.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = period.tick() => {}
            () = stop.cancelled() => return,
        }
        let now = clock::wall();
        for pool in registry.all() {
            if pool.condition() == Condition::Open {
                look(&pool, now, &mut tried).await;
            }
        }
    }
}

/// Judges every queue of a pool that is due.
async fn look(pool: &Pool, now: WallTime, tried: &mut Tried) {
    for due in due(pool, now) {
        let place = (pool.id().clone(), due.spec.id.clone());
        let is_final = !due.spec.serve.peaks.are_arrivals_reported;
        if is_final && tried.get(&place) == Some(&interval_of(now)) {
            continue;
        }
        let id = due.spec.id.clone();
        let Ok(Some(past)) = pool.read(move |engine| engine.arrivals(&id)).await else {
            continue;
        };
        let queue = due.spec.id.clone();
        let judged = spawn_blocking(move || judge_due(&past, &due, now)).await;
        tried.insert(place, interval_of(now));
        let Ok(Some(judgement)) = judged else {
            continue;
        };
        let judgement = Arc::new(judgement);
        let command = Command::JudgeInterval {
            queue: queue.clone(),
            judgement,
        };
        if let Err(problem) = pool.submit(command).await {
            warn!(pool = %pool.id(), %queue, %problem, "an interval could not be judged");
        }
    }
}

fn judge_due(past: &Past, due: &Due, now: WallTime) -> Option<Judgement> {
    judge(past, &due.spec, due.site.as_ref(), now)
}

/// The queues of which the newest interval is over and not judged. It is looked at for a while, as reports may be late.
fn due(pool: &Pool, now: WallTime) -> Vec<Due> {
    let last = WallTime(interval_of(now).0 - INTERVAL_MS);
    let since_ms = now.0 - interval_of(now).0;
    let view = pool.view().read();
    let specs = view.spec().into_iter().flat_map(|spec| &spec.queues);
    let looked_for = specs.filter(|spec| spec.serve.mode.has_peaks());
    let due = looked_for.filter_map(|spec| {
        let demand = view.queue(&spec.id)?.queue.state.demand.clone();
        let judged = demand.as_ref().and_then(|demand| demand.judged.as_ref());
        let is_judged = judged
            .is_some_and(|judged| judged.interval.0 + i64::from(judged.minutes) * 60_000 > last.0);
        let reports = spec.serve.peaks.are_arrivals_reported;
        let patience_ms = if reports {
            REPORTS_MS
        } else {
            SETTLE_MS + 10_000
        };
        let is_time = (SETTLE_MS..SETTLE_MS + patience_ms).contains(&since_ms);
        (is_time && !is_judged).then(|| Due {
            spec: spec.clone(),
            site: demand.and_then(|demand| demand.site),
        })
    });
    due.collect()
}
