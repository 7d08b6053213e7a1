//! Volumes of the past: counts by day and interval, where a missing count is missing, not zero.

use std::collections::BTreeMap;

use jiff::civil::Date;

/// Counts of one queue by local day and interval of the day. All days have the same number of intervals.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    first: Date,
    days: Vec<Vec<Option<f64>>>,
}

impl History {
    /// Of counts by day; days in between that are absent are missing. None if there are none, or if they differ in length.
    pub fn new(counts: BTreeMap<Date, Vec<Option<f64>>>) -> Option<Self> {
        let (first, day) = counts.first_key_value()?;
        let (first, intervals) = (*first, day.len());
        let last = *counts.last_key_value()?.0;
        if counts.values().any(|day| day.len() != intervals) {
            return None;
        }
        let mut counts = counts;
        let mut days = Vec::new();
        let mut date = first;
        while date <= last {
            days.push(
                counts
                    .remove(&date)
                    .unwrap_or_else(|| vec![None; intervals]),
            );
            date = date.tomorrow().ok()?;
        }
        Some(Self { first, days })
    }

    /// How many days there are, from the first to the last.
    pub fn len(&self) -> usize {
        self.days.len()
    }

    /// Whether there is no day.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// Intervals of a day.
    pub fn intervals(&self) -> usize {
        self.days.first().map_or(0, Vec::len)
    }

    /// The date of a day by its place.
    pub fn date(&self, day: usize) -> Date {
        let days = i32::try_from(day).unwrap_or(i32::MAX);
        self.first.saturating_add(jiff::Span::new().days(days))
    }

    /// The place of a date, if it lies between the first day and the last.
    pub fn place(&self, date: Date) -> Option<usize> {
        let days = date.since(self.first).ok()?.get_days();
        let place = usize::try_from(days).ok()?;
        (place < self.days.len()).then_some(place)
    }

    /// The counts of a day.
    pub fn day(&self, day: usize) -> &[Option<f64>] {
        &self.days[day]
    }

    /// 0 for Monday to 6 for Sunday.
    pub(super) fn weekday(&self, day: usize) -> i8 {
        self.date(day).weekday().to_monday_zero_offset()
    }
}
