//! Scenarios: demand and staff drawn at random by a seed, played through the live engine, and measured.
//!
//! Every random number comes from a stream of its own purpose and name (one for the arrivals of a queue, one for the
//! answers of a staff group, ...), so that two scenarios that differ in one thing meet the same callers.

mod check;
mod distribution;
mod happening;
mod measure;
mod random;
mod run;
mod scenario;
mod statistics;

pub use super::world::Refused;
pub use check::REPLICATIONS_MAX;
pub use distribution::Distribution;
pub use measure::{Measure, QUEUE_MEASURES, QueueFigures, STAFF_MEASURES, StaffFigures, Unit};
pub use run::{Results, Row};
pub use scenario::{CallKind, Demand, Provider, RateStep, Scenario, Shift, Spans, StaffGroup};
pub use statistics::{Confidence, Estimate};
