//! The books of one replication: what is counted where, and the time that passes.

use super::{Floor, Line, Work};
use crate::simulation::model::{Scenario, Spans};

/// How the measured time is cut: spans of equal length from the end of the warm-up on, the last perhaps shorter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulation::model) struct Layout {
    pub(in crate::simulation::model) begin_ms: u64,
    pub(in crate::simulation::model) end_ms: u64,
    pub(in crate::simulation::model) span_ms: u64,
    pub(in crate::simulation::model) spans: usize,
}

impl Layout {
    pub(in crate::simulation::model) fn of(scenario: &Scenario) -> Self {
        let measured_ms = scenario.duration_ms - scenario.warm_up_ms;
        let span_ms = match scenario.spans {
            Spans::Intervals(ms) => ms,
            Spans::Batches(count) => measured_ms.div_ceil(u64::from(count)),
        };
        Self {
            begin_ms: scenario.warm_up_ms,
            end_ms: scenario.duration_ms,
            span_ms,
            spans: usize::try_from(measured_ms.div_ceil(span_ms)).unwrap_or(usize::MAX),
        }
    }

    /// The span of a moment; none while nothing is measured.
    fn span_of(&self, at_ms: u64) -> Option<usize> {
        if at_ms < self.begin_ms || at_ms >= self.end_ms {
            return None;
        }
        let span = (at_ms - self.begin_ms) / self.span_ms;
        Some(usize::try_from(span).unwrap_or(usize::MAX))
    }

    /// How long a span is, ms.
    pub(in crate::simulation::model) fn length_ms(&self, span: usize) -> u64 {
        let from = self.begin_ms + self.span_ms * u64::try_from(span).unwrap_or(u64::MAX);
        self.span_ms.min(self.end_ms - from)
    }

    /// Adds `per_ms` for each ms from `from_ms` to `to_ms` to the spans in which they lie.
    fn spread(&self, from_ms: u64, to_ms: u64, mut add: impl FnMut(usize, u64)) {
        let mut at = from_ms.max(self.begin_ms);
        let to = to_ms.min(self.end_ms);
        while let Some(span) = self.span_of(at).filter(|_| at < to) {
            let next = self.begin_ms + self.span_ms * (u64::try_from(span).unwrap_or(u64::MAX) + 1);
            let until = next.min(to);
            add(span, until - at);
            at = until;
        }
    }
}

/// A count and since when it has not changed.
#[derive(Clone, Copy, Debug, Default)]
struct Level<T> {
    since_ms: u64,
    count: T,
}

/// The books.
#[derive(Clone, Debug)]
pub(in crate::simulation::model) struct Ledger {
    pub(in crate::simulation::model) layout: Layout,
    /// By queue and span.
    pub(in crate::simulation::model) lines: Vec<Vec<Line>>,
    /// By staff group and span.
    pub(in crate::simulation::model) floors: Vec<Vec<Floor>>,
    /// By queue, span and staff group: ms talked, by the span in which the call arrived.
    pub(in crate::simulation::model) work_ms: Vec<Vec<Vec<u64>>>,
    waiting: Vec<Level<u64>>,
    working: Vec<Level<[u64; Work::COUNT]>>,
}

impl Ledger {
    pub(in crate::simulation::model) fn new(layout: Layout, queues: usize, groups: usize) -> Self {
        Self {
            layout,
            lines: vec![vec![Line::default(); layout.spans]; queues],
            floors: vec![vec![Floor::default(); layout.spans]; groups],
            work_ms: vec![vec![vec![0; groups]; layout.spans]; queues],
            waiting: vec![Level::default(); queues],
            working: vec![Level::default(); groups],
        }
    }

    /// The book of a queue's calls that arrive at a moment; none while nothing is measured.
    pub(in crate::simulation::model) fn line(
        &mut self,
        queue: usize,
        at_ms: u64,
    ) -> Option<&mut Line> {
        let span = self.layout.span_of(at_ms)?;
        Some(&mut self.lines[queue][span])
    }

    /// Notes that a group talked so long with a call of a queue that arrived then.
    pub(in crate::simulation::model) fn talked(
        &mut self,
        (queue, group): (usize, usize),
        arrived_ms: u64,
        talked_ms: u64,
    ) {
        if let Some(span) = self.layout.span_of(arrived_ms) {
            self.work_ms[queue][span][group] += talked_ms;
        }
    }

    /// Notes that one caller more, or less, waits on the line from now on.
    pub(in crate::simulation::model) fn wait(&mut self, queue: usize, at_ms: u64, is_more: bool) {
        self.settle_queue(queue, at_ms);
        let count = &mut self.waiting[queue].count;
        *count = if is_more { *count + 1 } else { *count - 1 };
    }

    /// Notes that an agent of a group changes work; none is being signed out.
    pub(in crate::simulation::model) fn change_work(
        &mut self,
        group: usize,
        at_ms: u64,
        from: Option<Work>,
        to: Option<Work>,
    ) {
        self.settle_group(group, at_ms);
        let count = &mut self.working[group].count;
        if let Some(from) = from {
            count[from as usize] -= 1;
        }
        if let Some(to) = to {
            count[to as usize] += 1;
        }
    }

    /// Writes down the time up to the end.
    pub(in crate::simulation::model) fn close(&mut self, at_ms: u64) {
        for queue in 0..self.waiting.len() {
            self.settle_queue(queue, at_ms);
        }
        for group in 0..self.working.len() {
            self.settle_group(group, at_ms);
        }
    }

    fn settle_queue(&mut self, queue: usize, at_ms: u64) {
        let level = &mut self.waiting[queue];
        let (count, since_ms) = (level.count, level.since_ms);
        level.since_ms = at_ms;
        if count > 0 {
            let lines = &mut self.lines[queue];
            self.layout.spread(since_ms, at_ms, |span, ms| {
                lines[span].queue_ms += count * ms;
            });
        }
    }

    fn settle_group(&mut self, group: usize, at_ms: u64) {
        let level = &mut self.working[group];
        let (count, since_ms) = (level.count, level.since_ms);
        if since_ms == at_ms {
            return;
        }
        level.since_ms = at_ms;
        let floors = &mut self.floors[group];
        self.layout.spread(since_ms, at_ms, |span, ms| {
            for (sum, agents) in floors[span].ms.iter_mut().zip(count) {
                *sum += agents * ms;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{Layout, Ledger, Work};

    const LAYOUT: Layout = Layout {
        begin_ms: 100,
        end_ms: 350,
        span_ms: 100,
        spans: 3,
    };

    #[test]
    fn time_is_spread_over_the_spans_in_which_it_lies() {
        let cases = [
            (0, 100, vec![]),
            (0, 150, vec![(0, 50)]),
            (150, 320, vec![(0, 50), (1, 100), (2, 20)]),
            (320, 900, vec![(2, 30)]),
            (200, 200, vec![]),
        ];
        for (from, to, expected) in cases {
            let mut seen = Vec::new();
            LAYOUT.spread(from, to, |span, ms| seen.push((span, ms)));
            assert_eq!(seen, expected, "{from} to {to}");
        }
        assert_eq!(LAYOUT.length_ms(2), 50);
    }

    #[test]
    fn agents_and_callers_are_counted_by_the_time_they_spend() {
        let mut ledger = Ledger::new(LAYOUT, 1, 1);
        ledger.change_work(0, 0, None, Some(Work::Idle));
        ledger.change_work(0, 120, None, Some(Work::Idle));
        ledger.wait(0, 110, true);
        ledger.wait(0, 210, true);
        ledger.wait(0, 220, false);
        ledger.change_work(0, 220, Some(Work::Idle), Some(Work::Connected));
        ledger.close(400);
        let queue_ms: Vec<u64> = ledger.lines[0].iter().map(|line| line.queue_ms).collect();
        assert_eq!(queue_ms, [90, 110, 50]);
        let idle: Vec<u64> = ledger.floors[0]
            .iter()
            .map(|it| it.of(Work::Idle))
            .collect();
        let connected: Vec<u64> = ledger.floors[0]
            .iter()
            .map(|it| it.of(Work::Connected))
            .collect();
        assert_eq!(idle, [180, 120, 50]);
        assert_eq!(connected, [0, 80, 50]);
    }
}
