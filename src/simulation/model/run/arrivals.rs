//! When calls arrive, of what kind they are, and what their callers bring along.

use rand_distr::{Distribution as _, Gamma};

use crate::simulation::model::{
    CallKind, Demand, Scenario,
    distribution::{exponential, whole_ms},
    random::Stream,
};

/// Calls of a demand, one after the other: a Poisson process with steps.
pub(super) struct Arrivals<'a> {
    demand: &'a Demand,
    /// When each step begins, ms of the run, and its calls per ms.
    steps: Vec<(f64, f64)>,
    step: usize,
    at_ms: f64,
    end_ms: f64,
    gaps: Stream,
    kinds: Stream,
    talk: Stream,
    patience: Stream,
}

/// What a call is like.
pub(super) struct Drawn<'a> {
    pub(super) kind: &'a CallKind,
    pub(super) talk_ms: u64,
    pub(super) patience_ms: Option<u64>,
}

impl<'a> Arrivals<'a> {
    pub(super) fn new(scenario: &Scenario, demand: &'a Demand, replication: u32) -> Self {
        let stream = |purpose| Stream::of(scenario.seed, replication, purpose, &demand.queue);
        let mut day = Stream::of(scenario.seed, replication, "day", "");
        let factor = factor(scenario.day_factor_cv, &mut day)
            * factor(demand.day_factor_cv, &mut stream("day of"));
        let steps = demand.rates.iter().map(|step| {
            let from_ms = step.from_ms.saturating_sub(scenario.starts_ms);
            (float(from_ms), factor * step.per_hour / 3_600_000.0)
        });
        Self {
            demand,
            steps: steps.collect(),
            step: 0,
            at_ms: 0.0,
            end_ms: float(scenario.duration_ms),
            gaps: stream("arrivals"),
            kinds: stream("kinds"),
            talk: stream("talk"),
            patience: stream("patience"),
        }
    }

    /// When the next call arrives, ms; none if none does before the end.
    pub(super) fn next_ms(&mut self) -> Option<u64> {
        let mut units = exponential(&mut self.gaps);
        while let Some((from_ms, rate)) = self.steps.get(self.step).copied() {
            let next = self.steps.get(self.step + 1);
            let until_ms = next.map_or(self.end_ms, |(next, _)| next.min(self.end_ms));
            let begin_ms = self.at_ms.max(from_ms);
            let room = (until_ms - begin_ms).max(0.0) * rate;
            if units < room {
                self.at_ms = begin_ms + units / rate;
                return Some(whole_ms(self.at_ms));
            }
            units -= room;
            self.step += 1;
        }
        None
    }

    /// What the call that arrives is like.
    pub(super) fn draw(&mut self) -> Drawn<'a> {
        let kinds = &self.demand.kinds;
        let mut left = self.kinds.share();
        let mut chosen = &kinds[kinds.len() - 1];
        for kind in kinds {
            if left < kind.share {
                chosen = kind;
                break;
            }
            left -= kind.share;
        }
        Drawn {
            kind: chosen,
            talk_ms: chosen.talk.draw(&mut self.talk),
            patience_ms: chosen
                .patience
                .as_ref()
                .map(|patience| patience.draw(&mut self.patience)),
        }
    }
}

/// A smaller variation is none.
const LEAST_CV: f64 = 1e-6;

/// A factor with mean 1 and this coefficient of variation, of the gamma distribution.
fn factor(cv: f64, stream: &mut Stream) -> f64 {
    if cv < LEAST_CV {
        return 1.0;
    }
    let variance = cv * cv;
    let gamma = Gamma::new(1.0 / variance, variance).expect("both are above zero");
    gamma.sample(stream.generator())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "ms of a scenario are far below 2^53"
)]
fn float(ms: u64) -> f64 {
    ms as f64
}
