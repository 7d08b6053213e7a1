//! Reads what Redis answers.

use redis::Value;

use super::failure::Failure;

/// An answer of one of the scripts: a word, Redis' time in ms, and what else there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) word: String,
    pub(super) time_ms: u64,
    rest: Vec<String>,
}

impl Reply {
    /// Reads an answer.
    pub(super) fn read(node: &str, value: Value) -> Result<Self, Failure> {
        let strange = || Failure::strange(node);
        let mut texts = texts(value).ok_or_else(strange)?.into_iter();
        let word = texts.next().ok_or_else(strange)?;
        let time = texts.next().and_then(|time| time.parse().ok());
        Ok(Self {
            word,
            time_ms: time.ok_or_else(strange)?,
            rest: texts.collect(),
        })
    }

    /// What stands at a place after word and time; empty if nothing does.
    pub(super) fn text(&self, at: usize) -> &str {
        self.rest.get(at).map_or("", String::as_str)
    }

    /// Everything after word and time.
    pub(super) fn rest(&self) -> &[String] {
        &self.rest
    }

    /// The number at a place; zero if there is none.
    pub(super) fn number(&self, at: usize) -> u64 {
        self.text(at).parse().unwrap_or(0)
    }
}

/// A list of texts and numbers, as texts; what is missing is empty.
pub(super) fn texts(value: Value) -> Option<Vec<String>> {
    let Value::Array(values) = value else {
        return None;
    };
    values.into_iter().map(text).collect()
}

/// A text or a number, as text.
pub(super) fn text(value: Value) -> Option<String> {
    String::from_utf8(bytes(value)?).ok()
}

/// A text or a number, as bytes; what is missing is empty.
pub(super) fn bytes(value: Value) -> Option<Vec<u8>> {
    if let Value::BulkString(bytes) = value {
        return Some(bytes);
    }
    if let Value::SimpleString(text) = value {
        return Some(text.into_bytes());
    }
    if let Value::Int(number) = value {
        return Some(number.to_string().into_bytes());
    }
    if value == Value::Okay {
        return Some(b"OK".to_vec());
    }
    (value == Value::Nil).then(Vec::new)
}

/// A whole number.
pub(super) fn number(value: Value) -> Option<u64> {
    text(value)?.parse().ok()
}

/// A field of what INFO says, such as `redis_version`.
pub(super) fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key == name).then(|| value.trim())
    })
}
