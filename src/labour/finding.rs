//! What the evaluator says: rule, article, measured figure, limit, and the span concerned.

use std::sync::Arc;

use super::{pack::Basis, span::Span};

/// Declares the rules with their names in packs and output.
macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident = $name:literal,)*) => {
        /// A rule of labour law or of an agreement.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum RuleId { $($(#[$doc])* $rule,)* }

        impl RuleId {
            /// Every rule.
            pub const ALL: &'static [Self] = &[$(Self::$rule),*];

            /// Its name in packs and output.
            pub fn name(self) -> &'static str {
                match self { $(Self::$rule => $name,)* }
            }
        }
    };
}

rules! {
    /// Rest between two working days.
    DailyRest = "daily_rest",
    /// Rest in a week.
    WeeklyRest = "weekly_rest",
    /// Days of work in a week.
    WorkingDays = "working_days",
    /// Work on a Sunday.
    Sunday = "sunday",
    /// Work on a holiday that is compulsory off.
    CompulsoryHoliday = "compulsory_holiday",
    /// A break before work gets long.
    Break = "break",
    /// Work in a day.
    Day = "day",
    /// Work in a week.
    Week = "week",
    /// Work in a week, on average.
    Average = "average",
    /// From its first work to its last, a day.
    DaySpan = "day_span",
    /// Lunch.
    Lunch = "lunch",
    /// Work in a row, and the break after it.
    Sequence = "sequence",
    /// From the end of wrap-up to the next received call.
    CallGap = "call_gap",
    /// Who works at night often.
    NightWorker = "night_worker",
    /// A night worker's day.
    NightDay = "night_day",
    /// A night worker's week, on average.
    NightAverage = "night_average",
    /// Interruptions of a part-timer's day.
    PartTimeInterruptions = "part_time_interruptions",
    /// A part-timer's hours above contract.
    PartTimeExtra = "part_time_extra",
    /// A part-timer at full time.
    PartTimeFull = "part_time_full",
    /// A part-timer above contract for long.
    PartTimeDrift = "part_time_drift",
    /// A part-timer's work in a row.
    PartTimeSequence = "part_time_sequence",
    /// A part-timer's day from start to end, beside the work in it.
    PartTimeSpan = "part_time_span",
    /// Notice of a change that the employer orders.
    PartTimeNotice = "part_time_notice",
    /// A minor's day.
    MinorDay = "minor_day",
    /// A minor's week.
    MinorWeek = "minor_week",
    /// A minor's break.
    MinorBreak = "minor_break",
    /// A minor at night.
    MinorNight = "minor_night",
    /// A minor's rest between two days.
    MinorRest = "minor_rest",
    /// Weeks and days on call.
    OnCall = "on_call",
    /// Notice of being on call.
    OnCallNotice = "on_call_notice",
    /// Days of telework in a week.
    Telework = "telework",
    /// The hours in which the employer may contact who works at home.
    ContactHours = "contact_hours",
    /// The right to be out of reach.
    Disconnection = "disconnection",
    /// Night hours: counted and shown.
    Night = "night",
    /// Hours on holidays: counted and shown.
    Holiday = "holiday",
}

/// A measured figure or its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// Elapsed time, ms.
    Time(i64),
    /// A number of days, weeks or times.
    Count(i64),
}

/// Whether a breach is refused or only told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It is told.
    Warning,
    /// It is refused, unless a planner overrides it with a reason where the pack allows that.
    Blocking,
}

impl Severity {
    /// The word in packs and output.
    pub fn word(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Blocking => "blocking",
        }
    }
}

/// A rule that is not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: RuleId,
    /// Its article.
    pub article: Arc<str>,
    /// What was measured.
    pub measured: Figure,
    /// What the rule allows.
    pub limit: Figure,
    /// Refused or told.
    pub severity: Severity,
    /// Whether a planner may override it with a reason.
    pub may_override: bool,
    /// What it is about: the day, the rest, the sequence, the week.
    pub span: Span,
}

impl Finding {
    /// Whether another finding is this same breach, gone no further.
    pub fn is_same(&self, other: &Self) -> bool {
        (self.rule, self.measured, self.limit) == (other.rule, other.measured, other.limit)
            && self.span.start_ms == other.span.start_ms
    }
}

/// Gathers findings.
#[derive(Debug, Default)]
pub(super) struct Findings(pub(super) Vec<Finding>);

impl Findings {
    /// Notes a breach of a rule in elapsed time.
    pub(super) fn time(&mut self, basis: &Basis, measured_ms: i64, limit_ms: i64, span: Span) {
        let (measured, limit) = (Figure::Time(measured_ms), Figure::Time(limit_ms));
        self.add(basis, measured, limit, span);
    }

    /// Notes a breach of a rule that counts.
    pub(super) fn count(&mut self, basis: &Basis, measured: i64, limit: i64, span: Span) {
        self.add(basis, Figure::Count(measured), Figure::Count(limit), span);
    }

    fn add(&mut self, basis: &Basis, measured: Figure, limit: Figure, span: Span) {
        self.0.push(Finding {
            rule: basis.rule,
            article: Arc::clone(&basis.article),
            measured,
            limit,
            severity: basis.severity,
            may_override: basis.may_override,
            span,
        });
    }
}
