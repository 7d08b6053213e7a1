//! The page that Prometheus reads: what the recorder keeps, and the gauges of the pools that this process owns.

use std::{collections::BTreeMap, fmt::Write};

use super::{
    recorded,
    table::{Kind, TABLE},
};

/// Gauges as they are now.
#[derive(Debug, Default)]
pub struct Page {
    gauges: BTreeMap<&'static str, Vec<String>>,
}

impl Page {
    /// Shows a gauge.
    pub(super) fn set(&mut self, name: &'static str, labels: &[(&str, &str)], value: f64) {
        let labels = labels
            .iter()
            .map(|(label, value)| format!("{label}=\"{}\"", escaped(value)));
        let labels = labels.collect::<Vec<_>>().join(",");
        let row = format!("{name}{{{labels}}} {value}");
        self.gauges.entry(name).or_default().push(row);
    }

    /// The whole page.
    pub fn text(self) -> String {
        let mut text = recorded();
        for metric in TABLE.iter().filter(|metric| metric.kind == Kind::Gauge) {
            let Some(rows) = self.gauges.get(metric.name) else {
                continue;
            };
            let (name, help) = (metric.name, metric.help);
            write!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n")
                .expect("a text takes what is written");
            for row in rows {
                text.push_str(row);
                text.push('\n');
            }
            text.push('\n');
        }
        text
    }
}

fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::table::{CALLS_WAITING, LONGEST_WAIT};

    #[test]
    fn gauges_stand_together_with_what_they_mean() {
        let mut page = Page::default();
        page.set(CALLS_WAITING, &[("pool", "a"), ("queue", "q")], 2.0);
        page.set(LONGEST_WAIT, &[("pool", "a"), ("queue", "q")], 1.25);
        page.set(
            CALLS_WAITING,
            &[("pool", "a"), ("queue", "odd \"\\\n")],
            f64::NAN,
        );
        let text = page.text();
        let from = text
            .find("# HELP homeshore_calls_waiting")
            .expect("it is explained");
        let waiting: Vec<&str> = text[from..].lines().take(4).collect();
        assert_eq!(
            waiting,
            [
                "# HELP homeshore_calls_waiting Calls that wait, not offered.",
                "# TYPE homeshore_calls_waiting gauge",
                "homeshore_calls_waiting{pool=\"a\",queue=\"q\"} 2",
                "homeshore_calls_waiting{pool=\"a\",queue=\"odd \\\"\\\\\\n\"} NaN",
            ]
        );
        assert!(text.contains("homeshore_longest_wait_seconds{pool=\"a\",queue=\"q\"} 1.25\n"));
    }
}
