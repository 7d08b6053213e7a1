//! Reads a holiday file: the days of a country or an operator, and of its regions.
//!
//! ```toml
//! code = "FR"
//! name = "France"
//! aliases = ["FRA"]                # other names of it, alone or after the country's code
//! codes = ["75"]                   # the same, but only after the country's code: `FR-75`
//! known_from = 2008                # the years for which the file is right; `known_until` likewise
//! substitute_name = "{} (reporté)" # how a substitute is called; the day's own name if absent
//!
//! day = [
//!     # A year has it from `from` to `until`; `only` names all its years, `except` those without it.
//!     { name = "Lundi de Pentecôte", on = "easter+50", from = 2008 },
//!     # No holiday in years in which it falls on such a day.
//!     { name = "Asunción", on = "08-15", not_on = ["sunday"] },
//!     # Then the day so many days on instead; with `keep` both.
//!     { name = "Christmas Day", on = "12-25", substitute = [{ on = "sunday", days = 1, keep = true }] },
//! ]
//!
//! [[region]]                       # all that stands above, and days of its own
//! code = "FR-ALSACE-MOSELLE"
//! name = "Alsace-Moselle"
//! # One with the name of a day above replaces that in the years in which it holds.
//! day = [{ name = "Saint-Étienne", on = "12-26" }]
//! ```

use jiff::civil::Weekday;
use serde::{Deserialize, de::DeserializeOwned};
use toml::{
    Spanned,
    de::{DeTable, DeValue, ValueDeserializer},
};

use super::{
    Calendar, Problem,
    day::{Day, Substitute, Years},
    rule::{FORMS, Rule, weekday},
};

/// Substitutes lie at most this far from their holiday.
const SUBSTITUTE_REACH: i8 = 7;

/// What stands above the days.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    code: Spanned<String>,
    name: Spanned<String>,
    #[serde(default)]
    aliases: Vec<Spanned<String>>,
    #[serde(default)]
    codes: Vec<Spanned<String>>,
    known_from: Option<i16>,
    known_until: Option<i16>,
    substitute_name: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DayText {
    name: Spanned<String>,
    on: Spanned<String>,
    from: Option<i16>,
    until: Option<i16>,
    only: Option<Vec<i16>>,
    #[serde(default)]
    except: Vec<i16>,
    #[serde(default)]
    not_on: Vec<Spanned<String>>,
    #[serde(default)]
    substitute: Vec<SubstituteText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubstituteText {
    on: Spanned<String>,
    days: Spanned<i8>,
    #[serde(default)]
    keep: bool,
}

/// Reads the file: its own region first. All that is wrong with it if anything is.
pub(super) fn read(source: &str) -> Result<Vec<Calendar>, Vec<Problem>> {
    let mut reader = Reader {
        source,
        problems: Vec::new(),
    };
    let calendars = reader.file();
    reader.problems.sort();
    reader.problems.dedup();
    if reader.problems.is_empty() {
        Ok(calendars)
    } else {
        Err(reader.problems)
    }
}

struct Reader<'s> {
    source: &'s str,
    problems: Vec<Problem>,
}

impl<'s> Reader<'s> {
    fn file(&mut self) -> Vec<Calendar> {
        let mut table = match DeTable::parse(self.source) {
            Ok(table) => table.into_inner(),
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                self.note(at, error.message().replace('\n', ", "));
                return Vec::new();
            }
        };
        let regions = self.tables(&mut table, "region");
        let Some(country) = self.calendar(Spanned::new(0..0, table), None) else {
            return Vec::new();
        };
        let mut calendars = vec![country];
        for region in regions {
            let calendar = self.calendar(region, Some(&calendars[0]));
            calendars.extend(calendar);
        }
        self.check_codes(&calendars);
        calendars
    }

    /// A file's head or a region, with its days.
    fn calendar(
        &mut self,
        table: Spanned<DeTable<'s>>,
        country: Option<&Calendar>,
    ) -> Option<Calendar> {
        let span = table.span();
        let mut table = table.into_inner();
        let days = self.tables(&mut table, "day");
        let head: Option<Head> = self.read(Spanned::new(span, DeValue::Table(table)));
        let substitute_name = head.as_ref().and_then(|head| {
            let name = head.substitute_name.as_ref()?;
            if !name.as_ref().contains("{}") {
                let what = format!(
                    "`substitute_name` `{}` needs a `{{}}` for the day's name",
                    name.as_ref()
                );
                self.note(name.span().start, what);
            }
            Some(name.as_ref().clone())
        });
        let substitute_name =
            substitute_name.or_else(|| country.and_then(|country| country.substitute_name.clone()));
        let days: Vec<Day> = days
            .into_iter()
            .filter_map(|day| self.day(day, substitute_name.as_deref()))
            .collect();
        let head = head?;
        self.check_word("code", &head.code);
        self.check_word("name", &head.name);
        head.aliases
            .iter()
            .for_each(|alias| self.check_word("aliases", alias));
        head.codes
            .iter()
            .for_each(|code| self.check_word("codes", code));
        let known = Years::of(
            head.known_from
                .or_else(|| country.and_then(|country| country.known.from)),
            head.known_until
                .or_else(|| country.and_then(|country| country.known.until)),
        );
        Some(Calendar {
            line: self.line_at(head.code.span().start),
            code: head.code.into_inner(),
            name: head.name.into_inner(),
            aliases: head.aliases.into_iter().map(Spanned::into_inner).collect(),
            codes: head.codes.into_iter().map(Spanned::into_inner).collect(),
            known,
            substitute_name,
            days,
            inherited: country.map_or_else(Vec::new, |country| country.days.clone()),
        })
    }

    fn day(&mut self, value: Spanned<DeTable<'s>>, substitute_name: Option<&str>) -> Option<Day> {
        let start = value.span().start;
        let text: DayText = self.read(Spanned::new(
            value.span(),
            DeValue::Table(value.into_inner()),
        ))?;
        self.check_word("name", &text.name);
        let rule = Rule::parse(text.on.as_ref());
        if rule.is_none() {
            let what = format!("`on` `{}` is no rule; {FORMS}", text.on.as_ref());
            self.note(text.on.span().start, what);
        }
        let not_on = text
            .not_on
            .iter()
            .filter_map(|day| self.weekday("not_on", day))
            .collect();
        let substitutes = text
            .substitute
            .iter()
            .filter_map(|text| self.substitute(text))
            .collect();
        let years = Years {
            from: text.from,
            until: text.until,
            only: text.only,
            except: text.except,
        };
        let day = Day {
            name: text.name.into_inner(),
            rule: rule?,
            years,
            not_on,
            substitutes,
            substitute_name: substitute_name.map(str::to_owned),
        };
        if !day.ever_comes() {
            self.note(
                start,
                format!(
                    "`{}` comes in no year: look at `on`, `from`, `until`, `only` and `except`",
                    day.name
                ),
            );
        }
        Some(day)
    }

    fn substitute(&mut self, text: &SubstituteText) -> Option<Substitute> {
        let days = *text.days.as_ref();
        if days == 0 || days.abs() > SUBSTITUTE_REACH {
            let what = format!("`days` {days} of a substitute is not -7 to 7 without 0");
            self.note(text.days.span().start, what);
        }
        Some(Substitute {
            on: self.weekday("substitute.on", &text.on)?,
            days,
            is_added: text.keep,
        })
    }

    fn weekday(&mut self, key: &str, text: &Spanned<String>) -> Option<Weekday> {
        let found = weekday(text.as_ref());
        if found.is_none() {
            let what = format!(
                "`{key}` `{}` is no weekday; write one such as `sunday`",
                text.as_ref()
            );
            self.note(text.span().start, what);
        }
        found
    }

    /// The tables of a list, taken out of the table around it.
    fn tables(&mut self, table: &mut DeTable<'s>, key: &str) -> Vec<Spanned<DeTable<'s>>> {
        let Some(value) = table.remove(key) else {
            return Vec::new();
        };
        let at = value.span().start;
        let DeValue::Array(array) = value.into_inner() else {
            self.note(at, format!("`{key}` must be a list of tables, `[[{key}]]`"));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in array {
            let span = item.span();
            if let DeValue::Table(table) = item.into_inner() {
                tables.push(Spanned::new(span, table));
            } else {
                self.note(
                    span.start,
                    format!("`{key}` must be a list of tables, `[[{key}]]`"),
                );
            }
        }
        tables
    }

    fn read<T: DeserializeOwned>(&mut self, value: Spanned<DeValue<'s>>) -> Option<T> {
        let start = value.span().start;
        match T::deserialize(ValueDeserializer::from(value)) {
            Ok(read) => Some(read),
            Err(error) => {
                let at = error.span().map_or(start, |span| span.start);
                self.note(at, error.message().replace('\n', ", "));
                None
            }
        }
    }

    fn check_word(&mut self, key: &str, text: &Spanned<String>) {
        if text.as_ref().trim().is_empty() || text.as_ref().chars().any(char::is_control) {
            self.note(
                text.span().start,
                format!("`{key}` must be a word or more without control characters"),
            );
        }
    }

    fn check_codes(&mut self, calendars: &[Calendar]) {
        for (index, calendar) in calendars.iter().enumerate() {
            let earlier = &calendars[..index];
            if earlier.iter().any(|earlier| earlier.code == calendar.code) {
                self.problems.push(Problem {
                    line: calendar.line,
                    text: format!("`code` `{}` is there twice", calendar.code),
                });
            }
        }
    }

    fn note(&mut self, at: usize, text: String) {
        let line = self.line_at(at);
        self.problems.push(Problem { line, text });
    }

    fn line_at(&self, at: usize) -> usize {
        let before = self.source.as_bytes().iter().take(at);
        1 + before.filter(|byte| **byte == b'\n').count()
    }
}
