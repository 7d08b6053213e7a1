//! What labour rules need to know: which pack a pool is held to, and what an agent's contract and agreement say.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{absent::is_default, rejection::Violation, spec::PoolSpec};
use crate::{
    calendar::zone::Zone,
    labour::{AgreedHours, days, pack},
};

/// More hours of contact than these are no agreement.
const HOURS_MAX: usize = 64;
/// The longest week of a contract, ms.
const WEEK_MS_MAX: i64 = 7 * 24 * 3_600_000;

/// The labour rules that a pool's agents are held to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabourSpec {
    /// The rule pack: `eu`, `fr`, `fr-2148` or `fr-2098`.
    pub pack: Arc<str>,
    /// The zone of agents whose record names none.
    pub zone: Arc<str>,
    /// The reasons for not being ready that are breaks; all others are work.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub break_reasons: Vec<Arc<str>>,
}

/// What an agent's contract and telework agreement say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The zone of the agent's days; empty is the pool's.
    #[serde(default, skip_serializing_if = "str::is_empty")]
    pub zone: Arc<str>,
    /// Work in a week by contract, ms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract_week_ms: Option<i64>,
    /// Whether that is less than full time.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_part_time: bool,
    /// Whether the contract makes the agent a night worker.
    #[serde(default, skip_serializing_if = "is_default")]
    pub is_night_worker: bool,
    /// The day of birth, counted from 1970-01-01; none is an adult.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<i32>,
    /// The days and hours in which the employer may contact the agent; none is no agreement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hours: Vec<AgreedHours>,
}

impl Terms {
    /// What is wrong with them, by field.
    pub(super) fn problems(&self) -> Vec<(&'static str, String)> {
        let mut wrong = Vec::new();
        if !self.zone.is_empty() {
            let unknown = zone_problem(&self.zone);
            wrong.extend(unknown.map(|problem| ("zone", problem)));
        }
        if let Some(week_ms) = self.contract_week_ms
            && !(1..=WEEK_MS_MAX).contains(&week_ms)
        {
            let problem = format!("is {week_ms} ms; give more than none, up to 168 h");
            wrong.push(("contract_week", problem));
        }
        if self.is_part_time && self.contract_week_ms.is_none() {
            let problem = "is missing; a part-timer's contract names the hours of a week";
            wrong.push(("contract_week", problem.to_owned()));
        }
        if self.hours.len() > HOURS_MAX {
            let problem = format!("are {}; give at most {HOURS_MAX}", self.hours.len());
            wrong.push(("contact_hours", problem));
        }
        let bad =
            |hours: &&AgreedHours| hours.weekday > 6 || hours.to > 1_440 || hours.from >= hours.to;
        if let Some(hours) = self.hours.iter().find(bad) {
            let problem = format!(
                "have day {} from minute {} to {}; give a day from Monday to Sunday, and an end after the start up to 24:00",
                hours.weekday, hours.from, hours.to
            );
            wrong.push(("contact_hours", problem));
        }
        let years = |born: i32| days::date(born).year();
        if let Some(born) = self
            .born
            .filter(|born| !(1900..=2100).contains(&years(*born)))
        {
            let problem = format!("is in {}; give a year from 1900 to 2100", years(born));
            wrong.push(("born_on", problem));
        }
        wrong
    }
}

/// What is wrong with a pool's labour rules.
pub(super) fn check_labour(wrong: &mut Vec<Violation>, spec: &PoolSpec) {
    let Some(labour) = &spec.labour else {
        return;
    };
    if pack::embedded().get(&labour.pack).is_none() {
        let known = pack::embedded().names().join(", ");
        let problem = format!("`{}` is no rule pack; use one of {known}", labour.pack);
        wrong.push(Violation::new("labour.pack", problem));
    }
    let unknown = zone_problem(&labour.zone);
    wrong.extend(unknown.map(|problem| Violation::new("labour.zone", problem)));
    for (place, reason) in labour.break_reasons.iter().enumerate() {
        let known = &spec.not_ready_reasons;
        if !known.is_empty() && !known.contains(reason) {
            let field = format!("labour.break_reasons[{place}]");
            let problem = format!("`{reason}` is none of `not_ready_reasons`; add it there");
            wrong.push(Violation::new(field, problem));
        }
    }
}

fn zone_problem(name: &str) -> Option<String> {
    Zone::named(name).err().map(|unknown| unknown.to_string())
}
