//! What the law asks about a person, and what they worked before.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::days::date;

/// How old somebody is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Age {
    /// 18 or more.
    #[default]
    Adult,
    /// So many years, all the time that is looked at.
    Years(u8),
    /// Born on a date: the age is that of the day looked at.
    Born(Date),
}

/// The ages that rules tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AgeBand {
    /// Under 16.
    Under16,
    /// 16 or 17.
    Under18,
    /// 18 or more.
    Adult,
}

impl Age {
    /// The band on a day.
    pub fn band(self, day: i32) -> AgeBand {
        let years = match self {
            Self::Adult => return AgeBand::Adult,
            Self::Years(years) => i16::from(years),
            Self::Born(born) => years_between(born, date(day)),
        };
        match years {
            ..16 => AgeBand::Under16,
            16..18 => AgeBand::Under18,
            18.. => AgeBand::Adult,
        }
    }
}

/// Who is born on 29 February is a year older on 1 March.
fn years_between(born: Date, on: Date) -> i16 {
    let had_birthday = (on.month(), on.day()) >= (born.month(), born.day());
    on.year() - born.year() - i16::from(!had_birthday)
}

/// What the rules ask about a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// How old.
    pub age: Age,
    /// Whether the contract is for less than full time.
    pub is_part_time: bool,
    /// Whether the contract makes the person a night worker; else who works at night often is one.
    pub is_night_worker: bool,
    /// The hours of the contract in a week, ms; rules that need it rest without.
    pub contract_week_ms: Option<i64>,
}

/// What was worked on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayWork {
    /// The day, counted from 1970-01-01.
    pub day: i32,
    /// Work, ms of elapsed time.
    pub work_ms: i64,
    /// What of it was night, ms.
    pub night_ms: i64,
}

/// Work totals by day, in order: what was worked before the shifts that are looked at. Days without work need no entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Past(Vec<DayWork>);

impl Past {
    /// Totals, in any order; several of a day are added up.
    pub fn new(days: impl IntoIterator<Item = DayWork>) -> Self {
        let mut past = Self::default();
        for day in days {
            past.add(day);
        }
        past
    }

    /// Adds work to a day.
    pub fn add(&mut self, more: DayWork) {
        match self.0.binary_search_by_key(&more.day, |day| day.day) {
            Ok(place) => {
                self.0[place].work_ms += more.work_ms;
                self.0[place].night_ms += more.night_ms;
            }
            Err(place) => self.0.insert(place, more),
        }
    }

    /// The totals from a day up to, but without, another.
    pub fn between(&self, from: i32, to: i32) -> &[DayWork] {
        let place = |day: i32| self.0.partition_point(|entry| entry.day < day);
        &self.0[place(from)..place(to.max(from))]
    }

    /// Every day.
    pub fn days(&self) -> &[DayWork] {
        &self.0
    }

    /// Forgets what is before a day.
    pub fn forget_before(&mut self, day: i32) {
        let place = self.0.partition_point(|entry| entry.day < day);
        self.0.drain(..place);
    }
}
