//! Where a platform's waiting calls stand in their queues, told to a platform that asked: what changed since it was told,
//! read from the view beside the pool.

use std::{collections::BTreeMap, time::Duration};

use tokio::time::{Interval, MissedTickBehavior, interval};

use super::{convert, status::Problem};
use crate::{
    engine::{
        estimate::Estimate,
        ids::{CallId, PlatformKey, PoolTime, QueueId},
        view::{CallView, LiveCall},
    },
    pool::{Pool, view::PoolView},
    proto::v1,
};

const EVERY_MS_MIN: u64 = 1_000;
const EVERY_MS_MAX: u64 = 60_000;
/// A change of the estimate below this is not told: a wait that is known by the second is known well.
const TOLD_MS: u64 = 1_000;
/// Calls that are looked at under one lock.
const PART: usize = 1_000;

/// What a stream was told of its waiting calls.
pub(super) struct Positions {
    /// None if the platform did not ask.
    timer: Option<Interval>,
    told: BTreeMap<CallId, Standing>,
}

/// A waiting call's queue, with its place there.
struct Standing {
    queue: QueueId,
    place: Estimate,
}

impl Standing {
    fn of(view: &PoolView, call: &LiveCall, now: PoolTime) -> Option<Self> {
        Some(Self {
            queue: call.queue.clone(),
            place: view.place(call, now)?,
        })
    }

    /// Whether a platform that was told the other would be told something new.
    fn is_news_after(&self, other: &Self) -> bool {
        let waits = self.place.wait_ms.zip(other.place.wait_ms);
        let same_wait = match waits {
            Some((now, told)) => now.abs_diff(told) < TOLD_MS,
            None => self.place.wait_ms == other.place.wait_ms,
        };
        self.queue != other.queue || self.place.ahead != other.place.ahead || !same_wait
    }
}

impl Positions {
    /// For a hello that asks to be told so often, or not at all.
    pub(super) fn asked(hello: &v1::RoutingHello) -> Result<Self, Problem> {
        let every = hello.position_interval.map(every).transpose()?;
        Ok(Self {
            timer: every.map(|every| {
                let mut timer = interval(every);
                timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
                timer
            }),
            told: BTreeMap::new(),
        })
    }

    /// Waits until it is time to look again.
    pub(super) async fn due(&mut self) {
        match &mut self.timer {
            Some(timer) => drop(timer.tick().await),
            None => std::future::pending().await,
        }
    }

    /// What is new of the instance's waiting calls, oldest call first.
    pub(super) async fn news(&mut self, pool: &Pool, key: &PlatformKey) -> Vec<v1::QueuePosition> {
        let mut before = std::mem::take(&mut self.told);
        let mut news = Vec::new();
        let mut last = None;
        loop {
            let mut seen = 0;
            let mut standing = Vec::new();
            {
                let view = pool.view().read();
                let now = view.now();
                for row in view.calls_of(key, last.take()).take(PART) {
                    seen += 1;
                    let CallView::Live(call) = &*row.value else {
                        continue;
                    };
                    last = Some((call.record.accepted_at, call.record.id.clone()));
                    let place = Standing::of(&view, call, now);
                    standing.extend(place.map(|place| (call.record.id.clone(), place)));
                }
            }
            for (call, stands) in standing {
                let told = before.remove(&call);
                let told = told.filter(|told| !stands.is_news_after(told));
                if told.is_none() {
                    news.push(position(&call, &stands));
                }
                self.told.insert(call, told.unwrap_or(stands));
            }
            if seen < PART {
                return news;
            }
            tokio::task::yield_now().await;
        }
    }
}

fn every(given: prost_types::Duration) -> Result<Duration, Problem> {
    let ms = convert::to_ms(given).filter(|ms| (EVERY_MS_MIN..=EVERY_MS_MAX).contains(ms));
    let right = "is not between 1 s and 60 s; give such a time, or leave it out to be told nothing";
    let ms = ms.ok_or_else(|| convert::fault("position_interval", right))?;
    Ok(Duration::from_millis(ms))
}

fn position(call: &CallId, standing: &Standing) -> v1::QueuePosition {
    let (position, estimated_wait_now) = convert::estimates::position(standing.place);
    v1::QueuePosition {
        call_id: call.to_string(),
        queue: standing.queue.to_string(),
        position,
        estimated_wait_now,
    }
}
