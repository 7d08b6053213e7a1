//! The page that Prometheus reads: what the recorder keeps, and the gauges of the pools that this process owns.

use std::{collections::BTreeMap, fmt::Write};

use super::{
    recorded,
    table::{Kind, TABLE},
};

/// Gauges as they are now.
#[derive(Debug, Default)]
pub struct Page {
    /// Of each gauge its rows, by their labels: a page must have a row once.
    gauges: BTreeMap<&'static str, BTreeMap<String, f64>>,
}

/// What a row says of several things that share its labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Together {
    /// All of them.
    Sum,
    /// The highest.
    Most,
    /// The lowest.
    Least,
}

impl Together {
    /// Numbers that are none do not count.
    fn of(self, a: f64, b: f64) -> f64 {
        match self {
            Self::Sum => a + b,
            Self::Most => a.max(b),
            Self::Least => a.min(b),
        }
    }
}

impl Page {
    /// Shows a gauge, whose labels no other has.
    pub(super) fn set(&mut self, name: &'static str, labels: &[(&str, &str)], value: f64) {
        self.share(name, labels, value, Together::Most);
    }

    /// Shows a gauge, together with those of the same labels.
    pub(super) fn share(
        &mut self,
        name: &'static str,
        labels: &[(&str, &str)],
        value: f64,
        together: Together,
    ) {
        let labels = labels
            .iter()
            .map(|(label, value)| format!("{label}=\"{}\"", escaped(value)));
        let labels = labels.collect::<Vec<_>>().join(",");
        let row = self.gauges.entry(name).or_default().entry(labels);
        row.and_modify(|shown| *shown = together.of(*shown, value))
            .or_insert(value);
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
            for (labels, value) in rows {
                writeln!(text, "{name}{{{labels}}} {value}").expect("a text takes what is written");
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
                "homeshore_calls_waiting{pool=\"a\",queue=\"odd \\\"\\\\\\n\"} NaN",
                "homeshore_calls_waiting{pool=\"a\",queue=\"q\"} 2",
            ]
        );
        assert!(text.contains("homeshore_longest_wait_seconds{pool=\"a\",queue=\"q\"} 1.25\n"));
    }

    #[test]
    fn rows_with_the_same_labels_are_one() {
        let labels = [("pool", "a"), ("queue", "other")];
        for (together, shown) in [
            (Together::Sum, "7"),
            (Together::Most, "5"),
            (Together::Least, "2"),
        ] {
            let mut page = Page::default();
            for value in [2.0, 5.0] {
                page.share(CALLS_WAITING, &labels, value, together);
            }
            let row = format!("homeshore_calls_waiting{{pool=\"a\",queue=\"other\"}} {shown}\n");
            assert!(page.text().contains(&row), "{together:?}");
        }
        let mut page = Page::default();
        for value in [f64::NAN, 0.5, f64::NAN] {
            page.share(LONGEST_WAIT, &labels, value, Together::Least);
        }
        assert!(page.text().contains("queue=\"other\"} 0.5\n"));
    }
}
