//! The figures of a replay, for people and for programs.

use std::{collections::BTreeMap, time::Duration};

use hdrhistogram::Histogram;
use serde_json::{Value, json};

use super::checker::{Breach, Rule};
use crate::cli::text;

/// Longer waits are counted as this long in the quantiles: a year.
const WAIT_MAX_MS: u64 = 366 * 24 * 3_600_000;

/// How a call of the log ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// An agent talked to the caller, after this wait in ms of the log.
    Answered { wait_ms: u64 },
    /// The caller hung up after this wait in ms of the log.
    Abandoned { wait_ms: u64 },
    /// It was not taken, or ended otherwise; the word says how.
    Other(String),
    /// It was taken and is not known to have ended.
    Unfinished,
}

/// Everything that a replay found.
#[derive(Debug)]
pub(super) struct Findings {
    /// How each call ended.
    pub(super) endings: Vec<Ending>,
    /// Target answer time, ms of the log.
    pub(super) target_ms: u64,
    /// How long it took.
    pub(super) took: Duration,
    /// How often the platform's stream was opened again.
    pub(super) platform_reconnects: u32,
    /// How often agents' streams were opened again.
    pub(super) agent_reconnects: u32,
    /// What was broken.
    pub(super) breaches: Vec<Breach>,
    /// Whether it was ended by Ctrl-C or because the server stayed away.
    pub(super) cut_short: Option<&'static str>,
    /// The mean wait that was expected, ms, if a file says so.
    pub(super) expected_mean_ms: Option<u64>,
}

/// Counts over the endings.
#[derive(Debug, PartialEq)]
pub(super) struct Figures {
    /// Calls that the service took.
    pub(super) offered: u32,
    answered: u32,
    pub(super) abandoned: u32,
    others: BTreeMap<String, u32>,
    answered_in_target: u32,
    abandoned_in_target: u32,
    mean_wait_ms: u64,
    wait_ms: [(&'static str, u64); 3],
}

impl Figures {
    /// Counts.
    pub(super) fn of(endings: &[Ending], target_ms: u64) -> Self {
        let mut waits: Histogram<u64> =
            Histogram::new_with_max(WAIT_MAX_MS, 3).expect("the bounds and digits are allowed");
        let mut figures = Self {
            offered: 0,
            answered: 0,
            abandoned: 0,
            others: BTreeMap::new(),
            answered_in_target: 0,
            abandoned_in_target: 0,
            mean_wait_ms: 0,
            wait_ms: [("p50", 0), ("p90", 0), ("p99", 0)],
        };
        let mut total: u64 = 0;
        for ending in endings {
            figures.count(ending, target_ms);
            if let Ending::Answered { wait_ms } = ending {
                total += wait_ms;
                waits.saturating_record(*wait_ms);
            }
        }
        figures.mean_wait_ms = total.checked_div(u64::from(figures.answered)).unwrap_or(0);
        for ((_, value), quantile) in figures.wait_ms.iter_mut().zip([0.5, 0.9, 0.99]) {
            *value = waits.value_at_quantile(quantile);
        }
        figures
    }

    fn count(&mut self, ending: &Ending, target_ms: u64) {
        match ending {
            Ending::Answered { wait_ms } => {
                self.offered += 1;
                self.answered += 1;
                self.answered_in_target += u32::from(*wait_ms <= target_ms);
            }
            Ending::Abandoned { wait_ms } => {
                self.offered += 1;
                self.abandoned += 1;
                self.abandoned_in_target += u32::from(*wait_ms <= target_ms);
            }
            Ending::Other(how) => {
                let was_taken = !how.starts_with("diverted") && !how.starts_with("refused");
                self.offered += u32::from(was_taken);
                *self.others.entry(how.clone()).or_default() += 1;
            }
            Ending::Unfinished => {
                self.offered += 1;
                *self.others.entry("unfinished".to_owned()).or_default() += 1;
            }
        }
    }

    /// The three service levels by their names; nothing where there is nothing to divide by.
    fn service_levels(&self) -> [(&'static str, Option<f64>); 3] {
        let share = |of: u32| (of > 0).then(|| f64::from(self.answered_in_target) / f64::from(of));
        [
            ("sl_offered", share(self.offered)),
            ("sl_answered", share(self.answered)),
            (
                "sl_excl_short",
                share(self.offered - self.abandoned_in_target),
            ),
        ]
    }
}

impl Findings {
    /// Whether something is to be complained of.
    pub(super) fn failed(&self) -> bool {
        !self.breaches.is_empty() || self.cut_short.is_some()
    }

    /// The report for people.
    pub(super) fn text(&self) -> String {
        let figures = Figures::of(&self.endings, self.target_ms);
        let mut lines = vec![format!(
            "offered {}, answered {}, abandoned {}",
            figures.offered, figures.answered, figures.abandoned
        )];
        for (how, count) in &figures.others {
            lines.push(format!("{how} {count}"));
        }
        let quantiles: Vec<String> = figures
            .wait_ms
            .iter()
            .map(|(name, ms)| format!("{name} {}", seconds(*ms)))
            .collect();
        lines.push(format!(
            "wait of the answered: mean {}, {}",
            seconds(figures.mean_wait_ms),
            quantiles.join(", ")
        ));
        if let Some(expected) = self.expected_mean_ms {
            lines.push(format!(
                "expected mean wait {}, difference {}{}",
                seconds(expected),
                if figures.mean_wait_ms < expected {
                    "-"
                } else {
                    "+"
                },
                seconds(figures.mean_wait_ms.abs_diff(expected))
            ));
        }
        let target = text::duration(Duration::from_millis(self.target_ms));
        for (name, share) in figures.service_levels() {
            let share =
                share.map_or_else(|| "-".to_owned(), |share| format!("{:.2} %", share * 100.0));
            lines.push(format!("{name} within {target}: {share}"));
        }
        lines.push(format!(
            "took {:.1} s, reconnects: platform {}, agents {}",
            self.took.as_secs_f64(),
            self.platform_reconnects,
            self.agent_reconnects
        ));
        if let Some(why) = self.cut_short {
            lines.push(format!("cut short: {why}"));
        }
        lines.push(self.verdict());
        lines.join("\n")
    }

    fn verdict(&self) -> String {
        if self.breaches.is_empty() {
            return "no invariant broken".to_owned();
        }
        let mut lines = vec![format!("invariants broken: {}", self.breaches.len())];
        for (rule, count) in self.breaches_by_rule() {
            lines.push(format!("  {rule}: {count}"));
        }
        lines.extend(
            self.breaches
                .iter()
                .take(20)
                .map(|breach| format!("  - {}", breach.text)),
        );
        if self.breaches.len() > 20 {
            lines.push(format!(
                "  - and {} more; --json has all",
                self.breaches.len() - 20
            ));
        }
        lines.join("\n")
    }

    fn breaches_by_rule(&self) -> BTreeMap<Rule, u32> {
        let mut counts = BTreeMap::new();
        for breach in &self.breaches {
            *counts.entry(breach.rule).or_default() += 1;
        }
        counts
    }

    /// The report for programs.
    pub(super) fn json(&self) -> Value {
        let figures = Figures::of(&self.endings, self.target_ms);
        let breaches: Vec<Value> = self
            .breaches
            .iter()
            .map(|breach| json!({"rule": breach.rule.to_string(), "text": breach.text}))
            .collect();
        let mut report = json!({
            "offered": figures.offered,
            "answered": figures.answered,
            "abandoned": figures.abandoned,
            "others": figures.others,
            "wait_ms": {"mean": figures.mean_wait_ms},
            "expected_mean_wait_ms": self.expected_mean_ms,
            "target_ms": self.target_ms,
            "took_ms": u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
            "reconnects": {"platform": self.platform_reconnects, "agents": self.agent_reconnects},
            "cut_short": self.cut_short,
            "broken": breaches,
        });
        for (name, value) in figures.wait_ms {
            report["wait_ms"][name] = json!(value);
        }
        for (name, share) in figures.service_levels() {
            report[name] = json!(share);
        }
        report
    }
}

/// Milliseconds as seconds with two digits.
fn seconds(ms: u64) -> String {
    format!("{}.{:02} s", ms / 1_000, ms % 1_000 / 10)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Breach, Ending, Figures, Findings, Rule};

    fn endings() -> Vec<Ending> {
        let mut endings: Vec<Ending> = (0..8)
            .map(|n| Ending::Answered {
                wait_ms: n * 10_000,
            })
            .collect();
        endings.push(Ending::Abandoned { wait_ms: 5_000 });
        endings.push(Ending::Abandoned { wait_ms: 50_000 });
        endings.push(Ending::Other("diverted: full".to_owned()));
        endings.push(Ending::Other("lost".to_owned()));
        endings
    }

    #[test]
    fn service_levels_are_as_named() {
        let figures = Figures::of(&endings(), 20_000);
        assert_eq!(
            (figures.offered, figures.answered, figures.abandoned),
            (11, 8, 2)
        );
        assert_eq!(figures.mean_wait_ms, 35_000);
        let near = |value: u64, exact: u64| value.abs_diff(exact) <= exact / 500;
        let [(_, p50), (_, p90), (_, p99)] = figures.wait_ms;
        assert!(
            near(p50, 30_000) && near(p90, 70_000) && near(p99, 70_000),
            "{figures:?}"
        );
        let levels = figures.service_levels().map(|(_, share)| share);
        assert_eq!(
            levels,
            [Some(3.0 / 11.0), Some(3.0 / 8.0), Some(3.0 / 10.0)]
        );
    }

    #[test]
    fn nothing_answered_is_no_division_by_zero() {
        let levels = Figures::of(&[], 20_000)
            .service_levels()
            .map(|(_, share)| share);
        assert_eq!(levels, [None, None, None]);
    }

    #[test]
    fn the_report_says_what_is_broken() {
        let mut findings = Findings {
            endings: endings(),
            target_ms: 20_000,
            took: Duration::from_secs(3),
            platform_reconnects: 1,
            agent_reconnects: 15,
            breaches: Vec::new(),
            cut_short: None,
            expected_mean_ms: Some(34_000),
        };
        assert!(!findings.failed());
        let text = findings.text();
        assert!(
            text.contains("no invariant broken") && text.contains("difference +1.00 s"),
            "{text}"
        );
        findings.breaches.push(Breach {
            rule: Rule::CallLost,
            text: "call `x` …".to_owned(),
        });
        assert!(findings.failed());
        assert!(findings.text().contains("call lost: 1"));
        assert_eq!(findings.json()["broken"][0]["rule"], "call lost");
    }
}
