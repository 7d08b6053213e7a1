//! How much counts vary: a gamma–Poisson distribution (negative binomial), and limits by the baseline's own errors.

/// The share of errors that should lie inside `INSIDE_SCORE` standard deviations, as those of the normal distribution do. The
/// rest, peaks among it, does not count.
const INSIDE: f64 = 0.8;
const INSIDE_SCORE: f64 = 1.281_551_565_544_6;
/// Fewer errors say nothing.
const LEAST: usize = 200;
/// Nothing is as regular as below this.
const LEAST_WIDTH: f64 = 0.5;

/// The logarithm of the probability of a count whose variance is `mean + dispersion × mean²`.
pub(super) fn log_probability(count: f64, mean: f64, dispersion: f64) -> f64 {
    let r = 1.0 / dispersion;
    libm::lgamma(count + r) - libm::lgamma(r) - libm::lgamma(count + 1.0)
        + r * (r / (r + mean)).ln()
        + count * (mean / (r + mean)).ln()
}

/// How many times wider than computed the middle of the errors lies, each in standard deviations. None if they are too few.
pub(super) fn width(errors: &mut [f64]) -> Option<f64> {
    if errors.len() < LEAST {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place among the errors"
    )]
    let place = (errors.len() as f64 * INSIDE) as usize;
    let by_size = |a: &f64, b: &f64| a.abs().total_cmp(&b.abs());
    let (_, inside, _) = errors.select_nth_unstable_by(place, by_size);
    Some((inside.abs() / INSIDE_SCORE).max(LEAST_WIDTH))
}
