//! Looking ahead from what was worked so far: how long a call that begins now may last, and what keeps an agent from work
//! until when. The evaluator itself is asked, about the work as it would be.

use std::sync::Arc;

use super::{
    days::{self, Days},
    evaluate::{Case, evaluate},
    finding::{Figure, Finding, RuleId, Severity},
    pack::Pack,
    person::{Past, Person},
    span::{HOUR_MS, MINUTE_MS, Part, PartKind, Shift, Span},
};

/// Who comes back to work within this, also after midnight, goes on with the same shift.
const SAME_SHIFT_MS: i64 = 2 * HOUR_MS;

/// What was worked up to now, as the records say.
#[derive(Clone, Copy, Debug)]
pub struct Worked<'a> {
    /// The rules.
    pub pack: &'a Pack,
    /// Whose.
    pub person: &'a Person,
    /// The days of the agent's zone, around now.
    pub days: &'a Days,
    /// The shifts worked in the last fortnight, in order. The last ends where work last was, which is now while at work.
    pub shifts: &'a [Shift],
    /// What was worked before these shifts.
    pub past: &'a Past,
}

/// A rule that work would break, and the last moment up to which it does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The rule.
    pub rule: RuleId,
    /// Its article.
    pub article: Arc<str>,
    /// The figure of the rule.
    pub limit: Figure,
    /// What is measured right after `until_ms`.
    pub measured: Figure,
    /// Work that begins now may last up to here; now, or before, if it may not begin.
    pub until_ms: i64,
}

/// What lies ahead of an agent at work: it holds from one change of work to the next, whatever is offered in between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outlook(pub Vec<Limit>);

impl Outlook {
    /// Up to when work may last that begins now; `None` if no limit is near.
    pub fn free_until_ms(&self) -> Option<i64> {
        self.0.first().map(|limit| limit.until_ms)
    }

    /// The limits that a call would pass which begins now and is expected to last so long.
    pub fn passed(&self, now_ms: i64, expected_ms: i64) -> impl Iterator<Item = &Limit> {
        let end_ms = now_ms + expected_ms.max(1);
        self.0.iter().filter(move |limit| limit.until_ms < end_ms)
    }

    /// When calls of that length will pass one limit more, while work goes on.
    pub fn next_change_ms(&self, now_ms: i64, expected_ms: i64) -> Option<i64> {
        let changes = self
            .0
            .iter()
            .map(|limit| limit.until_ms - expected_ms.max(1) + 1);
        changes.filter(|at_ms| *at_ms > now_ms).min()
    }
}

impl Worked<'_> {
    /// What lies ahead within `horizon_ms`, for calls of any length up to that.
    pub fn outlook(&self, now_ms: i64, horizon_ms: i64) -> Outlook {
        Outlook(self.limits(now_ms, horizon_ms))
    }

    /// The blocking rules that work from `now_ms` on without a break would break within `horizon_ms`, the nearest first.
    pub fn limits(&self, now_ms: i64, horizon_ms: i64) -> Vec<Limit> {
        let before = self.findings(self.shifts);
        let broken = |end_ms: i64| self.broken(&before, now_ms, end_ms);
        let mut limits = Vec::new();
        for found in broken(now_ms + horizon_ms) {
            if limits.iter().any(|limit: &Limit| limit.rule == found.rule) {
                continue;
            }
            let breaks_at = |end_ms| broken(end_ms).iter().any(|other| other.rule == found.rule);
            let end_ms = now_ms + horizon_ms;
            let likely_ms = [end_ms - beyond_ms(&found), now_ms];
            let until_ms = last_without(now_ms, end_ms, &likely_ms, breaks_at);
            let first = broken(until_ms + 1);
            let first = first.into_iter().find(|other| other.rule == found.rule);
            let first = first.unwrap_or(found);
            limits.push(Limit {
                rule: first.rule,
                article: first.article,
                limit: first.limit,
                measured: first.measured,
                until_ms,
            });
        }
        limits.sort_by_key(|limit| (limit.until_ms, limit.rule));
        limits
    }

    /// When work of `expected_ms` breaks nothing any more, if the agent rests from now on: now if it breaks nothing. `None` if
    /// that is beyond ten days.
    pub fn free_from_ms(&self, now_ms: i64, expected_ms: i64) -> Option<i64> {
        let before = self.findings(self.shifts);
        let mut moments = self.moments(now_ms);
        moments.retain(|at_ms| *at_ms >= now_ms);
        moments.sort_unstable();
        moments.dedup();
        let is_free = |at_ms: i64| {
            self.broken(&before, at_ms, at_ms + expected_ms.max(1))
                .is_empty()
        };
        let place = moments.iter().position(|at_ms| is_free(*at_ms))?;
        let Some(before_ms) = place.checked_sub(1).map(|before| moments[before]) else {
            return Some(moments[place]);
        };
        // A call may begin before the moment at which more is allowed, if it lasts beyond it.
        let earliest_ms = before_ms.max(moments[place] - expected_ms);
        let likely_ms = [moments[place] - 1];
        let last_ms = last_without(earliest_ms, moments[place], &likely_ms, is_free);
        Some(last_ms + 1)
    }

    /// When rest that goes on may next allow more or less than now.
    pub fn next_moment_ms(&self, now_ms: i64) -> Option<i64> {
        let moments = self.moments(now_ms).into_iter();
        moments.filter(|at_ms| *at_ms > now_ms).min()
    }

    /// The moments at which rest may have become long enough, or another day, week or time of day begins.
    fn moments(&self, now_ms: i64) -> Vec<i64> {
        let pack = self.pack;
        let mut moments = vec![now_ms];
        if let Some(last) = self.shifts.last() {
            let minutes = [
                pack.break_.as_ref().map(|rule| rule.figures.minimum_ms),
                pack.minor_break
                    .as_ref()
                    .map(|rule| rule.figures.minimum_ms),
                pack.sequence
                    .as_ref()
                    .map(|rule| rule.figures.short_break_ms),
                pack.sequence
                    .as_ref()
                    .map(|rule| rule.figures.long_break_ms),
                pack.lunch.as_ref().map(|rule| rule.figures.minimum_ms),
                pack.daily_rest.as_ref().map(|rule| rule.figures),
                pack.minor_rest.as_ref().map(|rule| rule.figures.minimum_ms),
                pack.minor_rest
                    .as_ref()
                    .map(|rule| rule.figures.minimum_under_16_ms),
                pack.weekly_rest
                    .as_ref()
                    .map(|rule| rule.figures.minimum_ms),
                Some(SAME_SHIFT_MS),
            ];
            let rests = minutes.into_iter().flatten();
            moments.extend(rests.map(|rest_ms| last.span.end_ms + rest_ms));
        }
        let today = self.days.day(now_ms);
        let clocks = [
            pack.minor_night.as_ref().map(|rule| rule.figures.to),
            pack.lunch.as_ref().map(|rule| rule.figures.to),
            pack.lunch
                .as_ref()
                .map(|rule| rule.figures.from + minutes(rule.figures.minimum_ms)),
        ];
        for day in today..=today + 10 {
            moments.push(self.days.start_ms(day));
            let clocks = clocks.into_iter().flatten();
            moments.extend(clocks.map(|clock| self.days.clock_ms(day, clock)));
        }
        if let Some(rule) = &pack.weekly_rest {
            let monday = self.days.start_ms(days::monday(days::week(today)));
            moments.push(monday + rule.figures.day_ms);
        }
        moments
    }

    /// The blocking rules that work from `from_ms` to `end_ms` breaks, or breaks further.
    fn broken(&self, before: &[Finding], from_ms: i64, end_ms: i64) -> Vec<Finding> {
        let shifts = self.with_work(Span::new(from_ms, end_ms));
        let mut found = self.findings(&shifts);
        found.retain(|finding| {
            let is_known = before.iter().any(|known| known.is_same(finding));
            finding.severity == Severity::Blocking && holds_at_offers(finding) && !is_known
        });
        found
    }

    fn findings(&self, shifts: &[Shift]) -> Vec<Finding> {
        evaluate(&Case {
            pack: self.pack,
            person: self.person,
            days: self.days,
            shifts,
            past: self.past,
        })
    }

    /// The shifts with more work: in the last one if it goes on, else in a new one.
    fn with_work(&self, work: Span) -> Vec<Shift> {
        let mut shifts = self.shifts.to_vec();
        match shifts.last_mut() {
            Some(last) if work.start_ms - last.span.end_ms < SAME_SHIFT_MS => {
                resume(last, work);
            }
            _ => shifts.push(Shift::work(work)),
        }
        shifts
    }
}

/// Goes on with a shift: what lies between is a break.
fn resume(shift: &mut Shift, work: Span) {
    let pause = Span::new(shift.span.end_ms, work.start_ms);
    if pause.length_ms() > 0 {
        let kind = PartKind::Break;
        shift.parts.push(Part { span: pause, kind });
    }
    shift.span.end_ms = work.end_ms;
}

/// Adds work to records: to the last shift if it goes on, else as a new shift.
pub fn record(shifts: &mut Vec<Shift>, work: Span) {
    match shifts.last_mut() {
        Some(last) if work.start_ms - last.span.end_ms < SAME_SHIFT_MS => resume(last, work),
        _ => shifts.push(Shift::work(work)),
    }
}

fn minutes(ms: i64) -> u16 {
    u16::try_from(ms / MINUTE_MS).unwrap_or(0)
}

/// Rules about how a day is planned say nothing about the next call: more work even mends them. And work that reaches the
/// figure of a break may be followed by the break.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "nearly all rules hold at offers"
)]
fn holds_at_offers(finding: &Finding) -> bool {
    match finding.rule {
        RuleId::PartTimeSequence | RuleId::PartTimeSpan => false,
        RuleId::Break => finding.measured > finding.limit,
        _ => true,
    }
}

/// How far a figure is beyond its limit: with work that goes on, the limit was reached so long ago.
fn beyond_ms(finding: &Finding) -> i64 {
    match (finding.measured, finding.limit) {
        (Figure::Time(measured), Figure::Time(limit)) => measured - limit,
        (Figure::Time(_) | Figure::Count(_), _) => 0,
    }
}

/// The last moment from `from_ms` up to which nothing is broken: a likely one, else by halving; what is broken stays so.
/// `from_ms` if the first ms is too much.
fn last_without(
    from_ms: i64,
    end_ms: i64,
    likely_ms: &[i64],
    breaks_at: impl Fn(i64) -> bool,
) -> i64 {
    let is_last = |at_ms: i64| {
        let is_inside = (from_ms..end_ms).contains(&at_ms);
        is_inside && breaks_at(at_ms + 1) && (at_ms == from_ms || !breaks_at(at_ms))
    };
    if let Some(at_ms) = likely_ms.iter().find(|at_ms| is_last(**at_ms)) {
        return *at_ms;
    }
    let (mut good_ms, mut bad_ms) = (from_ms, end_ms);
    while bad_ms - good_ms > 1 {
        let middle_ms = good_ms + (bad_ms - good_ms) / 2;
        if breaks_at(middle_ms) {
            bad_ms = middle_ms;
        } else {
            good_ms = middle_ms;
        }
    }
    good_ms
}
