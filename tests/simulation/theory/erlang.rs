//! One queue, one group of equal agents, everything exponential: Erlang C, and with patience Erlang A.

use homeshore::simulation::model::{QUEUE_MEASURES, STAFF_MEASURES, Unit};

use super::{Comparison, tables::Cells};
use crate::simulation::scenes::{self, Class, Scene};

/// Columns of the tables, and the measures that they are.
const COLUMNS_C: [(&str, &str); 7] = [
    ("p_wait", "p_wait"),
    ("service_level", "sl_offered"),
    ("asa_s", "mean_wait_all"),
    ("mean_wait_of_waiting_s", "mean_wait_of_waiting"),
    ("mean_queue", "mean_queue"),
    ("wait_p90_s", "wait_p90"),
    ("wait_p95_s", "wait_p95"),
];
const COLUMNS_A: [(&str, &str); 10] = [
    ("p_wait", "p_wait"),
    ("p_abandon", "p_abandon"),
    ("mean_wait_all", "mean_wait_all"),
    ("mean_wait_answered", "mean_wait_answered"),
    ("mean_wait_abandoned", "mean_wait_abandoned"),
    ("mean_queue", "mean_queue"),
    ("sl_offered", "sl_offered"),
    ("sl_answered", "sl_answered"),
    ("sl_excl_short", "sl_excl_short"),
    ("p_abandon_by_T", "p_abandon_by_T"),
];

/// A target of zero cannot be set. Theory knows no unit of time, so such rows are played in slow motion with the smallest
/// target there is, which is a millisecond of theirs. How many hang up within no time is not compared: nobody.
const SLOW_MOTION: f64 = 1_000.0;
/// Calls of a row in slow motion, at most: more take longer than the thousand years that a scenario may have.
const SLOW_CALLS: u64 = 1_000_000;

pub(super) fn play(cells: &Cells, patience_s: Option<f64>, volume: u64) -> Vec<Comparison> {
    let target_s = cells.number("target_s");
    let is_slow = target_s == 0.0;
    let (slow, target_s, volume) = if is_slow {
        (SLOW_MOTION, 1.0, volume.min(SLOW_CALLS))
    } else {
        (1.0, target_s, volume)
    };
    let scene = Scene {
        classes: vec![Class {
            per_hour: cells.number("calls") * 3_600.0 / cells.number("interval_s") / slow,
            talk_s: cells.number("aht_s") * slow,
            patience_s: patience_s.map(|patience_s| patience_s * slow),
            pools: vec![0],
            target_s,
        }],
        pools: vec![(scenes::count(cells.number("agents")), vec![0])],
    };
    let results = scenes::play(&scene.scenario(volume));
    let columns = if patience_s.is_some() {
        &COLUMNS_A[..]
    } else {
        &COLUMNS_C[..]
    };
    let occupancy = cells.number("occupancy");
    let row = (cells.text("case"), results.calls);
    let mut comparisons: Vec<Comparison> = columns
        .iter()
        .filter(|(column, _)| !is_slow || *column != "p_abandon_by_T")
        .map(|(column, measure)| {
            let known = QUEUE_MEASURES.iter().find(|it| it.name == *measure);
            let is_time = known.is_some_and(|it| it.unit == Unit::Seconds);
            let unit = if is_time { slow } else { 1.0 };
            let exact = (cells.number(column) * unit, occupancy);
            Comparison::of(row, &results.queues[0], QUEUE_MEASURES, measure, exact)
        })
        .collect();
    let exact = (occupancy, occupancy);
    let staff = &results.staff[0];
    comparisons.push(Comparison::of(
        row,
        staff,
        STAFF_MEASURES,
        "occupancy",
        exact,
    ));
    comparisons
}
