//! Rule packs: figures as data, in layers from country over branch to company, of which later ones replace figures.

mod build;
mod figures;
mod keys;
mod read;

use std::sync::{Arc, LazyLock};

pub use build::{PackError, Shipped, shipped};
pub use figures::{
    Average, Break, Day, DaySpan, Drift, Interruptions, Lunch, MinorNight, MinorRest, Night,
    NightWorker, NoticeDays, OnCall, OnCallNotice, PartTimeSequence, Sequence, Sunday, WeeklyRest,
};
pub use keys::Level;
pub use read::{Layer, Problem, Source};

use super::finding::{RuleId, Severity};

/// What a rule rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The rule.
    pub rule: RuleId,
    /// The article that findings name.
    pub article: Arc<str>,
    /// Whether a breach is refused.
    pub severity: Severity,
    /// Whether a planner may override it with a reason.
    pub may_override: bool,
}

/// A rule of a pack with its figures. Times are ms, times of day minutes from midnight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule<F> {
    /// What it rests on.
    pub basis: Basis,
    /// Its figures.
    pub figures: F,
}

/// A rule as a pack has it, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleLine {
    /// What it rests on.
    pub basis: Basis,
    /// Its keys with their figures in words.
    pub figures: Vec<(&'static str, String)>,
}

/// The rules in force for an agent: what a stack of layers comes to. A rule that no layer has is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pack {
    /// The name of the topmost layer.
    pub name: Arc<str>,
    /// The version of the topmost layer.
    pub version: u32,
    /// What it is, for people.
    pub title: Arc<str>,
    /// The names of all layers with their versions, the lowest first.
    pub layers: Vec<(Arc<str>, u32)>,
    /// The same rules for people, in a fixed order.
    pub lines: Vec<RuleLine>,
    /// The least rest between two working days.
    pub daily_rest: Option<Rule<i64>>,
    /// Rest in a week.
    pub weekly_rest: Option<Rule<WeeklyRest>>,
    /// The most days of work in a week.
    pub working_days: Option<Rule<i64>>,
    /// Sundays.
    pub sunday: Option<Rule<Sunday>>,
    /// Dates, month and day, that are compulsory off.
    pub compulsory_holiday: Option<Rule<Vec<(i8, i8)>>>,
    /// What work on other holidays costs more, in percent.
    pub holiday: Option<Rule<u32>>,
    /// A break before work gets long.
    pub break_: Option<Rule<Break>>,
    /// The most work in a day.
    pub day: Option<Rule<Day>>,
    /// The most work in a week.
    pub week: Option<Rule<i64>>,
    /// The most work in a week on average.
    pub average: Option<Rule<Average>>,
    /// The most from start to end of a day.
    pub day_span: Option<Rule<DaySpan>>,
    /// Lunch.
    pub lunch: Option<Rule<Lunch>>,
    /// Work in a row.
    pub sequence: Option<Rule<Sequence>>,
    /// The gap between two received calls: simple, complex.
    pub call_gap: Option<Rule<(i64, i64)>>,
    /// When it is night.
    pub night: Option<Rule<Night>>,
    /// Who is a night worker.
    pub night_worker: Option<Rule<NightWorker>>,
    /// A night worker's day.
    pub night_day: Option<Rule<i64>>,
    /// A night worker's week on average.
    pub night_average: Option<Rule<Average>>,
    /// Interruptions of a part-timer's day.
    pub part_time_interruptions: Option<Rule<Interruptions>>,
    /// A part-timer's hours above contract: at most the contract divided by this.
    pub part_time_extra: Option<Rule<i64>>,
    /// The week that a part-timer never reaches.
    pub part_time_full: Option<Rule<i64>>,
    /// A part-timer above contract for long.
    pub part_time_drift: Option<Rule<Drift>>,
    /// A part-timer's work in a row.
    pub part_time_sequence: Option<Rule<PartTimeSequence>>,
    /// A part-timer's day from start to end is at most the work in it so many times.
    pub part_time_span: Option<Rule<i64>>,
    /// Notice of an ordered change, in working days.
    pub part_time_notice: Option<Rule<NoticeDays>>,
    /// A minor's day.
    pub minor_day: Option<Rule<i64>>,
    /// A minor's week.
    pub minor_week: Option<Rule<i64>>,
    /// A minor's break.
    pub minor_break: Option<Rule<Break>>,
    /// A minor at night.
    pub minor_night: Option<Rule<MinorNight>>,
    /// A minor's rest.
    pub minor_rest: Option<Rule<MinorRest>>,
    /// On call.
    pub on_call: Option<Rule<OnCall>>,
    /// Notice of being on call.
    pub on_call_notice: Option<Rule<OnCallNotice>>,
    /// The most days of telework in a week.
    pub telework: Option<Rule<i64>>,
    /// Contact only within the hours of the agreement.
    pub contact_hours: Option<Rule<()>>,
    /// Proposals wait outside contact hours.
    pub disconnection: Option<Rule<()>>,
}

/// The packs that come with the program, by name: `eu`, `fr`, `fr-2148`, `fr-2098`.
pub fn embedded() -> &'static Shipped {
    static PACKS: LazyLock<Shipped> = LazyLock::new(shipped);
    &PACKS
}
