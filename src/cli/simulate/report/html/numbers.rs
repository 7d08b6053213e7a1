//! How numbers and times are written on the page.

use crate::simulation::model::{Estimate, Unit};

const HOUR_MS: u64 = 3_600_000;
const DAY_MS: u64 = 24 * HOUR_MS;

/// A cell of a table: a number with its interval, or text.
#[derive(Debug, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    /// The interval; empty if there is none.
    pub(super) range: String,
    pub(super) is_number: bool,
}

impl Cell {
    /// Text.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            ..Self::default()
        }
    }

    /// A number that is written already.
    pub(super) fn number(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            is_number: true,
            ..Self::default()
        }
    }

    /// An estimate in the unit that [`sign`] names.
    pub(super) fn estimate(estimate: Option<Estimate>, unit: Unit) -> Self {
        let Some(Estimate { value, interval }) = estimate else {
            return Self::number("no data");
        };
        let range = interval.map_or_else(String::new, |(low, high)| {
            format!("{} to {}", number(low, unit), number(high, unit))
        });
        Self {
            text: number(value, unit),
            range,
            is_number: true,
        }
    }

    /// A difference: it tells its direction.
    pub(super) fn difference(estimate: Option<Estimate>, unit: Unit) -> Self {
        let mut cell = Self::estimate(estimate, unit);
        if estimate.is_some() && !cell.text.starts_with('-') && !is_zero(&cell.text) {
            cell.text.insert(0, '+');
        }
        cell
    }
}

/// The unit as it stands behind a number or in the head of a column; empty for plain numbers.
pub(super) fn sign(unit: Unit) -> &'static str {
    match unit {
        Unit::Share => "%",
        Unit::Seconds => "s",
        Unit::Level | Unit::Count => "",
    }
}

/// The unit of a difference.
pub(super) fn sign_of_difference(unit: Unit) -> &'static str {
    match unit {
        Unit::Share => "points",
        Unit::Seconds | Unit::Level | Unit::Count => sign(unit),
    }
}

/// What is drawn and written of a value: shares are told in percent.
pub(super) fn shown(value: f64, unit: Unit) -> f64 {
    match unit {
        Unit::Share => value * 100.0,
        Unit::Seconds | Unit::Level | Unit::Count => value,
    }
}

/// A number without its unit.
pub(super) fn number(value: f64, unit: Unit) -> String {
    let value = shown(value, unit);
    let text = match unit {
        Unit::Share | Unit::Seconds | Unit::Level => format!("{value:.2}"),
        Unit::Count => format!("{value:.1}"),
    };
    match text.strip_prefix('-') {
        Some(zero) if is_zero(zero) => zero.to_owned(),
        _ => text,
    }
}

fn is_zero(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0' | b'.'))
}

/// Writes times of day; a scenario that passes the midnight of its second day needs the day with each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    pub(super) starts_ms: u64,
    pub(super) is_long: bool,
}

impl Clock {
    /// Of a scenario that begins at this time of day and lasts so long.
    pub(super) fn of(starts_ms: u64, duration_ms: u64) -> Self {
        let is_long = starts_ms.saturating_add(duration_ms) > 2 * DAY_MS;
        Self { starts_ms, is_long }
    }

    /// A moment, ms since the beginning.
    pub(super) fn time(self, at_ms: u64) -> String {
        self.at(self.starts_ms.saturating_add(at_ms))
    }

    /// A moment, ms since the midnight before the beginning.
    pub(super) fn at(self, day_ms: u64) -> String {
        let (days, rest_ms) = if self.is_long {
            (day_ms / DAY_MS, day_ms % DAY_MS)
        } else {
            (0, day_ms)
        };
        let (hours, rest_ms) = (rest_ms / HOUR_MS, rest_ms % HOUR_MS);
        let (minutes, rest_ms) = (rest_ms / 60_000, rest_ms % 60_000);
        let mut text = format!("{hours:02}:{minutes:02}");
        if rest_ms > 0 {
            let seconds = format!(":{:02}.{:03}", rest_ms / 1_000, rest_ms % 1_000);
            text += seconds.trim_end_matches(".000");
        }
        if self.is_long {
            return format!("day {} {text}", days + 1);
        }
        text
    }

    /// An interval.
    pub(super) fn span(self, (from_ms, to_ms): (u64, u64)) -> String {
        format!("{} to {}", self.time(from_ms), self.time(to_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, number};
    use crate::simulation::model::Unit;

    const HOUR_MS: u64 = 3_600_000;

    #[test]
    fn numbers_are_rounded_and_nothing_is_less_than_zero_by_rounding() {
        let cases = [
            (0.93456, Unit::Share, "93.46"),
            (1.0, Unit::Share, "100.00"),
            (12.345_6, Unit::Seconds, "12.35"),
            (-0.001, Unit::Seconds, "0.00"),
            (-0.26, Unit::Count, "-0.3"),
        ];
        for (value, unit, expected) in cases {
            assert_eq!(number(value, unit), expected);
        }
    }

    #[test]
    fn times_are_those_of_the_scenario() {
        let evening = Clock::of(17 * HOUR_MS, 8 * HOUR_MS);
        assert_eq!(evening.span((0, 5_400_000)), "17:00 to 18:30");
        assert_eq!(evening.time(8 * HOUR_MS - 500), "24:59:59.500");
        let week = Clock::of(8 * HOUR_MS, 168 * HOUR_MS);
        assert_eq!(week.time(41 * HOUR_MS), "day 3 01:00");
    }
}
