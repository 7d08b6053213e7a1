//! How long a caller is likely to wait: from the last call that came out of the same line, and how far back it began.
//!
//! `max(delay of the last call to enter service within 30 min × (ahead now + 1) ÷ (ahead at its arrival + 1), wait of the
//! head of the line)`; zero if an eligible agent is idle; unknown without such a call. Waits here run from the moment in
//! which the queue got a call: what the caller waited before says nothing of this line. That a call may be kept for a
//! preferred agent first is not counted.

use super::{
    ids::PoolTime,
    order::Order,
    queues::QueueIx,
    service::Served,
    state::{CallIx, Place, Queue, SkillNeed, State},
    urgency::Rank,
};

/// A call that entered service longer ago says nothing of now.
const SERVED_RECENTLY_MS: u64 = 30 * 60_000;

/// A caller's place and likely wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// Calls that wait, not offered, and come before it in its queue.
    pub ahead: u32,
    /// How long it is likely to wait; `None` if that is not known.
    pub wait_ms: Option<u64>,
}

/// Where a waiting call stands in its queue's order: the least is served first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standing {
    rank: Rank,
    since: PoolTime,
}

impl Standing {
    /// By rank; `since` is when the queue got the call.
    pub(super) fn new(rank: Rank, since: PoolTime) -> Self {
        Self { rank, since }
    }
}

/// The waiting calls of a queue in its order.
#[derive(Clone, Debug, Default)]
pub(crate) struct WaitingLine(Order<Standing>);

impl WaitingLine {
    /// A call begins to wait.
    pub(crate) fn join(&mut self, standing: Standing) {
        self.0.insert(standing);
    }

    /// A call waits no more.
    pub(crate) fn leave(&mut self, standing: &Standing) {
        self.0.remove(standing);
    }

    /// Place and likely wait of a call that stands there or would, where nobody is free.
    pub(crate) fn estimate(
        &self,
        standing: &Standing,
        last: Option<&Served>,
        now: PoolTime,
    ) -> Estimate {
        let ahead = u32::try_from(self.0.before(standing)).unwrap_or(u32::MAX);
        let head_ms = self.0.first().map_or(0, |head| now.since(head.since));
        Estimate {
            ahead,
            wait_ms: likely_wait_ms(last, ahead, head_ms, now),
        }
    }
}

fn likely_wait_ms(last: Option<&Served>, ahead: u32, head_ms: u64, now: PoolTime) -> Option<u64> {
    let last = last.filter(|last| now.since(last.at) <= SERVED_RECENTLY_MS)?;
    let places = u128::from(ahead) + 1;
    let scaled = u128::from(last.delay_ms) * places / (u128::from(last.ahead) + 1);
    let scaled = u64::try_from(scaled).unwrap_or(u64::MAX);
    Some(scaled.max(head_ms))
}

impl Queue {
    /// How many waiting calls come before one that stands there.
    pub(super) fn estimate(&self, standing: &Standing, now: PoolTime) -> Estimate {
        let last = self.state.service.last.as_ref();
        self.line.estimate(standing, last, now)
    }
}

impl State {
    /// Place and likely wait of a call that waits on a line.
    pub(super) fn place(&self, ix: CallIx, now: PoolTime) -> Option<Estimate> {
        let call = &self.calls[ix];
        match &call.place {
            Some(Place::Waiting(standing)) => Some(self.queue_of(call).estimate(standing, now)),
            Some(Place::Callback | Place::Offered | Place::Connected) | None => None,
        }
    }

    /// Place and likely wait of a call that comes to a queue now, with a head start and skills of its own.
    pub(super) fn estimate(
        &mut self,
        queue: QueueIx,
        head_start_ms: i64,
        wait_from: PoolTime,
        own: &[SkillNeed],
    ) -> Estimate {
        let number = self.counters.next_call;
        let ring = &self.queues[queue].rings[0];
        let needs = if own.is_empty() {
            ring.needs
        } else {
            let (skills, sites) = (ring.skills.clone(), ring.sites);
            self.needs(&skills, own, sites)
        };
        let queue = &self.queues[queue];
        let class = queue.class;
        let rank = Rank::of(head_start_ms, queue.weight, wait_from, number);
        let estimate = queue.estimate(&Standing::new(rank, self.now), self.now);
        if self.index.anybody_free(needs, class) {
            return Estimate {
                wait_ms: Some(0),
                ..estimate
            };
        }
        estimate
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: u64 = 60_000;

    #[test]
    fn the_last_delay_is_scaled_by_place_and_is_at_least_the_heads_wait() {
        let last = Served {
            at: PoolTime(0),
            delay_ms: 60_000,
            ahead: 5,
        };
        for (ahead, head_ms, now, expected) in [
            (0, 0, 0, Some(10_000)),
            (5, 0, 0, Some(60_000)),
            (11, 0, 0, Some(120_000)),
            (0, 15_000, 0, Some(15_000)),
            (5, 15_000, 30 * MINUTE, Some(60_000)),
            (5, 15_000, 30 * MINUTE + 1, None),
        ] {
            let wait = likely_wait_ms(Some(&last), ahead, head_ms, PoolTime(now));
            assert_eq!(wait, expected, "{ahead} ahead, head {head_ms}, at {now}");
        }
        assert_eq!(likely_wait_ms(None, 3, 9_000, PoolTime(0)), None);
    }
}
