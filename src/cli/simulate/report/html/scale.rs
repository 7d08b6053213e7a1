//! Round steps for axes.

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;

/// Steps of a time axis.
const STEPS_MS: [u64; 16] = [
    MINUTE_MS,
    2 * MINUTE_MS,
    5 * MINUTE_MS,
    10 * MINUTE_MS,
    15 * MINUTE_MS,
    30 * MINUTE_MS,
    HOUR_MS,
    2 * HOUR_MS,
    3 * HOUR_MS,
    4 * HOUR_MS,
    6 * HOUR_MS,
    12 * HOUR_MS,
    DAY_MS,
    2 * DAY_MS,
    7 * DAY_MS,
    28 * DAY_MS,
];

/// Round values from 0 on, the last of which is not below `most`.
pub(super) fn values(most: f64) -> Vec<f64> {
    let most = if most > 0.0 { most } else { 1.0 };
    let rough = most / 4.0;
    let power = 10f64.powf(rough.log10().floor());
    let factors = [1.0, 2.0, 2.5, 5.0, 10.0];
    let steps = factors.map(|factor| factor * power);
    let step = steps.into_iter().find(|step| step * 4.0 >= most);
    let step = step.unwrap_or(rough);
    let ends = (0..=4u32).map(|count| f64::from(count) * step);
    let enough = ends.clone().filter(|end| *end < most).count();
    ends.take(enough + 1).collect()
}

/// Round times in a span, at most so many.
pub(super) fn times((from_ms, to_ms): (u64, u64), most: u64) -> Vec<u64> {
    let within = |step: u64| {
        let first = from_ms.div_ceil(step);
        let last = to_ms / step;
        (first, last)
    };
    let fits = |step: &u64| {
        let (first, last) = within(*step);
        (last + 1).saturating_sub(first) <= most
    };
    let step = STEPS_MS.into_iter().find(fits);
    let step = step.unwrap_or_else(|| {
        (to_ms - from_ms)
            .div_ceil(most - 1)
            .next_multiple_of(DAY_MS)
    });
    let (first, last) = within(step);
    (first..=last).map(|count| count * step).collect()
}

#[cfg(test)]
mod tests {
    use super::{HOUR_MS, times, values};

    #[test]
    fn values_are_round_and_reach_the_highest() {
        let cases: [(f64, &[f64]); 5] = [
            (100.0, &[0.0, 25.0, 50.0, 75.0, 100.0]),
            (46.3, &[0.0, 20.0, 40.0, 60.0]),
            (3.0, &[0.0, 1.0, 2.0, 3.0]),
            (0.07, &[0.0, 0.02, 0.04, 0.06, 0.08]),
            (0.0, &[0.0, 0.25, 0.5, 0.75, 1.0]),
        ];
        for (most, expected) in cases {
            assert_eq!(values(most), expected, "{most}");
        }
    }

    #[test]
    fn times_are_round_and_few() {
        let hours = |span: (u64, u64)| {
            let times = times((span.0 * HOUR_MS, span.1 * HOUR_MS), 5);
            times.iter().map(|at| at / HOUR_MS).collect::<Vec<_>>()
        };
        assert_eq!(hours((17, 21)), [17, 18, 19, 20, 21]);
        assert_eq!(hours((8, 32)), [12, 18, 24, 30]);
        assert_eq!(hours((0, 24 * 365)), [0, 2_208, 4_416, 6_624]);
    }
}
