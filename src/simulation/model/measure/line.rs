//! What became of the calls of one queue that arrived in one span. A call counts in the queue it was accepted for.

use std::{collections::BTreeMap, ops::AddAssign};

use crate::engine::event::{DivertReason, OfferEnd, Outcome};

/// Waits are kept to so many binary digits, which is to a thousandth.
const DIGITS: u32 = 10;

/// The wait in the middle of those that are kept as one with it, ms.
fn rounded(wait_ms: u64) -> u64 {
    let dropped = (u64::BITS - wait_ms.leading_zeros()).saturating_sub(DIGITS);
    let lowest = wait_ms >> dropped << dropped;
    lowest + ((1 << dropped) >> 1)
}

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
    /// How many of those who waited did so how long, ms: few of many are alike, and few are all that a span has.
    pub(in crate::simulation::model) waits: BTreeMap<u64, u64>,
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
            *self.waits.entry(rounded(wait_ms)).or_default() += 1;
        }
    }

    /// Counts an answer after a wait.
    pub(in crate::simulation::model) fn count_answer(&mut self, wait_ms: u64, target_ms: u64) {
        self.answered += 1;
        self.answered_in_target += u64::from(wait_ms <= target_ms);
        self.wait_answered_ms += wait_ms;
    }

    /// Within this many ms the share `quantile` of the offered calls waited no longer; none without calls.
    pub(in crate::simulation::model) fn wait_quantile_ms(&self, quantile: f64) -> Option<f64> {
        if self.offered == 0 {
            return None;
        }
        let wanted = (quantile * float(self.offered)).ceil();
        let mut seen = self.offered - self.waited;
        if wanted <= float(seen) {
            return Some(0.0);
        }
        for (wait_ms, count) in &self.waits {
            seen += count;
            if wanted <= float(seen) {
                return Some(float(*wait_ms));
            }
        }
        self.waits.keys().next_back().map(|longest| float(*longest))
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts and waits are far below 2^53"
)]
fn float(number: u64) -> f64 {
    number as f64
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
        for (wait_ms, count) in &other.waits {
            *self.waits.entry(*wait_ms).or_default() += count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, rounded};

    #[test]
    fn waits_are_rounded_to_a_thousandth() {
        for wait_ms in [1, 1_023, 1_024, 1_025, 99_999, 86_400_000, u64::MAX / 2] {
            let apart = rounded(wait_ms).abs_diff(wait_ms);
            assert!(apart <= wait_ms / 1_000, "{wait_ms}: {apart}");
        }
    }

    #[test]
    fn quantiles_are_of_all_who_were_offered() {
        let mut line = Line {
            offered: 10,
            ..Line::default()
        };
        for wait_ms in [0, 0, 0, 0, 0, 100, 200, 300, 400, 500] {
            line.count_wait(wait_ms);
        }
        let cases = [(0.5, 0.0), (0.6, 100.0), (0.9, 400.0), (0.95, 500.0)];
        for (quantile, expected) in cases {
            assert_eq!(
                line.wait_quantile_ms(quantile),
                Some(expected),
                "{quantile}"
            );
        }
        assert_eq!(Line::default().wait_quantile_ms(0.5), None);
    }
}
