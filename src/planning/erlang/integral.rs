//! Integrals of a log-concave density times smooth weights, to nearly all digits.

/// Between two looks the logarithm of the density changes by at most about this.
const CHANGE: f64 = 8.0;
/// What is smaller than the highest point by this factor (its logarithm) no longer counts.
const NOTHING: f64 = 46.0;
/// A panel is at most this wide, for the weights' sake.
const WIDEST: f64 = 1.0;

/// Nodes and weights of the Gauss–Legendre rule of 16 points on −1 to 1, of the positive half (Abramowitz and Stegun,
/// table 25.4).
const RULE: [(f64, f64); 8] = [
    (0.095_012_509_837_637_44, 0.189_450_610_455_068_5),
    (0.281_603_550_779_258_9, 0.182_603_415_044_923_6),
    (0.458_016_777_657_227_4, 0.169_156_519_395_002_54),
    (0.617_876_244_402_643_7, 0.149_595_988_816_576_73),
    (0.755_404_408_355_003, 0.124_628_971_255_533_87),
    (0.865_631_202_387_831_7, 0.095_158_511_682_492_78),
    (0.944_575_023_073_232_6, 0.062_253_523_938_647_89),
    (0.989_400_934_991_649_9, 0.027_152_459_411_754_095),
];

/// The logarithm of a density on the times from 0 on: concave, with one highest point.
pub(super) trait LogDensity {
    fn at(&self, s: f64) -> f64;
    /// First and second derivative.
    fn slopes(&self, s: f64) -> (f64, f64);
    /// Where it is highest; before 0 if it only falls.
    fn mode(&self) -> f64;
}

/// The integrals from one time to another (which may be infinite) of the density times 1 and times other weights. `sum`
/// adds them up: it is given a time, and the density there times the width that it stands for.
pub(super) fn integrate<D: LogDensity, S>(
    density: &D,
    (from, to): (f64, f64),
    sum: &mut S,
    add: fn(&mut S, f64, f64),
) {
    let top = density.mode().clamp(from, to);
    let highest = density.at(top);
    for (mut at, end, sign) in [(top, to, 1.0), (top, from, -1.0)] {
        while (end - at) * sign > 0.0 && density.at(at) > highest - NOTHING {
            let next = if sign > 0.0 {
                end.min(at + width(density, at))
            } else {
                end.max(at - width(density, at))
            };
            panel(density, at, next, |s, mass| add(sum, s, mass));
            at = next;
        }
    }
}

fn width<D: LogDensity>(density: &D, at: f64) -> f64 {
    let (slope, bend) = density.slopes(at);
    let root = (slope * slope + 2.0 * CHANGE * bend.abs()).sqrt();
    WIDEST.min(2.0 * CHANGE / (slope.abs() + root))
}

fn panel<D: LogDensity>(density: &D, from: f64, to: f64, mut add: impl FnMut(f64, f64)) {
    let half = (to - from) / 2.0;
    let middle = from + half;
    for (node, weight) in RULE {
        for s in [node.mul_add(-half, middle), node.mul_add(half, middle)] {
            add(s, density.at(s).exp() * weight * half.abs());
        }
    }
}
