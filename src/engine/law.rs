//! Labour law as the engine keeps it: what an agent worked, and what lies ahead.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{eligibility::BlockedReason, ids::WallTime, spec::PoolSpec, terms::Terms};
use crate::{
    calendar::zone::Zone,
    labour::{
        self, Age, Agreement, Complexity, Limit, Past, Person, RuleId, Shift, Span,
        days::{self, Days},
        pack::{self, Pack},
        words,
    },
};

const HOUR_MS: i64 = 3_600_000;
/// Shifts are kept so long one by one; before that their days are.
const SHIFTS_KEPT_MS: i64 = 15 * 24 * HOUR_MS;
/// Totals of days are kept for 53 weeks.
const DAYS_KEPT: i32 = 53 * 7;
/// Work that goes on is looked at so far ahead: no agent is at work for longer.
pub(super) const HORIZON_MS: i64 = 20 * HOUR_MS;

/// A rule that work would break, and up to when it does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LawLimit {
    /// What it keeps from the agent.
    pub reason: BlockedReason,
    /// The rule's name.
    pub rule: Arc<str>,
    /// Its article.
    pub article: Arc<str>,
    /// Work may last up to here.
    pub until: WallTime,
}

/// The same with its figures, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What it keeps from the agent.
    pub reason: BlockedReason,
    /// The rule's name.
    pub rule: &'static str,
    /// Its article.
    pub article: Arc<str>,
    /// What is measured once it is broken, such as `6 h 1 min`.
    pub measured: String,
    /// The figure of the rule.
    pub limit: String,
    /// Work may last up to here.
    pub until: WallTime,
}

/// What an agent worked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worked {
    /// The shifts of the last fortnight, in order.
    pub shifts: Vec<Shift>,
    /// What was worked before, by day.
    pub past: Past,
    /// Since when the agent is at work; none is at rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<WallTime>,
    /// What lies ahead, the nearest first, while at work.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<LawLimit>,
}

/// The labour rules of a pool.
#[derive(Debug)]
pub(super) struct Rulebook {
    pub(super) pack: Arc<Pack>,
    zone: Zone,
    break_reasons: Vec<Arc<str>>,
}

impl Rulebook {
    /// The rules that a configuration names; none if it names none.
    pub(super) fn of(spec: &PoolSpec) -> Option<Self> {
        let labour = spec.labour.as_ref()?;
        Some(Self {
            pack: Arc::clone(pack::embedded().get(&labour.pack)?),
            zone: Zone::named(&labour.zone).ok()?,
            break_reasons: labour.break_reasons.clone(),
        })
    }

    /// Whether being not ready for this reason is a break.
    pub(super) fn is_break(&self, reason: &str) -> bool {
        self.break_reasons.iter().any(|known| **known == *reason)
    }

    /// The least time between two received calls, ms.
    pub(super) fn gap_ms(&self, complexity: Complexity) -> u64 {
        u64::try_from(labour::gap_ms(&self.pack, complexity)).unwrap_or(0)
    }

    /// What the rules ask about an agent with these terms, at a moment.
    pub(super) fn case(&self, terms: Option<&Terms>, at: WallTime) -> LawCase<'_> {
        let own = terms.filter(|terms| !terms.zone.is_empty());
        let zone = own.and_then(|terms| Zone::named(&terms.zone).ok());
        let zone = zone.unwrap_or_else(|| self.zone.clone());
        LawCase {
            pack: &self.pack,
            person: terms.map_or_else(Person::default, person),
            days: Days::around(&zone, Span::new(at.0 - SHIFTS_KEPT_MS, at.0)),
        }
    }
}

fn person(terms: &Terms) -> Person {
    Person {
        age: terms
            .born
            .map_or(Age::Adult, |born| Age::Born(days::date(born))),
        is_part_time: terms.is_part_time,
        is_night_worker: terms.is_night_worker,
        contract_week_ms: terms.contract_week_ms,
    }
}

/// An agent and the rules.
pub(super) struct LawCase<'a> {
    pack: &'a Pack,
    person: Person,
    days: Days,
}

impl LawCase<'_> {
    fn worked<'a>(&'a self, worked: &'a Worked) -> labour::Worked<'a> {
        labour::Worked {
            pack: self.pack,
            person: &self.person,
            days: &self.days,
            shifts: &worked.shifts,
            past: &worked.past,
        }
    }

    /// What work from now on would break within `horizon_ms`.
    pub(super) fn limits(&self, worked: &Worked, now: WallTime, horizon_ms: i64) -> Vec<LawLimit> {
        let limits = self.worked(worked).limits(now.0, horizon_ms);
        limits.iter().filter_map(law_limit).collect()
    }

    /// The same for people.
    pub(super) fn verdicts(&self, worked: &Worked, at: WallTime, ahead_ms: i64) -> Vec<Verdict> {
        let limits = self.worked(worked).limits(at.0, ahead_ms);
        let verdict = |limit: &Limit| {
            Some(Verdict {
                reason: reason(limit.rule)?,
                rule: limit.rule.name(),
                article: Arc::clone(&limit.article),
                measured: words::figure(limit.measured),
                limit: words::figure(limit.limit),
                until: WallTime(limit.until_ms),
            })
        };
        limits.iter().filter_map(verdict).collect()
    }

    /// What was worked on the day and in the week of a moment, ms.
    pub(super) fn totals(&self, worked: &Worked, at: WallTime) -> (i64, i64) {
        let today = self.days.day(at.0);
        let week = days::week(today);
        let totals = labour::day_totals(&worked.shifts, &self.days, self.pack);
        let sum = |counts: &dyn Fn(i32) -> bool| {
            let counted = totals.iter().filter(|total| counts(total.day));
            counted.map(|total| total.work_ms).sum()
        };
        (
            sum(&|day| day == today),
            sum(&|day| days::week(day) == week),
        )
    }

    /// The zone of the agent's days.
    pub(super) fn zone(&self) -> &str {
        self.days.zone().name()
    }

    /// When work of that length breaks nothing any more, if the agent rests from now on.
    pub(super) fn free_from(&self, worked: &Worked, now: WallTime, ms: i64) -> Option<WallTime> {
        self.worked(worked).free_from_ms(now.0, ms).map(WallTime)
    }

    /// When rest that goes on may next allow more or less: after 10 minutes the break counts, and may be too short.
    pub(super) fn next_look(&self, worked: &Worked, now: WallTime) -> Option<WallTime> {
        self.worked(worked).next_moment_ms(now.0).map(WallTime)
    }

    /// The record once work up to now is over: days that are long over are summed up.
    pub(super) fn recorded(&self, before: &Worked, from: WallTime, to: WallTime) -> Worked {
        let mut worked = Worked {
            since: None,
            limits: Vec::new(),
            ..before.clone()
        };
        if from < to {
            labour::record(&mut worked.shifts, Span::new(from.0, to.0));
        }
        let old = |shift: &Shift| shift.span.end_ms < to.0 - SHIFTS_KEPT_MS;
        let kept = worked.shifts.iter().position(|shift| !old(shift));
        let kept = kept.unwrap_or(worked.shifts.len());
        let gone: Vec<Shift> = worked.shifts.drain(..kept).collect();
        for day in labour::day_totals(&gone, &self.days, self.pack) {
            worked.past.add(day);
        }
        worked.past.forget_before(self.days.day(to.0) - DAYS_KEPT);
        worked
    }

    /// Whether the employer may contact the agent, and when that changes.
    pub(super) fn contact(&self, terms: &Terms, now: WallTime) -> (bool, Option<WallTime>) {
        let agreement = Agreement(terms.hours.clone());
        if self.pack.contact_hours.is_none() || agreement.0.is_empty() {
            return (true, None);
        }
        let until = agreement.open_until_ms(&self.days, now.0);
        let change = until.or_else(|| agreement.next_ms(&self.days, now.0));
        (until.is_some(), change.map(WallTime))
    }
}

fn law_limit(limit: &Limit) -> Option<LawLimit> {
    Some(LawLimit {
        reason: reason(limit.rule)?,
        rule: limit.rule.name().into(),
        article: Arc::clone(&limit.article),
        until: WallTime(limit.until_ms),
    })
}

/// What a rule keeps from an agent; none of those that say nothing about the next call.
fn reason(rule: RuleId) -> Option<BlockedReason> {
    Some(match rule {
        RuleId::Break | RuleId::MinorBreak | RuleId::Sequence | RuleId::Lunch => {
            BlockedReason::BreakDue
        }
        RuleId::Day
        | RuleId::DaySpan
        | RuleId::NightDay
        | RuleId::MinorDay
        | RuleId::PartTimeInterruptions => BlockedReason::DailyLimit,
        RuleId::Week
        | RuleId::Average
        | RuleId::NightAverage
        | RuleId::MinorWeek
        | RuleId::PartTimeExtra
        | RuleId::PartTimeFull
        | RuleId::PartTimeDrift => BlockedReason::WeeklyLimit,
        RuleId::DailyRest | RuleId::MinorRest | RuleId::MinorNight => BlockedReason::DailyRest,
        RuleId::WeeklyRest | RuleId::WorkingDays => BlockedReason::WeeklyRest,
        RuleId::Sunday | RuleId::CompulsoryHoliday => BlockedReason::RestDay,
        RuleId::CallGap
        | RuleId::NightWorker
        | RuleId::PartTimeSequence
        | RuleId::PartTimeSpan
        | RuleId::PartTimeNotice
        | RuleId::OnCall
        | RuleId::OnCallNotice
        | RuleId::Telework
        | RuleId::ContactHours
        | RuleId::Disconnection
        | RuleId::Night
        | RuleId::Holiday => return None,
    })
}
