//! Labour rules of a pool, and agents' terms, between wire and engine.

use std::sync::Arc;

use super::{Faults, duration, duration_ms};
use crate::{
    api::status::shown,
    engine::terms::{LabourSpec, Terms},
    labour::{AgreedHours, Complexity, days},
    proto::v1,
};

const HOURS_MAX: usize = 64;
const REASONS_MAX: usize = 1_000;

/// A pool's labour rules.
pub(super) fn labour(faults: &mut Faults, rules: &v1::LabourRules) -> LabourSpec {
    let reasons = &rules.break_reasons;
    faults.too_many(
        "pool.labour.break_reasons",
        reasons.len(),
        REASONS_MAX,
        "reasons",
    );
    let reasons = reasons.iter().take(REASONS_MAX);
    LabourSpec {
        pack: rules.pack.as_str().into(),
        zone: rules.zone.as_str().into(),
        break_reasons: reasons.map(|reason| reason.as_str().into()).collect(),
    }
}

/// The same for the wire.
pub(super) fn wire_labour(rules: &LabourSpec) -> v1::LabourRules {
    v1::LabourRules {
        pack: rules.pack.to_string(),
        zone: rules.zone.to_string(),
        break_reasons: rules
            .break_reasons
            .iter()
            .map(ToString::to_string)
            .collect(),
    }
}

/// What kind of calls a queue has.
pub(super) fn complexity(faults: &mut Faults, field: &str, given: i32) -> Complexity {
    match v1::Complexity::try_from(given) {
        Ok(v1::Complexity::Unspecified | v1::Complexity::Simple) => Complexity::Simple,
        Ok(v1::Complexity::Complex) => Complexity::Complex,
        Err(_) => {
            faults.add(field, format!("is {given}; give a value of `Complexity`"));
            Complexity::Simple
        }
    }
}

/// The same for the wire.
pub(super) fn wire_complexity(complexity: Complexity) -> v1::Complexity {
    match complexity {
        Complexity::Simple => v1::Complexity::Simple,
        Complexity::Complex => v1::Complexity::Complex,
    }
}

/// An agent's terms.
pub(super) fn terms(faults: &mut Faults, at: &str, terms: &v1::Terms) -> Arc<Terms> {
    let field = |name: &str| format!("{at}.{name}");
    let week = terms.contract_week;
    let week_ms = week.map(|_| duration_ms(faults, &field("contract_week"), week, 0));
    let hours = &terms.contact_hours;
    faults.too_many(&field("contact_hours"), hours.len(), HOURS_MAX, "hours");
    let hours = hours.iter().take(HOURS_MAX).enumerate();
    let hours = hours.filter_map(|(index, hours)| {
        let at = field(&format!("contact_hours[{index}]"));
        contact_hours(faults, &at, hours)
    });
    let hours = hours.collect();
    Arc::new(Terms {
        zone: terms.zone.as_str().into(),
        contract_week_ms: week_ms.map(|ms| i64::try_from(ms).unwrap_or(i64::MAX)),
        is_part_time: terms.is_part_time,
        is_night_worker: terms.is_night_worker,
        born: born(faults, &field("born_on"), &terms.born_on),
        hours,
    })
}

/// The same for the wire.
pub(super) fn wire_terms(terms: &Terms) -> v1::Terms {
    let week_ms = terms
        .contract_week_ms
        .map(|ms| u64::try_from(ms).unwrap_or(0));
    v1::Terms {
        zone: terms.zone.to_string(),
        contract_week: week_ms.map(duration),
        is_part_time: terms.is_part_time,
        is_night_worker: terms.is_night_worker,
        born_on: terms
            .born
            .map(|born| days::date(born).to_string())
            .unwrap_or_default(),
        contact_hours: terms.hours.iter().copied().map(wire_hours).collect(),
    }
}

fn born(faults: &mut Faults, field: &str, text: &str) -> Option<i32> {
    if text.is_empty() {
        return None;
    }
    let date = text.parse::<jiff::civil::Date>();
    if date.is_err() {
        let problem = format!("is `{}`; write it like `2009-04-30`", shown(text));
        faults.add(field, problem);
    }
    date.ok().map(days::number)
}

fn contact_hours(faults: &mut Faults, at: &str, hours: &v1::ContactHours) -> Option<AgreedHours> {
    let weekday = u8::try_from(hours.weekday)
        .ok()
        .filter(|day| (1..=7).contains(day));
    if weekday.is_none() {
        let problem = format!("is {}; give 1 for Monday to 7 for Sunday", hours.weekday);
        faults.add(format!("{at}.weekday"), problem);
    }
    let mut clock = |name: &str, text: &str| {
        let minute = minute(text);
        if minute.is_none() {
            let problem = format!("is `{}`; write it like `08:30`, up to `24:00`", shown(text));
            faults.add(format!("{at}.{name}"), problem);
        }
        minute
    };
    let (from, to) = (clock("start", &hours.start), clock("end", &hours.end));
    Some(AgreedHours {
        weekday: weekday? - 1,
        from: from?,
        to: to?,
    })
}

/// Minutes from midnight of a time of day.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two = |text: &str| {
        (text.len() == 2)
            .then(|| text.parse::<u16>().ok())
            .flatten()
    };
    let (hour, minute) = (two(hour)?, two(minute)?);
    let whole = hour * 60 + minute;
    (minute < 60 && whole <= 1_440).then_some(whole)
}

fn wire_hours(hours: AgreedHours) -> v1::ContactHours {
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    v1::ContactHours {
        weekday: i32::from(hours.weekday) + 1,
        start: clock(hours.from),
        end: clock(hours.to),
    }
}
