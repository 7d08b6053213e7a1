//! How far a day is from its usual, interval by interval, and how unlikely what came is if nothing began.
//!
//! The logarithm of a count over its usual is the day's level, plus a wander that fades within hours, plus chance: a linear
//! Gaussian model that the Kalman filter follows (R. E. Kalman, *A new approach to linear filtering and prediction
//! problems*, 1960). A surge is a step in it. Whether one began so many intervals ago is the generalised likelihood ratio of
//! A. S. Willsky and H. L. Jones (*A generalized likelihood ratio approach to the detection and estimation of jumps in
//! linear systems*, 1976): the errors since then are held against those that a step leaves behind while the filter gets used
//! to it, each weighted by its variance.

use super::HORIZONS;

/// The longest horizon.
pub(super) const LONGEST: usize = HORIZONS[HORIZONS.len() - 1];
/// Errors below so many standard deviations teach no more than this.
const LOWEST: f64 = -2.5;

/// How the wander behaves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wander {
    /// What is left of it after an interval.
    pub(super) rest: f64,
    /// Its variance.
    pub(super) variance: f64,
}

/// A value for the level and one for the wander.
#[derive(Clone, Copy, Debug)]
struct Pair {
    level: f64,
    wander: f64,
}

impl Pair {
    fn sum(self) -> f64 {
        self.level + self.wander
    }

    fn faded(self, rest: f64) -> Self {
        Self {
            wander: self.wander * rest,
            ..self
        }
    }

    fn plus(self, gain: Self, error: f64) -> Self {
        Self {
            level: self.level + gain.level * error,
            wander: self.wander + gain.wander * error,
        }
    }
}

/// A step that may have begun: what the filter has taken for level and wander of it, and how well errors agree with it.
#[derive(Clone, Copy, Debug)]
struct Step {
    taken: Pair,
    agreement: f64,
    information: f64,
    intervals: usize,
}

/// What is expected before an interval.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    /// The logarithm of expected over usual.
    pub(super) log: f64,
    /// Its variance without the count's own.
    pub(super) variance: f64,
}

/// Follows a day.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    wander: Wander,
    state: Pair,
    /// Variances of level and wander, and their covariance.
    variances: Pair,
    covariance: f64,
    steps: Vec<Step>,
}

impl Filter {
    /// Before a day: its level's logarithm and the variance of that.
    pub(super) fn new(level: f64, variance: f64, wander: Wander) -> Self {
        Self {
            wander,
            state: Pair { level, wander: 0.0 },
            variances: Pair {
                level: variance,
                wander: wander.variance,
            },
            covariance: 0.0,
            steps: Vec::new(),
        }
    }

    /// Goes on to the next interval.
    pub(super) fn next(&mut self) -> Expected {
        let Wander { rest, variance } = self.wander;
        self.state = self.state.faded(rest);
        self.covariance *= rest;
        self.variances.wander = rest * rest * (self.variances.wander - variance) + variance;
        for step in &mut self.steps {
            step.taken = step.taken.faded(rest);
        }
        Expected {
            log: self.state.sum(),
            variance: self.variances.sum() + 2.0 * self.covariance,
        }
    }

    /// Expected over usual for this interval and the next, if nothing is learned until then.
    pub(super) fn levels_ahead(&self) -> [f64; LONGEST] {
        let mut state = self.state;
        std::array::from_fn(|_| {
            let level = state.sum().exp();
            state = state.faded(self.wander.rest);
            level
        })
    }

    /// Holds an error (the logarithm of counted over expected) with its variance against all steps.
    pub(super) fn hold(&mut self, error: f64, variance: f64) {
        self.steps.retain(|step| step.intervals < LONGEST);
        self.steps.push(Step {
            taken: Pair {
                level: 0.0,
                wander: 0.0,
            },
            agreement: 0.0,
            information: 0.0,
            intervals: 0,
        });
        for step in &mut self.steps {
            let left = 1.0 - step.taken.sum();
            step.agreement += left * error / variance;
            step.information += left * left / variance;
            step.intervals += 1;
        }
    }

    /// Standard deviations by which a step agrees that began so many intervals ago.
    pub(super) fn score(&self, intervals: usize) -> Option<f64> {
        let mut steps = self.steps.iter();
        let step = steps.find(|step| step.intervals == intervals)?;
        Some(step.agreement / step.information.sqrt())
    }

    /// Learns an error, cut at so many standard deviations above.
    pub(super) fn learn(&mut self, error: f64, variance: f64, cut: f64) {
        let gain = Pair {
            level: (self.variances.level + self.covariance) / variance,
            wander: (self.variances.wander + self.covariance) / variance,
        };
        for step in &mut self.steps {
            step.taken = step.taken.plus(gain, 1.0 - step.taken.sum());
        }
        let deviation = variance.sqrt();
        let taught = error.clamp(LOWEST * deviation, cut * deviation);
        self.state = self.state.plus(gain, taught);
        let (level, wander) = (self.variances.level, self.variances.wander);
        self.variances.level -= gain.level * (level + self.covariance);
        self.variances.wander -= gain.wander * (wander + self.covariance);
        self.covariance -= gain.level * (wander + self.covariance);
    }
}
