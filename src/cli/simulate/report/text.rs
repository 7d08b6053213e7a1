//! The figures that matter most, for a terminal.

use super::{SURE, Side, counterpart, place};
use crate::{
    cli::out,
    simulation::model::{Estimate, Measure, QUEUE_MEASURES, Row, STAFF_MEASURES, Unit},
};

/// Measures that a terminal shows, with their headers.
const OF_QUEUES: [(&str, &str); 7] = [
    ("offered", "OFFERED"),
    ("sl_offered", "SL_OFFERED"),
    ("p_abandon", "ABANDONED"),
    ("mean_wait_all", "MEAN WAIT"),
    ("wait_p95", "95 % WAIT"),
    ("mean_queue", "WAITING"),
    ("offers_no_answer", "NO ANSWER"),
];
const OTHERS: [&str; 10] = [
    "diverted_closed",
    "diverted_full",
    "diverted_unstaffed",
    "diverted_no_agent_ever",
    "overflowed",
    "timed_out",
    "lost",
    "callbacks",
    "unreached",
    "unfinished",
];
const OF_STAFF: [(&str, &str); 5] = [
    ("signed_in", "SIGNED IN"),
    ("occupancy", "OCCUPANCY"),
    ("idle", "IDLE"),
    ("not_ready", "NOT READY"),
    ("line_lost", "NO LINE"),
];

/// The figures with half the width of their intervals; of two sides the differences too.
pub(in crate::cli::simulate) fn text(sides: &[Side]) -> String {
    let mut parts: Vec<String> = sides.iter().map(of_side).collect();
    if let [first, second] = sides {
        let title = format!("{} less {}", second.scenario.name, first.scenario.name);
        let queues = differences(
            QUEUE_MEASURES,
            &OF_QUEUES,
            (&first.results.queues, &second.results.queues),
        );
        let staff = differences(
            STAFF_MEASURES,
            &OF_STAFF,
            (&first.results.staff, &second.results.staff),
        );
        let tables = [
            figures("QUEUE", &OF_QUEUES, &queues),
            figures("STAFF", &OF_STAFF, &staff),
        ];
        parts.push(format!("{title}\n{}", tables.join("\n")));
    }
    parts.join("\n")
}

fn of_side(side: &Side) -> String {
    let (scenario, results) = (&side.scenario, &side.results);
    let title = format!(
        "{}: {} calls, {} samples, seed {}; \u{b1} is half of the 95 % interval",
        scenario.name, results.calls, results.samples, scenario.seed
    );
    let queues = figures(
        "QUEUE",
        &OF_QUEUES,
        &lines(QUEUE_MEASURES, &OF_QUEUES, &results.queues),
    );
    let staff = figures(
        "STAFF",
        &OF_STAFF,
        &lines(STAFF_MEASURES, &OF_STAFF, &results.staff),
    );
    let others = others(&results.queues);
    format!("{title}\n{queues}\n{others}{staff}")
}

/// What went otherwise for any calls of a queue, which is not to be overlooked.
fn others(queues: &[Row]) -> String {
    let mut lines = Vec::new();
    for row in queues {
        for name in OTHERS {
            let at = place(QUEUE_MEASURES, name);
            let estimate = row.estimate(at, SURE).filter(|it| it.value > 0.0);
            if estimate.is_some() {
                let shown = cell(estimate, Unit::Count);
                lines.push(format!("! {}: {name} {shown}\n", row.name));
            }
        }
    }
    lines.concat()
}

fn figures(first: &'static str, columns: &[(&str, &'static str)], rows: &[Vec<String>]) -> String {
    let mut headers = vec![first];
    headers.extend(columns.iter().map(|(_, header)| *header));
    out::table(&headers, rows)
}

fn lines<S>(measures: &[Measure<S>], columns: &[(&str, &str)], rows: &[Row]) -> Vec<Vec<String>> {
    let line = |row: &Row| {
        let cells = columns.iter().map(|(name, _)| {
            let at = place(measures, name);
            cell(row.estimate(at, SURE), measures[at].unit)
        });
        [row.name.to_string()].into_iter().chain(cells).collect()
    };
    rows.iter().map(line).collect()
}

fn differences<S>(
    measures: &[Measure<S>],
    columns: &[(&str, &str)],
    (first, second): (&[Row], &[Row]),
) -> Vec<Vec<String>> {
    let line = |row: &Row| {
        let other = counterpart(second, row)?;
        let cells = columns.iter().map(|(name, _)| {
            let at = place(measures, name);
            cell(row.difference(other, at, SURE), measures[at].unit)
        });
        Some([row.name.to_string()].into_iter().chain(cells).collect())
    };
    first.iter().filter_map(line).collect()
}

fn cell(estimate: Option<Estimate>, unit: Unit) -> String {
    let Some(Estimate { value, interval }) = estimate else {
        return "-".to_owned();
    };
    let half = interval.map(|(low, high)| (high - low) / 2.0);
    let number = |number: f64| {
        let text = match unit {
            Unit::Share => format!("{:.2}", number * 100.0),
            Unit::Seconds | Unit::Level => format!("{number:.2}"),
            Unit::Count => format!("{number:.0}"),
        };
        let zero = text
            .strip_prefix('-')
            .filter(|rest| rest.bytes().all(|byte| matches!(byte, b'0' | b'.')));
        zero.map_or_else(|| text.clone(), str::to_owned)
    };
    let sign = match unit {
        Unit::Share => " %",
        Unit::Seconds => " s",
        Unit::Level | Unit::Count => "",
    };
    let half = half.map_or_else(String::new, |half| format!(" \u{b1} {}", number(half)));
    format!("{}{half}{sign}", number(value))
}
