//! Today's calls by quarters of an hour: those that arrived and were taken, and those that were answered.
//!
//! Ended calls come from their detail records, which are read once and then as they are added; calls that live from the
//! view. Both have the times of the service itself, so the picture is the same after a restart.

use askama::Template;

use crate::{
    console::words::Words,
    engine::{call::Phase, ids::PoolTime, view::CallView},
    pool::{
        Pool,
        details::{DetailKey, DetailRecord, Details},
    },
};

const DAY_MS: u64 = 86_400_000;
const STEP_MS: u64 = 15 * 60_000;
/// Intervals of a day.
const STEPS: usize = 96;
/// Pages of records that one look reads at most: a busy day is read in several.
const PAGES: usize = 50;

const WIDTH: u32 = 760;
const HEIGHT: u32 = 240;
const LEFT: u32 = 44;
const RIGHT: u32 = 736;
const TOP: u32 = 30;
const BOTTOM: u32 = 210;

/// What arrived and was answered in an interval.
type Count = (u32, u32);

/// The calls of a day.
#[derive(Debug)]
pub(in crate::console) struct Curve {
    day: PoolTime,
    /// Of ended calls.
    ended: [Count; STEPS],
    /// The same with those that live.
    all: [Count; STEPS],
    next: DetailKey,
}

impl Default for Curve {
    fn default() -> Self {
        Self {
            day: PoolTime::default(),
            ended: [(0, 0); STEPS],
            all: [(0, 0); STEPS],
            next: Details::at(PoolTime::default()),
        }
    }
}

struct Tick {
    at: u32,
    text: String,
}

struct Row {
    time: String,
    arrived: u32,
    answered: u32,
}

#[derive(Template)]
#[template(path = "console/board/curve.html")]
struct Page<'a> {
    w: &'a Words,
    width: u32,
    height: u32,
    left: u32,
    right: u32,
    bottom: u32,
    summary: String,
    values: Vec<Tick>,
    hours: Vec<Tick>,
    arrived: String,
    answered: String,
    rows: Vec<Row>,
}

impl Curve {
    /// Reads what ended since the last look, and counts those that live. What cannot be read now is read next time.
    pub(super) async fn refresh(&mut self, pool: &Pool, details: &Details) {
        let now = pool.view().read().now();
        let day = PoolTime(now.0 - now.0 % DAY_MS);
        if day != self.day {
            *self = Self {
                day,
                next: Details::at(day),
                ..Self::default()
            };
        }
        for _ in 0..PAGES {
            let Ok(page) = details.page(self.next, now.plus(1)).await else {
                break;
            };
            for record in &page.records {
                self.add(record);
            }
            match page.next {
                Some(next) => self.next = next,
                None => {
                    if let Some(behind) = page.behind {
                        self.next = behind;
                    }
                    break;
                }
            }
        }
        self.all = self.ended;
        self.add_living(pool);
    }

    fn add(&mut self, record: &DetailRecord) {
        let detail = &record.detail;
        count(&mut self.ended, self.day, detail.accepted_at, |step| {
            step.0 += 1
        });
        if let Some(at) = detail.answered_at {
            count(&mut self.ended, self.day, at, |step| step.1 += 1);
        }
    }

    fn add_living(&mut self, pool: &Pool) {
        let view = pool.view().read();
        for row in view.live_calls(None, None) {
            let CallView::Live(call) = &*row.value else {
                continue;
            };
            count(&mut self.all, self.day, call.record.accepted_at, |step| {
                step.0 += 1
            });
            if let Phase::Connected { since, .. } = &call.phase {
                count(&mut self.all, self.day, *since, |step| step.1 += 1);
            }
        }
    }

    /// The picture with its table.
    pub(super) fn html(&self, now: PoolTime, w: &Words) -> askama::Result<String> {
        let steps = usize::try_from(now.since(self.day) / STEP_MS + 1).unwrap_or(STEPS);
        let known = &self.all[..steps.min(STEPS)];
        let most = known
            .iter()
            .map(|(arrived, answered)| *arrived.max(answered))
            .max();
        let top = scale(most.unwrap_or(0));
        let height = |value: u32| {
            BOTTOM
                - u32::try_from(u64::from(BOTTOM - TOP) * u64::from(value) / u64::from(top))
                    .unwrap_or(0)
        };
        let (arrived, answered) = sums(known);
        Page {
            w,
            width: WIDTH,
            height: HEIGHT,
            left: LEFT,
            right: RIGHT,
            bottom: BOTTOM,
            summary: w.with(
                "curve-summary",
                &[
                    ("arrived", &arrived.to_string()),
                    ("answered", &answered.to_string()),
                    ("most", &most.unwrap_or(0).to_string()),
                ],
            ),
            values: [0, top / 2, top]
                .map(|value| Tick {
                    at: height(value),
                    text: value.to_string(),
                })
                .into(),
            hours: (0..=24)
                .step_by(4)
                .map(|hour| Tick {
                    at: across(hour * 4),
                    text: format!("{hour:02}:00"),
                })
                .collect(),
            arrived: stairs(known.iter().map(|step| height(step.0))),
            answered: stairs(known.iter().map(|step| height(step.1))),
            rows: rows(known),
        }
        .render()
    }

    /// The intervals so far, as lines of a file: the beginning, what arrived, what was answered.
    pub(super) fn lines(&self, now: PoolTime) -> impl Iterator<Item = [String; 3]> {
        let steps = usize::try_from(now.since(self.day) / STEP_MS + 1).unwrap_or(STEPS);
        let known = self.all.iter().take(steps).enumerate();
        known.map(|(at, (arrived, answered))| {
            [time_of(at), arrived.to_string(), answered.to_string()]
        })
    }
}

fn count(steps: &mut [Count; STEPS], day: PoolTime, at: PoolTime, add: impl FnOnce(&mut Count)) {
    if at < day {
        return;
    }
    let step = usize::try_from(at.since(day) / STEP_MS).unwrap_or(STEPS);
    if let Some(step) = steps.get_mut(step) {
        add(step);
    }
}

fn sums(known: &[Count]) -> (u32, u32) {
    let add = |sum: Count, step: &Count| (sum.0 + step.0, sum.1 + step.1);
    known.iter().fold((0, 0), add)
}

fn across(step: u32) -> u32 {
    LEFT + (RIGHT - LEFT) * step / 96
}

/// A round number that is not below this one, even and above zero.
fn scale(most: u32) -> u32 {
    let mut ten = 1;
    loop {
        for step in [2, 4, 10] {
            if most <= step * ten {
                return step * ten;
            }
        }
        match u32::checked_mul(ten, 10).filter(|ten| *ten <= 100_000_000) {
            Some(more) => ten = more,
            None => return u32::MAX - 1,
        }
    }
}

fn stairs(heights: impl Iterator<Item = u32>) -> String {
    let mut path = String::new();
    for (step, height) in (0..).zip(heights) {
        let begin = if step == 0 { "M" } else { "L" };
        path.push_str(&format!(
            "{begin}{} {height}H{}",
            across(step),
            across(step + 1)
        ));
    }
    path
}

fn time_of(step: usize) -> String {
    let minutes = step * 15;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Rows of a table: intervals in which nothing happened are left out.
fn rows(known: &[Count]) -> Vec<Row> {
    let steps = known
        .iter()
        .enumerate()
        .filter(|(_, step)| **step != (0, 0));
    steps
        .map(|(at, (arrived, answered))| Row {
            time: time_of(at),
            arrived: *arrived,
            answered: *answered,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round_and_high_enough() {
        for (most, expected) in [
            (0, 2),
            (2, 2),
            (3, 4),
            (5, 10),
            (11, 20),
            (401, 1_000),
            (999_999, 1_000_000),
        ] {
            assert_eq!(scale(most), expected);
        }
        assert!(scale(u32::MAX) >= 1_000_000_000);
    }

    #[test]
    fn calls_count_in_their_interval_of_the_day() {
        let mut steps = [(0, 0); STEPS];
        let day = PoolTime(DAY_MS);
        for at in [
            DAY_MS - 1,
            DAY_MS,
            DAY_MS + STEP_MS - 1,
            DAY_MS + STEP_MS,
            2 * DAY_MS,
        ] {
            count(&mut steps, day, PoolTime(at), |step| step.0 += 1);
        }
        assert_eq!((steps[0].0, steps[1].0, sums(&steps).0), (2, 1, 3));
        assert_eq!(rows(&steps)[1].time, "00:15");
    }
}
