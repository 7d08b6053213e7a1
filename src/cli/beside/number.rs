//! How measures are written in CSV.

/// Ten significant digits, of which small and large numbers keep all by a power of ten.
pub(super) fn significant(number: f64) -> String {
    if number == 0.0 {
        return "0.0".to_owned();
    }
    let scientific = format!("{number:.9e}");
    let power = scientific.split_once('e').map(|(_, power)| power);
    match power.and_then(|power| power.parse::<i32>().ok()) {
        Some(power @ -3..=9) => {
            let decimals = usize::try_from(9 - power).unwrap_or(0);
            format!("{number:.decimals$}")
        }
        _ => scientific,
    }
}

/// Six decimals.
pub(super) fn fixed(number: f64) -> String {
    format!("{number:.6}")
}

/// A whole number.
pub(super) fn whole(number: f64) -> String {
    format!("{number:.0}")
}

#[cfg(test)]
mod tests {
    use super::significant;

    #[test]
    fn ten_digits_are_kept_at_every_size() {
        for (number, text) in [
            (0.0, "0.0"),
            (1.0, "1.000000000"),
            (10.0, "10.00000000"),
            (0.999_999_999_99, "1.000000000"),
            (12_818.873_662, "12818.87366"),
            (0.001_738_342_836, "0.001738342836"),
            (3.750_534_042e-4, "3.750534042e-4"),
            (1.234_567_890_12e-200, "1.234567890e-200"),
            (2.5e13, "2.500000000e13"),
        ] {
            assert_eq!(significant(number), text);
        }
    }
}
