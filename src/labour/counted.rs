//! What is counted and shown, not refused: hours at night, on Sundays and on holidays, and what they cost more.

use super::{
    days::{self, Days},
    evaluate::Case,
    pack::Pack,
    person::DayWork,
    span::Shift,
    work::Work,
};

/// Hours that are told to the planner, ms of work.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// All work.
    pub work_ms: i64,
    /// At night.
    pub night_ms: i64,
    /// On Sundays.
    pub sunday_ms: i64,
    /// On holidays, Sundays among them.
    pub holiday_ms: i64,
    /// What is paid on top for Sundays and holidays, as ms of work at the plain rate; the higher of the two where they meet.
    pub extra_pay_ms: i64,
}

/// Counts hours. `is_holiday` knows the holidays of the agent's place of work by their day number.
pub fn counted(case: &Case<'_>, is_holiday: impl Fn(i32) -> bool) -> Counted {
    let pack = case.pack;
    let night = pack.night.as_ref().map(|rule| &rule.figures);
    let percent_on = |is_sunday: bool, is_holiday: bool| {
        let sunday = pack.sunday.as_ref().filter(|_| is_sunday);
        let holiday = pack.holiday.as_ref().filter(|_| is_holiday);
        let sunday = sunday.map_or(0, |rule| rule.figures.pay_percent);
        i64::from(sunday.max(holiday.map_or(0, |rule| rule.figures)))
    };
    let mut sum = Counted::default();
    for day in Work::of(case.shifts, case.days, night).days {
        let (on_sunday, on_holiday) = (days::is_sunday(day.day), is_holiday(day.day));
        sum.work_ms += day.work_ms;
        sum.night_ms += day.night_ms;
        sum.sunday_ms += if on_sunday { day.work_ms } else { 0 };
        sum.holiday_ms += if on_holiday { day.work_ms } else { 0 };
        sum.extra_pay_ms += day.work_ms * percent_on(on_sunday, on_holiday) / 100;
    }
    sum
}

/// What was worked on each day of some shifts.
pub fn day_totals(shifts: &[Shift], days: &Days, pack: &Pack) -> Vec<DayWork> {
    let night = pack.night.as_ref().map(|rule| &rule.figures);
    Work::of(shifts, days, night).days
}
