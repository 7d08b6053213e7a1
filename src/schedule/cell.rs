//! A cell of a table, as a file of text or a workbook has it.

use std::borrow::Cow;

use jiff::{ToSpan, civil};

/// Days from which a workbook counts its dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Epoch {
    /// Day 0 is 30 December 1899, so that day 61 is 1 March 1900: of nearly all workbooks.
    Of1900,
    /// Day 0 is 1 January 1904: of workbooks that began on an old Macintosh.
    Of1904,
}

impl Epoch {
    fn day_zero(self) -> civil::Date {
        match self {
            Self::Of1900 => civil::date(1899, 12, 30),
            Self::Of1904 => civil::date(1904, 1, 1),
        }
    }

    /// The date of a serial day, if it is within the years of schedules.
    pub(super) fn date(self, day: i64) -> Option<civil::Date> {
        let day = self.day_zero().checked_add(day.days()).ok()?;
        super::date::YEARS.contains(&day.year()).then_some(day)
    }
}

/// Seconds of a day.
pub(super) const DAY: i64 = 86_400;

/// A cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell<'t> {
    /// Nothing.
    Empty,
    /// Text, not trimmed.
    Text(Cow<'t, str>),
    /// A number; dates and times of workbooks are days and parts of a day.
    Number(f64),
    /// The error that a formula gave, such as `#N/A`.
    Error(String),
}

impl Cell<'_> {
    /// Whether it holds nothing that can be seen.
    pub(super) fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Number(_) | Self::Error(_) => false,
        }
    }

    /// What is in it, as text: whole numbers without a point, so that an id 43 is `43`.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) => Cow::Borrowed(text.trim()),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Error(error) => Cow::Borrowed(error),
        }
    }
}

/// A serial number of a workbook as whole days and seconds, rounded to the second: the minute 17:30 is stored as a hair less.
pub(super) fn split_serial(serial: f64) -> Option<(i64, i64)> {
    const FAR: f64 = 10_000_000.0;
    if !(0.0..FAR).contains(&serial) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked: below 10^12")]
    let seconds = (serial * 86_400.0).round() as i64;
    Some((seconds / DAY, seconds % DAY))
}
