//! What theory says beside what was simulated.

use std::fmt;

use homeshore::simulation::model::{Confidence, Estimate, Measure, Row, Unit};

/// An interval covers the true value in 99 of 100 cases.
pub(super) const SURE: Confidence = Confidence(0.99);
/// Of so many comparisons the exact value must lie in the interval.
const COVERED: f64 = 0.98;
/// Of a share that is no smaller, at an occupancy that is no higher, the interval must be no wider than this part of it.
const SHARE: f64 = 0.05;
const OCCUPANCY: f64 = 0.95;
const WIDTH: f64 = 0.05;
/// An interval wider than this part of its value says that too little happened for it to be trusted.
const TRUSTED: f64 = 0.5;

/// One exact value and its estimate.
pub(super) struct Comparison {
    pub(super) row: String,
    pub(super) measure: String,
    pub(super) exact: f64,
    pub(super) estimate: Estimate,
    /// A share at a load at which the interval must be narrow.
    pub(super) must_be_narrow: bool,
    pub(super) calls: u64,
}

impl Comparison {
    /// Of a measure of a row.
    pub(super) fn of<S>(
        (row, calls): (&str, u64),
        simulated: &Row,
        measures: &[Measure<S>],
        name: &str,
        (exact, occupancy): (f64, f64),
    ) -> Self {
        let place = measures.iter().position(|it| it.name == name);
        let place = place.unwrap_or_else(|| panic!("{name} is no measure"));
        let estimate = simulated.estimate(place, SURE);
        let is_share = measures[place].unit == Unit::Share;
        Self {
            row: row.to_owned(),
            measure: name.to_owned(),
            exact,
            estimate: estimate.unwrap_or(Estimate {
                value: 0.0,
                interval: None,
            }),
            must_be_narrow: is_share && exact >= SHARE && occupancy <= OCCUPANCY,
            calls,
        }
    }

    fn interval(&self) -> (f64, f64) {
        self.estimate.interval.unwrap_or((0.0, 0.0))
    }

    fn is_covered(&self) -> bool {
        // The tables have ten digits.
        let (low, high) = self.interval();
        let digits = self.exact.abs() * 1e-9;
        (low - digits..=high + digits).contains(&self.exact)
    }

    /// The width of the interval ÷ its value.
    fn width(&self) -> f64 {
        let (low, high) = self.interval();
        (high - low) / self.estimate.value
    }

    /// Whether more calls would tell nothing that is asked for.
    pub(super) fn is_settled(&self) -> bool {
        self.is_narrow() && self.width() <= TRUSTED
    }

    fn is_narrow(&self) -> bool {
        !self.must_be_narrow || self.width() <= WIDTH
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (low, high) = self.interval();
        write!(
            f,
            "{:5} {:22} exact {:<12.6e} simulated {:<12.6e} {:.6e} to {:.6e}, width {:6.2} %{}{} ({} calls)",
            self.row,
            self.measure,
            self.exact,
            self.estimate.value,
            low,
            high,
            self.width() * 100.0,
            if self.is_covered() { "" } else { " OUTSIDE" },
            if self.is_narrow() { "" } else { " WIDE" },
            self.calls,
        )
    }
}

/// What all comparisons come to.
#[derive(Default)]
pub(super) struct Verdict {
    comparisons: u32,
    covered: u32,
    wide: Vec<String>,
}

impl Verdict {
    pub(super) fn count(&mut self, comparison: &Comparison) {
        self.comparisons += 1;
        self.covered += u32::from(comparison.is_covered());
        if !comparison.is_narrow() {
            self.wide.push(comparison.to_string());
        }
    }

    pub(super) fn is_good(&self) -> bool {
        let share = f64::from(self.covered) / f64::from(self.comparisons);
        share >= COVERED && self.wide.is_empty()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (covered, all) = (self.covered, self.comparisons);
        write!(
            f,
            "{covered} of {all} exact values lie in the 99 % interval"
        )?;
        if !self.wide.is_empty() {
            write!(f, "; too wide:\n{}", self.wide.join("\n"))?;
        }
        Ok(())
    }
}
