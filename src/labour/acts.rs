//! Acts towards an agent: contact within the agreed hours, proposals, notice of changes.

use serde::{Deserialize, Serialize};

use super::{
    days::{self, Days},
    finding::{Finding, Findings},
    pack::Pack,
    person::Person,
    span::Span,
};

/// Hours of a weekday, minutes from midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct AgreedHours {
    /// 0 is Monday.
    pub weekday: u8,
    /// From.
    pub from: u16,
    /// To; 1,440 is the end of the day.
    pub to: u16,
}

/// The days and hours in which the employer may contact an agent who works at home. Without any there is no agreement, and
/// nothing to keep to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agreement(pub Vec<AgreedHours>);

impl Agreement {
    /// Whether the employer may contact the agent.
    pub fn covers(&self, days: &Days, at_ms: i64) -> bool {
        self.0.is_empty() || self.open_until_ms(days, at_ms).is_some()
    }

    /// The end of the agreed hours around a moment; hours that touch are one.
    pub fn open_until_ms(&self, days: &Days, at_ms: i64) -> Option<i64> {
        let day = days.day(at_ms);
        let mut spans: Vec<Span> = (day - 1..=day + 8)
            .flat_map(|day| self.of_day(days, day))
            .collect();
        spans.sort_unstable();
        let mut until_ms = at_ms;
        for span in spans {
            if span.start_ms <= until_ms && span.end_ms > until_ms {
                until_ms = span.end_ms;
            }
        }
        (until_ms > at_ms).then_some(until_ms)
    }

    /// When the agreed hours next begin, after a moment outside of them.
    pub fn next_ms(&self, days: &Days, at_ms: i64) -> Option<i64> {
        let day = days.day(at_ms);
        let spans = (day..=day + 8).flat_map(|day| self.of_day(days, day));
        spans
            .map(|span| span.start_ms)
            .filter(|start_ms| *start_ms > at_ms)
            .min()
    }

    fn of_day<'a>(&'a self, days: &'a Days, day: i32) -> impl Iterator<Item = Span> + 'a {
        let weekday = day - days::monday(days::week(day));
        let of_day = self
            .0
            .iter()
            .filter(move |hours| i32::from(hours.weekday) == weekday);
        of_day.map(move |hours| {
            Span::new(days.clock_ms(day, hours.from), days.clock_ms(day, hours.to))
        })
    }
}

/// What the employer does towards an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contact {
    /// An offer of a call, or a notification.
    Reaches,
    /// A proposal of a shift, which can wait.
    Proposes,
    /// The agent asked for it.
    Pulled,
}

/// Whether the employer may do it now: within the hours of the agreement (L1222-9); a proposal waits outside of them, unless
/// the agent pulls it (L2242-17). What is measured is how long it has to wait.
pub fn contact(
    pack: &Pack,
    agreement: &Agreement,
    days: &Days,
    at_ms: i64,
    contact: Contact,
) -> Option<Finding> {
    if contact == Contact::Pulled || agreement.covers(days, at_ms) {
        return None;
    }
    let rule = match contact {
        Contact::Proposes => pack.disconnection.as_ref()?,
        Contact::Reaches | Contact::Pulled => pack.contact_hours.as_ref()?,
    };
    let next_ms = agreement.next_ms(days, at_ms).unwrap_or(at_ms);
    let mut out = Findings::default();
    out.time(&rule.basis, next_ms - at_ms, 0, Span::new(at_ms, next_ms));
    out.0.pop()
}

/// How a shift comes to an agent. Only an order needs notice: who accepts an offer decides freely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// The employer changes the hours.
    Ordered,
    /// The agent accepted.
    Accepted,
}

/// A change of an agent's hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// When it is told.
    pub told_ms: i64,
    /// The work that it is about.
    pub shift: Span,
    /// Whose decision it is.
    pub act: Act,
    /// Whether it is about waiting to be called.
    pub is_on_call: bool,
    /// Whether circumstances are exceptional.
    pub is_exceptional: bool,
}

/// Whether a change comes with the notice that it needs. Days are counted whole, between that of telling and that of the work;
/// working days are Monday to Friday but for holidays, which `is_holiday` knows by their day number.
pub fn notice(
    pack: &Pack,
    person: &Person,
    days: &Days,
    change: &Change,
    is_holiday: impl Fn(i32) -> bool,
) -> Option<Finding> {
    if change.act == Act::Accepted {
        return None;
    }
    let between = days.day(change.told_ms) + 1..days.day(change.shift.start_ms);
    let mut out = Findings::default();
    if change.is_on_call {
        let rule = pack.on_call_notice.as_ref()?;
        let least = if change.is_exceptional {
            rule.figures.exceptional_days
        } else {
            rule.figures.days
        };
        let given = i64::from((between.end - between.start).max(0));
        if given < least {
            out.count(&rule.basis, given, least, change.shift);
        }
        return out.0.pop();
    }
    let rule = pack
        .part_time_notice
        .as_ref()
        .filter(|_| person.is_part_time)?;
    let is_working_day = |day: &i32| {
        let weekday = day - days::monday(days::week(*day));
        weekday < 5 && !is_holiday(*day)
    };
    let least = rule.figures.working_days;
    let given = i64::try_from(between.filter(is_working_day).count()).unwrap_or(i64::MAX);
    if given < least {
        out.count(&rule.basis, given, least, change.shift);
    }
    out.0.pop()
}
