//! One holiday of a calendar, and the dates that it has.

use jiff::{
    ToSpan as _,
    civil::{Date, Weekday},
};

use super::rule::Rule;

/// The years in which something holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Years {
    pub(super) from: Option<i16>,
    pub(super) until: Option<i16>,
    pub(super) only: Option<Vec<i16>>,
    pub(super) except: Vec<i16>,
}

impl Years {
    pub(super) fn of(from: Option<i16>, until: Option<i16>) -> Self {
        Self {
            from,
            until,
            ..Self::default()
        }
    }

    pub(super) fn contains(&self, year: i16) -> bool {
        self.from.is_none_or(|from| from <= year)
            && self.until.is_none_or(|until| year <= until)
            && self.only.as_ref().is_none_or(|only| only.contains(&year))
            && !self.except.contains(&year)
    }
}

/// What takes the place of a holiday that falls on a certain weekday, or is added to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Substitute {
    pub(super) on: Weekday,
    /// Days later; earlier if negative.
    pub(super) days: i8,
    pub(super) is_added: bool,
}

/// One holiday.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) name: String,
    pub(super) rule: Rule,
    pub(super) years: Years,
    pub(super) not_on: Vec<Weekday>,
    pub(super) substitutes: Vec<Substitute>,
    /// What a substitute is called: `{}` is the holiday's name.
    pub(super) substitute_name: Option<String>,
}

impl Day {
    /// The dates and names that it has by its rule in a year; a substitute may lie in the next or the last one.
    pub(super) fn of_year(&self, year: i16) -> Vec<(Date, String)> {
        let day = self
            .rule
            .in_year(year)
            .filter(|_| self.years.contains(year));
        let Some(day) = day.filter(|day| !self.not_on.contains(&day.weekday())) else {
            return Vec::new();
        };
        let mut substitutes = self.substitutes.iter();
        let substitute = substitutes.find(|substitute| substitute.on == day.weekday());
        let Some(substitute) = substitute else {
            return vec![(day, self.name.clone())];
        };
        let moved = day.checked_add(i64::from(substitute.days).days());
        let mut dates: Vec<_> = moved
            .into_iter()
            .map(|moved| (moved, self.moved_name()))
            .collect();
        if substitute.is_added {
            dates.push((day, self.name.clone()));
        }
        dates
    }

    fn moved_name(&self) -> String {
        let form = self.substitute_name.as_deref().unwrap_or("{}");
        form.replace("{}", &self.name)
    }

    /// Whether there is a year from 1583 to 2583 in which it comes.
    pub(super) fn ever_comes(&self) -> bool {
        (1583..=2583).any(|year| !self.of_year(year).is_empty())
    }
}
