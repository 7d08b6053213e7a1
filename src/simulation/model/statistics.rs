//! What samples say: estimates with intervals.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// How sure an interval is, as a share: 0.95 covers the true value in 95 of 100 cases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confidence(pub f64);

impl Confidence {
    /// What reports tell.
    pub const USUAL: Self = Self(0.95);
}

/// An estimate and its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// The interval; none of fewer than two samples.
    pub interval: Option<(f64, f64)>,
}

impl Estimate {
    /// The ratio of two sums over samples, by pairs; none if the lower one is zero. Its variance is that of the ratio
    /// estimator, (1/(n(n-1))) sum of (x - r y)² / mean(y)², its interval Student's with n - 1 degrees of freedom. A
    /// share of counts has at least Wilson's interval, which has a width even where nothing, or everything, was seen.
    ///
    /// Sources: W. G. Cochran, Sampling Techniques, chapter 6; E. B. Wilson, JASA 22 (1927).
    pub fn of_ratio(pairs: &[(f64, f64)], is_share: bool, confidence: Confidence) -> Option<Self> {
        let (mut upper, mut lower) = (0.0, 0.0);
        for (x, y) in pairs {
            upper += x;
            lower += y;
        }
        if lower <= 0.0 {
            return None;
        }
        let value = upper / lower;
        let samples = f64::from(u32::try_from(pairs.len()).unwrap_or(u32::MAX));
        let student = (pairs.len() > 1).then(|| {
            let squares: f64 = pairs.iter().map(|(x, y)| (x - value * y).powi(2)).sum();
            let mean = lower / samples;
            let deviation = (squares / (samples * (samples - 1.0))).sqrt() / mean;
            let half = student(samples - 1.0, confidence) * deviation;
            (value - half, value + half)
        });
        let interval = student.map(|(low, high)| {
            if !is_share {
                return (low, high);
            }
            let (least, most) = wilson(value, lower, confidence);
            (low.min(least).max(0.0), high.max(most).min(1.0))
        });
        Some(Self { value, interval })
    }

    /// What was made of all samples together, with the interval that sections of the samples give: each makes the same of
    /// its own, and they lie around the whole by Student with one degree of freedom less than there are.
    ///
    /// Source: S. Asmussen and P. W. Glynn, Stochastic Simulation (2007), section III.5a, sectioning.
    pub fn of_sections(value: f64, sections: &[f64], confidence: Confidence) -> Self {
        let count = f64::from(u32::try_from(sections.len()).unwrap_or(u32::MAX));
        let interval = (sections.len() > 1).then(|| {
            let squares: f64 = sections.iter().map(|each| (each - value).powi(2)).sum();
            let deviation = (squares / (count * (count - 1.0))).sqrt();
            let half = student(count - 1.0, confidence) * deviation;
            (value - half, value + half)
        });
        Self { value, interval }
    }

    /// The mean difference of two ratios that were sampled together, each pair of pairs with the same random numbers.
    /// The interval is that of the differences of the samples' own contributions to the two ratios. Shares of counts of which
    /// nothing, or everything, was seen contribute none: those of two such have Newcombe's interval, from Wilson's of each.
    ///
    /// Source: R. G. Newcombe, Statistics in Medicine 17 (1998), 873-890, method 10.
    pub fn of_difference(
        first: &[(f64, f64)],
        second: &[(f64, f64)],
        is_share: bool,
        confidence: Confidence,
    ) -> Option<Self> {
        let (a, b) = (contributions(first)?, contributions(second)?);
        let value = b.ratio - a.ratio;
        let is_extreme = |ratio: f64| ratio <= 0.0 || ratio >= 1.0;
        if is_share && is_extreme(a.ratio) && is_extreme(b.ratio) {
            let interval = (first.len().min(second.len()) > 1).then(|| {
                let [a, b] = [a, b].map(|it| (it.ratio, wilson(it.ratio, it.cases, confidence)));
                newcombe(a, b)
            });
            return Some(Self { value, interval });
        }
        let count = first.len().min(second.len());
        let samples = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let interval = (count > 1).then(|| {
            let both = a.around.iter().zip(&b.around);
            let squares: f64 = both.map(|(a, b)| (b - a).powi(2)).sum();
            let deviation = (squares / (samples * (samples - 1.0))).sqrt();
            let half = student(samples - 1.0, confidence) * deviation;
            (value - half, value + half)
        });
        Some(Self { value, interval })
    }
}

/// Newcombe's interval of the difference of two shares, each with Wilson's limits.
fn newcombe(
    (first, (first_low, first_high)): (f64, (f64, f64)),
    (second, (second_low, second_high)): (f64, (f64, f64)),
) -> (f64, f64) {
    let value = second - first;
    let below = (second - second_low).hypot(first_high - first);
    let above = (second_high - second).hypot(first - first_low);
    ((value - below).max(-1.0), (value + above).min(1.0))
}

struct Contributions {
    ratio: f64,
    /// The sum of what is below.
    cases: f64,
    /// By how much each sample moves the ratio, (x - r y) / mean(y); they sum to zero.
    around: Vec<f64>,
}

fn contributions(pairs: &[(f64, f64)]) -> Option<Contributions> {
    let upper: f64 = pairs.iter().map(|(x, _)| x).sum();
    let lower: f64 = pairs.iter().map(|(_, y)| y).sum();
    if lower <= 0.0 {
        return None;
    }
    let ratio = upper / lower;
    let mean = lower / f64::from(u32::try_from(pairs.len()).unwrap_or(u32::MAX));
    let around = pairs.iter().map(|(x, y)| (x - ratio * y) / mean).collect();
    Some(Contributions {
        ratio,
        cases: lower,
        around,
    })
}

/// The quantile of Student's distribution that a two-sided interval needs.
fn student(freedom: f64, confidence: Confidence) -> f64 {
    StudentsT::new(0.0, 1.0, freedom)
        .expect("a distribution with at least one degree of freedom")
        .inverse_cdf(f64::midpoint(1.0, confidence.0))
}

/// Wilson's interval of a share seen in so many cases.
fn wilson(share: f64, cases: f64, confidence: Confidence) -> (f64, f64) {
    let z = Normal::standard().inverse_cdf(f64::midpoint(1.0, confidence.0));
    let squared = z * z / cases;
    let centre = (share + squared / 2.0) / (1.0 + squared);
    let spread = share * (1.0 - share) / cases + squared / (4.0 * cases);
    let half = z / (1.0 + squared) * spread.max(0.0).sqrt();
    (centre - half, centre + half)
}

#[cfg(test)]
mod tests {
    use super::{Confidence, Estimate, student, wilson};

    fn is_near(seen: f64, expected: f64) -> bool {
        (seen - expected).abs() < 5e-4
    }

    #[test]
    fn quantiles_are_those_of_the_tables() {
        let cases = [
            (1.0, 0.95, 12.706),
            (9.0, 0.95, 2.262),
            (29.0, 0.99, 2.756),
            (1_000.0, 0.95, 1.962),
        ];
        for (freedom, confidence, expected) in cases {
            let seen = student(freedom, Confidence(confidence));
            assert!(is_near(seen, expected), "{freedom}: {seen}");
        }
    }

    #[test]
    fn nothing_seen_has_an_upper_limit() {
        // z² / (n + z²) with z = 1.95996.
        let (low, high) = wilson(0.0, 100.0, Confidence::USUAL);
        assert!(is_near(low, 0.0) && is_near(high, 0.036_99), "{high}");
    }

    #[test]
    fn a_mean_has_student_s_interval() {
        // Mean 3, standard deviation sqrt(2.5), 5 samples: 3 +- 2.776 * 0.7071.
        let pairs: Vec<_> = [1.0, 2.0, 3.0, 4.0, 5.0].map(|x| (x, 1.0)).into();
        let estimate = Estimate::of_ratio(&pairs, false, Confidence::USUAL).expect("data");
        let (low, high) = estimate.interval.expect("samples");
        assert!(is_near(estimate.value, 3.0) && is_near(low, 1.0368) && is_near(high, 4.9632));
    }

    #[test]
    fn a_ratio_weighs_samples_by_their_size() {
        let pairs = [(1.0, 2.0), (30.0, 40.0), (0.0, 0.0)];
        let estimate = Estimate::of_ratio(&pairs, true, Confidence::USUAL).expect("data");
        assert!(is_near(estimate.value, 31.0 / 42.0));
        assert_eq!(
            Estimate::of_ratio(&[(0.0, 0.0)], true, Confidence::USUAL),
            None
        );
        let single = Estimate::of_ratio(&[(1.0, 2.0)], true, Confidence::USUAL);
        assert_eq!(single.expect("data").interval, None);
    }

    #[test]
    fn what_both_have_in_common_is_no_difference() {
        let first = [(10.0, 1.0), (20.0, 1.0), (60.0, 1.0)];
        let second = first.map(|(x, y)| (x + 1.0, y));
        let estimate = Estimate::of_difference(&first, &second, false, Confidence::USUAL);
        let estimate = estimate.expect("data");
        assert!(is_near(estimate.value, 1.0));
        let (low, high) = estimate.interval.expect("samples");
        assert!(is_near(low, 1.0) && is_near(high, 1.0));
    }

    #[test]
    fn a_difference_of_shares_of_nothing_seen_has_a_width() {
        let none = [(0.0, 60.0), (0.0, 40.0)];
        let all = none.map(|(_, cases)| (cases, cases));
        // Wilson's limits of 0 and 100 of 100 are 0 and 0.03699, 0.96301 and 1.
        let cases = [
            (none, none, (-0.036_99, 0.036_99)),
            (none, all, (0.947_68, 1.0)),
            (all, none, (-1.0, -0.947_68)),
        ];
        for (first, second, (low, high)) in cases {
            let of = |second: &[_]| {
                Estimate::of_difference(&first, second, true, Confidence::USUAL).expect("data")
            };
            let seen = of(&second).interval.expect("samples");
            assert!(is_near(seen.0, low) && is_near(seen.1, high), "{seen:?}");
            assert_eq!(of(&second[..1]).interval, None, "one sample");
        }
    }
}
