//! Fields of JSON objects, read strictly: each problem names its case and field, and all are found.

use serde_json::{Map, Value};

/// Problems, each with the case and field that it is about.
#[derive(Debug, Default)]
pub(super) struct Problems(pub(super) Vec<String>);

/// An object and how its place is told.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    pub(super) at: &'a str,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// The fields of an object; a problem if it is none, or has a field that is not known.
    pub(super) fn of(
        at: &'a str,
        value: &'a Value,
        known: &[&str],
        problems: &mut Problems,
    ) -> Option<Self> {
        let Some(map) = value.as_object() else {
            problems
                .0
                .push(format!("{at} is {}; give an object", short(value)));
            return None;
        };
        for name in map.keys() {
            if !known.contains(&name.as_str()) {
                let known = known.join(", ");
                let what = format!("{at}: field `{name}` is not known; there are {known}");
                problems.0.push(what);
            }
        }
        Some(Self { at, map })
    }

    /// A field that may be absent.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    /// A field by the first of its names that is there.
    pub(super) fn any(&self, names: &[&'static str]) -> Option<(&'static str, &'a Value)> {
        let mut found = names
            .iter()
            .filter_map(|name| Some((*name, self.get(name)?)));
        found.next()
    }

    /// A field that may be absent, read by `read`; else a problem that says what is needed.
    pub(super) fn read<T>(
        &self,
        name: &str,
        needed: &str,
        problems: &mut Problems,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.get(name)?;
        let done = read(value);
        if done.is_none() {
            self.note(
                name,
                &format!("is {}; give {needed}", short(value)),
                problems,
            );
        }
        done
    }

    /// The items of a list; empty if absent.
    pub(super) fn list(&self, name: &str, problems: &mut Problems) -> &'a [Value] {
        let list = self.read(name, "a list", problems, Value::as_array);
        list.map_or(&[], Vec::as_slice)
    }

    /// Notes a field that must be there.
    pub(super) fn need(&self, name: &str, problems: &mut Problems) {
        if self.get(name).is_none() {
            self.note(name, "is missing", problems);
        }
    }

    /// Notes a problem of a field.
    pub(super) fn note(&self, name: &str, what: &str, problems: &mut Problems) {
        problems.0.push(format!("{}: `{name}` {what}", self.at));
    }
}

/// A value, cut short.
pub(super) fn short(value: &Value) -> String {
    let whole = value.to_string();
    let cut: String = whole.chars().take(60).collect();
    if cut.len() < whole.len() {
        format!("`{cut}…`")
    } else {
        format!("`{whole}`")
    }
}
