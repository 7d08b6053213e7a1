//! What simulated scenarios come to, for people and for programs.

mod csv;
mod html;
mod json;
mod text;

pub(super) use csv::csv;
pub(super) use html::html;
pub(super) use json::json;
pub(super) use text::text;

use crate::simulation::model::{
    Confidence, Estimate, Measure, QUEUE_MEASURES, Results, Row, STAFF_MEASURES, Scenario, Unit,
};

/// A scenario with its results.
#[derive(Debug)]
pub(super) struct Side {
    pub(super) scenario: Scenario,
    pub(super) results: Results,
}

const SURE: Confidence = Confidence::USUAL;

/// A list of rows with their measures.
struct Scope<'a> {
    /// What its rows are: `queue`, `staff` or `site`.
    name: &'static str,
    measures: Vec<(&'static str, Unit)>,
    whole: &'a [Row],
    intervals: &'a [Row],
}

fn table<S>(measures: &[Measure<S>]) -> Vec<(&'static str, Unit)> {
    measures.iter().map(|it| (it.name, it.unit)).collect()
}

/// Everything that is told by rows.
fn scopes(results: &Results) -> [Scope<'_>; 3] {
    let scope = |name, measures, whole, intervals| Scope {
        name,
        measures,
        whole,
        intervals,
    };
    let staff = || table(STAFF_MEASURES);
    [
        scope(
            "queue",
            table(QUEUE_MEASURES),
            &results.queues,
            &results.queue_intervals,
        ),
        scope("staff", staff(), &results.staff, &results.staff_intervals),
        scope("site", staff(), &results.sites, &results.site_intervals),
    ]
}

/// The row of the other side that is of the same and of the same time.
fn counterpart<'a>(rows: &'a [Row], row: &Row) -> Option<&'a Row> {
    let mut rows = rows.iter();
    rows.find(|other| other.name == row.name && other.interval_ms == row.interval_ms)
}

/// The place of a measure in its table.
fn place<S>(measures: &[Measure<S>], name: &str) -> usize {
    let place = measures.iter().position(|it| it.name == name);
    place.expect("reports name measures of the table")
}

/// A number as it is told in files: to ten digits, in which machines agree.
fn told(number: f64) -> f64 {
    let text = format!("{number:.9e}");
    text.parse().unwrap_or(number)
}

/// An estimate's numbers as text of files: value, low, high; empty if there is none.
fn cells(estimate: Option<Estimate>) -> [String; 3] {
    let number = |number: f64| format!("{}", told(number));
    match estimate {
        Some(Estimate { value, interval }) => {
            let (low, high) = interval.map_or((String::new(), String::new()), |(low, high)| {
                (number(low), number(high))
            });
            [number(value), low, high]
        }
        None => [String::new(), String::new(), String::new()],
    }
}
