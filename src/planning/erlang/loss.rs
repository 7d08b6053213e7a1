//! Erlang B: calls that find every line busy are lost.

/// Sums above this are scaled down, so that they never overflow.
const LARGE: f64 = 1e300;
/// By what they are scaled: a power of two, so that nothing is rounded.
const SCALE: i32 = 900;
/// Terms below this share of the sum no longer count.
const NOTHING: f64 = 1e-20;

/// The share of calls that are lost with `lines` lines and `offered` erlang. Below 10⁻³⁰⁷ it fades to 0.
pub fn blocking(offered: f64, lines: u32) -> f64 {
    let sum = inverse(offered, lines);
    libm::ldexp(
        1.0 / (sum.more + libm::ldexp(1.0, -sum.exponent)),
        -sum.exponent,
    )
}

/// Calls in conversation on average, in erlang.
pub fn carried(offered: f64, lines: u32) -> f64 {
    let sum = inverse(offered, lines);
    let more = libm::ldexp(sum.more, sum.exponent);
    if more.is_finite() {
        offered * (more / (1.0 + more))
    } else {
        offered
    }
}

/// `1 / B − 1` of the loss formula; infinite where it does not fit.
pub(super) fn inverse_less_one(offered: f64, lines: u32) -> f64 {
    let sum = inverse(offered, lines);
    libm::ldexp(sum.more, sum.exponent)
}

/// `1 / B − 1` of one more line, from that of `lines`: `1 / B(n+1) = 1 + (n+1) / a × 1 / B(n)`.
pub(super) fn with_one_more(less_one: f64, offered: f64, lines: u32) -> f64 {
    (f64::from(lines) + 1.0) / offered * (1.0 + less_one)
}

/// `more × 2^exponent`.
struct Scaled {
    more: f64,
    exponent: i32,
}

/// `1 / B − 1` as the sum of its products `n/a`, `n/a × (n−1)/a`, … (the recurrence above, unrolled from its end): all are
/// positive, and beyond a few times the root of the load they no longer count.
fn inverse(offered: f64, lines: u32) -> Scaled {
    let mut sum = Scaled {
        more: 0.0,
        exponent: 0,
    };
    if offered <= 0.0 {
        sum.more = if lines == 0 { 0.0 } else { f64::INFINITY };
        return sum;
    }
    let mut term = 1.0;
    let each = 1.0 / offered;
    let mut left = f64::from(lines);
    while left > 0.0 {
        term *= left * each;
        sum.more += term;
        left -= 1.0;
        if term < sum.more * NOTHING && left < offered {
            break;
        }
        if sum.more > LARGE {
            sum.more = libm::ldexp(sum.more, -SCALE);
            term = libm::ldexp(term, -SCALE);
            sum.exponent += SCALE;
            if sum.exponent > 2 * SCALE {
                break;
            }
        }
    }
    sum
}
