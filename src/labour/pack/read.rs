//! Reads a layer of a pack from TOML: every key is checked, and all problems are found, each with its line.

use std::{collections::BTreeMap, sync::Arc};

use thiserror::Error;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::keys::{self, COMMON, Kind, Level, Value};
use crate::labour::finding::{RuleId, Severity};

/// A text with the name that problems call it by.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The name, such as a file's.
    pub name: &'a str,
    /// The text.
    pub text: &'a str,
}

/// What is wrong with a pack, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Error)]
#[error("{file}:{line}: {text}")]
pub struct Problem {
    /// The name of the text.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what would be right.
    pub text: String,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) value: Value,
    pub(super) file: Arc<str>,
    pub(super) line: usize,
}

/// One layer: its name, what it lies on, and its figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Its name.
    pub name: Arc<str>,
    /// Its version.
    pub version: u32,
    /// What it is, for people.
    pub title: Arc<str>,
    /// How near to the agent.
    pub level: Level,
    /// The layer below.
    pub extends: Option<Arc<str>>,
    pub(super) file: Arc<str>,
    pub(super) figures: BTreeMap<(RuleId, &'static str), Placed>,
}

const HEAD: [&str; 5] = ["name", "version", "level", "extends", "title"];

/// Reads a layer.
///
/// # Errors
/// Every problem with its line.
pub(super) fn layer(source: Source<'_>) -> Result<Layer, Vec<Problem>> {
    let mut reader = Reader::new(source);
    let table = match DeTable::parse(source.text) {
        Ok(table) => table,
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            reader.note(at, error.message().replace('\n', ", "));
            return Err(reader.problems);
        }
    };
    let layer = reader.layer(table.get_ref());
    if reader.problems.is_empty() {
        return Ok(layer);
    }
    reader.problems.sort();
    Err(reader.problems)
}

/// Figures alone, such as what an agent's own agreement replaces.
///
/// # Errors
/// Every problem with its line.
struct Reader<'a> {
    source: Source<'a>,
    file: Arc<str>,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    fn new(source: Source<'a>) -> Self {
        let (file, problems) = (source.name.into(), Vec::new());
        Self {
            source,
            file,
            problems,
        }
    }

    fn layer(&mut self, table: &DeTable<'a>) -> Layer {
        let version = self.head_number(table, "version");
        let (name, title) = (self.head(table, "name"), self.head(table, "title"));
        let layer = Layer {
            name: name.unwrap_or_default().into(),
            version: version.unwrap_or(0),
            title: title.unwrap_or_default().into(),
            level: self.level(table),
            extends: self.optional_text(table, "extends").map(Arc::from),
            file: Arc::clone(&self.file),
            figures: self.figures(table),
        };
        let is_country = layer.level == Level::Country;
        if is_country == layer.extends.is_some() && self.problems.is_empty() {
            let what = if is_country {
                "`extends` is for layers of a branch or a company; a country's lies on nothing"
            } else {
                "`extends` is missing; name the layer below, such as \"fr\""
            };
            self.note(place(table, "extends"), what.to_owned());
        }
        layer
    }

    fn figures(&mut self, table: &DeTable<'a>) -> BTreeMap<(RuleId, &'static str), Placed> {
        let mut figures = BTreeMap::new();
        for (key, value) in table {
            let name: &str = key.get_ref();
            if HEAD.contains(&name) {
                continue;
            }
            let at = key.span().start;
            let Some(rule) = RuleId::ALL.iter().find(|rule| rule.name() == name) else {
                let names: Vec<&str> = RuleId::ALL.iter().map(|rule| rule.name()).collect();
                let (head, names) = (HEAD.join(", "), names.join(", "));
                self.note(
                    at,
                    format!("`{name}` is not known; a pack has {head}, and the rules {names}"),
                );
                continue;
            };
            let Some(inner) = value.get_ref().as_table() else {
                self.note(at, format!("`{name}` must be a table, `[{name}]`"));
                continue;
            };
            self.rule(*rule, inner, &mut figures);
        }
        figures
    }

    fn rule(
        &mut self,
        rule: RuleId,
        table: &DeTable<'a>,
        figures: &mut BTreeMap<(RuleId, &'static str), Placed>,
    ) {
        let known = || COMMON.iter().chain(keys::keys(rule));
        for (key, value) in table {
            let (name, at): (&str, usize) = (key.get_ref(), key.span().start);
            let path = format!("{}.{name}", rule.name());
            let Some((name, kind)) = known().find(|(known, _)| *known == name) else {
                let names: Vec<&str> = known().map(|(name, _)| *name).collect();
                let names = names.join(", ");
                self.note(at, format!("`{path}` is not known; the keys are {names}"));
                continue;
            };
            match read(*kind, value.get_ref()) {
                Ok(value) => {
                    let (file, line) = (Arc::clone(&self.file), self.line(at));
                    figures.insert((rule, name), Placed { value, file, line });
                }
                Err(needed) => {
                    let given = shown(value, self.source.text);
                    self.note(at, format!("`{path}` is {given}; give {needed}"));
                }
            }
        }
    }

    fn level(&mut self, table: &DeTable<'a>) -> Level {
        let Some(word) = self.head(table, "level") else {
            return Level::Company;
        };
        let known = Level::WORDS.iter().find(|(_, known)| *known == word);
        let Some((level, _)) = known else {
            let what = format!("`level` is `{word}`; give \"country\", \"branch\" or \"company\"");
            self.note(place(table, "level"), what);
            return Level::Company;
        };
        *level
    }

    /// A text that must be there.
    fn head(&mut self, table: &DeTable<'a>, key: &str) -> Option<String> {
        if !table.contains_key(key) {
            self.note(0, format!("`{key}` is missing; give a text in quotes"));
        }
        self.optional_text(table, key)
    }

    fn optional_text(&mut self, table: &DeTable<'a>, key: &str) -> Option<String> {
        let value = table.get(key)?;
        let text = value.get_ref().as_str().filter(|text| is_short(text));
        if text.is_none() {
            let given = shown(value, self.source.text);
            let what = format!("`{key}` is {given}; give a text of 1 to 100 characters in quotes");
            self.note(place(table, key), what);
        }
        text.map(str::to_owned)
    }

    fn head_number(&mut self, table: &DeTable<'a>, key: &str) -> Option<u32> {
        let value = table.get(key);
        let number = value.and_then(|value| u32::try_from(integer(value.get_ref())?).ok());
        if number.is_none() {
            let given = value.map_or("missing".to_owned(), |v| shown(v, self.source.text));
            let what = format!("`{key}` is {given}; give a whole number such as 1");
            self.note(place(table, key), what);
        }
        number
    }

    fn line(&self, at: usize) -> usize {
        let before = self.source.text.bytes().take(at);
        1 + before.filter(|byte| *byte == b'\n').count()
    }

    fn note(&mut self, at: usize, text: String) {
        let (file, line) = (self.source.name.to_owned(), self.line(at));
        self.problems.push(Problem { file, line, text });
    }
}

fn is_short(text: &str) -> bool {
    (1..=100).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

fn place(table: &DeTable<'_>, key: &str) -> usize {
    let found = table.get_key_value(key);
    found.map_or(0, |(key, _)| key.span().start)
}

/// A value as it stands in the text, cut short.
fn shown(value: &Spanned<DeValue<'_>>, text: &str) -> String {
    let whole = text.get(value.span()).unwrap_or_default();
    let line = whole.lines().next().unwrap_or_default();
    let short: String = line.chars().take(40).collect();
    format!("`{short}`")
}

fn integer(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// Reads a value, or says what is needed.
fn read(kind: Kind, value: &DeValue<'_>) -> Result<Value, String> {
    let text = value.as_str();
    match kind {
        Kind::Article => {
            let text = text.filter(|text| is_short(text));
            let text = text.ok_or("a text of 1 to 100 characters in quotes")?;
            Ok(Value::Text(text.into()))
        }
        Kind::Severity => match text {
            Some("blocking") => Ok(Value::Severity(Severity::Blocking)),
            Some("warning") => Ok(Value::Severity(Severity::Warning)),
            _ => Err("\"blocking\" or \"warning\"".to_owned()),
        },
        Kind::Due => match text {
            Some("reached") => Ok(Value::Flag(true)),
            Some("passed") => Ok(Value::Flag(false)),
            _ => Err("\"reached\" or \"passed\"".to_owned()),
        },
        Kind::Flag => {
            let flag = value.as_bool().ok_or("true or false")?;
            Ok(Value::Flag(flag))
        }
        Kind::Time(most) => {
            let time = text.and_then(keys::parse_time);
            let time = time.filter(|time| (1..=most).contains(time));
            let hours = most / 3_600_000;
            time.map(Value::Time).ok_or_else(|| {
                let most = if hours > 0 {
                    format!("{hours}h")
                } else {
                    format!("{}m", most / 60_000)
                };
                format!("a duration in quotes like \"11h\", \"4h30m\" or \"4s\", at most {most}")
            })
        }
        Kind::Count(least, most) => {
            let number = integer(value).filter(|number| (least..=most).contains(number));
            let number = number.ok_or_else(|| format!("a whole number of {least} to {most}"))?;
            Ok(Value::Count(number))
        }
        Kind::Clock => {
            let clock = text.and_then(keys::parse_clock);
            let clock = clock.ok_or("a time of day in quotes like \"21:00\"")?;
            Ok(Value::Clock(clock))
        }
        Kind::Dates => {
            let date =
                |item: &Spanned<DeValue<'_>>| item.get_ref().as_str().and_then(keys::parse_date);
            let dates = value
                .as_array()
                .and_then(|items| items.iter().map(date).collect());
            let dates = dates.ok_or("a list of days, month first, like [\"05-01\"]")?;
            Ok(Value::Dates(dates))
        }
    }
}
