//! How long things take.

use std::sync::Arc;

use rand_distr::{Distribution as _, Exp1, StandardNormal};

use super::random::Stream;

/// How long something takes, ms. Draws are the same on every machine: logarithms and the like come from `libm`, not from
/// the system.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Constant(f64),
    /// Exponential with this mean.
    Exponential(f64),
    /// Lognormal with this mean and coefficient of variation (standard deviation ÷ mean).
    Lognormal { mean: f64, cv: f64 },
    /// Each of these with the same probability; at least one.
    Empirical(Arc<[f64]>),
}

impl Distribution {
    /// The mean, ms.
    pub fn mean(&self) -> f64 {
        match self {
            Self::Constant(value) => *value,
            Self::Exponential(mean) | Self::Lognormal { mean, .. } => *mean,
            Self::Empirical(values) => {
                let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
                values.iter().sum::<f64>() / f64::from(count)
            }
        }
    }

    /// One duration, to the nearest ms.
    pub(super) fn draw(&self, stream: &mut Stream) -> u64 {
        let ms = match self {
            Self::Constant(value) => *value,
            Self::Exponential(mean) => mean * exponential(stream),
            Self::Lognormal { mean, cv } => {
                // By the mean m and the variation c of the lognormal itself: sigma² = ln(1 + c²), mu = ln m - sigma²/2.
                let variance = libm::log1p(cv * cv);
                let normal: f64 = StandardNormal.sample(stream.generator());
                mean * libm::exp(variance.sqrt() * normal - variance / 2.0)
            }
            Self::Empirical(values) => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    clippy::cast_precision_loss,
                    reason = "a place in the list"
                )]
                let place = (stream.share() * values.len() as f64) as usize;
                values[place]
            }
        };
        whole_ms(ms)
    }
}

/// Exponential with mean 1.
pub(super) fn exponential(stream: &mut Stream) -> f64 {
    Exp1.sample(stream.generator())
}

/// To the nearest ms.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of what is too large gives the largest"
)]
pub(super) fn whole_ms(ms: f64) -> u64 {
    // A thousand years: more is no time of a call, and sums keep room.
    ms.round().min(3.2e13) as u64
}

#[cfg(test)]
mod tests {
    use super::{Distribution, Stream};

    #[test]
    fn draws_have_the_mean_and_the_variation_that_are_asked_for() {
        let values: [f64; 3] = [1_000.0, 2_000.0, 6_000.0];
        let cases = [
            (Distribution::Constant(1_500.0), 0.0),
            (Distribution::Exponential(180_000.0), 1.0),
            (
                Distribution::Lognormal {
                    mean: 180_000.0,
                    cv: 0.8,
                },
                0.8,
            ),
            (Distribution::Empirical(values.into()), 0.720_1),
        ];
        for (distribution, cv) in cases {
            let mut stream = Stream::of(1, 0, "test", "");
            let draws = 200_000;
            let (mut sum, mut squares) = (0.0, 0.0);
            for _ in 0..draws {
                let ms = f64::from(u32::try_from(distribution.draw(&mut stream)).expect("short"));
                sum += ms;
                squares += ms * ms;
            }
            let mean = sum / f64::from(draws);
            let seen_cv = (squares / f64::from(draws) / mean / mean - 1.0)
                .max(0.0)
                .sqrt();
            let ratio = mean / distribution.mean();
            assert!((ratio - 1.0).abs() < 0.01, "{distribution:?}: {ratio}");
            assert!((seen_cv - cv).abs() < 0.02, "{distribution:?}: {seen_cv}");
        }
    }
}
