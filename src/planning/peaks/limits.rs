//! Limits of counts that vary more than by chance: gamma–Poisson (negative binomial).

/// The share of errors that a fit lets lie inside `INSIDE_SCORE` standard deviations, as the normal distribution does. The
/// rest, peaks among it, does not count.
const INSIDE: f64 = 0.8;
const INSIDE_SCORE: f64 = 1.281_551_565_544_6;
/// Fewer errors say nothing.
const LEAST: usize = 60;
/// Nothing is as regular as below this.
const LEAST_DISPERSION: f64 = 0.002;

/// How many standard deviations a count is above what was expected, if its variance is `mean + dispersion × mean²`: by the
/// transformation that makes a negative binomial nearly normal (F. J. Anscombe, *The transformation of Poisson, binomial and
/// negative-binomial data*, 1948).
pub(super) fn score(count: f64, mean: f64, dispersion: f64) -> f64 {
    let root = dispersion.sqrt();
    let bend = |value: f64| (dispersion * value).sqrt().asinh();
    2.0 * (bend(count + 0.375) - bend(mean + 0.375)) / root
}

/// The logarithm of the probability of a count.
pub(super) fn log_probability(count: f64, mean: f64, dispersion: f64) -> f64 {
    let r = 1.0 / dispersion;
    libm::lgamma(count + r) - libm::lgamma(r) - libm::lgamma(count + 1.0)
        + r * (r / (r + mean)).ln()
        + count * (mean / (r + mean)).ln()
}

/// The dispersion at which as many of the errors, (count, expected), lie inside the limits as should. None if they are too
/// few.
pub(super) fn fit(errors: &[(f64, f64)]) -> Option<f64> {
    if errors.len() < LEAST {
        return None;
    }
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..24 {
        let middle = f64::midpoint(low, high);
        let is_inside = |(count, mean): &&(f64, f64)| {
            let off = (count - mean).abs() / mean;
            off < INSIDE_SCORE * (1.0 / mean + middle).sqrt()
        };
        let inside = errors.iter().filter(is_inside).count();
        #[expect(clippy::cast_precision_loss, reason = "numbers of intervals")]
        let share = inside as f64 / errors.len() as f64;
        if share < INSIDE {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(high.max(LEAST_DISPERSION))
}
