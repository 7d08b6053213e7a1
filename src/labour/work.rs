//! Shifts as rules measure them: stretches of work, working days, and sums by day and week.

use std::ops::Range;

use super::{
    days::{self, Days},
    pack::Night,
    person::{DayWork, Past},
    span::{Shift, Span},
};

/// Work without any interruption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) span: Span,
    /// The shift it belongs to. Shifts that touch are one.
    pub(super) shift: u32,
}

/// The shifts that begin on one day: a working day, also where it ends after midnight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WorkingDay {
    pub(super) day: i32,
    /// From the first start to the last end, breaks at either end too.
    pub(super) span: Span,
    /// Its stretches, at least one.
    pub(super) stretches: Range<usize>,
}

/// Everything that rules measure of some shifts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Work {
    pub(super) stretches: Vec<Stretch>,
    pub(super) working_days: Vec<WorkingDay>,
    /// Days with work, in order.
    pub(super) days: Vec<DayWork>,
    /// Days with telework, in order.
    pub(super) telework_days: Vec<i32>,
    /// Days with on-call waiting, in order.
    pub(super) on_call_days: Vec<i32>,
}

impl Work {
    /// Measures shifts, which are in order of their start and do not overlap.
    pub(super) fn of(shifts: &[Shift], days: &Days, night: Option<&Night>) -> Self {
        let mut work = Self::default();
        let (mut last_end, mut number) = (i64::MIN, 0);
        for shift in shifts {
            if shift.span.start_ms > last_end {
                number += 1;
            }
            last_end = last_end.max(shift.span.end_ms);
            work.add_shift(shift, number, days);
        }
        work.sum_days(days, night);
        work
    }

    fn add_shift(&mut self, shift: &Shift, number: u32, days: &Days) {
        let first = self.stretches.len();
        let mut from = shift.span.start_ms;
        for part in &shift.parts {
            self.add_stretch(Span::new(from, part.span.start_ms), number);
            from = from.max(part.span.end_ms);
            if part.kind == super::span::PartKind::OnCall {
                push_days(&mut self.on_call_days, part.span, days);
            }
        }
        self.add_stretch(Span::new(from, shift.span.end_ms), number);
        if self.stretches.len() == first {
            return;
        }
        if shift.is_telework {
            push_days(&mut self.telework_days, shift.span, days);
        }
        self.add_to_working_day(shift.span, number, first, days);
    }

    fn add_stretch(&mut self, span: Span, shift: u32) {
        if span.length_ms() > 0 {
            self.stretches.push(Stretch { span, shift });
        }
    }

    fn add_to_working_day(&mut self, span: Span, number: u32, first: usize, days: &Days) {
        let day = days.day(self.stretches[first].span.start_ms);
        let is_same_shift = first > 0 && self.stretches[first - 1].shift == number;
        let end = self.stretches.len();
        if let Some(last) = self.working_days.last_mut()
            && (last.day == day || is_same_shift)
        {
            last.span.end_ms = span.end_ms;
            last.stretches.end = end;
            return;
        }
        let stretches = first..end;
        self.working_days.push(WorkingDay {
            day,
            span,
            stretches,
        });
    }

    fn sum_days(&mut self, days: &Days, night: Option<&Night>) {
        for stretch in &self.stretches {
            let mut from = stretch.span.start_ms;
            let mut day = days.day(from);
            while from < stretch.span.end_ms {
                let whole = days.span(day);
                let piece = Span::new(from, whole.end_ms.min(stretch.span.end_ms));
                let night_ms = night.map_or(0, |night| night_in_day(piece, day, night, days));
                let work_ms = piece.length_ms();
                match self.days.last_mut().filter(|last| last.day == day) {
                    Some(last) => {
                        last.work_ms += work_ms;
                        last.night_ms += night_ms;
                    }
                    None => self.days.push(DayWork {
                        day,
                        work_ms,
                        night_ms,
                    }),
                }
                from = whole.end_ms;
                day += 1;
            }
        }
    }

    /// The stretches of a working day.
    pub(super) fn stretches_of(&self, working_day: &WorkingDay) -> &[Stretch] {
        &self.stretches[working_day.stretches.clone()]
    }

    /// From the first work to the last.
    pub(super) fn worked_span(&self, working_day: &WorkingDay) -> Span {
        let stretches = self.stretches_of(working_day);
        let (first, last) = (stretches[0], stretches[stretches.len() - 1]);
        Span::new(first.span.start_ms, last.span.end_ms)
    }

    /// The work of a working day.
    pub(super) fn worked_ms(&self, working_day: &WorkingDay) -> i64 {
        let stretches = self.stretches_of(working_day);
        stretches
            .iter()
            .map(|stretch| stretch.span.length_ms())
            .sum()
    }
}

fn push_days(known: &mut Vec<i32>, span: Span, days: &Days) {
    let (first, last) = (days.day(span.start_ms), days.day(span.end_ms - 1));
    let after = known.last().map_or(first, |before| first.max(before + 1));
    known.extend(after..=last);
}

/// How much of a piece of one day is night.
pub(super) fn night_in_day(piece: Span, day: i32, night: &Night, days: &Days) -> i64 {
    let whole = days.span(day);
    let (from, to) = (days.clock_ms(day, night.from), days.clock_ms(day, night.to));
    if night.from <= night.to {
        return piece.overlap_ms(Span::new(from, to));
    }
    let morning = piece.overlap_ms(Span::new(whole.start_ms, to));
    morning + piece.overlap_ms(Span::new(from, whole.end_ms))
}

/// Work by week, of the past and of shifts together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Weeks {
    pub(super) first: i32,
    pub(super) work_ms: Vec<i64>,
    /// The first week in which the shifts have work.
    pub(super) from: i32,
}

impl Weeks {
    /// The weeks of the shifts, and `before` more. `None` without work.
    pub(super) fn of(work: &Work, past: &Past, before: i32) -> Option<Self> {
        let from = days::week(work.days.first()?.day);
        let last = days::week(work.days.last()?.day);
        let first = from - before;
        let length = usize::try_from(last - first + 1).ok()?;
        let mut weeks = Self {
            first,
            work_ms: vec![0; length],
            from,
        };
        let known = past.between(days::monday(first), days::monday(last + 1));
        for day in known.iter().chain(&work.days) {
            let place = usize::try_from(days::week(day.day) - first).ok()?;
            weeks.work_ms[place] += day.work_ms;
        }
        Some(weeks)
    }

    /// The work in so many weeks in a row that end with this one.
    pub(super) fn sum_ms(&self, last: i32, weeks: i32) -> i64 {
        let end = usize::try_from(last - self.first + 1).unwrap_or(0);
        let start = end.saturating_sub(usize::try_from(weeks).unwrap_or(0));
        self.work_ms[start..end].iter().sum()
    }

    /// The weeks in which the shifts have work, or lie between such.
    pub(super) fn of_shifts(&self) -> Range<i32> {
        let length = i32::try_from(self.work_ms.len()).unwrap_or(0);
        self.from..self.first + length
    }
}
