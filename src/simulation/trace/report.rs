//! What became of a log's calls: the rows of the result, and the figures.

use std::{collections::BTreeMap, io::Write};

use super::{Trace, pool::TARGET_MS};
use crate::engine::{
    event::{DivertReason, Outcome},
    ids::AgentId,
};

const COLUMNS: [&str; 6] = [
    "call",
    "outcome",
    "agent",
    "connected_ms",
    "left_ms",
    "wait_ms",
];

/// How a call went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// What became of it.
    pub finding: Finding,
    /// Who talked to the caller last.
    pub agent: Option<AgentId>,
    /// When that conversation began.
    pub connected_ms: Option<u64>,
    /// When it was over.
    pub left_ms: u64,
    /// How long the caller waited.
    pub wait_ms: u64,
    /// Whether the caller gave up the line to be called back; such calls are in no service level.
    pub is_callback: bool,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It was taken, and ended so.
    Ended(Outcome),
    /// It was not taken.
    Diverted(DivertReason),
}

impl Finding {
    /// The word of the result's column.
    fn word(self) -> &'static str {
        match self {
            Self::Ended(Outcome::Handled) => "ANSWERED",
            Self::Ended(Outcome::Abandoned) => "ABANDONED",
            Self::Ended(Outcome::Overflowed) => "OVERFLOWED",
            Self::Ended(Outcome::TimedOut) => "TIMED_OUT",
            Self::Ended(Outcome::Lost) => "LOST",
            Self::Ended(Outcome::Unreached) => "UNREACHED",
            Self::Ended(Outcome::Cancelled) => "CANCELLED",
            Self::Diverted(_) => "DIVERTED",
        }
    }

    fn label(self) -> String {
        match self {
            Self::Ended(outcome) => outcome.label().to_owned(),
            Self::Diverted(reason) => format!("diverted_{}", reason.label()),
        }
    }
}

/// What became of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Of each call in the order of its file; none of those that were not over when it was stopped.
    pub endings: Vec<Option<Ending>>,
    /// The first and the last moment of the log.
    pub span_ms: (u64, u64),
    /// Whether it was stopped before its end.
    pub is_cut_short: bool,
}

/// The figures of a report.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Calls that are over.
    pub calls: u32,
    /// An agent talked to the caller.
    pub answered: u32,
    /// The caller hung up before that.
    pub abandoned: u32,
    /// Calls that went otherwise, by how.
    pub others: BTreeMap<String, u32>,
    /// Of the answered.
    pub mean_wait_ms: Option<u64>,
    /// Answered within the target ÷ offered, without callbacks; diverted calls are never offered.
    pub sl_offered: Option<f64>,
    /// The target of the service level.
    pub target_ms: u64,
    /// Time from the first to the last moment of the log.
    pub virtual_ms: u64,
}

impl Report {
    /// The figures.
    pub fn summary(&self) -> Summary {
        let (mut offered, mut in_target, mut wait_ms) = (0, 0, 0);
        let mut summary = Summary {
            calls: 0,
            answered: 0,
            abandoned: 0,
            others: BTreeMap::new(),
            mean_wait_ms: None,
            sl_offered: None,
            target_ms: TARGET_MS,
            virtual_ms: self.span_ms.1 - self.span_ms.0,
        };
        for ending in self.endings.iter().flatten() {
            summary.calls += 1;
            let is_offered = matches!(ending.finding, Finding::Ended(_)) && !ending.is_callback;
            offered += u32::from(is_offered);
            match ending.finding {
                Finding::Ended(Outcome::Handled) => {
                    summary.answered += 1;
                    wait_ms += u128::from(ending.wait_ms);
                    in_target += u32::from(is_offered && ending.wait_ms <= TARGET_MS);
                }
                Finding::Ended(Outcome::Abandoned) => summary.abandoned += 1,
                Finding::Ended(
                    Outcome::Overflowed
                    | Outcome::TimedOut
                    | Outcome::Lost
                    | Outcome::Unreached
                    | Outcome::Cancelled,
                )
                | Finding::Diverted(_) => {
                    *summary.others.entry(ending.finding.label()).or_default() += 1;
                }
            }
        }
        let mean = wait_ms.checked_div(u128::from(summary.answered));
        summary.mean_wait_ms = mean.and_then(|mean| u64::try_from(mean).ok());
        summary.sl_offered = (offered > 0).then(|| f64::from(in_target) / f64::from(offered));
        summary
    }
}

impl Trace {
    /// Writes the result as CSV, a row for each call that is over, in the order and with the line ends of the file of
    /// calls.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, report: &Report, out: impl Write) -> Result<(), csv::Error> {
        let terminator = if self.has_crlf {
            csv::Terminator::CRLF
        } else {
            csv::Terminator::Any(b'\n')
        };
        let mut writer = csv::WriterBuilder::new()
            .terminator(terminator)
            .from_writer(out);
        writer.write_record(COLUMNS)?;
        for (call, ending) in self.calls.iter().zip(&report.endings) {
            let Some(ending) = ending else { continue };
            writer.write_record([
                call.id.as_str(),
                ending.finding.word(),
                ending.agent.as_ref().map_or("", AgentId::as_str),
                &ending
                    .connected_ms
                    .map_or_else(String::new, |ms| ms.to_string()),
                &ending.left_ms.to_string(),
                &ending.wait_ms.to_string(),
            ])?;
        }
        writer.flush()?;
        Ok(())
    }
}
