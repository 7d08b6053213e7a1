//! The keys that a pack may have, and what each is: the one table by which files are read and checked.

use std::{fmt, sync::Arc};

use crate::labour::{
    finding::{RuleId, Severity},
    span::{HOUR_MS, MINUTE_MS, SECOND_MS},
    words,
};

/// How near to the agent a layer is. A later layer is nearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The law of a country.
    Country,
    /// The agreement of a branch.
    Branch,
    /// The agreement of a company.
    Company,
}

impl Level {
    /// Every level with its word.
    pub const WORDS: [(Self, &'static str); 3] = [
        (Self::Country, "country"),
        (Self::Branch, "branch"),
        (Self::Company, "company"),
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::Branch => "branch",
            Self::Company => "company",
        }
    }
}

/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The article, a text.
    Article,
    /// `blocking` or `warning`.
    Severity,
    /// `true` or `false`.
    Flag,
    /// A duration of up to so many ms.
    Time(i64),
    /// A whole number in a range.
    Count(i64, i64),
    /// A time of day.
    Clock,
    /// `reached` or `passed`.
    Due,
    /// Days of the year such as `05-01`.
    Dates,
}

/// A value of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Text(Arc<str>),
    Severity(Severity),
    Flag(bool),
    Time(i64),
    Count(i64),
    Clock(u16),
    Dates(Vec<(i8, i8)>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Severity(severity) => f.write_str(severity.word()),
            Self::Flag(flag) => write!(f, "{flag}"),
            Self::Time(ms) => f.write_str(&words::time(*ms)),
            Self::Count(count) => write!(f, "{count}"),
            Self::Clock(minute) => write!(f, "{:02}:{:02}", minute / 60, minute % 60),
            Self::Dates(dates) => {
                let dates = dates
                    .iter()
                    .map(|(month, day)| format!("{month:02}-{day:02}"));
                f.write_str(&dates.collect::<Vec<_>>().join(" "))
            }
        }
    }
}

const DAY: i64 = 24 * HOUR_MS;
const WEEK: i64 = 7 * DAY;
const WEEKS: Kind = Kind::Count(1, 52);
const PERCENT: Kind = Kind::Count(0, 1_000);

/// What every rule may have.
pub(super) const COMMON: &[(&str, Kind)] = &[
    ("article", Kind::Article),
    ("enabled", Kind::Flag),
    ("may_override", Kind::Flag),
    ("severity", Kind::Severity),
];

/// What a rule has beside that.
pub(super) fn keys(rule: RuleId) -> &'static [(&'static str, Kind)] {
    use Kind::{Clock, Count, Dates, Due, Flag, Time};
    match rule {
        RuleId::DailyRest => &[("minimum", Time(DAY)), ("at_least", Time(DAY))],
        RuleId::WeeklyRest => &[("minimum", Time(WEEK)), ("day", Time(DAY))],
        RuleId::WorkingDays => &[("maximum", Count(1, 7))],
        RuleId::Sunday => &[("allowed", Flag), ("pay_percent", PERCENT)],
        RuleId::CompulsoryHoliday => &[("dates", Dates)],
        RuleId::Holiday => &[("pay_percent", PERCENT)],
        RuleId::Break => &[
            ("after", Time(DAY)),
            ("from", Due),
            ("minimum", Time(8 * HOUR_MS)),
        ],
        RuleId::Day => &[
            ("maximum", Time(DAY)),
            ("at_most", Time(DAY)),
            ("extended", Time(DAY)),
            ("extended_days_a_month", Count(0, 31)),
        ],
        RuleId::Week | RuleId::MinorWeek => &[("maximum", Time(WEEK))],
        RuleId::Average => &[
            ("maximum", Time(WEEK)),
            ("at_most", Time(WEEK)),
            ("weeks", WEEKS),
        ],
        RuleId::NightAverage => &[("maximum", Time(WEEK)), ("weeks", WEEKS)],
        RuleId::DaySpan | RuleId::NightDay | RuleId::MinorDay => &[("maximum", Time(DAY))],
        RuleId::Lunch => &[
            ("minimum", Time(8 * HOUR_MS)),
            ("from", Clock),
            ("to", Clock),
            ("after", Time(DAY)),
        ],
        RuleId::Sequence => &[
            ("maximum", Time(DAY)),
            ("short", Time(DAY)),
            ("short_break", Time(8 * HOUR_MS)),
            ("long_break", Time(8 * HOUR_MS)),
        ],
        RuleId::CallGap => &[
            ("simple", Time(10 * MINUTE_MS)),
            ("complex", Time(10 * MINUTE_MS)),
        ],
        RuleId::Night => &[("from", Clock), ("to", Clock)],
        RuleId::NightWorker => &[
            ("hours", Time(DAY)),
            ("times", Count(1, 7)),
            ("year", Time(52 * WEEK)),
        ],
        RuleId::PartTimeInterruptions => &[
            ("count", Count(0, 20)),
            ("maximum", Time(DAY)),
            ("break_from", Time(DAY)),
        ],
        RuleId::PartTimeExtra => &[
            ("divisor", Count(1, 1_000)),
            ("divisor_at_least", Count(1, 1_000)),
        ],
        RuleId::PartTimeFull => &[("week", Time(WEEK))],
        RuleId::PartTimeDrift => &[("above", Time(WEEK)), ("weeks", WEEKS)],
        RuleId::PartTimeSequence => &[("minimum", Time(DAY)), ("several", Time(DAY))],
        RuleId::PartTimeSpan => &[("times_work", Count(1, 24))],
        RuleId::PartTimeNotice => &[("working_days", Count(0, 60)), ("at_least", Count(0, 60))],
        RuleId::MinorBreak => &[("after", Time(DAY)), ("minimum", Time(8 * HOUR_MS))],
        RuleId::MinorNight => &[("from", Clock), ("from_under_16", Clock), ("to", Clock)],
        RuleId::MinorRest => &[("minimum", Time(DAY)), ("minimum_under_16", Time(DAY))],
        RuleId::OnCall => &[("weeks", WEEKS), ("days", Count(1, 366))],
        RuleId::OnCallNotice => &[("days", Count(0, 60)), ("exceptional_days", Count(0, 60))],
        RuleId::Telework => &[("maximum", Count(0, 7))],
        RuleId::ContactHours | RuleId::Disconnection => &[],
    }
}

/// Keys that say how far an agreement may go. Only the law of a country has them.
pub(super) const BOUNDS: &[&str] = &["at_least", "at_most", "divisor_at_least"];

const UNITS: [(&str, i64); 4] = [
    ("d", DAY),
    ("h", HOUR_MS),
    ("m", MINUTE_MS),
    ("s", SECOND_MS),
];

/// Reads `11h`, `4h30m`, `20m`, `4s`: whole numbers with units, the largest first.
pub(super) fn parse_time(text: &str) -> Option<i64> {
    let (mut rest, mut total, mut units) = (text, 0_i64, UNITS.iter());
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let (name, unit_ms) = units.find(|(name, _)| rest.starts_with(name))?;
        rest = &rest[name.len()..];
        total = total.checked_add(number.checked_mul(*unit_ms)?)?;
    }
    (!text.is_empty()).then_some(total)
}

/// Reads `06:00`, also `24:00`, as minutes from midnight.
pub(super) fn parse_clock(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let are_digits = |part: &str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
    if !are_digits(hour) || !are_digits(minute) {
        return None;
    }
    let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
    let at = hour * 60 + minute;
    (minute < 60 && at <= 24 * 60).then_some(at)
}

/// Reads `05-01`, the first of May. 29 February is a day.
pub(super) fn parse_date(text: &str) -> Option<(i8, i8)> {
    let (month, day) = text.split_once('-')?;
    if month.len() != 2 || day.len() != 2 {
        return None;
    }
    let (month, day) = (month.parse().ok()?, day.parse().ok()?);
    jiff::civil::Date::new(2024, month, day).ok()?;
    Some((month, day))
}
