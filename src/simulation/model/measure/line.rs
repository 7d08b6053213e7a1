//! What became of the calls of one queue that arrived in one span. A call counts in the queue it was accepted for.

use std::ops::AddAssign;

use hdrhistogram::Histogram;

use crate::engine::event::{DivertReason, OfferEnd, Outcome};

/// Waits are told to three digits in quantiles.
const DIGITS: u8 = 3;

/// How offers ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::simulation::model) struct OfferCount {
    pub(in crate::simulation::model) made: u64,
    pub(in crate::simulation::model) connected: u64,
    /// In the order of [`OfferEnd::ALL`].
    pub(in crate::simulation::model) ended: [u64; OfferEnd::ALL.len()],
}

impl AddAssign<&Self> for OfferCount {
    fn add_assign(&mut self, other: &Self) {
        self.made += other.made;
        self.connected += other.connected;
        for (sum, count) in self.ended.iter_mut().zip(other.ended) {
            *sum += count;
        }
    }
}

/// The calls of a queue and a span.
#[derive(Clone, Debug, Default)]
pub(in crate::simulation::model) struct Line {
    /// Accepted; those who were called back are not in it nor in what follows, but in `callbacks`.
    pub(in crate::simulation::model) offered: u64,
    pub(in crate::simulation::model) answered: u64,
    pub(in crate::simulation::model) answered_in_target: u64,
    pub(in crate::simulation::model) abandoned: u64,
    pub(in crate::simulation::model) abandoned_in_target: u64,
    /// In the order of [`Outcome::ALL`].
    pub(in crate::simulation::model) ended: [u64; Outcome::ALL.len()],
    /// Those who waited at all.
    pub(in crate::simulation::model) waited: u64,
    pub(in crate::simulation::model) wait_ms: u64,
    pub(in crate::simulation::model) wait_answered_ms: u64,
    pub(in crate::simulation::model) wait_abandoned_ms: u64,
    /// Of those who waited.
    pub(in crate::simulation::model) waits: Option<Box<Histogram<u32>>>,
    /// Callers x ms waited on the line in the span.
    pub(in crate::simulation::model) queue_ms: u64,
    pub(in crate::simulation::model) talk_ms: u64,
    /// In the order of [`DivertReason::ALL`].
    pub(in crate::simulation::model) diverted: [u64; DivertReason::ALL.len()],
    pub(in crate::simulation::model) callbacks: u64,
    pub(in crate::simulation::model) unfinished: u64,
    pub(in crate::simulation::model) offers: OfferCount,
}

impl Line {
    /// Counts a wait, which is in `offered` already.
    pub(in crate::simulation::model) fn count_wait(&mut self, wait_ms: u64) {
        self.wait_ms += wait_ms;
        if wait_ms > 0 {
            self.waited += 1;
            let waits = self.waits.get_or_insert_with(|| {
                Box::new(Histogram::new(DIGITS).expect("three digits are possible"))
            });
            waits.record(wait_ms).expect("it grows by itself");
        }
    }

    /// Within this many ms the share `quantile` of the offered calls waited no longer; none without calls.
    pub(in crate::simulation::model) fn wait_quantile_ms(&self, quantile: f64) -> Option<f64> {
        if self.offered == 0 {
            return None;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
        let (offered, waited) = (self.offered as f64, self.waited as f64);
        let without = offered - waited;
        let among = (quantile * offered - without) / waited;
        let waits = self.waits.as_ref().filter(|_| among > 0.0);
        #[expect(
            clippy::cast_precision_loss,
            reason = "ms of a wait are far below 2^53"
        )]
        let ms = waits.map_or(0.0, |waits| {
            waits.median_equivalent(waits.value_at_quantile(among)) as f64
        });
        Some(ms)
    }
}

impl AddAssign<&Self> for Line {
    fn add_assign(&mut self, other: &Self) {
        self.offered += other.offered;
        self.answered += other.answered;
        self.answered_in_target += other.answered_in_target;
        self.abandoned += other.abandoned;
        self.abandoned_in_target += other.abandoned_in_target;
        self.waited += other.waited;
        self.wait_ms += other.wait_ms;
        self.wait_answered_ms += other.wait_answered_ms;
        self.wait_abandoned_ms += other.wait_abandoned_ms;
        self.queue_ms += other.queue_ms;
        self.talk_ms += other.talk_ms;
        self.callbacks += other.callbacks;
        self.unfinished += other.unfinished;
        self.offers += &other.offers;
        for (sum, count) in self.ended.iter_mut().zip(other.ended) {
            *sum += count;
        }
        for (sum, count) in self.diverted.iter_mut().zip(other.diverted) {
            *sum += count;
        }
        match (&mut self.waits, &other.waits) {
            (Some(waits), Some(others)) => {
                waits.add(&**others).expect("it grows by itself");
            }
            (waits @ None, Some(others)) => *waits = Some(others.clone()),
            (_, None) => {}
        }
    }
}
