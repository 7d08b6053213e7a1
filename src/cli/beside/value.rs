//! What a calculation is given: cells or arguments, each by a rule.

use std::collections::BTreeMap;

/// More agents or lines than this are taken for a mistake.
pub(in crate::cli) const MOST_AGENTS: u32 = 10_000_000;

/// What a value may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::cli) enum Rule {
    /// A number above 0.
    Above0,
    /// A number of at least 0.
    NotNegative,
    /// A whole number, of agents or lines.
    Count,
    /// From 0 to below 1.
    Below1,
    /// Above 0, at most 1.
    ShareAbove0,
    /// From 0 to 100.
    Percent,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Any text.
    Text,
}

/// A column, or an argument, that is read.
#[derive(Clone, Copy, Debug)]
pub(in crate::cli) struct Input {
    pub(in crate::cli) name: &'static str,
    pub(in crate::cli) rule: Rule,
    /// What stands for an empty cell, if it may be empty.
    pub(in crate::cli) default: Option<&'static str>,
}

impl Input {
    /// One that must be given.
    pub(in crate::cli) const fn needed(name: &'static str, rule: Rule) -> Self {
        Self {
            name,
            rule,
            default: None,
        }
    }

    /// One that may be left out: then it is `default`, where "" is nothing at all.
    pub(in crate::cli) const fn or(name: &'static str, rule: Rule, default: &'static str) -> Self {
        Self {
            name,
            rule,
            default: Some(default),
        }
    }

    /// The value of a text, or what is wrong with it.
    pub(super) fn read(&self, text: &str) -> Result<Option<Value>, String> {
        let text = match (text, self.default) {
            ("", None) => return Err(format!("is missing; give {}", self.rule.right())),
            ("", Some("")) => return Ok(None),
            ("", Some(default)) => default,
            (text, _) => text,
        };
        let value = self.rule.read(text);
        value.map_or_else(
            || Err(format!("is `{text}`; give {}", self.rule.right())),
            |value| Ok(Some(value)),
        )
    }
}

impl Rule {
    fn right(self) -> String {
        match self {
            Self::Above0 => "a number above 0".to_owned(),
            Self::NotNegative => "a number of at least 0".to_owned(),
            Self::Count => format!("a whole number from 0 to {MOST_AGENTS}"),
            Self::Below1 => "a share from 0 to below 1, like 0.8".to_owned(),
            Self::ShareAbove0 => "a share above 0 and at most 1, like 0.85".to_owned(),
            Self::Percent => "a number from 0 to 100".to_owned(),
            Self::Word(words) => words.join(" or "),
            Self::Text => "a text".to_owned(),
        }
    }

    fn read(self, text: &str) -> Option<Value> {
        match self {
            Self::Text => return Some(Value::Text(text.to_owned())),
            Self::Word(words) => {
                return words.contains(&text).then(|| Value::Text(text.to_owned()));
            }
            Self::Above0
            | Self::NotNegative
            | Self::Count
            | Self::Below1
            | Self::ShareAbove0
            | Self::Percent => {}
        }
        let number: f64 = text.parse().ok()?;
        (number.is_finite() && self.holds(number)).then_some(Value::Number(number))
    }

    fn holds(self, number: f64) -> bool {
        match self {
            Self::Above0 => number > 0.0,
            Self::NotNegative => number >= 0.0,
            Self::Count => {
                (0.0..=f64::from(MOST_AGENTS)).contains(&number) && number.fract() == 0.0
            }
            Self::Below1 => (0.0..1.0).contains(&number),
            Self::ShareAbove0 => number > 0.0 && number <= 1.0,
            Self::Percent => (0.0..=100.0).contains(&number),
            Self::Word(_) | Self::Text => true,
        }
    }
}

/// A value that keeps its rule.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Number(f64),
    Text(String),
}

/// The values of a row by name.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct Values(pub(super) BTreeMap<&'static str, Value>);

impl Values {
    /// A number, if it was given.
    pub(in crate::cli) fn maybe(&self, name: &str) -> Option<f64> {
        match self.0.get(name) {
            Some(Value::Number(number)) => Some(*number),
            Some(Value::Text(_)) | None => None,
        }
    }

    /// A number that must be given, or has a default.
    pub(in crate::cli) fn number(&self, name: &str) -> f64 {
        self.maybe(name)
            .expect("a needed number was read, or its row refused")
    }

    /// A count.
    pub(in crate::cli) fn count(&self, name: &str) -> u32 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "its rule: a whole number from 0 to 10,000,000"
        )]
        let count = self.number(name) as u32;
        count
    }

    /// A text; empty if it was not given.
    pub(in crate::cli) fn text(&self, name: &str) -> &str {
        match self.0.get(name) {
            Some(Value::Text(text)) => text,
            Some(Value::Number(_)) | None => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Input, Rule, Value};

    #[test]
    fn a_value_keeps_its_rule_or_is_told_what_would_be_right() {
        let wrong = [
            (Rule::Above0, "0"),
            (Rule::Above0, "inf"),
            (Rule::NotNegative, "-1"),
            (Rule::NotNegative, "NaN"),
            (Rule::NotNegative, "1,5"),
            (Rule::Count, "2.5"),
            (Rule::Count, "10000001"),
            (Rule::Below1, "1"),
            (Rule::ShareAbove0, "1.01"),
            (Rule::Percent, "101"),
            (Rule::Word(&["b", "c"]), "a"),
        ];
        for (rule, text) in wrong {
            let told = Input::needed("it", rule).read(text).unwrap_err();
            let start = format!("is `{text}`; give ");
            assert!(
                told.starts_with(&start) && told.len() > start.len(),
                "{told}"
            );
        }
    }

    #[test]
    fn an_empty_cell_is_its_default() {
        let read = |default| Input::or("it", Rule::NotNegative, default).read("");
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("1"), Ok(Some(Value::Number(1.0))));
        let needed = Input::needed("it", Rule::NotNegative).read("");
        assert_eq!(
            needed,
            Err("is missing; give a number of at least 0".to_owned())
        );
    }
}
