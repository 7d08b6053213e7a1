//! The figures of a simulation, for people and for programs.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{cli::text, simulation::trace::Summary};

/// For people.
pub(super) fn text(summary: &Summary, took: Duration, cut_short: Option<&str>) -> String {
    let mut lines = vec![format!(
        "calls {}, answered {}, abandoned {}",
        summary.calls, summary.answered, summary.abandoned
    )];
    for (how, count) in &summary.others {
        lines.push(format!("{how} {count}"));
    }
    let mean = summary.mean_wait_ms.map_or_else(
        || "-".to_owned(),
        |ms| format!("{}.{:03} s", ms / 1_000, ms % 1_000),
    );
    lines.push(format!("wait of the answered: mean {mean}"));
    let target = text::duration(Duration::from_millis(summary.target_ms));
    let share = summary
        .sl_offered
        .map_or_else(|| "-".to_owned(), |share| format!("{:.2} %", share * 100.0));
    lines.push(format!("sl_offered within {target}: {share}"));
    lines.push(format!(
        "virtual time {}, took {:.3} s: {:.0} times as fast",
        text::duration(Duration::from_millis(summary.virtual_ms)),
        took.as_secs_f64(),
        speed(summary, took)
    ));
    lines.extend(cut_short.map(|why| format!("cut short: {why}")));
    lines.join("\n")
}

/// For programs.
pub(super) fn json(summary: &Summary, took: Duration, cut_short: Option<&str>) -> Value {
    json!({
        "calls": summary.calls,
        "answered": summary.answered,
        "abandoned": summary.abandoned,
        "others": summary.others,
        "mean_wait_ms": summary.mean_wait_ms,
        "sl_offered": summary.sl_offered,
        "target_ms": summary.target_ms,
        "virtual_ms": summary.virtual_ms,
        "took_ms": u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        "speed": speed(summary, took),
        "cut_short": cut_short,
    })
}

/// Virtual time / real time.
fn speed(summary: &Summary, took: Duration) -> f64 {
    let took = took.max(Duration::from_micros(1));
    Duration::from_millis(summary.virtual_ms).as_secs_f64() / took.as_secs_f64()
}
