//! Public holidays: what a region has of them, by rules that files hold.
//!
//! Files of several countries come with the program (`data/`); an operator's own files have the same format
//! ([`parse`](Holidays::parse)), and iCalendar files give dated days. Feasts that are fixed by sighting the moon are in
//! no rule: they are imported when they are announced.

mod day;
mod file;
mod ical;
mod rule;
mod shipped;
mod yearly;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{self, Write as _},
    sync::Arc,
};

use jiff::civil::Date;
use thiserror::Error;

pub use self::shipped::{Region, UnknownRegion, regions};
use self::{
    day::{Day, Years},
    rule::Rule,
};

/// Stands between the names of holidays that fall on one day.
const BETWEEN_NAMES: &str = "; ";

/// One thing that is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Error)]
#[error("{line}: {text}")]
pub struct Problem {
    /// From 1.
    pub line: usize,
    pub text: String,
}

/// A day that is a public holiday.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holiday {
    pub date: Date,
    /// In the region's own language; several names of one day in alphabetical order, with `; ` between them.
    pub name: String,
}

/// The public holidays of a region. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Holidays(Arc<Calendar>);

/// A region as a file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Calendar {
    /// Where its code stands in the file.
    line: usize,
    code: String,
    name: String,
    aliases: Vec<String>,
    codes: Vec<String>,
    known: Years,
    substitute_name: Option<String>,
    days: Vec<Day>,
    /// The days of the country around it.
    inherited: Vec<Day>,
}

impl Holidays {
    /// Those of a region that comes with the program, by its code, name or an alias in any case of letters:
    /// `FR-ALSACE-MOSELLE`, `fr-974`, `Guadeloupe`.
    ///
    /// # Errors
    /// If there is no such region; with the nearest codes.
    pub fn for_region(region: &str) -> Result<Self, UnknownRegion> {
        shipped::find(region)
    }

    /// Reads a file of holidays: the calendar of the file, then those of its regions.
    ///
    /// # Errors
    /// All that is wrong with it, by line.
    pub fn parse(source: &str) -> Result<Vec<Self>, Vec<Problem>> {
        let calendars = file::read(source)?;
        Ok(calendars
            .into_iter()
            .map(|calendar| Self(Arc::new(calendar)))
            .collect())
    }

    /// The all-day events of an iCalendar file (RFC 5545), also those that repeat each year.
    ///
    /// # Errors
    /// All that is wrong with it, by the lines of the events.
    pub fn of_icalendar(code: &str, name: &str, source: &str) -> Result<Self, Vec<Problem>> {
        Ok(Self::of_days(code, name, ical::read(source)?))
    }

    /// A calendar of dated days.
    pub fn of_days(code: &str, name: &str, days: impl IntoIterator<Item = Holiday>) -> Self {
        let day = |holiday: Holiday| Day {
            name: holiday.name,
            rule: Rule::Once(holiday.date),
            years: Years::default(),
            not_on: Vec::new(),
            substitutes: Vec::new(),
            substitute_name: None,
        };
        Self(Arc::new(Calendar {
            line: 1,
            code: code.to_owned(),
            name: name.to_owned(),
            aliases: Vec::new(),
            codes: Vec::new(),
            known: Years::default(),
            substitute_name: None,
            days: days.into_iter().map(day).collect(),
            inherited: Vec::new(),
        }))
    }

    /// Its code, such as `FR-ALSACE-MOSELLE`.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// What people call the region.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Whether the file says that it is right for this year.
    pub fn is_known_in(&self, year: i16) -> bool {
        self.0.known.contains(year)
    }

    /// The first and the last year for which the file says that it is right, where it says so.
    pub fn known_years(&self) -> (Option<i16>, Option<i16>) {
        (self.0.known.from, self.0.known.until)
    }

    /// The name of the holiday on this date, if it is one.
    pub fn on(&self, date: Date) -> Option<String> {
        self.between(date, date).pop().map(|holiday| holiday.name)
    }

    /// All days that have one date, by date: of an imported calendar every day.
    pub fn all(&self) -> Vec<Holiday> {
        let once = self.0.days.iter().filter_map(|day| match day.rule {
            Rule::Once(date) => Some(date.year()),
            Rule::Fixed { .. } | Rule::Easter { .. } | Rule::Nth { .. } | Rule::Near { .. } => None,
        });
        let years: BTreeSet<i16> = once.collect();
        years
            .into_iter()
            .flat_map(|year| self.of_year(year))
            .collect()
    }

    /// A holiday file with its dated days ([`all`](Self::all)).
    pub fn to_toml(&self) -> String {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        let (code, name) = (quoted(self.code()), quoted(self.name()));
        let mut file = format!("code = {code}\nname = {name}\nday = [\n");
        for day in self.all() {
            let (name, on) = (quoted(&day.name), day.date);
            let _infallible = writeln!(file, "    {{ name = {name}, on = \"{on}\" }},");
        }
        file.push_str("]\n");
        file
    }

    /// The holidays of a year, by date.
    pub fn of_year(&self, year: i16) -> Vec<Holiday> {
        let ends = (Date::new(year, 1, 1), Date::new(year, 12, 31));
        match ends {
            (Ok(first), Ok(last)) => self.between(first, last),
            _ => Vec::new(),
        }
    }

    /// The holidays from `first` to `last`, both included, by date.
    pub fn between(&self, first: Date, last: Date) -> Vec<Holiday> {
        let mut names = BTreeMap::<Date, Vec<String>>::new();
        for year in first.year().saturating_sub(1)..=last.year().saturating_add(1) {
            for (date, name) in self.0.of_year(year) {
                if (first..=last).contains(&date) {
                    names.entry(date).or_default().push(name);
                }
            }
        }
        let joined = names.into_iter().map(|(date, mut names)| {
            names.sort();
            names.dedup();
            Holiday {
                date,
                name: names.join(BETWEEN_NAMES),
            }
        });
        joined.collect()
    }
}

impl Calendar {
    /// What its rules give for a year: its own days, and the country's that they do not replace.
    fn of_year(&self, year: i16) -> impl Iterator<Item = (Date, String)> {
        let replaced = move |day: &Day| {
            let mut own = self.days.iter();
            own.any(|own| own.name == day.name && own.years.contains(year))
        };
        let inherited = self.inherited.iter().filter(move |day| !replaced(day));
        let days = self.days.iter().chain(inherited);
        days.flat_map(move |day| day.of_year(year))
    }
}

impl fmt::Debug for Holidays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Holidays").field(&self.code()).finish()
    }
}
