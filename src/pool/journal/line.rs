//! One JSON object on one line, written from left to right.

use std::fmt::Write;

use serde_json::Value;

use crate::engine::ids::{PoolTime, WallTime};

/// A line under way.
pub(super) struct Line(String);

impl Line {
    /// Begins a line.
    pub(super) fn begin(number: u64, time: PoolTime) -> Self {
        let mut line = Self(format!("{{\"number\":{number}"));
        line.time("time", time);
        line
    }

    /// A text.
    pub(super) fn text(&mut self, key: &str, value: &str) -> &mut Self {
        let value = serde_json::to_string(value).expect("a text is always JSON");
        self.raw(key, &value)
    }

    /// A text, unless it is empty.
    pub(super) fn label(&mut self, key: &str, value: &str) -> &mut Self {
        if !value.is_empty() {
            self.text(key, value);
        }
        self
    }

    /// Anything.
    pub(super) fn value(&mut self, key: &str, value: &Value) -> &mut Self {
        self.raw(key, &value.to_string())
    }

    /// A number.
    pub(super) fn number(&mut self, key: &str, value: impl Into<u64>) -> &mut Self {
        self.raw(key, &value.into().to_string())
    }

    /// A number, if there is one.
    pub(super) fn number_if(&mut self, key: &str, value: Option<u64>) -> &mut Self {
        if let Some(value) = value {
            self.number(key, value);
        }
        self
    }

    /// A number that may be below zero, if there is one.
    pub(super) fn signed_if(&mut self, key: &str, value: Option<i64>) -> &mut Self {
        if let Some(value) = value {
            self.raw(key, &value.to_string());
        }
        self
    }

    /// A yes or no.
    pub(super) fn flag(&mut self, key: &str, value: bool) -> &mut Self {
        self.raw(key, if value { "true" } else { "false" })
    }

    /// A time, in UTC as RFC 3339 writes it.
    pub(super) fn time(&mut self, key: &str, value: PoolTime) -> &mut Self {
        let time = prost_types::Timestamp {
            seconds: i64::try_from(value.0 / 1_000).unwrap_or(i64::MAX),
            nanos: i32::try_from(value.0 % 1_000 * 1_000_000).unwrap_or(0),
        };
        self.raw(key, &format!("\"{time}\""))
    }

    /// A time, if there is one.
    pub(super) fn time_if(&mut self, key: &str, value: Option<PoolTime>) -> &mut Self {
        if let Some(value) = value {
            self.time(key, value);
        }
        self
    }

    /// A calendar time, if there is one.
    pub(super) fn wall_if(&mut self, key: &str, value: Option<WallTime>) -> &mut Self {
        let since_1970 = value.and_then(|wall| u64::try_from(wall.0).ok());
        self.time_if(key, since_1970.map(PoolTime))
    }

    /// The line.
    pub(super) fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }

    fn raw(&mut self, key: &str, value: &str) -> &mut Self {
        write!(self.0, ",\"{key}\":{value}").expect("a text takes what is written");
        self
    }
}
