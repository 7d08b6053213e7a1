//! Coverage: how many agents are on the phone in each interval, in all and by skill.

use std::{borrow::Borrow, collections::BTreeMap};

use jiff::{Timestamp, civil};

use super::{SegmentKind, Shift};
use crate::calendar::zone::Zone;

/// Minutes that an interval may have.
pub const INTERVALS: [i64; 4] = [15, 20, 30, 60];

/// Days that are covered at most.
const DAYS_MAX: usize = 400;

/// Scheduled agents by interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Where intervals begin; one more than there are intervals, the last is the end.
    edges: Vec<i64>,
    /// Seconds on the phone in each interval, of all agents.
    all: Vec<i64>,
    /// The same by skill.
    skills: BTreeMap<String, Vec<i64>>,
}

/// An interval of a coverage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its beginning.
    pub start: Timestamp,
    /// Its end.
    pub end: Timestamp,
    /// Agents on the phone, on average over the interval.
    pub agents: f64,
}

/// The first and the last day on which shifts are, in a zone.
pub fn days(shifts: &[Shift], zone: &Zone) -> Option<(civil::Date, civil::Date)> {
    let first = shifts.iter().map(|shift| shift.start).min()?;
    let last = shifts.iter().map(|shift| shift.end).max()?;
    let last = last
        .checked_sub(jiff::SignedDuration::from_secs(1))
        .unwrap_or(last);
    Some((zone.local(first).date(), zone.local(last).date()))
}

impl Coverage {
    /// The coverage of the days from `first` to `last`, 400 at most, in intervals of so many minutes from each midnight on. A
    /// day on which clocks change has as many as it is long.
    pub fn of<S: Borrow<Shift>>(
        shifts: impl IntoIterator<Item = S>,
        zone: &Zone,
        (first, last): (civil::Date, civil::Date),
        minutes: i64,
    ) -> Self {
        let edges = edges(zone, first, last, minutes.clamp(1, 1_440) * 60);
        let blank = vec![0; edges.len().saturating_sub(1)];
        let mut coverage = Self {
            edges,
            all: blank.clone(),
            skills: BTreeMap::new(),
        };
        for shift in shifts {
            let shift = shift.borrow();
            let pieces = phone(shift);
            add(&coverage.edges, &mut coverage.all, &pieces);
            for skill in shift.skills.iter() {
                let seconds = match coverage.skills.get_mut(skill.as_ref()) {
                    Some(seconds) => seconds,
                    None => coverage
                        .skills
                        .entry(skill.to_string())
                        .or_insert_with(|| blank.clone()),
                };
                add(&coverage.edges, seconds, &pieces);
            }
        }
        coverage
    }

    /// The skills that shifts are planned for.
    pub fn skills(&self) -> impl Iterator<Item = &str> {
        self.skills.keys().map(String::as_str)
    }

    /// Every interval, of all agents or of those planned for a skill.
    pub fn intervals(&self, skill: Option<&str>) -> Vec<Interval> {
        let none = vec![0; self.all.len()];
        let seconds = match skill {
            Some(skill) => self.skills.get(skill).unwrap_or(&none),
            None => &self.all,
        };
        let spans = self.edges.windows(2).zip(seconds);
        let at = |second: i64| Timestamp::from_second(second).unwrap_or(Timestamp::MIN);
        #[expect(
            clippy::cast_precision_loss,
            reason = "seconds of agents in an interval are far below 2^52"
        )]
        let share = |seconds: i64, length: i64| seconds as f64 / length as f64;
        spans
            .map(|(span, seconds)| Interval {
                start: at(span[0]),
                end: at(span[1]),
                agents: share(*seconds, span[1] - span[0]),
            })
            .collect()
    }
}

fn edges(zone: &Zone, first: civil::Date, last: civil::Date, step: i64) -> Vec<i64> {
    let mut edges = Vec::new();
    let mut day = first;
    for _ in 0..DAYS_MAX {
        let Ok(next) = day.tomorrow() else { break };
        let (start, end) = (
            zone.day_start(day).as_second(),
            zone.day_start(next).as_second(),
        );
        let mut at = start;
        while at < end {
            edges.push(at);
            at += step;
        }
        if day >= last {
            edges.push(end);
            break;
        }
        day = next;
    }
    edges
}

/// The parts of a shift on the phone.
fn phone(shift: &Shift) -> Vec<(i64, i64)> {
    let mut pieces = Vec::with_capacity(shift.segments.len() + 1);
    let mut from = shift.start.as_second();
    for part in shift
        .segments
        .iter()
        .filter(|part| part.kind != SegmentKind::Phone)
    {
        pieces.push((from, part.start.as_second()));
        from = part.end.as_second();
    }
    pieces.push((from, shift.end.as_second()));
    pieces.retain(|(start, end)| start < end);
    pieces
}

fn add(edges: &[i64], seconds: &mut [i64], pieces: &[(i64, i64)]) {
    for (start, end) in pieces {
        let first = edges
            .partition_point(|edge| edge <= start)
            .saturating_sub(1);
        for at in first..seconds.len() {
            if edges[at] >= *end {
                break;
            }
            seconds[at] += (end.min(&edges[at + 1]) - start.max(&edges[at])).max(0);
        }
    }
}
