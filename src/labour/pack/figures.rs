//! The figures of rules that have more than one. Times are ms, times of day minutes from midnight.

/// Rest in a week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeeklyRest {
    /// In a row.
    pub minimum_ms: i64,
    /// How much of it lies in the week itself; the rest may lie before Monday or after Sunday.
    pub day_ms: i64,
}

/// Sundays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sunday {
    /// Whether they may be worked.
    pub is_allowed: bool,
    /// What such work costs more, in percent.
    pub pay_percent: u32,
}

/// A break.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The work before which, or right at which, it begins.
    pub after_ms: i64,
    /// Whether it is due when work reaches that, or only when work goes beyond.
    pub is_due_when_reached: bool,
    /// Its least length in a row.
    pub minimum_ms: i64,
}

/// A day's work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Day {
    /// The most.
    pub maximum_ms: i64,
    /// The most on some days, and on how many of a month.
    pub extended: Option<(i64, u32)>,
}

/// Average of weeks in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Average {
    /// The most.
    pub maximum_ms: i64,
    /// Over so many weeks.
    pub weeks: i32,
}

/// A day from start to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DaySpan {
    /// The most.
    pub maximum_ms: i64,
}

/// Lunch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lunch {
    /// Its least length.
    pub minimum_ms: i64,
    /// Not before.
    pub from: u16,
    /// Over by.
    pub to: u16,
    /// At the latest after so much work.
    pub after_ms: i64,
}

/// Work in a row and the break that ends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// The most work in a row.
    pub maximum_ms: i64,
    /// Up to so much work in a row the short break does.
    pub short_ms: i64,
    /// The short break.
    pub short_break_ms: i64,
    /// The break after more.
    pub long_break_ms: i64,
}

/// When it is night, by the clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Night {
    /// From.
    pub from: u16,
    /// To, the next morning.
    pub to: u16,
}

/// Who is a night worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NightWorker {
    /// Night hours in a working day that count it.
    pub hours_ms: i64,
    /// So often a week.
    pub times: i64,
    /// Or so many night hours in 12 months.
    pub year_ms: i64,
}

/// Interruptions of a part-timer's day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interruptions {
    /// The most.
    pub count: i64,
    /// How long one may be.
    pub maximum_ms: i64,
    /// Breaks inside a shift count from this length.
    pub break_from_ms: i64,
}

/// A part-timer above contract for long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// So much above contract, a week on average.
    pub above_ms: i64,
    /// Over so many weeks.
    pub weeks: i32,
}

/// A part-timer's work in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartTimeSequence {
    /// The least.
    pub minimum_ms: i64,
    /// The least where the day has several; `None` as above.
    pub several_ms: Option<i64>,
}

/// A minor at night.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MinorNight {
    /// No work from.
    pub from: u16,
    /// The same under 16.
    pub from_under_16: u16,
    /// To, the next morning.
    pub to: u16,
}

/// A minor's rest between two days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MinorRest {
    /// The least.
    pub minimum_ms: i64,
    /// The least under 16.
    pub minimum_under_16_ms: i64,
}

/// On call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnCall {
    /// At most one week in so many.
    pub weeks: i32,
    /// At most so many days in a row.
    pub days: i64,
}

/// Notice of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeDays {
    /// In working days.
    pub working_days: i64,
}

/// Notice of being on call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnCallNotice {
    /// In days.
    pub days: i64,
    /// The clear days that do where circumstances are exceptional.
    pub exceptional_days: i64,
}
