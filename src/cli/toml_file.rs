//! Reads a TOML file strictly: unknown keys and wrong types are problems, and all problems are found, each with its
//! line.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    time::Duration,
};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::text;
use crate::proto::v1::SkillLevel;

/// What is wrong with a file, and where its fields stand.
#[derive(Debug, Default)]
pub(super) struct Findings {
    problems: Vec<Problem>,
    lines: BTreeMap<String, usize>,
    /// The fields with a problem.
    noted: BTreeSet<String>,
}

/// One thing that is wrong.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Problem {
    /// Another file than that which is read.
    file: Option<String>,
    line: usize,
    text: String,
}

impl Findings {
    /// Notes a problem of the field `path`, which stands at `line`.
    pub(super) fn note(&mut self, line: usize, path: &str, what: &str) {
        self.noted.insert(path.to_owned());
        self.problems.push(Problem {
            file: None,
            line,
            text: format!("`{path}` {what}"),
        });
    }

    /// Notes a problem of another file, which the field `path` names.
    pub(super) fn note_in(&mut self, file: &str, line: usize, path: &str, what: String) {
        self.noted.insert(path.to_owned());
        self.problems.push(Problem {
            file: Some(file.to_owned()),
            line,
            text: what,
        });
    }

    /// Whether the field, something in it or something around it has a problem.
    pub(super) fn is_noted(&self, path: &str) -> bool {
        let within = |inner: &str, outer: &str| {
            let rest = inner.strip_prefix(outer);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let mut noted = self.noted.iter();
        noted.any(|noted| within(noted, path) || within(path, noted))
    }

    /// Whether the field stands in the file.
    pub(super) fn is_placed(&self, path: &str) -> bool {
        self.lines.contains_key(path)
    }

    /// Remembers where a field stands, for problems that the server finds.
    pub(super) fn place(&mut self, path: &str, line: usize) {
        self.lines.insert(path.to_owned(), line);
    }

    /// The line of the field that the server names, or of the nearest one around it.
    pub(super) fn line_of(&self, field: &str) -> Option<usize> {
        let mut path = field;
        loop {
            if let Some(line) = self.lines.get(path) {
                return Some(*line);
            }
            path = &path[..path.rfind(['.', '['])?];
        }
    }

    /// The same places for one part of a list: its first item, number `from` of the whole list, is number 0 there.
    pub(super) fn shifted(&self, list: &str, from: usize) -> Self {
        let head = format!("{list}[");
        let shift = |path: &String| {
            let (number, rest) = path.strip_prefix(&head)?.split_once(']')?;
            let number = number.parse::<usize>().ok()?.checked_sub(from)?;
            Some(format!("{head}{number}]{rest}"))
        };
        let place = |(path, line): (&String, &usize)| Some((shift(path)?, *line));
        Self {
            lines: self.lines.iter().filter_map(place).collect(),
            ..Self::default()
        }
    }

    /// All problems, each once, in the order of their lines, as `file:line: text`; empty if there are none.
    pub(super) fn report(&mut self, file: &str) -> String {
        self.problems.sort();
        self.problems.dedup();
        let mut report = String::new();
        for problem in &self.problems {
            let file = problem.file.as_deref().unwrap_or(file);
            let _infallible = write!(report, "\n  {file}:{}: {}", problem.line, problem.text);
        }
        report
    }

    /// Whether nothing is wrong.
    pub(super) fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Parses a document; a syntax error is the only problem then.
pub(super) fn parse<'s>(source: &'s str, findings: &mut Findings) -> Option<Spanned<DeTable<'s>>> {
    match DeTable::parse(source) {
        Ok(table) => Some(table),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            findings.problems.push(Problem {
                file: None,
                line: line_at(source, at),
                text: error.message().replace('\n', ", "),
            });
            None
        }
    }
}

fn line_at(source: &str, at: usize) -> usize {
    1 + memchr::memchr_iter(b'\n', &source.as_bytes()[..at]).count()
}

/// A table of the file with its path from the root.
pub(super) struct Section<'a> {
    source: &'a str,
    table: &'a DeTable<'a>,
    path: String,
    line: usize,
}

impl<'a> Section<'a> {
    /// The root table.
    pub(super) fn root(source: &'a str, table: &'a DeTable<'a>) -> Self {
        Self {
            source,
            table,
            path: String::new(),
            line: 1,
        }
    }

    /// Notes every key that is not in `known`, and where the known ones stand.
    pub(super) fn check_keys(&self, known: &[&str], findings: &mut Findings) {
        findings.place(&self.path, self.line);
        for key in self.table.keys() {
            let line = line_at(self.source, key.span().start);
            let path = self.path_of(key.get_ref());
            if known.contains(&key.get_ref().as_ref()) {
                findings.place(&path, line);
            } else {
                let what = format!("is not known; the keys here are {}", known.join(", "));
                findings.note(line, &path, &what);
            }
        }
    }

    /// Notes a problem of the key.
    pub(super) fn note(&self, key: &str, what: &str, findings: &mut Findings) {
        findings.note(self.line_of(key), &self.path_of(key), what);
    }

    /// Whether the key is there.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// Text, or a problem if there is none.
    pub(super) fn required_text(&self, key: &str, findings: &mut Findings) -> String {
        if !self.has(key) {
            self.note(key, "is missing", findings);
        }
        self.text(key, findings)
    }

    /// Text; empty if absent.
    pub(super) fn text(&self, key: &str, findings: &mut Findings) -> String {
        self.value(key, "text in quotes", findings, |value| {
            value.as_str().map(str::to_owned)
        })
        .unwrap_or_default()
    }

    /// A whole number; zero if absent.
    pub(super) fn whole<N: TryFrom<i64> + Default>(&self, key: &str, findings: &mut Findings) -> N {
        self.value(key, "a whole number in range", findings, |value| {
            N::try_from(integer(value)?).ok()
        })
        .unwrap_or_default()
    }

    /// True or false; false if absent.
    pub(super) fn flag(&self, key: &str, findings: &mut Findings) -> bool {
        self.value(key, "true or false", findings, DeValue::as_bool)
            .unwrap_or_default()
    }

    /// A number, with or without decimals.
    pub(super) fn number(&self, key: &str, findings: &mut Findings) -> Option<f64> {
        self.value(key, "a number", findings, |value| match value.as_float() {
            Some(number) => number.as_str().parse().ok(),
            None => float(integer(value)?),
        })
    }

    /// Whether the key is there with a text.
    pub(super) fn is_text(&self, key: &str) -> bool {
        let value = self.table.get(key);
        value.is_some_and(|value| value.get_ref().as_str().is_some())
    }

    /// Whether the key is there with a table.
    pub(super) fn is_table(&self, key: &str) -> bool {
        let value = self.table.get(key);
        value.is_some_and(|value| value.get_ref().as_table().is_some())
    }

    /// A duration such as `"20s"`.
    pub(super) fn duration(&self, key: &str, findings: &mut Findings) -> Option<Duration> {
        let what = "a duration in quotes like \"20s\", \"1m30s\" or \"500ms\"";
        self.value(key, what, findings, |value| {
            text::parse_duration(value.as_str()?).ok()
        })
    }

    /// A word of an enum; the default if absent.
    pub(super) fn word<W: text::Word + Default>(&self, key: &str, findings: &mut Findings) -> W {
        let words: Vec<&str> = W::WORDS.iter().map(|(_, word)| *word).collect();
        let what = format!("one of {} in quotes", words.join(", "));
        self.value(key, &what, findings, |value| W::parse(value.as_str()?).ok())
            .unwrap_or_default()
    }

    /// A list of texts; empty if absent.
    pub(super) fn texts(&self, key: &str, findings: &mut Findings) -> Vec<String> {
        let text_of = |value: &Spanned<DeValue<'_>>| value.get_ref().as_str().map(str::to_owned);
        self.value(key, "a list of texts in quotes", findings, |value| {
            value.as_array()?.iter().map(text_of).collect()
        })
        .unwrap_or_default()
    }

    /// Skills as a table `{ fr = 3, billing = 2 }`; empty if absent.
    pub(super) fn levels(&self, key: &str, findings: &mut Findings) -> Vec<SkillLevel> {
        let level_of = |value: &DeValue<'_>| {
            let level = i32::try_from(integer(value)?).ok()?;
            (1..=5).contains(&level).then_some(level)
        };
        let what = "a table of skills with levels of 1 to 5 like { fr = 3, billing = 2 }";
        self.value(key, what, findings, |value| {
            let levels = value.as_table()?.iter().map(|(skill, level)| {
                Some(SkillLevel {
                    skill: skill.get_ref().to_string(),
                    level: level_of(level.get_ref())?,
                })
            });
            levels.collect()
        })
        .unwrap_or_default()
    }

    /// A table, if present.
    pub(super) fn section(&self, key: &str, findings: &mut Findings) -> Option<Self> {
        let value = self.table.get(key)?;
        let Some(table) = value.get_ref().as_table() else {
            self.note(key, "must be a table", findings);
            return None;
        };
        Some(self.inner(value, table, self.path_of(key)))
    }

    /// A list of tables; empty if absent.
    pub(super) fn sections(&self, key: &str, findings: &mut Findings) -> Vec<Self> {
        let Some(value) = self.table.get(key) else {
            return Vec::new();
        };
        let Some(array) = value.get_ref().as_array() else {
            self.note(
                key,
                &format!("must be a list of tables, `[[{key}]]`"),
                findings,
            );
            return Vec::new();
        };
        let mut sections = Vec::new();
        for (index, item) in array.iter().enumerate() {
            let path = format!("{}[{index}]", self.path_of(key));
            match item.get_ref().as_table() {
                Some(table) => sections.push(self.inner(item, table, path)),
                None => findings.note(self.line_of(key), &path, "must be a table"),
            }
        }
        sections
    }

    fn inner(&self, value: &Spanned<DeValue<'_>>, table: &'a DeTable<'a>, path: String) -> Self {
        Self {
            source: self.source,
            table,
            path,
            line: line_at(self.source, value.span().start),
        }
    }

    fn value<T>(
        &self,
        key: &str,
        needed: &str,
        findings: &mut Findings,
        read: impl FnOnce(&'a DeValue<'a>) -> Option<T>,
    ) -> Option<T> {
        let value = self.table.get(key)?.get_ref();
        let result = read(value);
        if result.is_none() {
            self.note(key, &format!("must be {needed}"), findings);
        }
        result
    }

    /// The path of a key from the root.
    pub(super) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    fn line_of(&self, key: &str) -> usize {
        let found = self.table.get_key_value(key);
        found.map_or(self.line, |(key, _)| line_at(self.source, key.span().start))
    }
}

fn integer(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// Whole numbers that a float holds exactly.
fn float(number: i64) -> Option<f64> {
    i32::try_from(number).ok().map(f64::from)
}

#[cfg(test)]
mod tests {
    use super::Findings;

    #[test]
    fn the_server_s_field_is_found_at_the_nearest_line() {
        let mut findings = Findings::default();
        findings.place("queues[0]", 3);
        findings.place("queues[0].rings[1].skills", 9);
        let cases = [
            ("queues[0].rings[1].skills[2].level", Some(9)),
            ("queues[0].rings[0].after", Some(3)),
            ("queues[7].id", None),
            ("id", None),
        ];
        for (field, line) in cases {
            assert_eq!(findings.line_of(field), line, "{field}");
        }
    }
}
