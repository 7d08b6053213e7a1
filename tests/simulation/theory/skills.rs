//! Several classes of calls and several pools of agents, small enough for exact values.

use homeshore::simulation::model::{QUEUE_MEASURES, STAFF_MEASURES};

use super::{Comparison, compare::SURE, tables::Cells};
use crate::simulation::scenes::{self, Class, Scene};

/// Columns of the table, and the measures of a queue that they are.
const COLUMNS: [(&str, &str); 4] = [
    ("p_wait", "p_wait"),
    ("p_abandon", "p_abandon"),
    ("mean_wait_all_s", "mean_wait_all"),
    ("mean_queue", "mean_queue"),
];

/// Numbers joined by a sign.
fn list<T: std::str::FromStr>(text: &str, sign: char) -> Vec<T> {
    let numbers = text.split(sign).map(str::parse);
    numbers
        .collect::<Result<_, _>>()
        .unwrap_or_else(|_| panic!("{text}"))
}

pub(super) fn play(classes: &[Cells], volume: u64) -> Vec<Comparison> {
    let first = &classes[0];
    let preferences: Vec<&str> = first.text("class_pool_preference").split('|').collect();
    let orders: Vec<&str> = first.text("pool_class_priority").split('|').collect();
    let sizes: Vec<u32> = list(first.text("pool_sizes"), '|');
    let scene = Scene {
        classes: classes
            .iter()
            .zip(&preferences)
            .map(|(cells, preference)| Class {
                per_hour: cells.number("calls_per_1800s") * 2.0,
                talk_s: cells.number("aht_s"),
                patience_s: Some(cells.number("patience_s")),
                pools: list(preference, '>'),
                target_s: 20.0,
            })
            .collect(),
        pools: sizes
            .into_iter()
            .zip(orders.iter().map(|order| list(order, '>')))
            .collect(),
    };
    let results = scenes::play(&scene.scenario(volume));
    let occupancies: Vec<f64> = list(first.text("occupancy_by_pool"), '|');
    let highest = occupancies.iter().copied().fold(0.0, f64::max);
    let design = first.text("design");
    let row = (design, results.calls);
    let mut comparisons = Vec::new();
    for (place, cells) in classes.iter().enumerate() {
        for (column, measure) in COLUMNS {
            let exact = (cells.number(column), highest);
            let queue = &results.queues[place];
            comparisons.push(Comparison::of(row, queue, QUEUE_MEASURES, measure, exact));
        }
        let shares: Vec<f64> = list(cells.text("share_of_work_by_pool"), '|');
        for (queue, group, estimate) in results.work_shares(SURE) {
            if queue == scenes::class_name(place) {
                let pool = (0..shares.len()).find(|pool| group == scenes::pool_name(*pool));
                comparisons.push(Comparison {
                    row: design.to_owned(),
                    measure: format!("work of {queue} by {group}"),
                    exact: shares[pool.unwrap()],
                    estimate,
                    must_be_narrow: false,
                    calls: results.calls,
                });
            }
        }
    }
    for (place, occupancy) in occupancies.iter().enumerate() {
        let (staff, exact) = (&results.staff[place], (*occupancy, highest));
        comparisons.push(Comparison::of(
            row,
            staff,
            STAFF_MEASURES,
            "occupancy",
            exact,
        ));
    }
    comparisons
}
