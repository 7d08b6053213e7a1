//! One line of a history, and what is read of it.

use serde_json::{Map, Value};

use super::{config::Skills, rules::Rule};

/// What is wrong, and with which rule.
#[derive(Debug)]
pub(super) struct Fault(pub(super) Rule, pub(super) String);

/// Whether an event could be followed.
pub(super) type Seen<T = ()> = Result<T, Fault>;

/// An instance of a telephony platform.
pub(super) type Key = (String, String);

/// A line as it was read.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) number: u64,
    /// Of its commit, ms.
    pub(super) at: u64,
    pub(super) event: String,
    object: Map<String, Value>,
}

impl Line {
    pub(super) fn read(text: &str) -> Seen<Self> {
        let Ok(Value::Object(object)) = serde_json::from_str(text) else {
            let begin: String = text.chars().take(60).collect();
            return Err(Fault(Rule::Form, format!("`{begin}` is no JSON object")));
        };
        let mut line = Self {
            number: 0,
            at: 0,
            event: String::new(),
            object,
        };
        line.number = line.count("number")?;
        line.at = line.time("time")?;
        line.event = line.text("event")?.to_owned();
        Ok(line)
    }

    pub(super) fn text(&self, key: &str) -> Seen<&str> {
        self.text_if(key).ok_or_else(|| self.lacks(key))
    }

    pub(super) fn text_if(&self, key: &str) -> Option<&str> {
        self.object.get(key)?.as_str()
    }

    pub(super) fn count(&self, key: &str) -> Seen<u64> {
        self.count_if(key).ok_or_else(|| self.lacks(key))
    }

    pub(super) fn count_if(&self, key: &str) -> Option<u64> {
        self.object.get(key)?.as_u64()
    }

    /// A number that may be below zero.
    pub(super) fn signed_if(&self, key: &str) -> Option<i64> {
        self.object.get(key)?.as_i64()
    }

    pub(super) fn flag(&self, key: &str) -> Seen<bool> {
        let value = self.object.get(key).and_then(Value::as_bool);
        value.ok_or_else(|| self.lacks(key))
    }

    pub(super) fn time(&self, key: &str) -> Seen<u64> {
        self.time_if(key)?.ok_or_else(|| self.lacks(key))
    }

    pub(super) fn time_if(&self, key: &str) -> Seen<Option<u64>> {
        let Some(text) = self.text_if(key) else {
            return Ok(None);
        };
        let time = time_ms(text);
        time.map(Some).ok_or_else(|| self.lacks(key))
    }

    /// The instance that it names.
    pub(super) fn key(&self) -> Seen<Key> {
        Ok((
            self.text("platform")?.to_owned(),
            self.text("instance")?.to_owned(),
        ))
    }

    /// Skills with their levels; none if it names none.
    pub(super) fn skills(&self) -> Seen<Skills> {
        self.object
            .get("skills")
            .map_or_else(|| Ok(Skills::new()), |value| self.parsed("skills", value))
    }

    /// How long the calls are that schedules and law do not keep away, ms; `None` if they keep none away.
    pub(super) fn guarded_above_ms(&self) -> Seen<Option<u64>> {
        let blocks: Vec<Map<String, Value>> = self.value("blocks")?;
        let longer = |block: &Map<String, Value>| block.get("calls_longer_than_ms")?.as_u64();
        Ok(blocks.iter().map(|block| longer(block).unwrap_or(0)).min())
    }

    /// A whole value.
    pub(super) fn value<T: serde::de::DeserializeOwned>(&self, key: &str) -> Seen<T> {
        let value = self.object.get(key).ok_or_else(|| self.lacks(key))?;
        self.parsed(key, value)
    }

    fn parsed<T: serde::de::DeserializeOwned>(&self, key: &str, value: &Value) -> Seen<T> {
        let parsed = serde_json::from_value(value.clone());
        parsed.map_err(|why| Fault(Rule::Form, format!("`{key}` of {}: {why}", self.event)))
    }

    fn lacks(&self, key: &str) -> Fault {
        let event = &self.event;
        Fault(
            Rule::Form,
            format!("`{event}` has no `{key}` of the right kind"),
        )
    }
}

/// A time in UTC as RFC 3339 writes it, in ms since 1970.
fn time_ms(text: &str) -> Option<u64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let rest = text.get(19..)?.strip_suffix('Z')?;
    let ms = match rest.strip_prefix('.') {
        Some(part) => format!("{part:0<3}").get(..3)?.parse::<u64>().ok()?,
        None if rest.is_empty() => 0,
        None => return None,
    };
    let days = days_since_1970(year, month, day)?;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1_000 + ms)
}

/// Days of the Gregorian calendar; years begin in March here, so that a leap day is the last of its year.
fn days_since_1970(year: u64, month: u64, day: u64) -> Option<u64> {
    let in_march_year = (month + 9) % 12;
    let year = year.checked_sub(u64::from(month <= 2))?;
    let before = year * 365 + year / 4 - year / 100 + year / 400;
    let days = before + (in_march_year * 306 + 5) / 10 + day.checked_sub(1)?;
    days.checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (text, ms) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1970-01-01T00:00:00.050Z", 50),
            ("2023-11-14T22:13:20.123Z", 1_700_000_000_123),
            ("2024-02-29T23:59:59.999Z", 1_709_251_199_999),
            ("2024-03-01T00:00:00Z", 1_709_251_200_000),
        ] {
            assert_eq!(time_ms(text), Some(ms), "{text}");
        }
        for wrong in [
            "",
            "1969-12-31T00:00:00Z",
            "2024-01-01",
            "2024-01-01T00:00:00+01:00",
        ] {
            assert_eq!(time_ms(wrong), None, "{wrong}");
        }
    }
}
